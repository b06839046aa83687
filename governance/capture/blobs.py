"""Where sealed segments lie: in PostgreSQL, or by setting as objects of an S3-compatible store, whose rows stay here.

The order at each crash: an object is put before its row is committed, and goes before its row does. So a row without an
object is a loss, never a step on the way; an object without a row is a batch that was never admitted, and is swept.
Objects of one stream lie beneath one key, so that erasing it finds also those that no row remembers.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import connection

from governance.lib.connectors import SystemAway

ALL_PUT = 3.0  # seconds for all objects of a batch; whoever narrows waits so long behind the batch's locks
AT_ONCE = 8
CHECK = (
    "start-check"  # at a start each process tries here what its key may do; of nobody, and removed at night
)


class NoBlob(Exception):
    """A row's object is not there, or is not the one that was put."""


class Lies(Protocol):
    """One version of one object, or a delete marker."""

    @property
    def key(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def marker(self) -> bool: ...
    @property
    def latest(self) -> bool: ...


class Store(Protocol):
    """Whatever holds objects. Every method raises SystemAway, and nothing else, when it cannot."""

    def __init__(self, options: dict[str, str], key: str) -> None: ...
    def put(self, key: str, content: bytes) -> None: ...
    def get(self, key: str) -> bytes | None: ...
    def remove(self, begin: str) -> int:
        """Every version and delete marker whose key begins so is gone; how many went."""

    def versions(self, begin: str) -> Iterator[Lies]: ...
    def keys(self) -> Iterator[str]:
        """What is there now, in the order of the key's bytes."""

    def tries(self) -> dict[str, bool]:
        """put, get, list, delete → may this process's key?"""

    def sweep_uploads(self, before: datetime) -> int:
        """Uploads that nobody finished, begun before this moment, are gone; how many."""


def store() -> Store | None:
    """The store of the settings, with this process's own key; None when segments lie in PostgreSQL."""
    if not settings.BLOBS_BUCKET:
        return None
    return _made(settings.BLOBS_BUCKET, settings.BLOBS_PREFIX, settings.BLOBS_REGION, os.environ.get("SAMMATI_BLOBS_ENDPOINT", ""),
                 os.environ.get("SAMMATI_BLOBS_KEY", ""))  # fmt: skip


@lru_cache(maxsize=4)
def _made(bucket: str, prefix: str, region: str, endpoint: str, key: str) -> Store:
    from governance.capture.blobs_s3 import Blobs  # boto3 is heavy: only where it is wanted

    return Blobs({"bucket": bucket, "prefix": prefix, "region": region, "endpoint": endpoint}, key)


def _begin(stream: UUID) -> str:
    return f"{settings.BLOBS_PREFIX}{stream}/"


def key_of(stream: UUID, segment: UUID) -> str:
    """Stream and segment, both opaque: a listing tells no name."""
    return f"{_begin(stream)}{segment}"


def segment_of(key: str) -> UUID | None:
    try:
        return UUID(key.rpartition("/")[2])
    except ValueError:
        return None


def lies(stream: UUID, segment: UUID, sealed: bytes) -> tuple[None, str, int, bytes]:
    """What the row of an object outside says: nothing sealed here, its key, length and SHA-256."""
    return None, key_of(stream, segment), len(sealed), hashlib.sha256(sealed).digest()


def put_all(where: Store, objects: Sequence[tuple[str, bytes]]) -> None:
    """All of them are durable. Raises SystemAway when one is not, or not in time: then no row may name any."""
    if len(objects) == 1:
        where.put(*objects[0])
        return
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="blobs")
    try:
        tasks = [pool.submit(where.put, key, content) for key, content in objects]
        done, late = wait(tasks, timeout=ALL_PUT, return_when=FIRST_EXCEPTION)
        for task in done:
            task.result()
        if late:
            raise SystemAway("too slow")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def fetch(key: str, length: int, digest: Any) -> bytes:
    """The object of this row, as it was put. Raises NoBlob, SystemAway."""
    content = _wanted().get(key)
    if content is None or len(content) != length or hashlib.sha256(content).digest() != bytes(digest):
        raise NoBlob
    return content


def _wanted() -> Store:
    found = store()
    if found is None:
        raise SystemAway("rows name objects, and no object store is set")
    return found


def remove(streams: Sequence[UUID]) -> int:
    """Nothing of these streams lies outside any more, whether a row remembers it or not; how many versions went."""
    where = store()
    if where is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM vault.segment WHERE stream = ANY(%s) AND blob_key IS NOT NULL)",
                [list(streams)],
            )
            if not cursor.fetchone()[0]:
                return 0
        where = _wanted()
    return sum(where.remove(_begin(stream)) for stream in streams)


def remove_keys(keys: Iterable[str]) -> int:
    chosen = list(keys)
    return sum(_wanted().remove(key) for key in chosen) if chosen else 0


def left_of(streams: Iterable[UUID]) -> int:
    """How many versions and delete markers of these streams are listed."""
    return left_under(_begin(stream) for stream in streams) if settings.BLOBS_BUCKET else 0


def left_under(begins: Iterable[str]) -> int:
    chosen = list(begins)
    return sum(1 for begin in chosen for _one in _wanted().versions(begin)) if chosen else 0


def lying(streams: Iterable[UUID], segments: Iterable[UUID]) -> list[str]:
    """Keys under which a version or a delete marker of these segments is listed, whether a row remembers it or not."""
    wanted = set(segments)
    if not (settings.BLOBS_BUCKET and wanted):
        return []
    store = _wanted()
    return sorted(
        {
            one.key
            for stream in streams
            for one in store.versions(_begin(stream))
            if segment_of(one.key) in wanted
        }
    )


def looked() -> tuple[str, ...]:
    """For the Proof: where was looked."""
    return ("the object store by stream, every version and delete marker",) if settings.BLOBS_BUCKET else ()
