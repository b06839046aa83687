from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    """A report can be drawn again as it was, after its templates were changed."""

    dependencies = [("reports", "0006_pages_are_counted_while_drawn")]

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("content", models.BinaryField()),
                ("kept_at", models.DateTimeField(db_default=Now())),
            ],
            options={"abstract": False},
        ),
        migrations.AddField(model_name="report", name="drawn_by", field=models.JSONField(default=dict)),
    ]
