from datetime import timedelta

from celery import shared_task
from django.conf import settings

from governance.consents import acting, asking, following, populations, receipts, signing, stopping, streams
from governance.lib import clock
from governance.lib.deadlines import add_months


@shared_task(name="consents.follow")
def follow() -> None:
    """What lapsed, and what the register or the staff list has overtaken; and who speaks for nobody any more."""
    following.follow()
    populations.tell_waiting()
    following.erase_unrenewed()
    following.warn()
    acting.forget_outsiders()


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


@shared_task(name="consents.stopped")
def stopped() -> None:
    stopping.issue_waiting()


@shared_task(name="consents.sign_receipts")
def sign_receipts() -> None:
    """Runs in the signer process, which alone holds the key of receipts."""
    now = clock.now()
    receipts.sign_waiting(now, sign=signing.signer(settings.SECRETS, settings.RECEIPT_KEYS, now))
