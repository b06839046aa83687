"""What a log line may hold: event codes, ids, classes of errors. Never a value, a name or a message of the database.

PostgreSQL's driver puts refused values into its errors (`DETAIL: Failing row contains (…)`), so of an exception only
its class and SQLSTATE are written, with the file and line of our own frames.
"""

import logging
import logging.config
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

# What our own lines may say besides: ids, codes, counts, and `error` as describe() made it. Any other value goes.
HARMLESS = {
    "event", "level", "timestamp", "logger", "process", "code", "task", "task_id", "route", "method", "status", "ms", "error",
    "order", "report", "system",
}  # fmt: skip


def describe(error: BaseException | None) -> str:
    """Class, SQLSTATE if any, and the innermost frame of our own: enough to find the fault, nothing of the data."""
    if error is None:
        return ""
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "governance" in f.filename]
    place = (
        f" at {frames[-1].filename.rsplit('/', 3)[-2]}/{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}"
        if frames
        else ""
    )
    return f"{type(error).__name__}{f' {state}' if state else ''}{place}"


def hide_exceptions(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, tuple):
        info = info[1]
    if isinstance(info, BaseException):
        event["error"] = describe(info)
    return event


def only_what_is_harmless(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    return {key: value if key in HARMLESS else type(value).__name__ for key, value in event.items()}


class OnlyWhatIsHarmless(logging.Filter):
    """Lines of libraries: their own format string stays, every argument goes, and so does every traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None:
            record.msg = f"{record.name}: {describe(record.exc_info[1])}"
            record.args, record.exc_info, record.exc_text = (), None, None
        elif record.args and not getattr(record, "harmless", False):
            record.msg, record.args = str(record.msg), ()
        record.stack_info = None
        return True


class Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{self.formatTime(record)} {record.levelname.lower()} {record.getMessage()}"


def configure(process: str) -> None:
    """One handler to standard error, for Django, Celery, granian and our own lines alike."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"harmless": {"()": OnlyWhatIsHarmless}},
            "formatters": {"plain": {"()": Formatter}},
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "filters": ["harmless"], "formatter": "plain"},
                "none": {"class": "logging.NullHandler"},
            },
            "root": {"handlers": ["stderr"], "level": "WARNING"},
            "loggers": {
                "sammati": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
                "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
                "django.security": {"handlers": ["none"], "propagate": False},
                "celery": {"level": "WARNING"},
                "_granian": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
                "fontTools": {"level": "ERROR"},
                "weasyprint": {"level": "ERROR"},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            hide_exceptions,
            only_what_is_harmless,
            structlog.processors.EventRenamer("event"),
            structlog.processors.JSONRenderer(default=lambda value: type(value).__name__),
        ],
        logger_factory=lambda *args: logging.getLogger("sammati"),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
