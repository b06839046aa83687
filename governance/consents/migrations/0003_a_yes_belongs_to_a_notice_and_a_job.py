from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consents", "0002_events_are_written_once"),
        ("people", "0002_numbers_are_counted"),
    ]

    operations = [
        migrations.AddField(
            model_name="consentrecord",
            name="job",
            field=models.ForeignKey(
                null=True, on_delete=models.PROTECT, related_name="+", to="people.employment"
            ),
        ),
        migrations.AddField(
            model_name="consentrecord",
            name="ended_because",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="consentrecord",
            name="erase_on",
            field=models.DateField(null=True),
        ),
        migrations.AddIndex(
            model_name="consentrecord",
            index=models.Index(
                condition=models.Q(("erase_on__isnull", False)),
                fields=["erase_on"],
                name="to_erase_unless_renewed",
            ),
        ),
    ]
