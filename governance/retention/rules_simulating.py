"""When a period makes data due: the days that a simulation looks at, and until when data must have been collected."""

from collections.abc import Hashable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from governance.lib.deadlines import add_months, period
from governance.lib.refusals import Refused
from governance.retention import rules

AHEAD = 12  # months
LONGEST = date(9000, 1, 1)


def days(on: date) -> list[date]:
    """The day itself, which is the next sweep, and the first days of the twelve months that follow."""
    return [on, *(add_months(on.replace(day=1), month) for month in range(1, AHEAD + 1))]


def collected_before(
    maximum: str, day: date, start: str = "collected", fixed: date | None = None
) -> datetime | None:
    """What was collected before this moment is due when `day` begins; the sweep reckons with the same. None: nothing is."""
    last = rules.last_due(start, maximum, day, fixed)
    return None if last is None else datetime.combine(last + timedelta(days=1), time(), UTC)


def in_force(applies_from: date | None, day: date) -> bool:
    return applies_from is None or applies_from <= day


def check_period(text: str, on: date) -> None:
    """Raises Refused unless it is a period with which the sweep can reckon."""
    try:
        later = period(text, on)
        rules.cut_off(text, on)
    except (ValueError, OverflowError, IndexError):
        later = LONGEST
    if later >= LONGEST or later == on:
        raise Refused(_("Write a period such as P30D, P12M or P7Y."), code="no_period")


def first_due(due: Sequence[frozenset[Hashable]]) -> list[int]:
    """How many people are due for the first time on each day. `due[i]`: everybody of whom something is due on day i."""
    seen: set[Hashable] = set()
    found = []
    for people in due:
        found.append(len(people - seen))
        seen |= people
    return found
