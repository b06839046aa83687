import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("purposes", "0001_first_release"), ("retention", "0001_first_release")]

    operations = [
        migrations.CreateModel(
            name="Lot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fence", models.PositiveBigIntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True)),
                ("not_before", models.DateTimeField(null=True)),
                ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lots", to="retention.erasureorder")),
                ("system", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="purposes.datasystem")),
            ],
        ),
        migrations.AddConstraint(
            model_name="lot", constraint=models.UniqueConstraint(fields=("order", "system"), name="one_lot_per_system")
        ),
    ]  # fmt: skip
