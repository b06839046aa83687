"""Advisory locks: what makes narrowing linear (What holds, 1).

Why advisory and not `SELECT … FOR SHARE`: on a hot row new sharers overtake the waiting writer, and a row lock misses
the rows that do not exist yet. PostgreSQL queues heavyweight locks first come, first served, so a withdrawal waits
only for the batches that are already inside.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection

EVERYTHING = "everything"


def key(kind: str, thing: UUID | str) -> int:
    """A signed 64-bit key for `kind:thing`; two things share one only by accident, which costs a wait, never a truth."""
    digest = hashlib.blake2b(f"{kind}:{thing}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def person(person_id: UUID | str) -> int:
    return key("person", person_id)


def purpose(purpose_id: UUID | str) -> int:
    return key("purpose", purpose_id)


def programme(programme_id: UUID | str) -> int:
    return key("programme", programme_id)


def everybody() -> int:
    """The lock of a population opt-out that names no purpose: every admission shares it."""
    return key("population", EVERYTHING)


def exclusively(*keys: int) -> None:
    """Take the locks for the rest of this transaction, in the order given, before anything is read."""
    if not connection.in_atomic_block:
        raise RuntimeError("A lock for a transaction needs a transaction.")
    with connection.cursor() as cursor:
        for number in keys:
            cursor.execute(ALONE, [number])


ALONE = "SELECT pg_advisory_xact_lock(%s)"
# A thing's shared and then a person's exclusive, in this order and in one statement; what follows is read in a new one.
SHARED_THEN_ALONE = "SELECT pg_advisory_xact_lock_shared(%s), pg_advisory_xact_lock(%s)"


def in_order(keys: Sequence[int]) -> None:
    """As exclusively(), of many at once: whoever takes many sorts them, so that two never wait in a circle."""
    if not connection.in_atomic_block:
        raise RuntimeError("A lock for a transaction needs a transaction.")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(n) FROM unnest(%s::bigint[]) WITH ORDINALITY AS k(n, i) ORDER BY i",
            [list(keys)],
        )


SHARE = (
    "SELECT pg_advisory_xact_lock_shared(n) FROM unnest(%s::bigint[]) WITH ORDINALITY AS k(n, i) ORDER BY i"
)


def to_share(wide: Iterable[int], persons: Iterable[int]) -> list[list[int]]:
    """The values of SHARE: first the wide locks (population, purpose, programme), then the persons'.

    Shared locks of two admissions never conflict; a narrowing verb holds one exclusive lock at a time or takes them in
    this same order, so the two cannot wait for each other in a circle.
    """
    return [[*wide, *sorted(persons)]]


def share(cursor: Any, wide: Iterable[int], persons: Iterable[int]) -> None:
    """Take the wide locks and then the persons' shared, on this cursor."""
    cursor.execute(SHARE, to_share(wide, persons))
    cursor.fetchall()


@contextmanager
def sharing(number: int) -> Iterator[None]:
    """Hold this lock, shared, while something is done that is more than one transaction; a death releases it.

    Whoever takes the same lock exclusively waits until the act is over, and acts that come later wait for them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [number])
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [number])


@contextmanager
def alone(number: int) -> Iterator[None]:
    """Hold this lock exclusively while something is done that is more than one transaction; a death releases it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [number])
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def acting() -> int:
    """Shared while one part of an erasure is carried out; a hold is placed under it exclusively."""
    return key("erasure", "acting")


def only_one(name: str) -> bool:
    """True when this transaction is now the only one doing `name`; False when another is (a singleton task)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [key("singleton", name)])
        return bool(cursor.fetchone()[0])
