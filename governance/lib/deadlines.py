"""When a period ends: months, days and hours as the laws count them.

EU: Regulation 1182/71 (the day of the event is not counted; a month ends on the same date or the month's last day; an
end on a Saturday, Sunday or public holiday moves to the next working day; hours run through weekends).
India: General Clauses Act 1897, s.9 (the first day is excluded).
"""

import calendar
from datetime import date, datetime, timedelta

import holidays


def add_months(day: date, months: int) -> date:
    """The same date `months` later, or that month's last day; the last day of the calendar for what ends beyond it."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def next_working_day(day: date, country: str) -> date:
    closed = holidays.country_holidays(country) if country in holidays.list_supported_countries() else {}
    while day.weekday() >= 5 or day in closed:
        day += timedelta(days=1)
    return day


def months_after(event: date, months: int, *, country: str, in_eu: bool) -> date:
    """The last day of a period in months that began with `event`."""
    end = add_months(event, months)
    return next_working_day(end, country) if in_eu else end


def days_after(event: date, days: int) -> date:
    """The last day of a period in days: the day of the event is not counted."""
    return event + timedelta(days=days)


def hours_after(moment: datetime, hours: int) -> datetime:
    """Hours run through weekends."""
    return moment + timedelta(hours=hours)


def period(text: str, start: date) -> date:
    """The day on which an ISO 8601 period of years, months or days (P1Y, P12M, P30D) after `start` ends."""
    if not text.startswith("P") or text[-1] not in "YMD" or not text[1:-1].isdigit():
        raise ValueError("A period reads P1Y, P12M or P30D.")
    number = int(text[1:-1])
    if text[-1] == "D":
        return start + timedelta(days=number)
    return add_months(start, number * (12 if text[-1] == "Y" else 1))
