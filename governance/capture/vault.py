"""The vault as a system that erases, counts and reads back. It sees ids, never content; the exporter alone reads that."""

from base64 import b64encode
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max
from django.db.models.functions import Now

from governance.audit import log
from governance.capture import blobs, clips_gone, gate, keys, openings, segments
from governance.capture.models import Arrival
from governance.consents.models import Stream
from governance.lib import deadlines, sealing
from governance.lib.connectors import Due, Erased, Residue, Scope

MOVED_AT_ONCE = 1000


class VaultConnector:
    """Options and data map are empty: the vault knows its own shape. One chunk per stream of the order."""

    name = "vault"
    version = "1"
    needs_map = False
    last = False

    def __init__(self, options: Mapping[str, Any], data_map: Mapping[str, Any]) -> None:
        pass

    @classmethod
    def check_map(cls, data_map: Mapping[str, Any]) -> None:
        pass

    def chunks(self, scope: Scope) -> list[str]:
        return sorted(str(stream) for stream in _streams_of(scope)) or ["no stream"]

    def count(self, scope: Scope, chunk: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM vault.segment WHERE stream = ANY(%s)", [_streams(chunk)])
            return cursor.fetchone()[0]

    def erase(self, scope: Scope, chunk: str) -> Erased:
        """Rows first, then the key: a copy of the rows that somebody kept opens for nobody afterwards.

        Objects outside go before their rows: killed in between, the rows still say that there is something to do.
        """
        return self._erase([_streams(chunk)])[0]

    def count_all(self, works: Sequence[tuple[Scope, str]]) -> list[int]:
        streams = [_streams(chunk) for _scope, chunk in works]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT stream, count(*) FROM vault.segment WHERE stream = ANY(%s) GROUP BY stream",
                [_flat(streams)],
            )
            there = dict(cursor.fetchall())
        return [sum(there.get(stream, 0) for stream in own) for own in streams]

    def erase_all(self, works: Sequence[tuple[Scope, str]]) -> list[Erased]:
        """As erase, in the same order: objects, rows, keys."""
        return self._erase([_streams(chunk) for _scope, chunk in works])

    def _erase(self, chosen: list[list[UUID]]) -> list[Erased]:
        """What went of each of these lists of streams."""
        streams, gone, known = _flat(chosen), Counter[UUID](), Counter[UUID]()
        if not streams:
            return [Erased(0) for _own in chosen]
        blobs.remove(streams)
        with transaction.atomic(), connection.cursor() as cursor:
            arrivals = Arrival.objects.filter(stream__in=streams)
            last = {}
            for stream, number, moment in arrivals.values_list("stream").annotate(
                Count("pk"), Max("admitted_at")
            ):
                known[stream], last[stream] = number, moment
            cursor.execute(
                "WITH gone AS (DELETE FROM vault.segment WHERE stream = ANY(%s) RETURNING stream)"
                " SELECT stream, count(*) FROM gone GROUP BY stream",
                [streams],
            )
            gone.update(dict(cursor.fetchall()))
            # A month that went whole took the rows along; what arrived in them is still known here.
            arrivals.delete()
            clips_gone.of_streams(streams)
            log.record_of_ids("vault.erased", [
                (stream, {"segments": max(gone[stream], known[stream]), "last_admitted_at": last.get(stream)})
                for stream in streams if gone[stream] or known[stream]
            ])  # fmt: skip
        openings.keep(streams)
        destroyed = keys.destroy_all(streams)
        with transaction.atomic():
            living = Stream.objects.filter(pk__in=streams).exclude(state="destroyed")
            ended = set(living.values_list("pk", flat=True).select_for_update(of=("self",)).order_by("pk"))
            living.update(state="destroyed", destroyed_at=Now())
            log.record_of_ids(
                "stream.destroyed", [(pk, {"keys": int(pk in destroyed)}) for pk in streams if pk in ended]
            )
        openings.ask(streams)
        return [
            Erased(
                sum(gone[stream] for stream in own),
                method="rows deleted, stream key destroyed" if own else "",
            )
            for own in chosen
        ]

    def residue(self, scope: Scope) -> Residue:
        """By a connection of its own, by person and purpose instead of by stream; and no key may be left, and a kept
        sealed copy not open, though the exporter tries.

        Rows of streams that live on (other signals that are still allowed, consent given again) are not meant.
        """
        streams = _streams_of(scope)
        with another_connection() as other:
            counts = [
                int(other.execute(query, [scope.person, scope.purpose, scope.purpose, streams]).fetchone()[0])  # type: ignore[index]
                for query in (
                    RESIDUE.format(table="vault.segment", suffix=""),
                    RESIDUE.format(table="capture_arrival", suffix="_id"),
                    RESIDUE.format(table="capture_clip", suffix="_id"),
                )
            ]
        counts += [len(keys.left_of(streams)), blobs.left_of(streams)]
        places = ("vault.segment", "capture_arrival", "capture_clip", "stream_key", "objects")
        where = tuple(place for place, left in zip(places, counts, strict=True) if left)
        tried = openings.answered(streams)
        wanted = tried.failures if settings.OPENING_SECONDS else tried.opened
        where += ("a kept sealed copy",) if wanted else ()
        return Residue(sum(counts) + wanted, where, (*_looked(), *tried.said()))

    def residues(self, scopes: Sequence[Scope]) -> list[Residue]:
        """Each as `residue` would say it; everybody is looked for in the same queries, by person and purpose."""
        own = [_streams_of(scope) for scope in scopes]
        streams, people = _flat(own), [scope.person for scope in scopes]
        found: set[UUID] = set()
        with another_connection() as other:
            for table, suffix in (("vault.segment", ""), ("capture_arrival", "_id"), ("capture_clip", "_id")):
                rows = other.execute(
                    RESIDUES.format(table=table, suffix=suffix),  # type: ignore[arg-type]
                    [people, scopes[0].purpose, scopes[0].purpose, streams],
                )
                found |= {row[0] for row in rows}
        keyed, outside = keys.left_of(streams), blobs.left_of(streams)
        tried = openings.answered_each(streams)
        read = []
        for scope, mine in zip(scopes, own, strict=True):
            copies = openings.together(tried[stream] for stream in mine)
            wanted = copies.failures if settings.OPENING_SECONDS else copies.opened
            if scope.person in found or outside or keyed & set(mine) or wanted:
                read.append(self.residue(scope))
            else:
                read.append(Residue(0, (), (*_looked(), *copies.said())))
        return read

    def due(self, purpose: UUID, before: datetime) -> list[Due]:
        """People with streams whose month was over before; everything in them was admitted before."""
        found: dict[UUID, list[UUID]] = {}
        last = deadlines.add_months(before.date().replace(day=1), -1)
        rows = Stream.objects.filter(purpose_id=purpose, month__lte=last).exclude(state="destroyed")
        for person, stream in rows.values_list("person_id", "pk"):
            found.setdefault(person, []).append(stream)
        return [Due(person=person, streams=tuple(streams)) for person, streams in found.items()]

    def periods(self, today: date) -> dict[date, dict[UUID, int]]:
        """First of a month that is over → stream → segments; of months in which something is left."""
        found = {}
        for first in _over(today):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT stream, count(*) FROM vault.segment WHERE expires_on >= %s AND expires_on < %s GROUP BY stream",
                    [first, deadlines.add_months(first, 1)],
                )
                rows = dict(cursor.fetchall())
            if rows:
                found[first] = rows
        return found

    def keep_apart(self, period: date, streams: list[UUID]) -> int:
        """Nothing of these streams stands in the period any more; all of it can be found, erased and opened as before."""
        moved = 0
        while streams:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT vault.keep_apart(%s, %s, %s)", [period, streams, MOVED_AT_ONCE])
                some = int(cursor.fetchone()[0])
                if not some:
                    break
                log.record("vault.kept_apart", period=period, segments=some)
            moved += some
        return moved

    def drop_whole(self, period: date, streams: list[UUID]) -> None:
        """The period is gone with what these streams had in it. Raises DatabaseError when it holds anything else."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT vault.drop_period(%s, %s)", [period, streams])
            log.record("vault.period_dropped", period=period, streams=len(streams))

    def export(self, scope: Scope) -> Iterator[Mapping[str, Any]]:
        """Every kept event of the scope, opened. Only the exporter's login can do this."""
        yield from opened(_streams_of(scope))


