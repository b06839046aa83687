"""Raise orders to erase. The one door for withdrawals, requests and rules alike."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import clock, prepared
from governance.lib.connectors import Scope
from governance.lib.nudge import nudge
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Employment, Person
from governance.purposes.models import RetentionRule
from governance.retention import floors, merging, notices, raising, rules
from governance.retention.models import ErasureOrder, Hold


def jurisdictions_of(person: Person) -> frozenset[str]:
    """The laws of the country of work and of the controller's country, of every employment that is not long over. Of
    who works nowhere here: of the entity that entered them."""
    jobs = Employment.objects.filter(person=person).values_list("country", "entity__country")
    countries = [country for pair in jobs for country in pair]
    if person.outside_of:
        countries.append(person.outside_of.country)
    return rules.jurisdictions_of(countries)


READ = f"""
SELECT x.id, u.id, t.id, t.timezone, clock_timestamp(), CASE WHEN x.id IS NULL THEN {raising.FACTS} END
FROM people_person p LEFT JOIN purposes_purpose u ON u.id = %(purpose)s::uuid
LEFT JOIN people_entity t ON t.id = coalesce(u.entity_id, p.outside_of_id,
    (SELECT e.entity_id FROM people_employment e WHERE e.person_id = p.id ORDER BY e.starts_on DESC LIMIT 1))
LEFT JOIN retention_erasureorder x ON x.because_id = %(because_id)s AND x.person_id = p.id AND x.purpose_id IS NOT DISTINCT FROM u.id
WHERE p.id = %(person)s
"""  # noqa: S608  our own words
WRITE = f"WITH {raising.PARTS} SELECT created_at, try_after FROM made"  # noqa: S608  our own words


@transaction.atomic
def raise_order(
    scope: Scope,
    *,
    because: str,
    because_id: UUID,
    on: date | None = None,
    processed_until: date | None = None,
    rule: RetentionRule | None = None,
) -> ErasureOrder:
    """An order exists for this scope; asking twice for the same event gives the same order.

    `rule` is the one that made it due: it says whether the data are erased or made anonymous, and whether the person
    has to be told first. Orders that the house raised itself and that this one covers become part of it.

    `processed_until` is the last day on which data in the scope was processed; today's law date when not given.
    The order's state follows from the law of the day: waiting, held, restricted_hold or retention_conflict.
    """
    asked = {"person": scope.person, "purpose": scope.purpose, "because_id": because_id}
    with prepared.planned() as cursor:
        rows = cursor.run(READ, asked)
        if not rows or rows[0][1] != scope.purpose or rows[0][2] is None:
            raise LookupError("An order is about somebody who is there, at an entity.")
        existing, _purpose, entity, zone, at, found = rows[0]
        if existing is not None:
            return ErasureOrder.objects.get(pk=existing)
        on = on or clock.law_date(zone)
        notice = floors.notice_hours(rule, Person(pk=scope.person), on) if rule else 0
        raised = raising.order(
            raising.DECODE(found), scope, because=because, because_id=because_id, entity=entity, on=on, at=at, rule=rule,
            processed_until=processed_until, notice_hours=notice,
        )  # fmt: skip
        made = cursor.run(WRITE, raised.values)
    if not made:  # two doors at once: one truth
        return ErasureOrder.objects.get(
            because_id=because_id, person_id=scope.person, purpose_id=scope.purpose
        )
    order = raised.row(*made[0])
    follow(raised, order)
    return order


def follow(raised: raising.Raised, order: ErasureOrder) -> None:
    """What else follows from an order that stands now; call in its transaction."""
    if raised.absorbs:
        merging.absorb(order)
    if raised.tells:
        tell_of(raised.state, order)
    if raised.state == "waiting" and raised.notice_hours:
        notices.give(order)
    elif raised.state == "waiting":
        nudge("retention.carry_out")


def tell(order: ErasureOrder) -> None:
    """The person hears what became of the order, unless they were forgotten or a direction forbids to tell them."""
    if order.person.forgotten_at is None and order.shown_state() == order.state:
        tell_of(order.state, order)


def tell_of(state: str, order: ErasureOrder) -> None:
    notify.tell(order.person, f"order_{state}", order=order.pk, until=order.kept_until or "")


def outcome_now(order: ErasureOrder, on: date) -> rules.Outcome:
    """What the holds and the law of `on` make of this order; a decision on its conflict is remembered."""
    held = Hold.objects.over(order.person_id, order.purpose_id).exists()
    facts = rules.OrderFacts(
        frozenset(order.jurisdictions),
        order.because,
        order.processed_until,
        held,
        rules.decided(order.reasons),
        floors.of(order.person, order.purpose, order.processed_until, on, order.rule),
    )
    return rules.decide(facts, on)


def put(order: ErasureOrder, outcome: rules.Outcome) -> ErasureOrder:
    """The order, locked by the caller, is now what the rules made of it; nobody's earlier claim settles it any more."""
    rules.check_move(order.state, outcome.state)
    order.state, order.kept_until, order.lease_until = outcome.state, outcome.kept_until, None
    order.reasons = [*outcome.reasons, *(reason for reason in order.reasons if isinstance(reason, dict))]
    order.fence += 1
    order.save(update_fields=["state", "kept_until", "lease_until", "reasons", "fence"])
    log.record(f"order.{order.state}", about=order, kept_until=order.kept_until)
    tell(order)
    if order.state == "waiting" and order.notice_hours and order.notice_id is None:
        notices.give(order)
    elif order.state == "waiting":
        nudge("retention.carry_out")
    return order


