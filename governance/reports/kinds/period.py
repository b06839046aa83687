"""The period that a report is about: a month, a quarter or a year of the calendar, never a span of somebody's choosing.

Free spans could be laid over each other until a band shows one person; whole months cannot.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from governance.lib import clock
from governance.people.models import Entity

CODE = re.compile(r"(20\d\d)(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")
QUARTERLY = frozenset({"steering"})  # kinds of quarters only
QUARTERS, MONTHS = 5, 12  # that a form offers


@dataclass(frozen=True)
class Period:
    """`first`, `last`: both are in it."""

    code: str
    first: date
    last: date

    def moments(self, zone: str) -> tuple[datetime, datetime]:
        """From the one to before the other."""
        at = ZoneInfo(zone)
        return datetime.combine(self.first, time(), at), datetime.combine(
            self.last + timedelta(days=1), time(), at
        )

    @property
    def plain(self) -> dict[str, Any]:
        return {"code": self.code, "first": self.first, "last": self.last}


def of(code: str) -> Period | None:
    """2026, 2026-Q4 or 2026-11; None for anything else."""
    found = CODE.fullmatch(code)
    if found is None:
        return None
    year, quarter, month = int(found[1]), found[2], found[3]
    first, months = (int(quarter) * 3 - 2, 3) if quarter else (int(month), 1) if month else (1, 12)
    over = first - 1 + months
    end = date(year + over // 12, over % 12 + 1, 1)
    return Period(code, date(year, first, 1), end - timedelta(days=1))


def in_scope(
    scope: Mapping[str, str], entity: Entity, *, beside: frozenset[str] = frozenset()
) -> Period | None:
    """The period that the scope names, once it has begun; nothing else may stand in the scope but `beside`."""
    period = of(scope.get("period", ""))
    if period is None or set(scope) != {"period"} | beside or period.first > clock.law_date(entity.timezone):
        return None
    return period


def recent(today: date) -> list[str]:
    """The quarters and then the months that a form offers, newest first."""
    quarter, month = today.year * 4 + (today.month - 1) // 3, today.year * 12 + today.month - 1
    quarters = [f"{n // 4}-Q{n % 4 + 1}" for n in range(quarter, quarter - QUARTERS, -1)]
    return quarters + [f"{n // 12}-{n % 12 + 1:02}" for n in range(month, month - MONTHS, -1)]
