"""What the gate takes when the vault is full, against when it is empty: throughput, and the memory of both processes.

The vault is filled by whole sealed segments, copied inside PostgreSQL from some that the gate itself made: none is posted.
"""

import statistics
import time
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from governance.capture import gate
from governance.capture.api import parse
from tests.bench.company import company, log_name
from tests.bench.gate import BATCH, bodies, copy_per_event
from tests.bench.table import NIGHT, Row, measure, row
from tests.conftest import World
from tests.races.storm import forget_admitted
from tests.servers import cluster

STORED = (10_000_000, 100_000_000) if NIGHT else (10_000_000,)  # events
ROUNDS, IN_A_ROUND = 20, 10  # batches; after each round the machine's own pace is taken
AT_ONCE = 5_000  # segments of one statement
# People and streams as in earnest: a stream has a hundred segments. The arrivals are Asha's, whom the table has to know.
SEGMENTS = """
INSERT INTO vault.segment (id, stream, person, purpose, programme, batch, signal, events, admitted_at, expires_on, sealed)
SELECT gen_random_uuid(), md5('stream' || ((%(from)s + n) / 100))::uuid, md5('person' || ((%(from)s + n) / 1000))::uuid, s.purpose,
    s.programme, gen_random_uuid(), s.signal, s.events, s.admitted_at - (n || ' seconds')::interval, s.expires_on, s.sealed
FROM generate_series(1, %(many)s) n
JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS at FROM vault.bench_templates) s ON s.at = n %% (SELECT count(*) FROM vault.bench_templates)
"""
TEMPLATES = "CREATE TABLE vault.bench_templates AS SELECT * FROM vault.segment ORDER BY events DESC LIMIT 64"
ARRIVALS = """
INSERT INTO capture_arrival (segment, stream, person_id, purpose_id, signal, day, events, bytes, applications, last_at, admitted_at)
SELECT gen_random_uuid(), gen_random_uuid(), a.person_id, a.purpose_id, a.signal, a.day - (n %% 365), a.events, a.bytes, a.applications,
    a.last_at - (n || ' seconds')::interval, a.admitted_at - (n || ' seconds')::interval
FROM generate_series(1, %(many)s) n CROSS JOIN (SELECT * FROM capture_arrival LIMIT 1) a
"""
INTAKES = """
INSERT INTO capture_intake (client_id, batch_id, body_sha256, answer, counted, at)
SELECT i.client_id, gen_random_uuid(), i.body_sha256, i.answer, true, i.at - (n || ' seconds')::interval
FROM generate_series(1, %(many)s) n CROSS JOIN (SELECT * FROM capture_intake LIMIT 1) i
"""


@measure("gate_growth")
def growth(world: World) -> list[Row]:
    made = company(world)
    forget_admitted(world)
    sender = gate.sender(made.keys[made.programme.number])
    _pace(world, made, sender)  # everything is loaded once
    empty, machine, memory = _pace(world, made, sender)
    rows: list[Row] = []
    for wanted in STORED:
        stored, size = _fill(world, wanted)
        full, machine_now, memory_now = _pace(world, made, sender)
        drift = machine_now / machine
        note = (
            f"{stored:,} events in {size / 1e6:,.0f} MB of sealed segments of {log_name()}; {ROUNDS * IN_A_ROUND} batches of {BATCH},"
            f" median of {ROUNDS} rounds; as measured {full:,.0f} and {empty:,.0f}, while the machine's own COPY ran at {drift:.2f}"
            " of its pace"
        )
        millions = f"{wanted // 1_000_000} million"
        rows += [
            row(f"gate: throughput at {millions} stored events vs empty", full, empty * drift, "events/s", at_least=0.8, note=note),
            row(
                f"gate: memory at {millions} stored events vs empty", memory_now, memory, "MB", at_most=1.1,
                note="of the gate and its database process, without what all processes share",
            ),
        ]  # fmt: skip
    forget_admitted(world)
    return rows


def _pace(world: World, made: Any, sender: gate.Sender) -> tuple[float, float, float]:
    """(admitted events a second, the same of a plain COPY in the same minutes, MB of gate and database process)."""
    ours, plain = [], []
    for _round in range(ROUNDS):
        posts = [(parse(body), body) for body in bodies(made, IN_A_ROUND)]
        began, admitted = time.perf_counter(), 0
        for batch, body in posts:
            admitted += gate.admit(batch, body, client=sender)["admitted"]
        ours.append(admitted / (time.perf_counter() - began))
        plain.append(20_000 / copy_per_event(world, 20_000))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    return statistics.median(ours), statistics.median(plain), _own_memory("self") + _own_memory(backend)


def _own_memory(process: int | str) -> float:
    """MB of this process alone: anonymous pages, without files and shared buffers."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) / 1024


def _fill(world: World, wanted: int) -> tuple[int, int]:
    """At least so many events lie in the vault; returns (events, bytes of the vault)."""
    with psycopg.connect(cluster().url("owner", world.main), autocommit=True) as owner:
        ask = owner.execute
        ask("SET ROLE vault_owner")
        ask("DROP TABLE IF EXISTS vault.bench_templates")
        stored = int(ask("SELECT coalesce(sum(events), 0) FROM vault.segment").fetchone()[0])  # type: ignore[index]
        ask(TEMPLATES)
        each = float(ask("SELECT avg(events) FROM vault.bench_templates").fetchone()[0])  # type: ignore[index]
        at = 0
        while stored < wanted:
            many = min(AT_ONCE, int((wanted - stored) / each) + 1)
            ask("SET ROLE vault_owner")
            ask(SEGMENTS, {"from": at, "many": many})
            ask("RESET ROLE")
            ask(ARRIVALS, {"many": many})
            ask(INTAKES, {"many": many})
            stored, at = stored + int(many * each), at + many
        ask("SET ROLE vault_owner")
        ask("ANALYZE vault.segment")
        events, size = ask("SELECT sum(events), sum(length(sealed)) FROM vault.segment").fetchone()  # type: ignore[misc]
        ask("DROP TABLE vault.bench_templates")
        ask("RESET ROLE")
        ask("ANALYZE capture_arrival, capture_intake")
        if may_checkpoint(owner):
            ask("CHECKPOINT")
    return int(events), int(size)


def may_checkpoint(owner: "psycopg.Connection[Any]") -> bool:
    """Without it the first round after the filling pays for the filling's own writes."""
    found = owner.execute(
        "SELECT rolsuper OR pg_has_role(current_user, 'pg_checkpoint', 'MEMBER') FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    return bool(found and found[0])
