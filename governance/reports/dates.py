"""How days and moments are written in the language that is active: "4 March 2026", in German "4. März 2026". Pure."""

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import get_language

POINTED = ("de",)  # the number of a day is an ordinal there, and carries a point


def day(value: date) -> str:
    return _written(value, "j F Y")


def short_day(value: date) -> str:
    return _written(value, "j M Y")


def minute(value: datetime) -> str:
    """Without seconds, for pages."""
    return _written(value, "j F Y, H:i")


def short_minute(value: datetime) -> str:
    return _written(value, "j M Y, H:i")


def moment(value: datetime) -> str:
    return _written(value, "j F Y, H:i:s")


def short_moment(value: datetime) -> str:
    return _written(value, "j M Y, H:i:s")


def month(value: date) -> str:
    return date_format(value, "F Y")


def months(first: date, last: date) -> str:
    """ "March 2026" for one, "January – March 2026" for several of a year."""
    return month(last) if first.month == last.month else f"{date_format(first, 'F')} – {month(last)}"


def _written(value: date, pattern: str) -> str:
    language = (get_language() or "en").partition("-")[0]
    return date_format(value, pattern.replace("j ", "j. ", 1) if language in POINTED else pattern)
