"""Periods that count from an ending: somebody left, or a purpose was retired. What is then due is ordered like any rule's."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import Max, Q

from governance.audit import log
from governance.lib.connectors import Scope
from governance.lib.deadlines import period
from governance.people.models import Employment, Person
from governance.purposes.models import RetentionRule
from governance.retention import orders, sweep, systems
from governance.retention.models import ErasureOrder

ENDINGS = {"employment_ended": "employment.ended", "purpose_ended": "purpose.ended"}


def run(today: date) -> int:
    """Orders exist for everything that endings have made due on `today`, each raised once; returns how many are new."""
    new = sum(_carry_out_rule(rule, today) for rule in _rules(today))
    if new:
        log.record("retention.endings_swept", on=today, raised=new)
    return new


def _rules(today: date) -> list[RetentionRule]:
    """With a ceiling, of purposes that have a system in which something can be done."""
    applies = Q(applies_from__isnull=True) | Q(applies_from__lte=today)
    found = RetentionRule.objects.living().filter(applies, start_event__in=ENDINGS).exclude(maximum="")
    return list(
        found.filter(
            Q(purpose__systems__connection__isnull=False)
            | Q(purpose__entity__systems__connection__kind__in=systems.OWN)
        )
        .select_related("purpose__entity")
        .distinct()
    )


def _carry_out_rule(rule: RetentionRule, today: date) -> int:
    before, because = datetime.combine(today, time(), UTC), ENDINGS[rule.start_event]
    leavers = rule.start_event == "employment_ended"
    found = _left(rule) if leavers else _of_retired_purpose(rule, before)
    return order_all(rule, found, because, today)


def order_all(
    rule: RetentionRule, found: Iterable[tuple[Person, date, set[UUID]]], because: str, today: date
) -> int:
    """Whoever's time after the ending is over by this rule has an order; how many are new. (person, ended on, streams)."""
    before, new = datetime.combine(today, time(), UTC), 0
    for person, ended, streams in found:
        over = is_over(rule.maximum, ended, today)
        if not over or not sweep.covers(rule.jurisdiction, orders.jurisdictions_of(person)):
            continue
        because_id = uuid5(NAMESPACE_URL, f"{rule.pk}:{person.pk}:{ended.isoformat()}")
        if ErasureOrder.objects.filter(because_id=because_id, person=person).exists():
            continue
        scope = Scope(person.pk, rule.purpose_id, tuple(sorted(streams)), before)
        orders.raise_order(
            scope, because=because, because_id=because_id, on=today, processed_until=ended, rule=rule
        )
        new += 1
    return new


def is_over(maximum: str, ended: date, today: date) -> bool:
    """The day of the ending is not counted, and the last day of the period belongs to it."""
    return period(maximum, ended) < today


def _left(rule: RetentionRule) -> Iterator[tuple[Person, date, set[UUID]]]:
    """Everybody who worked for the purpose's entity and does not any more, with their last day there."""
    here = Employment.objects.filter(entity_id=rule.purpose.entity_id, person__forgotten_at__isnull=True)
    still = here.filter(ends_on__isnull=True).values("person")
    last = here.exclude(person__in=still).values_list("person").annotate(last=Max("ends_on"))
    days = dict(last.order_by())
    for person in Person.objects.filter(pk__in=days).order_by("pk"):
        yield person, days[person.pk], set()


def _of_retired_purpose(rule: RetentionRule, before: datetime) -> Iterator[tuple[Person, date, set[UUID]]]:
    if rule.purpose.state == "retired":  # nothing changes a retired purpose but its retirement
        yield from of_ended(rule, rule.purpose.changed_at.date(), before)


def of_ended(rule: RetentionRule, ended: date, before: datetime) -> Iterator[tuple[Person, date, set[UUID]]]:
    """Everybody of whom a system that knows times still holds something of a purpose that is not worked for any more."""
    for person, streams in sweep.due(rule, before).items():
        if person.employments.filter(entity_id=rule.purpose.entity_id).exists():
            yield person, ended, streams
