"""When everything that was recorded under a consent is erased and read back, its person is given a receipt of that."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.fields.json import KeyTextTransform

from governance.audit import log
from governance.consents import receipts, rules
from governance.consents.models import ConsentEvent, Receipt, Stream
from governance.lib import clock, locks
from governance.lib.nudge import nudge
from governance.retention.models import ErasureOrder

BECAUSE = ("consent.withdrawn", "consent.expired", "consent.revoked", "consent.invalidated", "opt_out.placed")
LOOK_BACK = timedelta(days=30)  # a worker that was away for longer has more to mend than this


@transaction.atomic
def issue_waiting() -> int:
    """Every order of a consent that is done has its receipt, once; how many are new."""
    if not locks.only_one("consents.stopping"):
        return 0
    there = Receipt.objects.annotate(order=KeyTextTransform("erasure_order", "body")).filter(
        person=OuterRef("person"), kind="stopped", order=OuterRef("number")
    )
    done = ErasureOrder.objects.filter(
        ~Exists(there),
        state="done",
        because__in=BECAUSE,
        purpose__isnull=False,
        done_at__gt=clock.now() - LOOK_BACK,
    )
    new = [
        _issue(order) for order in done.select_related("person", "purpose__entity").order_by("done_at")[:500]
    ]
    if any(new):
        nudge("consents.sign_receipts")
    return sum(new)


def _issue(order: ErasureOrder) -> bool:
    events = _events(order)
    if not events or order.purpose is None:
        return False  # an opt-out that found nothing switched on: there was no consent to give a receipt of
    entry = log.record("consent.stopped", about=order.purpose, events=[e.pk for e in events], order=order.pk)
    receipts.issue(
        "stopped", events, text=None, entry=entry, person=order.person, purpose=order.purpose, order=order
    )
    return True


def _events(order: ErasureOrder) -> list[ConsentEvent]:
    """What ended the consents whose streams the order covers, also of such as had ended before it."""
    grants = Stream.objects.filter(pk__in=order.streams).values("event")
    records = ConsentEvent.objects.filter(pk__in=grants).values("record")
    # Not `before`: an opt-out's cut-off is its own moment, a little before the events that follow from it.
    ended = ConsentEvent.objects.filter(record__in=records, status__in=rules.ENDED, at__lte=order.created_at)
    return list(ended.order_by("signal", "at"))
