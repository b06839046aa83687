"""What SQLite, MariaDB, buckets and keys do at their edges: bytes in the file, locks, markers, logins, moments."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa

from governance.lib.connectors import SystemAway
from governance.lib.refusals import Refused
from governance.purposes.models import DataSystem
from governance.retention import systems
from governance.retention.connectors import patterns
from governance.retention.connectors.bucket import S3Fault
from governance.retention.connectors.keyvalue import RedisConnector, RedisFault
from governance.retention.connectors.s3 import S3Connector
from governance.retention.connectors.sql import SqlConnector
from governance.retention.models import Proof, Step
from tests.retention import at_hand, service
from tests.retention.at_hand import ASHA, HOUR, Case, scope
from tests.retention.conftest import Stage


def erase(case: Case, **more: Any) -> None:
    for chunk in case.connector.chunks(case.scope):
        case.connector.erase(replace(case.scope, **more), chunk)


# SQLite


def archive(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *rows: tuple[str, Any], kind: str = "TEXT"
) -> SqlConnector:
    path = folder / "archive.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as store:
        store.execute(sa.text(f"CREATE TABLE seen (number TEXT, at {kind})"))
        for number, at in rows:
            store.execute(sa.text("INSERT INTO seen VALUES (:n, :at)"), {"n": number, "at": at})
    engine.dispose()
    for name in ("BADGE_URL", "BADGE_READ_URL"):
        monkeypatch.setenv(name, f"sqlite:///{path}")
    entry = {"table": "seen", "find": {"column": "number", "is": "number"}, "time": "at", "action": "erase"}
    return SqlConnector(at_hand.LOGINS, {"tables": [entry]})


@pytest.mark.parametrize(
    ("kind", "early", "late"),
    [
        ("TEXT", "2026-10-31T23:30:00", "2026-11-01T08:00:00"),
        ("TEXT", "2026-11-01T05:00:00+05:30", "2026-11-01T06:00:00+05:30"),
        ("DATETIME", "2026-10-31 23:59:59.900000", "2026-11-01 00:00:01"),
        ("INTEGER", 1793491199, 1793491201),
        ("INTEGER", 1793491199000, 1793491201000),
    ],
)  # fmt: skip
def test_a_moment_is_read_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, early: Any, late: Any
) -> None:
    connector = archive(tmp_path, monkeypatch, ("N-1001", early), ("N-1001", late), kind=kind)
    asked = scope(before=datetime(2026, 11, 1, tzinfo=UTC))
    assert connector.erase(asked, "seen").count == 1
    assert connector.residue(asked).count == 0
    assert connector.count(scope(before=datetime(2027, 1, 1, tzinfo=UTC)), "seen") == 1


def test_what_no_query_shows_is_still_found_in_the_bytes_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deleted by somebody else in the usual way: the row is gone, its text is not."""
    connector = archive(tmp_path, monkeypatch, ("N-1001", None), ("N-1002", None))
    with sa.create_engine(f"sqlite:///{tmp_path}/archive.db").begin() as store:
        store.execute(sa.text("PRAGMA secure_delete = OFF"))
        store.execute(sa.text("DELETE FROM seen WHERE number = 'N-1001'"))
    assert connector.count(scope(), "seen") == 0
    assert connector.residue(scope()).where == ("bytes of the file",)


def test_what_we_delete_leaves_no_bytes_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = archive(tmp_path, monkeypatch, ("N-1001", None), ("N-1002", None))
    with sa.create_engine(f"sqlite:///{tmp_path}/archive.db").connect() as store:
        store.exec_driver_sql("PRAGMA journal_mode = WAL")
    connector.erase(scope(), "seen")
    read = connector.residue(scope())
    assert read.count == 0 and "every byte of the file and of its log" in read.looked_at
    assert all(b"N-1001" not in path.read_bytes() for path in tmp_path.iterdir())
    assert b"N-1002" in (tmp_path / "archive.db").read_bytes()


def test_a_database_file_that_is_not_there_is_away_and_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = archive(tmp_path, monkeypatch)
    (tmp_path / "archive.db").unlink()
    with pytest.raises(SystemAway):
        connector.count(scope(), "seen")
    assert not (tmp_path / "archive.db").exists()


def test_a_name_in_capitals_beyond_ascii_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = archive(tmp_path, monkeypatch, ("met Jürgen ÖZDEMİR-ÄRGER", None), ("met JÜRGEN ÄRGER", None))
    asked = scope(identifiers={"name": "Jürgen Ärger"})
    assert connector.residue(asked).where == ("seen.number",)


