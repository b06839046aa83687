"""The gate in process against COPY of per-event encrypted rows, and over HTTP against an empty view that reads the body."""

import json
import os
import struct
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any
from uuid import uuid4

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from governance.capture import gate
from governance.capture.api import parse
from governance.demo.company import Company
from tests.bench.company import company, events, log_name
from tests.bench.table import Row, measure, row
from tests.conftest import World
from tests.servers import cluster

BATCH = 500
IN_PROCESS = 200  # batches
OVER_HTTP_SECONDS = 12.0


def bodies(made: Company, count: int) -> list[bytes]:
    """So many batches of real events, each with its own id and time stamps of this moment."""
    source = cycle(events("N-1001"))
    now = datetime.now(UTC).isoformat()
    return [
        json.dumps(
            {
                "batch_id": str(uuid4()), "programme": made.programme.number, "device": made.device.number,
                "events": [{"at": now, **event} for event in islice(source, BATCH)],
            }
        ).encode()
        for _ in range(count)
    ]  # fmt: skip


def copy_per_event(world: World, rows: int) -> float:
    """Seconds to COPY so many events, encrypted one by one beforehand, as binary rows of the same shape; one commit."""
    cipher = AESGCM(os.urandom(32))
    content = os.urandom(200)
    one = b""
    for value in (uuid4().bytes, uuid4().bytes, struct.pack("!i", 1), struct.pack("!i", 2), struct.pack("!q", 0),
                  cipher.encrypt(os.urandom(12), content, None) + os.urandom(12)):  # fmt: skip
        one += struct.pack("!i", len(value)) + value
    row_bytes = struct.pack("!h", 6) + one
    data = b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0) + row_bytes * rows + struct.pack("!h", -1)
    with psycopg.connect(cluster().url("owner", world.main)) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_rows")
        connection.execute(
            "CREATE TABLE bench_rows (a uuid, b uuid, c int, d int, t timestamptz, content bytea)"
        )
        connection.commit()
        began = time.perf_counter()
        with connection.cursor().copy("COPY bench_rows FROM STDIN (FORMAT BINARY)") as copy:
            for start in range(0, len(data), 1 << 20):
                copy.write(data[start : start + (1 << 20)])
        connection.commit()
        took = time.perf_counter() - began
        connection.execute("DROP TABLE bench_rows")
    return took


@measure("gate")
def in_process(world: World) -> list[Row]:
    """Parse, lock, decide, minimise, seal, copy, commit: one process, one connection."""
    made = company(world)
    sender = gate.sender(made.keys[made.programme.number])
    posts = bodies(made, IN_PROCESS)
    for body in bodies(made, 5):
        gate.admit(parse(body), body, client=sender)
    admitted = 0
    began = time.perf_counter()
    for body in posts:
        admitted += gate.admit(parse(body), body, client=sender)["admitted"]
    took = time.perf_counter() - began
    reference = admitted / copy_per_event(world, admitted)
    note = f"batches of {BATCH} from {log_name()}; {IN_PROCESS * BATCH / took:,.0f} events/s offered; one process"
    return [
        row(
            "gate: admitted events vs COPY of per-event encrypted rows",
            admitted / took,
            reference,
            "events/s",
            at_least=0.4,
            note=note,
        )
    ]


@measure("gate_http")
def over_http(world: World) -> list[Row]:
    """Two web processes, eight clients, batches of 500; the loader shares the machine in both runs."""
    made = company(world)
    ours = _load(world, "governance.wsgi:application", made)
    empty = _load(world, "tests.bench.empty:application", made)
    note = f"{ours['batches']} batches; p50 {ours['p50']:.1f} ms, p99 {ours['p99']:.1f} ms; {ours['failed']} failed; 8 clients, 2 web processes"
    return [
        row(
            "gate over HTTP vs an empty view that reads the body",
            ours["events"],
            empty["events"],
            "events/s",
            at_least=0.15,
            note=note,
        ),
        row(
            "gate over HTTP: p99 over p50",
            ours["p99"],
            ours["p50"],
            "ms",
            at_most=3,
            note="8 clients, batches of 500",
        ),
    ]


def _load(world: World, application: str, made: Company) -> dict[str, Any]:
    import socket

    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    port = door.getsockname()[1]
    door.close()
    environment = world.environment("web") | {"SAMMATI_PLAIN_STATIC": "1"}
    web = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4",
         "--no-control-socket", "--log-level", "error"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port)
        loader = [sys.executable, "-m", "tests.bench.loader", str(port), str(OVER_HTTP_SECONDS)]
        job = json.dumps(
            {"key": made.keys[made.programme.number], "bodies": [b.decode() for b in bodies(made, 8)]}
        )
        done = subprocess.run(loader, input=job, capture_output=True, text=True, env=environment, check=True)
        return json.loads(done.stdout)
    finally:
        web.terminate()
        web.wait(20)


def _wait_for(port: int) -> None:
    import socket

    for _ in range(200):
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(1)
                return
        time.sleep(0.1)
    raise TimeoutError("The web did not start.")
