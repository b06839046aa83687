"""How days and moments are written in the language that is active: "4 March 2026", in German "4. März 2026". Pure."""

from datetime import date, datetime

from governance.lib.dates import date_format


def day(value: date) -> str:
    return date_format(value, "j F Y")


def short_day(value: date) -> str:
    return date_format(value, "j M Y")


def minute(value: datetime) -> str:
    """Without seconds, for pages."""
    return date_format(value, "j F Y, H:i")


def short_minute(value: datetime) -> str:
    return date_format(value, "j M Y, H:i")


def moment(value: datetime) -> str:
    return date_format(value, "j F Y, H:i:s")


def short_moment(value: datetime) -> str:
    return date_format(value, "j M Y, H:i:s")


def month(value: date) -> str:
    return date_format(value, "F Y")


def months(first: date, last: date) -> str:
    """ "March 2026" for one, "January – March 2026" for several of a year."""
    return month(last) if first.month == last.month else f"{date_format(first, 'F')} – {month(last)}"
