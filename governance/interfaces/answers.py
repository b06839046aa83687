"""May these signals of these people be taken now? The gate's own decision, for other systems, in constant queries; and in
which words it is told."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.consents import decide, explaining, jobs
from governance.consents.models import Stream
from governance.interfaces.callers import Caller, Problem

AHEAD = timedelta(minutes=5)  # by which a client's clock may run before ours
PURPOSE = """
SELECT u.id, u.number, u.entity_id, u.asks_from_notice, u.state, u.asks_consent, t.timezone,
       ARRAY(SELECT s.code FROM purposes_signal s WHERE s.purpose_id = u.id), clock_timestamp()
FROM purposes_purpose u JOIN people_entity t ON t.id = u.entity_id
WHERE u.number = %s AND u.id = ANY(%s)
"""


@dataclass(frozen=True)
class Asked:
    """A purpose of the client's, as it stands now."""

    id: UUID
    number: str
    entity_id: UUID
    asks_from: int
    state: str
    asks_consent: bool
    zone: str
    declared: frozenset[str]
    now: datetime

    @property
    def closed_because(self) -> str:
        """Why nothing at all is taken for it: a code, or ""."""
        return "" if self.state == "active" else "purpose_not_active"

    @property
    def ground(self) -> str:
        """What an answer rests on: each person's consent, or another ground on which only an objection counts."""
        return "consent" if self.asks_consent else "other"

    @property
    def about(self) -> decide.About:
        today = jobs.day_at(self.zone, self.now)
        return decide.About(self.id, self.entity_id, self.asks_from, today, self.zone, self.asks_consent)


@dataclass(frozen=True)
class Answer:
    person: str  # as the client named them
    signal: str
    allowed: bool
    code: str
    stream: UUID | None = None


class Said(msgspec.Struct, omit_defaults=True):
    """What shapes.Decision documents, written out without being checked again: a batch has thousands."""

    person: str
    signal: str
    allowed: bool
    code: str | None = None
    detail: str | None = None
    rule: str | None = None


class Told(Said, omit_defaults=True, kw_only=True):
    """The same of one question, as shapes.OneDecision has it."""

    purpose: str
    ground: str
    at: datetime


def said(answer: Answer, explain: bool) -> Said:
    """Every no is one code, whatever the person said or did not say. With the scope, what the register says is told:
    it is the same for everybody, and tells of nobody."""
    if answer.allowed:
        return Said(answer.person, answer.signal, True)
    code = explaining.to_program(answer.code) if explain else explaining.NOT_PERMITTED
    if code == explaining.NOT_PERMITTED:
        return Said(answer.person, answer.signal, False, code)
    known = explaining.of(code)
    return Said(answer.person, answer.signal, False, code, str(known.sentence), known.cited or None)


def told(asked: Asked, answer: Answer, *, explain: bool) -> Told:
    one = said(answer, explain)
    return Told(
        one.person, one.signal, one.allowed, one.code, one.detail, one.rule, purpose=asked.number, ground=asked.ground, at=asked.now
    )  # fmt: skip


def purpose(cursor: Any, number: str, caller: Caller) -> Asked:
    """One of the client's purposes. Another's, or none, is not found."""
    cursor.execute(PURPOSE, [number, list(caller.purposes)])
    row = cursor.fetchone()
    if row is None:
        raise Problem(404, "no_such_purpose", _("Your key knows no purpose of this number."))
    return Asked(*row[:7], frozenset(row[7]), row[8])


def ids(cursor: Any, people: Collection[str]) -> dict[str, UUID]:
    """Person ids by what the client calls them: their number or their id. Who is not there is left out."""
    named: dict[str, UUID] = {}
    as_ids = [one for one in people if len(one) == 36 and _uuid(one)]
    cursor.execute(
        "SELECT number, id FROM people_person WHERE is_active AND (number = ANY(%s) OR id = ANY(%s::uuid[]))",
        [list(people), as_ids],
    )
    wanted = frozenset(people)
    for number, pk in cursor.fetchall():
        if number in wanted:
            named[number] = pk
        if str(pk) in wanted:
            named[str(pk)] = pk
    return named


def _uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def ask(
    number: str, people: Collection[str], signals: Iterable[str], *, caller: Caller, application: str = "",
    moment: datetime | None = None, rely: bool = False,
) -> tuple[Asked, list[Answer]]:  # fmt: skip
    """One answer for every person and signal; three queries, however many. With `rely` the log keeps which consents were
    relied on, in the same breath."""
    with connection.cursor() as cursor:
        asked = purpose(cursor, number, caller)
        named = ids(cursor, people)
        if moment is not None and moment > asked.now + AHEAD:
            raise Problem(
                422, "moment_ahead",
                _("This moment is still to come by our clock, and nobody knows yet what will be said until then. Set your clock, or leave the moment out."),
            )  # fmt: skip
        standing = decide.read(cursor, asked.about, asked.declared, frozenset(named.values()), asked.now)
    answers, wanted, known = [], list(signals), list(frozenset(named.values()))
    verdicts = decide.decide_all(standing, known, wanted, application, moment or asked.now, asked.now)
    of = {pk: verdicts[n * len(wanted) : (n + 1) * len(wanted)] for n, pk in enumerate(known)}
    for person in people:
        pk = named.get(person)
        for n, signal in enumerate(wanted):
            answers.append(one(asked, person, signal, of[pk][n] if pk else None))
    if rely:
        _rely(asked, answers, caller)
    return asked, answers


def one(asked: Asked, person: str, signal: str, verdict: decide.Verdict | None) -> Answer:
    if verdict is None:
        return Answer(person, signal, False, "unknown_person")
    if asked.closed_because:
        return Answer(person, signal, False, asked.closed_because)
    return Answer(person, signal, verdict.allowed, verdict.code, verdict.stream)


def _rely(asked: Asked, answers: list[Answer], caller: Caller) -> None:
    """Who relied on which consent events, when: one entry."""
    streams = [answer.stream for answer in answers if answer.stream]
    if streams:
        events = Stream.objects.filter(pk__in=streams).values_list("event_id", flat=True)
        log.record(
            "consent.relied_on", about=asked.id, client=caller.id, purpose=asked.id, events=list(events)
        )
