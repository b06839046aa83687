"""What the calendar brings: rules whose cut-off has passed raise orders, and what the law kept long enough is erased."""

import contextlib
from datetime import UTC, date, datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q

from governance.audit import log
from governance.lib import connectors, locks, quiet
from governance.lib.connectors import Due, Scope
from governance.people.models import Person
from governance.purposes.models import Purpose, RetentionRule
from governance.retention import holds, merging, orders, rules, systems
from governance.retention.models import ErasureOrder

logger = structlog.get_logger(__name__)
DAY = 26 * 3600  # seconds for which a day's cut-off is remembered
OPEN = ("waiting", "held", "erasing", "partly", "needs_attention", "restricted_hold", "retention_conflict")


def run(today: date) -> int:
    """Orders exist for everything that is due on `today`, each raised once; returns how many are new."""
    new = sum(_carry_out_rule(rule, today) for rule in _rules(today))
    released = release_kept(today)
    lapsed = holds.lapse()
    log.record("retention.swept", on=today, raised=new, released=released, lapsed=lapsed)
    return new


def _rules(today: date) -> list[RetentionRule]:
    """Rules with a ceiling that counts from the collection, the end of its year or a fixed day.

    A consent that ends orders by itself and at once; what ends with a job or a purpose, endings.py looks after.
    """
    applies = Q(applies_from__isnull=True) | Q(applies_from__lte=today)
    found = (
        RetentionRule.objects.living()
        .filter(applies, start_event__in=rules.SWEPT)
        .exclude(maximum="")
        .select_related("purpose__entity")
    )
    return list(found)


def periods(purpose: Purpose) -> list[RetentionRule]:
    """The rules of a purpose by which the sweep finds what is due, also those whose law is still to come."""
    counting = purpose.retention_rules.living().filter(start_event__in=rules.SWEPT)
    return list(counting.exclude(maximum="").order_by("jurisdiction", "category"))


def covers(law: str, laws: frozenset[str]) -> bool:
    """Does a rule of this law concern somebody under these? One that names a country, or no law, concerns everybody."""
    return law in laws or law not in ("IN", "EU")


def _carry_out_rule(rule: RetentionRule, today: date) -> int:
    last = rules.last_due(rule.start_event, rule.maximum, today, rule.applies_from)
    if last is None:
        return 0
    before = datetime.combine(last + timedelta(days=1), time(), UTC)
    new = 0
    for person, streams in due(rule, before).items():
        if not covers(rule.jurisdiction, orders.jurisdictions_of(person)):
            continue
        if not person.employments.filter(entity_id=rule.purpose.entity_id).exists():
            continue  # a system that several purposes share: these rows are of another controller's
        open_one = ErasureOrder.objects.filter(
            person=person, purpose=rule.purpose, because="rule.due", state__in=OPEN
        )
        if open_one.exists():  # what became due since comes with the next order
            continue
        if merging.covered(person.pk, rule.purpose_id, streams, before):  # what somebody said takes it along
            continue
        scope = Scope(
            person=person.pk, purpose=rule.purpose_id, streams=tuple(sorted(streams)), before=before
        )
        because_id = uuid5(NAMESPACE_URL, f"{rule.pk}:{person.pk}:{last.isoformat()}")
        seen = ErasureOrder.objects.filter(because_id=because_id, person=person).exists()
        orders.raise_order(
            scope, because="rule.due", because_id=because_id, on=today, processed_until=last, rule=rule
        )
        new += not seen
    return new


def due(rule: RetentionRule, before: datetime) -> dict[Person, set[UUID]]:
    """Person → streams of the vault, over all connected systems of the rule's purpose."""
    found: dict[UUID, set[UUID]] = {}
    parts = systems.parts(rule.purpose_id, list(systems.of_purpose(rule.purpose_id)))
    for part in parts:
        # What has to be read whole to tell ages is read once for each day's cut-off, not with every hourly sweep.
        told = f"sweep:{part.system.pk}:{rule.pk}:{rule.maximum}:{before.date()}"
        whole = getattr(connectors.load(part.kind), "reads_to_tell", False)
        if whole and _said(told):
            continue
        try:
            rows = part.open().due(rule.purpose_id, before)
        except Exception as error:
            logger.warning("sweep.system_away", system=str(part.system.pk), error=quiet.describe(error))
            continue
        if whole:
            _say(told)
        for one in rows:
            person_id = one.person or _known(one)
            if person_id:
                found.setdefault(person_id, set()).update(one.streams)
    people = Person.objects.in_bulk(list(found))
    return {person: found[pk] for pk, person in people.items()}


def _said(key: str) -> bool:
    """Without a cache nothing was said: then it is read again."""
    with contextlib.suppress(Exception):
        return cache.get(key) is not None
    return False


def _say(key: str) -> None:
    with contextlib.suppress(Exception):
        cache.set(key, 1, DAY)


def _known(due: Due) -> UUID | None:
    return Person.objects.filter(number=due.number).values_list("pk", flat=True).first()


def release_kept(today: date) -> int:
    """What was kept locked away until a day that has come waits to be erased; returns how many orders."""
    due = ErasureOrder.objects.filter(state="restricted_hold", kept_until__lte=today)
    moved = 0
    for pk, person_id in list(due.values_list("pk", "person_id")):
        with transaction.atomic():
            locks.exclusively(locks.key("orders", person_id))
            order = due.select_for_update().filter(pk=pk).first()
            if order is not None:
                holds.reconsider(order, today)
                moved += order.state == "waiting"
    return moved
