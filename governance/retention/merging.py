"""Orders that overlap become one: what a person has said takes in what the calendar had already brought."""

from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from governance.audit import log
from governance.retention import rules
from governance.retention.models import ErasureOrder
from governance.retention.rules_steering import OF_THE_HOUSE

# Nothing is being done for them, and no law keeps them to a day of their own.
OPEN = ("waiting", "partly", "needs_attention")


def absorb(order: ErasureOrder) -> int:
    """The house's own open orders that this waiting one covers are part of it from now on; how many.

    Call in the transaction that raised the order. An order that somebody carries out this moment stays itself. So do
    the orders that people asked for: each of them is answered by its own certificate.
    """
    if order.state != "waiting" or order.action != "erase":
        return 0
    covered = ErasureOrder.objects.select_for_update(of=("self",)).filter(
        Q(purpose=order.purpose) if order.purpose_id else Q(), ~Q(pk=order.pk), person_id=order.person_id,
        entity_id=order.entity_id, state__in=OPEN, because__in=OF_THE_HOUSE, before__lte=order.before, lease_until__isnull=True,
        steps__isnull=True,
    )  # fmt: skip
    streams = set(order.streams)
    number = 0
    for old in covered:
        rules.check_move(old.state, "merged")
        streams |= set(old.streams)
        ErasureOrder.objects.filter(pk=old.pk).update(state="merged", merged_into=order, fence=F("fence") + 1)
        log.record("order.merged", about=old, into=order.pk)
        number += 1
    if number and order.streams and streams != set(order.streams):
        order.streams = sorted(streams)
        order.save(update_fields=["streams"])
    return number


def covered(person_id: UUID, purpose_id: UUID, streams: set[UUID], before: datetime) -> bool:
    """Does an open order of this person already cover all of this?"""
    open_ones = ErasureOrder.objects.filter(
        Q(purpose_id=purpose_id) | Q(purpose__isnull=True), person_id=person_id, state__in=(*OPEN, "erasing"), before__gte=before,
        action="erase",
    )  # fmt: skip
    return any(one.purpose_id is None or streams <= set(one.streams) for one in open_ones)
