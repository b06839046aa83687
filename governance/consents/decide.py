"""The one answer: may this signal of this person be taken for this purpose now? Reads committed state only.

The gate asks inside its transaction, after the shared locks and in a new statement; the page and the API ask the same
function. `Standing` is everything that the answer depends on, for many people, in one query.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from governance.lib.prepared import Ask, Rows, in_turn

GIVEN = frozenset({"given", "renewed"})


class Verdict(msgspec.Struct, frozen=True):
    """Made for every event: a msgspec.Struct is a tenth of the cost of a frozen dataclass."""

    allowed: bool
    code: str = ""  # never_asked, refused, …, expired, stale_consent, job_changed, opted_out, objected, paused, not_open, …
    stream: UUID | None = None
    public_key: bytes = b""
    expires_on: date | None = None


@cache
def no(code: str) -> Verdict:
    """Made once for a code: the same words for whoever it is of."""
    return Verdict(False, code)


class Grant(msgspec.Struct, frozen=True):
    status: str
    given_at: datetime | None
    expires_at: datetime | None
    stream: UUID | None  # the open stream of the month, if it has its key
    public_key: bytes
    expires_on: date | None
    superseded: bool = False  # given to a notice that one of a material change has replaced
    same_job: bool = True  # still employed where, and as what, they were when they gave it
    yes: Verdict | None = (
        None  # said between its two moments; None: something else is in its way. Made with it.
    )

    def __post_init__(self) -> None:
        if (
            self.stream is not None and self.status in GIVEN and not self.superseded and self.same_job
            and self.given_at is not None and self.expires_at is not None
        ):  # fmt: skip
            yes = Verdict(True, "", self.stream, self.public_key, self.expires_on)
            msgspec.structs.force_setattr(self, "yes", yes)


@dataclass(frozen=True)
class Window:
    """Hours that come again: on these ISO weekdays (none: every day), from … until (None: all day), in this zone.

    A window that ends before it begins runs over midnight and belongs to the day on which it began.
    """

    weekdays: frozenset[int]
    since: time | None
    to: time | None
    zone: str

    def covers(self, moment: datetime) -> bool:
        local = moment.astimezone(_zone(self.zone))
        clock, day = local.time(), local.isoweekday()
        if self.since is None or self.to is None:
            return self._on(day)
        if self.since < self.to:
            return self.since <= clock < self.to and self._on(day)
        if clock >= self.since:
            return self._on(day)
        return clock < self.to and self._on((local - timedelta(days=1)).isoweekday())

    def _on(self, day: int) -> bool:
        return not self.weekdays or day in self.weekdays


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


class No(msgspec.Struct, frozen=True):
    """One opt-out in force that concerns the person; "" and None mean all. An objection is one, to the whole purpose."""

    signal: str = ""
    application: str = ""
    window: Window | None = None
    objected: bool = False
    host: str = ""  # of a web site: which event it is of, only the gate sees

    def bars(self, host: str, moment: datetime) -> bool:
        """Is this of the site that it names, or of one under it, in its hours?"""
        return self.is_of(host) and (self.window is None or self.window.covers(moment))

    def is_of(self, host: str) -> bool:
        """Is this the site that it names, or one under it?"""
        host = host.rstrip(".")
        return host == self.host or host.endswith(f".{self.host}")

    def concerns(self, signal: str, application: str) -> bool:
        """All of it, on whatever site."""
        return not self.host and self.signal in ("", signal) and self.application in ("", application)


@dataclass(frozen=True)
class Break:
    """A person's own pause: nothing of this time is taken, also when it is sent later. `to` None: still running."""

    since: datetime
    to: datetime | None

    def covers(self, moment: datetime) -> bool:
        return self.since <= moment and (self.to is None or moment < self.to)


