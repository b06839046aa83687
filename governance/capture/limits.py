"""The bounds of a programme beyond a person's word: deny-list, population, hours, sampling, other people's systems. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache, cached_property
from hashlib import blake2b
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from governance.capture import codes, minimise, rules_worn, tripwire
from governance.lib import packs
from governance.purposes import catalogue

# Whether the person has a job now that the rule over people names; empty lists do not narrow. Part of the gate's query.
INSIDE = """EXISTS (SELECT 1 FROM people_employment e WHERE e.person_id = b.person_id AND e.entity_id = %(entity)s
    AND e.starts_on <= %(day)s AND (e.ends_on IS NULL OR e.ends_on >= %(day)s)
    AND (cardinality(%(sites)s::bigint[]) = 0 OR e.site_id = ANY(%(sites)s))
    AND (cardinality(%(units)s::bigint[]) = 0 OR e.unit_id = ANY(%(units)s))
    AND (cardinality(%(countries)s::text[]) = 0 OR e.country = ANY(%(countries)s))
    AND (cardinality(%(kinds)s::text[]) = 0 OR CASE WHEN e.employer = '' THEN 'own' ELSE 'agency' END = ANY(%(kinds)s)))"""


def who(population: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """The places of INSIDE."""
    return {name: list(population.get(name, ())) for name in ("sites", "units", "countries", "kinds")}


def agreed(
    declared: Mapping[str, Sequence[str]],
    signals: Mapping[str, Sequence[str]] | None,
    *,
    clips: bool = False,
) -> dict[str, tuple[str, ...]]:
    """What is kept: declared by the purpose and within what was decided for the programme; nothing else, not even for a moment.

    `clips`: what comes as clips instead of what comes as events in batches.
    """
    declared = {code: names for code, names in declared.items() if catalogue.is_clip(code) == clips}
    if not signals:
        return {code: tuple(names) for code, names in declared.items()}
    return {
        code: tuple(name for name in names if name in signals[code])
        for code, names in declared.items()
        if code in signals
    }


TEXTS = ("element", "site")  # kept fields whose values are of no closed set
LOOKS = tuple((name, minimise.FIELDS[name][0]) for name in TEXTS)


@dataclass(frozen=True)
class Window:
    days: frozenset[int]  # 1 is Monday
    begins: time
    ends: time


def hours(rows: Sequence[Mapping[str, Any]]) -> tuple[Window, ...]:
    return tuple(
        Window(frozenset(row["days"]), time.fromisoformat(row["begins"]), time.fromisoformat(row["ends"]))
        for row in rows
    )


@dataclass(frozen=True, eq=False)
class Limits:
    programme: UUID | None = None
    outside: frozenset[UUID] = frozenset()  # people whom the programme does not mean
    held: frozenset[str] = frozenset()  # a client's systems without their permission on file
    hours: tuple[Window, ...] = ()
    zone: str = "UTC"
    sampling: int = 100
    hosts: tuple[str, ...] = ()  # allow-list of sites; none: any that is not denied
    # Of worn cameras: the code that the named zone is turned away with, and the shifts (terms.Shift).
    place: str = ""
    shifts: tuple[Any, ...] = ()
    # Of one batch only: field → value → what is kept of it; address → the code that it is turned away with; field
    # → value → the kind that it trips.
    seen: dict[str, dict[Any, Any]] = field(
        default_factory=lambda: {name: {} for name in TEXTS}, compare=False
    )
    _hosts: dict[str, str] = field(default_factory=dict, compare=False)
    _kinds: dict[str, dict[str, str]] = field(
        default_factory=lambda: {name: {} for name in TEXTS}, compare=False
    )
    _days: dict[tuple[UUID, date], bool] = field(default_factory=dict, compare=False)

    def application(self, name: str) -> str:
        """The code that this application is turned away with, or ""."""
        if denied_application(name):
            return codes.DENIED
        return codes.APPLICATION_HELD if name in self.held else ""

    def trip(self, event: Any, fields: Sequence[str]) -> str:
        """The kind of tripwire that a text of this event would trip if it were kept, or ""."""
        for name, look in LOOKS:
            if name in fields and (value := look(event)):
                kind = self._kinds[name].get(value)
                if kind is None:
                    kind = self._kinds[name][value] = tripwire.look(self.kept(name, value))
                if kind:
                    return kind
        return ""

    def kept(self, name: str, value: str) -> str:
        """What is kept of such a text; each is looked at once."""
        seen = self.seen[name]
        known = seen.get(value)
        if known is None:
            known = seen[value] = minimise.FIELDS[name][1](value)
        return known

    @cached_property
    def any_time(self) -> bool:
        """No zone, hour, shift or chance turns anything away."""
        return not (self.place or self.hours or self.shifts) and self.sampling >= 100

    def address(self, event: Any) -> str:
        """The code that everything of this address is turned away with, or ""."""
        if not event.url:
            return ""
        refused = self._hosts.get(event.url)
        if refused is None:
            refused = self._hosts[event.url] = self.site(self.kept("site", event.url))
        return refused

    def moment(self, at: datetime, person: UUID) -> str:
        """The code that what this person did at this time is turned away with, or ""."""
        if refused := self.span(at, at):
            return refused
        return codes.NOT_SAMPLED if self.sampling < 100 and not self.sampled(person, at) else ""

    def span(self, since: datetime, to: datetime) -> str:
        """The code that something of this time, in the zone that is named, is turned away with, or ""."""
        if self.place:
            return self.place
        if self.hours and not (self.open_at(since) and self.open_at(to)):
            return codes.OUTSIDE_HOURS
        return rules_worn.shift_code(self.shifts, since, to, self.zone) if self.shifts else ""

    def site(self, host: str) -> str:
        """The code that a page of this host is turned away with, or ""."""
        if denied_host(host):
            return codes.DENIED
        return codes.SITE_NOT_LISTED if self.hosts and not within(host, self.hosts) else ""

    def open_at(self, at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(self.zone))
        moment, day = local.time(), local.isoweekday()
        return any(day in w.days and w.begins <= moment < w.ends for w in self.hours)

    def sampled(self, person: UUID, at: datetime) -> bool:
        """Whole days of a person are in or out, by chance, and the same whoever asks again."""
        day = at.astimezone(ZoneInfo(self.zone)).date()
        known = self._days.get((person, day))
        if known is None:
            seed = f"{self.programme}:{person}:{day}".encode()
            known = int.from_bytes(blake2b(seed, digest_size=4).digest(), "big") % 100 < self.sampling
            self._days[person, day] = known
        return known


def within(host: str, sites: Sequence[str]) -> bool:
    """Is the host one of these sites, or beneath one?"""
    return any(host == site or host.endswith("." + site) for site in sites)


@cache
def _deny() -> tuple[tuple[str, ...], tuple[str, ...], frozenset[str]]:
    rows = packs.load("capture").content["deny"]
    return (
        tuple(word for row in rows for word in row["applications"]),
        tuple(site for row in rows for site in row["sites"]),
        frozenset(label for row in rows for label in row["labels"]),
    )


def denied_application(name: str) -> bool:
    """Never recorded, whatever a programme lists: password managers, banking, health, HR, union, private mail."""
    small = name.casefold()
    return any(word in small for word in _deny()[0])


def denied_host(host: str) -> bool:
    _applications, sites, labels = _deny()
    return within(host, sites) or not labels.isdisjoint(host.replace("-", ".").split("."))
