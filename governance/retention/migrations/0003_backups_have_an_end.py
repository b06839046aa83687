from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("retention", "0002_a_long_order_is_shared")]

    operations = [
        migrations.AddField(
            model_name="connection", name="backup_days", field=models.PositiveIntegerField(null=True)
        )
    ]  # fmt: skip
