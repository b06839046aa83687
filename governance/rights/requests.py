"""Raise and answer requests."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.consents import rules_acting
from governance.consents.models import Representation
from governance.lib import clock, numbers, packs
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Entity, Person, Role
from governance.retention import notices
from governance.retention.orders import jurisdictions_of
from governance.rights import erasing, rules
from governance.rights.models import Request

KNOWN = frozenset(code for code, _label in Request.RIGHTS)
CHANNELS = frozenset(code for code, _label in Request.CHANNELS) - {"portal", "guardian", "nominee"}


def entity_of(person: Person) -> Entity:
    """Whom the request goes to: where the person works, or worked last. Raises Refused."""
    job = person.employment or person.employments.select_related("entity").order_by("starts_on").last()
    if job is None:
        raise Refused(
            _("You never worked at an entity of this portal, so it cannot tell who answers you."),
            code="no_entity",
        )
    return job.entity


def clock_for(right: str, person: Person, entity: Entity, received_on: date | None = None) -> rules.Clock:
    """The clock of a request that comes in today, or came in on that day."""
    day = received_on or clock.law_date(entity.timezone)
    return rules.clock(right, jurisdictions_of(person), country=_country(person, entity), received_on=day)


def _country(person: Person, entity: Entity) -> str:
    """Whose holidays count."""
    members = packs.load("laws").content["jurisdictions"]["EU"]
    job = person.employment
    return entity.country if entity.country in members or job is None else job.country


@transaction.atomic
def raise_request(right: str, words: str = "", *, by: Person) -> Request:
    """The request stands, with its law and its due date; the person and the DPO's office were told. Raises Refused.

    A request for erasure has raised its orders: what was recorded on a consent is erased, and the consent is off.
    """
    rules.check_raise(right, words, KNOWN)
    return _stand(right, words, by, channel="portal", logged_by=None, received_on=None)


@transaction.atomic
def raise_for(representation_id: UUID, right: str, words: str = "", *, by: Person) -> Request:
    """As if the person had asked, by the word of who speaks for them, who is told the answer too. Raises Refused."""
    row = Representation.objects.select_related("person", "holder").get(pk=representation_id, holder=by)
    rules_acting.check_act(
        row.verified_at is not None, row.ended_at is not None, row.starts_on, row.until_on, clock.now().date()
    )
    rules.check_for_other(right)
    rules.check_raise(right, words, KNOWN)
    return _stand(
        right, words, row.person, channel=row.kind, logged_by=by, received_on=None, representation_id=row.pk
    )


@transaction.atomic
def receive(
    person: Person, right: str, words: str = "", *, channel: str, received_on: date, by: Person
) -> Request:
    """A request that came by another way stands as if the person had made it here, from the day it came. Raises Refused."""
    rules.check_raise(right, words, KNOWN)
    entity = entity_of(person)
    today = clock.law_date(entity.timezone)
    rules.check_receive(by.holds("rights.answer", entity.pk), channel in CHANNELS, received_on <= today)
    return _stand(right, words, person, channel=channel, logged_by=by, received_on=received_on)


def _stand(
    right: str,
    words: str,
    person: Person,
    *,
    channel: str,
    logged_by: Person | None,
    received_on: date | None,
    representation_id: UUID | None = None,
) -> Request:
    entity = entity_of(person)
    today = clock.law_date(entity.timezone)
    due = clock_for(right, person, entity, received_on)
    request = Request.objects.create(
        number=numbers.take("Q", today.year), entity=entity, person=person, right=right, words=words.strip(), law=due.law[:120],
        due_on=due.due_on, channel=channel, logged_by=logged_by, representation_id=representation_id,
        **({"received_at": noon(received_on, entity)} if received_on else {}),
    )  # fmt: skip
    request.refresh_from_db()
    notify.tell(person, "request_received", request=request.pk, number=request.number, due=request.due_on)
    for role in Role.objects.in_force().filter(name="dpo", entity=entity, unit=None).select_related("person"):
        notify.tell(
            role.person, "request_raised", request=request.pk, number=request.number, due=request.due_on
        )
    notices.heard_from(person)
    log.record(
        "request.raised",
        by=logged_by or person,
        about=request,
        right=right,
        due_on=request.due_on,
        channel=channel,
    )
    if right == "erasure":
        erasing.order(request)
    return request


def noon(day: date, entity: Entity) -> datetime:
    """A letter has a day and no hour."""
    return datetime.combine(day, time(12), ZoneInfo(entity.timezone))


@transaction.atomic
def extend(request_id: UUID, because: str, *, by: Person) -> Request:
    """The answer may come later, and the person was told until when and why. Raises Refused."""
    request = Request.objects.select_for_update().get(pk=request_id)
    longer = longer_clock(request)
    rules.check_extend(extend_facts(request, longer, by=by))
    if because not in dict(Request.EXTENSIONS) or longer is None:
        raise Refused(_("Say why it takes longer."), code="reason_missing")
    late = longer.due_on + _stood_still(request)
    Request.objects.filter(pk=request.pk).update(
        first_due_on=request.due_on, due_on=late, extended_because=because, extended_at=Now()
    )
    request.refresh_from_db()
    notify.tell(request.person, f"request_extended_{because}", number=request.number, due=request.due_on)
    log.record("request.extended", by=by, about=request, to=request.due_on, because=because)
    return request


def longer_clock(request: Request) -> rules.Clock | None:
    received = request.received_at.astimezone(ZoneInfo(request.entity.timezone)).date()
    country = _country(request.person, request.entity)
    laws = jurisdictions_of(request.person)
    return rules.extended(request.right, laws, country=country, received_on=received)


def extend_facts(request: Request, longer: rules.Clock | None, *, by: Person) -> rules.ExtendFacts:
    return rules.ExtendFacts(
        by_may_answer=by.holds("rights.answer", request.entity_id), answered=request.answered_at is not None,
        extended=request.first_due_on is not None, in_time=clock.law_date(request.entity.timezone) <= request.due_on,
        allowed=longer is not None and longer.due_on > request.due_on,
    )  # fmt: skip


@transaction.atomic
def ask_identity(request_id: UUID, *, by: Person) -> Request:
    """It is doubtful who asks: the clock stands still until the person has shown it. Raises Refused."""
    request = Request.objects.select_for_update().get(pk=request_id)
    rules.check_identity(*_identity(request, by), showing=False)
    Request.objects.filter(pk=request.pk).update(identity_asked_at=clock.now())
    notify.tell(request.person, "request_identity", number=request.number)
    log.record("request.identity_asked", by=by, about=request)
    request.refresh_from_db()
    return request


@transaction.atomic
def identity_shown(request_id: UUID, *, by: Person) -> Request:
    """The person has shown who they are: the clock goes on, and the days it stood still are added. Raises Refused."""
    request = Request.objects.select_for_update().get(pk=request_id)
    rules.check_identity(*_identity(request, by), showing=True)
    request.identity_shown_at = clock.now()
    Request.objects.filter(pk=request.pk).update(
        identity_shown_at=request.identity_shown_at, due_on=request.due_on + _stood_still(request)
    )
    request.refresh_from_db()
    log.record("request.identity_shown", by=by, about=request, due_on=request.due_on)
    return request


def _identity(request: Request, by: Person) -> tuple[bool, bool, bool, bool]:
    may = by.holds("rights.answer", request.entity_id)
    asked, shown = request.identity_asked_at is not None, request.identity_shown_at is not None
    return may, request.answered_at is not None, asked, shown


def _stood_still(request: Request) -> timedelta:
    """Whole days between the question who asks and its answer."""
    if request.identity_asked_at is None or request.identity_shown_at is None:
        return timedelta()
    return timedelta(days=(request.identity_shown_at.date() - request.identity_asked_at.date()).days)


@transaction.atomic
def answer(request_id: UUID, words: str, *, by: Person, outcome: str = "granted") -> Request:
    """The person has the answer, and the clock has stopped. Raises Refused."""
    request = Request.objects.select_for_update().get(pk=request_id)
    rules.check_answer(answer_facts(request, words, outcome, by=by))
    Request.objects.filter(pk=request.pk).update(
        answer=words.strip(), answered_by=by, answered_at=Now(), outcome=outcome
    )
    request.refresh_from_db()
    notify.tell(request.person, "request_answered", request=request.pk, number=request.number)
    if request.representation_id and request.logged_by:
        notify.tell(
            request.logged_by,
            "request_for_other_answered",
            row=request.representation_id,
            number=request.number,
        )
    log.record(
        "request.answered", by=by, about=request, outcome=outcome,
        in_time=clock.law_date(request.entity.timezone) <= request.due_on,
    )  # fmt: skip
    return request


def answer_facts(request: Request, words: str, outcome: str, *, by: Person) -> rules.AnswerFacts:
    today = clock.law_date(request.entity.timezone)
    in_eu = "EU" in jurisdictions_of(request.person)
    return rules.AnswerFacts(
        by_may_answer=by.holds("rights.answer", request.entity_id), by=by.pk, asked_by=request.person_id,
        answered=request.answered_at is not None, words=words, outcome=outcome,
        refusable=not in_eu or request.first_due_on is None or today <= request.first_due_on,
    )  # fmt: skip
