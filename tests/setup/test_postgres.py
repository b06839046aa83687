"""A cluster of our own: no trust, no superuser in a process, a log that repeats nothing, and it survives."""

import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from governance.setup import postgres, roles
from governance.setup.say import Problem

REFUSED = "canary-5f1d0c7e"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Cluster]:
    home = tmp_path_factory.mktemp("pg")
    made = postgres.start_cluster(home / "pg", secrets=home / "secrets", durable=False)
    yield made
    made.stop()


def test_nobody_is_trusted(cluster: postgres.Cluster) -> None:
    rules = (cluster.data / "pg_hba.conf").read_text().split("\n")
    assert rules == ["local all all scram-sha-256", ""]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.url("web"), password="wrong")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.url("postgres", "postgres", password_too=False), user="postgres")


def test_the_secrets_are_ours_alone_and_all_different(cluster: postgres.Cluster) -> None:
    files = list(cluster.secrets.iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(cluster.secrets.stat().st_mode) == 0o700
    assert len({file.read_text() for file in files}) == len(roles.LOGINS) + len(roles.STORE_LOGINS) + 1
    assert not list(cluster.secrets.glob("*.pgpass*"))


@pytest.mark.parametrize("login", [*roles.LOGINS, *roles.STORE_LOGINS])
def test_no_login_is_more_than_a_login(cluster: postgres.Cluster, login: str) -> None:
    database = next(name for name, who in roles.WHO_ENTERS.items() if login in (*who, roles.WHO_OWNS[name]))
    with psycopg.connect(cluster.url(login, database)) as connection:
        found = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolpassword IS NULL"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert found == (False, False, False, False, False, False)


@pytest.mark.parametrize(
    ("login", "database"),
    [
        ("web", "sammati_keys"),
        ("worker", "sammati_keys"),
        ("web", "feature_store"),
        ("eraser", "feature_store"),
        ("store_eraser", "sammati"),
        ("web", "postgres"),
        ("web", "template1"),
    ],
)
def test_a_door_that_is_not_theirs_stays_shut(cluster: postgres.Cluster, login: str, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(cluster.url(login, database))


def test_only_the_owner_enters_the_vaults_role(cluster: postgres.Cluster) -> None:
    asked = (
        "SELECT rolname FROM pg_roles WHERE pg_has_role(rolname, 'vault_owner', 'MEMBER') AND NOT rolsuper"
    )
    assert set(cluster.psql(asked).split()) == {"vault_owner", "sammati_owner"}


def test_a_refused_value_reaches_no_log(cluster: postgres.Cluster) -> None:
    with psycopg.connect(cluster.url("owner"), autocommit=True) as connection:
        connection.execute("CREATE TABLE loud (name text UNIQUE, length integer CHECK (length < 3))")
        for statement in (
            f"INSERT INTO loud VALUES ('{REFUSED}', 9)",
            f"SELECT '{REFUSED}'::integer",
            f'SELECT 1 / 0 AS "{REFUSED}"',
            f"{REFUSED}",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement)
        with pytest.raises(psycopg.Error):
            connection.execute("INSERT INTO loud VALUES (%s, %s)", [REFUSED, 9])
    assert REFUSED not in cluster.log.read_text()


def test_the_log_settings_are_in_force(cluster: postgres.Cluster) -> None:
    settings = {
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_statement": "none",
        "log_min_duration_statement": "-1",
        "log_min_messages": "log",
        "listen_addresses": "",
        "password_encryption": "scram-sha-256",
    }
    for name, value in settings.items():
        assert cluster.psql(f"SHOW {name}").strip() == value


def test_a_second_start_finds_the_running_one(cluster: postgres.Cluster) -> None:
    again = postgres.start_cluster(cluster.home, secrets=cluster.secrets, durable=False)
    assert again.pid() == cluster.pid() is not None
    assert again.urls() == cluster.urls()


def test_a_committed_row_survives_kill_9(cluster: postgres.Cluster) -> None:
    with psycopg.connect(cluster.url("owner"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    cluster.kill()
    assert not cluster.is_running()
    cluster.start()
    with psycopg.connect(cluster.url("owner")) as connection:
        assert connection.execute("SELECT seven FROM kept").fetchall() == [(7,)]


def test_a_broken_attempt_leaves_no_half_cluster(tmp_path: Path) -> None:
    (tmp_path / "pg" / "data.new").mkdir(parents=True)
    (tmp_path / "pg" / "data.new" / "half").write_text("")
    made = postgres.start_cluster(tmp_path / "pg", secrets=tmp_path / "secrets", durable=False)
    try:
        assert made.is_running() and not (tmp_path / "pg" / "data.new").exists()
    finally:
        made.stop()


def test_data_of_another_version_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pg" / "data").mkdir(parents=True)
    (tmp_path / "pg" / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(Problem, match="made by PostgreSQL 12"):
        postgres.start_cluster(tmp_path / "pg", secrets=tmp_path / "secrets", durable=False)
    assert (tmp_path / "pg" / "data" / "PG_VERSION").exists()


def test_no_postgresql_at_all_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="apt-get install postgresql"):
        postgres.newest_installed(tmp_path)
