"""The keys database: one table, `stream_key`, which only eraser and exporter reach.

A stream's private key is wrapped by a key-encryption key behind one interface (key_service.py). The eraser has only the
public half of that: it makes and destroys stream keys, and can open none.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import connections

from governance.capture import key_service
from governance.lib import sealing

TABLE = """
CREATE TABLE IF NOT EXISTS stream_key (
    stream uuid PRIMARY KEY,
    kek text NOT NULL,
    wrapped bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
)
"""


def make(stream: UUID) -> bytes:
    """A new pair for this stream: the private half goes wrapped into the keys database, the public half is returned.

    A pair left by a maker that was killed is replaced: nothing was ever sealed to it.
    """
    pair = sealing.new_pair()
    kek, wrapped = key_service.chosen().wrap(stream, pair.private)
    with connections["keys"].cursor() as cursor:
        cursor.execute("DELETE FROM stream_key WHERE stream = %s", [stream])
        cursor.execute(
            "INSERT INTO stream_key (stream, kek, wrapped) VALUES (%s, %s, %s)", [stream, kek, wrapped]
        )
    return pair.public


def destroy(stream: UUID) -> int:
    """The stream's content can be opened by nobody any more; returns how many keys went (0 or 1)."""
    with connections["keys"].cursor() as cursor:
        cursor.execute("DELETE FROM stream_key WHERE stream = %s", [stream])
        return cursor.rowcount


def destroy_all(streams: Collection[UUID]) -> set[UUID]:
    """The same of many; the streams whose key went."""
    with connections["keys"].cursor() as cursor:
        cursor.execute("DELETE FROM stream_key WHERE stream = ANY(%s) RETURNING stream", [list(streams)])
        return {row[0] for row in cursor.fetchall()}


def private(stream: UUID) -> bytes:
    """The private key, unwrapped; only the exporter can. Raises sealing.CannotOpen when there is none any more, SystemAway."""
    with connections["keys"].cursor() as cursor:
        cursor.execute("SELECT kek, wrapped FROM stream_key WHERE stream = %s", [stream])
        row = cursor.fetchone()
    if row is None:
        raise sealing.CannotOpen
    return key_service.of(row[0]).unwrap(row[0], stream, bytes(row[1]))


def can_open() -> bool:
    """Could this process open what the newest key-encryption key wraps? Only the exporter can, while its service answers."""
    return key_service.chosen().can_open()


def streams_with_keys() -> set[UUID]:
    with connections["keys"].cursor() as cursor:
        cursor.execute("SELECT stream FROM stream_key")
        return {row[0] for row in cursor.fetchall()}


def left_of(streams: Collection[UUID]) -> set[UUID]:
    """Which of these streams still have a key."""
    with connections["keys"].cursor() as cursor:
        cursor.execute("SELECT stream FROM stream_key WHERE stream = ANY(%s)", [list(streams)])
        return {row[0] for row in cursor.fetchall()}
