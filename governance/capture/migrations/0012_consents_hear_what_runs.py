from typing import Any

from django.db import migrations

from governance.capture import terms


def running_before(apps: Any, _schema: Any) -> None:
    """What runs already is told, too."""
    told = apps.get_model("consents", "RunningProgramme")
    told.objects.bulk_create(
        [
            told(
                id=row.pk, purpose_id=row.purpose_id, number=row.number, terms_sha256=terms.digest(terms.load(row.terms)), runs=True
            )
            for row in apps.get_model("capture", "Programme").objects.filter(state="running")
        ],
        ignore_conflicts=True,
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("capture", "0011_a_segment_may_lie_outside"),
        ("consents", "0012_events_say_which_programmes_ran"),
    ]
    operations = [migrations.RunPython(running_before, migrations.RunPython.noop, elidable=False)]