@dataclass(frozen=True)
class About:
    """What the decision needs of the purpose; the gate has read it already, so that it is not joined to every record."""

    purpose: UUID
    entity: UUID
    asks_from: int  # the lowest version of the notice whose consents still count
    today: date  # at the entity
    zone: str = "UTC"  # of the entity, in which those who work there read hours
    # False only where somebody asks about a purpose on another ground; what records (gate, exports) never says so.
    on_consent: bool = True


@dataclass
class Standing:
    """Where the people of one batch stand on one purpose. person id → signal → Grant; person id → opt-outs, pauses."""

    declared: frozenset[str]
    grants: dict[UUID, dict[str, Grant]] = field(default_factory=dict)
    noes: dict[UUID, list[No]] = field(default_factory=dict)
    breaks: dict[UUID, list[Break]] = field(default_factory=dict)
    minors: frozenset[UUID] = frozenset()
    on_consent: bool = True


def decide(
    standing: Standing, person: UUID, signal: str, application: str, moment: datetime, now: datetime
) -> Verdict:
    """Pure. An opt-out always beats a grant; a grant counts from its moment to its end, on the notice that holds, in the
    job in which it was given, and only with an open stream."""
    if not standing.on_consent:
        return _on_another_ground(standing, person, signal)
    if signal not in standing.declared:
        return no("not_declared")
    if person in standing.minors:
        return no("under_18")
    noes = standing.noes.get(person, ())
    for one in noes:
        if one.window is None and one.concerns(signal, application):
            return no("objected" if one.objected else "opted_out")
    grant = standing.grants.get(person, {}).get(signal)
    if grant is None:
        return no("never_asked")
    verdict = _of_grant(grant, moment, now)
    # What is over is said first: a pause tells nothing of a yes that counts no more.
    if verdict.allowed or verdict.code == "not_open":
        breaks = standing.breaks.get(person)
        if breaks and any(pause.covers(moment) or pause.covers(now) for pause in breaks):
            return no("paused")
        if noes and any(w.covers(moment) for w in windows(standing, person, signal, application)):
            return no("paused")
    return verdict


def _of_grant(grant: Grant, moment: datetime, now: datetime) -> Verdict:
    if grant.status not in GIVEN:
        return no(grant.status)
    if grant.expires_at is None or now >= grant.expires_at or moment >= grant.expires_at:
        return no("expired")
    if grant.superseded:
        return no("stale_consent")
    if not grant.same_job:
        return no("job_changed")
    if grant.given_at is None or moment < grant.given_at:
        return no("before_consent")
    return grant.yes or no("not_open")


def decide_all(
    standing: Standing, people: Collection[UUID], signals: Collection[str], application: str, moment: datetime, now: datetime
) -> list[Verdict]:  # fmt: skip
    """What `decide` says of every person and signal, in this order: person by person. Whoever paused, said no to hours or
    is a minor is decided one by one."""
    found: list[Verdict] = []
    add, late = found.append, max(moment, now)
    declared = standing.declared
    nothing = [no("never_asked" if signal in declared else "not_declared") for signal in signals]
    # Nobody has said anything under None: what is not declared is answered so, whoever is asked about.
    asked = [
        (signal if signal in declared else None, nobody)
        for signal, nobody in zip(signals, nothing, strict=True)
    ]
    one_by_one = standing.minors | standing.breaks.keys()
    one_by_one |= {person for person, noes in standing.noes.items() if any(one.window for one in noes)}
    if not standing.on_consent:
        one_by_one = frozenset(people)
    for person in people:
        if one_by_one and person in one_by_one:
            found += [decide(standing, person, signal, application, moment, now) for signal in signals]
            continue
        theirs = standing.grants.get(person, {})
        noes = standing.noes.get(person)
        if noes:
            barred = _barred(noes, application)
            for signal, nobody in asked:
                if signal is None:
                    add(nobody)
                    continue
                grant = theirs.get(signal)
                add(
                    barred.get(signal)
                    or barred.get("")
                    or (nobody if grant is None else _of_grant(grant, moment, now))
                )
        elif not theirs:
            found += nothing
        else:
            for signal, nobody in asked:
                grant = theirs.get(signal)  # type: ignore[arg-type]
                if grant is None:
                    add(nobody)
                elif (yes := grant.yes) is not None and grant.given_at <= moment and late < grant.expires_at:  # type: ignore[operator]
                    add(yes)
                else:
                    add(_of_grant(grant, moment, now))
    return found