RESIDUE = """
SELECT count(*) FROM {table} r
WHERE r.person{suffix} = %s AND (r.purpose{suffix} = %s OR %s::uuid IS NULL)
  AND (r.stream = ANY(%s)
       OR NOT EXISTS (SELECT 1 FROM consents_stream s WHERE s.id = r.stream AND s.state <> 'destroyed'))
"""


# The same for people of one purpose, each with streams of their own.
RESIDUES = """
SELECT r.person{suffix} FROM {table} r
WHERE r.person{suffix} = ANY(%s) AND (r.purpose{suffix} = %s OR %s::uuid IS NULL)
  AND (r.stream = ANY(%s)
       OR NOT EXISTS (SELECT 1 FROM consents_stream s WHERE s.id = r.stream AND s.state <> 'destroyed'))
GROUP BY 1
"""


def _looked() -> tuple[str, ...]:
    return (
        "vault.segment, capture_arrival and capture_clip by person and purpose",
        "stream_key by stream",
        *blobs.looked(),
    )


def _flat(streams: Sequence[Sequence[UUID]]) -> list[UUID]:
    return list(dict.fromkeys(stream for own in streams for stream in own))


def _streams_of(scope: Scope) -> list[UUID]:
    """The streams of the scope; for everything about a person, each that began before the cut-off."""
    if scope.streams or scope.purpose is not None:
        return list(scope.streams)
    return list(
        Stream.objects.filter(person_id=scope.person, event__at__lte=scope.before).values_list(
            "pk", flat=True
        )
    )


