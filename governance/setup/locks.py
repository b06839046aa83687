"""One at a time: a running Sammati holds a lock on its folder, and the steps of set-up hold another."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from governance.setup.say import Problem, tell


@contextlib.contextmanager
def only_one(path: Path, what: str) -> Iterator[None]:
    """Hold this lock; raise Problem when another process does. The kernel frees it, even after a kill -9."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = holder_of(path)
            raise Problem(
                f"{what} is already running from this folder{f' (process {holder})' if holder else ''}. "
                "Use it, or end it with ./run stop."
            ) from None
        _sign(file.fileno())
        yield


@contextlib.contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Hold this lock; wait while another process does, and say so."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            tell("  Another ./run is setting things up in this folder; waiting for it …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_held(path: Path) -> bool:
    """Whether some process holds this lock now."""
    if not path.exists():
        return False
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def holder_of(path: Path) -> int | None:
    """The process that signed this lock last."""
    with contextlib.suppress(OSError, ValueError):
        return int(path.read_text().strip())
    return None


def _sign(handle: int) -> None:
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
