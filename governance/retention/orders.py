"""Raise orders to erase. The one door for withdrawals, requests and rules alike."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import clock, numbers
from governance.lib.connectors import Scope
from governance.lib.nudge import nudge
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Employment, Person
from governance.purposes.models import Purpose, RetentionRule
from governance.retention import floors, merging, notices, rules
from governance.retention.models import ErasureOrder, Hold


def jurisdictions_of(person: Person) -> frozenset[str]:
    """The laws of the country of work and of the controller's country, of every employment that is not long over. Of
    who works nowhere here: of the entity that entered them."""
    jobs = Employment.objects.filter(person=person).values_list("country", "entity__country")
    countries = [country for pair in jobs for country in pair]
    if person.outside_of:
        countries.append(person.outside_of.country)
    return rules.jurisdictions_of(countries)


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
    existing = ErasureOrder.objects.filter(  # type: ignore[misc]  # None is IS NULL
        because_id=because_id, person_id=scope.person, purpose_id=scope.purpose
    ).first()
    if existing:
        return existing
    person = Person.objects.get(pk=scope.person)
    purpose = Purpose.objects.get(pk=scope.purpose) if scope.purpose else None
    entity = purpose.entity if purpose else person.outside_of or person.employments.latest("starts_on").entity
    on = on or clock.law_date(entity.timezone)
    laws = jurisdictions_of(person)
    held = Hold.objects.over(person.pk, scope.purpose).exists()
    until = processed_until or on
    keep = floors.of(person, purpose, until, on, rule)
    outcome = rules.decide(rules.OrderFacts(laws, because, until, held, floors=keep), on)
    notice = floors.notice_hours(rule, person, on) if rule else 0
    try:
        with transaction.atomic():
            order = ErasureOrder.objects.create(
                number=numbers.take("E", on.year), entity=entity, person=person, purpose=purpose, streams=list(scope.streams),
                before=scope.before, because=because, because_id=because_id, jurisdictions=sorted(laws), law_on=on,
                processed_until=until, state=outcome.state, reasons=list(outcome.reasons),
                kept_until=outcome.kept_until, rule=rule, notice_hours=notice,
                action="anonymise" if rule and rule.action == "anonymise" else "erase",
            )  # fmt: skip
    except IntegrityError:  # two doors at once: one truth
        return ErasureOrder.objects.get(  # type: ignore[misc]
            because_id=because_id, person_id=scope.person, purpose_id=scope.purpose
        )
    log.record(
        "order.raised", about=order, because=because, because_id=because_id, state=order.state, law_on=on
    )
    merging.absorb(order)
    if order.state != "waiting":
        tell(order)
    elif order.notice_hours:
        notices.give(order)
    else:
        nudge("retention.carry_out")
    return order


def tell(order: ErasureOrder) -> None:
    """The person hears what became of the order, unless they were forgotten or a direction forbids to tell them."""
    if order.person.forgotten_at is None and order.shown_state() == order.state:
        notify.tell(order.person, f"order_{order.state}", order=order.pk, until=order.kept_until or "")


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
