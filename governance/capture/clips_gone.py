"""Clips that do not stay: never whole, part of a stream that is erased, or torn by a deletion. Runs in the eraser."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from governance.audit import log
from governance.capture import blobs
from governance.capture.models import Arrival, Chunk, Clip
from governance.lib import clock, locks
from governance.lib.connectors import SystemAway

GRACE = timedelta(minutes=1)  # for a chunk that was let in in the permit's last second


@dataclass(frozen=True)
class Gone:
    """`chunks` that the clips had; `segments` of the vault that were still there, their events, and keys of objects."""

    chunks: int
    segments: tuple[UUID, ...]
    events: int
    outside: tuple[str, ...]


def sweep(now: datetime | None = None) -> int:
    """Clips whose permit ran out before they were whole are gone with everything that had come; returns how many."""
    due = Clip.objects.filter(whole_at__isnull=True, permit_until__lt=(now or clock.now()) - GRACE)
    swept = 0
    for pk, person in list(due.order_by("person_id").values_list("pk", "person_id")):
        try:
            with transaction.atomic():
                locks.exclusively(locks.person(person))  # no chunk of it is under way
                if Clip.objects.filter(pk=pk, whole_at__isnull=True).exists():
                    gone = _remove([pk])
                    log.record("clip.swept", chunks=gone.chunks)
                    swept += 1
        except SystemAway:  # its objects stay for the next sweep
            break
    return swept


def of_streams(streams: Iterable[UUID]) -> None:
    """What was said of the clips of these streams goes; their segments and arrivals are the vault's to erase."""
    rows = Clip.objects.filter(stream__in=list(streams))
    Chunk.objects.filter(clip__in=rows).delete()
    rows.delete()


def torn(segments: Iterable[UUID]) -> Gone:
    """Clips that lost one of these segments go whole: half a clip is of no use and still shows somebody.

    Returns what went beyond them.
    """
    return _remove(
        list(Chunk.objects.filter(segment__in=list(segments)).values_list("clip_id", flat=True).distinct())
    )


def _remove(clips: list[UUID]) -> Gone:
    chunks = list(Chunk.objects.filter(clip_id__in=clips).values_list("segment", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT blob_key FROM vault.segment WHERE id = ANY(%s) AND blob_key IS NOT NULL", [chunks]
        )
        outside = tuple(row[0] for row in cursor.fetchall())
        blobs.remove_keys(outside)  # before their rows, which remember them
        cursor.execute("DELETE FROM vault.segment WHERE id = ANY(%s) RETURNING id, events", [chunks])
        rows = cursor.fetchall()
    Arrival.objects.filter(segment__in=chunks).delete()
    Chunk.objects.filter(clip_id__in=clips).delete()
    Clip.objects.filter(pk__in=clips).delete()
    return Gone(len(chunks), tuple(row[0] for row in rows), sum(row[1] for row in rows), outside)
