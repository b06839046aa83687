from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0002_a_stopped_programme_is_relaunched")]

    operations = [
        migrations.AddField("probe", "addresses", models.PositiveIntegerField(default=0)),
        migrations.AddField("probe", "roles", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("probe", "covered", models.PositiveIntegerField(default=0)),
    ]
