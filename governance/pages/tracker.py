"""The one table of the data protection officer: everything due in fourteen days or overdue, each with its clock. Pure.

Where the rows come from stands in tracker_due.py; what is shown beside the table in tracker_beside.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.lib.dates import date_format

AHEAD = 14  # days
FROM_ONE = 10  # rows that one source may fill


@dataclass(frozen=True)
class Due:
    """One thing to do. `by`: a day, a moment for clocks in hours, or None for what waits without a term.

    `since`: where its clock began. `about`, `step`: cells of the table component. `law`: with article, as of the day.
    """

    what: str
    about: Any
    by: date | datetime | None = None
    since: date | datetime | None = None
    law: str = ""
    owner: str = ""
    step: Any = ""

    def order(self, today: date) -> tuple[date, datetime]:
        """Overdue first; what has no term stands with today's."""
        if self.by is None:
            return today, datetime.max.replace(tzinfo=timezone.get_current_timezone())
        if isinstance(self.by, datetime):
            return timezone.localtime(self.by).date(), self.by
        return self.by, datetime.max.replace(tzinfo=timezone.get_current_timezone())


@dataclass(frozen=True)
class Source:
    """What one kind of duty gives: its first rows, and whether there are more of them than the table shows."""

    rows: list[Due] = field(default_factory=list)
    more: int = 0  # how many are not among the rows
    words: str = ""  # what they are: "reviews of activities"
    url: str = ""  # where all of them stand


def until(today: date) -> date:
    return today + timedelta(days=AHEAD)


def cut(rows: Iterable[Any]) -> tuple[list[Any], bool]:
    """(the rows shown, whether there are more). Ask the database for FROM_ONE + 1."""
    found = list(rows)
    return found[:FROM_ONE], len(found) > FROM_ONE


def merged(sources: Iterable[Source], today: date) -> list[Due]:
    """All rows, the most urgent first."""
    return sorted((row for source in sources for row in source.rows), key=lambda row: row.order(today))


def clock(since: date | datetime | None, by: date | datetime | None, now: datetime) -> str:
    """ "day 3 of 30", "hour 5 of 72", "day 12" for what has no term, "" for what has no beginning."""
    if since is None:
        return ""
    if isinstance(by, datetime) and isinstance(since, datetime):
        hours, of = int((now - since).total_seconds() // 3600), int((by - since).total_seconds() // 3600)
        return _("hour %(n)s of %(m)s") % {"n": max(hours, 0), "m": of}
    began = _day(since)
    passed = max((timezone.localtime(now).date() - began).days, 0)
    if by is None:
        return _("day %(n)s") % {"n": passed}
    return _("day %(n)s of %(m)s") % {"n": passed, "m": (_day(by) - began).days}


def _day(moment: date | datetime) -> date:
    return timezone.localtime(moment).date() if isinstance(moment, datetime) else moment


def when(by: date | datetime | None, now: datetime) -> Any:
    """The first cell: when it is due, and how far away that is."""
    if by is None:
        return {"state": "waiting", "word": _("now")}
    if isinstance(by, datetime):
        at = date_format(timezone.localtime(by), "j M, H:i")
        return (
            {"state": "overdue", "note": at}
            if now > by
            else {"text": at, "note": _("today") if _day(by) == _day(now) else ""}
        )
    day, days = date_format(by, "j M Y"), (by - _day(now)).days
    if days < 0:
        return {
            "state": "overdue",
            "note": f"{day}, " + ngettext("%(n)s day", "%(n)s days", -days) % {"n": -days},
        }
    if days == 0:
        return {"state": "due", "word": _("today"), "note": day}
    return {
        "text": day,
        "note": _("tomorrow") if days == 1 else ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days},
    }


def cells(row: Due, now: datetime) -> list[Any]:
    return [
        when(row.by, now),
        row.what,
        row.about,
        row.law or {"note": _("house rule")},
        clock(row.since, row.by, now),
        row.owner,
        row.step,
    ]


def columns() -> list[dict[str, Any]]:
    labels = [_("Due"), _("What"), _("Activity or person"), _("Law"), _("Clock"), _("Owner"), _("Next step")]
    return [{"label": label} for label in labels]