def _barred(noes: Collection[No], application: str) -> dict[str, Verdict]:
    """Signal ("" for all) → the no to it at every hour. The first that concerns a signal is told, as in `decide`."""
    barred: dict[str, Verdict] = {}
    for one in noes:
        if "" not in barred and not one.host and one.application in ("", application):
            barred.setdefault(one.signal, no("objected" if one.objected else "opted_out"))
    return barred


def _on_another_ground(standing: Standing, person: UUID, signal: str) -> Verdict:
    """A purpose that runs without asking: allowed, unless this person's objection is open or upheld.

    It never has a stream, so nothing is recorded by this answer. An opt-out takes back a yes, and there is none here.
    """
    if standing.declared and signal not in standing.declared:
        return no("not_declared")
    if any(one.objected for one in standing.noes.get(person, ())):
        return no("objected")
    return Verdict(True)


def windows(standing: Standing, person: UUID, signal: str, application: str) -> list[Window]:
    """The hours in which this person takes no part with this; an event of such an hour is never taken, also not later."""
    noes = standing.noes.get(person, ())
    return [no.window for no in noes if no.window is not None and no.concerns(signal, application)]


def sites(standing: Standing, person: UUID, signal: str, application: str) -> list[No]:
    """The sites of which this person takes no part with this; an event of one is never taken."""
    return [
        no for no in standing.noes.get(person, ())
        if no.host and no.signal in ("", signal) and no.application in ("", application)
    ]  # fmt: skip


# Of a record r: the notice n it was given to, and whether who gave it still has the job j in which they did.
BESIDE = """
LEFT JOIN purposes_notice n ON n.id = r.notice_id
LEFT JOIN people_employment j ON j.id = r.job_id
"""
SAME_JOB = """EXISTS (
    SELECT 1 FROM people_employment e
    WHERE e.person_id = r.person_id AND e.entity_id = {entity} AND e.starts_on <= {today}
      AND (e.ends_on IS NULL OR e.ends_on >= {today})
      AND (e.id = j.id OR (e.unit_id IS NOT DISTINCT FROM j.unit_id AND e.country = j.country AND e.employer = j.employer)))"""

# One statement, one snapshot. What people said, and then every no: an opt-out in force that concerns one of them, their own or
# of a population that they belong to today (a day more on either side, because somewhere it is another day); their
# objections, while open or upheld; their own pauses, as far back as a batch may reach; and who of them is a minor.
READ = f"""
SELECT 'grant', r.person_id, r.signal, r.status, r.given_at, r.expires_at, s.id, s.public_key, s.expires_on,
       coalesce(n.version < %(asks_from)s, FALSE), {SAME_JOB.format(entity="%(entity)s", today="%(today)s")},
       NULL::smallint[], NULL::time, NULL::time, NULL
FROM consents_consentrecord r {BESIDE}
LEFT JOIN consents_stream s
       ON s.person_id = r.person_id AND s.purpose_id = r.purpose_id AND s.signal = r.signal
      AND s.state = 'open' AND s.month = %(month)s
WHERE r.purpose_id = %(purpose)s AND r.person_id = ANY(%(persons)s) AND r.ended_at IS NULL
UNION ALL
SELECT 'opt_out', p.id, o.signal, o.application, NULL, NULL, NULL, NULL, NULL, NULL, NULL, o.weekdays, o.from_time, o.until_time, o.host
FROM people_person p
JOIN consents_optout o ON o.lifted_at IS NULL AND (o.purpose_id IS NULL OR o.purpose_id = %(purpose)s)
WHERE p.id = ANY(%(persons)s)
  AND (o.person_id = p.id
       OR (o.person_id IS NULL AND EXISTS (
            SELECT 1 FROM people_employment e
            WHERE e.person_id = p.id AND e.starts_on <= %(now)s::date + 1
              AND (e.ends_on IS NULL OR e.ends_on >= %(now)s::date - 1)
              AND (o.entity_id IS NULL OR o.entity_id = e.entity_id)
              AND (o.site_id IS NULL OR o.site_id = e.site_id)
              AND (o.unit_id IS NULL OR o.unit_id = e.unit_id)
              AND (o.country = '' OR o.country = e.country))))
UNION ALL
SELECT 'objection', b.person_id, '', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, ''
FROM consents_objection b
WHERE b.person_id = ANY(%(persons)s) AND b.purpose_id = %(purpose)s AND (b.decided_at IS NULL OR b.upheld)
UNION ALL
SELECT 'pause', z.person_id, '', '', z.at, least(z.until, z.ended_at), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, ''
FROM consents_pause z
WHERE z.person_id = ANY(%(persons)s) AND (z.purpose_id IS NULL OR z.purpose_id = %(purpose)s)
  AND coalesce(least(z.until, z.ended_at), %(now)s) > %(now)s - interval '8 days'
UNION ALL
SELECT 'minor', m.id, '', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, ''
FROM people_person m
WHERE m.id = ANY(%(persons)s) AND m.is_under_18
"""  # noqa: S608  our own words
# The same about one person (`person`): prepared, its plan need not be made anew for fear of many.
OF_ONE = READ.replace("= ANY(%(persons)s)", "= %(person)s")


