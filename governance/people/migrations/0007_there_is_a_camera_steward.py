from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0006_an_address_waits_before_it_opens")]

    operations = [
        migrations.AlterField(
            model_name="role",
            name="name",
            field=models.CharField(
                choices=[
                    ("dpo", "Data protection officer"),
                    ("legal", "Legal"),
                    ("auditor", "Auditor"),
                    ("admin", "Administrator"),
                    ("owner", "Programme owner"),
                    ("representative", "Worker representative"),
                    ("exporter", "Exporter"),
                    ("security", "Security officer"),
                    ("steward", "Camera steward"),
                ],
                max_length=20,
            ),
        ),
    ]
