"""Roll the gate's answers up into counts per client, programme, code and day, and let old answers go."""

from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from governance.capture.models import Intake, TurnedAway
from governance.lib import locks

# A batch may be posted again for as long as the gate takes its time stamps (seven days); a day more is never asked.
KEPT = timedelta(days=8)
AT_ONCE = 10_000


def count() -> int:
    """Every answer is counted exactly once; returns how many were counted now."""
    counted = 0
    while done := _some():
        counted += done
    Intake.objects.filter(counted=True, at__lt=Now() - KEPT).delete()
    return counted


@transaction.atomic
def _some() -> int:
    if not locks.only_one("capture.count_turned_away"):
        return 0
    rows = list(
        Intake.objects.filter(counted=False, answer__isnull=False)
        .select_related("client")
        .order_by("id")[:AT_ONCE]
    )
    sums: Counter[tuple] = Counter()
    for row in rows:
        for code, number in row.answer["turned_away"].items():
            sums[row.client_id, row.client.programme_id, code, row.at.date()] += number
    for (client, programme, code, day), number in sums.items():
        place, made = TurnedAway.objects.get_or_create(
            client_id=client, programme_id=programme, code=code, day=day, defaults={"count": number}
        )
        if not made:
            TurnedAway.objects.filter(pk=place.pk).update(count=F("count") + number)
    Intake.objects.filter(pk__in=[row.pk for row in rows]).update(counted=True)
    return len(rows)
