"""Carry an order out: claim, then system by system plan, erase, read back, prove; then settle.

Killed anywhere, the next claim goes on where the journal stands; erasing twice erases once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from types import MappingProxyType
from uuid import UUID

import structlog

from governance.lib import clock, locks, quiet
from governance.lib.canonical import digest
from governance.lib.connectors import Connector, Residue, Scope
from governance.purposes.models import DataSystem
from governance.retention import journal, looking, lots, steering, systems
from governance.retention.journal import Claim, Overtaken
from governance.retention.models import ErasureOrder, Hold, Proof
from governance.retention.systems import Part

logger = structlog.get_logger(__name__)
LEFT_NAMED = 20  # rows or files of one part that are named when they would not go
HELD_AGAIN = timedelta(hours=6)  # a system that a hold keeps is asked for again


LONG = 3.0  # seconds: an order that takes longer is shared with whoever has time
MANY = 5_000  # rows, files or objects in one part: it will take longer


@dataclass
class Errand:
    """One worker's share in carrying an order out, under the claim of whoever began."""

    claim: Claim
    order: ErasureOrder
    scope: Scope
    parts: list[Part]
    not_connected: list[DataSystem]
    shared: bool = False  # others may take part
    began: float = field(default_factory=monotonic)
    ended: dict[UUID, datetime | None] = field(
        default_factory=dict
    )  # system → not before, when it was left alone

    @classmethod
    def under(cls, claim: Claim, *, shared: bool = False) -> "Errand":
        order = ErasureOrder.objects.select_related("person", "purpose", "entity").get(pk=claim.order_id)
        # Read once: the last system to be erased may be the one that holds the identifiers.
        return cls(claim, order, order.scope(), *systems.of_order(order), shared=shared)

    def take(self) -> list[Part]:
        if self.shared:
            return lots.take(self.claim, self.parts)
        return [part for part in self.parts if part.system.pk not in self.ended][:1]

    def end(self, part: Part, not_before: datetime | None) -> None:
        self.ended[part.system.pk] = not_before
        if self.shared:
            lots.end(self.claim, part, not_before)

    def share_if_long(self, now: Part, found: int = 0) -> None:
        """A small order costs no message and no row; a long one is not kept from others who have time."""
        others = [part for part in self.parts if part.system.pk not in self.ended and part is not now]
        if self.shared or all(part.last for part in others):
            return
        if found > MANY or monotonic() - self.began > LONG:
            lots.share(self.claim, self.parts, now, self.ended)
            self.shared = True

    def settle(self) -> str:
        """Whoever comes to the end of all settles; who comes before goes home."""
        later = [moment for moment in self.ended.values() if moment]
        not_before = min(later, default=None)
        if self.shared:
            if not lots.all_ended(self.claim, self.parts):
                return "erasing"
            not_before = lots.not_before(self.claim)
        return journal.settle(
            self.claim, [part.system for part in self.parts], self.not_connected, not_before=not_before,
            misses_the_vault=systems.misses_the_vault(self.order, self.parts),
        )  # fmt: skip


def carry_out(order_id: UUID) -> str | None:
    """Do what can be done of this order now; returns its state afterwards, or None when it was not ours to do.

    "done" only when every connected system was read back and found empty. A system that does not answer, or that
    keeps what it said it erased, leaves the order "partly", with what is left and where. "erasing": others are at it.
    """
    claim = journal.claim(order_id)
    return None if claim is None else go_on(claim)


def go_on(claim: Claim, *, left_alone: Mapping[UUID, datetime | None] = MappingProxyType({})) -> str | None:
    """What is still to be done of an order that is claimed; `left_alone`: systems that are not tried under this claim."""
    errand = Errand.under(claim)
    errand.ended |= left_alone
    try:
        with journal.kept(claim):
            seen = looking.wants_two(errand.order, errand.parts, errand.scope)
            return journal.want_two(claim, seen) if seen is not None else _work(errand)
    except Overtaken:
        return None


def help_out(order_id: UUID, fence: int) -> str | None:
    """Take part in an order that somebody else began; the state it is in afterwards, None when it needs no help."""
    claim = Claim(order_id, fence)
    try:
        with journal.ours(claim):  # most messages come too late, and cost no more than this
            pass
        with journal.kept(claim):
            return _work(Errand.under(claim, shared=True))
    except Overtaken:
        return None


