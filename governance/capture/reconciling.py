"""Rows of the vault and objects outside, compared every night in the eraser's process; both differences are 0."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from governance.audit import log
from governance.capture import blobs
from governance.capture.models import Arrival
from governance.capture.vault import another_connection
from governance.lib import clock, locks
from governance.people import notify
from governance.people.models import Person
from governance.retention.models import Hold

# No batch is under way so long: what was put before and has no row will never have one.
YOUNG = timedelta(hours=1)
MOVING = ("vault_objects", "moving")  # the lock of a chunk that is moved outside, and of a sweep
# A wrong bucket looks as if every object were lost: more rows than this are named and not removed.
LOST_ALONE = 100


@dataclass(frozen=True)
class Reconciled:
    blobs_without_row: int = 0
    rows_without_blob: int = 0
    rows_removed: int = 0


def reconcile_and_record() -> Reconciled | None:
    """Objects without a row are deleted, rows without an object named and removed; None where all lies in PostgreSQL.

    Each stands in the log by its segment; a difference is told to every data protection officer.
    """
    store = blobs.store()
    if store is None:
        return None
    before = clock.now() - YOUNG
    swept = sweep(store, before)
    store.sweep_uploads(before)
    lost = [row for row in missing(store, before) if _still(store, *row)]
    removed = _remove(lost) if len(lost) <= LOST_ALONE else 0
    found = Reconciled(swept, len(lost), removed)
    with transaction.atomic():
        log.record("vault.objects_reconciled", **asdict(found))
        if swept or lost:
            for person in Person.objects.filter(
                roles__name="dpo", roles__ended_at__isnull=True, roles__unit__isnull=True, is_active=True
            ).distinct():
                notify.tell(person, "blobs_differ", **asdict(found))
    return found


def sweep(store: blobs.Store, before: datetime) -> int:
    """Objects that no row names and that were put before this moment are gone; how many keys."""
    old = (one.key for one in store.versions(settings.BLOBS_PREFIX) if one.at < before)
    swept = 0
    while some := list(islice(old, 1000)):
        with transaction.atomic():
            locks.exclusively(locks.key(*MOVING))  # nobody puts again meanwhile what an earlier move had left
            for key in sorted(_without_row(set(some))):
                store.remove(key)
                if key.removeprefix(settings.BLOBS_PREFIX) == blobs.CHECK:
                    continue  # a start tried its key there
                log.record("vault.object_swept", about=blobs.segment_of(key))
                swept += 1
    return swept


def _without_row(keys: set[str]) -> set[str]:
    named = {segment: key for key in keys if (segment := blobs.segment_of(key)) is not None}
    with connection.cursor() as cursor:
        cursor.execute("SELECT blob_key FROM vault.segment WHERE id = ANY(%s)", [list(named)])
        return keys - {row[0] for row in cursor.fetchall()}


Row = tuple[UUID, str, UUID, UUID, UUID]  # segment, key, stream, person, purpose


def missing(store: blobs.Store, before: datetime) -> Iterator[Row]:
    """Rows whose object was not in the listing: both walked in the order of the key's bytes, nothing held in memory."""
    there = store.keys()
    key = next(there, None)
    with another_connection() as other, other.transaction(), other.cursor(name="objects") as rows:
        rows.execute(
            "SELECT id, blob_key, stream, person, purpose FROM vault.segment WHERE blob_key IS NOT NULL AND admitted_at < %s"
            ' ORDER BY blob_key COLLATE "C"',
            [before],
        )
        for row in rows:
            while key is not None and key < row[1]:
                key = next(there, None)
            if key != row[1]:
                yield row


def _still(store: blobs.Store, *row: Any) -> bool:
    """Neither was the row deleted meanwhile, nor is the object there after all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM vault.segment WHERE id = %s", [row[0]])
        if cursor.fetchone() is None:
            return False
    return not any(one.latest and not one.marker for one in store.versions(row[1]))


def _remove(lost: Iterable[Row]) -> int:
    """The rows go, so that no page counts what cannot be opened; what is held stays as it is, for whoever holds it."""
    gone = 0
    for segment, key, stream, person, purpose in lost:
        if Hold.objects.over(person, purpose).exists():
            continue
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM vault.segment WHERE id = %s AND blob_key = %s", [segment, key])
            Arrival.objects.filter(segment=segment).delete()
            log.record("vault.object_lost", about=segment, stream=stream)
        gone += 1
    return gone
