"""A set of people in MariaDB and in SQLite ends as if each had been worked on alone."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from governance.lib.connectors import Scope
from governance.retention.connectors import sqlset
from governance.retention.connectors.sql import SqlConnector
from tests.retention import at_hand

NOW = datetime.now(UTC).replace(microsecond=0, tzinfo=None) - timedelta(days=30)
TABLES: list[dict[str, Any]] = [
    {"table": "trip", "find": {"column": "number", "is": "number"}, "time": "at", "action": "erase"},
    {"table": "leg", "find": {"through": {"column": "trip_id", "table": "trip", "key": "id"}}, "action": "erase"},
    {"table": "staff", "find": {"column": "email", "is": "email"}, "action": "null", "columns": ["phone"]},
    {"table": "desk", "find": {"column": "number", "is": "number"}, "time": "at", "action": "replace", "columns": ["said"]},
    {"table": "memo", "find": {"text": ["title", "body"]}, "time": "at", "action": "replace"},
]  # fmt: skip
PEOPLE = [
    {"number": f"N-{i}", "name": f"{'Zoë' if i % 3 else 'Mia'} Bench{i}", "email": f"z{i}@x.example"}
    for i in range(1, 10)
]


@pytest.fixture(params=["sqlite", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        (tmp_path / "sets.db").touch()
        yield f"sqlite:///{tmp_path / 'sets.db'}"
    else:
        yield at_hand.mariadb_url(request.getfixturevalue("maria"))


def engine_of(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("mariadb:", "mariadb+pymysql:"), poolclass=sa.pool.NullPool)


def filled(url: str, seed: int) -> None:
    dice, key = random.Random(seed), "INTEGER PRIMARY KEY AUTOINCREMENT" if "sqlite" in url else "INTEGER PRIMARY KEY AUTO_INCREMENT"  # fmt: skip
    engine = engine_of(url)
    with engine.begin() as store:
        for name in ("leg", "trip", "staff", "desk", "memo"):
            store.execute(sa.text(f"DROP TABLE IF EXISTS {name}"))
        for statement in (
            f"CREATE TABLE trip (id {key}, number VARCHAR(40), at DATETIME)",
            f"CREATE TABLE leg (id {key}, trip_id INTEGER REFERENCES trip (id), said VARCHAR(80))",
            f"CREATE TABLE staff (id {key}, email VARCHAR(80), phone VARCHAR(40))",
            f"CREATE TABLE desk (id {key}, number VARCHAR(40), said VARCHAR(80), at DATETIME)",
            f"CREATE TABLE memo (id {key}, title VARCHAR(80), body VARCHAR(400), at DATETIME)",
        ):
            store.execute(sa.text(statement))
        for i, one in enumerate(PEOPLE):
            for n in range(3):
                at = NOW + timedelta(days=dice.randrange(-5, 6))
                words = [one["name"], dice.choice(PEOPLE)["number"], dice.choice(PEOPLE)["email"].upper(), "100%", "a_b\\c", "N-19"]  # fmt: skip
                store.execute(
                    sa.text("INSERT INTO trip (number, at) VALUES (:n, :at)"), {"n": one["number"], "at": at}
                )
                store.execute(
                    sa.text("INSERT INTO leg (trip_id, said) VALUES (:t, 'x')"), {"t": 3 * i + n + 1}
                )
                store.execute(sa.text("INSERT INTO desk (number, said, at) VALUES (:n, 'x', :at)"), {"n": one["number"], "at": dice.choice([at, None])})  # fmt: skip
                store.execute(sa.text("INSERT INTO memo (title, body, at) VALUES (:t, :b, :at)"), {"t": dice.choice(words), "b": " met ".join(dice.sample(words, 3)), "at": at})  # fmt: skip
            store.execute(sa.text("INSERT INTO staff (email, phone) VALUES (:e, '1')"), {"e": dice.choice([str.upper, str.lower])(one["email"])})  # fmt: skip
    engine.dispose()


def contents(url: str) -> list[Any]:
    with engine_of(url).connect() as store:
        return [store.execute(sa.text(f"SELECT * FROM {t['table']} ORDER BY id")).fetchall() for t in TABLES]


@pytest.mark.parametrize("seed", range(3))
def test_a_database_ends_as_if_each_had_been_worked_on_alone(
    url: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOOR", url)
    dice = random.Random(seed)
    scopes = [
        Scope(uuid4(), None, (), (NOW + timedelta(days=dice.randrange(-2, 3))).replace(tzinfo=UTC), one)
        for one in PEOPLE[:7]
    ]
    ends: list[Any] = []
    for way in ("alone", "together"):
        filled(url, seed)
        connector = SqlConnector({"url_env": "DOOR", "read_url_env": "DOOR"}, {"tables": TABLES})
        told: list[Any] = []
        with connector.at_work():
            for chunk in connector.chunks(scopes[0]):
                works = [(scope, chunk) for scope in scopes]
                before = [connector.count(*one) for one in works]
                assert connector.count_all(works) == before
                if way == "together":
                    done = connector.erase_all(works)
                else:
                    done = [connector.erase(*one) for one in works]
                left = connector.count_all(works)
                assert left == [connector.count(*one) for one in works]
                said = [(one.count if chunk != "memo" else None, one.method) for one in done]
                told.append((chunk, left, said, before if chunk != "memo" else None))
            read = connector.residues(scopes)
            assert read == [connector.residue(scope) for scope in scopes]
        ends.append((contents(url), told, read))
    assert ends[0] == ends[1]


def test_a_set_is_asked_in_fewer_statements_than_each_alone(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOOR", url)
    filled(url, 1)
    tables = [table for table in TABLES if table["table"] != "staff"]
    connector = SqlConnector({"url_env": "DOOR", "read_url_env": "DOOR"}, {"tables": tables})
    scopes = [Scope(uuid4(), None, (), datetime.now(UTC), one) for one in PEOPLE]
    monkeypatch.setattr(connector, "count", None)
    monkeypatch.setattr(connector, "erase", None)
    for chunk in connector.chunks(scopes[0]):
        works = [(scope, chunk) for scope in scopes]
        assert sum(connector.count_all(works)) > 0
        assert all(done.count for done in connector.erase_all(works))
        assert sum(connector.count_all(works)) == 0


def test_a_value_that_is_written_in_another_way_is_left_to_each_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite compares this column without case: the row is N-1's, and no list of values says so."""
    (tmp_path / "nocase.db").touch()
    url = f"sqlite:///{tmp_path / 'nocase.db'}"
    monkeypatch.setenv("DOOR", url)
    with engine_of(url).begin() as store:
        store.execute(sa.text("CREATE TABLE desk (id INTEGER PRIMARY KEY, number TEXT COLLATE NOCASE)"))
        store.execute(sa.text("INSERT INTO desk (number) VALUES ('n-1'), ('N-2'), ('n-77')"))
    entry = {"table": "desk", "find": {"column": "number", "is": "number"}, "action": "erase"}
    connector = SqlConnector({"url_env": "DOOR", "read_url_env": "DOOR"}, {"tables": [entry]})
    scopes = [Scope(uuid4(), None, (), datetime.now(UTC), one) for one in PEOPLE]
    works = [(scope, "desk") for scope in scopes]
    with connector.open("url_env") as opened, pytest.raises(sqlset.NotExact):
        sqlset.Set(opened, scopes, {}).count(connector.entries["desk"])
    assert connector.count_all(works)[:3] == [1, 1, 0]
    assert [done.count for done in connector.erase_all(works)][:3] == [1, 1, 0]
    assert all(found.count == 0 for found in connector.residues(scopes))
    with engine_of(url).connect() as store:
        assert store.scalars(sa.text("SELECT number FROM desk")).all() == ["n-77"]
