"""One person's rows made anonymous by us and by django-gdpr-assist, on the same PostgreSQL."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median
from uuid import uuid4

import psycopg

from governance.lib.connectors import Scope
from governance.retention.connectors.sql import SqlConnector
from tests.bench.environments import PROGRAMS, NotThere, environment, plain
from tests.bench.table import Row, measure, row
from tests.conftest import World
from tests.servers import cluster

# The last Django that it names, and what goes with that one.
PINS = (
    "django-gdpr-assist==1.4.2",
    "Django==3.2.25",
    "psycopg2-binary==2.9.11",
    "django-yaa-settings==1.1.0",
)
ROWS, TIMES = 5_000, 3
TABLE = """
CREATE TABLE traces (id bigserial PRIMARY KEY, person_number varchar(40) NOT NULL, mood varchar(40), value float NOT NULL);
CREATE INDEX ON traces (person_number);
CREATE INDEX ON traces (person_number varchar_pattern_ops);
INSERT INTO traces (person_number, mood, value)
    SELECT CASE WHEN i <= {rows} THEN 'X-1' ELSE 'X-2' END, 'good', i FROM generate_series(1, 2 * {rows}) i;
ANALYZE
"""
MAP = {
    "tables": [
        {
            "table": "traces", "find": {"column": "person_number", "is": "number"}, "action": "erase",
            "anonymise": {"person_number": "hash", "mood": "null"},
        }
    ]
}  # fmt: skip


@measure("gdpr_assist")
def beside(world: World) -> list[Row]:
    """In turn, each on a fresh database with the same rows, and what each of them writes down about it."""
    try:
        python = environment("gdpr_assist", *PINS, built="django-yaa-settings")
    except NotThere as error:
        return [row("beside django-gdpr-assist", 0.0, None, "rows/s", note=f"not run: {error}")]
    ours, read, theirs = [], [], []
    for _ in range(TIMES):
        with database() as url:
            program = [python, PROGRAMS / "gdpr_assist_app.py", str(ROWS)]
            told = subprocess.run(
                program, check=True, capture_output=True, env=plain() | {"PEER_URL": url}, timeout=600
            )
            answer = json.loads(told.stdout)
            if answer["left"]:
                raise RuntimeError("The peer has left rows.")
            theirs.append(answer["seconds"])
        with database() as url:
            seconds = _ours(url)
            ours.append(seconds[0])
            read.append(seconds[1])
    rate, peers = ROWS / median(ours), ROWS / median(theirs)
    note = f"{ROWS:,} rows of one person among as many of another; reference: QuerySet.anonymise() of django-gdpr-assist 1.4.2, Django 3.2"
    back = f"the same, with every text column of the database read back ({median(read) * 1000:.0f} ms), which it does not do"
    return [
        row("beside django-gdpr-assist: made anonymous", rate, peers, "rows/s", at_least=1, note=note),
        row(
            "beside django-gdpr-assist: and read back",
            ROWS / (median(ours) + median(read)),
            peers,
            "rows/s",
            note=back,
        ),
    ]


def _ours(url: str) -> tuple[float, float]:
    """Seconds to count, erase and count again; seconds to read back."""
    with psycopg.connect(url, autocommit=True) as store:
        store.execute(TABLE.format(rows=ROWS))
    os.environ["BENCH_TRACES_URL"] = url
    connector = SqlConnector({"url_env": "BENCH_TRACES_URL", "read_url_env": "BENCH_TRACES_URL"}, MAP)
    scope = Scope(uuid4(), None, (), datetime.now(UTC), {"number": "X-1"}, anonymise=True)
    began = time.perf_counter()
    with connector.at_work():
        connector.count(scope, "traces")
        done = connector.erase(scope, "traces").count
        left = connector.count(scope, "traces")
        middle = time.perf_counter()
        if done != ROWS or left or connector.residue(scope).count:
            raise RuntimeError("Something was left.")
    return middle - began, time.perf_counter() - middle


@contextmanager
def database() -> Iterator[str]:
    name = f"bench_traces_{uuid4().hex[:8]}"
    with psycopg.connect(cluster().url("owner", "postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield cluster().url("owner", name)
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
