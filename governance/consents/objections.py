"""Objections to what does not rest on consent: they restrict at once, and are decided with reasons."""

from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from governance.audit import log
from governance.consents import rules_objections as rules
from governance.consents import standing, streams
from governance.consents.models import Objection
from governance.lib import clock
from governance.lib.connectors import Scope
from governance.people import notify
from governance.people.models import Entity, Person, Role
from governance.purposes.models import Purpose, PurposeQuerySet
from governance.retention import orders

SHOWN = ("active", "paused")
WORKERS = ("employees", "contractors", "agency_workers", "interns")


def concerning(person: Person) -> PurposeQuerySet:
    """What runs about people who work where this person works without asking them, and whatever they objected to."""
    job = person.employment
    about = (
        Q(entity_id=job.entity_id, asks_consent=False, state__in=SHOWN, people_codes__overlap=list(WORKERS))
        if job
        else Q(pk__in=[])
    )
    objected = Q(pk__in=Objection.objects.filter(person=person).values("purpose_id"))
    return Purpose.objects.filter(about | objected).select_related("entity")


def kind_of(purpose: Purpose) -> str:
    return rules.kind(purpose.jurisdictions, purpose.basis_eu, purpose.ground_in, purpose.kind)


def facts_of(purpose: Purpose, person: Person, *, reasons: str = "") -> rules.ObjectFacts:
    decided = list(
        Objection.objects.filter(person=person, purpose=purpose, decided_at__isnull=False).values_list(
            "upheld", flat=True
        )
    )
    return rules.ObjectFacts(
        rests_on_consent=purpose.asks_consent,
        retired=purpose.state == "retired",
        concerned=concerning(person).filter(pk=purpose.pk).exists(),
        kind=kind_of(purpose),
        upheld_before=any(decided),
        decided_before=bool(decided),
        gives_reasons=bool(reasons.strip()),
    )


def object_to(purpose: Purpose, reasons: str = "", *, by: Person) -> Objection:
    """From the commit on nothing of this purpose is admitted about this person until it is decided. Raises Refused.

    GDPR Art. 21(1) and 18(1)(d). A second call while one is open gives the first one: two tabs, one truth.
    """
    with standing.changing(by.pk):
        purpose = Purpose.objects.select_related("entity").get(pk=purpose.pk)
        there = Objection.objects.filter(person=by, purpose=purpose, decided_at__isnull=True).first()
        if there is not None:
            return there
        rules.check_object(facts_of(purpose, by, reasons=reasons))
        job = by.employment
        country = job.country if job else purpose.entity.country
        on = clock.law_date(purpose.entity.timezone)
        row = Objection.objects.create(
            person=by,
            purpose=purpose,
            reasons=reasons.strip(),
            due_on=rules.due(kind_of(purpose), on, country),
        )
        streams.close(by.pk, purpose.pk, purpose.signals.values_list("code", flat=True))
        log.record("objection.raised", by=by, about=row, purpose=purpose.pk, due_on=row.due_on)
        notify.tell(by, "objection_received", number=purpose.number, due=row.due_on)
        for dpo in office(purpose.entity):
            if dpo.pk != by.pk:
                notify.tell(dpo, "objection_raised", objection=row.pk, number=purpose.number, due=row.due_on)
        return row


def office(entity: Entity, role: str = "dpo") -> list[Person]:
    """Who holds this role for the whole entity."""
    held = Role.objects.in_force().filter(name=role, entity=entity, unit=None).select_related("person")
    return list({row.person_id: row.person for row in held}.values())


def decide(objection_id: UUID, *, upheld: bool, answer: str = "", by: Person) -> Objection:
    """Upheld: it has stopped for this person, and what there is of it is ordered to be erased. Otherwise it may go on,
    and the person has the reasons. Raises Refused."""
    person_id = Objection.objects.values_list("person_id", flat=True).get(pk=objection_id)
    with standing.changing(person_id):
        row = Objection.objects.select_related("person", "purpose__entity").get(pk=objection_id)
        rules.check_decide(
            rules.DecideFacts(
                by_may_decide=by.holds("consents.decide_objections", row.purpose.entity_id),
                by=by.pk,
                objected_by=row.person_id,
                decided=row.decided_at is not None,
                upheld=upheld,
                answer=answer,
            )
        )
        Objection.objects.filter(pk=row.pk).update(
            decided_at=Now(), decided_by=by, upheld=upheld, answer=answer.strip()
        )
        row.refresh_from_db()
        facts: dict[str, object] = {"number": row.purpose.number}
        if upheld:
            facts["order"] = _order_erasure(row).pk
        log.record(
            "objection.upheld" if upheld else "objection.rejected", by=by, about=row, purpose=row.purpose_id,
            in_time=clock.law_date(row.purpose.entity.timezone) <= row.due_on, order=facts.get("order"),
        )  # fmt: skip
        if row.person.forgotten_at is None:
            if upheld:
                notify.tell(row.person, "objection_upheld", **facts)
            else:
                notify.tell(row.person, "objection_rejected", **facts)
        return row


def _order_erasure(row: Objection) -> orders.ErasureOrder:
    """GDPR Art. 17(1)(c): what was processed of somebody whose objection stands is erased."""
    assert row.decided_at is not None
    ids = streams.close(row.person_id, row.purpose_id, row.purpose.signals.values_list("code", flat=True))
    scope = Scope(person=row.person_id, purpose=row.purpose_id, streams=tuple(ids), before=row.decided_at)
    return orders.raise_order(scope, because="objection.upheld", because_id=row.pk)
