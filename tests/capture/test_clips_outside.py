"""Clips of worn cameras where segments lie in a bucket: taken, erased, swept and torn, and every object is read back."""

import os
import signal
from base64 import b64decode
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from governance.audit.models import Entry
from governance.capture import blobs, clips_gone, streams, vault
from governance.capture.gate import BatchRefused
from governance.capture.models import Arrival, Chunk, Clip
from governance.consents import ledger
from governance.demo.factory import Line
from governance.exports import own
from governance.exports.models import OwnDeletion
from governance.lib import clock
from governance.lib.connectors import SystemAway
from governance.retention import erasure
from governance.retention.models import ErasureOrder, Step
from tests.capture import worn
from tests.capture.outside import Outside, moto, outside

__all__ = ["moto", "outside"]
FILM = b"\x00\x01film" * 300_000  # 1.8 MB: two chunks
AWAY = "http://127.0.0.1:9"


@pytest.fixture
def line(outside: Outside) -> Line:
    """Asha agreed and carries the camera; the rows were made by the owner, as a set-up does."""
    outside.sign_in("owner")
    made = worn.line(outside.cast)
    worn.agree(made, outside.cast.asha, open_streams=False)
    worn.hand(made, outside.cast.asha)
    outside.sign_in("eraser")
    streams.open_waiting()
    outside.sign_in("web")
    return made


def film(outside: Outside, line: Line, content: bytes = FILM, chunks: int | None = None) -> dict[str, Any]:
    """A clip that is let in, of which so many chunks have come."""
    outside.sign_in("web")
    told = worn.begin(line, worn.said(line, content))
    assert told["permitted"]
    for number, part in enumerate(worn.parts(content)[:chunks]):
        worn.take(line, told, number, part)
    return told


def rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(id) FROM vault.segment")
        return int(cursor.fetchone()[0])


def test_each_chunk_is_an_object_and_the_exporter_alone_puts_the_clip_together(
    outside: Outside, line: Line
) -> None:
    film(outside, line)
    stream = Clip.objects.get().stream
    lying = outside.lying()
    assert sorted(lying) == sorted(
        f"{stream}/{segment}" for segment in Chunk.objects.values_list("segment", flat=True)
    )
    assert len(lying) == 2 and not any(
        b"film" in outside.store.get_object(Bucket=outside.bucket, Key=key)["Body"].read() for key in lying
    )
    outside.sign_in("exporter")
    assert b"".join(b64decode(event["picture"]["content"]) for event in vault.opened([stream])) == FILM
    outside.store.put_object(Bucket=outside.bucket, Key=lying[0], Body=b"another film")
    with pytest.raises(blobs.NoBlob):
        list(vault.opened([stream]))


def test_a_chunk_whose_object_is_not_durable_is_not_admitted_and_goes_in_later(
    outside: Outside, line: Line
) -> None:
    told = film(outside, line, chunks=1)
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", AWAY)
    with pytest.raises(BatchRefused) as refused:
        worn.take(line, told, 1, worn.parts(FILM)[1])
    assert refused.value.code == "busy"
    assert Chunk.objects.count() == Arrival.objects.count() == len(outside.lying()) == 1
    assert Clip.objects.get().whole_at is None
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", outside.endpoint)
    assert worn.take(line, told, 1, worn.parts(FILM)[1])["whole"] and len(outside.lying()) == 2


def test_a_withdrawal_erases_every_object_of_the_clip_and_says_done_only_then(
    outside: Outside, line: Line
) -> None:
    film(outside, line, chunks=1)  # half of it has come
    outside.store.put_object(
        Bucket=outside.bucket, Key=outside.lying()[0], Body=b"an older copy"
    )  # a second version
    ledger.withdraw_purpose(line.purpose, by=outside.cast.asha)
    order = ErasureOrder.objects.get(person=outside.cast.asha, purpose=line.purpose)
    scope = order.scope()
    outside.sign_in("eraser")
    connector = vault.VaultConnector({}, {})
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", AWAY)
    with pytest.raises(SystemAway):
        connector.erase(scope, connector.chunks(scope)[0])
    assert Chunk.objects.exists() and rows() == 1, "the rows still say that there is something to do"
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", outside.endpoint)
    for chunk in connector.chunks(scope):
        connector.erase(scope, chunk)
    assert connector.residue(scope).count == 0
    assert outside.lying() == [] and rows() == Chunk.objects.count() == Clip.objects.count() == 0
    outside.store.put_object(
        Bucket=outside.bucket, Key=f"{scope.streams[0]}/{line.purpose.pk}", Body=b"put back"
    )
    assert connector.residue(scope).where == ("objects",)


