"""The demo company's bucket: a process of its own, and what the others are told of it."""

import json
import sys
import time
from pathlib import Path

from governance.setup.environment import for_process
from governance.setup.places import Places
from governance.setup.processes import Supervisor
from governance.setup.say import Problem

NAME = "bucket"
COMMAND = [sys.executable, "-m", "governance.demo.bucket_server"]


def start(supervisor: Supervisor, places: Places) -> None:
    """It begins to start; `urls` waits for it."""
    _told(places).unlink(missing_ok=True)
    # It reads no database: the environment of a process to which no URL is given.
    supervisor.start(NAME, [*COMMAND, str(_told(places))], for_process("web", {}, places))


def urls(supervisor: Supervisor, places: Places, seconds: float = 90) -> dict[str, str]:
    """Address and keys, once it answers; raises Problem when it ended or the time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        supervisor.check()
        told = known(places)
        if told:
            return told
        time.sleep(0.05)
    raise Problem(f"The demo company's bucket did not start in {seconds:.0f} s.")


def known(places: Places) -> dict[str, str]:
    """Address and keys of the one that runs, or that ran last; empty when there is none."""
    try:
        found: dict[str, str] = json.loads(_told(places).read_text())
    except FileNotFoundError:
        return {}
    return found


def _told(places: Places) -> Path:
    return places.secrets / "bucket.json"
