"""A period of a store of which everything is due goes whole; what is kept is moved out of its way first.

Row by row the orders would come to the same end. So nothing here stands for an order being carried out: the journal of
each says what stood there before, and the order goes on as after an erasure that was cut off, to its keys, its reading
back and its Proof. Killed anywhere, there are rows moved and readable, or a period gone whose steps say what it held.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import structlog
from django.db import OperationalError, transaction
from django.db.models import Q

from governance.lib import clock, connectors, locks, quiet
from governance.retention import looking, notices, orders, rules_steering, steering, systems
from governance.retention.models import Connection, ErasureOrder, Hold, Step
from governance.retention.systems import Part

logger = structlog.get_logger(__name__)
KEPT = ("held", "restricted_hold", "retention_conflict")
TRIES, PAUSE = 3, 0.5  # the store gives up waiting for those who read it; nobody else may wait long for us
BUSY = ("55P03", "40P01", "57014")  # lock not available, deadlock, statement cancelled


@dataclass(frozen=True)
class _Due:
    """One stream whose order may be carried out now."""

    order_id: UUID
    system_id: UUID
    rows: int


def drop_due(today: date) -> int:
    """Every period that is over, and of which orders that may go now cover what nothing keeps, is gone; how many."""
    dropped = 0
    for kind in Connection.objects.values_list("kind", flat=True).distinct().order_by("kind"):
        connector: Any = connectors.load(kind)
        if not hasattr(connector, "periods"):
            continue
        store = connector({}, {})
        for period, rows in store.periods(today).items():
            try:
                dropped += _drop_one(kind, store, period, rows)
            except OperationalError as error:
                logger.warning("period.in_use", error=quiet.describe(error))
    return dropped


def _drop_one(kind: str, store: Any, period: date, rows: Mapping[UUID, int]) -> bool:
    known = _holds()
    due, kept = _sort(kind, rows)
    others = len(rows) - len(due) - len(kept)
    facts = rules_steering.PeriodFacts(
        due=sum(one.rows for one in due.values()), kept=sum(rows[stream] for stream in kept), others=others
    )
    if not rules_steering.goes_whole(facts):
        return False
    with locks.sharing(locks.acting()):  # no hold is placed from here on
        if _holds() - known:
            return False  # one was placed since: asked again with the next sweep
        store.keep_apart(period, sorted(kept))
        return _tried(store, period, due)


def _holds() -> frozenset[UUID]:
    return frozenset(Hold.objects.in_force().values_list("pk", flat=True))


def _sort(kind: str, rows: Mapping[UUID, int]) -> tuple[dict[UUID, _Due], set[UUID]]:
    """(stream → what is due, streams that are kept) of these; a stream that is in neither has to be waited for."""
    due: dict[UUID, _Due] = {}
    kept: set[UUID] = set()
    open_ones = ErasureOrder.objects.exclude(state__in=ErasureOrder.ENDED).filter(streams__overlap=list(rows))
    for order in open_ones.select_related("person", "purpose", "entity").order_by("created_at"):
        mine = [stream for stream in order.streams if stream in rows]
        system = _may_go(order, kind)
        if order.state in KEPT or system == "kept":
            kept.update(mine)
        elif isinstance(system, UUID):
            for stream in mine:
                due.setdefault(stream, _Due(order.pk, system, rows[stream]))
    return {stream: one for stream, one in due.items() if stream not in kept}, kept


def _may_go(order: ErasureOrder, kind: str) -> UUID | str | None:
    """The system of this kind in which the order may be carried out this moment; "kept", or None when it has to wait."""
    if not _claimable().filter(pk=order.pk).exists() or order.action != "erase":
        return None
    parts, _not_connected = systems.of_order(order)
    mine: list[Part] = [part for part in parts if part.kind == kind]
    if len(mine) != 1:
        return None
    system, zone = mine[0].system, order.entity.timezone
    if orders.outcome_now(order, clock.law_date(zone)).state != "waiting":
        return "kept"
    if Hold.objects.in_system(system.pk, order.person_id, order.purpose_id).exists():
        return "kept"
    if steering.waits(system, zone) or (order.state != "erasing" and notices.late(order)):
        return None
    return None if looking.wants_two(order, parts, order.scope()) is not None else system.pk


def _claimable() -> Any:
    """Waiting for a worker, or with one: it finds its rows gone and their number in the journal."""
    waiting = ErasureOrder.objects.waiting().values("pk")
    return ErasureOrder.objects.filter(Q(pk__in=waiting) | Q(state="erasing", paused_at__isnull=True))


def _tried(store: Any, period: date, due: Mapping[UUID, _Due]) -> bool:
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return _drop(store, period, due)
        except OperationalError as error:
            if attempt == TRIES or getattr(error.__cause__, "sqlstate", "") not in BUSY:
                raise
            time.sleep(PAUSE * attempt)
    return False


def _drop(store: Any, period: date, due: Mapping[UUID, _Due]) -> bool:
    """The journal and the period in one transaction, the period last: it is closed to everybody only for a moment."""
    wanted = {one.order_id for one in due.values()}
    rows = ErasureOrder.objects.filter(pk__in=wanted).order_by("pk").select_for_update(of=("self",))
    locked = {row.pk for row in rows if row.state in ("waiting", "partly", "erasing") and not row.paused_at}
    if locked != wanted:
        return False
    now = clock.now()
    steps = [
        Step(order_id=one.order_id, system_id=one.system_id, chunk=str(stream)) for stream, one in due.items()
    ]
    Step.objects.bulk_create(steps, batch_size=2000, ignore_conflicts=True)
    found = Step.objects.filter(
        order__in=wanted, chunk__in=[step.chunk for step in steps], state__in=("pending", "erasing")
    )
    changed = []
    for step in found.order_by("pk").select_for_update(of=("self",)):
        step.state, step.began_at = "erasing", step.began_at or now
        if step.found_before is None:
            step.found_before = due[UUID(step.chunk)].rows
        changed.append(step)
    Step.objects.bulk_update(changed, ["state", "began_at", "found_before"], batch_size=2000)
    store.drop_whole(period, sorted(due))
    return True