@transaction.atomic
def carry_on(order_id: UUID, *, by: Person) -> ErasureOrder:
    """An order that needed attention is tried again from now on, as often as a new one."""
    order = ErasureOrder.objects.select_for_update().get(pk=order_id)
    if not by.holds("retention.carry_on", order.entity_id):
        raise Refused(_("Only the data protection officer starts an order again."), code="not_the_dpo")
    rules.check_move(order.state, "waiting")
    ErasureOrder.objects.filter(pk=order.pk).update(
        state="waiting", attempts=0, try_after=Now(), lease_until=None, fence=F("fence") + 1
    )
    log.record("order.started_again", by=by, about=order)
    nudge("retention.carry_out")
    order.refresh_from_db()
    return order


@transaction.atomic
def advise(order_id: UUID, *, advice: str, by: Person) -> ErasureOrder:
    """The data protection officer's written advice on an open conflict stands with the order."""
    order = ErasureOrder.objects.select_for_update().get(pk=order_id)
    rules.check_advice(by.holds("retention.advise", order.entity_id), order.state, advice)
    order.reasons = [*order.reasons, {"advised_by": str(by.pk), "advice": advice.strip()}]
    order.save(update_fields=["reasons"])
    log.record("order.advised", by=by, about=order)
    return order


@transaction.atomic
def decide_conflict(order_id: UUID, *, keep: bool, reason: str, by: Person) -> ErasureOrder:
    """The owner's recorded decision on an open conflict, after the DPO's written advice: keep until the floor, or erase."""
    order = ErasureOrder.objects.select_for_update().get(pk=order_id)
    rules.check_decision(conflict_facts(order, keep=keep, by=by), reason)
    decision = {"decided_by": str(by.pk), "keep": keep, "reason": reason.strip()}
    order.reasons = [*order.reasons, decision]
    log.record("order.conflict_decided", by=by, about=order, keep=keep)
    return put(order, outcome_now(order, clock.law_date(order.entity.timezone)))


def conflict_facts(order: ErasureOrder, *, keep: bool, by: Person) -> rules.ConflictFacts:
    return rules.ConflictFacts(
        state=order.state,
        is_owner=by.holds("retention.decide", order.entity_id),
        advised=any(isinstance(reason, dict) and reason.get("advice") for reason in order.reasons),
        keep=keep,
        has_floor=order.kept_until is not None,
    )