def drop_empty_periods(today: date) -> list[str]:
    """Months of the vault that are over and hold nothing any more are dropped whole; returns their names.

    A month in which something is held is not empty, and stays.
    """
    dropped = []
    for first in _over(today):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM vault.segment WHERE expires_on >= %s AND expires_on < %s)",
                [first, deadlines.add_months(first, 1)],
            )
            if cursor.fetchone()[0]:
                continue
            cursor.execute("SELECT vault.drop_period(%s, '{}')", [first])
            log.record("vault.period_dropped", period=first)
        dropped.append(f"segment_{first:%Y_%m}")
    return dropped


def _over(today: date) -> list[date]:
    """The first days of the months of the vault that are over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'vault.segment'::regclass AND c.relname ~ '^segment_[0-9]{4}_[0-9]{2}$' ORDER BY 1"
        )
        names = [row[0].removeprefix("segment_").split("_") for row in cursor.fetchall()]
    months = [date(int(year), int(month), 1) for year, month in names]
    return [first for first in months if deadlines.add_months(first, 1) <= today]


def _streams(chunk: str) -> list[UUID]:
    return [] if chunk == "no stream" else [UUID(chunk)]


def another_connection() -> "psycopg.Connection[Any]":
    """A fresh connection of this process's own login: it sees only what is committed."""
    parameters = dict(connection.get_connection_params())
    for ours in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(ours, None)
    return psycopg.connect(**parameters, autocommit=True)


OPEN = """
SELECT s.id, s.stream, s.programme, s.batch, s.blob_key, s.blob_bytes, s.blob_sha256,
       k.number, c.said::text, c.whole_at IS NOT NULL
FROM vault.segment s LEFT JOIN capture_chunk k ON k.segment = s.id LEFT JOIN capture_clip c ON c.id = k.clip_id
WHERE s.stream = ANY(%s) AND (%s::uuid[] IS NULL OR s.id = ANY(%s)) ORDER BY s.admitted_at, k.number
"""
OPENED_AT_ONCE = 16  # sealed segments in memory; a chunk of a clip is a mebibyte


def opened(
    streams: list[UUID], *, pictures: bool = True, only: Collection[UUID] | None = None
) -> Iterator[dict[str, Any]]:
    """The events of these streams in the clear, for the exporter; with `only`, of these segments of them.

    Each chunk of a whole clip is an event with its part of the picture; without `pictures` a clip is one event, and of
    its content nothing is read. Clips that are not whole are left out, and so is what is erased meanwhile. Raises
    sealing.CannotOpen, blobs.NoBlob, SystemAway.
    """
    wanted = None if only is None else list(only)
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [streams, wanted, wanted])
        rows = cursor.fetchall()
    private: dict[UUID, bytes] = {}
    for at in range(0, len(rows), OPENED_AT_ONCE):
        some = [
            row
            for row in rows[at : at + OPENED_AT_ONCE]
            if row[7] is None or (row[9] and (pictures or row[7] == 0))
        ]
        inside = _sealed([row[0] for row in some if row[4] is None and (row[7] is None or pictures)])
        for segment, stream, programme, batch, *lies, number, said, _whole in some:
            if stream not in private:
                private[stream] = keys.private(stream)
            if number is not None and not pictures:
                yield {"segment": str(segment), **_said(said)}
                continue
            if lies[0] is None and segment not in inside:
                continue
            sealed = blobs.fetch(*lies) if lies[0] is not None else inside.pop(segment)
            if number is not None:
                yield {
                    "segment": str(segment),
                    **_part(private[stream], stream, programme, batch, sealed, number, said),
                }
                continue
            content = sealing.unseal(private[stream], sealed, gate.info(stream, programme, batch))
            for event in segments.events(content):
                yield {"segment": str(segment), **event}


def _sealed(segments: list[UUID]) -> dict[UUID, bytes]:
    """The content of these; of one that was moved outside meanwhile, from there. What is erased meanwhile is not in it."""
    if not segments:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, sealed, blob_key, blob_bytes, blob_sha256 FROM vault.segment WHERE id = ANY(%s)",
            [segments],
        )
        return {
            segment: bytes(sealed) if sealed is not None else blobs.fetch(*lies)
            for segment, sealed, *lies in cursor.fetchall()
        }


def _said(said: str) -> dict[str, Any]:
    """Of a clip what its metadata tells: when and with which camera."""
    told = msgspec.json.decode(said)
    return {"at": told["begins_at"], "application": told["application"]}


def _part(
    private: bytes, stream: UUID, programme: UUID, clip: UUID, sealed: bytes, number: int, said: str
) -> dict[str, Any]:
    """One chunk as an event, with its part of the picture and with what puts the clip together."""
    told = msgspec.json.decode(said)
    content = sealing.unseal(private, sealed, gate.chunk_info(stream, programme, clip, number))
    part = {"clip": str(clip), "number": number, "of": len(told["chunks"]), "sha256": told["sha256"]}
    return _said(said) | {"picture": part | {"content": b64encode(content).decode()}}
