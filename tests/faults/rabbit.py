"""A RabbitMQ of a test's own, in a folder of its own; the program is the machine's (Debian: apt-get install rabbitmq-server)."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from kombu import Connection
from kombu.exceptions import OperationalError

SERVER = Path(os.environ.get("SAMMATI_RABBITMQ", "/usr/lib/rabbitmq/bin/rabbitmq-server"))


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Rabbit:
    """As a Broker of governance/setup/broker.py, as far as the tests need one."""

    home: Path
    ports: list[int] = field(default_factory=lambda: [_free_port() for _ in range(3)])
    running: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.ports[0]}//"

    def environ(self) -> dict[str, str]:
        port, between, names = map(str, self.ports)
        return {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "RABBITMQ_NODENAME": f"sammati{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": port, "RABBITMQ_DIST_PORT": between,
            "ERL_EPMD_PORT": names, "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_MNESIA_BASE": str(self.home / "rows"),
            "RABBITMQ_LOG_BASE": str(self.home / "log"), "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.home / "none"),
        }  # fmt: skip

    def start(self) -> None:
        """Until it takes connections; a minute at most."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "told").open("ab") as told:
            self.running = subprocess.Popen(
                [SERVER], env=self.environ(), stdout=told, stderr=told, start_new_session=True
            )
        until = time.monotonic() + 60
        while time.monotonic() < until and self.running.poll() is None:
            # It opens its port before it speaks to anybody there.
            with (
                suppress(OSError, OperationalError),
                closing(Connection(self.url, connect_timeout=2)) as asked,
            ):
                asked.connect()
                return
            time.sleep(0.2)
        raise AssertionError(f"RabbitMQ did not start: {(self.home / 'told').read_text()[-2000:]}")

    def kill(self) -> None:
        """kill -9, and every message is gone."""
        if self.running is not None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()
            self.running = None
        shutil.rmtree(self.home / "rows", ignore_errors=True)

    def stop(self) -> None:
        self.kill()
        subprocess.run(["epmd", "-kill"], env=self.environ(), capture_output=True, check=False)
