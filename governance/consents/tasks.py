from datetime import timedelta

from celery import shared_task

from governance.consents import ledger
from governance.lib import clock
from governance.lib.deadlines import add_months


@shared_task(name="consents.expire")
def expire() -> None:
    for record_id in ledger.due_to_expire():
        ledger.expire(record_id)


@shared_task(name="consents.renew_streams")
def renew_streams() -> None:
    """This month's streams, and a day ahead of its begin the next month's."""
    today = clock.now().date()
    ledger.renew_streams(today.replace(day=1))
    if (today + timedelta(days=1)).month != today.month:
        ledger.renew_streams(add_months(today.replace(day=1), 1))
