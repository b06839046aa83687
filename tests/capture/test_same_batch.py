"""The same batch is counted once: eight at a time, and across a kill between commit and answer."""

import os
import subprocess
import sys
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from governance.capture import gate, streams, turned_away
from governance.capture.api import parse
from governance.capture.models import Arrival, Intake, TurnedAway
from tests import make
from tests.cast import Cast
from tests.conftest import World


@pytest.fixture
def ready(world: World) -> tuple[World, Cast, bytes]:
    """Asha has consented; one batch of hers, not posted yet."""
    world.sign_in("web")
    cast = world.company()
    make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    world.sign_in("eraser")
    streams.open_waiting()
    world.sign_in("web")
    return world, cast, make.batch("CP-0001", cast.device.number, [make.event("N-1001")] * 3, uuid4())


def test_eight_at_once_are_one(ready: tuple[World, Cast, bytes]) -> None:
    world, cast, body = ready
    start, answers, faults = threading.Barrier(8), [], []

    def post() -> None:
        world.sign_in("web")
        try:
            sender = gate.sender(cast.keys["CP-0001"])
            start.wait(10)
            answers.append(gate.admit(parse(body), body, client=sender))
        except Exception as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not faults and len(answers) == 8
    assert all(answer == answers[0] for answer in answers) and answers[0]["admitted"] == 3
    assert Arrival.objects.count() == 1 == Intake.objects.count()


KILLED_AFTER_COMMIT = """
import os, signal, sys
import django; django.setup()
from governance.capture import api
from django.test import RequestFactory
api._answer = lambda content, status: os.kill(os.getpid(), signal.SIGKILL)
body = sys.stdin.buffer.read()
api.batches(RequestFactory().post("/api/v1/batches", body, content_type="application/json",
            headers={"Authorization": "Bearer " + os.environ["KEY"]}))
"""


def test_a_web_process_killed_between_commit_and_answer_is_heard_by_the_retry(
    ready: tuple[World, Cast, bytes],
) -> None:
    world, cast, body = ready
    environment = world.environment("web") | {
        "KEY": cast.keys["CP-0001"],
        "DJANGO_SETTINGS_MODULE": "governance.settings",
    }
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AFTER_COMMIT], input=body, env=environment, timeout=60, check=False
    )
    assert killed.returncode == -9
    assert Arrival.objects.count() == 1, "the batch was committed before the kill"
    answer: dict[str, Any] = gate.admit(parse(body), body, client=gate.sender(cast.keys["CP-0001"]))
    assert answer["admitted"] == 3 and Arrival.objects.count() == 1


def test_turned_away_is_counted_once_and_without_a_person(ready: tuple[World, Cast, bytes]) -> None:
    world, cast, _body = ready
    for _ in range(2):
        make.post(cast, make.event("N-1002"), make.event("N-1001", "typed_text"))
    world.sign_in("worker")
    assert turned_away.count() == 2
    assert turned_away.count() == 0
    assert {(t.code, t.count) for t in TurnedAway.objects.all()} == {
        ("not_permitted", 2),
        ("not_declared", 2),
    }
    assert not any("person" in field.name for field in TurnedAway._meta.get_fields())


def test_environment_of_the_web_process_names_no_other_database(ready: tuple[World, Cast, bytes]) -> None:
    told = ready[0].environment("web")
    assert not any(
        name in told for name in ("OWNER_DATABASE_URL", "KEYS_DATABASE_URL", "EXPORTER_DATABASE_URL")
    )
    assert os.environ["SAMMATI_PROCESS"] == "owner"
