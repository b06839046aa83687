"""Appends to the log against plain inserts with a commit each, at 1, 4 and 8 connections; the sealer running meanwhile."""

import hashlib
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psycopg
from django.conf import settings
from django.db import connections
from django.utils import timezone

from governance.audit import keys, merkle, sealer
from governance.audit.models import Entry
from governance.lib.canonical import canonical
from tests.bench.company import company
from tests.bench.register import Open, as_owner
from tests.bench.table import NIGHT, Row, measure, row
from tests.conftest import World, fresh_world
from tests.servers import cluster

SECONDS, ROUNDS = 2.0, 3  # of each side, in turn: what else the machine does falls on both
ENTRIES = 1_000_000 if NIGHT else 50_000
ENTRIES_SQL = """
INSERT INTO audit_entry (code, about_kind, about_id, facts)
SELECT 'bench.append', 'purpose', gen_random_uuid(), jsonb_build_object('n', n) FROM generate_series(1, %(count)s) n
"""


def _appends(world: World, clients: int, *, ours: bool) -> float:
    """Entries per second of so many clients, each a process of its own, as web processes are."""
    command = [sys.executable, "-m", "tests.bench.appender", "ours" if ours else "plain", str(SECONDS)]
    environment = world.environment("web") | {"PLAIN_URL": cluster().url("owner", world.main)}
    running = [
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(clients)
    ]
    for process in running:
        assert process.stdout is not None and process.stdout.readline().strip() == "ready"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return sum(float(process.communicate()[0]) for process in running)


@measure("log")
def appends(world: World) -> list[Row]:
    company(world)
    with psycopg.connect(cluster().url("owner", world.main), autocommit=True) as owner:
        owner.execute(
            "CREATE TABLE IF NOT EXISTS bench_plain (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz DEFAULT now(), code text, about uuid, facts jsonb)"
        )
    rows: list[Row] = []
    for clients, goal in ((1, None), (4, 0.8), (8, 0.5)):
        turns = [
            (_appends(world, clients, ours=True), _appends(world, clients, ours=False)) for _ in range(ROUNDS)
        ]
        ours, reference = (median(side) for side in zip(*turns, strict=True))
        rows.append(
            row(f"log appends vs plain inserts, {clients} connections", ours, reference, "entries/s", at_least=goal,
                note=f"committed one by one; each client a process; the median of {ROUNDS} rounds in turn")
        )  # fmt: skip
    world.sign_in("exporter")
    with TemporaryDirectory() as folder:
        home = Path(folder)
        sign = keys.signer(settings.SECRETS, home)
        count = Entry.objects.filter(leaf=None).count()
        began = time.perf_counter()
        while sealer.seal(timezone.now(), sign=sign, home=home):
            pass
        took = time.perf_counter() - began
    rows.append(
        row("sealing entries into Merkle batches", count / took, None, "entries/s", note=f"{count:,} entries")
    )
    with psycopg.connect(cluster().url("owner", world.main), autocommit=True) as owner:
        owner.execute("DROP TABLE bench_plain")
    return rows


@measure("log_verify")
def verification(world: World) -> list[Row]:
    """Both over a log of so many sealed entries, and over a tenth of them, each in a database of its own."""
    company(world)
    connections.close_all()
    short, long = (_verified(world, count) for count in (ENTRIES // 10, ENTRIES))
    return [
        row(
            f"verifying the log, {ENTRIES:,} entries, vs a bare SHA-256 chain over the same bytes", long.per_second, long.bare, "entries/s",
            at_least=0.6, note="rows read from the database, leaves, tree, checkpoints and signatures; the chain: its bytes in memory",
        ),
        row(
            f"verifying the log: the same bytes, hashes of leaves and tree alone, {ENTRIES:,} entries", long.hashing, long.bare, "entries/s",
            note="what is left of it without PostgreSQL, JSON and the ORM",
        ),
        row(
            f"verifying the log: seconds an entry, {ENTRIES:,} of {ENTRIES // 10:,}", 1e6 / long.per_second, 1e6 / short.per_second, "µs",
            at_most=1.5, note="linear: the ratio is about 1",
        ),
    ]  # fmt: skip


@dataclass(frozen=True)
class Verified:
    """Entries a second: verified, of the bare chain, of the hashes alone."""

    per_second: float
    bare: float
    hashing: float


def _verified(world: World, count: int) -> Verified:
    with (
        fresh_world(Open(), {"default": world.main, "keys": world.keys}) as here,
        TemporaryDirectory() as folder,
    ):
        as_owner(here, [(ENTRIES_SQL, {"count": count}), ("ANALYZE", None)])
        here.sign_in("exporter")
        home = Path(folder)
        sign = keys.signer(settings.SECRETS, home)
        while sealer.seal(timezone.now(), sign=sign, home=home):
            pass
        as_owner(here, [("ANALYZE", None)])  # as autovacuum would in time
        here.sign_in("exporter")
        total = Entry.objects.count()
        began = time.perf_counter()
        found = list(sealer.verify(home, check_signature=keys.checker(home)))
        per_second = total / (time.perf_counter() - began)
        if found:
            raise RuntimeError(f"The log does not hold: {found[0]}")
        bodies = [canonical(entry.body()) for entry in Entry.objects.order_by("id").iterator(chunk_size=5000)]
        world.sign_in("web")
    began = time.perf_counter()
    last = bytes(32)
    for body in bodies:
        last = hashlib.sha256(last + body).digest()
    bare = total / (time.perf_counter() - began)
    began = time.perf_counter()
    for start in range(0, total, sealer.BATCH):
        merkle.root([merkle.leaf_hash(body) for body in bodies[start : start + sealer.BATCH]])
    return Verified(per_second, bare, total / (time.perf_counter() - began))
