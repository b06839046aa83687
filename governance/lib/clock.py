"""Which day it is for the law. Business code takes `on` as an argument; only doors (views, tasks, commands) ask here."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def law_date(zone: str = "UTC") -> date:
    """Today in `zone`, or the day that the demo was started for (`--on`, SAMMATI_TODAY)."""
    if settings.TODAY:
        return date.fromisoformat(settings.TODAY)
    return datetime.now(ZoneInfo(zone)).date()


def now() -> datetime:
    return datetime.now(UTC)
