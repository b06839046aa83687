import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consents", "0011_somebody_speaks_for_somebody"),
        ("purposes", "0009_periods_begin_with_contracts_and_days"),
    ]
    operations = [
        migrations.AddField(
            "consentevent",
            "programmes",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=90), null=True, size=None
            ),
        ),
        migrations.CreateModel(
            name="RunningProgramme",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=12)),
                ("terms_sha256", models.CharField(max_length=64)),
                ("runs", models.BooleanField(default=False)),
                (
                    "purpose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="purposes.purpose"
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("runs", True)), fields=["purpose"], name="running_for_a_purpose"
                    )
                ],
            },
        ),
    ]
