"""Each kind of connector against its store's own bulk delete of as many rows, keys, objects or files; reading back apart."""

import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import boto3
import redis
import sqlalchemy as sa

from governance.lib.connectors import Connector, Scope
from governance.retention.connectors.files import FilesConnector
from governance.retention.connectors.keyvalue import RedisConnector
from governance.retention.connectors.s3 import S3Connector
from governance.retention.connectors.sql import SqlConnector
from tests.bench.table import Row, measure, row
from tests.conftest import World
from tests.retention import at_hand

ROWS, KEYS, OBJECTS, FILES = 100_000, 20_000, 1_000, 5_000
TIMES = 3  # of each, in turn; the median counts
HERS, OTHERS = "N-1001", "N-1002"


@dataclass
class Bench:
    """A store: how to fill it with `count` things of one person, our connector, and the store's own bulk delete."""

    name: str
    count: int
    fill: Callable[[], None]
    connector: Connector
    chunk: str
    own: Callable[[], None]


@measure("connectors")
def beside_the_stores_own(world: World) -> list[Row]:
    rows = []
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sammati-bench-")))
        for make in (postgresql, sqlite, mariadb, keyvalue, s3, files):
            one = stack.enter_context(make(home))
            rows += [row(f"bulk erasure: {make.__name__}", 0.0, None, "per second", note="not run: there is no server")] if one is None else _measured(one)  # fmt: skip
    return rows


def _measured(one: Bench) -> list[Row]:
    scope = at_hand.scope(identifiers={"number": HERS}, before=datetime.now(UTC) + timedelta(days=1))
    taken: dict[str, list[float]] = {"ours": [], "own": [], "read": []}
    for turn in range(TIMES):
        for who in ("ours", "own") if turn % 2 else ("own", "ours"):
            one.fill()
            if who == "own":
                began = time.perf_counter()
                one.own()
                taken["own"].append(time.perf_counter() - began)
                continue
            with getattr(one.connector, "at_work", nullcontext)():
                one.connector.count(
                    scope, one.chunk
                )  # as each order does, so that both sides' connections are open
                for act, what in ((_erase, "ours"), (_read, "read")):
                    began = time.perf_counter()
                    act(one, scope)
                    taken[what].append(time.perf_counter() - began)
    rate = {who: one.count / median(seconds) for who, seconds in taken.items()}
    note = f"{one.count:,} of one person among as many of another, median of {TIMES}; reference: the store's own bulk delete"
    return [
        row(f"bulk erasure: {one.name}", rate["ours"], rate["own"], "per second", at_least=0.7, note=note),
        row(f"read back: {one.name}", rate["read"], rate["own"], "per second", note="everything that is left is looked through"),
    ]  # fmt: skip


def _erase(one: Bench, scope: Scope) -> None:
    done = one.connector.erase(scope, one.chunk).count
    if done != one.count:
        raise RuntimeError(f"{one.name}: {done} of {one.count} were erased.")


def _read(one: Bench, scope: Scope) -> None:
    if one.connector.residue(scope).count:
        raise RuntimeError(f"{one.name}: something was left.")


MAP: dict[str, Any] = {
    "tables": [{"table": "traces", "find": {"column": "number", "is": "number"}, "action": "erase"}]
}
LOGINS = {"url_env": "BENCH_STORE_URL", "read_url_env": "BENCH_STORE_URL"}


def _database(name: str, url: str, engine: sa.Engine, serial: str) -> Bench:
    """One of its own variables for each: the connector reads the address when it opens."""
    logins = {key: f"{value}_{name.upper()}" for key, value in LOGINS.items()}
    os.environ[logins["url_env"]] = url

    with engine.begin() as made:
        made.execute(sa.text(f"CREATE TABLE traces (id {serial}, number VARCHAR(40), said VARCHAR(80))"))
        made.execute(sa.text("CREATE INDEX traces_number ON traces (number)"))

    def fill() -> None:
        with engine.begin() as store:
            store.execute(sa.text("DELETE FROM traces" if name == "sqlite" else "TRUNCATE TABLE traces"))
            values = [{"n": number} for _ in range(1000) for number in (HERS, OTHERS)]
            for _ in range(ROWS // 1000):
                store.execute(
                    sa.text("INSERT INTO traces (number, said) VALUES (:n, 'attached the bill first')"),
                    values,
                )
        if name == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as store:
                store.execute(sa.text("VACUUM ANALYZE traces"))

    def own() -> None:
        with engine.begin() as store:
            store.execute(sa.text("DELETE FROM traces WHERE number = :n"), {"n": HERS})

    return Bench(f"rows in {name}", ROWS, fill, SqlConnector(logins, MAP), "traces", own)


@contextmanager
def postgresql(home: Path) -> Iterator[Bench]:
    """In a schema of its own, so that reading back looks at what this bench has put there."""
    url = os.environ["FEATURE_STORE_OWNER_URL"]
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=sa.pool.NullPool)
    with engine.begin() as store:
        store.execute(sa.text("DROP SCHEMA IF EXISTS benchc CASCADE"))
        store.execute(sa.text("CREATE SCHEMA benchc"))
    within = sa.create_engine(
        engine.url, poolclass=sa.pool.StaticPool, connect_args={"options": "-c search_path=benchc"}
    )
    made = _database("postgresql", url, within, "bigserial PRIMARY KEY")
    logins = {key: f"{value}_POSTGRESQL" for key, value in LOGINS.items()}
    made.connector = SqlConnector({**logins, "schema": "benchc"}, MAP)
    try:
        yield made
    finally:
        within.dispose()


