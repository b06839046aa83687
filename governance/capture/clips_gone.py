"""Clips that do not stay: never whole, part of a stream that is erased, or torn by a deletion. Runs in the eraser."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from governance.audit import log
from governance.capture import blobs
from governance.capture.models import Arrival, Chunk, Clip
from governance.lib import clock, locks
from governance.lib.connectors import SystemAway

GRACE = timedelta(minutes=1)  # for a chunk that was let in in the permit's last second


def sweep(now: datetime | None = None) -> int:
    """Clips whose permit ran out before they were whole are gone with everything that had come; returns how many."""
    due = Clip.objects.filter(whole_at__isnull=True, permit_until__lt=(now or clock.now()) - GRACE)
    swept = 0
    for pk, person in list(due.order_by("person_id").values_list("pk", "person_id")):
        try:
            with transaction.atomic():
                locks.exclusively(locks.person(person))  # no chunk of it is under way
                if Clip.objects.filter(pk=pk, whole_at__isnull=True).exists():
                    chunks = _remove([pk])
                    log.record("clip.swept", chunks=chunks)
                    swept += 1
        except SystemAway:  # its objects stay for the next sweep
            break
    return swept


def of_streams(streams: Iterable[UUID]) -> None:
    """What was said of the clips of these streams goes; their segments and arrivals are the vault's to erase."""
    rows = Clip.objects.filter(stream__in=list(streams))
    Chunk.objects.filter(clip__in=rows).delete()
    rows.delete()


def torn(segments: Iterable[UUID]) -> None:
    """Clips that lost one of these segments go whole: half a clip is of no use and still shows somebody."""
    _remove(
        list(Chunk.objects.filter(segment__in=list(segments)).values_list("clip_id", flat=True).distinct())
    )


def _remove(clips: list[UUID]) -> int:
    segments = list(Chunk.objects.filter(clip_id__in=clips).values_list("segment", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT blob_key FROM vault.segment WHERE id = ANY(%s) AND blob_key IS NOT NULL", [segments]
        )
        blobs.remove_keys([row[0] for row in cursor.fetchall()])  # before their rows, which remember them
        cursor.execute("DELETE FROM vault.segment WHERE id = ANY(%s)", [segments])
    Arrival.objects.filter(segment__in=segments).delete()
    Chunk.objects.filter(clip_id__in=clips).delete()
    Clip.objects.filter(pk__in=clips).delete()
    return len(segments)
