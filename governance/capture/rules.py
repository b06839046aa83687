"""What of a batch is admitted: the pure heart of the gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from governance.capture import codes, minimise
from governance.capture.limits import Limits
from governance.consents import decide

AHEAD = timedelta(minutes=5)
BEHIND = timedelta(days=7)


@dataclass(frozen=True)
class Facts:
    """All that the judgement depends on, read after the locks."""

    now: datetime
    standing: decide.Standing
    persons: Mapping[str, UUID]  # user as the client names them → person
    bound: frozenset[UUID]  # who is at the device now
    applications: frozenset[str]  # allow-list
    fields: Mapping[str, tuple[str, ...]]  # signal → declared fields
    limits: Limits = field(default_factory=Limits)
    key: bytes = b""  # of the programme, for what is kept only as a sign


@dataclass
class Pile:
    """What is kept of one stream in one batch."""

    person: UUID
    signal: str
    grant: decide.Verdict
    events: list[dict[str, Any]] = field(default_factory=list)
    applications: dict[str, int] = field(default_factory=dict)
    last_at: datetime | None = None


@dataclass(frozen=True)
class Judgement:
    piles: dict[UUID, Pile]  # by stream
    admitted: int
    turned_away: dict[str, int]
    tripped: dict[str, int] = field(
        default_factory=dict
    )  # over-collection: "signal.tripwire_health" → events


def judge(events: Sequence[Any], facts: Facts) -> Judgement:
    """Keep only declared, consented, minimised fields; say how much was turned away and why, and nothing else.

    Order matters: what nobody may send is said first, so that the answer about a choice is one code for everybody.
    """
    piles: dict[UUID, Pile] = {}
    turned: dict[str, int] = {}
    tripped: dict[str, int] = {}
    admitted = 0
    ways: dict[tuple[str, str, str], _Way | str] = {}
    for event in events:
        place = (event.user, event.signal, event.application)
        way = ways.get(place)
        if way is None:
            way = ways[place] = _way(facts, piles, *place)
        # Bounds of the programme are asked before the person's word, of everybody: asked only of those who agreed, their
        # codes would tell who did.
        if not isinstance(way, str) or way == codes.NOT_PERMITTED:
            bound = facts.limits.event(event, facts.persons[event.user])
            if not bound and (kind := facts.limits.trip(event, facts.fields[event.signal])):
                bound, key = codes.SPECIAL_CATEGORY, f"{event.signal}.tripwire_{kind}"
                tripped[key] = tripped.get(key, 0) + 1
            if bound:
                turned[bound] = turned.get(bound, 0) + 1
                continue
        # A grant covers what happened from its moment on, not what a client had kept from before, from a pause, or from
        # hours in which the person takes no part.
        if (
            isinstance(way, str)
            or event.at < way.given_at
            or (way.breaks and any(b.covers(event.at) for b in way.breaks))
            or (way.sites and way.bars(event))
        ):
            code = way if isinstance(way, str) else codes.NOT_PERMITTED
            turned[code] = turned.get(code, 0) + 1
            continue
        pile = way.pile
        pile.events.append(way.minimise(event))
        pile.applications[event.application] = pile.applications.get(event.application, 0) + 1
        if pile.last_at is None or event.at > pile.last_at:
            pile.last_at = event.at
        admitted += 1
    return Judgement(
        {stream: pile for stream, pile in piles.items() if pile.events}, admitted, turned, tripped
    )


@dataclass(frozen=True)
class _Way:
    """Where events of one user, signal and application go."""

    pile: Pile
    given_at: datetime
    breaks: Sequence[decide.Break | decide.Window]
    minimise: minimise.Minimiser
    sites: Sequence[decide.No] = ()  # of which the person takes no part

    def bars(self, event: Any) -> bool:
        """The whole address is looked at before it is minimised, also where the signal keeps nothing of it."""
        host = minimise.site(event.url)
        return any(no.bars(host, event.at) for no in self.sites)


def _way(facts: Facts, piles: dict[UUID, Pile], user: str, signal: str, application: str) -> "_Way | str":
    """The same for all events of a batch that share these three: where they go, or the code they are turned away with."""
    person = facts.persons[user]
    if refused := facts.limits.application(application):
        return refused
    if signal not in facts.fields:
        return codes.NOT_DECLARED
    if application not in facts.applications:
        return codes.APPLICATION_NOT_LISTED
    if person not in facts.bound:
        return codes.NOBODY_BOUND
    if person in facts.limits.outside:
        return codes.NOT_PERMITTED
    verdict = decide.decide(facts.standing, person, signal, application, facts.now, facts.now)
    if not verdict.allowed or verdict.stream is None:
        return codes.NOT_PERMITTED
    given_at = facts.standing.grants[person][signal].given_at
    if given_at is None:
        return codes.NOT_PERMITTED
    pile = piles.setdefault(verdict.stream, Pile(person, signal, verdict))
    hours = decide.windows(facts.standing, person, signal, application)
    breaks = [*facts.standing.breaks.get(person, ()), *hours]
    return _Way(
        pile, given_at, breaks, minimise.minimiser(signal, facts.fields[signal], facts.key, facts.limits.sites),
        decide.sites(facts.standing, person, signal, application),
    )  # fmt: skip


def check_times(events: Sequence[Any], now: datetime) -> str:
    """ "bad_time" when a time stamp cannot be right, else ""."""
    earliest, latest = now - BEHIND, now + AHEAD
    return "" if all(earliest <= event.at <= latest for event in events) else "bad_time"
