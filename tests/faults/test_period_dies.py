"""Kill -9 of the eraser, and of PostgreSQL, while a month of the vault goes whole: before, in the middle of and after moving what
is held, detaching and dropping. Afterwards there is no partition that belongs to nobody, on the disk neither; what was held is
there and readable; and the next run drops the month and proves every order of it.

By day a few kills, by night every place. The seed is printed; SAMMATI_SEED repeats a run.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction

from governance.capture import keys, vault
from governance.capture.vault import VaultConnector
from governance.retention import holds, periods, sweep
from governance.retention.models import ErasureOrder, Proof, Step
from governance.setup.postgres import Cluster
from tests.faults import tally
from tests.faults.test_databases_die import moved, own
from tests.faults.test_killed_in_the_middle import NIGHT
from tests.retention.conftest import Stage, founded, stage, store
from tests.retention.test_periods import LATE, MONTH, long_ago
from tests.servers import cluster

__all__ = ["founded", "own", "stage", "store"]
pytestmark = pytest.mark.slow
PLACES = [
    "before moving", "moved, not committed", "moved", "before dropping", "while it waits for a reader", "dropped, not committed", "dropped"
]  # fmt: skip
ALONE = "9999-12-31"


@pytest.fixture(autouse=True)
def later(settings: Any) -> None:
    settings.TODAY = LATE.isoformat()


def due(stage: Stage) -> None:
    """Asha's and Emil's of that month are due, Bela's too, but a court wants to see it."""
    long_ago(stage, "asha", "bela")
    stage.world.sign_in("web")
    matter = holds.open_matter(stage.cast.software, "A dispute", by=stage.cast.lata)
    holds.place(because=matter, by=stage.cast.lata, on=stage.cast.bela)
    stage.world.sign_in("eraser")
    sweep.run(LATE)


def arm(place: str, strike: Callable[[], None]) -> None:
    """From now on this process strikes when the run comes by `place`."""

    def wrap(where: Any, name: str, when: str) -> None:
        original = getattr(where, name)

        def struck(*args: Any, **kwargs: Any) -> Any:
            if when == "before":
                strike()
                return original(*args, **kwargs)
            if when == "uncommitted":
                with transaction.atomic():
                    original(*args, **kwargs)
                    strike()
                return None
            result = original(*args, **kwargs)
            strike()
            return result

        setattr(where, name, struck)

    at = {
        "before moving": (VaultConnector, "keep_apart", "before"),
        "moved, not committed": (VaultConnector, "keep_apart", "uncommitted"),
        "moved": (VaultConnector, "keep_apart", "after"),
        "before dropping": (VaultConnector, "drop_whole", "before"),
        "dropped, not committed": (VaultConnector, "drop_whole", "after"),  # within the caller's transaction
        "dropped": (periods, "_tried", "after"),
    }
    if place in at:
        wrap(*at[place])


def run(stage: Stage, place: str, strike: Callable[[], None]) -> int:
    """In a child, as the eraser; returns its process id."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            stage.world.sign_in("eraser")
            arm(place, strike)
            periods.TRIES = 1
            periods.drop_due(LATE)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return child


def waiting_for_a_lock(server: Cluster) -> bool:
    return bool(
        int(server.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%drop_period%'"))
    )  # fmt: skip


def strike_while_it_waits(stage: Stage, server: Cluster, strike: Callable[[int], None]) -> None:
    """Somebody reads the vault, so that the drop has to wait, inside its statement; then it is struck."""
    reader = psycopg.connect(server.url("exporter", stage.world.main))
    try:
        reader.execute("SELECT count(*) FROM vault.segment")
        child = run(stage, "", lambda: None)
        until = time.monotonic() + 20
        while not waiting_for_a_lock(server):
            assert time.monotonic() < until, "it never waited"
            time.sleep(0.01)
        strike(child)
        os.waitpid(child, 0)
    finally:
        reader.close()  # which a reader of a dead server may do, but not commit


def killed(stage: Stage, server: Cluster, victim: str, place: str) -> None:
    if place == "while it waits for a reader":
        kill = (
            (lambda child: os.kill(child, signal.SIGKILL))
            if victim == "eraser"
            else lambda _child: server.kill()
        )
        strike_while_it_waits(stage, server, kill)
    elif victim == "eraser":
        child = run(stage, place, lambda: os.kill(os.getpid(), signal.SIGKILL))
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    else:
        child = run(stage, place, server.kill)
        os.waitpid(child, 0)
    if victim == "PostgreSQL":
        assert not server.is_running()
        server.start()


def ask(stage: Stage, server: Cluster, query: str) -> int:
    return int(server.psql(query, stage.world.main))


def segments(stage: Stage, server: Cluster, name: str, where: str = "true") -> int:
    person = stage.cast.people[name].pk
    return ask(stage, server, f"SELECT count(*) FROM vault.segment WHERE person = '{person}' AND {where}")


def assert_nothing_between(stage: Stage, server: Cluster) -> bool:
    """The month is there with all that is due, or it is gone whole; returns whether it is there."""
    there = bool(
        ask(stage, server, "SELECT count(*) FROM pg_class WHERE oid = to_regclass('vault.segment_2020_03')")
    )
    unattached = """SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'vault' AND c.relname LIKE 'segment_%' AND c.relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid = c.oid)"""
    assert not ask(stage, server, unattached), "a partition belongs to nobody"
    assert segments(stage, server, "asha") == int(there), "a month is there or not, never a part of it"
    assert segments(stage, server, "bela") == 1, "what was held is lost"
    begun = ask(stage, server, f"SELECT count(*) FROM retention_step WHERE state = 'erasing' AND chunk IN (SELECT stream::text FROM vault.segment WHERE expires_on < '{ALONE}')")  # fmt: skip
    assert not begun, "a step says that a month was begun which is there"
    return there


def files_of_nobody(stage: Stage, server: Cluster) -> set[str]:
    """Files of tables in the database's folder that no table owns."""
    server.psql("CHECKPOINT")  # what was dropped is unlinked by then
    folder = server.psql(
        "SELECT oid FROM pg_database WHERE datname = current_database()", stage.world.main
    ).strip()
    owned = set(server.psql("SELECT pg_relation_filenode(oid) FROM pg_class", stage.world.main).split())
    found = {path.name.split("_")[0].split(".")[0] for path in (server.data / "base" / folder).iterdir()}
    # An empty file is what PostgreSQL leaves until the next checkpoint; here that one is over.
    return {name for name in found - owned if name.isdigit()}


