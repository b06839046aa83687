"""Roll the gate's answers up: what was turned away, what arrived beyond what is declared; and let old answers go."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Now

from governance.capture import excess
from governance.capture.models import Excess, Intake, TurnedAway
from governance.lib import locks

# A batch may be posted again for as long as the gate takes its time stamps (seven days); a day more is never asked.
KEPT = timedelta(days=8)
# A stop looks among what is not counted yet for what still came in after the click (programmes.LAST_ADMITTED).
SETTLED = timedelta(seconds=30)
AT_ONCE = 10_000


def count(settled: timedelta = timedelta(0)) -> int:
    """Every answer is counted exactly once, once it is older than `settled`; returns how many were counted now."""
    counted = 0
    while done := _some(settled):
        counted += done
    return counted


def forget() -> int:
    """What was counted and can never be asked again is gone; returns how many."""
    return Intake.objects.filter(counted=True, at__lt=Now() - KEPT).delete()[0]


@transaction.atomic
def _some(settled: timedelta) -> int:
    if not locks.only_one("capture.count_turned_away"):
        return 0
    rows = list(
        Intake.objects.filter(counted=False, answer__isnull=False, at__lte=Now() - settled)
        .select_related("client")
        .order_by("id")[:AT_ONCE]
    )
    _add(TurnedAway, "count", _turned_away(rows))
    _add(Excess, "events", _excess(rows))
    Intake.objects.filter(pk__in=[row.pk for row in rows]).update(counted=True)
    return len(rows)


def _turned_away(rows: Iterable[Intake]) -> Counter[tuple[tuple[str, Any], ...]]:
    sums: Counter[tuple[tuple[str, Any], ...]] = Counter()
    for row in rows:
        place = {"client_id": row.client_id, "programme_id": row.client.programme_id, "day": row.at.date()}
        for code, number in row.answer["turned_away"].items():
            sums[tuple((place | {"code": code}).items())] += number
    return sums


def _excess(rows: Iterable[Intake]) -> Counter[tuple[tuple[str, Any], ...]]:
    sums: Counter[tuple[tuple[str, Any], ...]] = Counter()
    for row in rows:
        place = {"programme_id": row.client.programme_id, "day": row.at.date()}
        for key, number in (row.excess or {}).items():
            signal, field = excess.split(key)
            sums[tuple((place | {"signal": signal, "field": field}).items())] += number
    return sums


def _add(model: type[models.Model], column: str, sums: Counter[tuple[tuple[str, Any], ...]]) -> None:
    for place, number in sums.items():
        row, made = model._default_manager.get_or_create(**dict(place), defaults={column: number})
        if not made:
            model._default_manager.filter(pk=row.pk).update(**{column: F(column) + number})
