"""Many people in four systems by one worker and by two; eleven tables; rows made anonymous; a month of the vault dropped whole."""

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.conf import settings
from django.db import connection, connections

from governance.capture.vault import VaultConnector
from governance.demo import systems as demo
from governance.lib.connectors import Scope
from governance.people.models import Employment, Person
from governance.retention import orders, sharing, tasks
from governance.retention.connectors.sql import SqlConnector
from governance.retention.models import ErasureOrder, Step
from tests.bench.company import company
from tests.bench.growth import may_checkpoint
from tests.bench.table import NIGHT, Row, measure, row
from tests.conftest import World
from tests.servers import cluster

PEOPLE = int(os.environ.get("SAMMATI_BENCH_PEOPLE", "1000" if NIGHT else "500"))
FEW = 10  # people one by one, beside the set
ANONYMISED = 100_000
EXPIRED = int(
    os.environ.get("SAMMATI_BENCH_EXPIRED", "10000000" if NIGHT else "1000000")
)  # of fewer, what a DROP costs at least is most of it
OPTIONS = {"url_env": "FEATURE_STORE_OWNER_URL", "read_url_env": "FEATURE_STORE_OWNER_URL"}


def _url() -> str:
    return os.environ["FEATURE_STORE_OWNER_URL"]


@measure("erasure_people")
def many_people(world: World) -> list[Row]:
    """The same orders carried out by one process and by two, and the plain DELETEs of the same rows."""
    made = company(world)
    world.sign_in("owner")
    demo.build_store(_url())
    world.sign_in("web")
    if not made.purpose.systems.exists():
        demo.register(made)
    taken = [_carried_out(world, made, number) for number in (1, 2)]
    alone = _carried_out(world, made, 1, FEW, together=False) / FEW
    people = new_people(world, made, PEOPLE)
    _rows(people)
    demo.fill_folder(settings.VAR / demo.FOLDER, people)
    began = time.perf_counter()
    _delete_rows(people)
    in_store = time.perf_counter() - began
    _delete_in_files(settings.VAR / demo.FOLDER, people)
    plain = time.perf_counter() - began
    note = (
        f"{PEOPLE} people × 4 systems (vault, PostgreSQL, files, portal), proofs included; reference: the DELETEs of the same rows in PostgreSQL"
        f" ({in_store:.2f} s) and the same files and lines in one pass"
    )
    two = f"{PEOPLE} orders handed out in shares; reference: one worker process on the same {os.cpu_count()} cores"
    return [
        row("erasing many people, one worker", taken[0], plain, "s", at_most=3, note=note),
        row(
            "one person of many, in a set",
            taken[0] / PEOPLE,
            alone,
            "s",
            at_most=0.25,
            note=f"reference: {FEW} people one by one",
        ),
        row("the same with two workers", taken[1], taken[0], "s", at_most=0.7, note=two),
    ]


def _delete_rows(people: list[Person]) -> None:
    """As somebody would by hand: a DELETE a table, for each person, each committed."""
    with psycopg.connect(_url(), autocommit=True) as store:
        for person in people:
            store.execute(
                "DELETE FROM features USING sessions s WHERE s.id = session_id AND s.person_number = %s",
                [person.number],
            )
            store.execute("DELETE FROM sessions WHERE person_number = %s", [person.number])
            store.execute("DELETE FROM notes WHERE body LIKE %s", [f"%{person.name}%"])


def _delete_in_files(folder: Path, people: list[Person]) -> None:
    """The files of these people, and their lines in what is shared, each shared file written anew once."""
    numbers, names = {person.number for person in people}, [person.name for person in people]
    for person in people:
        (folder / "people" / f"{person.number}.json").unlink()
    _keep_lines(folder / "teams" / "claims.csv", lambda line: line.partition(",")[0] not in numbers)
    _keep_lines(folder / "events" / "latest.jsonl", lambda line: json.loads(line)["user"] not in numbers)
    _keep_lines(
        folder / "minutes" / "workshop.txt", lambda line: not any(map(line.startswith, names))
    )  # each begins a line


def _keep_lines(path: Path, wanted: Callable[[str], bool]) -> None:
    anew = path.with_suffix(".new")
    with path.open(encoding="utf-8") as lines, anew.open("w", encoding="utf-8") as kept:
        kept.writelines(filter(wanted, lines))
        kept.flush()
        os.fsync(kept.fileno())
    anew.replace(path)


