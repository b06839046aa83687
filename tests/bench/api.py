"""Decisions over HTTP: one at a time and in batches of 1,000 people, at 1, 8 and 32 clients."""

import json
import os
import subprocess
import sys
from typing import Any
from uuid import uuid4

from governance.interfaces import clients
from governance.people.models import Person
from tests.bench.company import company
from tests.bench.gate import _wait_for
from tests.bench.table import Row, measure, row
from tests.conftest import World

AT_ONCE = (1, 8, 32)


@measure("api")
def over_http(world: World) -> list[Row]:
    """Two web processes with eight threads each; the loader shares the machine."""
    import socket

    made = company(world)
    _client, key = clients.let_in(
        made.software, f"Bench {uuid4().hex[:6]}", purposes=[made.purpose], scopes=["decisions", "explain"], by=Person.objects.get(pk=made.dev.pk),
        per_minute=10_000_000,
    )  # fmt: skip
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    web = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "governance.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "8",
         "--no-control-socket", "--log-level", "error"],
        env=world.environment("web") | {"SAMMATI_PLAIN_STATIC": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port)
        number = made.purpose.number
        return _rows(
            {(batch, n): _asked(port, key, number, batch, n) for batch in (False, True) for n in AT_ONCE}
        )
    finally:
        web.terminate()
        web.wait(20)


def _asked(port: int, key: str, purpose: str, batch: bool, count: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.api_loader", str(port), purpose, str(int(batch)), str(count)],
        input=key, capture_output=True, text=True, check=True, env=dict(os.environ),
    )  # fmt: skip
    return json.loads(done.stdout)


def _rows(asked: dict[tuple[bool, int], dict[str, Any]]) -> list[Row]:
    rows = []
    for (batch, count), said in asked.items():
        what = "1,000 people × 4 signals" if batch else "single"
        rows.append(
            row(
                f"API decision over HTTP: {what}, {count} client{'s' if count > 1 else ''}", said["per_second"], None, "requests/s",
                note=f"p50 {said['p50']:.1f} ms, p99 {said['p99']:.1f} ms",
            )
        )  # fmt: skip
    failed = float(sum(said["failed"] for said in asked.values()))
    rows.append(row("API decision over HTTP: failed", failed, None, "requests", at_most=0, of_ours=True))
    return rows
