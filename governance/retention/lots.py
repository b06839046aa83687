"""A long order is shared out by system, so that more workers end it sooner: who takes which part, and when all are done.

All of them work under the one claim of whoever began. A message only says that there is something to take; the rows say
what. Within a system the chunks go in the connector's order, which foreign keys ask for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Min

from governance.lib import clock
from governance.lib.nudge import nudge
from governance.retention import journal
from governance.retention.journal import Claim
from governance.retention.models import Lot
from governance.retention.systems import Part


def share(claim: Claim, parts: Sequence[Part], mine: Part, ended: Mapping[UUID, datetime | None]) -> None:
    """Every part has its lot: `ended` are over, `mine` is at work, the others are to be taken. Raises Overtaken."""
    with journal.ours(claim) as order:
        for part in parts:
            taken = part.system.pk in ended or part is mine
            Lot.objects.update_or_create(
                order=order, system=part.system,
                defaults={
                    "fence": claim.fence if taken else 0, "ended_at": clock.now() if part.system.pk in ended else None,
                    "not_before": ended.get(part.system.pk),
                },
            )  # fmt: skip
        for part in parts:
            if not (part.last or part is mine or part.system.pk in ended):
                nudge("retention.help_out", str(claim.order_id), claim.fence)


def take(claim: Claim, parts: Sequence[Part]) -> list[Part]:
    """What is ours to do next; nothing when the rest is in others' hands. Raises Overtaken.

    Those that hold the identifiers come when all others are over, and to one worker together: after the first of them
    nobody could know any more whom to look for in the next.
    """
    with journal.ours(claim) as order:
        lots = {lot.system_id: lot for lot in Lot.objects.filter(order=order)}
        known = [
            part for part in parts if part.system.pk in lots
        ]  # what was connected since waits for the next claim
        free = [part for part in known if lots[part.system.pk].fence != claim.fence]
        ours = [part for part in free if not part.last][:1]
        if not ours and not _unfinished(claim, lots, [part for part in known if not part.last]):
            ours = free
        Lot.objects.filter(order=order, system__in=[part.system for part in ours]).update(
            fence=claim.fence, ended_at=None, not_before=None
        )
    return ours


def end(claim: Claim, part: Part, not_before: datetime | None) -> None:
    """This part is over for now: proved, left with its fault, or not before then. Raises Overtaken."""
    with journal.ours(claim) as order:
        Lot.objects.filter(order=order, system=part.system).update(
            ended_at=clock.now(), not_before=not_before
        )


def all_ended(claim: Claim, parts: Sequence[Part]) -> bool:
    lots = {lot.system_id: lot for lot in Lot.objects.filter(order_id=claim.order_id)}
    return not _unfinished(claim, lots, [part for part in parts if part.system.pk in lots])


def not_before(claim: Claim) -> datetime | None:
    """The first moment at which one of those that were left alone may be worked on."""
    found = Lot.objects.filter(order_id=claim.order_id, fence=claim.fence).aggregate(first=Min("not_before"))
    first: datetime | None = found["first"]
    return first


def _unfinished(claim: Claim, lots: Mapping[UUID, Lot], parts: Sequence[Part]) -> bool:
    rows = [lots[part.system.pk] for part in parts]
    return any(row.fence != claim.fence or row.ended_at is None for row in rows)
