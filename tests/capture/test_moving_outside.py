"""An object store that is set later takes what lies in PostgreSQL; and at every start a key is tried for more than its part."""

import os
import signal
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, connections

from governance import checks
from governance.audit.models import Entry
from governance.capture import blobs, moving, reconciling, store_rights, vault
from governance.capture.models import Arrival
from governance.lib.connectors import SystemAway
from tests import make
from tests.capture.outside import Outside, moto, outside

__all__ = ["moto", "outside"]
AWAY = "http://127.0.0.1:9"


def admit_inside(outside: Outside, times: int) -> None:
    """As it was before a store was set."""
    bucket = settings.BLOBS_BUCKET
    outside.patch.setattr(settings, "BLOBS_BUCKET", "")
    for _one in range(times):
        outside.admit(make.event("N-1001"))
    outside.patch.setattr(settings, "BLOBS_BUCKET", bucket)
    assert outside.lying() == []


def as_mover(outside: Outside) -> None:
    outside.world.sign_in("owner")
    outside.patch.setenv("SAMMATI_BLOBS_KEY", outside.keys["mover"])
    outside.patch.setattr(settings, "PROCESS", "owner")


def contents(outside: Outside) -> list[str]:
    """What the exporter opens, wherever it lies."""
    outside.sign_in("exporter")
    streams = sorted(set(Arrival.objects.values_list("stream", flat=True)))
    return sorted(event["segment"] + event["action"] for event in vault.opened(streams))


def lie_where() -> tuple[int, int]:
    """(in PostgreSQL, outside), as the exporter or owner sees it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(sealed), count(blob_key) FROM vault.segment")
        return cursor.fetchone()


def test_what_lay_in_postgresql_lies_outside_byte_by_byte_and_opens_as_before(
    outside: Outside, capsys: Any
) -> None:
    admit_inside(outside, 5)
    before = contents(outside)
    as_mover(outside)
    call_command("vault_objects", "--move", "--at-once", "2")
    said = capsys.readouterr().out
    assert "2 moved, 3 left" in said and "5 segments" in said and "none is left" in said
    assert contents(outside) == before and lie_where() == (0, 5) and len(outside.lying()) == 5
    outside.patch.setattr(settings, "PROCESS", "exporter")
    call_command("vault_objects", "--opens")
    assert capsys.readouterr().out == "1 of 1 streams open, 5 events.\n"
    outside.store.put_object(Bucket=outside.bucket, Key=outside.lying()[0], Body=b"another content")
    with pytest.raises(CommandError, match="These do not open"):
        call_command("vault_objects", "--opens")
    as_mover(outside)
    assert Entry.objects.filter(code="vault.moved_outside").count() == 3
    assert list(moving.move()) == [], "there is nothing left to move"


def test_killed_in_the_middle_nothing_is_lost_and_the_next_run_goes_on(outside: Outside) -> None:
    admit_inside(outside, 6)
    before = contents(outside)
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            as_mover(outside)
            put, count = moving._put, [0]

            def and_die(*row: Any) -> None:
                put(*row)
                count[0] += 1
                if count[0] == 3:  # the first chunk is committed, half of the second put
                    os.kill(os.getpid(), signal.SIGKILL)

            moving._put = and_die
            list(moving.move(at_once=2))
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert contents(outside) == before
    assert lie_where() == (4, 2) and len(outside.lying()) >= 3
    as_mover(outside)
    *_others, last = moving.move(at_once=3)
    assert (last.segments, last.left) == (4, 0)
    assert contents(outside) == before and lie_where() == (0, 6)
    outside.sign_in("eraser")
    outside.patch.setattr(reconciling, "YOUNG", timedelta(seconds=-5))
    assert reconciling.reconcile_and_record() == reconciling.Reconciled()
    assert contents(outside) == before


def test_a_store_that_is_away_or_loses_a_byte_moves_nothing(outside: Outside, capsys: Any) -> None:
    admit_inside(outside, 2)
    before = contents(outside)
    as_mover(outside)
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", AWAY)
    with pytest.raises(CommandError, match="Stopped after 0 segments"):
        call_command("vault_objects", "--move")
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", outside.endpoint)
    get = type(blobs.store()).get
    outside.patch.setattr(type(blobs.store()), "get", lambda self, key: (get(self, key) or b"")[:-1])
    with pytest.raises(SystemAway, match="does not read back"):
        list(moving.move())
    outside.patch.setattr(type(blobs.store()), "get", get)
    assert contents(outside) == before and lie_where() == (2, 0)


def test_nobody_but_the_owner_can_move(outside: Outside) -> None:
    admit_inside(outside, 1)
    for process in ("eraser", "exporter", "web"):
        outside.sign_in(process)
        outside.patch.setenv("SAMMATI_BLOBS_KEY", outside.keys["mover"])
        with pytest.raises(ProgrammingError):
            list(moving.move())
    outside.patch.setattr(settings, "PROCESS", "web")
    with pytest.raises(CommandError, match="Only the database's owner"):
        call_command("vault_objects", "--move")


KEYS: list[tuple[str, str, tuple[str, ...]]] = [
    ("web", "web", ()), ("exporter", "exporter", ()), ("eraser", "eraser", ()), ("worker", "", ()),
    ("web", "mover", ("read objects",)), ("web", "owner", ("delete objects", "list objects", "read objects")),
    ("exporter", "owner", ("delete objects", "list objects", "put objects")), ("exporter", "web", ("put objects",)),
    ("eraser", "owner", ("put objects", "read objects")), ("worker", "web", ("put objects",)),
]  # fmt: skip


def test_a_process_whose_store_key_may_do_more_refuses_to_start_and_says_what(outside: Outside) -> None:
    outside.admit()  # something lies there that could be read
    for process, key, beyond in KEYS:
        outside.patch.setattr(settings, "PROCESS", process)
        outside.patch.setenv("SAMMATI_BLOBS_KEY", outside.keys.get(key, ""))
        assert store_rights.look(process).beyond == beyond, (process, key)
        found = [(one.id, "more than its part" in one.msg) for one in checks.store_key(None)]
        assert found == ([("sammati.E003", True)] if beyond else []), (process, key)
        if beyond:
            with pytest.raises(SystemExit, match=beyond[0]):
                checks.refuse_a_wrong_store_key()
        else:
            checks.refuse_a_wrong_store_key()
    # Too little, or nobody to ask, is said and stops no start.
    outside.patch.setattr(settings, "PROCESS", "web")
    for key, endpoint, said in (
        ("nobody", outside.endpoint, "sammati.W002"),
        ("web", AWAY, "sammati.W003"),
    ):
        outside.patch.setenv("SAMMATI_BLOBS_KEY", outside.keys[key])
        outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", endpoint)
        assert [one.id for one in checks.store_key(None)] == [said]
        checks.refuse_a_wrong_store_key()


def test_what_a_start_tried_is_swept_and_told_to_nobody(outside: Outside) -> None:
    outside.sign_in("web")
    assert store_rights.look("web") == store_rights.Found()
    assert outside.lying() == [blobs.CHECK]
    outside.sign_in("eraser")
    outside.patch.setattr(reconciling, "YOUNG", timedelta(seconds=-5))
    assert reconciling.reconcile_and_record() == reconciling.Reconciled() and outside.lying() == []
