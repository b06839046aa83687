"""Stores that are really there for the connectors' tests, each with the same few traces of Asha and of Bela."""

import csv
import io
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
import redis
import sqlalchemy as sa

from governance.lib.connectors import Connector, Scope
from governance.retention.connectors.files import FilesConnector
from governance.retention.connectors.keyvalue import RedisConnector
from governance.retention.connectors.orm import DjangoConnector
from governance.retention.connectors.s3 import S3Connector
from governance.retention.connectors.sql import SqlConnector
from governance.setup.broker import find_server

ASHA = {"number": "N-1001", "name": "Asha Deshmukh", "email": "asha@nirmaan.example"}
BELA = {"number": "N-1002", "name": "Bela Fernandes", "email": "bela@nirmaan.example"}
HOUR = timedelta(hours=1)


def scope(**more: Any) -> Scope:
    return replace(Scope(uuid4(), uuid4(), (), datetime.now(UTC) + timedelta(seconds=2), ASHA), **more)


@dataclass
class Case:
    """A connector, the scope of Asha's order, how many things it must find, and what can be done to the store."""

    connector: Connector
    scope: Scope
    found: int
    give_again: Callable[[], None]  # one more of hers, after the cut-off
    still_there: Callable[[], int]
    lie: Callable[[], None] | None = None  # from now on the store says that it erased, and keeps
    options: dict[str, Any] = field(default_factory=dict)
    map: dict[str, Any] = field(default_factory=dict)
    ready: Callable[[], None] = lambda: None


# Databases

TABLES = {
    "entries": "CREATE TABLE entries (id INTEGER PRIMARY KEY {auto}, number VARCHAR(40), door VARCHAR(40), at DATETIME)",
    "photos": "CREATE TABLE photos (id INTEGER PRIMARY KEY {auto}, entry INTEGER NOT NULL, face VARCHAR(80),"
    " FOREIGN KEY (entry) REFERENCES entries (id))",
    "remarks": "CREATE TABLE remarks (id INTEGER PRIMARY KEY {auto}, body TEXT, written DATETIME)",
}
BADGE_MAP: dict[str, Any] = {
    "tables": [
        {
            "table": "entries",
            "find": {"column": "number", "is": "number"},
            "time": "at",
            "action": "erase",
        },
        {
            "table": "photos",
            "find": {"through": {"column": "entry", "table": "entries", "key": "id"}},
            "action": "erase",
        },
        {"table": "remarks", "find": {"text": ["body"]}, "time": "written", "action": "replace"},
    ]
}
LOGINS = {"url_env": "BADGE_URL", "read_url_env": "BADGE_READ_URL"}


def badges(url: str, monkeypatch: pytest.MonkeyPatch) -> Case:
    """Three doors each, a picture of each, and a remark that names both."""
    monkeypatch.setenv("BADGE_URL", url)
    monkeypatch.setenv("BADGE_READ_URL", url)
    engine = sa.create_engine(url.replace("mariadb:", "mariadb+pymysql:"))
    lite = engine.dialect.name == "sqlite"
    now = datetime.now(UTC).replace(tzinfo=None)

    def do(statement: str, **values: Any) -> Any:
        with engine.begin() as store:
            done = store.execute(sa.text(statement), values)
            return done.scalar() if done.returns_rows else done.lastrowid

    def enter(number: str, at: datetime) -> None:
        row = do("INSERT INTO entries (number, door, at) VALUES (:n, 'north', :at)", n=number, at=f"{at}")
        do("INSERT INTO photos (entry, face) VALUES (:row, 'c0ffee')", row=row)

    for statement in TABLES.values():
        do(statement.format(auto="AUTOINCREMENT" if lite else "AUTO_INCREMENT"))
    for i in range(3):
        enter("N-1001", now - HOUR * (i + 1))
        enter("N-1002", now - HOUR * (i + 1))
    remark = (
        "INSERT INTO remarks (body, written) VALUES ('Asha Deshmukh held the door for Bela Fernandes', :at)"
    )
    do(remark, at=f"{now - HOUR}")

    def lie() -> None:
        do("CREATE TABLE attic (id INTEGER, number VARCHAR(40))")
        do(
            "CREATE TRIGGER keep AFTER DELETE ON entries FOR EACH ROW"
            + (" BEGIN INSERT INTO attic VALUES (OLD.id, OLD.number); END" if lite else " INSERT INTO attic VALUES (OLD.id, OLD.number)")
        )  # fmt: skip

    here = lambda: int(do("SELECT count(*) FROM entries WHERE number = 'N-1001'"))  # noqa: E731
    return Case(
        SqlConnector(LOGINS, BADGE_MAP), scope(), 7, lambda: enter("N-1001", now + HOUR), here, lie, LOGINS, BADGE_MAP,
    )  # fmt: skip


DOORS_MAP: dict[str, Any] = {
    "models": [
        {"model": "shop.Entry", "find": {"lookup": "number", "is": "number"}, "time": "at", "action": "erase"},
        {"model": "shop.Photo", "find": {"lookup": "entry__number", "is": "number"}, "time": "entry__at", "action": "erase"},
        {"model": "shop.Remark", "find": {"text": ["body"]}, "time": "written", "action": "replace"},
    ]
}  # fmt: skip


