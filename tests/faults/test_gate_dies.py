"""The web process is killed in the middle of a batch, the database goes, the keys go: every event is stored exactly once,
or was refused with a reason that the client got."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connections
from django.test import Client

from governance.capture import gate
from governance.capture.api import parse
from governance.capture.models import Arrival, Intake
from governance.lib import locks
from tests import make
from tests.cast import Cast
from tests.conftest import World
from tests.races.storm import key_maker
from tests.servers import cluster

HERE = Path(__file__).parent
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(module_world: World) -> Iterator[tuple[World, Cast]]:
    module_world.sign_in("web")
    cast = module_world.company()
    make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    with key_maker(module_world) as open_streams:
        open_streams()
    yield module_world, cast


def batch(cast: Cast) -> bytes:
    events = [make.event("N-1001") for _ in range(3)]
    return make.batch(cast.programme.number, cast.device.number, events, uuid4())


def key(cast: Cast) -> str:
    return cast.keys[cast.programme.number]


def post(cast: Cast, body: bytes) -> Any:
    return Client().post(
        "/api/v1/batches",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key(cast)}"},
    )


@pytest.mark.parametrize("step", ["parsed", "sealed", "kept", "committed"])
def test_killed_at_any_step_a_batch_is_in_once_or_not_at_all(place: tuple[World, Cast], step: str) -> None:
    world, cast = place
    body = batch(cast)
    batch_id = parse(body).batch_id
    before = Arrival.objects.count()
    environ = world.environment("web") | {"PYTHONPATH": str(HERE.parents[1])}
    command = [sys.executable, str(HERE / "admit_and_die.py"), step, key(cast)]
    killed = subprocess.run(command, env=environ, input=body, capture_output=True, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    done = int(step == "committed")
    assert (
        Intake.objects.filter(batch_id=batch_id).count() == done and Arrival.objects.count() == before + done
    )
    answer = gate.admit(
        parse(body), body, client=gate.sender(key(cast))
    )  # the client got no answer, so it posts again
    assert answer["admitted"] == 3 and Arrival.objects.count() == before + 1


@contextmanager
def shut(database: str) -> Iterator[None]:
    """Nobody gets into this database, and who was inside is thrown out."""
    with psycopg.connect(cluster().url("owner", "postgres"), autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
        try:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database]
            )
            yield
        finally:
            admin.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS true')


def test_without_its_database_the_gate_says_when_to_come_again(place: tuple[World, Cast]) -> None:
    world, cast = place
    body = batch(cast)
    before = Arrival.objects.count()
    with shut(world.main):
        connections["default"].close()
        refused = post(cast, body)
        assert refused.status_code == 503 and refused.json()["code"] == "busy"
        assert 1 <= int(refused["Retry-After"]) <= 3
    connections["default"].close()
    assert post(cast, body).json()["admitted"] == 3
    assert Arrival.objects.count() == before + 1


def test_a_connection_that_died_idle_costs_no_batch(place: tuple[World, Cast]) -> None:
    world, cast = place
    assert post(cast, batch(cast)).json()["admitted"] == 3
    with psycopg.connect(cluster().url("owner", "postgres"), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [world.main]
        )
    assert post(cast, batch(cast)).json()["admitted"] == 3


def test_behind_somebody_s_lock_a_batch_is_sent_away_and_leaves_nothing(place: tuple[World, Cast]) -> None:
    """A narrowing verb that takes long: the batch waits its few seconds, the client hears when to come again."""
    world, cast = place
    body = batch(cast)
    with psycopg.connect(cluster().url("owner", world.main)) as narrowing:
        narrowing.execute("SELECT pg_advisory_xact_lock(%s)", [locks.programme(cast.programme.pk)])
        with connections["default"].cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        refused = post(cast, body)
        assert refused.status_code == 503 and refused.json()["code"] == "busy" and refused["Retry-After"]
        assert not Intake.objects.filter(batch_id=parse(body).batch_id).exists()
    assert post(cast, body).json()["admitted"] == 3
    connections["default"].close()


def test_a_batch_needs_no_private_key_so_the_key_database_may_be_away(place: tuple[World, Cast]) -> None:
    world, cast = place
    with shut(world.keys):
        assert post(cast, batch(cast)).json()["admitted"] == 3
