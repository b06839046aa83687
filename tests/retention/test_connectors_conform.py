"""One contract, every connector, each against the real thing."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from governance.capture.models import Arrival
from governance.capture.vault import VaultConnector
from governance.consents.models import Objection
from governance.demo import systems as demo
from governance.lib.connectors import Scope, SystemAway, load
from governance.portal import PortalConnector
from governance.retention.connectors.files import FilesConnector
from governance.retention.connectors.sql import SqlConnector
from tests.retention import at_hand, service
from tests.retention.at_hand import Case
from tests.retention.conftest import Stage

LOGINS = {"url_env": "FEATURE_STORE_URL", "read_url_env": "FEATURE_STORE_READ_URL"}


def vault(stage: Stage) -> Case:
    stage.consent("asha")
    order = stage.withdraw("asha")
    here = lambda: sum(Arrival.objects.filter(person=stage.cast.asha).values_list("events", flat=True))  # noqa: E731
    return Case(VaultConnector({}, {}), order.scope(), 1, lambda: stage.consent("asha", events=4), here)


def sql(stage: Stage) -> Case:
    scope = _scope(stage)
    again = "INSERT INTO sessions (person_number, workflow, started_at) VALUES ('N-1001', 'again', now() + interval '1 hour')"
    here = lambda: stage.store.ask("SELECT count(*) FROM sessions WHERE person_number = 'N-1001'")  # noqa: E731
    return Case(SqlConnector(LOGINS, demo.STORE_MAP), scope, 13, lambda: stage.store.do(again), here)


def files(stage: Stage) -> Case:
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

    def again() -> None:
        with (stage.folder / "teams" / "claims.csv").open("a") as table:
            table.write(f"N-1001,{later},open,9\n")

    here = lambda: (stage.folder / "teams" / "claims.csv").read_text().count("N-1001")  # noqa: E731
    return Case(FilesConnector({"folder": demo.FOLDER}, demo.FILES_MAP), _scope(stage), 9, again, here)


def portal(stage: Stage) -> Case:
    stage.world.sign_in("web")

    def object_(**more: object) -> None:
        stage.world.sign_in("web")
        Objection.objects.create(
            person=stage.cast.asha, purpose=stage.cast.purpose, reasons="I was ill that week", due_on=timezone.now().date(),
            decided_at=timezone.now(), decided_by=stage.cast.dev, **more,
        )  # fmt: skip

    object_(at=timezone.now() - timedelta(days=1))
    again = lambda: object_(at=timezone.now() + timedelta(hours=1))  # noqa: E731
    here = lambda: Objection.objects.filter(person=stage.cast.asha).exclude(reasons="").count()  # noqa: E731
    return Case(PortalConnector({}, {}), _scope(stage), 1, again, here)


def _scope(stage: Stage) -> Scope:
    asha = stage.cast.asha
    names = {"number": asha.number, "name": asha.name, "email": asha.email}
    return Scope(asha.pk, stage.cast.purpose.pk, (), datetime.now(UTC), names)


def staged(make: Callable[[Stage], Case]) -> Callable[[pytest.FixtureRequest], Case]:
    """On the company's stage, as the eraser's real login."""

    def on_stage(request: pytest.FixtureRequest) -> Case:
        stage: Stage = request.getfixturevalue("stage")
        made = make(stage)
        made.ready = lambda: stage.world.sign_in("eraser")
        return made

    return on_stage


def sqlite(request: pytest.FixtureRequest) -> Case:
    url = at_hand.sqlite_url(request.getfixturevalue("tmp_path"))
    return at_hand.badges(url, request.getfixturevalue("monkeypatch"))


def django(request: pytest.FixtureRequest) -> Case:
    url = at_hand.sqlite_url(request.getfixturevalue("tmp_path"))
    request.getfixturevalue("host_app")
    request.getfixturevalue("host_file")(url.removeprefix("sqlite:///"))
    return at_hand.doors(url, request.getfixturevalue("monkeypatch"))


def mariadb(request: pytest.FixtureRequest) -> Case:
    url = at_hand.mariadb_url(request.getfixturevalue("maria"))
    return at_hand.badges(url, request.getfixturevalue("monkeypatch"))


def parquet(request: pytest.FixtureRequest) -> Case:
    pytest.importorskip("pyarrow")
    return at_hand.lake(request.getfixturevalue("tmp_path"))


def s3(request: pytest.FixtureRequest) -> Case:
    return at_hand.bucket(request.getfixturevalue("moto"), request.getfixturevalue("monkeypatch"))[0]


def keyvalue(request: pytest.FixtureRequest) -> Case:
    return at_hand.keys(request.getfixturevalue("keystore"), request.getfixturevalue("monkeypatch"))[0]


def http(request: pytest.FixtureRequest) -> Case:
    return service.case(request.getfixturevalue("web_service"), request.getfixturevalue("monkeypatch"))


ALL = {make.__name__: staged(make) for make in (vault, sql, files, portal)}
ALL |= {make.__name__: make for make in (sqlite, django, mariadb, parquet, s3, keyvalue, http)}


@pytest.fixture(params=list(ALL))
def case(request: pytest.FixtureRequest) -> Case:
    made = ALL[request.param](request)
    made.ready()
    return made


def erase(case: Case) -> int:
    return sum(case.connector.erase(case.scope, chunk).count for chunk in case.connector.chunks(case.scope))


def count(case: Case) -> int:
    return sum(case.connector.count(case.scope, chunk) for chunk in case.connector.chunks(case.scope))


def test_it_finds_erases_and_reads_back_empty(case: Case) -> None:
    assert len(set(case.connector.chunks(case.scope))) == len(case.connector.chunks(case.scope)) > 0
    assert count(case) == case.found
    assert case.connector.residue(case.scope).count > 0, "what is there is seen by the read-back too"
    assert erase(case) == case.found
    assert count(case) == 0
    read = case.connector.residue(case.scope)
    assert read.count == 0 and read.where == () and read.looked_at


def test_erasing_twice_erases_once(case: Case) -> None:
    erase(case)
    assert erase(case) == 0
    assert case.connector.residue(case.scope).count == 0


def test_what_was_given_after_the_cut_off_survives(case: Case) -> None:
    case.give_again()
    case.ready()
    before = case.still_there()
    erase(case)
    assert case.connector.residue(case.scope).count == 0
    assert 0 < case.still_there() < before or case.connector.name == "vault"
    assert case.still_there() > 0


def test_another_person_is_not_touched(case: Case) -> None:
    belas = replace(case.scope, person=uuid4(), identifiers=at_hand.BELA)
    before = sum(case.connector.count(belas, chunk) for chunk in case.connector.chunks(belas))
    erase(case)
    if case.connector.name not in ("vault", "portal"):
        left = sum(case.connector.count(belas, chunk) for chunk in case.connector.chunks(belas))
        # An older version of a shared object goes whole; what stands in it of others stands in the newest too.
        assert left == before - (case.connector.name == "s3") > 0
        assert case.connector.residue(belas).count > 0


def test_a_store_that_lies_does_not_read_back_empty(case: Case) -> None:
    """It says that it erased, and keeps a copy where nobody told the map to look."""
    if case.lie is None:
        pytest.skip("the lie of this store has a test of its own")
    case.lie()
    assert erase(case) in (case.found, 0), "the service itself tells that it still has them"
    read = case.connector.residue(case.scope)
    assert read.count > 0
    assert not any(secret in " ".join(read.where) for secret in at_hand.ASHA.values())


def test_somebody_unknown_is_found_nowhere(case: Case) -> None:
    nobody = Scope(
        uuid4(), case.scope.purpose, (), case.scope.before, {"number": "N-9999", "name": "Nobody Atall"}
    )
    assert sum(case.connector.count(nobody, chunk) for chunk in case.connector.chunks(nobody)) == 0
    assert case.connector.residue(nobody).count == 0


def test_it_can_be_loaded_by_its_kind(case: Case) -> None:
    assert load(case.connector.name) is type(case.connector)


@pytest.mark.parametrize("wrong", ["not_there", "no address"])
def test_a_database_that_is_away_says_so_and_nothing_else(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    scope = _scope(stage)
    url = os.environ["FEATURE_STORE_URL"].replace("test_store", wrong) if wrong == "not_there" else ""
    monkeypatch.setenv("FEATURE_STORE_URL", url)
    with pytest.raises(SystemAway) as away:
        SqlConnector(LOGINS, demo.STORE_MAP).count(scope, "sessions")
    assert "store_eraser" not in str(away.value) and away.value.__cause__ is None


def test_a_folder_that_is_away_says_so(stage: Stage) -> None:
    with pytest.raises(SystemAway):
        FilesConnector({"folder": "nowhere"}, demo.FILES_MAP).count(_scope(stage), "rows")


def test_the_erasers_login_can_do_only_what_the_map_needs(stage: Stage) -> None:
    import psycopg

    allowed = [
        "SELECT id, person_number FROM sessions",
        "SELECT id, session_id FROM features",
        "SELECT body FROM notes",
    ]
    refused = [
        "SELECT * FROM sessions", "SELECT value FROM features", "SELECT * FROM models", "INSERT INTO notes (body) VALUES ('x')",
        "DELETE FROM notes", "UPDATE sessions SET person_number = 'x'", "TRUNCATE features", "CREATE TABLE mine (x int)", "DROP TABLE notes",
    ]  # fmt: skip
    with psycopg.connect(os.environ["FEATURE_STORE_URL"], autocommit=True) as store:
        for query in allowed:
            store.execute(query)
        for query in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                store.execute(query)
    with psycopg.connect(os.environ["FEATURE_STORE_READ_URL"], autocommit=True) as store:
        store.execute("SELECT * FROM sessions")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            store.execute("DELETE FROM sessions")
