"""Wake a worker after the commit. Rows are the truth: a lost nudge costs minutes, never an order."""

import threading
import time

import structlog
from django.db import transaction

log = structlog.get_logger(__name__)
AWAY = 5.0  # seconds for which a process that has lost a nudge sends none: the broker is away, and a page is waited for
BETWEEN = 0.25  # seconds between two nudges of one process to the same task: a woken worker finds all rows that wait
_last: dict[str, float] = {}  # task → when it was nudged
_late: set[str] = set()  # tasks to which a nudge is on its way that waits for its time
_turn = threading.Lock()
_away_until = 0.0


def nudge(task: str, *args: str | int) -> None:
    """Send `task` by name once this transaction has committed; never retried, and only logged when the broker is away."""
    transaction.on_commit(lambda: _send(task, args), robust=True)


def _send(task: str, args: tuple[str | int, ...]) -> None:
    from celery import current_app  # the app of this process: made in governance/celery.py, on the roof

    if not current_app.conf.broker_url:
        return
    wait = 0.0 if args else _wait(task)
    if wait is None:
        return
    if wait > 0:
        threading.Timer(wait, _send_late, [task]).start()
    else:
        _out(task, args)


def _wait(task: str) -> float | None:
    """Seconds until this process may nudge the task again; None: a nudge that is still to go will do for this one, too."""
    now = time.monotonic()
    with _turn:
        if task in _late:
            return None
        wait = _last.get(task, now - BETWEEN) + BETWEEN - now
        if wait > 0:
            _late.add(task)
        else:
            _last[task] = now
    return wait


def _send_late(task: str) -> None:
    with _turn:
        _late.discard(task)  # before it goes: what commits from now on sends another
        _last[task] = time.monotonic()
    _out(task, ())


def _out(task: str, args: tuple[str | int, ...]) -> None:
    global _away_until
    from celery import current_app

    if time.monotonic() < _away_until:
        return
    try:
        current_app.send_task(task, args, retry=False, ignore_result=True)
    except Exception as error:
        _away_until = time.monotonic() + AWAY
        log.warning("nudge.lost", task=task, error=type(error).__name__)
