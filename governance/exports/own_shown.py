"""A person's own events as their page prints them: in their own time, never finer than what was kept."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from governance.lib.dates import date_format
from governance.purposes import catalogue, words

FIRST = 50  # what stands there at once; the older ones open below
QUARTER = timedelta(minutes=15)
BESIDE = {"at", "signal", "application", "purpose", "quarter"}  # columns of their own, or part of the time


def columns() -> list[dict[str, Any]]:
    return [{"label": label} for label in (_("When"), _("Signal"), _("Application"), _("What was kept"))]


def rows(events: list[dict[str, Any]]) -> list[list[Any]]:
    return [_row(event) for event in events]


def when(event: dict[str, Any]) -> str:
    """The time of one event in the zone that is active: to the second, to the quarter of an hour, or to the day.

    What is kept says UTC. A quarter is one of that day in UTC, so both are moved together.
    """
    said = str(event.get("at", ""))
    try:
        if "T" in said:
            return date_format(timezone.localtime(_aware(datetime.fromisoformat(said))), "j M Y, H:i:s")
        day = date.fromisoformat(said)
        if "quarter" not in event:
            return date_format(day, "j M Y")
        begins = timezone.localtime(
            datetime.combine(day, time.fromisoformat(str(event["quarter"])), tzinfo=UTC)
        )
    except ValueError:
        return said
    return f"{date_format(begins, 'j M Y, H:i')}–{date_format(begins + QUARTER, 'H:i')}"


def order(event: dict[str, Any]) -> str:
    """By this, the newest come first: what has only a day and a quarter stands where it belongs."""
    said = str(event.get("at", ""))
    return said if "T" in said else f"{said}T{event.get('quarter', '')}"


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _row(event: dict[str, Any]) -> list[Any]:
    known = catalogue.signals()
    signal = event.get("signal", "")
    title = known[signal].title(get_language() or "en") if signal in known else signal
    kept = [f"{words.field(key)}: {value}" for key, value in event.items() if key not in BESIDE]
    return [when(event), {"text": title, "note": event.get("purpose", "")}, event.get("application", ""), "; ".join(kept)]  # fmt: skip