def doors(url: str, monkeypatch: pytest.MonkeyPatch) -> Case:
    """The same doors, reached by a host application's models instead."""
    case = badges(url, monkeypatch)
    options = {"database": "shop", "read_url_env": "BADGE_READ_URL"}
    connector = DjangoConnector(options, DOORS_MAP)
    return replace(case, connector=connector, options=options, map=DOORS_MAP)


def sqlite_url(folder: Path) -> str:
    path = folder / "badges.db"
    with sa.create_engine(f"sqlite:///{path}").begin() as store:
        store.execute(sa.text("PRAGMA user_version = 1"))
    return f"sqlite:///{path}"


def mariadbd() -> Path | None:
    """The server of the machine, or the one that SAMMATI_MARIADBD names."""
    named = os.environ.get("SAMMATI_MARIADBD") or shutil.which("mariadbd")
    return Path(named) if named else None


@contextmanager
def mariadb() -> Iterator[str]:
    """A MariaDB of its own by socket only; the URL with a place for the database's name."""
    server = mariadbd()
    assert server is not None
    home = Path(tempfile.mkdtemp(prefix="sammati-test-maria-", dir="/tmp"))
    tree = server.parents[1]  # where the package was unpacked: messages and libraries lie beside
    command = [
        str(server), "--no-defaults", f"--datadir={home / 'data'}", f"--socket={home / 's'}", f"--tmpdir={home}", "--skip-grant-tables",
        "--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", f"--log-error={home / 'log'}",
        f"--pid-file={home / 'pid'}", f"--lc-messages-dir={tree / 'share' / 'mysql'}",
    ]  # fmt: skip
    if os.geteuid() == 0:
        command.append("--user=root")
    (home / "data").mkdir()
    environ = dict(os.environ)
    if tree != Path("/usr"):  # unpacked beside the machine's own
        libraries = [*(tree / "lib").glob("*-linux-gnu"), *(tree.parent / "lib").glob("*-linux-gnu")]
        environ["LD_LIBRARY_PATH"] = ":".join(map(str, libraries))
    running = subprocess.Popen(command, env=environ)
    url = f"mariadb+pymysql://root@localhost/%s?unix_socket={home / 's'}"
    engine = sa.create_engine(url % "", poolclass=sa.pool.NullPool)
    try:
        for _attempt in range(300):
            try:
                engine.connect().close()
                break
            except sa.exc.OperationalError:
                assert running.poll() is None, (home / "log").read_text()[-2000:]
                time.sleep(0.1)
        yield url
    finally:
        running.kill()
        running.wait()
        shutil.rmtree(home, ignore_errors=True)


def mariadb_url(url: str) -> str:
    name = f"badges_{uuid.uuid4().hex[:8]}"
    with sa.create_engine(url % "", poolclass=sa.pool.NullPool).begin() as store:
        store.execute(sa.text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
    return (url % name).replace("mariadb+pymysql", "mariadb")


# Buckets

BUCKET = {"bucket": "", "key_env": "BUCKET_KEY", "read_key_env": "BUCKET_READ_KEY", "endpoint_env": "BUCKET_ENDPOINT"}  # fmt: skip
BUCKET_MAP: dict[str, Any] = {
    "own": ["people/{number}/**"],
    "rows": [{"keys": "teams/*.csv", "format": "csv", "field": "person", "is": "number", "time": "at"}],
    "text": ["minutes/*.txt"],
}


def table(*rows: tuple[str, datetime]) -> bytes:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["person", "at", "steps"])
    lines.writerows([number, at.isoformat(timespec="seconds"), 4] for number, at in rows)
    return text.getvalue().encode()


def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch, *, locked: bool = False) -> tuple[Case, Any]:
    """A bucket with versions: two objects of Asha's with three versions and a marker, a shared table, minutes."""
    name = f"recordings-{uuid.uuid4().hex[:8]}"
    for key, value in {
        "BUCKET_KEY": "key:hidden", "BUCKET_READ_KEY": "reader:hidden", "BUCKET_ENDPOINT": endpoint,
    }.items():  # fmt: skip
        monkeypatch.setenv(key, value)
    store = boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id="owner", aws_secret_access_key="x", region_name="us-east-1"
    )  # fmt: skip
    store.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locked)
    store.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    now = datetime.now(UTC)

    def put(key: str, body: bytes) -> None:
        store.put_object(Bucket=name, Key=key, Body=body)

    for who in ("N-1001", "N-1002"):
        put(f"people/{who}/pace.json", b'{"pace": 1}')
        put(f"people/{who}/pace.json", b'{"pace": 2}')
        put(f"people/{who}/clicks.json", b"[]")
    store.delete_object(Bucket=name, Key="people/N-1001/clicks.json")
    put("teams/claims.csv", table(("N-1001", now - HOUR), ("N-1002", now - HOUR)))
    put("teams/claims.csv", table(("N-1001", now - HOUR), ("N-1002", now - HOUR), ("N-1001", now - HOUR)))
    put("minutes/may.txt", b"Asha Deshmukh and Bela Fernandes attach the bill first.\n")

    def again() -> None:
        old = store.get_object(Bucket=name, Key="teams/claims.csv")["Body"].read()
        put("teams/claims.csv", old + table(("N-1001", now + HOUR)).split(b"\n", 1)[1])

    def here() -> int:
        count: int = store.get_object(Bucket=name, Key="teams/claims.csv")["Body"].read().count(b"N-1001")
        return count

    def lie() -> None:
        put("attic/copy.bin", b"\x00 asha@nirmaan.example \x00")

    options = {**BUCKET, "bucket": name}
    case = Case(
        S3Connector(options, BUCKET_MAP), scope(), 8, again, here, lie, options, BUCKET_MAP
    )  # fmt: skip
    return case, store


