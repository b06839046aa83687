"""Appends to the log against plain inserts with a commit each, at 1, 4 and 8 connections; the sealer running meanwhile."""

import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connections
from django.utils import timezone

from governance.audit import keys, log, sealer
from governance.audit.models import Entry
from tests.bench.company import company
from tests.bench.table import Row, measure, row
from tests.conftest import World
from tests.servers import cluster

SECONDS = 5.0


def _appends(world: World, clients: int, *, ours: bool) -> float:
    done = [0] * clients
    stop = threading.Event()

    def append(number: int) -> None:
        if ours:
            world.sign_in("web")
            while not stop.is_set():
                log.record("bench.append", about=None, n=done[number])
                done[number] += 1
            connections.close_all()
            return
        with psycopg.connect(cluster().url("owner", world.main), autocommit=True) as connection:
            while not stop.is_set():
                connection.execute(
                    "INSERT INTO bench_plain (code, about, facts) VALUES (%s, %s, %s::jsonb)",
                    ["bench.append", uuid4(), f'{{"n": {done[number]}}}'],
                )
                done[number] += 1

    threads = [threading.Thread(target=append, args=(n,)) for n in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    stop.set()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - began)


@measure("log")
def appends(world: World) -> list[Row]:
    company(world)
    with psycopg.connect(cluster().url("owner", world.main), autocommit=True) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS bench_plain (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz DEFAULT now(), code text, about uuid, facts jsonb)")
    rows = []
    for clients, goal in ((1, None), (4, 0.8), (8, 0.5)):
        reference = _appends(world, clients, ours=False)
        ours = _appends(world, clients, ours=True)
        rows.append(
            row(f"log appends vs plain inserts, {clients} connections", ours, reference, "entries/s", at_least=goal,
                note="both committed one by one; clients are threads of one interpreter; ours through the ORM")
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
    rows.append(row("sealing entries into Merkle batches", count / took, None, "entries/s", note=f"{count:,} entries"))
    with psycopg.connect(cluster().url("owner", world.main), autocommit=True) as owner:
        owner.execute("DROP TABLE bench_plain")
    return rows
