"""What is decided about a programme, as one document: signatures name its hash, and a looser one needs them all anew."""

from datetime import date
from typing import Any

import msgspec

from governance.capture import limits
from governance.lib import canonical


class Application(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the allow-list, by the client's name of it."""

    name: str
    client: str = ""  # whose system it is; "": the controller's own
    permission: str = (
        ""  # id of the client's permission, a paper on file (GDPR 28(3)(a)); "": none, so it is held
    )


class Population(msgspec.Struct, frozen=True, omit_defaults=True):
    """A rule over people: who can be recorded at all, if they agree. An empty list does not narrow."""

    sites: tuple[int, ...] = ()
    units: tuple[int, ...] = ()
    countries: tuple[str, ...] = ()  # of work
    kinds: tuple[str, ...] = ()  # "own", "agency"


class Hours(msgspec.Struct, frozen=True):
    """One window of the week in the zone of the entity: days 1 (Monday) to 7, "09:00" up to "18:00"."""

    days: tuple[int, ...]
    begins: str
    ends: str


class Zone(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where worn cameras may record: a part of a site. Not ticked as free of young people, it is barred."""

    code: str  # as the camera sends it
    site: int
    name: str = ""
    units: tuple[int, ...] = ()  # departments that work there; none: the whole site does
    adults_only: bool = False  # somebody has looked: nobody under 18 works there


class Shift(msgspec.Struct, frozen=True, omit_defaults=True):
    """When worn cameras may record, in the zone of the entity. One that ends before it begins runs over midnight."""

    code: str
    days: tuple[int, ...]  # on which it begins: 1 (Monday) to 7
    begins: str
    ends: str
    adults_only: bool = False


class Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    applications: tuple[Application, ...] = ()
    population: Population = Population()
    hours: tuple[Hours, ...] = ()  # none: at any hour
    sampling: int = 100  # per cent of the days of a person
    ends_on: date | None = None
    signals: dict[str, tuple[str, ...]] = {}  # what the minimiser keeps: signal → fields
    trains_ai: bool = False
    hosts: tuple[str, ...] = ()  # sites of the web, with what lies beneath them; none: any that is not denied
    idle_minutes: int = (
        0  # after so many without a batch nobody is at the device any more; 0: until they leave
    )
    shift_hours: int = 0  # nobody is at a device longer; 0: no such limit
    zones: tuple[Zone, ...] = ()  # with zones its devices are worn cameras, handed out for a shift
    shifts: tuple[Shift, ...] = ()


def load(plain: Any) -> Terms:
    return msgspec.convert(plain or {}, Terms, strict=False)


def plain(terms: Terms) -> dict[str, Any]:
    return msgspec.to_builtins(terms)  # type: ignore[no-any-return]


def digest(terms: Terms) -> str:
    return canonical.digest(plain(terms))


def wider(agreed: Terms, now: Terms) -> list[tuple[str, str]]:
    """(kind, what) of everything that `now` takes and `agreed` did not: each needs a new act of the representation."""
    names = {a.name for a in agreed.applications}
    found = [("application", a.name) for a in now.applications if a.name not in names]
    if agreed.hosts and not now.hosts:
        found.append(("hosts", "all"))
    elif agreed.hosts:
        found += [("hosts", host) for host in now.hosts if not limits.within(host, agreed.hosts)]
    for kind in ("idle_minutes", "shift_hours"):
        before, after = getattr(agreed, kind), getattr(now, kind)
        if before and (not after or after > before):
            found.append((kind, f"{before} → {after or '∞'}"))
    for signal, fields in now.signals.items():
        if signal not in agreed.signals:
            found.append(("signal", signal))
        else:
            found += [
                ("field", f"{signal}.{field}") for field in fields if field not in agreed.signals[signal]
            ]
    for kind in ("sites", "units", "countries", "kinds"):
        before, after = getattr(agreed.population, kind), getattr(now.population, kind)
        if before and not after:
            found.append((kind, "all"))
        elif before:
            found += [(kind, str(one)) for one in after if one not in before]
    if agreed.hours and not _within(now.hours, agreed.hours):
        found.append(("hours", "wider"))
    found += _places_wider(agreed, now)
    if now.sampling > agreed.sampling:
        found.append(("sampling", f"{agreed.sampling} → {now.sampling}"))
    if agreed.ends_on and (now.ends_on is None or now.ends_on > agreed.ends_on):
        found.append(("ends_on", str(now.ends_on or "")))
    if now.trains_ai and not agreed.trains_ai:
        found.append(("trains_ai", ""))
    return found


def _places_wider(agreed: Terms, now: Terms) -> list[tuple[str, str]]:
    """Zones and shifts that nobody agreed to, or that are other than they were; and cameras with no zones any more."""
    if agreed.zones and not now.zones:
        return [("zone", "all")]
    return [("zone", zone.code) for zone in now.zones if zone not in agreed.zones] + [
        ("shift", shift.code) for shift in now.shifts if shift not in agreed.shifts
    ]


def _within(inner: tuple[Hours, ...], outer: tuple[Hours, ...]) -> bool:
    return bool(inner) and all(
        any(set(one.days) <= set(o.days) and o.begins <= one.begins and one.ends <= o.ends for o in outer)
        for one in inner
    )
