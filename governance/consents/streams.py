"""Streams follow consents: a grant orders one for its month, narrowing closes them, a timetable orders the next month's."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from governance.consents import counting, rules, standing
from governance.consents.models import ConsentEvent, ConsentRecord, Stream
from governance.lib import clock, deadlines
from governance.lib.nudge import nudge
from governance.purposes.models import Purpose

DEFAULT_RETENTION = "P12M"


def order(event: ConsentEvent, purpose: Purpose, month: date | None = None) -> int:
    """A waiting stream for the month (this one if none is named); 0 when there is one already."""
    first = month or month_of(clock.now())
    _row, made = Stream.objects.get_or_create(event=event, month=first, defaults=_of(event, purpose, first))
    return int(made)


def month_of(moment: datetime) -> date:
    """The first of the month whose events a stream takes that is ordered now."""
    return moment.date().replace(day=1)


def ends(retention: str, month: date) -> date:
    """On which day what a stream of this month holds has been kept as long as `retention` (ISO 8601) says."""
    return deadlines.period(retention, deadlines.add_months(month, 1))


def _of(event: ConsentEvent, purpose: Purpose, first: date) -> dict[str, Any]:
    rule = purpose.retention_rules.living().exclude(maximum="").order_by("maximum").first()
    until = ends(rule.maximum if rule else DEFAULT_RETENTION, first)
    return {"person_id": event.person_id, "purpose": purpose, "signal": event.signal, "expires_on": until}


def close(person_id: UUID, purpose_id: UUID, signals: Iterable[str]) -> list[UUID]:
    """Close the open and waiting streams of these signals; call under the person's lock. Returns every stream of theirs
    that still has a key, closed now or earlier."""
    signals = list(signals)
    shut(person_id, purpose_id, signals)
    of_these = Stream.objects.filter(person_id=person_id, purpose_id=purpose_id, signal__in=signals)
    return list(of_these.exclude(state="destroyed").values_list("pk", flat=True))


def shut(person_id: UUID, purpose_id: UUID, signals: Iterable[str]) -> None:
    """Close the open and waiting streams of these signals; call under the person's lock."""
    of_these = Stream.objects.filter(person_id=person_id, purpose_id=purpose_id, signal__in=list(signals))
    of_these.filter(state__in=("waiting", "open")).update(state="closed", closed_at=Now())


def renew(month: date) -> int:
    """Every grant that counts gets its waiting stream for `month` (the first of a month, a day ahead of it): how many."""
    events = ConsentEvent.objects.filter(record__in=counting.grants(), status__in=rules.ENABLING)
    missing = events.exclude(streams__month=month).select_related("purpose", "record")
    made = 0
    for event in missing:
        with standing.changing(event.person_id):
            record = ConsentRecord.objects.get(pk=event.record_id)
            newest = record.events.filter(status__in=rules.ENABLING).order_by("-at").first()
            if record.is_on and newest and newest.pk == event.pk:
                made += order(event, event.purpose, month)
    if made:
        nudge("capture.open_streams")
    return made
