"""Put a purpose before everybody concerned who may be asked, once; nobody learns who that was, or who was left out."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Now

from governance.audit import log
from governance.consents import counting, jobs, ledger, offers, rules, running, standing
from governance.consents.models import Asking, ConsentEvent, ConsentRecord, OptOut
from governance.lib import languages, locks
from governance.lib.bands import band
from governance.lib.nudge import nudge
from governance.people import notify
from governance.people.models import Employment, EmploymentQuerySet, Person
from governance.purposes.models import Notice, Purpose

ENDINGS = ("refused", *rules.ENDED)


def ask(purpose: Purpose, *, by: Person) -> Asking:
    """A worker asks everybody concerned who was never asked, or whose silence has run out. Raises Refused."""
    with transaction.atomic():
        locks.exclusively(locks.key("asking", purpose.pk))  # two tabs: one asking
        purpose = Purpose.objects.select_related("entity").get(pk=purpose.pk)
        rules.check_ask(facts_of(purpose), jobs.day_at(purpose.entity.timezone))
        asking = Asking.objects.create(purpose=purpose, notice=purpose.published_notice(), by=by)
        log.record("asking.begun", by=by, about=purpose, notice=asking.notice_id)
        nudge("consents.ask")
        return asking


def facts_of(purpose: Purpose) -> rules.AskingFacts:
    notice = purpose.published_notice()
    texts = {text.language for text in offers.offered(notice)} if notice else set()
    spoken = set(_employed(purpose).values_list("person__language", flat=True).distinct())
    last = purpose.askings.first()
    return rules.AskingFacts(
        purpose_active=purpose.state == "active",
        rests_on_consent=purpose.asks_consent,
        has_notice=notice is not None,
        languages=frozenset(spoken),
        languages_usable=frozenset(tag for tag in spoken if languages.best(tag, texts)),
        last_asked_on=jobs.day_at(purpose.entity.timezone, last.at) if last else None,
        waiting=last is not None and last.done_at is None,
    )


def _employed(purpose: Purpose) -> "EmploymentQuerySet":
    today = jobs.day_at(purpose.entity.timezone)
    there = Employment.objects.on(today).filter(entity=purpose.entity_id, person__is_active=True)
    return there.filter(running.jobs_of(purpose.pk))


def standings(
    purpose: Purpose, notice: Notice, persons: list[UUID] | None = None
) -> dict[UUID, rules.Standing]:
    """Where everybody who works at the purpose's entity (or these people) stands on it, in six queries."""
    people = _employed(purpose)
    if persons is not None:
        people = people.filter(person__in=persons)
    zone = purpose.entity.timezone
    texts = {text.language for text in offers.offered(notice)}
    on = set(counting.grants().filter(purpose=purpose).values_list("person_id", flat=True))
    living = ConsentRecord.objects.filter(purpose=purpose, ended_at__isnull=True)
    asked = set(living.filter(status="requested").values_list("person_id", flat=True))
    put_off = dict(
        ConsentEvent.objects.filter(record__in=living.filter(status="deferred"), status="deferred")
        .order_by().values_list("person_id").annotate(at=Max("at"))
    )  # fmt: skip
    said: dict[UUID, date] = {}
    for person_id, at in (
        ConsentEvent.objects.filter(purpose=purpose, status__in=ENDINGS)
        .order_by().values_list("person_id").annotate(at=Max("at"))
    ):  # fmt: skip
        said[person_id] = jobs.day_at(zone, at)
    noes = list(OptOut.objects.filter(Q(purpose=purpose) | Q(purpose__isnull=True)))
    own = {no.person_id for no in noes if no.person_id and no.lifted_at is None}
    populations = [
        no
        for no in noes
        if no.person_id is None and no.lifted_at is None and not (no.signal or no.application)
    ]
    for no in noes:  # a no that was taken back was one
        if no.person_id:
            said[no.person_id] = max(said.get(no.person_id, date.min), jobs.day_at(zone, no.at))
    found = {}
    for job in people.select_related("person"):
        person = job.person
        found[person.pk] = rules.Standing(
            employed_there=True,
            under_18=person.is_under_18,
            can_sign_in=bool(person.email),
            opted_out=person.pk in own or any(_covers(no, job) for no in populations),
            has_text=languages.best(person.language, texts) is not None,
            switched_on=person.pk in on,
            asked=person.pk in asked,
            said_on=said.get(person.pk),
            deferred_on=jobs.day_at(zone, put_off[person.pk]) if person.pk in put_off else None,
        )
    return found


def _covers(no: OptOut, job: Employment) -> bool:
    return (
        no.entity_id in (None, job.entity_id)
        and no.site_id in (None, job.site_id)
        and no.unit_id in (None, job.unit_id)
        and no.country in ("", job.country)
    )


def waiting() -> list[UUID]:
    return list(Asking.objects.filter(done_at__isnull=True).values_list("pk", flat=True))


def carry_out(asking_id: UUID) -> int:
    """Everybody who may be asked has their question and a message; how many. Killed in the middle it goes on.

    Stops by itself when the purpose does not run any more, or when people read another notice meanwhile.
    """
    asking = Asking.objects.select_related("purpose__entity", "notice", "by").get(pk=asking_id)
    purpose, today = asking.purpose, jobs.day_at(asking.purpose.entity.timezone)
    there = standings(purpose, asking.notice)
    for person_id, where in sorted(there.items()):
        if rules.may_be_asked(where, today) and not _invite(asking, person_id, today):
            break
    asked = ConsentEvent.objects.filter(
        purpose=purpose, status="requested", notice_id=asking.notice_id, at__gte=asking.at
    )
    number = asked.order_by().values("person").distinct().count()
    with transaction.atomic():
        text = band(number, len(there))
        if Asking.objects.filter(pk=asking.pk, done_at__isnull=True).update(done_at=Now(), band=text):
            log.record("asking.done", by=asking.by, about=purpose, notice=asking.notice_id)
    return number


def _invite(asking: Asking, person_id: UUID, today: date) -> bool:
    """Ask one person, if that still may be; False when nobody may be asked any more."""
    with standing.changing(person_id, asking.purpose_id):
        purpose = Purpose.objects.select_related("entity").get(pk=asking.purpose_id)
        newest = purpose.published_notice()
        if purpose.state != "active" or newest is None or newest.pk != asking.notice_id:
            return False
        now = standings(purpose, asking.notice, [person_id]).get(person_id)
        if now is None or not rules.may_be_asked(now, today):
            return True
        person = Person.objects.get(pk=person_id)
        shown = offers.in_language(asking.notice, person.language)
        ledger.request(
            person,
            purpose,
            by=asking.by,
            notice=asking.notice,
            text=shown.text if shown else None,
            evidence=f"asking:{asking.pk}",
        )
        notify.tell(person, "consent_asked", purpose=purpose.pk, number=purpose.number)
    return True
