"""When a programme stood still, from the log: from each pause to the next start, or to its end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.audit.models import Entry
from governance.capture.models import Programme

BEGINS, ENDS = "programme.paused", ("programme.running", "programme.ended")
SHOWN = 20


@dataclass(frozen=True)
class Stop:
    """`to` is None while it lasts."""

    since: datetime
    to: datetime | None
    by_machine: bool

    def minutes(self, now: datetime) -> int:
        return max(int(((self.to or now) - self.since).total_seconds()), 0) // 60


def of(programme: Programme) -> list[Stop]:
    """The oldest first. One query."""
    told = Entry.objects.filter(about_id=programme.pk, code__in=(BEGINS, *ENDS)).order_by("id")
    found: list[Stop] = []
    begun: Entry | None = None
    for entry in told:
        if entry.code == BEGINS:
            begun = begun or entry
        elif begun is not None:
            found.append(Stop(begun.at, entry.at, begun.by_id is None))
            begun = None
    return [*found, Stop(begun.at, None, begun.by_id is None)] if begun is not None else found


def _minutes(n: int) -> str:
    if n < 1:
        return _("under a minute")
    words = ngettext("%(n)s minute", "%(n)s minutes", n)
    return words % {"n": number_format(n, force_grouping=True)}


def shown(programme: Programme) -> dict[str, Any]:
    """What components/table.html prints."""
    now = timezone.now()
    return {
        "columns": [{"label": _("Stopped")}, {"label": _("Until")}, {"label": _("Stood still"), "num": True}, {"label": _("Stopped by")}],
        "rows": [
            [
                date_format(timezone.localtime(stop.since), "j M Y, H:i"),
                date_format(timezone.localtime(stop.to), "j M Y, H:i") if stop.to else _("still stopped"),
                _minutes(stop.minutes(now)),
                _("the system itself") if stop.by_machine else _("a person, on its page"),
            ]
            for stop in reversed(of(programme)[-SHOWN:])
        ],
    }  # fmt: skip
