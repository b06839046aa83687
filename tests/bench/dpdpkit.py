"""The same questions put to dpdpkit on the same PostgreSQL: reads and writes a second at 1, 8 and 32 clients."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from tests.bench import crowd, serving
from tests.bench.environments import PROGRAMS, NotThere, environment, plain
from tests.bench.table import Row, measure, row
from tests.conftest import World
from tests.servers import cluster

PINS = (
    "dpdpkit==0.1.0a1", "dpdpkit-core==0.1.0a1", "dpdpkit-policies==2026.10.0a1", "dpdpkit-fastapi==0.1.0a1",
    "uvicorn==0.54.0", "psycopg[binary]==3.3.9",
)  # fmt: skip
AT_ONCE = (1, 8, 32)
WRITTEN = 4_000  # of our people, set aside for a run of writes
# Its ledger with as many people and purposes as ours; the last row's hash is all that an append reads of the chain.
FILL = """
INSERT INTO dpdp_consent_events (id, tenant_id, seq, principal, purpose, action, notice_version, notice_hash, locale, source, occurred_at,
    meta, prev_hash, hash)
SELECT 'ce_' || n, 'default', n + 1, 'N-B-' || 1 + n %% %(people)s, CASE n / %(people)s WHEN 0 THEN 'marketing' ELSE 'other-' || n / %(people)s END,
    'grant', 1, repeat('0', 64), 'en', 'bench', now(), '{}', repeat('0', 64), repeat('0', 64)
FROM generate_series(0, %(people)s::bigint * %(purposes)s - 1) n
WHERE n / %(people)s > 0 OR n %% %(people)s < %(agreed)s
"""


@measure("dpdpkit")
def beside(world: World) -> list[Row]:
    """Both with two web processes; one after the other in turn, so that what else the machine does falls on both."""
    try:
        python = environment("dpdpkit", *PINS)
    except NotThere as error:
        return [row("dpdpkit beside us", 0.0, None, "requests/s", note=f"not run: {error}")]
    rows: list[Row] = []
    with crowd.crowded(world) as (full, made), serving.ours(full, made) as us, peer(python) as them:
        for number, count in enumerate(AT_ONCE):
            agreed = crowd.agreed(1000)
            clients = f"{count} client{'s' if count > 1 else ''}"
            theirs = serving.loaded(them, "peer_read", count, agreed)
            ours = serving.loaded(us, "single", count, agreed)
            rows += _rows(f"one decision over HTTP, {clients}", ours, theirs)
            new = [f"N-{count}-{n}" for n in range(20_000)]  # it knows no staff list, so that anybody will do
            theirs = serving.loaded(them, "peer_write_receipt", count, new[:10_000])
            ours = serving.loaded(us, "write", count, crowd.silent(number * WRITTEN, WRITTEN))
            rows += _rows(f"consent and receipt over HTTP, {clients}", ours, theirs)
            bare = serving.loaded(them, "peer_write", count, new[10_000:])
            rows += _rows(f"consent and receipt, theirs without one, {clients}", ours, bare, goal=None)
    return rows


def _rows(name: str, ours: dict[str, Any], theirs: dict[str, Any], goal: float | None = 3) -> list[Row]:
    note = f"ours: {serving.told(ours)}; dpdpkit: {serving.told(theirs)}"
    rows = [
        row(
            f"beside dpdpkit: {name}",
            ours["per_second"],
            theirs["per_second"],
            "requests/s",
            at_least=goal,
            note=note,
        )
    ]
    if goal:
        failed, of_them = float(ours["failed"]), float(theirs["failed"])
        rows.append(
            row(f"beside dpdpkit: {name}, failed", failed, of_them, "requests", at_most=0, of_ours=True)
        )
    return rows


@contextmanager
def peer(python: Path) -> Iterator[dict[str, Any]]:
    """dpdpkit on a database of its own in our cluster, filled and served; the job that its clients begin from."""
    name = f"bench_dpdpkit_{uuid4().hex[:8]}"
    with psycopg.connect(cluster().url("owner", "postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            url = cluster().url("owner", name)
            theirs = plain() | {"PEER_URL": url.replace("postgresql://", "postgresql+psycopg://")}
            program = [python, PROGRAMS / "dpdpkit_app.py"]
            subprocess.run(program, check=True, capture_output=True, env=theirs, timeout=60)
            with psycopg.connect(url, autocommit=True) as owner:
                facts = {"people": crowd.PEOPLE, "agreed": crowd.AGREED, "purposes": crowd.PURPOSES}
                owner.execute(FILL, facts)
                owner.execute("ANALYZE")
            command = [
                str(python), "-m", "uvicorn", "--app-dir", str(PROGRAMS), "dpdpkit_app:app", "--port", "PORT",
                "--workers", str(serving.WORKERS), "--log-level", "error", "--no-access-log",
            ]  # fmt: skip
            with serving.served(command, theirs) as port:
                yield serving.warm({"port": port}, "peer_read")
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
