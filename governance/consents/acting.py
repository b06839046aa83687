"""Somebody speaks for somebody else: recorded on a paper, seen by two, and then only to say no."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.consents import ledger, rules_acting, standing
from governance.consents.models import ConsentRecord, Receipt, Representation
from governance.lib import clock
from governance.lib.connectors import Scope
from governance.lib.refusals import Refused
from governance.people import notify, outside
from governance.people.models import Person
from governance.retention import orders
from governance.retention.models import ErasureOrder

PERMISSION = "consents.record_acting"
RECORDED = _("Recorded. Somebody else of the office has to see the paper now.")


def entity_of(person: Person) -> UUID | None:
    """Whose office answers for this person: of the entity where they work, or worked last. Most nominees speak for
    somebody whose employment is over."""
    job = person.employment or person.employments.order_by("starts_on").last()
    return job.entity_id if job else None


def record(
    person: Person, holder: Person, kind: str, *, document: str, starts_on: date, until_on: date | None = None, since: str = "", by: Person
) -> Representation:  # fmt: skip
    """It waits for a second look; the person was told. Raises Refused."""
    entity = entity_of(person)
    rules_acting.check_record(
        rules_acting.RecordFacts(
            kind,
            entity is not None and by.holds(PERMISSION, entity),
            len({person.pk, holder.pk, by.pk}) == 3,
            document,
            since,
            starts_on,
            until_on,
        )
    )
    assert entity is not None  # or nobody had the permission there
    with transaction.atomic():
        row = Representation.objects.create(
            person=person, holder=holder, kind=kind, document=document.strip(), since=since if kind == "nominee" else "",
            starts_on=starts_on, until_on=until_on, entity_id=entity, recorded_by=by,
        )  # fmt: skip
        log.record("representation.recorded", by=by, about=row, kind=kind)
        notify.tell(person, "representation_recorded")
        return row


def from_outside(person: Person, name: str, email: str, *, by: Person) -> Person:
    """Somebody who works nowhere here is entered, to speak for this person; they can do nothing yet. Raises Refused."""
    entity = entity_of(person)
    if entity is None or not by.holds(PERMISSION, entity):
        raise Refused(
            _("Only the data protection officer of this entity records who speaks for somebody."),
            code="not_the_dpo",
        )
    return outside.enter(name, email, entity=entity, language=person.language, by=by)


@transaction.atomic
def verify(row_id: UUID, *, by: Person) -> Representation:
    """A second person of the office has seen the paper: the holder may act from now on, and was told. Raises Refused."""
    row = (
        Representation.objects.select_for_update(of=("self",))
        .select_related("person", "holder")
        .get(pk=row_id)
    )
    second = by.pk not in (row.recorded_by_id, row.person_id, row.holder_id)
    rules_acting.check_verify(
        by.holds(PERMISSION, row.entity_id), second, row.verified_at is not None, row.ended_at is not None
    )
    Representation.objects.filter(pk=row.pk).update(verified_by=by, verified_at=Now())
    log.record("representation.verified", by=by, about=row)
    notify.tell(row.holder, "representation_verified")
    notify.tell(row.person, "representation_recorded")
    row.refresh_from_db()
    return row


@transaction.atomic
def end(row_id: UUID, *, by: Person) -> Representation:
    """They speak for the person no more. The office ends it, the person may, and the holder. Raises Refused."""
    row = Representation.objects.select_for_update(of=("self",)).get(pk=row_id)
    if by.pk not in (row.person_id, row.holder_id) and not by.holds(PERMISSION, row.entity_id):
        raise Refused(_("Only the people concerned and the office end this."), code="not_theirs_to_say")
    if Representation.objects.filter(pk=row.pk, ended_at=None).update(ended_at=Now(), ended_by=by):
        log.record("representation.ended", by=by, about=row)
    row.refresh_from_db()
    return row


def forget_outsiders() -> int:
    """Who came from outside and speaks for nobody any more is forgotten, by an order; how many were ordered now."""
    speaking = Representation.objects.filter(ended_at=None).values("holder")
    gone = Person.objects.filter(outside_of__isnull=False, forgotten_at=None).exclude(pk__in=speaking)
    ordered = ErasureOrder.objects.filter(because="acting.ended").exclude(state__in=ErasureOrder.ENDED)
    made = 0
    for person in gone.exclude(pk__in=ordered.values("person")):
        last = Representation.objects.filter(holder=person).order_by("ended_at").last()
        scope = Scope(person.pk, None, (), clock.now())
        with transaction.atomic():
            if outside.let_go(person.pk):
                orders.raise_order(scope, because="acting.ended", because_id=last.pk if last else person.pk)
                made += 1
    return made


def withdraw_everything(row_id: UUID, *, by: Person) -> list[Receipt]:
    """Everything that the person had switched on has ended, by the word of who speaks for them, and is erased.

    The receipts are the person's. None where nothing was on: whoever acts learns nothing of it. Raises Refused.
    """
    row = Representation.objects.select_related("person", "holder").get(pk=row_id, holder=by)
    rules_acting.check_act(
        row.verified_at is not None, row.ended_at is not None, row.starts_on, row.until_on, clock.now().date()
    )
    made = []
    with standing.changing(row.person_id):
        row.refresh_from_db()
        if row.ended_at is not None:
            raise Refused(_("You do not speak for this person now."), code="not_now")
        on = ConsentRecord.objects.on().filter(person=row.person).select_related("person", "purpose__entity")
        for purpose_id in sorted(set(on.values_list("purpose_id", flat=True))):
            made.append(
                ledger.withdraw_for(
                    list(on.filter(purpose=purpose_id)),
                    by=by,
                    by_kind=row.kind,
                    evidence=f"representation:{row.pk}",
                )
            )
        log.record("representation.used", by=by, about=row)
    return made
