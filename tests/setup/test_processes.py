"""What was started is ended, with what it started itself; nothing else is."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from governance.setup.processes import Supervisor, alive, born, stop_survivors
from governance.setup.say import Problem

PARENT = """
import subprocess, sys, time, signal
child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, 1); time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Supervisor:
    (tmp_path / "run").mkdir()
    return Supervisor(tmp_path / "run", tmp_path / "log", tmp_path)


def printed_number(log: Path) -> int:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if log.exists() and log.read_text().strip():
            return int(log.read_text().split()[0])
        time.sleep(0.02)
    raise AssertionError("it printed nothing")


def test_a_grandchild_that_refuses_to_end_is_ended(supervisor: Supervisor) -> None:
    supervisor.start("parent", [sys.executable, "-c", PARENT], os.environ)
    grandchild = printed_number(supervisor.log / "parent.log")
    parent = supervisor.children["parent"].pid
    supervisor.stop(patience=2)
    time.sleep(0.1)
    assert not alive(parent) and not alive(grandchild)
    assert list(supervisor.run.iterdir()) == []


def test_one_that_ends_by_itself_is_told_with_its_last_words(supervisor: Supervisor) -> None:
    supervisor.start("short", [sys.executable, "-c", "print('last words'); raise SystemExit(3)"], os.environ)
    supervisor.children["short"].wait(10)
    with pytest.raises(Problem, match=r"(?s)'short'.*code 3.*last words"):
        supervisor.check()


def test_a_survivor_of_a_killed_supervisor_is_found(supervisor: Supervisor) -> None:
    supervisor.start("left", ["sleep", "60"], os.environ)
    child = supervisor.children.pop("left")  # as if the supervisor had been killed
    assert stop_survivors(supervisor.run, patience=2) == ["left"]
    child.wait(5)
    assert list(supervisor.run.iterdir()) == []


def test_a_number_given_again_to_somebody_else_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        (tmp_path / "web.pid").write_text(f"{stranger.pid} {int(born(stranger.pid)) - 1}")
        assert stop_survivors(tmp_path) == []
        assert stranger.poll() is None
    finally:
        stranger.send_signal(signal.SIGKILL)
        stranger.wait()


def test_a_missing_program_is_a_sentence(supervisor: Supervisor) -> None:
    with pytest.raises(Problem, match="could not be started"):
        supervisor.start("none", ["/does/not/exist"], {})
