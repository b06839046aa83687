"""A real Celery worker is killed -9 in the middle of an erasure, the broker is emptied, killed and started anew:
the rows bring the order back, and it ends as if nothing had happened."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from celery import Celery

from governance.retention.models import ErasureOrder, Step
from governance.setup.broker import Broker, start_valkey
from tests.faults import rabbit, tally
from tests.faults.rabbit import Rabbit
from tests.faults.test_killed_in_the_middle import HERE, NIGHT, assert_erased_and_proved_once
from tests.retention.conftest import Stage, founded, stage, store

__all__ = ["founded", "stage", "store"]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker of this test's own: the others keep theirs."""
    made = start_valkey(tmp_path / "valkey")
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(params=["valkey", "rabbitmq"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator["Broker | Rabbit"]:
    if request.param == "valkey":
        yield request.getfixturevalue("broker")
        return
    if not rabbit.SERVER.exists():
        pytest.skip("RabbitMQ is not on this machine (Debian: apt-get install rabbitmq-server).")
    made = Rabbit(tmp_path / "rabbit")
    try:
        made.start()
        yield made
    finally:
        made.stop()


def start(
    stage: Stage, broker: "Broker | Rabbit", *what: str, app: str = "governance.celery"
) -> "subprocess.Popen[bytes]":
    environ = stage.world.environment("worker" if what[0] == "beat" else "eraser") | {
        "SAMMATI_BROKER_URL" if isinstance(broker, Rabbit) else "REDIS_URL": broker.url, "SAMMATI_VAR": str(stage.folder.parents[1]), "SAMMATI_LEASE_SECONDS": "2",
        "PYTHONPATH": str(HERE.parents[1]),
    }  # fmt: skip
    command = [sys.executable, "-m", "celery", "-A", app, *what, "--loglevel", "warning"]
    with (stage.folder.parents[1] / f"{what[0]}.log").open("ab") as told:
        return subprocess.Popen(
            command, env=environ, cwd=stage.folder, start_new_session=True, stdout=told, stderr=told
        )


def worker(stage: Stage, broker: "Broker | Rabbit") -> "subprocess.Popen[bytes]":
    return start(
        stage,
        broker,
        "worker",
        "-Q",
        "eraser",
        "--concurrency",
        "1",
        "-O",
        "fair",
        "--without-gossip",
        "--without-mingle",
    )


def nudge(broker: "Broker | Rabbit") -> None:
    url = broker.url.replace("unix://", "redis+socket://")
    Celery("test", broker=url).send_task("retention.carry_out", queue="eraser", ignore_result=True)


def wait_until(true: Callable[[], bool], seconds: float, log: Path) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, (
            f"it did not happen in time: {log.read_text(errors='replace')[-2000:]}"
        )
        time.sleep(0.05)


def kill(process: "subprocess.Popen[bytes]") -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_neither_the_worker_nor_the_broker_is_needed_for_memory(
    stage: Stage, either: "Broker | Rabbit"
) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.world.sign_in("owner")
    running, log = [], stage.folder.parents[1] / "worker.log"
    try:
        with psycopg.connect(stage.store.owner_url) as keeper:
            # Somebody sits on one of her sessions: the worker has erased its features and now waits here.
            keeper.execute("SELECT id FROM sessions WHERE person_number = 'N-1001' FOR UPDATE")
            running.append(worker(stage, either))
            nudge(either)
            wait_until(
                lambda: Step.objects.filter(order=order, chunk="sessions", state="erasing").exists(), 60, log
            )
            kill(running.pop())
            if isinstance(either, Broker):
                redis.Redis.from_url(either.url).flushall()
            either.kill()
        begun = {
            step.chunk: step.state for step in Step.objects.filter(order=order, system__code="feature-store")
        }
        assert begun and set(begun.values()) == {"erasing"}, (
            "what was begun stands there, and nothing is called erased"
        )
        either.start()
        running.append(worker(stage, either))
        if NIGHT:  # the timetable alone, as in earnest; by day its half minute is cut short
            running.append(
                start(stage, either, "beat", "--schedule", str(stage.folder / "timetable"), "--pidfile=")
            )
        time.sleep(2.5)  # the dead worker's lease
        ErasureOrder.objects.filter(pk=order.pk).update(try_after=order.created_at)
        if not NIGHT:
            nudge(either)
        wait_until(lambda: ErasureOrder.objects.get(pk=order.pk).state == "done", 120, log)
    finally:
        for process in running:
            kill(process)
    with tally.kept("worker and broker die") as told:
        told.killed.update({"worker": 1, "broker": 1})
        told.check(lambda: assert_erased_and_proved_once(stage, order), proofs=4)


@pytest.mark.slow
def test_a_timetable_that_was_killed_goes_on_with_the_schedule_that_it_left(
    stage: Stage, broker: Broker
) -> None:
    """Nobody nudges: whatever brings the order back is the timetable alone."""
    beat = ["beat", "--schedule", str(stage.folder / "timetable"), "--pidfile=", "--max-interval", "1"]
    line = redis.Redis.from_url(broker.url)
    running, log = [], stage.folder.parents[1] / "beat.log"
    killed = 0
    try:
        for _ in range(2):
            running.append(start(stage, broker, *beat, app="tests.faults.quick_beat"))
            wait_until(lambda: bool(line.llen("eraser")), 60, log)
            kill(running.pop())
            killed += 1
            line.flushall()  # and the broker is emptied
        stage.consent("asha")
        order = stage.withdraw("asha")
        stage.world.sign_in("owner")
        running.append(worker(stage, broker))
        time.sleep(1.5)
        assert ErasureOrder.objects.get(pk=order.pk).state == "waiting", "nobody tells of it"
        running.append(start(stage, broker, *beat, app="tests.faults.quick_beat"))
        wait_until(lambda: ErasureOrder.objects.get(pk=order.pk).state == "done", 120, log)
    finally:
        for process in running:
            kill(process)
    with tally.kept("the timetable dies") as told:
        told.killed["timetable"] = killed
        told.check(lambda: assert_erased_and_proved_once(stage, order), proofs=4)
    print(f"the timetable killed {killed} times, the broker emptied {killed} times; 1 order, done once")


NUDGE = """
import time
import django
django.setup()
from governance.celery import app
from governance.lib import nudge
began = time.monotonic()
for _ in range(3):
    nudge._out("retention.carry_out", ())
print(time.monotonic() - began)
"""


@pytest.mark.slow
def test_a_broker_that_stands_still_loses_nothing_and_keeps_no_page_waiting(
    stage: Stage, broker: Broker
) -> None:
    """It answers nobody, and no connection breaks: that is what a paused machine or a full disk looks like."""
    still = 60 if NIGHT else 5
    beat = ["beat", "--schedule", str(stage.folder / "timetable"), "--pidfile=", "--max-interval", "1"]
    line = redis.Redis.from_url(broker.url)
    running, log = [worker(stage, broker)], stage.folder.parents[1] / "worker.log"
    pid = broker.pid()
    assert pid is not None
    try:
        stage.consent("asha")
        running.append(start(stage, broker, *beat, app="tests.faults.quick_beat"))
        # Both are at work: the timetable sends, and the worker takes.
        wait_until(lambda: line.info("stats")["total_commands_processed"] > 20, 60, log)
        os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        order = stage.withdraw("asha")
        page = [sys.executable, "-c", NUDGE]
        environ = stage.world.environment("web") | {
            "REDIS_URL": broker.url,
            "PYTHONPATH": str(HERE.parents[1]),
        }
        told = subprocess.run(
            page, env=environ, capture_output=True, text=True, timeout=60, check=True, cwd=stage.folder
        )
        assert float(told.stdout.split()[-1]) < 5, "a page waits for the broker"
        time.sleep(max(0.0, still - (time.monotonic() - began)))
        order.refresh_from_db()
        assert order.state == "waiting"
        os.kill(pid, signal.SIGCONT)
        wait_until(lambda: ErasureOrder.objects.get(pk=order.pk).state == "done", 120, log)
    finally:
        os.kill(pid, signal.SIGCONT)
        for process in running:
            kill(process)
    assert_erased_and_proved_once(stage, order)
    print(f"the broker stood still for {still} s; 1 order, done once")
