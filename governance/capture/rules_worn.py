"""Worn cameras: in which zone and shift they may record at all, and who may hand one to whom. Facts in, a verdict out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from governance.capture import codes
from governance.lib import packs
from governance.lib.refusals import Refused

NEXT = timedelta(hours=24)  # a camera is handed out for the shift that runs or the next one within a day


@dataclass(frozen=True)
class Span:
    """One occurrence of a shift, from up to."""

    begins: datetime
    ends: datetime

    def covers(self, since: datetime, to: datetime) -> bool:
        return self.begins <= since and to <= self.ends


def citation(laws: Collection[str], on: date) -> str:
    """By which provisions nobody under 18 is recorded, as a text of this day may name them."""
    rows = packs.load("worn").content["barred"]["cites"]
    named = [row for row in rows if row["law"] in laws] or rows
    return "; ".join(packs.cite(row["provision"], on, row["part"]) for row in named)


def spans(shift: Any, around: datetime, zone: str) -> list[Span]:
    """The occurrences of a shift (terms.Shift) that begin the day before, the day of and the day after this moment."""
    local = ZoneInfo(zone)
    today = around.astimezone(local).date()
    begins, ends = time.fromisoformat(shift.begins), time.fromisoformat(shift.ends)
    found = []
    for days in (-1, 0, 1):
        day = today + timedelta(days=days)
        if day.isoweekday() in shift.days:
            last = day if begins < ends else day + timedelta(days=1)
            found.append(Span(datetime.combine(day, begins, local), datetime.combine(last, ends, local)))
    return found


def within(shift: Any, since: datetime, to: datetime, zone: str) -> bool:
    """Does all of it lie in one occurrence of the shift?"""
    return any(span.covers(since, to) for span in spans(shift, since, zone))


def allotted(shift: Any, now: datetime, zone: str) -> Span | None:
    """The occurrence that runs now, else the next one within a day."""
    coming = [span for span in spans(shift, now, zone) if span.ends > now and span.begins <= now + NEXT]
    return min(coming, key=lambda span: span.begins, default=None)


def shift_code(shifts: Sequence[Any], since: datetime, to: datetime, zone: str) -> str:
    """The code that something of this time is turned away with, or "". In a shift that may have young people in it, and
    in an hour that such a shift shares, nothing is recorded (IN-21: DPDP Act s.9(3); EU-44: GDPR Art. 5(1)(a), rec. 38)."""
    if any(_touches(shift, since, to, zone) for shift in shifts if not shift.adults_only):
        return codes.ZONE_BARRED
    return "" if any(within(shift, since, to, zone) for shift in shifts) else codes.OUTSIDE_HOURS


def _touches(shift: Any, since: datetime, to: datetime, zone: str) -> bool:
    return any(span.begins <= to and since < span.ends for span in spans(shift, since, zone))


def zone_code(zone: Any, young_there: bool) -> str:
    """The code that something of this zone (terms.Zone, None: no zone of the programme) is turned away with, or "".

    Barred where the roster knows somebody under 18 who works there, and where nobody has said that there is none
    (IN-21: DPDP Act s.9(3), no consent opens it; EU-44: GDPR Art. 5(1)(a), rec. 38).
    """
    if zone is None:
        return codes.OUTSIDE_ZONE
    return "" if zone.adults_only and not young_there else codes.ZONE_BARRED


@dataclass(frozen=True)
class Places:
    """Zones and shifts of a programme, and the zones in which the roster knows somebody under 18."""

    zones: Sequence[Any]
    shifts: Sequence[Any]
    young: frozenset[str] = frozenset()  # codes of zones
    cite: str = ""
    films: bool = False  # its purpose records clips of worn cameras


def check_places(places: Places) -> None:
    """Where and when may be decided: both or none, each code once, and nobody under 18 in any of them."""
    if places.films and not (places.zones and places.shifts):
        raise Refused(
            _("This programme films. Say in which zones and in which shifts worn cameras record."),
            code="no_zones",
        )
    if bool(places.zones) != bool(places.shifts):
        raise Refused(_("Zones and shifts belong together: say both, or none of them."), code="no_zones")
    for rows in (places.zones, places.shifts):
        names = [row.code for row in rows]
        if len(set(names)) < len(names):
            raise Refused(_("Two zones or two shifts have the same code."), code="same_code")
    for zone in places.zones:
        if zone_code(zone, zone.code in places.young):
            raise Refused(
                _("In the zone “%(zone)s” people under 18 work, or nobody has looked. No camera records there (%(cite)s)."),
                code="zone_barred", zone=zone.name or zone.code, cite=places.cite,
            )  # fmt: skip
    for shift in places.shifts:
        if not shift.adults_only:
            raise Refused(
                _("In the shift “%(shift)s” people under 18 may work. No camera records in it (%(cite)s)."),
                code="zone_barred", shift=shift.code, cite=places.cite,
            )  # fmt: skip


@dataclass(frozen=True)
class HandOutFacts:
    """One camera, one person, one shift. Whether the person agreed is no fact of it: a camera in a hand tells no choice."""

    by: UUID
    person: UUID
    managers: frozenset[UUID]  # line managers of the person now
    under_18: bool
    state: str  # of the programme
    out: bool  # the camera is with somebody
    shift: Any  # terms.Shift, None: none of the programme
    span: Span | None
    zones_open: int  # zones of the programme that are not barred now
    cite: str = ""


def check_hand_out(facts: HandOutFacts) -> None:
    """Somebody other than the line manager hands a camera to an adult for one shift, so that no yes hangs on who manages."""
    if facts.by == facts.person:
        raise Refused(
            _("You cannot hand a camera to yourself. Ask somebody else who hands them out."),
            code="own_camera",
        )
    if facts.by in facts.managers:
        raise Refused(
            _("You are the line manager of this person. Somebody else hands out the camera, so that nobody takes one to please you."),
            code="line_manager",
        )  # fmt: skip
    if facts.under_18:
        raise Refused(
            _("This person is under 18 and carries no camera (%(cite)s)."), code="under_18", cite=facts.cite
        )
    if facts.state not in ("approved", "running", "paused"):
        raise Refused(
            _("The programme is not approved, or has ended. No camera is handed out for it."),
            code="not_approved",
        )
    if facts.out:
        raise Refused(_("This camera is with somebody. Take it back first."), code="camera_out")
    if facts.shift is None or facts.span is None:
        raise Refused(_("No such shift runs now or begins within a day."), code="no_shift")
    if not facts.shift.adults_only or not facts.zones_open:
        raise Refused(
            _("People under 18 work or may work in this shift or in every zone. No camera is handed out (%(cite)s)."),
            code="zone_barred", cite=facts.cite,
        )  # fmt: skip
