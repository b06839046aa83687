"""A web server of a bench, ours or a peer's, and the clients that load it, each in processes of their own."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from governance.interfaces import clients
from governance.people.models import Person
from governance.setup import web
from tests.conftest import World

SECONDS = 3.0
ENOUGH = 30  # answers, from two processes
WORKERS = 2  # web processes, of either side
SCOPES = ["decisions", "explain", "consents.write", "withdrawals.write"]


@contextmanager
def served(command: list[str], environment: dict[str, str], folder: Path | None = None) -> Iterator[int]:
    """The port of this command, which gets it in place of PORT, when somebody answers there."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    process = subprocess.Popen(
        [word.replace("PORT", str(port)) for word in command],
        env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while True:
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"It does not serve: {command[0]} {command[1]} {command[2]}")
            time.sleep(0.1)
        answers(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def answers(port: int) -> None:
    """The door is open before anybody stands behind it: wait until each process has read its program and answers."""
    for _one in range(ENOUGH):
        with suppress(OSError, http.client.HTTPException):
            knock = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            knock.request("GET", "/api/v1/policy")
            knock.getresponse().read()
            knock.close()


@contextmanager
def ours(world: World, made: Any) -> Iterator[dict[str, Any]]:
    """The portal with as many web processes as the peer has; the job that its clients begin from."""
    world.sign_in("web")
    _client, key = clients.let_in(
        made.software, f"Bench {uuid4().hex[:6]}", purposes=[made.purpose], scopes=SCOPES, by=Person.objects.get(pk=made.dev.pk),
        per_minute=10_000_000,
    )  # fmt: skip
    notice = made.purpose.published_notice()
    text = notice.text_for("en")
    words = {"notice_version": notice.version, "language": "en", "text_sha256": text.sha256}
    command = web.command("PORT", workers=WORKERS, threads=8)
    with served(command, world.environment("web") | {"SAMMATI_PLAIN_STATIC": "1"}) as port:
        yield warm({"port": port, "key": key, "purpose": made.purpose.number, "words": words}, "single")


def warm(job: dict[str, Any], kind: str) -> dict[str, Any]:
    """The same job, when each of the web processes has answered it a while."""
    loaded(job, kind, 8, ["N-B-1"])
    return job


def loaded(
    job: dict[str, Any], kind: str, count: int, people: list[str], seconds: float = SECONDS
) -> dict[str, Any]:
    """What so many clients heard: {"done", "failed", "how", "per_second", "p50", "p99"}."""
    work = json.dumps({**job, "kind": kind, "clients": count, "people": people, "seconds": seconds})
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.api_loader"],
        input=work,
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def told(said: dict[str, Any]) -> str:
    how = ", ".join(f"{count} × {what}" for what, count in sorted(said["how"].items()))
    return f"p50 {said['p50']:.1f} ms, p99 {said['p99']:.1f} ms, failed {said['failed']:,}" + (
        f" ({how})" if how else ""
    )
