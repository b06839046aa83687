"""The keys database: one table, `stream_key`, which only eraser and exporter reach. One interface, so that a KMS may stand behind it.

A stream's private key is wrapped (HPKE) to the month's key-encryption key. The eraser holds only the public half of
that: it makes and destroys stream keys, and can open none.
"""

import os
from collections.abc import Collection
from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connections

from governance.lib import clock, sealing

TABLE = """
CREATE TABLE IF NOT EXISTS stream_key (
    stream uuid PRIMARY KEY,
    kek text NOT NULL,
    wrapped bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
)
"""


def month_name(day: date) -> str:
    return f"{day:%Y-%m}"


def make_kek(month: str, home: Path | None = None) -> None:
    """The key-encryption pair of a month, if it is not there: <month>.pub for the eraser, <month>.key for the exporter."""
    home = home or settings.KEY_HOME
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (home / f"{month}.key").exists():
        return
    pair = sealing.new_pair()
    for suffix, content in (("key", pair.private), ("pub", pair.public)):
        handle = os.open(home / f"{month}.{suffix}", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)


def newest_kek(home: Path | None = None) -> tuple[str, bytes]:
    """(month, public half) of this month's key-encryption key, or of the newest before it. Next month's waits its turn."""
    this = month_name(clock.now().date())
    files = sorted(path for path in (home or settings.KEY_HOME).glob("*.pub") if path.stem <= this)
    if not files:
        raise FileNotFoundError("There is no key-encryption key yet: run manage.py grants.")
    return files[-1].stem, files[-1].read_bytes()


def make(stream: UUID) -> bytes:
    """A new pair for this stream: the private half goes wrapped into the keys database, the public half is returned.

    A pair left by a maker that was killed is replaced: nothing was ever sealed to it.
    """
    pair = sealing.new_pair()
    kek, public = newest_kek()
    wrapped = sealing.seal(public, pair.private, b"sammati stream key 1|" + stream.bytes)
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


def private(stream: UUID) -> bytes:
    """The private key, unwrapped; only the exporter can. Raises sealing.CannotOpen when there is none any more."""
    with connections["keys"].cursor() as cursor:
        cursor.execute("SELECT kek, wrapped FROM stream_key WHERE stream = %s", [stream])
        row = cursor.fetchone()
    if row is None:
        raise sealing.CannotOpen
    kek = (settings.KEY_HOME / f"{row[0]}.key").read_bytes()
    return sealing.unseal(kek, bytes(row[1]), b"sammati stream key 1|" + stream.bytes)


def can_open() -> bool:
    """Does this process hold the private half of the newest key-encryption key? Only the exporter does."""
    try:
        return bool((settings.KEY_HOME / f"{newest_kek()[0]}.key").read_bytes())
    except OSError:
        return False


def streams_with_keys() -> set[UUID]:
    with connections["keys"].cursor() as cursor:
        cursor.execute("SELECT stream FROM stream_key")
        return {row[0] for row in cursor.fetchall()}


def left_of(streams: Collection[UUID]) -> set[UUID]:
    """Which of these streams still have a key."""
    with connections["keys"].cursor() as cursor:
        cursor.execute("SELECT stream FROM stream_key WHERE stream = ANY(%s)", [list(streams)])
        return {row[0] for row in cursor.fetchall()}
