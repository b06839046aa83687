"""From the sealed log to rows that wait, and from these to the receivers: claim, send, settle."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models.functions import Now

from governance.interfaces import happenings, rules, sending, signing, webhooks
from governance.interfaces.models import Cursor, Delivery, Webhook
from governance.lib import clock, locks
from governance.lib.canonical import canonical
from governance.retention import reads

log = structlog.get_logger(__name__)
READ = 1000  # leaves at a time
LEASE = timedelta(minutes=2)  # how long a silent sender keeps a delivery
KEPT = 10  # tries that a row tells of


@transaction.atomic
def collect() -> int:
    """Everything sealed since the last time waits now for every webhook that hears of it; how many leaves were read.

    A webhook hears what is sealed after it was set up. Two workers at once: one does nothing.
    """
    if not locks.only_one("interfaces.collect"):
        return 0
    hearing = Webhook.objects.filter(ended_at__isnull=True, client__ended_at__isnull=True)
    cursor = Cursor.objects.filter(name="log").first()
    if cursor is None:  # nobody is told of the time before there was anybody to tell
        first = hearing.order_by("made_at").first()
        if first is None:
            return 0
        cursor = Cursor.objects.create(name="log", position=happenings.sealed_before(first.made_at))
    found, last = happenings.after(cursor.position, READ)
    if last == cursor.position:
        return 0
    numbers = happenings.numbers_of(found)
    rows = []
    told: dict[tuple[UUID, UUID], set[UUID]] = {}  # (client, its entity) → people of whom it hears
    for webhook in hearing.select_related("client").prefetch_related("client__purposes"):
        mine = frozenset(purpose.pk for purpose in webhook.client.purposes.all())
        for one in found:
            if (
                one.type in webhook.types
                and one.concerns(webhook.client.entity_id, mine)
                and one.since(webhook.made_at)
            ):
                rows.append(
                    Delivery(webhook=webhook, position=one.position, type=one.type, body=one.body(numbers))
                )
                if one.person:
                    told.setdefault((webhook.client_id, webhook.client.entity_id), set()).add(one.person)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    for (client, entity), people in told.items():
        reads.note_program(people, client=client, entity=entity, how="events")
    Cursor.objects.filter(name="log").update(position=last)
    return last - cursor.position


@dataclass(frozen=True)
class Claim:
    id: UUID
    fence: int


@transaction.atomic
def claim(limit: int = 50) -> list[Claim]:
    """Due deliveries are this sender's until the lease ends; each claim counts as a try."""
    due = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state="waiting", next_at__lte=Now(), webhook__stopped_at__isnull=True, webhook__ended_at__isnull=True
    )
    claims = [Claim(row.pk, row.attempts + 1) for row in due.order_by("next_at")[:limit]]
    for one in claims:
        Delivery.objects.filter(pk=one.id).update(attempts=one.fence, next_at=Now() + LEASE)
    return claims


def send(one: Claim) -> None:
    """The receiver has it, or it waits for the next try, or it is given up."""
    row = Delivery.objects.select_related("webhook__client").get(pk=one.id)
    body = canonical(row.body)
    headers = signing.headers(row.webhook, str(row.pk), int(time.time()), body)
    settle(one, row, sending.post(row.webhook.url, body, headers))


@transaction.atomic
def settle(one: Claim, row: Delivery, sent: sending.Sent) -> None:
    """A sender whose claim was overtaken changes nothing."""
    told: dict[str, Any] = {
        "at": clock.now().isoformat(timespec="seconds"), "status": sent.status, "code": sent.code, "ms": sent.ms
    }  # fmt: skip
    mine = Delivery.objects.filter(pk=one.id, attempts=one.fence, state="waiting")
    tries = [*row.tries, told][-KEPT:]
    if sent.taken:
        mine.update(state="delivered", delivered_at=Now(), tries=tries)
        return
    wait = rules.next_wait(one.fence)
    if sent.status == 410:
        webhooks.stop(row.webhook, by=None, because="gone")
    if wait is None:
        mine.update(state="given_up", tries=tries)
        log.warning("webhook.given_up", code=sent.code)
    else:
        mine.update(next_at=Now() + wait, tries=tries)


def deliver() -> int:
    """Everything due was tried once; how many."""
    while collect() >= READ:
        pass
    done = 0
    while claims := claim():
        for one in claims:
            send(one)
        done += len(claims)
    return done


def forget_old() -> int:
    """Deliveries that are over are gone after 30 days."""
    return Delivery.objects.exclude(state="waiting").filter(made_at__lt=Now() - rules.KEPT_FOR).delete()[0]
