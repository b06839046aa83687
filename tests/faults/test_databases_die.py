"""kill -9 of PostgreSQL itself, and of the database that is erased in, at steps of an order: each on a cluster of its own.

What was committed is there after the start, what was not is done again; nobody takes a dead database for an empty one.
The seed is printed; SAMMATI_SEED repeats a run. By day a few kills, by night every step.
"""

import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from governance import grants
from governance.demo import systems as demo
from governance.retention import erasure
from governance.retention.connectors.sql import SqlConnector
from governance.retention.models import ErasureOrder, Proof, Step
from governance.setup import places
from governance.setup.passwords import password
from governance.setup.postgres import Cluster, start_cluster
from tests.conftest import World
from tests.faults import tally
from tests.faults.carry_out_and_die import arm
from tests.faults.test_killed_in_the_middle import NIGHT, assert_erased_and_proved_once
from tests.retention.conftest import FeatureStore, Stage, founded, stage, store
from tests.servers import cluster

__all__ = ["founded", "stage", "store"]
# On the way of an order; where one system's part of the way is passed again in the next, it dies there.
STEPS = [
    (place, when)
    for place in ("claim", "plan", "begin", "erase", "erased", "proved", "settle")
    for when in ("before", "after")
]
BROKE_OFF = 7


@pytest.fixture
def own(tmp_path: Path, django_db_setup: None) -> Iterator[Cluster]:
    """A cluster of this test's own, which keeps what it says that it keeps."""
    made = start_cluster(tmp_path / "own", secrets=cluster().secrets, durable=True, for_tests=True)
    try:
        yield made
    finally:
        made.stop()
        places.leave_socket_folder(made.home / "run")


@dataclass
class Elsewhere(World):
    """A world in another cluster, with the same passwords."""

    server: Cluster

    def sign_in(self, name: str) -> None:
        super().sign_in(name)
        for alias in ("default", "keys"):
            connections[alias].settings_dict["HOST"] = str(self.server.sockets)


def moved(world: World, to: Cluster, folder: Path) -> Elsewhere:
    """The same databases in the other cluster."""
    connections.close_all()
    environ = {
        "PATH": os.environ["PATH"],
        "PGPASSWORD": password(to.secrets, "postgres"),
        "PGUSER": "postgres",
    }
    for name, logins in ((world.main, grants.LOGINS), (world.keys, (grants.ERASER, grants.EXPORTER))):
        dump = folder / "dump"
        for command in (
            [to.programs / "pg_dump", "-Fc", "-h", cluster().sockets, "-f", dump, name],
            [to.programs / "pg_restore", "-h", to.sockets, "-d", name, dump],
        ):
            if command[0].name == "pg_restore":
                to.psql(f'CREATE DATABASE "{name}" OWNER sammati_owner')
            subprocess.run(list(map(str, command)), env=environ, check=True, capture_output=True)
        for statement in grants.doors_sql(name, logins):
            to.psql(f"{statement};")
    return Elsewhere(world.main, world.keys, world.urls, to)


def carried_out_while(stage: Stage, order: ErasureOrder, victim: Cluster, place: str, when: str) -> int:
    """In a process of its own the order is carried out, until at `place` the victim is killed; its exit code."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            stage.world.sign_in("eraser")
            if place == "residue":
                _strike_at_reading_back(victim)
            else:
                arm(place, 1, when, strike=victim.kill, only=SqlConnector if place == "erase" else None)
            erasure.carry_out(order.pk)
        except BaseException:
            os._exit(BROKE_OFF)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _strike_at_reading_back(victim: Cluster) -> None:
    residue = SqlConnector.residue

    def struck(self: SqlConnector, scope: Any) -> Any:
        victim.kill()
        return residue(self, scope)

    SqlConnector.residue = struck  # type: ignore[method-assign]


def chosen(steps: list[tuple[str, str]], by_day: int) -> list[tuple[str, str]]:
    """Every step by night, some by day, in the order in which they are passed."""
    some = steps if NIGHT else random.Random(tally.seed()).sample(steps, by_day)
    return sorted(some, key=steps.index)


@pytest.mark.slow
def test_postgresql_killed_at_steps_of_an_order_loses_nothing(
    stage: Stage, own: Cluster, tmp_path: Path
) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.world = moved(stage.world, own, tmp_path)
    began, died = time.monotonic(), Counter[str]()
    for place, when in chosen(STEPS, by_day=5):
        stage.due_again(order)
        ErasureOrder.objects.filter(pk=order.pk).exclude(state="done").update(attempts=0)
        code = carried_out_while(stage, order, own, place, when)
        if own.is_running():  # that step was behind it already
            continue
        # Killed after its last commit there is nothing left that could fail.
        assert code == (0 if (place, when) == ("settle", "after") else BROKE_OFF), f"{when} {place}"
        died[f"{when} {place}"] += 1
        own.start()
    assert died.total() >= 3
    stage.due_again(order)
    order.refresh_from_db()
    if order.state != "done":
        assert stage.carry_out(order) == "done"
    with tally.kept("PostgreSQL dies") as told:
        told.killed["PostgreSQL"] = died.total()
        told.check(lambda: assert_erased_and_proved_once(stage, order), proofs=4)
    print(f"{time.monotonic() - began:.0f} s: {dict(died)}")
    stage.world.sign_in("owner")
    connections.close_all()


@dataclass
class Away(FeatureStore):
    """The company's feature store in a cluster of its own."""

    server: Cluster

    @property
    def owner_url(self) -> str:
        return self.server.url("store_owner", self.name)


@pytest.mark.slow
def test_a_target_killed_at_steps_of_an_order_is_never_taken_for_empty(
    stage: Stage, own: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.store = Away("feature_store", own)
    monkeypatch.setenv("FEATURE_STORE_URL", own.url("store_eraser", "feature_store"))
    monkeypatch.setenv("FEATURE_STORE_READ_URL", own.url("store_reader", "feature_store"))
    demo.build_store(stage.store.owner_url)
    demo.fill_store(stage.store.owner_url, [stage.cast.people[name] for name in ("asha", "bela")])
    stage.consent("asha")
    order, system = stage.withdraw("asha"), stage.systems["feature-store"]
    steps = [*(step for step in STEPS if step[0] in ("begin", "erase", "erased")), ("residue", "before")]
    began, died = time.monotonic(), Counter[str]()
    for place, when in chosen(steps, by_day=3):
        stage.due_again(order)
        ErasureOrder.objects.filter(pk=order.pk).update(attempts=0)
        assert carried_out_while(stage, order, own, place, when) == 0, "our own part goes on"
        stage.world.sign_in("owner")
        order.refresh_from_db()
        assert not own.is_running() and order.state == "partly", f"{when} {place}"
        died[f"{when} {place}"] += 1
        assert not Proof.objects.filter(order=order, system=system).exists()
        faults = list(Step.objects.filter(order=order, system=system).values_list("fault", flat=True))
        assert any(faults) and not any("N-1001" in fault for fault in faults), faults
        own.start()
    assert Proof.objects.filter(order=order).count() == 3, "the other systems did not wait"
    stage.due_again(order)
    assert stage.carry_out(order) == "done"
    with tally.kept("the target dies") as told:
        told.killed["target database"] = died.total()
        told.check(lambda: assert_erased_and_proved_once(stage, order), proofs=4)
    print(f"{time.monotonic() - began:.0f} s: {dict(died)}")
