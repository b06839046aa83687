"""The disk is full in the middle of an erasure: of the database that is erased in, of the folder of files, of the portal's
own PostgreSQL; its tables cannot grow, or not even its WAL can be written. Nothing is shown as done with something left, and with
space again the order is done and each thing proved once, with what was found before."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from governance.demo import systems as demo
from governance.retention import erasure, together
from governance.retention.connectors.folder import UNFINISHED
from governance.retention.connectors.sql import SqlConnector
from governance.retention.models import ErasureOrder, Proof, Step
from governance.setup.postgres import Cluster
from tests.faults import small_disk, tally
from tests.faults.carry_out_and_die import arm
from tests.faults.test_databases_die import BROKE_OFF, Away, chosen, moved, own
from tests.faults.test_killed_in_the_middle import assert_erased_and_proved_once
from tests.faults.test_many_deaths import assert_set_true
from tests.retention.conftest import Stage, founded, stage, store

__all__ = ["founded", "own", "stage", "store"]
pytestmark = pytest.mark.slow
STEPS = [
    (place, when) for place in ("claim", "begin", "erase", "erased", "proved") for when in ("before", "after")
]
FULL = {"tables": small_disk.SEGMENT, "wal": 0}
# A row of nearly a page, that no compression makes small and no other table takes.
ENTRIES = """
ALTER TABLE audit_entry ALTER COLUMN facts SET STORAGE PLAIN;
INSERT INTO audit_entry (at, code, facts, about_kind)
SELECT now(), 'test.padded', jsonb_build_object('much', string_agg(md5(i::text || g::text), '')), ''
FROM generate_series(1, 500) g, generate_series(1, 247) i GROUP BY g
"""
NOTES = """
ALTER TABLE notes ALTER COLUMN body SET STORAGE PLAIN;
INSERT INTO notes (body, written_at) SELECT string_agg(md5(i::text || g::text), ''), now() FROM generate_series(1, 500) g, generate_series(1, 250) i GROUP BY g
"""
LONG_NOTE = """
UPDATE notes SET body = body || (SELECT string_agg(md5(i::text), ' ') FROM generate_series(1, 230) i) WHERE body LIKE 'Odd order%'
"""


def attempt(stage: Stage, orders: list[ErasureOrder], before: "tuple[object, ...]" = ()) -> int:
    """A child carries them out as the eraser, as a set when they are many; BROKE_OFF when that came to no end."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            stage.world.sign_in("eraser")
            for prepare in before:
                prepare()  # type: ignore[operator]
            if len(orders) == 1:
                erasure.carry_out(orders[0].pk)
            else:
                together.carry_out([order.pk for order in orders])
        except BaseException:
            os._exit(BROKE_OFF)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def again(stage: Stage, orders: list[ErasureOrder]) -> None:
    for order in orders:
        stage.due_again(order)
        ErasureOrder.objects.filter(pk=order.pk).exclude(state="done").update(attempts=0)


def assert_partly(stage: Stage, orders: list[ErasureOrder], code: str) -> None:
    """Only this system is not proved, it says why, and what it says names nobody."""
    system = stage.systems[code]
    for order in orders:
        order.refresh_from_db()
        assert order.state == "partly"
        assert not Proof.objects.filter(order=order, system=system).exists()
        assert Proof.objects.filter(order=order).count() == 3, "the other systems did not wait"
        faults = list(Step.objects.filter(order=order, system=system).values_list("fault", flat=True))
        assert any(faults) and not any("N-100" in fault for fault in faults), faults


@pytest.fixture
def away(stage: Stage, own: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Away]:
    """The company's feature store on a disk of its own."""
    stage.store = Away("feature_store", own)
    monkeypatch.setenv("FEATURE_STORE_URL", own.url("store_eraser", "feature_store"))
    monkeypatch.setenv("FEATURE_STORE_READ_URL", own.url("store_reader", "feature_store"))
    demo.build_store(stage.store.owner_url)
    demo.fill_store(
        stage.store.owner_url, [stage.cast.people[name] for name in ("asha", "bela", "emil", "nisha")]
    )
    yield stage.store


def all_done_when_there_is_space(stage: Stage, orders: list[ErasureOrder], told: tally.Tally) -> None:
    again(stage, orders)
    assert attempt(stage, orders) == 0
    for order in orders:
        order.refresh_from_db()
    told.lost = sum(order.state != "done" for order in orders)
    told.check(
        lambda: assert_set_true(stage, orders)
        if len(orders) > 1
        else assert_erased_and_proved_once(stage, orders[0]),
        orders=len(orders), proofs=4 * len(orders),
    )  # fmt: skip