def _carried_out(
    world: World, made: Any, workers: int, count: int = PEOPLE, *, together: bool = True
) -> float:
    """Seconds from the start to the last proof, with `workers` processes that take orders from the same queue of rows."""
    people = new_people(world, made, count)
    _rows(people)
    demo.fill_folder(settings.VAR / demo.FOLDER, people)
    world.sign_in("web")
    now = datetime.now(UTC)
    ids = [
        orders.raise_order(
            Scope(person.pk, made.purpose.pk, (), now), because="request.erasure", because_id=uuid4()
        ).pk
        for person in people
    ]
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    start = fork.Barrier(workers + 1)
    children = [fork.Process(target=_work, args=(world, start, ids, i, together)) for i in range(workers)]
    for child in children:
        child.start()
    start.wait(60)
    began = time.perf_counter()
    for child in children:
        child.join()
    taken = time.perf_counter() - began
    world.sign_in("owner")
    done = ErasureOrder.objects.filter(pk__in=ids, state="done", attempts=1).count()
    if done != len(ids):  # two at one file wait for each other, and neither has to come again
        late = ErasureOrder.objects.filter(pk__in=ids).exclude(state="done", attempts=1)
        why = Step.objects.filter(order__in=late).values_list("system__code", "chunk", "fault", "residue")
        raise RuntimeError(f"{done} of {len(ids)} orders are done at once: {list(why)[:5]}")
    return taken


def _work(world: World, start: Any, ids: list[Any], which: int, together: bool) -> None:
    world.sign_in("eraser")
    connections["default"].ensure_connection()
    start.wait(60)
    shares = sharing.shares(ids)
    for share in shares if which == 0 else reversed(shares):  # whoever claims it has it
        for some in [share] if together else [[pk] for pk in share]:
            tasks.carry_out_share(some)
    connections.close_all()


def new_people(world: World, made: Any, count: int) -> list[Person]:
    """People whom nothing knew before."""
    world.sign_in("owner")
    first = Person.objects.filter(number__startswith="Z-").count()
    people = [Person(number=f"Z-{first + i:06d}", name=f"Zora Bench{first + i:06d}") for i in range(count)]
    Person.objects.bulk_create(people)
    Employment.objects.bulk_create(
        Employment(person=person, entity=made.software, country="IN", starts_on=date(2020, 1, 1))
        for person in people
    )
    return people


def _rows(people: Iterable[Person]) -> None:
    """Three sessions with three features each, and a note that names the person."""
    pairs = [(person.number, person.name) for person in people]
    with psycopg.connect(_url()) as store:
        store.execute(
            "WITH made AS (INSERT INTO sessions (person_number, workflow, started_at)"
            " SELECT n, 'reimbursement', now() FROM unnest(%s::text[]) n, generate_series(1, 3) RETURNING id)"
            " INSERT INTO features (session_id, name, value) SELECT id, 'f' || f, f FROM made, generate_series(1, 3) f",
            [[number for number, _name in pairs]],
        )
        store.execute(
            "INSERT INTO notes (body, written_at) SELECT 'Asked ' || n || ' about the order of steps.', now() FROM unnest(%s::text[]) n",
            [[name for _number, name in pairs]],
        )


CHILDREN = (
    "address",
    "orders",
    "payment_card",
    "visit",
    "login",
    "service_request",
    "report",
    "cart",
    "review",
    "consent_note",
)


