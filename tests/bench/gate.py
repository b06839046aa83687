"""The gate in process against COPY of per-event encrypted rows, and over HTTP against an empty view that reads the body."""

import hashlib
import json
import os
import statistics
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import cycle, islice
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction

from governance.capture import gate
from governance.capture.api import parse
from governance.capture.models import Arrival
from governance.capture.shapes import MAX_EVENTS, Batch
from governance.consents.models import Stream
from governance.demo.company import Company
from governance.lib import prepared
from governance.setup import web
from tests.bench import serving
from tests.bench.company import company, events, log_name
from tests.bench.table import Row, measure, row
from tests.conftest import World
from tests.servers import cluster

BATCH = 500
SIZES = (BATCH, MAX_EVENTS)
ROUNDS, IN_A_ROUND = 10, 20_000  # events
IN_PROCESS = 200  # batches
OVER_HTTP_ROUNDS, OVER_HTTP_SECONDS = 3, 6.0
PLAIN = msgspec.json.Decoder(Batch)  # every event by itself, and nothing sorted


def bodies(made: Company, count: int, size: int = BATCH) -> list[bytes]:
    """So many batches of real events, each with its own id, and each event with a time of its own within the next second."""
    source = cycle(events("N-1001"))
    begins = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    times = [(begins + timedelta(seconds=n / size)).isoformat(timespec="microseconds") for n in range(size)]
    return [
        json.dumps(
            {
                "batch_id": str(uuid4()), "programme": made.programme.number, "device": made.device.number,
                "events": [{"at": at, **event} for at, event in zip(times, islice(source, size), strict=True)],
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
    """Parse, lock, decide, minimise, seal, keep, commit: one process, one connection, in turn with its reference.

    In batches as over HTTP, and in the largest that it takes, as from a client that was offline for some hours.
    """
    made = company(world)
    sender = gate.sender(made.keys[made.programme.number])
    for size in SIZES:
        for body in bodies(made, 3, size):
            gate.admit(parse(body), body, client=sender)
    ours: dict[int, list[float]] = {size: [] for size in SIZES}
    plain = []
    for _round in range(ROUNDS):
        for size in SIZES:
            posts, admitted = bodies(made, IN_A_ROUND // size, size), 0
            began = time.perf_counter()
            for body in posts:
                admitted += gate.admit(parse(body), body, client=sender)["admitted"]
            ours[size].append(admitted / (time.perf_counter() - began))
        plain.append(IN_A_ROUND / copy_per_event(world, IN_A_ROUND))
    share = admitted / IN_A_ROUND
    return [
        row(
            f"gate: admitted events in batches of {size:,} vs COPY of per-event encrypted rows",
            statistics.median(ours[size]), statistics.median(plain), "events/s", at_least=0.4,
            note=f"{log_name()}, {share:.0%} admitted; one process; median of {ROUNDS} rounds of {IN_A_ROUND:,} events each, in turn",
        )
        for size in SIZES
    ]  # fmt: skip


@measure("gate_parts")
def parts(world: World) -> list[Row]:
    """What deciding, minimising and sealing cost over a gate that stores blindly; and what Django's bulk_create would take."""
    made = company(world)
    sender = gate.sender(made.keys[made.programme.number])
    took = {"ours": 0.0, "blind": 0.0}
    admitted = 0
    for body, other in zip(
        bodies(made, IN_PROCESS), bodies(made, IN_PROCESS), strict=True
    ):  # in turn: the same machine, the same minute
        began = time.perf_counter()
        admitted += gate.admit(parse(body), body, client=sender)["admitted"]
        took["ours"] += time.perf_counter() - began
        began = time.perf_counter()
        _blind(PLAIN.decode(other), other, sender)
        took["blind"] += time.perf_counter() - began
    rows = admitted // 10
    began = time.perf_counter()
    for start in range(0, rows, BATCH):
        _by_hand(made, min(BATCH, rows - start))
    slow = rows / (time.perf_counter() - began)
    per = {name: seconds / (IN_PROCESS * BATCH) * 1e6 for name, seconds in took.items()}
    return [
        row(
            "gate: microseconds per event over a gate that stores blindly", per["ours"], per["blind"], "µs", at_most=1.3,
            note="parse, intake row, compress, copy and commit in both; ours also locks, decides, minimises and seals",
        ),
        row("gate: admitted events vs bulk_create of a row each", admitted / took["ours"], slow, "events/s", at_least=5),
    ]  # fmt: skip


def _blind(batch: Any, body: bytes, sender: gate.Sender) -> None:
    """A gate that asks nobody: the batch, compressed, as it came."""
    with transaction.atomic(), connection.cursor() as cursor:
        gate.enter(prepared.in_turn(cursor), batch.batch_id, hashlib.sha256(body).digest(), sender)
        content, expires = zlib.compress(body, 3), _expires()
        with cursor.cursor.copy(
            "COPY vault.segment (id, stream, person, purpose, programme, batch, signal, events, admitted_at, expires_on, sealed) FROM STDIN"
        ) as copy:
            now = datetime.now(UTC)
            who = (uuid4(), uuid4(), uuid4(), sender.purpose_id, sender.programme_id, batch.batch_id)
            copy.write_row((*who, "ui_event", len(batch.events), now, expires, content))


@cache
def _expires() -> Any:
    """A day for which the vault has a partition."""
    return Stream.objects.filter(state="open").values_list("expires_on", flat=True)[0]


def _by_hand(made: Company, rows: int) -> None:
    now = datetime.now(UTC)
    Arrival.objects.bulk_create(
        Arrival(
            segment=uuid4(), stream=uuid4(), person_id=made.asha.pk, purpose_id=made.purpose.pk, signal="ui_event", day=now.date(), events=1,
            bytes=200, applications={"Chrome": 1}, last_at=now, admitted_at=now,
        )
        for _ in range(rows)
    )  # fmt: skip


@measure("gate_http")
def over_http(world: World) -> list[Row]:
    """Two web processes, eight clients, batches of 500; the loader shares the machine in both runs."""
    made = company(world)
    rounds = [
        (_load(world, "governance.wsgi", made), _load(world, "tests.bench.empty", made))
        for _round in range(OVER_HTTP_ROUNDS)
    ]  # in turn: the machine's pace swings
    ours, empty = (
        {what: statistics.median(one[side][what] for one in rounds) for what in rounds[0][side]}
        for side in (0, 1)
    )
    failed = sum(one[0]["failed"] for one in rounds)
    note = (
        f"median of {OVER_HTTP_ROUNDS} rounds in turn; {ours['batches']:.0f} batches a round; p50 {ours['p50']:.1f} ms, p99 {ours['p99']:.1f} ms;"
        f" {failed} failed; 8 clients, 2 web processes"
    )
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
    running = subprocess.Popen(
        web.command(port, app=application),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        loader = [sys.executable, "-m", "tests.bench.loader", str(port), str(OVER_HTTP_SECONDS)]
        job = json.dumps(
            {"key": made.keys[made.programme.number], "bodies": [b.decode() for b in bodies(made, 8)]}
        )
        done = subprocess.run(loader, input=job, capture_output=True, text=True, env=environment, check=True)
        return json.loads(done.stdout)
    finally:
        running.terminate()
        running.wait(20)


def _wait_for(port: int, patience: float = 90) -> None:
    """Until the portal itself has answered."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            with suppress(
                urllib.error.HTTPError
            ):  # the empty view has no such page, and answers all the same
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=patience).close()
            serving.answers(port)
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("The web did not start.")