@contextmanager
def sqlite(home: Path) -> Iterator[Bench]:
    engine = sa.create_engine(f"sqlite:///{home / 'traces.db'}", poolclass=sa.pool.NullPool)
    # As ours does it: what is deleted is overwritten in the file.
    sa.event.listen(engine, "connect", lambda opened, _record: opened.execute("PRAGMA secure_delete = ON"))
    yield _database("sqlite", f"sqlite:///{home / 'traces.db'}", engine, "INTEGER PRIMARY KEY AUTOINCREMENT")


@contextmanager
def mariadb(home: Path) -> Iterator[Bench | None]:
    if at_hand.mariadbd() is None:
        yield None
        return
    with at_hand.mariadb() as at:
        url = at_hand.mariadb_url(at)
        engine = sa.create_engine(url.replace("mariadb:", "mariadb+pymysql:"), poolclass=sa.pool.NullPool)
        yield _database("mariadb", url, engine, "INTEGER PRIMARY KEY AUTO_INCREMENT")


@contextmanager
def keyvalue(home: Path) -> Iterator[Bench]:
    with at_hand.valkey() as path:
        store = redis.Redis(unix_socket_path=path)
        os.environ["BENCH_KEYS_URL"] = f"unix://{path}"
        names = [f"session:{HERS}:{i}" for i in range(KEYS)]

        def fill() -> None:
            store.flushdb()
            many = store.pipeline(transaction=False)
            for i in range(KEYS):
                many.set(names[i], "claims")
                many.set(f"session:{OTHERS}:{i}", "claims")
            many.execute()

        def own() -> None:
            """Found by its pattern, as there is no other way to one person's keys."""
            found = list(store.scan_iter(match=f"session:{HERS}:*", count=2000))
            for first in range(0, len(found), 2000):
                store.unlink(*found[first : first + 2000])

        options = {"url_env": "BENCH_KEYS_URL", "read_url_env": "BENCH_KEYS_URL"}
        connector = RedisConnector(options, {"own": [{"keys": "session:{number}:*"}]})
        yield Bench("keys in Valkey", KEYS, fill, connector, "own", own)


@contextmanager
def s3(home: Path) -> Iterator[Bench]:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    os.environ |= {"BENCH_BUCKET_KEY": "a:b", "BENCH_BUCKET_ENDPOINT": endpoint}
    store = boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1"
    )
    store.create_bucket(Bucket="traces")

    def fill() -> None:
        for i in range(OBJECTS):
            store.put_object(Bucket="traces", Key=f"people/{HERS}/{i}.json", Body=b"{}")

    def own() -> None:
        pages = store.get_paginator("list_object_versions").paginate(
            Bucket="traces", Prefix=f"people/{HERS}/"
        )
        keys = [
            {"Key": v["Key"], "VersionId": v["VersionId"]} for page in pages for v in page.get("Versions", ())
        ]
        for first in range(0, len(keys), 1000):
            store.delete_objects(
                Bucket="traces", Delete={"Objects": keys[first : first + 1000], "Quiet": True}
            )

    options = {
        "bucket": "traces", "key_env": "BENCH_BUCKET_KEY", "read_key_env": "BENCH_BUCKET_KEY",
        "endpoint_env": "BENCH_BUCKET_ENDPOINT",
    }  # fmt: skip
    try:
        connector = S3Connector(options, {"own": ["people/{number}/**"]})
        yield Bench("objects in a bucket", OBJECTS, fill, connector, "own objects", own)
    finally:
        server.stop()


@contextmanager
def files(home: Path) -> Iterator[Bench]:
    folder = home / "files"

    def fill() -> None:
        for number in (HERS, OTHERS):
            (folder / number).mkdir(parents=True, exist_ok=True)
            for i in range(FILES):
                (folder / number / f"{number}-{i}.json").write_bytes(b"{}")

    def own() -> None:
        """The names as the folder lists them, each unlinked, and the folder on the disk."""
        for entry in os.scandir(folder / HERS):
            os.unlink(entry.path)
        handle = os.open(folder / HERS, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)

    connector = FilesConnector({"folder": str(folder)}, {"own": ["{number}/{number}-*.json"]})
    yield Bench("files in a folder", FILES, fill, connector, "own files", own)
