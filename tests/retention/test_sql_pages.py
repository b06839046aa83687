"""A database by pages, batches and one connection a login: nothing is left out, and nothing keeps us for ever."""

import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from governance.retention.connectors import sql, sqlkinds
from governance.retention.connectors.sql import SqlConnector
from tests.retention import at_hand
from tests.retention.at_hand import scope
from tests.retention.conftest import FeatureStore

KEYS = {
    "bigint": "id bigserial PRIMARY KEY",
    "text": "id varchar(40) PRIMARY KEY DEFAULT gen_random_uuid()::text",
    "uuid": "id uuid PRIMARY KEY DEFAULT gen_random_uuid()",
    "numeric": "id numeric(9, 1) PRIMARY KEY DEFAULT (random() * 90000000)::numeric(9, 1)",
    "two": "id serial, part text DEFAULT 'a', PRIMARY KEY (part, id)",
    "none": "id serial",
}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "PAGE", 7)
    monkeypatch.setattr(sql, "BATCH", 3)
    monkeypatch.setattr(sql, "WHOLE_BATCH", 3)


def owned(store: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("OWN_URL", store.owner_url)
    return {"url_env": "OWN_URL", "read_url_env": "OWN_URL"}


@pytest.mark.parametrize("action", ["erase", "anonymise"])
def test_every_row_goes_whatever_its_key_is_made_of(
    store: FeatureStore, monkeypatch: pytest.MonkeyPatch, small: None, action: str
) -> None:
    entries: list[dict[str, Any]] = []
    for name, key in KEYS.items():
        store.do(f"CREATE TABLE k_{name} ({key}, who text)")
        store.do(f"INSERT INTO k_{name} (who) SELECT 'N-1001' FROM generate_series(1, 20)")
        store.do(f"INSERT INTO k_{name} (who) SELECT 'N-1002' FROM generate_series(1, 4)")
        entries.append(
            {"table": f"k_{name}", "find": {"column": "who", "is": "number"}, "action": "erase", "anonymise": {"who": "hash"}}
        )  # fmt: skip
    connector = SqlConnector(owned(store, monkeypatch), {"tables": entries})
    asked = scope(anonymise=action == "anonymise")
    with connector.at_work():
        for chunk in connector.chunks(asked):
            assert connector.count(asked, chunk) == 20, chunk
            assert connector.erase(asked, chunk).count == 20, chunk
            assert connector.count(asked, chunk) == 0, chunk
        assert connector.residue(asked).count == 0
    left = 24 if action == "anonymise" else 4
    assert [store.ask(f"SELECT count(*) FROM k_{name}") for name in KEYS] == [left] * len(KEYS)
    assert [store.ask(f"SELECT count(*) FROM k_{name} WHERE who = 'N-1002'") for name in KEYS] == [4] * len(
        KEYS
    )


@pytest.mark.parametrize("action", ["erase", "anonymise"])
@pytest.mark.parametrize("kind", ["sqlite", "mariadb"])
def test_other_databases_share_many_rows_out_as_well(
    kind: str,
    action: str,
    small: None,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By ranges of the key, or by telling the database how many it may take."""
    url = (
        at_hand.sqlite_url(tmp_path)
        if kind == "sqlite"
        else at_hand.mariadb_url(request.getfixturevalue("maria"))
    )
    monkeypatch.setenv("BADGE_URL", url)
    monkeypatch.setenv("BADGE_READ_URL", url)
    with sa.create_engine(url.replace("mariadb:", "mariadb+pymysql:")).begin() as store:
        store.execute(sa.text("CREATE TABLE seen (id INTEGER PRIMARY KEY, number VARCHAR(40))"))
        rows = [{"id": i, "n": "N-1001" if i % 3 else "N-1002"} for i in range(30)]
        store.execute(sa.text("INSERT INTO seen VALUES (:id, :n)"), rows)
    entry = {
        "table": "seen",
        "find": {"column": "number", "is": "number"},
        "action": "erase",
        "anonymise": {"number": "hash"},
    }
    connector, asked = (
        SqlConnector(at_hand.LOGINS, {"tables": [entry]}),
        scope(anonymise=action == "anonymise"),
    )
    assert connector.erase(asked, "seen").count == 20 and connector.residue(asked).count == 0
    assert connector.count(scope(identifiers=at_hand.BELA), "seen") == 10


def test_a_store_that_puts_every_row_back_ends_and_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    """Its trigger gives each a new key, so that there is always another page."""
    url = f"sqlite:///{tmp_path}/back.db"
    monkeypatch.setenv("BADGE_URL", url)
    monkeypatch.setenv("BADGE_READ_URL", url)
    with sa.create_engine(url).begin() as store:
        store.execute(sa.text("CREATE TABLE seen (id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT)"))
        store.execute(
            sa.text(
                "CREATE TRIGGER back AFTER DELETE ON seen BEGIN INSERT INTO seen (number) VALUES (OLD.number); END"
            )
        )
        store.execute(sa.text("INSERT INTO seen (number) VALUES " + ", ".join(["('N-1001')"] * 20)))
    entry = {"table": "seen", "find": {"column": "number", "is": "number"}, "action": "erase"}
    connector = SqlConnector(at_hand.LOGINS, {"tables": [entry]})
    connector.erase(scope(), "seen")
    assert connector.count(scope(), "seen") == 20
    assert connector.residue(scope()).where == ("seen", "seen.number")


def test_an_order_takes_one_connection_of_each_login_and_leaves_none_open(
    store: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bool] = []
    opens = sa.create_engine

    def counting(*args: Any, **kwargs: Any) -> sa.Engine:
        engine = opens(*args, **kwargs)
        sa.event.listen(engine, "connect", lambda *_about: made.append(True))
        return engine

    monkeypatch.setattr(sqlkinds.sa, "create_engine", counting)
    entry = {"table": "sessions", "find": {"column": "person_number", "is": "number"}, "action": "erase"}
    connector = SqlConnector(owned(store, monkeypatch), {"tables": [entry]})
    with connector.at_work():
        for _ in range(3):
            connector.count(scope(), "sessions")
            connector.erase(scope(), "sessions")
        connector.residue(scope())
        assert len(made) == 2, "one to erase with, another to read back with"
    others, until = None, time.monotonic() + 10  # a server process ends a moment after its connection
    with psycopg.connect(store.owner_url, autocommit=True) as owner:
        while others != (0,) and time.monotonic() < until:
            others = owner.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchone()
    assert others == (0,)


def test_a_connection_that_broke_is_not_used_again(
    store: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"table": "sessions", "find": {"column": "person_number", "is": "number"}, "action": "erase"}
    connector = SqlConnector(owned(store, monkeypatch), {"tables": [entry]})
    with connector.at_work():
        assert connector.count(scope(), "sessions") == 0
        store.do(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with pytest.raises(sql.SystemAway):
            connector.count(scope(), "sessions")
        assert connector.count(scope(), "sessions") == 0


def test_the_read_back_sees_the_tables_as_they_are_now(
    store: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What grew between the erasing and the reading back is looked into as well."""
    entry = {"table": "sessions", "find": {"column": "person_number", "is": "number"}, "action": "erase"}
    connector = SqlConnector(owned(store, monkeypatch), {"tables": [entry]})
    with connector.at_work():
        connector.erase(scope(), "sessions")
        assert connector.residue(scope()).count == 0
        store.do("ALTER TABLE sessions ADD COLUMN remark text")
        store.do(
            "INSERT INTO sessions (person_number, workflow, started_at, remark) VALUES ('N-1', 'x', '2026-01-01', 'asked N-1001 twice')"
        )
        assert connector.residue(scope()).where == ("sessions.remark",)


def test_a_copy_that_the_database_keeps_is_read_back_too(
    store: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A materialized view holds what was erased beneath it until somebody refreshes it."""
    at = "2026-01-01"
    store.do(
        "INSERT INTO sessions (person_number, workflow, started_at) VALUES ('N-1001', 'x', %s), ('N-1002', 'x', %s)",
        at,
        at,
    )
    store.do(
        "CREATE MATERIALIZED VIEW per_person AS SELECT person_number, count(*) AS n FROM sessions GROUP BY 1"
    )
    entry = {"table": "sessions", "find": {"column": "person_number", "is": "number"}, "action": "erase"}
    connector = SqlConnector(owned(store, monkeypatch), {"tables": [entry]})
    assert {"per_person.person_number", "per_person.n"} <= connector.unclassified()
    connector.erase(scope(), "sessions")
    assert connector.residue(scope()).where == ("per_person.person_number",)
    store.do("REFRESH MATERIALIZED VIEW per_person")
    assert connector.residue(scope()).count == 0


def test_tables_that_have_not_changed_are_not_looked_up_again(
    store: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next order's work begins with what the last one has found; a change is seen all the same."""
    entry = {"table": "sessions", "find": {"column": "person_number", "is": "number"}, "action": "erase"}
    options = owned(store, monkeypatch)
    asked: list[str] = []

    def of_one_order() -> int:
        asked.clear()
        connector = SqlConnector(options, {"tables": [entry]})
        with connector.at_work():
            connector.count(scope(), "sessions")
            connector.erase(scope(), "sessions")
            assert connector.residue(scope()).count == 0
        return sum("pg_catalog" in statement for statement in asked)

    listen = lambda _c, _cursor, statement, *_more: asked.append(statement)  # noqa: E731
    sa.event.listen(sa.Engine, "before_cursor_execute", listen)
    try:
        assert of_one_order() > 0 == of_one_order()
        store.do("ALTER TABLE notes ADD COLUMN more text")
        assert of_one_order() > 0 == of_one_order()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", listen)
