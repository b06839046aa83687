"""Raise and answer requests."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import clock, numbers, packs
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Entity, Person, Role
from governance.retention.orders import jurisdictions_of
from governance.rights import rules
from governance.rights.models import Request

KNOWN = frozenset(code for code, _label in Request.RIGHTS)


def entity_of(person: Person) -> Entity:
    """Whom the request goes to: where the person works, or worked last. Raises Refused."""
    job = person.employment or person.employments.select_related("entity").order_by("starts_on").last()
    if job is None:
        raise Refused(
            _("You never worked at an entity of this portal, so it cannot tell who answers you."),
            code="no_entity",
        )
    return job.entity


def clock_for(right: str, person: Person, entity: Entity) -> rules.Clock:
    """The clock of a request that comes in today."""
    members = packs.load("laws").content["jurisdictions"]["EU"]
    job = person.employment
    country = entity.country if entity.country in members or job is None else job.country
    today = clock.law_date(entity.timezone)
    return rules.clock(right, jurisdictions_of(person), country=country, received_on=today)


@transaction.atomic
def raise_request(right: str, words: str = "", *, by: Person) -> Request:
    """The request stands, with its law and its due date; the person and the DPO's office were told. Raises Refused."""
    rules.check_raise(right, words, KNOWN)
    entity = entity_of(by)
    due = clock_for(right, by, entity)
    today = clock.law_date(entity.timezone)
    request = Request.objects.create(
        number=numbers.take("Q", today.year),
        entity=entity,
        person=by,
        right=right,
        words=words.strip(),
        law=due.law[:120],
        due_on=due.due_on,
    )
    request.refresh_from_db()
    notify.tell(by, "request_received", request=request.pk, number=request.number, due=request.due_on)
    for role in Role.objects.in_force().filter(name="dpo", entity=entity, unit=None).select_related("person"):
        notify.tell(
            role.person, "request_raised", request=request.pk, number=request.number, due=request.due_on
        )
    log.record("request.raised", by=by, about=request, right=right, due_on=request.due_on)
    return request


@transaction.atomic
def answer(request_id: UUID, words: str, *, by: Person) -> Request:
    """The person has the answer, and the clock has stopped. Raises Refused."""
    request = Request.objects.select_for_update().get(pk=request_id)
    rules.check_answer(
        rules.AnswerFacts(
            by_may_answer=by.holds("rights.answer", request.entity_id), by=by.pk, asked_by=request.person_id,
            answered=request.answered_at is not None, words=words,
        )
    )  # fmt: skip
    Request.objects.filter(pk=request.pk).update(answer=words.strip(), answered_by=by, answered_at=Now())
    request.refresh_from_db()
    notify.tell(request.person, "request_answered", request=request.pk, number=request.number)
    log.record(
        "request.answered",
        by=by,
        about=request,
        in_time=clock.law_date(request.entity.timezone) <= request.due_on,
    )
    return request