def assert_proved(stage: Stage, server: Cluster) -> None:
    assert (segments(stage, server, "asha"), segments(stage, server, "bela")) == (0, 1)
    assert segments(stage, server, "bela", f"expires_on = '{ALONE}'") == 1
    held = ErasureOrder.objects.get(person=stage.cast.bela, because="rule.due")
    assert held.state == "held"
    order = ErasureOrder.objects.get(person=stage.cast.asha, because="rule.due")
    assert order.state == "done"
    proof = Proof.objects.get(order=order, system=stage.systems["vault"])
    assert (proof.found_before, proof.erased, proof.found_after) == (1, 1, 0)
    assert set(Step.objects.filter(order=order).values_list("state", flat=True)) == {"verified"}
    stage.world.sign_in("eraser")
    assert not keys.left_of(order.streams) and keys.left_of(held.streams)
    stage.world.sign_in("exporter")
    assert len(list(vault.opened(held.streams))) == 3, "a court may still see it"
    connections.close_all()


@pytest.mark.parametrize("victim", ["eraser", "PostgreSQL"])
def test_a_month_that_goes_whole_goes_or_stays_whoever_dies(
    stage: Stage, own: Cluster, tmp_path: Path, victim: str
) -> None:
    seed = tally.seed()
    with tally.kept(f"{victim} dies while a month goes whole", seed) as told:
        due(stage)
        first = stage.world
        stage.world = moved(stage.world, own, tmp_path)
        before = files_of_nobody(stage, own)
        some = PLACES if NIGHT else random.Random(seed).sample(PLACES, 4)
        there = True
        for place in sorted(some, key=PLACES.index):
            killed(stage, own, victim, place)
            told.killed[victim] += 1
            assert there, f"{place}: the month was gone already"
            there = assert_nothing_between(stage, own)
            assert there == (place != "dropped"), place
        assert ErasureOrder.objects.get(person=stage.cast.bela, because="rule.due").state == "held"
        stage.world.sign_in("eraser")
        assert periods.drop_due(LATE) == int(there)
        order = ErasureOrder.objects.get(person=stage.cast.asha, because="rule.due")
        told.lost = int(stage.carry_out(order) != "done")
        told.check(lambda: assert_proved(stage, own), orders=2, proofs=1)
        assert MONTH not in VaultConnector({}, {}).periods(LATE)
        connections.close_all()
        assert not files_of_nobody(stage, own) - before, "a table that nobody owns lies on the disk"
        stage.world = first
    stage.world.sign_in("owner")
    connections.close_all()


def test_nobody_else_is_kept_waiting_by_a_drop_that_was_killed_while_it_waited(stage: Stage) -> None:
    """The statement of the dead goes on in the server until its time is over; then others admit and read as before."""
    due(stage)
    strike_while_it_waits(stage, cluster(), lambda child: os.kill(child, signal.SIGKILL))
    began = time.monotonic()
    stage.world.sign_in("exporter")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault.segment")
    assert time.monotonic() - began < 4
    assert assert_nothing_between(stage, cluster())
    stage.world.sign_in("eraser")
    until = time.monotonic() + 5
    while not periods.drop_due(LATE):
        assert time.monotonic() < until
    assert not assert_nothing_between(stage, cluster())