@measure("erasure_tables")
def eleven_tables(world: World) -> list[Row]:
    """One person in a customer table and ten that point to it: counted, erased, counted again, read back."""
    with psycopg.connect(_url(), autocommit=True) as store:
        store.execute("DROP SCHEMA IF EXISTS bench11 CASCADE; CREATE SCHEMA bench11")
        store.execute(
            "CREATE TABLE bench11.customer (id bigserial PRIMARY KEY, number text, name text, email text)"
        )
        store.execute(
            "INSERT INTO bench11.customer (number, name, email) SELECT 'Y-' || i, 'Name ' || i, i || '@y.example' FROM generate_series(1, 1000) i"
        )
        store.execute("CREATE INDEX ON bench11.customer (number)")
        for name in CHILDREN:
            store.execute(
                f"CREATE TABLE bench11.{name} (id bigserial PRIMARY KEY, customer_id bigint REFERENCES bench11.customer, said text)"
            )
            store.execute(
                f"INSERT INTO bench11.{name} (customer_id, said) SELECT id, 'x' FROM bench11.customer, generate_series(1, 3)"
            )
            store.execute(f"CREATE INDEX ON bench11.{name} (customer_id)")
    tables: list[dict[str, Any]] = [
        {"table": "customer", "find": {"column": "number", "is": "number"}, "action": "erase"}
    ]
    for name in CHILDREN:
        through = {"column": "customer_id", "table": "customer", "key": "id"}
        tables.append({"table": name, "find": {"through": through}, "action": "erase"})
    ours, plain = [], []
    for i in range(1, 41):
        if i % 2:
            scope = Scope(
                uuid4(),
                None,
                (),
                datetime.now(UTC),
                {"number": f"Y-{i}", "name": f"Name {i}", "email": f"{i}@y.example"},
            )
            began = time.perf_counter()
            connector = SqlConnector({**OPTIONS, "schema": "bench11"}, {"tables": tables})
            with connector.at_work():
                for chunk in connector.chunks(scope):
                    connector.count(scope, chunk)
                    connector.erase(scope, chunk)
                    connector.count(scope, chunk)
                if connector.residue(scope).count:
                    raise RuntimeError("Something was left.")
            ours.append((time.perf_counter() - began) * 1000)
        else:
            began = time.perf_counter()
            with psycopg.connect(_url()) as store:
                for name in CHILDREN:
                    store.execute(
                        f"DELETE FROM bench11.{name} USING bench11.customer c WHERE c.id = customer_id AND c.number = %s",
                        [f"Y-{i}"],
                    )
                store.execute("DELETE FROM bench11.customer WHERE number = %s", [f"Y-{i}"])
            plain.append((time.perf_counter() - began) * 1000)
    note = "one person, 11 tables, 31 rows, in a database of 31,000: counted, erased, counted, every text column read back; reference: the plain DELETEs"
    return [
        row(
            "eleven tables, erased and read back",
            sorted(ours)[len(ours) // 2],
            sorted(plain)[len(plain) // 2],
            "ms",
            at_most=500,
            of_ours=True,
            note=note,
        )
    ]


@measure("erasure_anonymise")
def anonymise(world: World) -> list[Row]:
    """Rows that lose their person and stay."""
    with psycopg.connect(_url(), autocommit=True) as store:
        store.execute("DROP SCHEMA IF EXISTS bencha CASCADE; CREATE SCHEMA bencha")
        for name in ("ours", "plain"):
            store.execute(
                f"CREATE TABLE bencha.{name} (id bigserial PRIMARY KEY, person_number text, mood text, value float)"
            )
            store.execute(
                f"INSERT INTO bencha.{name} (person_number, mood, value) SELECT 'X-1', 'good', i FROM generate_series(1, {ANONYMISED}) i"
            )
            store.execute(f"CREATE INDEX ON bencha.{name} (person_number)")
            store.execute(f"VACUUM ANALYZE bencha.{name}")
    spec = {"tables": [{
        "table": "ours", "find": {"column": "person_number", "is": "number"}, "action": "erase",
        "anonymise": {"person_number": "hash", "mood": "null"},
    }]}  # fmt: skip
    connector = SqlConnector({**OPTIONS, "schema": "bencha"}, spec)
    scope = Scope(uuid4(), None, (), datetime.now(UTC), {"number": "X-1"}, anonymise=True)
    began = time.perf_counter()
    done = connector.erase(scope, "ours").count
    ours = done / (time.perf_counter() - began)
    began = time.perf_counter()
    with psycopg.connect(_url()) as store:
        store.execute(
            "UPDATE bencha.plain SET person_number = 'anon', mood = NULL WHERE person_number = 'X-1'"
        )
    plain = ANONYMISED / (time.perf_counter() - began)
    note = f"{ANONYMISED:,} rows in parts of at most 100,000, each its own transaction; reference: one UPDATE of the same rows"
    return [row("made anonymous", ours, plain, "rows/s", at_least=20_000, of_ours=True, note=note)]


@measure("erasure_period")
def a_period_of_the_vault(world: World) -> list[Row]:
    """Months that are over, alike: dropped whole by the vault's own function, a bare DROP of the same, DELETE in batches."""
    days = {"ours": date(2020, 3, 1), "bare": date(2020, 4, 1), "batched": date(2020, 5, 1)}
    for day in days.values():
        _fill(world, day)
    world.sign_in("eraser")
    began = time.perf_counter()
    streams = sorted(VaultConnector({}, {}).periods(datetime.now(UTC).date())[days["ours"]])
    counted = time.perf_counter() - began
    figures: dict[str, tuple[float, int]] = {}
    with psycopg.connect(cluster().url("owner", world.main), autocommit=True) as owner:
        if may_checkpoint(owner):
            owner.execute("CHECKPOINT")
    for how, day in days.items():
        world.sign_in("eraser" if how == "ours" else "owner")
        before, began = _wal(), time.perf_counter()
        _drop(how, day, streams)
        figures[how] = time.perf_counter() - began, _wal() - before
    world.sign_in("owner")
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE vault_owner")
        cursor.execute(f"DROP TABLE vault.{_table(days['batched'])}")
        cursor.execute("RESET ROLE")
    rate = {how: EXPIRED / seconds for how, (seconds, _bytes) in figures.items()}
    note = f"{EXPIRED:,} expired segments of 1,000 streams, {figures['ours'][0] * 1000:,.0f} ms"
    return [
        row("an expired month, dropped whole", rate["ours"], rate["bare"], "rows/s", at_least=0.9, note=f"{note}; reference: a bare DETACH and DROP"),
        row("the same against DELETE in batches", rate["ours"], rate["batched"], "rows/s", at_least=20, note=f"{note}; reference: DELETE of 10,000 at a time"),
        row("counting what is in it, for the journals", EXPIRED / counted, rate["batched"], "rows/s", note=f"{note}; reference: DELETE of 10,000 at a time"),
        row("WAL of dropping it", figures["ours"][1] / EXPIRED, figures["batched"][1] / EXPIRED, "bytes/row", at_most=1, of_ours=True, note=f"{note}; reference: DELETE in batches"),
    ]  # fmt: skip


def _table(day: date) -> str:
    return f"segment_{day:%Y_%m}"


def _fill(world: World, day: date) -> None:
    """So many segments that expired in this month: written beside the vault and indexed when they are taken in."""
    world.sign_in("owner")
    table, after = _table(day), (day.replace(day=28) + timedelta(days=7)).replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE vault_owner")
        cursor.execute(
            f"CREATE TABLE vault.{table} (LIKE vault.segment INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (autovacuum_enabled = off)"
        )
        for first in range(0, EXPIRED, 1_000_000):
            last = min(first + 1_000_000, EXPIRED)
            cursor.execute(
                f"INSERT INTO vault.{table} SELECT gen_random_uuid(), md5((i %% 1000)::text)::uuid, gen_random_uuid(), gen_random_uuid(),"
                " gen_random_uuid(), gen_random_uuid(), 'ui_event', 1, now(), %s, sha512(i::text::bytea) || sha512(i::text::bytea)"
                " FROM generate_series(%s, %s) i", [day, first + 1, last],
            )  # fmt: skip
            if NIGHT:
                print(f"  {day:%B}: {last:,} of {EXPIRED:,} segments", file=sys.stderr, flush=True)
        cursor.execute(
            f"ALTER TABLE vault.segment ATTACH PARTITION vault.{table} FOR VALUES FROM ('{day}') TO ('{after}')"
        )
        cursor.execute("RESET ROLE")


def _wal() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])


def _drop(how: str, day: date, streams: list[UUID]) -> None:
    if how == "ours":
        VaultConnector({}, {}).drop_whole(day, streams)
        return
    table = _table(day)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE vault_owner")
        if how == "bare":
            cursor.execute(f"ALTER TABLE vault.segment DETACH PARTITION vault.{table}")
            cursor.execute(f"DROP TABLE vault.{table}")
        else:
            cursor.execute(
                f"SELECT count(*), pg_relation_size('vault.{table}') / current_setting('block_size')::int FROM vault.{table}"
            )
            rows, pages = cursor.fetchone()
            at_once = max(1, pages * 10_000 // rows)
            for first in range(0, pages, at_once):  # page by page: nobody looks again through what is gone
                cursor.execute(
                    f"DELETE FROM vault.{table} WHERE ctid >= %s::tid AND ctid < %s::tid",
                    [f"({first},0)", f"({first + at_once},0)"],
                )
        cursor.execute("RESET ROLE")
