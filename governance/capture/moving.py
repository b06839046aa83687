"""Segments that lie in PostgreSQL are moved into the object store that was set later; chunk by chunk, and again after a kill.

The row says where its content lies, and says the new place only after the store gave back the very bytes that the row
has: what opened before opens after. Killed in between, the row still has its content, and the next run puts the object
again under the same key. Runs as the database's owner with a key that may put and get, both for this alone.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from governance.audit import log
from governance.capture import blobs, vault
from governance.capture.reconciling import MOVING
from governance.lib import locks, sealing
from governance.lib.connectors import SystemAway

AT_ONCE = 64  # segments of one transaction; at most a clip's chunk each
NEXT = """
SELECT id, stream, sealed FROM vault.segment
WHERE sealed IS NOT NULL AND id > %s ORDER BY id LIMIT %s FOR UPDATE
"""
LIES = """
UPDATE vault.segment SET sealed = NULL, blob_key = %s, blob_bytes = %s, blob_sha256 = %s WHERE id = %s
"""


@dataclass(frozen=True)
class Moved:
    segments: int
    bytes: int
    left: int


def move(*, at_once: int = AT_ONCE) -> Iterator[Moved]:
    """Yields after every chunk what has been moved so far and how many are left. Raises SystemAway; then run it again."""
    store = blobs.store()
    if store is None:
        raise SystemAway("no object store is set")
    segments = size = 0
    last, there = UUID(int=0), left()
    while True:
        some = _chunk(store, last, at_once)
        if not some:
            return
        last = some[-1][0]
        segments, size = segments + len(some), size + sum(length for _one, length in some)
        yield Moved(segments, size, max(there - segments, 0))


def left() -> int:
    with connection.cursor() as cursor, _as_vault_owner(cursor):
        cursor.execute("SELECT count(*) FROM vault.segment WHERE sealed IS NOT NULL")
        return int(cursor.fetchone()[0])


@contextmanager
def _as_vault_owner(cursor: Any) -> Iterator[None]:
    """In here the vault's rows are seen and changed as the schema's owner may, whom no process's login is."""
    with transaction.atomic():
        cursor.execute("SET LOCAL ROLE vault_owner")
        yield
        cursor.execute("RESET ROLE")


def _chunk(store: blobs.Store, last: UUID, at_once: int) -> list[tuple[UUID, int]]:
    """(segment, bytes) of those that lie outside now. All of the chunk, or none of it."""
    with transaction.atomic(), connection.cursor() as cursor:
        # An erasure of these rows waits for this transaction, and then reads back what the store lists of them.
        locks.exclusively(locks.key(*MOVING))
        with _as_vault_owner(cursor):
            cursor.execute(NEXT, [last, at_once])
            rows = [(segment, stream, bytes(sealed)) for segment, stream, sealed in cursor.fetchall()]
            if not rows:
                return []
            with ThreadPoolExecutor(blobs.AT_ONCE, thread_name_prefix="moving") as pool:
                list(pool.map(lambda row: _put(store, *row), rows))
            for segment, stream, sealed in rows:
                _inside, key, length, digest = blobs.lies(stream, segment, sealed)
                cursor.execute(LIES, [key, length, digest, segment])
        log.record("vault.moved_outside", segments=len(rows))
    return [(segment, len(sealed)) for segment, _stream, sealed in rows]


def _put(store: blobs.Store, segment: UUID, stream: UUID, sealed: bytes) -> None:
    """The object is there and gives back the very bytes. Raises SystemAway."""
    key = blobs.key_of(stream, segment)
    store.put(key, sealed)
    if store.get(key) != sealed:
        raise SystemAway("an object does not read back as it was put")


@dataclass(frozen=True)
class Opened:
    """Of the streams that have a segment outside: how many opened whole, and which did not."""

    streams: int
    events: int
    closed: tuple[UUID, ...]


def opens() -> Opened:
    """Every stream with segments outside is opened, and nothing of it kept. Only the exporter can."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT stream FROM vault.segment WHERE blob_key IS NOT NULL ORDER BY stream")
        streams = [row[0] for row in cursor.fetchall()]
    events, closed = 0, []
    for stream in streams:
        try:
            events += sum(1 for _event in vault.opened([stream]))
        except (sealing.CannotOpen, blobs.NoBlob):
            closed.append(stream)
    return Opened(len(streams), events, tuple(closed))
