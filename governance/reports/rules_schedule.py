"""When a report that is made again and again is due, for which period, and who may get it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from governance.lib.deadlines import add_months
from governance.lib.refusals import Refused

EVERY = {"month": _("Every month"), "quarter": _("Every quarter"), "year": _("Every year")}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
MOST = 24  # periods that are made up for after the portal stood still


@dataclass(frozen=True)
class Turn:
    """One period of the calendar that has ended, and the day after it, on which its report is due."""

    period: str  # 2026-11, 2026-Q4, 2026
    first: date
    due_on: date


def next_due(every: str, today: date) -> date:
    """The first day of the period of the calendar that comes after today's."""
    return add_months(_begin(every, today), MONTHS[every])


def _begin(every: str, day: date) -> date:
    months = MONTHS[every]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def ended_before(every: str, due_on: date) -> Turn:
    """The period that ends on the day before this first day of one."""
    first = add_months(due_on, -MONTHS[every])
    quarter = f"{first.year}-Q{(first.month + 2) // 3}"
    return Turn(
        {"month": f"{first:%Y-%m}", "quarter": quarter, "year": str(first.year)}[every], first, due_on
    )


def turns(every: str, next_on: date, today: date, *, tells_a_period: bool) -> Iterator[Turn]:
    """What is due and was not asked for yet, oldest first.

    What tells of a period is made up for, each period by itself. What tells of the day on which it is made cannot be
    made for a day that has gone: only the last one is.
    """
    found = []
    while next_on <= today:
        found.append(ended_before(every, next_on))
        next_on = add_months(next_on, MONTHS[every])
    yield from found[-MOST:] if tells_a_period else found[-1:]


@dataclass(frozen=True)
class ScheduleFacts:
    schedulable: bool
    every_is_known: bool
    recipients: int
    may_open: int  # of them
    same_in_force: bool = False


def check_schedule(facts: ScheduleFacts) -> None:
    if not facts.schedulable:
        raise Refused(_("This report is made for one occasion, not again and again."), code="not_schedulable")
    if not facts.every_is_known:
        raise Refused(_("Choose a month, a quarter or a year."), code="no_such_period")
    if not facts.recipients:
        raise Refused(_("Choose at least one person who gets it."), code="no_recipient")
    if facts.may_open < facts.recipients:
        raise Refused(
            _(
                "Only people who may open this kind of report at this entity can get it. Take the others off the list."
            ),
            code="recipient_may_not_open",
        )
    if facts.same_in_force:
        raise Refused(
            _("The same report is on the schedule already. Stop that one first, or leave it."),
            code="already_scheduled",
        )


def check_end(*, ended: bool, may_request: bool) -> None:
    if not may_request:
        raise Refused(
            _("Reports of this entity are asked for by its legal or data protection team."),
            code="may_not_request",
        )
    if ended:
        raise Refused(_("It was stopped already."), code="ended")