# Parquet files

PARQUET_MAP: dict[str, Any] = {
    "rows": [
        {"files": "lake/*.parquet", "format": "parquet", "field": "person", "is": "number", "time": "at"}
    ]
}


def lake(folder: Path) -> Case:
    """Two files of events, three rows each of hers and of Bela's."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    now = datetime.now(UTC)
    (folder / "lake").mkdir()

    def write(name: str, rows: list[tuple[str, datetime]]) -> None:
        people, moments = zip(*rows, strict=True)
        columns = {
            "person": pa.array(people).dictionary_encode(),
            "at": pa.array(moments),
            "steps": [4] * len(rows),
        }
        pq.write_table(pa.table(columns), folder / name, compression="zstd")

    for name in ("lake/may.parquet", "lake/june.parquet"):
        write(name, [(who, now - HOUR * (i + 1)) for i in range(3) for who in ("N-1001", "N-1002")])

    def here() -> int:
        files = (folder / "lake").glob("*.parquet")
        return sum(pq.read_table(path).column("person").to_pylist().count("N-1001") for path in files)

    options = {"folder": str(folder)}
    return Case(
        FilesConnector(options, PARQUET_MAP), scope(), 6,
        lambda: write("lake/july.parquet", [("N-1001", now + HOUR), ("N-1001", now - HOUR)]), here,
        lambda: write("attic.bin", [("N-1001", now - HOUR)]), options, PARQUET_MAP,
    )  # fmt: skip


# Keys

KEYS = {"url_env": "KEYS_URL", "read_url_env": "KEYS_READ_URL"}
KEYS_MAP: dict[str, Any] = {
    "own": [{"keys": "session:{number}:*", "time": "at"}, {"keys": "cache:{email}"}],
    "fields": [{"keys": "scores:*", "field": "{number}"}],
    "members": [{"keys": "seen:*", "member": "{number}"}],
    "entries": [{"keys": "events", "field": "person", "is": "number"}],
}


@contextmanager
def valkey() -> Iterator[str]:
    """A Valkey of its own by socket; its path."""
    home = Path(tempfile.mkdtemp(prefix="sammati-test-keys-", dir="/tmp"))
    command = [find_server(), "--port", "0", "--unixsocket", home / "s", "--save", "", "--dir", home]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _attempt in range(100):
            if (home / "s").exists():
                break
            time.sleep(0.05)
        yield str(home / "s")
    finally:
        running.kill()
        running.wait()
        shutil.rmtree(home, ignore_errors=True)


def keys(path: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Case, "redis.Redis"]:
    """Logins of the kind that a least-privilege set-up has: one that may only read, one that may not make keys."""
    store = redis.Redis(unix_socket_path=path)
    store.flushdb()
    store.execute_command("ACL", "SETUSER", "eraser", "on", ">x", "~*", "-@all", "+@read", "+@connection", "+scan", "+type",
                          "+unlink", "+hdel", "+srem", "+zrem", "+lrem", "+xdel")  # fmt: skip
    store.execute_command("ACL", "SETUSER", "reader", "on", ">x", "~*", "-@all", "+@read", "+@connection", "+scan", "+type")  # fmt: skip
    monkeypatch.setenv("KEYS_URL", f"unix://eraser:x@{path}")
    monkeypatch.setenv("KEYS_READ_URL", f"unix://reader:x@{path}")
    now = datetime.now(UTC)
    for who in (ASHA, BELA):
        number = who["number"]
        store.hset(f"session:{number}:1", mapping={"at": (now - HOUR).isoformat(), "page": "claims"})
        store.set(f"cache:{who['email']}", "prefers dark")
        store.hset("scores:may", number, "7")
        store.sadd("seen:north", number)
        store.zadd("seen:order", {number: 1})
        store.rpush("seen:list", number, number)
        store.xadd("events", {"person": number, "what": "click"})
    store.hset("scores:may", "average", "6")

    def again() -> None:
        store.hset("session:N-1001:2", mapping={"at": (now + HOUR).isoformat(), "page": "again"})

    def lie() -> None:
        store.set("attic", "N-1001 was here")

    here = lambda: len(store.keys("session:N-1001:*"))  # noqa: E731
    case = Case(RedisConnector(KEYS, KEYS_MAP), scope(), 7, again, here, lie, KEYS, KEYS_MAP)
    return case, store
