"""When a programme stood still, from the log: its own pauses, and those of its purpose; and how fast the stop was."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.audit.models import Entry
from governance.capture.models import Programme
from governance.lib.dates import date_format

OWN = {"programme.running": True, "programme.paused": False, "programme.ended": None}
PURPOSE = {
    "purpose.activated": True,
    "purpose.resumed": True,
    "purpose.paused": False,
    "purpose.retired": False,
}
SHOWN = 20
# Why it was stopped, as the row and the log keep it: one of these, or the number of an incident. In words on every page.
BY_HAND, REPRESENTATION, OVERFLOW = "by_hand", "representation", "overflow"
BECAUSE: dict[str, Any] = {
    BY_HAND: gettext_lazy("stopped on its page"),
    REPRESENTATION: gettext_lazy("asked for by the worker representation"),
    OVERFLOW: gettext_lazy("clients sent too much beyond what is declared"),
}
INCIDENT = re.compile(r"I-[0-9]{4}-[0-9]{6}\Z")


@dataclass(frozen=True)
class Stop:
    """`to` is None while it lasts. `last_ms`: from the click to the last event that was still admitted; None: not measured."""

    since: datetime
    to: datetime | None
    by_machine: bool
    of_purpose: bool = False
    last_ms: int | None = None
    because: str = ""  # see BECAUSE; "": nobody said, or it was long ago

    def minutes(self, now: datetime) -> int:
        return max(int(((self.to or now) - self.since).total_seconds()), 0) // 60


def of(programme: Programme) -> list[Stop]:
    """The oldest first. One query."""
    told = Entry.objects.filter(
        about_id__in=(programme.pk, programme.purpose_id), code__in=(*OWN, *PURPOSE)
    ).order_by("id")
    return stops(told)


def stops(told: Iterable[Any]) -> list[Stop]:
    """From entries in their order: it stands still from its first start on whenever it or its purpose does not run."""
    found: list[Stop] = []
    begun: Entry | None = None
    own: bool | None = None  # None: not started yet, or ended
    purpose = True
    measured: int | None = None
    for entry in told:
        if entry.code in OWN:
            own = OWN[entry.code]
        else:
            purpose = PURPOSE[entry.code]
        still = own is False or (own is True and not purpose)
        if still and entry.code == "programme.paused" and measured is None:
            measured = entry.facts.get("last_admitted_ms")
        if still and begun is None:
            begun = entry
        elif not still and begun is not None:
            found.append(_stop(begun, entry.at, measured))
            begun = None
        if not still:
            measured = None
    return [*found, _stop(begun, None, measured)] if begun is not None else found


def _stop(begun: Any, to: datetime | None, measured: int | None) -> Stop:
    return Stop(
        begun.at,
        to,
        begun.by_id is None,
        begun.code in PURPOSE,
        measured,
        str(begun.facts.get("because", "")),
    )


def _minutes(n: int) -> str:
    if n < 1:
        return _("under a minute")
    words = ngettext("%(n)s minute", "%(n)s minutes", n)
    return words % {"n": number_format(n, force_grouping=True)}


def _last(ms: int | None) -> str:
    if ms is None:
        return _("not measured")
    if ms == 0:
        return _("nothing after the click")
    return _("%(n)s s after the click") % {"n": number_format(ms / 1000, 3)}


def is_code(said: str) -> bool:
    return said in BECAUSE or bool(INCIDENT.match(said))


def because(said: str) -> str:
    """Why, in the reader's words; what somebody wrote stays as it is."""
    if INCIDENT.match(said):
        return _("because of the incident %(number)s") % {"number": said}
    return str(BECAUSE.get(said, said))


def who(by_machine: bool, said: str = "") -> str:
    """Who stopped it, and why where the log says more than that somebody did."""
    if said == BY_HAND or not is_code(said):
        return _("the system itself") if by_machine else _("a person, on its page")
    some = _("the system itself") if by_machine else _("a person")
    return _("%(who)s: %(why)s") % {"who": some, "why": because(said)}


def _who(stop: Stop) -> str:
    some = who(stop.by_machine, stop.because)
    return _("its purpose, by %(who)s") % {"who": some} if stop.of_purpose else some


def shown(programme: Programme) -> dict[str, Any]:
    """What components/table.html prints."""
    now = timezone.now()
    return {
        "columns": [
            {"label": _("Stopped")}, {"label": _("Until")}, {"label": _("Stood still"), "num": True}, {"label": _("Last event admitted")},
            {"label": _("Stopped by")},
        ],
        "rows": [
            [
                date_format(timezone.localtime(stop.since), "j M Y, H:i"),
                date_format(timezone.localtime(stop.to), "j M Y, H:i") if stop.to else _("still stopped"),
                _minutes(stop.minutes(now)), _last(stop.last_ms), _who(stop),
            ]
            for stop in reversed(of(programme)[-SHOWN:])
        ],
    }  # fmt: skip
