"""Wake a worker after the commit. Rows are the truth: a lost nudge costs minutes, never an order."""

import structlog
from django.db import transaction

log = structlog.get_logger(__name__)


def nudge(task: str, *args: str | int) -> None:
    """Send `task` by name once this transaction has committed; never retried, and only logged when the broker is away."""
    transaction.on_commit(lambda: _send(task, args), robust=True)


def _send(task: str, args: tuple[str | int, ...]) -> None:
    from celery import current_app  # the app of this process: made in governance/celery.py, on the roof

    if not current_app.conf.broker_url:
        return
    try:
        current_app.send_task(task, args, retry=False, ignore_result=True)
    except Exception as error:
        log.warning("nudge.lost", task=task, error=type(error).__name__)
