"""The web process, started as the demo starts it: what it hands on, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from governance.setup import web
from governance.setup.places import CHECKOUT

PASSWORD = "amber-linen-raven-31"
PATIENCE = 20.0  # seconds


class Running:
    def __init__(self, workers: int) -> None:
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            self.port = door.getsockname()[1]
        own = os.environ | {
            "DATABASE_URL": f"postgresql://web:{PASSWORD}@/sammati",
            "HTTP_PROXY": PASSWORD,
            "PATH_INFO": PASSWORD,
        }
        self.process = subprocess.Popen(
            web.command(self.port, app="tests.setup.echo", workers=workers, threads=2), env=own, cwd=CHECKOUT
        )

    def ask(self, path: str = "/", **more: Any) -> dict[str, Any]:
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", **more)
        with urllib.request.urlopen(asked, timeout=5) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def answers(self) -> bool:
        try:
            return bool(self.ask())
        except OSError:
            return False


@pytest.fixture(params=[1])
def running(request: Any) -> Iterator[Running]:
    started = Running(request.param)
    try:
        assert becomes(started.answers, True)
        yield started
    finally:
        started.process.kill()
        started.process.wait(PATIENCE)


def becomes(asked: Any, wanted: object) -> bool:
    until = time.monotonic() + PATIENCE
    while asked() != wanted:
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_a_request_brings_nothing_of_what_the_process_knows(running: Running) -> None:
    told = running.ask("/who", data=b"12345", headers={"X-Asked": "yes"})
    assert told["sent"] == 5 and told["header"] == "yes"
    assert {"PATH_INFO", "REQUEST_METHOD", "HTTP_HOST", "wsgi.input"} <= set(told["names"])
    assert not {"DATABASE_URL", "HTTP_PROXY", "PATH", "HOME"} & set(told["names"])


def test_who_is_killed_is_replaced(running: Running) -> None:
    first = running.ask()["pid"]
    os.kill(first, signal.SIGKILL)
    assert becomes(running.answers, True)
    assert running.ask()["pid"] != first


def test_nobody_serves_on_when_the_first_process_is_killed(running: Running) -> None:
    serving = running.ask()["pid"]
    running.process.kill()
    running.process.wait(PATIENCE)
    assert becomes(running.answers, False)
    assert becomes(lambda: os.path.exists(f"/proc/{serving}"), False)


def test_an_answer_begun_is_given_before_it_ends(running: Running) -> None:
    with ThreadPoolExecutor(1) as one:
        asked = one.submit(running.ask, "/slow")
        time.sleep(0.4)
        running.process.terminate()
        assert asked.result(PATIENCE)["sent"] == 0
    assert running.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("running", [2], indirect=True)
def test_as_many_serve_as_were_asked_for(running: Running) -> None:
    assert becomes(lambda: len({running.ask()["pid"] for _each in range(40)}), 2)
