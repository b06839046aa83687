from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consents", "0001_first_release")]

    operations = [
        migrations.AddField("runningprogramme", "ended", models.BooleanField(default=False)),
        migrations.AddField("runningprogramme", "sites", ArrayField(models.BigIntegerField(), default=list)),
        migrations.AddField("runningprogramme", "units", ArrayField(models.BigIntegerField(), default=list)),
        migrations.AddField(
            "runningprogramme", "countries", ArrayField(models.CharField(max_length=2), default=list)
        ),
        migrations.AddField(
            "runningprogramme", "kinds", ArrayField(models.CharField(max_length=10), default=list)
        ),
    ]