def beside(who: str) -> str:
    """The same about one person and one signal, where the values of READ (`person` for `persons`) and `signal` are columns of
    the row `who`, which is named before it in FROM. None of its columns is named: what stands in the first is `what`."""
    of_one = OF_ONE.replace("r.ended_at IS NULL", "r.ended_at IS NULL AND r.signal = %(signal)s", 1)
    return re.sub(r"%\((\w+)\)s", rf"{who}.\1", of_one)


def read(
    cursor: Any, about: About, declared: Collection[str], persons: Iterable[UUID], now: datetime
) -> Standing:
    """The standing of these people, by this driver cursor: one new statement with a fresh snapshot."""
    return stand(about, declared, ask(in_turn(cursor), about, persons, now).fetchall())


def ask(ask: Ask, about: About, persons: Iterable[UUID], now: datetime) -> Rows:
    """What `stand` reads, of one new statement with a fresh snapshot."""
    values = asked(about, persons, now)
    if len(values["persons"]) == 1:
        return ask(OF_ONE, values | {"person": values["persons"][0]})
    return ask(READ, values)


def asked(about: About, persons: Iterable[UUID], now: datetime) -> dict[str, Any]:
    """The values of READ."""
    return {
        "month": now.date().replace(day=1), "purpose": about.purpose, "entity": about.entity, "today": about.today,
        "asks_from": about.asks_from, "persons": list(persons), "now": now,
    }  # fmt: skip


def stand(about: About, declared: Collection[str], rows: Iterable[Sequence[Any]]) -> Standing:
    """What the rows of READ say."""
    standing = Standing(declared=frozenset(declared), on_consent=about.on_consent)
    minors = set()
    for what, person, signal, word, since, to, stream, key, expires_on, superseded, same_job, weekdays, begins, ends, host in rows:  # fmt: skip
        if what == "grant":
            public_key = bytes(key) if key else b""
            grant = Grant(word, since, to, stream, public_key, expires_on, superseded, same_job)
            standing.grants.setdefault(person, {})[signal] = grant
        elif what == "pause":
            standing.breaks.setdefault(person, []).append(Break(since, to))
        elif what == "minor":
            minors.add(person)
        else:
            hours = (
                Window(frozenset(weekdays or ()), begins, ends, about.zone) if weekdays or begins else None
            )
            no = No(signal, word, hours, what == "objection", host)
            standing.noes.setdefault(person, []).append(no)
    standing.minors = frozenset(minors)
    return standing
