"""The processes of a running Sammati: started together, stopped together, found again after a kill -9."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from governance.setup.say import Problem, last_lines

PATIENCE = 10.0  # seconds between asking a process to end and ending it


class Supervisor:
    """Starts processes in sessions of their own, so that Ctrl-C reaches us first and we end them in order.

    Each writes to `<log>/<name>.log` and is noted in `<run>/<name>.pid` with the moment it started.
    """

    def __init__(self, run: Path, log: Path, cwd: Path) -> None:
        self.run, self.log, self.cwd = run, log, cwd
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Start one process. Raises Problem when the program cannot be executed."""
        self.log.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.log / f"{name}.log").open("ab") as told:
            try:
                child = subprocess.Popen(
                    list(command), env=dict(env), cwd=self.cwd,
                    stdin=subprocess.DEVNULL, stdout=told, stderr=told,
                    start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                raise Problem(f"{command[0]} could not be started: {error.strerror}.") from error
        self.children[name] = child
        (self.run / f"{name}.pid").write_text(f"{child.pid} {born(child.pid)}")

    def first_ended(self) -> str | None:
        """The name of a process that ended by itself, if one did."""
        return next((name for name, child in self.children.items() if child.poll() is not None), None)

    def check(self) -> None:
        """Raise Problem with the end of its log when a process ended by itself."""
        name = self.first_ended()
        if name is not None:
            told = self.log / f"{name}.log"
            raise Problem(
                f"The process '{name}' ended by itself (code {self.children[name].returncode}). The end "
                f"of {told}:\n"
                f"{last_lines(told.read_text(errors='replace'))}"
            )

    def stop(self, patience: float = PATIENCE) -> None:
        """Ask all to end, wait, end by force what is left, with everything that it started."""
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        until = time.monotonic() + patience
        for name, child in self.children.items():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.05, until - time.monotonic()))
            end_group(child.pid)
            child.wait()
            (self.run / f"{name}.pid").unlink(missing_ok=True)
        self.children.clear()


def stop_survivors(run: Path, patience: float = PATIENCE) -> list[str]:
    """End what an earlier supervisor left behind when it was killed itself; returns their names.

    Only a process that started at the very moment noted is ours: numbers are given again.
    """
    ended = []
    for note in sorted(run.glob("*.pid")):
        with contextlib.suppress(ValueError, OSError):
            number, _, moment = note.read_text().partition(" ")
            pid = int(number)
            if moment and born(pid) == moment:
                os.kill(pid, signal.SIGTERM)
                until = time.monotonic() + patience
                while alive(pid) and time.monotonic() < until:
                    time.sleep(0.05)
                end_group(pid)
                ended.append(note.stem)
        note.unlink(missing_ok=True)
    return ended


def born(pid: int) -> str:
    """When this process started, as the system counts; empty when there is no such process."""
    with contextlib.suppress(OSError, IndexError):
        # The name in brackets may hold spaces; the start is the 20th field after it.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    if Path("/proc/self/stat").exists():
        return ""
    shown = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip()


def alive(pid: int) -> bool:
    """Whether this process is running. One that has ended but was not yet reaped is not."""
    with contextlib.suppress(OSError):  # if it is our child, reap it
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    with contextlib.suppress(OSError):
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return True


def end_group(pid: int) -> None:
    """End by force whatever is left of the session that this process led."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
