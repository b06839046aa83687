"""One contract, every connector, each against the real thing."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from governance.capture.models import Arrival
from governance.capture.vault import VaultConnector
from governance.consents.models import Objection
from governance.demo import systems as demo
from governance.lib.connectors import Connector, Scope, SystemAway, load
from governance.portal import PortalConnector
from governance.retention.connectors.files import FilesConnector
from governance.retention.connectors.sql import SqlConnector
from tests.retention.conftest import Stage

LOGINS = {"url_env": "FEATURE_STORE_URL", "read_url_env": "FEATURE_STORE_READ_URL"}


@dataclass
class Case:
    """A connector, the scope of Asha's order, how many things it must find, and how somebody adds one more after it."""

    connector: Connector
    scope: Scope
    found: int
    give_again: Callable[[], None]
    still_there: Callable[[], int]


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


@pytest.fixture(params=[vault, sql, files, portal], ids=lambda case: case.__name__)
def case(request: pytest.FixtureRequest, stage: Stage) -> Case:
    made: Case = request.param(stage)
    stage.world.sign_in("eraser")
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


def test_what_was_given_after_the_cut_off_survives(case: Case, stage: Stage) -> None:
    case.give_again()
    stage.world.sign_in("eraser")
    before = case.still_there()
    erase(case)
    assert case.connector.residue(case.scope).count == 0
    assert 0 < case.still_there() < before or case.connector.name == "vault"
    assert case.still_there() > 0


def test_another_person_is_not_touched(case: Case, stage: Stage) -> None:
    belas = replace(
        case.scope,
        person=stage.cast.bela.pk,
        identifiers={"number": "N-1002", "name": "Bela Fernandes", "email": "bela@nirmaan.example"},
    )
    before = sum(case.connector.count(belas, chunk) for chunk in case.connector.chunks(belas))
    erase(case)
    if case.connector.name in ("sql", "files"):
        assert before == sum(case.connector.count(belas, chunk) for chunk in case.connector.chunks(belas)) > 0
        assert case.connector.residue(belas).count > 0


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