def _work(errand: Errand) -> str:
    """Part by part, the holds asked again before each. Raises Overtaken."""
    while parts := errand.take():
        for part in parts:
            errand.end(part, _part(errand, part))
    return errand.settle()


def _part(errand: Errand, part: Part) -> datetime | None:
    """Erase in this system and read it back; returns from when on it may be tried, when it had to be left alone."""
    claim, order = errand.claim, errand.order
    if _is_proved(claim, part):
        return None
    wait = steering.waits(part.system, order.entity.timezone)
    if wait:
        journal.fault(claim, part.system, wait[0])
        return wait[1]
    if is_held(order, part):
        journal.fault(claim, part.system, "held")
        return clock.now() + HELD_AGAIN
    if part.last and errand.scope.purpose is None and not _all_before_are_proved(errand, part):
        journal.fault(claim, part.system, "waits for the other systems")
        return None
    _prove(errand, part)
    return None


def _all_before_are_proved(errand: Errand, part: Part) -> bool:
    before = [
        other.system for other in errand.parts[: errand.parts.index(part)]
    ]  # the last ones stand at the end
    proofs = Proof.objects.filter(order_id=errand.claim.order_id, system__in=before)
    return proofs.count() == len(before)


class CannotAnonymise(Exception):
    """The system can erase, but cannot leave a row and take the person out of it."""


def is_held(order: ErasureOrder, part: Part) -> bool:
    """A hold of this system alone: its part stays, the others go on."""
    return Hold.objects.in_system(part.system.pk, order.person_id, order.purpose_id).exists()


def _is_proved(claim: Claim, part: Part) -> bool:
    return Proof.objects.filter(order_id=claim.order_id, system=part.system).exists()


@contextmanager
def at(part: Part, connector: Connector, chunk: str | None = None) -> Iterator[None]:
    """Where a shared file or object is written anew as a whole, one of us at a time does it; None: to read back."""
    written = getattr(connector, "alone", ())
    store = locks.key("store", f"{part.kind}:{digest(dict(part.options))}")  # two systems may be one folder
    if chunk in written:
        with locks.alone(store):
            yield
    elif chunk is None and written:
        with locks.sharing(store):
            yield
    else:
        yield


def _prove(errand: Errand, part: Part) -> None:
    """Plan, erase, read back: this system has its proof, or says why not."""
    claim, scope = errand.claim, errand.scope
    try:
        with part.opened() as connector:
            if scope.anonymise and not getattr(connector, "anonymises", False):
                found = sum(connector.count(scope, chunk) for chunk in connector.chunks(scope))
                if found:  # erasing instead would be more than the rule says, leaving it less
                    raise CannotAnonymise
            for step in journal.plan(claim, part.system, connector.chunks(scope)):
                if step.state in ("pending", "erasing"):
                    errand.share_if_long(part)
                    # A hold is placed only between two parts, never in the middle of one.
                    with at(part, connector, step.chunk), locks.sharing(locks.acting()):
                        found = connector.count(scope, step.chunk)
                        journal.begin(claim, step, found)
                        errand.share_if_long(part, found)
                        done = connector.erase(scope, step.chunk)
                        journal.erased(claim, step, done, connector.count(scope, step.chunk))
            errand.share_if_long(part)
            with at(part, connector):
                _read_back(claim, scope, part.system, connector)
    except Overtaken:
        raise
    except Exception as error:
        logger.warning("erasure.fault", order=str(claim.order_id), system=str(part.system.pk), exc_info=error)
        journal.fault(claim, part.system, quiet.describe(error))


def _rows_left(connector: Connector, scope: Scope) -> tuple[str, ...]:
    """Which rows and files exactly would not go, by their own keys, where the connector can tell."""
    named = ((chunk, looking.named(connector, scope, chunk, LEFT_NAMED)) for chunk in connector.chunks(scope))
    return tuple(f"{chunk}: {', '.join(rows)}" for chunk, rows in named if rows)


def _read_back(claim: Claim, scope: Scope, system: DataSystem, connector: Connector) -> None:
    read: Residue = connector.residue(scope)
    if read.count:
        journal.left(claim, system, replace(read, where=(*read.where, *_rows_left(connector, scope))))
    else:
        journal.proved(claim, system, connector, read, scope)