def test_another_persons_name_is_not_taken_for_hers_by_mariadb(
    maria: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MySQL's usual collations take u for ü."""
    url = at_hand.mariadb_url(maria)
    engine = sa.create_engine(url.replace("mariadb:", "mariadb+pymysql:"), poolclass=sa.pool.NullPool)
    with engine.begin() as store:
        store.execute(sa.text("CREATE TABLE who (id INT PRIMARY KEY, name VARCHAR(80))"))
        store.execute(sa.text("INSERT INTO who VALUES (1, 'Jürgen Müller'), (2, 'Jurgen Muller')"))
    monkeypatch.setenv("BADGE_URL", url)
    monkeypatch.setenv("BADGE_READ_URL", url)
    entry = {"table": "who", "find": {"column": "name", "is": "name"}, "action": "erase"}
    connector = SqlConnector(at_hand.LOGINS, {"tables": [entry]})
    asked = scope(identifiers={"name": "Jürgen Müller"})
    assert connector.erase(asked, "who").count == 1
    assert connector.residue(asked).count == 0
    with engine.connect() as store:
        assert store.execute(sa.text("SELECT id FROM who")).scalars().all() == [2]


# Buckets


@pytest.fixture
def bucket(moto: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Case, Any]:
    return at_hand.bucket(moto, monkeypatch)


def test_no_version_and_no_marker_of_hers_is_left_and_the_others_rows_are(bucket: tuple[Case, Any]) -> None:
    case, store = bucket
    name = case.options["bucket"]
    old = store.get_object(Bucket=name, Key="teams/claims.csv")["Body"].read()
    erase(case)
    listed = store.list_object_versions(Bucket=name)
    keys = [row["Key"] for row in (*listed["Versions"], *listed.get("DeleteMarkers", ()))]
    assert not any("N-1001" in key for key in keys)
    assert keys.count("people/N-1002/pace.json") == 2 and keys.count("teams/claims.csv") == 1
    new = store.get_object(Bucket=name, Key="teams/claims.csv")["Body"].read()
    assert new == b"".join(line for line in old.splitlines(keepends=True) if b"N-1001" not in line)
    minutes = store.get_object(Bucket=name, Key="minutes/may.txt")["Body"].read()
    assert minutes == b"[erased] and Bela Fernandes attach the bill first.\n"


def test_what_the_lock_of_the_store_forbids_is_kept_until_its_day(
    moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, store = at_hand.bucket(moto, monkeypatch, locked=True)
    until = datetime.now(UTC) + timedelta(days=30)
    store.put_object(
        Bucket=case.options["bucket"], Key="people/N-1001/kept.json", Body=b"{}", ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=until,
    )  # fmt: skip
    store.delete_object(Bucket=case.options["bucket"], Key="people/N-1001/kept.json")
    asked = scope()
    done = case.connector.erase(asked, "own objects")
    assert [(row.count, row.until) for row in done.kept] == [(1, until.date().isoformat())]
    case.connector.erase(asked, "rows"), case.connector.erase(asked, "text")
    read = case.connector.residue(asked)
    assert ("N-1001" in "".join(read.where), sum(row.count for row in read.kept if row.until)) == (False, 1)
    with pytest.raises(store.exceptions.NoSuchKey):  # its marker stays: it is not seen again
        store.get_object(Bucket=case.options["bucket"], Key="people/N-1001/kept.json")


def test_an_unfinished_upload_is_hers_too(bucket: tuple[Case, Any]) -> None:
    case, store = bucket
    store.create_multipart_upload(Bucket=case.options["bucket"], Key="people/N-1001/video.mp4")
    asked = scope()
    assert case.connector.residue(asked).where[-1] == "unfinished uploads"
    for chunk in case.connector.chunks(asked):
        case.connector.erase(asked, chunk)
    assert case.connector.residue(asked).count == 0


def test_a_bucket_without_versions_is_rewritten_in_place(bucket: tuple[Case, Any]) -> None:
    _case, store = bucket
    store.create_bucket(Bucket="plain")
    store.put_object(Bucket="plain", Key="teams/a.csv", Body=at_hand.table(("N-1001", datetime.now(UTC) - HOUR), ("N-1002", datetime.now(UTC))), ContentType="text/csv")  # fmt: skip
    connector = S3Connector({**at_hand.BUCKET, "bucket": "plain"}, at_hand.BUCKET_MAP)
    assert connector.erase(scope(), "rows").count == 1
    assert connector.residue(scope()).count == 0
    left = store.get_object(Bucket="plain", Key="teams/a.csv")
    assert b"N-1002" in left["Body"].read() and left["ContentType"] == "text/csv"


def test_a_store_that_is_away_or_refuses_says_so_and_no_more(
    bucket: tuple[Case, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, _store = bucket
    nowhere = S3Connector({**case.options, "bucket": "not-there"}, case.map)
    with pytest.raises((SystemAway, S3Fault)) as missing:
        nowhere.count(scope(), "rows")
    monkeypatch.setenv("BUCKET_KEY", "")
    with pytest.raises(SystemAway):
        case.connector.count(scope(), "rows")
    assert "N-1001" not in str(missing.value) and "hidden" not in str(missing.value)


# Keys


@pytest.fixture
def keys(keystore: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Case, "redis.Redis"]]:
    yield at_hand.keys(keystore, monkeypatch)


def test_only_her_keys_fields_members_and_entries_go(keys: tuple[Case, "redis.Redis"]) -> None:
    case, store = keys
    erase(case)
    left = {key.decode() for key in store.scan_iter()}
    assert left == {
        "session:N-1002:1", "cache:bela@nirmaan.example", "scores:may", "seen:north", "seen:order", "seen:list", "events",
    }  # fmt: skip
    assert store.hgetall("scores:may") == {b"N-1002": b"7", b"average": b"6"}
    assert store.lrange("seen:list", 0, -1) == [b"N-1002", b"N-1002"] and store.xlen("events") == 1


def test_more_than_one_command_takes_goes_as_well(keys: tuple[Case, "redis.Redis"]) -> None:
    case, store = keys
    for i in range(1201):
        store.set(f"cache:asha@nirmaan.example:{i}", "x")
        store.sadd("seen:many", f"N-1001:{i}")
        store.rpush("seen:row", f"N-1001:{i}", "N-1002")
        store.xadd("events", {"person": "N-1001", "what": "click"})
    options = {
        "own": [{"keys": "cache:{email}*"}], "members": [{"keys": "seen:*", "member": "{number}*"}],
        "entries": at_hand.KEYS_MAP["entries"],
    }  # fmt: skip
    connector, asked = RedisConnector(case.options, options), scope()
    done = {chunk: connector.erase(asked, chunk).count for chunk in connector.chunks(asked)}
    assert done == {"own": 1202, "members": 2405, "entries": 1202}
    assert not any(connector.count(asked, chunk) for chunk in connector.chunks(asked))
    assert store.llen("seen:row") == 1201 and store.xlen("events") == 1


def test_a_number_with_signs_of_a_pattern_takes_nobody_elses_keys(keys: tuple[Case, "redis.Redis"]) -> None:
    case, store = keys
    before = store.dbsize()
    for number in ("*", "N-100?", "N-100", "N-[0-9]*", "\\*"):
        erase(case, identifiers={"number": number, "name": "Somebody Else"})
    assert store.dbsize() == before and store.hlen("scores:may") == 3


def test_the_reading_login_cannot_erase(
    keys: tuple[Case, "redis.Redis"], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, _store = keys
    connector = RedisConnector({"url_env": "KEYS_READ_URL", "read_url_env": "KEYS_READ_URL"}, case.map)
    with pytest.raises(RedisFault) as fault:
        connector.erase(case.scope, "own")
    assert "N-1001" not in str(fault.value)
    monkeypatch.setenv("KEYS_READ_URL", "unix:///tmp/nowhere")
    with pytest.raises(SystemAway):
        connector.residue(case.scope)


# Maps


@pytest.mark.parametrize(
    ("kind", "data_map"),
    [
        (S3Connector, {}), (S3Connector, {"own": ["people/**"]}), (S3Connector, {"rows": [{"keys": "*"}]}),
        (S3Connector, {"everything": ["*"]}), (RedisConnector, {}), (RedisConnector, {"own": [{"keys": "*"}]}),
        (RedisConnector, {"fields": [{"keys": "{number}", "field": "all"}]}), (RedisConnector, {"own": [{"key": "{number}"}]}),
    ],
)  # fmt: skip
def test_a_map_that_would_take_too_much_is_refused(kind: Any, data_map: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        kind.check_map(data_map)


def test_a_pattern_is_matched_as_it_stands() -> None:
    pattern = patterns.mine("a/{number}/*.x", ASHA, folders=True)
    assert pattern and pattern.fullmatch("a/N-1001/b.x") and not pattern.fullmatch("a/N-1001/b/c.x")
    assert patterns.mine("{email}", {"number": "1"}, folders=True) is None
    assert patterns.beginning("a/{number}/*.x", ASHA) == "a/N-1001/"


# Orders


@pytest.mark.parametrize("kind", ["sqlite", "s3", "redis", "http"])
def test_an_order_with_a_store_that_lies_ends_as_partly_and_with_an_honest_one_as_done(
    stage: Stage, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    case = {
        "sqlite": lambda: at_hand.badges(at_hand.sqlite_url(tmp_path), monkeypatch),
        "s3": lambda: at_hand.bucket(request.getfixturevalue("moto"), monkeypatch)[0],
        "redis": lambda: at_hand.keys(request.getfixturevalue("keystore"), monkeypatch)[0],
        "http": lambda: service.case(request.getfixturevalue("web_service"), monkeypatch),
    }[kind]()
    stage.world.sign_in("web")
    more = DataSystem.objects.create(
        code="more", name="One more", holds="traces", country="IN", entity=stage.cast.software
    )
    systems.connect(more, case.connector.name, case.options, by=stage.cast.dev)
    systems.confirm_map(more, stage.cast.purpose, case.map, by=stage.cast.dev)
    assert case.lie is not None
    case.lie()
    stage.consent("asha")
    order = stage.withdraw("asha")
    assert stage.carry_out(order) == "partly"
    step = Step.objects.filter(order=order, system=more, found_after__gt=0).first()
    assert step is not None and step.residue
    assert not Proof.objects.filter(order=order, system=more).exists()
    assert Proof.objects.filter(order=order).count() == len(systems.of_order(order)[0]) - 1
