from datetime import timedelta

from celery import shared_task

from governance.consents import asking, following, streams
from governance.lib import clock
from governance.lib.deadlines import add_months


@shared_task(name="consents.follow")
def follow() -> None:
    """What lapsed, and what the register or the staff list has overtaken."""
    following.follow()
    following.erase_unrenewed()


@shared_task(name="consents.ask")
def ask() -> None:
    for asking_id in asking.waiting():
        asking.carry_out(asking_id)


@shared_task(name="consents.renew_streams")
def renew_streams() -> None:
    """This month's streams, and a day ahead of its begin the next month's."""
    today = clock.now().date()
    streams.renew(today.replace(day=1))
    if (today + timedelta(days=1)).month != today.month:
        streams.renew(add_months(today.replace(day=1), 1))