def test_an_order_is_done_in_a_company_that_films_and_keeps_outside(outside: Outside, line: Line) -> None:
    outside.sign_in("owner")
    line.purpose.systems.set(outside.cast.purpose.systems.all())
    film(outside, line)
    ledger.withdraw_purpose(line.purpose, by=outside.cast.asha)
    order = ErasureOrder.objects.get(person=outside.cast.asha, purpose=line.purpose)
    outside.sign_in("eraser")
    state = erasure.carry_out(order.pk)
    assert state == "done", list(
        Step.objects.filter(order=order).values_list("system__name", "state", "fault")
    )
    assert outside.lying() == []


def test_a_clip_that_is_never_whole_is_swept_with_its_objects(outside: Outside, line: Line) -> None:
    film(outside, line, chunks=1)
    film(outside, line, b"short film")
    later = clock.now() + timedelta(minutes=17)
    outside.sign_in("eraser")
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", AWAY)
    assert clips_gone.sweep(later) == 0 and rows() == 2, "a store that is away: the next sweep"
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", outside.endpoint)
    assert clips_gone.sweep(later) == 1
    assert rows() == len(outside.lying()) == Clip.objects.count() == 1


def make_first_chunk_older(outside: Outside) -> None:
    """The clip began more than an hour ago and its last chunk has just come."""
    first = Chunk.objects.get(number=0).segment
    outside.world.sign_in("owner")
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE vault_owner")
        cursor.execute(
            "UPDATE vault.segment SET admitted_at = admitted_at - interval '2 hours' WHERE id = %s", [first]
        )
        cursor.execute("RESET ROLE")
    Arrival.objects.filter(segment=first).update(admitted_at=clock.now() - timedelta(hours=2))


def test_deleting_the_last_hour_takes_the_whole_clip_and_reads_back_what_it_tore(
    outside: Outside, line: Line
) -> None:
    film(outside, line)
    segments = sorted(Chunk.objects.values_list("segment", flat=True))
    make_first_chunk_older(outside)
    outside.sign_in("web")
    deletion = own.delete(line.purpose, "hour", by=outside.cast.asha)
    outside.sign_in("eraser")
    assert own.carry_out_deletions() == 1
    deletion.refresh_from_db()
    # The event stands at the first chunk, which lay outside the hour.
    assert (deletion.state, deletion.segments, deletion.events) == ("done", segments, 1)
    assert outside.lying() == [] and rows() == Arrival.objects.count() == Clip.objects.count() == 0
    assert Entry.objects.get(code="clip.torn").facts["segments"] == 1


def test_an_object_of_a_torn_clip_that_stayed_keeps_the_deletion_open(outside: Outside, line: Line) -> None:
    """It comes back after its row is gone: reading back finds it, and the next attempt removes it."""
    film(outside, line)
    stream = Clip.objects.get().stream
    torn = f"{stream}/{Chunk.objects.get(number=0).segment}"
    make_first_chunk_older(outside)
    outside.sign_in("web")
    deletion = own.delete(line.purpose, "hour", by=outside.cast.asha)
    outside.sign_in("eraser")
    read_back = own._read_back

    def put_back_first(row: OwnDeletion) -> int:
        outside.store.put_object(Bucket=outside.bucket, Key=torn, Body=b"a copy")
        return read_back(row)

    outside.patch.setattr(own, "_read_back", put_back_first)
    assert own.carry_out_deletions() == 0
    deletion.refresh_from_db()
    assert (deletion.state, deletion.found_after) == ("waiting", 1)
    outside.patch.setattr(own, "_read_back", read_back)
    assert own.carry_out_deletions() == 1 and outside.lying() == []


def test_killed_before_it_is_read_back_a_deletion_is_not_done_until_the_store_has_answered(
    outside: Outside, line: Line
) -> None:
    film(outside, line)
    deletion = own.delete(line.purpose, "hour", by=outside.cast.asha)
    key = outside.lying()[0]
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            outside.sign_in("eraser")
            own._read_back = lambda row: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
            own.carry_out_deletions()
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    outside.store.put_object(Bucket=outside.bucket, Key=key, Body=b"it came back, and no row knows of it")
    outside.sign_in("eraser")
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", AWAY)
    assert rows() == 0 and own.carry_out_deletions() == 0
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", outside.endpoint)
    assert own.carry_out_deletions() == 1 and outside.lying() == []
    deletion.refresh_from_db()
    assert deletion.state == "done" and len(deletion.segments) == 2
