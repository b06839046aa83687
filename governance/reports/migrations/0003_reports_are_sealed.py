from django.db import migrations, models


class Migration(migrations.Migration):
    """A drawn PDF waits for the signer; the report says which key sealed it and when."""

    dependencies = [("reports", "0002_a_ready_report_has_its_facts")]

    operations = [
        migrations.AddField(model_name="report", name="seal", field=models.JSONField(default=dict)),
        migrations.AlterField(
            model_name="report",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("facts", "Reading the facts"),
                    ("pages", "Making the pages"),
                    ("sealing", "Sealing"),
                    ("signing", "Waiting for its seal"),
                    ("ready", "Ready"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
    ]
