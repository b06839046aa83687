"""Carry an order out: claim, then system by system plan, erase, read back, prove; then settle.

Killed anywhere, the next claim goes on where the journal stands; erasing twice erases once.
"""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog

from governance.lib import clock, locks, quiet
from governance.lib.connectors import Connector, Residue, Scope
from governance.purposes.models import DataSystem
from governance.retention import journal, looking, steering, systems
from governance.retention.journal import Claim, Overtaken
from governance.retention.models import ErasureOrder, Hold, Proof
from governance.retention.systems import Part

logger = structlog.get_logger(__name__)
LEFT_NAMED = 20  # rows or files of one part that are named when they would not go
HELD_AGAIN = timedelta(hours=6)  # a system that a hold keeps is asked for again


def carry_out(order_id: UUID) -> str | None:
    """Do what can be done of this order now; returns its state afterwards, or None when it was not ours to do.

    "done" only when every connected system was read back and found empty. A system that does not answer, or that
    keeps what it said it erased, leaves the order "partly", with what is left and where.
    """
    claim = journal.claim(order_id)
    if claim is None:
        return None
    order = ErasureOrder.objects.select_related("person", "purpose", "entity").get(pk=order_id)
    # Read once: the last system to be erased may be the one that holds the identifiers.
    scope = order.scope()
    parts, not_connected = systems.of_order(order)
    try:
        seen = looking.wants_two(order, parts, scope)
        if seen is not None:
            return journal.want_two(claim, seen)
        open_ends, later = 0, []
        for part in parts:
            wait = steering.waits(part.system, order.entity.timezone)
            if wait and not _is_proved(claim, part):
                journal.fault(claim, part.system, wait[0])
                later.append(wait[1])
                open_ends += 1
            elif _is_held(order, part) and not _is_proved(claim, part):
                journal.fault(claim, part.system, "held")
                later.append(clock.now() + HELD_AGAIN)
                open_ends += 1
            elif part.last and scope.purpose is None and open_ends:
                journal.fault(claim, part.system, "waits for the other systems")
            elif not _prove(claim, scope, part):
                open_ends += 1
        return journal.settle(
            claim, [part.system for part in parts], not_connected, not_before=min(later, default=None)
        )
    except Overtaken:
        return None


class CannotAnonymise(Exception):
    """The system can erase, but cannot leave a row and take the person out of it."""


def _is_held(order: ErasureOrder, part: Part) -> bool:
    """A hold of this system alone: its part stays, the others go on."""
    return Hold.objects.in_system(part.system.pk, order.person_id, order.purpose_id).exists()


def _is_proved(claim: Claim, part: Part) -> bool:
    return Proof.objects.filter(order_id=claim.order_id, system=part.system).exists()


def _prove(claim: Claim, scope: Scope, part: Part) -> bool:
    """Is this system read back and found empty?"""
    if _is_proved(claim, part):
        return True
    try:
        with part.opened() as connector:
            if scope.anonymise and not getattr(connector, "anonymises", False):
                found = sum(connector.count(scope, chunk) for chunk in connector.chunks(scope))
                if found:  # erasing instead would be more than the rule says, leaving it less
                    raise CannotAnonymise
            for step in journal.plan(claim, part.system, connector.chunks(scope)):
                if step.state in ("pending", "erasing"):
                    # A hold is placed only between two parts, never in the middle of one.
                    with locks.sharing(locks.acting()):
                        journal.begin(claim, step, connector.count(scope, step.chunk))
                        done = connector.erase(scope, step.chunk)
                        journal.erased(claim, step, done, connector.count(scope, step.chunk))
            return _read_back(claim, scope, part.system, connector)
    except Overtaken:
        raise
    except Exception as error:
        logger.warning("erasure.fault", order=str(claim.order_id), system=str(part.system.pk), exc_info=error)
        journal.fault(claim, part.system, quiet.describe(error))
        return False


def _rows_left(connector: Connector, scope: Scope) -> tuple[str, ...]:
    """Which rows and files exactly would not go, by their own keys, where the connector can tell."""
    named = ((chunk, looking.named(connector, scope, chunk, LEFT_NAMED)) for chunk in connector.chunks(scope))
    return tuple(f"{chunk}: {', '.join(rows)}" for chunk, rows in named if rows)


def _read_back(claim: Claim, scope: Scope, system: DataSystem, connector: Connector) -> bool:
    read: Residue = connector.residue(scope)
    if read.count:
        journal.left(claim, system, replace(read, where=(*read.where, *_rows_left(connector, scope))))
        return False
    journal.proved(claim, system, connector, read, scope)
    return True
