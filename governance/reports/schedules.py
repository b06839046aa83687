"""Reports that are made again and again: put on the schedule, asked for when they are due, told to those who get them."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import clock
from governance.lib.canonical import digest
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Entity, Person, Role
from governance.reports import kinds, reports, rules, rules_schedule
from governance.reports.models import Report, Schedule, Turn

ONCE = frozenset({"certificate", "bsa_certificate", "deletion_run"})  # about one occasion


def schedulable(kind: str) -> bool:
    return kind in kinds.KINDS and kind not in ONCE | rules.PERSONAL | rules.ASKED_ELSEWHERE


def may_get(person: Person, kind: str, entity_id: UUID) -> bool:
    """Whether their roles open this kind at this entity."""
    needed = rules.NEEDS.get(kind)
    return (
        person.is_active
        and person.holds("reports.view", entity_id)
        and (needed is None or person.holds(needed, entity_id))
    )


def who_may_get(kind: str, entities: Iterable[UUID]) -> list[Person]:
    """Those whose roles open this kind at one of these entities, by name."""
    entities = list(entities)
    roles = Role.objects.in_force().filter(entity__in=entities, unit__isnull=True)
    people = Person.objects.filter(pk__in=roles.values("person"), is_active=True).order_by("name")
    return [person for person in people if any(may_get(person, kind, entity) for entity in entities)]


@transaction.atomic
def make(
    kind: str, entity: Entity, scope: dict[str, Any], *, every: str, recipients: Iterable[Person], by: Person,
    language: str = "en",
) -> Schedule:  # fmt: skip
    """From the end of the running period on, the report is asked for by itself. Raises Refused.

    `scope`: as reports.ask has it, without the period or the day, which the schedule fills in.
    """
    scope = {key: str(value) for key, value in scope.items() if key not in ("period", "since")}
    recipients = list(recipients)
    same = Schedule.objects.in_force().filter(
        entity=entity, kind=kind, scope=scope, language=language, every=every
    )
    rules_schedule.check_schedule(
        rules_schedule.ScheduleFacts(
            schedulable=schedulable(kind), every_is_known=every in rules_schedule.EVERY, recipients=len(recipients),
            may_open=sum(may_get(person, kind, entity.pk) for person in recipients), same_in_force=same.exists(),
        )
    )  # fmt: skip
    next_on = rules_schedule.next_due(every, clock.law_date(entity.timezone))
    # What could not be asked for by hand is not put on the schedule: tried on the period that has ended last.
    last = rules_schedule.ended_before(every, rules_schedule.ended_before(every, next_on).first)
    reports.check(kind, entity, _filled(kind, entity, scope, last), by, language)
    schedule = Schedule.objects.create(
        kind=kind, entity=entity, scope=scope, language=language, every=every, by=by, next_on=next_on
    )
    schedule.recipients.set(recipients)
    log.record(
        "schedule.made", by=by, about=schedule, kind=kind, every=every, language=language, next_on=next_on,
        recipients=sorted(str(person.pk) for person in recipients), scope_sha256=digest(scope),
    )  # fmt: skip
    return schedule


@transaction.atomic
def end(schedule: Schedule, *, by: Person) -> Schedule:
    """Nothing more is asked for by it; what was made stays. Raises Refused."""
    schedule = Schedule.objects.select_for_update(of=("self",)).get(pk=schedule.pk)
    rules_schedule.check_end(
        ended=schedule.ended_at is not None, may_request=by.holds("reports.request", schedule.entity_id)
    )
    Schedule.objects.filter(pk=schedule.pk).update(ended_at=Now(), ended_by=by)
    log.record("schedule.ended", by=by, about=schedule, kind=schedule.kind)
    schedule.refresh_from_db()
    return schedule


@transaction.atomic
def ask_due(schedule_id: UUID) -> list[Report]:
    """Every period that is due has its report, asked for once, however often and by however many this is called.

    The report is asked for by the one who put it on the schedule, with what their roles allow today. Where that is
    refused, the schedule stands still and says so; it goes on by itself when they may again.
    """
    schedule = (
        Schedule.objects.in_force()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("entity", "by")
        .filter(pk=schedule_id)
        .first()
    )
    if schedule is None:
        return []
    today = clock.law_date(schedule.entity.timezone)
    try:
        asked = [_ask(schedule, turn) for turn in _turns(schedule, today)]
    except Refused as refused:
        _halt(schedule, refused.code)
        return []
    if schedule.next_on <= today or schedule.fault:
        next_on = (
            rules_schedule.next_due(schedule.every, today) if schedule.next_on <= today else schedule.next_on
        )
        Schedule.objects.filter(pk=schedule.pk).update(next_on=next_on, fault="")
    return asked


def _turns(schedule: Schedule, today: date) -> list[rules_schedule.Turn]:
    last = rules_schedule.ended_before(schedule.every, schedule.next_on)
    tells_a_period = _filled(schedule.kind, schedule.entity, schedule.scope, last) != schedule.scope
    found = rules_schedule.turns(schedule.every, schedule.next_on, today, tells_a_period=tells_a_period)
    known = set(schedule.turns.values_list("period", flat=True))
    return [turn for turn in found if turn.period not in known]


def _ask(schedule: Schedule, turn: rules_schedule.Turn) -> Report:
    scope = _filled(schedule.kind, schedule.entity, schedule.scope, turn)
    if not schedule.by.is_active:
        raise Refused("", code="nobody_answers")
    with transaction.atomic():
        report = reports.ask(
            schedule.kind, schedule.entity, scope, by=schedule.by, language=schedule.language, law_on=None
        )
        Turn.objects.create(schedule=schedule, period=turn.period, report=report)
        log.record("schedule.asked", about=schedule, report=report.pk, period=turn.period, due_on=turn.due_on)
    return report


def _halt(schedule: Schedule, why: str) -> None:
    if schedule.fault == why:
        return
    Schedule.objects.filter(pk=schedule.pk).update(fault=why)
    log.record("schedule.halted", about=schedule, why=why)
    for person in {schedule.by, *schedule.recipients.all()}:
        if person.is_active:
            notify.tell(person, "schedule_halted", schedule=schedule.pk)


def _filled(kind: str, entity: Entity, scope: dict[str, str], turn: rules_schedule.Turn) -> dict[str, str]:
    """The scope with the period, or with the first day of it, where the kind is about one and not about the moment."""
    subject = kinds.KINDS[kind].subject
    if subject(scope, entity) is not None:
        return scope
    for more in ({"period": turn.period}, {"since": turn.first.isoformat()}):
        if subject(scope | more, entity) is not None:
            return scope | more
    return scope
