from typing import Any

from django.db import migrations, models


def known_before(apps: Any, _schema: Any) -> None:
    """Programs that were let in before are found by their name, too."""
    known = apps.get_model("retention", "ReadingProgram")
    known.objects.bulk_create(
        [
            known(id=row.pk, entity_id=row.entity_id, name=row.name, operator="")
            for row in apps.get_model("interfaces", "ApiClient").objects.all()
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("interfaces", "0002_opt_outs_and_pauses_are_one_event"),
        ("retention", "0012_programs_that_read_have_names"),
    ]
    operations = [
        migrations.AddField("apiclient", "operator", models.CharField(blank=True, max_length=200, default=""), preserve_default=False),
        migrations.RunPython(known_before, migrations.RunPython.noop, elidable=False),
    ]  # fmt: skip
