"""A purpose keeps on which categories two laws disagree, so that the tracker asks nobody."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("purposes", "0007_systems_are_a_register")]
    operations = [
        migrations.AddField("purpose", "retention_conflicts", models.JSONField(default=list)),
        migrations.AddIndex(
            "purpose",
            models.Index(
                fields=["entity", "ordinal"],
                condition=~Q(retention_conflicts=[]),
                name="where_two_laws_disagree",
            ),
        ),
    ]
