"""Appends to the log against plain inserts with a commit each, at 1, 4 and 8 connections; the sealer running meanwhile."""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from django.conf import settings
from django.utils import timezone

from governance.audit import keys, sealer
from governance.audit.models import Entry
from tests.bench.company import company
from tests.bench.table import Row, measure, row
from tests.conftest import World
from tests.servers import cluster

SECONDS = 5.0


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
        reference = _appends(world, clients, ours=False)
        ours = _appends(world, clients, ours=True)
        rows.append(
            row(f"log appends vs plain inserts, {clients} connections", ours, reference, "entries/s", at_least=goal,
                note="committed one by one; each client a process")
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
