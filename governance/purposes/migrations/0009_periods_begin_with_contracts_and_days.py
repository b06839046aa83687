from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("purposes", "0008_two_laws_may_disagree_on_retention"),
    ]

    operations = [
        migrations.AlterField(
            model_name="retentionrule",
            name="start_event",
            field=models.CharField(
                choices=[
                    ("collected", "collected"),
                    ("consent_ended", "consent ended"),
                    ("purpose_ended", "purpose ended"),
                    ("employment_ended", "employment ended"),
                    ("last_activity", "last activity"),
                    ("year_ended", "end of the year"),
                    ("decided", "decision"),
                    ("closed", "case closed"),
                    ("contract_ended", "contract ended"),
                    ("fixed_date", "a fixed day"),
                ],
                default="collected",
                max_length=20,
            ),
        ),
    ]