@pytest.mark.parametrize("full", FULL)
@pytest.mark.parametrize("names", [("asha",), ("asha", "bela")], ids=["one", "a set"])
def test_a_target_with_no_space_keeps_nothing_behind_a_proof(
    stage: Stage, away: Away, own: Cluster, full: str, names: tuple[str, ...]
) -> None:
    small_disk.pad(own, "feature_store", "notes", NOTES)
    own.psql(LONG_NOTE, "feature_store")  # what is written in its place needs a new page
    for name in names:
        stage.consent(name)
    orders = [stage.withdraw(name) for name in names]
    with tally.kept(f"disk full of the target: {full}") as told:
        small_disk.fill(own, FULL[full])
        assert attempt(stage, orders) == 0, "our own part goes on"
        stage.world.sign_in("owner")
        assert_partly(stage, orders, "feature-store")
        if full == "wal":
            own.kill()  # it has gone down by itself, or is trying to start
            own.start()
        else:
            assert own.is_running() and stage.store.ask(
                "SELECT count(*) FROM notes WHERE strpos(body, 'Asha') > 0"
            )
            small_disk.empty(own)
        all_done_when_there_is_space(stage, orders, told)


@pytest.mark.parametrize("names", [("asha",), ("asha", "bela")], ids=["one", "a set"])
def test_a_folder_with_no_space_keeps_its_files_whole(stage: Stage, names: tuple[str, ...]) -> None:
    for name in names:
        stage.consent(name)
    orders = [stage.withdraw(name) for name in names]
    shared = {
        path: path.read_bytes()
        for path in stage.folder.rglob("*")
        if path.is_file() and "N-10" not in path.name
    }
    with tally.kept("disk full of the files") as told:
        assert attempt(stage, orders, (lambda: small_disk.fill_mine(40),)) == 0
        stage.world.sign_in("owner")
        assert_partly(stage, orders, "team-files")
        assert {path: path.read_bytes() for path in shared} == shared, "a file was left half written"
        assert not [path for path in stage.folder.rglob("*") if path.name.startswith(UNFINISHED)]
        all_done_when_there_is_space(stage, orders, told)


@pytest.mark.parametrize("full", FULL)
def test_a_portal_with_no_space_shows_nothing_that_it_could_not_write(
    stage: Stage, own: Cluster, tmp_path: Path, full: str
) -> None:
    """The disk is full from a step of the order on: what could be written stands, and what could not is done again."""
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.world = moved(stage.world, own, tmp_path)
    small_disk.pad(own, stage.world.main, "audit_entry", ENTRIES)
    with tally.kept(f"disk full of the portal: {full}") as told:
        for place, when in chosen(STEPS, by_day=3):
            again(stage, [order])
            code = attempt(stage, [order], (
                lambda place=place, when=when: arm(
                    place, 1, when, strike=lambda: small_disk.fill(own, FULL[full]), only=SqlConnector if place == "erase" else None
                ),
            ))  # fmt: skip
            if full == "wal" and code:
                own.kill()
                own.start()
            else:
                small_disk.empty(own)
            stage.world.sign_in("owner")
            order.refresh_from_db()
            # Whatever is told of it is true: a system with a proof is empty, and nothing is called done that was not.
            if order.state != "done":
                assert code in (0, BROKE_OFF) and order.state in ("waiting", "erasing", "partly")
                for proof in Proof.objects.filter(order=order).select_related("system"):
                    assert proof.system.code != "feature-store" or not stage.store.rows_of(stage.cast.asha)
        again(stage, [order])
        attempt(stage, [order])
        order.refresh_from_db()
        told.lost = int(order.state != "done")
        told.check(lambda: assert_erased_and_proved_once(stage, order), proofs=4)
    stage.world.sign_in("owner")
    connections.close_all()


def test_the_disk_is_full_for_whoever_has_to_write(own: Cluster) -> None:
    """The means of these tests: a table that cannot grow says so, and what is there can be read and erased."""
    database, much = "feature_store", random.Random(1).randbytes(100).hex()
    own.psql(
        f"CREATE TABLE t (x text); INSERT INTO t SELECT '{much}' FROM generate_series(1, 90000)", database
    )
    with small_disk.filled(own, small_disk.SEGMENT):
        with pytest.raises(Exception, match="could not extend file"):
            own.psql(f"INSERT INTO t SELECT '{much}' FROM generate_series(1, 90000)", database)
        assert own.psql("SELECT count(*) FROM t", database).strip() == "90000"
        own.psql("DELETE FROM t WHERE ctid < '(1,0)'", database)
    own.psql(f"INSERT INTO t SELECT '{much}' FROM generate_series(1, 90000)", database)
