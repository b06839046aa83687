"""Steer an order: stop it and let it go on, agree to it with a second person, and keep to a system's hours."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import clock
from governance.lib.nudge import nudge
from governance.people.models import Person
from governance.purposes.models import DataSystem
from governance.retention import rules_steering as rules
from governance.retention.models import Connection, ErasureOrder, Step


@transaction.atomic
def pause(order_id: UUID, *, by: Person) -> ErasureOrder:
    """Nothing more of this order is begun; a part that is being erased this moment ends first. Raises Refused."""
    order = ErasureOrder.objects.select_for_update().get(pk=order_id)
    rules.check_pause(by.holds("retention.pause", order.entity_id), order.state, order.paused_at is not None)
    changes: dict[str, Any] = {"paused_at": clock.now(), "paused_by": by}
    if order.state == "erasing":  # whoever carries it out is overtaken
        changes |= {"state": "partly", "fence": order.fence + 1, "lease_until": None}
    return _keep(order, "order.paused", changes, by)


@transaction.atomic
def resume(order_id: UUID, *, by: Person) -> ErasureOrder:
    """It goes on where the journal stands. Raises Refused."""
    order = ErasureOrder.objects.select_for_update().get(pk=order_id)
    rules.check_resume(by.holds("retention.pause", order.entity_id), order.paused_at is not None)
    order = _keep(order, "order.resumed", {"paused_at": None, "paused_by": None, "try_after": Now()}, by)
    nudge("retention.carry_out")
    return order


@transaction.atomic
def approve(order_id: UUID, *, by: Person) -> ErasureOrder:
    """The first of two people agrees, or the second: then it is carried out. Raises Refused."""
    order = ErasureOrder.objects.select_for_update().get(pk=order_id)
    rules.check_approve(facts(order, by=by))
    if order.approved_by_id is None:
        return _keep(order, "order.approved_once", {"approved_by": by}, by)
    order = _keep(order, "order.approved", {"second_by": by, "try_after": Now()}, by)
    nudge("retention.carry_out")
    return order


def facts(order: ErasureOrder, *, by: Person) -> rules.ApprovalFacts:
    return rules.ApprovalFacts(
        wanted=order.approval_wanted_at is not None, first=order.approved_by_id, second=order.second_by_id, by=by.pk,
        may=by.holds("retention.approve", order.entity_id), looked=order.looked_at is not None,
    )  # fmt: skip


@transaction.atomic
def ask_look(order_id: UUID, *, by: Person) -> ErasureOrder:
    """A dry run is wanted: the eraser looks what would go, and changes nothing."""
    order = ErasureOrder.objects.select_for_update().get(pk=order_id)
    order = _keep(order, "order.look_asked", {"look_asked_at": clock.now()}, by)
    nudge("retention.look")
    return order


@transaction.atomic
def set_pace(
    system: DataSystem, *, from_time: time | None, until_time: time | None, per_hour: int | None, by: Person,
    backup_days: int | None = None,
) -> Connection:  # fmt: skip
    """From now on the system is worked on only at these hours, and only so many parts are begun in an hour.

    `backup_days`: after so many days its backups are overwritten, for certificates; None: nobody has said.
    """
    rules.check_pace(from_time, until_time, per_hour)
    Connection.objects.filter(system=system).update(
        from_time=from_time, until_time=until_time, per_hour=per_hour, backup_days=backup_days
    )
    said = {} if backup_days is None else {"backup_days": backup_days}
    log.record("system.pace_set", by=by, about=system, per_hour=per_hour or 0, **said)
    return Connection.objects.get(system=system)


def waits(system: DataSystem, zone: str) -> tuple[str, datetime] | None:
    """(why, until when) this system may not be worked on now: "window" or "pace". None when it may."""
    row = Connection.objects.get(system=system)
    now = clock.now()
    opens = rules.opens(row.from_time, row.until_time, now.astimezone(ZoneInfo(zone)))
    if opens is not None:
        return "window", opens
    if row.per_hour is None:
        return None
    begun = Step.objects.filter(system=system, began_at__gt=now - timedelta(hours=1))
    turn = rules.next_turn(list(begun.values_list("began_at", flat=True)), row.per_hour, now)
    return ("pace", turn) if turn is not None else None


def _keep(order: ErasureOrder, code: str, changes: dict[str, Any], by: Person) -> ErasureOrder:
    ErasureOrder.objects.filter(pk=order.pk).update(**changes)
    log.record(code, by=by, about=order)
    order.refresh_from_db()
    return order
