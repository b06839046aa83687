"""What was erased stays erased when a backup comes back: keyed hashes of how a system knew the person, no names."""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import Q

from governance.audit import log
from governance.lib import quiet
from governance.lib.connectors import Connector, NobodyListed, Scope
from governance.people.models import Person
from governance.purposes.models import DataSystem
from governance.retention import systems
from governance.retention.models import ErasureOrder, Hold, Proof, Tombstone
from governance.retention.systems import Part

INSERT = """
INSERT INTO retention_tombstone (order_id, system_id, purpose_id, before, kind, digest)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[], %s::text[], %s::text[])
"""
LISTED = "listed"  # no digest: the system has named everybody whom it knows
logger = structlog.get_logger(__name__)


def digest(kind: str, value: str) -> str:
    """The same for every order, so that a number found in a restored system is recognised without being kept."""
    if not settings.TOMBSTONE_KEY:
        raise RuntimeError("Only the eraser has the tombstones' key.")
    said = f"{kind}:{value.strip().casefold()}".encode()
    return hmac.new(settings.TOMBSTONE_KEY.encode(), said, hashlib.sha256).hexdigest()


def lay(order: ErasureOrder, system: DataSystem, identifiers: Mapping[str, str]) -> None:
    """In the transaction of the Proof. Where the name is gone already there is nothing to recognise anybody by."""
    lay_many([order], system, [identifiers])


def lay_many(
    orders: Sequence[ErasureOrder], system: DataSystem, identifiers: Sequence[Mapping[str, str]]
) -> None:
    """The same for each of these orders and its identifiers."""
    rows = [
        (order.pk, system.pk, order.purpose_id, order.before, kind, digest(kind, value))
        for order, names in zip(orders, identifiers, strict=True)
        for kind, value in names.items()
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [list(column) for column in zip(*rows, strict=True)])


@dataclass
class Replayed:
    """What became of a restored system. `unknown`: orders whose person nobody could recognise there; `partly`: somebody
    recognised by number alone, so that free text could not be searched for the name."""

    orders: int = 0
    erased: int = 0
    empty: int = 0
    held: int = 0
    failed: int = 0
    unknown: int = 0
    partly: int = 0

    @property
    def is_sound(self) -> bool:
        return not (self.failed or self.unknown or self.partly)


def replay(system: DataSystem) -> Replayed:
    """Everything that was once erased and proved in this system is erased there again, and read back.

    Who is meant is found by hashing the numbers that the system itself lists, and those of the staff list. What a hold
    covers by now stays. The system's orders are not opened again: their proofs were true, the log tells of the replay.
    """
    found = Replayed()
    known: dict[tuple[UUID | None, str], dict[str, str]] = {}
    for proof in Proof.objects.filter(system=system).select_related("order__person").order_by("at"):
        order = proof.order
        found.orders += 1
        if Hold.objects.over(order.person_id, order.purpose_id).exists():
            found.held += 1
            continue
        part = next(iter(systems.parts(order.purpose_id, [system])), None)
        if part is None:
            found.failed += 1
            continue
        try:
            with part.opened() as connector:
                if (order.purpose_id, "") not in known:
                    known |= _list(part, connector, order.purpose_id)
                _again(order, system, connector, known, found)
        except Exception as error:
            logger.warning(
                "replay.fault", system=str(system.pk), order=str(order.pk), error=quiet.describe(error)
            )
            found.failed += 1
    log.record(
        "system.replayed", about=system, orders=found.orders, erased=found.erased, empty=found.empty, held=found.held,
        failed=found.failed, unknown=found.unknown, partly=found.partly,
    )  # fmt: skip
    return found


def _again(
    order: ErasureOrder, system: DataSystem, connector: Connector, known: Mapping[tuple[UUID | None, str], dict[str, str]],
    found: Replayed,
) -> None:  # fmt: skip
    stones = dict(Tombstone.objects.filter(order=order, system=system).values_list("digest", "kind"))
    who = {
        kind: value for stone in stones for kind, value in known.get((order.purpose_id, stone), {}).items()
    }
    if stones and not who and connector.needs_map:  # vault and portal know their people by our own ids
        # Nobody of the list: gone, or the system lists nobody. Only the first is good news.
        lists = (order.purpose_id, LISTED) in known
        found.empty += lists
        found.unknown += not lists
        return
    scope = Scope(order.person_id, order.purpose_id, tuple(order.streams), order.before, who)
    before = sum(connector.count(scope, chunk) for chunk in connector.chunks(scope))
    for chunk in connector.chunks(scope):
        connector.erase(scope, chunk)
    left = connector.residue(scope).count
    log.record("order.replayed", about=order, system=system.pk, found=before, left=left)
    found.partly += connector.needs_map and not set(stones.values()) <= set(who)
    found.failed += bool(left)
    found.erased += not left and bool(before)
    found.empty += not left and not before


def _list(
    part: Part, connector: Connector, purpose_id: UUID | None
) -> dict[tuple[UUID | None, str], dict[str, str]]:
    """Digest → identifiers, of everybody whom the staff list or the system itself names; LISTED, where it can name them."""
    rows: dict[tuple[UUID | None, str], dict[str, str]] = {(purpose_id, ""): {}}

    def add(names: Mapping[str, str]) -> None:
        for kind, value in names.items():
            rows.setdefault((purpose_id, digest(kind, value)), dict(names))

    staff = Person.objects.filter(Q(number__isnull=False) | Q(email__isnull=False))
    for names in staff.values("number", "name", "email").iterator():
        add({kind: value for kind, value in names.items() if value})
    listed: Callable[[], Iterator[Mapping[str, str]]] | None = getattr(connector, "listed", None)
    try:
        for names in listed() if listed else ():
            add(names)
    except NobodyListed:
        return rows
    return rows | ({(purpose_id, LISTED): {}} if listed else {})
