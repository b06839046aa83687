"""What of a batch is admitted: the pure heart of the gate."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import compress
from typing import Any
from uuid import UUID

import msgspec

from governance.capture import codes, minimise
from governance.capture.alike import Arrived
from governance.capture.limits import Limits
from governance.capture.shapes import Event
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
    """What is kept of one stream in one batch: what its events say beside their time, and of each which and when."""

    person: UUID
    signal: str
    grant: decide.Verdict
    alike: list[dict[str, Any]] = field(default_factory=list)  # minimised
    order: list[int] = field(default_factory=list)  # of each event, which of `alike`
    times: dict[str, list[Any]] = field(
        default_factory=dict
    )  # name → of each event, what is kept of its time
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


def judge(batch: Arrived, facts: Facts) -> Judgement:
    """Keep only declared, consented, minimised fields; say how much was turned away and why, and nothing else.

    Order matters: what nobody may send is said first, so that the answer about a choice is one code for everybody.
    What is alike has the same answer but for its time: it is looked at once, and then each time by itself.
    """
    turned: dict[str, int] = {}
    tripped: dict[str, int] = {}
    ways: dict[tuple[str, str, str], _Way | str] = {}
    heaps: dict[UUID, _Heap] = {}
    open_: list[_Open | None] = []
    for event, count in zip(batch.alike, batch.counts, strict=True):
        place = (event.user, event.signal, event.application)
        way = ways.get(place)
        if way is None:
            way = ways[place] = _way(facts, heaps, *place)
        found = _look(event, way, facts)
        if isinstance(found, _Open):
            open_.append(found)
            continue
        open_.append(None)
        code, trips = found
        turned[code] = turned.get(code, 0) + count
        if trips:
            tripped[trips] = tripped.get(trips, 0) + count
    earliest = min(batch.times)
    if all(way_in is None or way_in.since <= earliest for way_in in open_):
        _whole_sorts(batch, open_)
    else:
        _by_time(batch, open_, turned, tripped)
    piles = {stream: _pile(heap, batch) for stream, heap in heaps.items() if heap.order}
    return Judgement(piles, sum(len(pile.order) for pile in piles.values()), turned, tripped)


def _whole_sorts(batch: Arrived, open_: "Sequence[_Open | None]") -> None:
    """No time is in the way of anything here, so that what is let in of a sort is all of it."""
    sorts: dict[int, list[int]] = {}
    heaps: dict[int, _Heap] = {}
    for number, way_in in enumerate(open_):
        if way_in is not None and way_in.way is not None:
            heaps[id(way_in.way.heap)] = way_in.way.heap
            sorts.setdefault(id(way_in.way.heap), []).append(number)
    for which, heap in heaps.items():
        heap.many = {number: batch.counts[number] for number in sorts[which]}
        if len(heap.many) == len(open_):
            heap.order, heap.times = batch.order, batch.times
            continue
        let_in = [False] * len(open_)
        for number in heap.many:
            let_in[number] = True
        chosen = list(map(let_in.__getitem__, batch.order))
        heap.order, heap.times = list(compress(batch.order, chosen)), list(compress(batch.times, chosen))


def _by_time(
    batch: Arrived, open_: "Sequence[_Open | None]", turned: dict[str, int], tripped: dict[str, int]
) -> None:
    """Each event is looked at by its time, where that is all that matters of it any more."""
    for number, at in zip(batch.order, batch.times, strict=True):
        way_in = open_[number]
        if way_in is None:
            continue
        if at >= way_in.since:
            way_in.add(number)
            way_in.when(at)
            continue
        code, trips = way_in.asked(at)
        if not code:
            way_in.add(number)
            way_in.when(at)
            continue
        turned[code] = turned.get(code, 0) + 1
        if trips:
            tripped[trips] = tripped.get(trips, 0) + 1


@dataclass
class _Heap:
    """What is let in of one stream, not yet minimised."""

    person: UUID
    signal: str
    grant: decide.Verdict
    cut: minimise.Minimiser
    moments: Mapping[str, Callable[[datetime], Any] | None]
    order: list[int] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    many: dict[int, int] = field(default_factory=dict)  # sort → events, where that is known already


def _pile(heap: _Heap, batch: Arrived) -> Pile:
    """Only what was let in is minimised, and only that."""
    many = heap.many or Counter(heap.order)
    numbers = {number: at for at, number in enumerate(many)}
    pile = Pile(
        heap.person, heap.signal, heap.grant, [heap.cut(batch.alike[number]) for number in many],
        list(map(numbers.__getitem__, heap.order)),
        {name: list(map(keep, heap.times)) if keep else heap.times for name, keep in heap.moments.items()},
        last_at=max(heap.times),
    )  # fmt: skip
    for number, events in many.items():
        name = batch.alike[number].application
        pile.applications[name] = pile.applications.get(name, 0) + events
    return pile


@dataclass(frozen=True)
class _Way:
    """Where events of one user, signal and application go."""

    heap: _Heap
    given_at: datetime
    breaks: Sequence[decide.Break | decide.Window]
    sites: Sequence[decide.No] = ()  # of which the person takes no part
    open: "_Open | None" = None  # where only the beginning of the grant may be in their way


def _nowhere(_thing: Any) -> None:
    raise AssertionError("What is turned away is kept nowhere.")


NEVER = datetime.max.replace(tzinfo=UTC)


class _Open(msgspec.Struct, frozen=True):
    """Events of which only the time can say whether they are let in, or with which code they are turned away."""

    facts: Facts
    person: UUID
    trips: str
    way: _Way | None  # None: they are turned away in any case
    noes: tuple[decide.No, ...] = ()  # of the site that these are of
    since: datetime = NEVER  # from then on nothing is in their way; before, it has to be asked
    add: Callable[[int], None] = _nowhere
    when: Callable[[datetime], None] = _nowhere

    def asked(self, at: datetime) -> tuple[str, str]:
        """(the code that it is turned away with at this time, or ""; what it trips)."""
        limits = self.facts.limits
        if not limits.any_time and (code := limits.moment(at, self.person)):
            return code, ""
        if self.trips:
            return codes.SPECIAL_CATEGORY, self.trips
        # A grant covers what happened from its moment on, not what a client had kept from before, from a pause, or from
        # hours in which the person takes no part.
        way = self.way
        if (
            way is None
            or at < way.given_at
            or any(b.covers(at) for b in way.breaks)
            or any(no.window is None or no.window.covers(at) for no in self.noes)
        ):
            return codes.NOT_PERMITTED, ""
        return "", ""


def _look(event: Event, way: "_Way | str", facts: Facts) -> "_Open | tuple[str, str]":
    """Way in of all events that are like this one; or, whenever they were, the code and what they trip.

    Bounds of the programme are asked before the person's word, of everybody: asked only of those who agreed, their
    codes would tell who did.
    """
    if isinstance(way, str) and way != codes.NOT_PERMITTED:
        return way, ""
    limits = facts.limits
    if refused := limits.address(event):
        return refused, ""
    kind = limits.trip(event, facts.fields[event.signal])
    trips = f"{event.signal}.tripwire_{kind}" if kind else ""
    if limits.any_time and trips:
        return codes.SPECIAL_CATEGORY, trips
    if limits.any_time and isinstance(way, str):
        return codes.NOT_PERMITTED, ""
    if not isinstance(way, str) and way.open is not None and not trips:
        return way.open
    person = facts.persons[event.user]
    if isinstance(way, str) or trips:
        return _Open(facts, person, trips, None)
    host = minimise.site(event.url) if way.sites else ""
    # The whole address is looked at before it is minimised, also where the signal keeps nothing of it.
    noes = tuple(no for no in way.sites if no.is_of(host))
    return _open(facts, person, way, noes)


def _open(facts: Facts, person: UUID, way: _Way, noes: tuple[decide.No, ...] = ()) -> _Open:
    whenever = facts.limits.any_time and not way.breaks and not noes
    since = way.given_at if whenever else NEVER
    return _Open(facts, person, "", way, noes, since, way.heap.order.append, way.heap.times.append)


def _way(facts: Facts, heaps: dict[UUID, _Heap], user: str, signal: str, application: str) -> "_Way | str":
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
    heap = heaps.get(verdict.stream)
    if heap is None:
        fields = facts.fields[signal]
        heap = heaps[verdict.stream] = _Heap(
            person, signal, verdict, minimise.still(signal, fields, facts.key, facts.limits.seen), minimise.moments(signal, fields)
        )  # fmt: skip
    hours = decide.windows(facts.standing, person, signal, application)
    breaks = [*facts.standing.breaks.get(person, ()), *hours]
    way = _Way(heap, given_at, breaks, decide.sites(facts.standing, person, signal, application))
    if facts.limits.any_time and not way.breaks and not way.sites:
        return replace(way, open=_open(facts, person, way))
    return way


def check_times(times: Sequence[datetime], now: datetime) -> str:
    """ "bad_time" when a time stamp cannot be right, else ""."""
    return "" if now - BEHIND <= min(times) and max(times) <= now + AHEAD else "bad_time"
