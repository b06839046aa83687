"""The silo, asked as each login: what the web process holds opens nothing that it admitted."""

import subprocess
import sys

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.db.utils import ProgrammingError

from governance import checks, grants
from governance.capture import keys, vault
from governance.capture.models import Arrival
from governance.lib import sealing
from tests import make
from tests.cast import Cast
from tests.conftest import LOGINS, World, as_login


def refused(sql: str, login: str) -> bool:
    with as_login(login), connection.cursor() as cursor:
        try:
            cursor.execute(sql)
        except ProgrammingError as error:
            assert getattr(error.__cause__, "sqlstate", "") == "42501"
            connection.needs_rollback = True
            return True
        connection.needs_rollback = True
    return False


@pytest.mark.parametrize("column", ["sealed", "id", "person", "*"])
def test_the_web_login_never_selects_from_the_vault(cast: Cast, column: str) -> None:
    assert refused(f"SELECT {column} FROM vault.segment", "web")
    assert refused(f"SELECT {column} FROM vault.segment", "worker")


def test_the_eraser_sees_ids_and_no_content(cast: Cast) -> None:
    assert refused("SELECT sealed FROM vault.segment", "eraser")
    assert not refused("SELECT id, stream, person FROM vault.segment", "eraser")


@pytest.mark.parametrize("table", grants.APPEND_ONLY)
@pytest.mark.parametrize("login", ["web", "worker", "eraser", "exporter"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_memory_cannot_be_edited_by_any_login(cast: Cast, table: str, login: str, verb: str) -> None:
    if table == "audit_leaf":
        verb = verb.replace("at = now()", "hash = ''")
    if table == "reports_edition":
        verb = verb.replace("at = now()", "sha256 = ''")
    assert refused(verb.format(table), login)


@pytest.mark.parametrize("table", grants.APPEND_ONLY)
def test_not_even_the_owner_edits_memory_by_accident(cast: Cast, table: str) -> None:
    from governance.audit.models import Entry

    assert Entry.objects.exists()
    if table != "audit_entry":
        return
    with pytest.raises(ProgrammingError, match="written once"), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


@pytest.mark.parametrize("login", sorted(set(LOGINS) - {"owner"}))
def test_each_login_has_exactly_what_the_table_lists(cast: Cast, login: str) -> None:
    with connection.cursor() as cursor:
        assert grants.differences(cursor, LOGINS[login]) == []


def test_a_login_that_may_read_the_vault_is_refused_at_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sign_in("owner")
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE vault_owner; GRANT SELECT ON vault.segment TO sammati_web; RESET ROLE")
    world.sign_in("web")
    monkeypatch.setattr(settings, "PROCESS", "web")
    found = checks.privileges(None, databases=["default"])
    assert [f.id for f in found if f.is_serious()] == ["sammati.E001"] and "vault.segment" in str(found[0])


def test_a_web_process_with_a_wrong_login_does_not_come_up(world: World) -> None:
    """With the owner's URL in the web's place the process ends before it serves anything."""
    told = world.environment("web") | {
        "DATABASE_URL": world.urls["OWNER_DATABASE_URL"],
        "DJANGO_SETTINGS_MODULE": "governance.settings",
    }
    start = [sys.executable, "-c", "import governance.wsgi"]
    wrong = subprocess.run(start, env=told, capture_output=True, text=True, timeout=60, check=False)
    assert wrong.returncode != 0 and "owns the database" in wrong.stderr
    right = subprocess.run(
        start,
        env=world.environment("web") | {"DJANGO_SETTINGS_MODULE": "governance.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert right.returncode == 0, right.stderr


def test_the_web_login_reaches_no_keys_database(world: World) -> None:
    from tests.servers import cluster

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster().url("web", world.keys))


def test_what_was_admitted_opens_for_the_exporter_alone(world: World) -> None:
    """With everything the web and the eraser hold, a captured segment cannot be opened."""
    world.sign_in("web")
    cast = world.company()
    make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    world.sign_in("eraser")
    from governance.capture import streams

    assert streams.open_waiting() == 1
    world.sign_in("web")
    assert make.post(cast, make.event("N-1001"))["admitted"] == 1
    stream = Arrival.objects.get().stream
    with pytest.raises(ProgrammingError):
        list(vault.opened([stream]))
    world.sign_in("eraser")
    with pytest.raises(ProgrammingError):
        list(vault.opened([stream]))
    with pytest.raises(ProgrammingError):
        keys.private(stream)
    world.sign_in("exporter")
    assert [event["action"] for event in vault.opened([stream])] == ["click"]
    world.sign_in("eraser")
    keys.destroy(stream)
    world.sign_in("exporter")
    with pytest.raises(sealing.CannotOpen):
        list(vault.opened([stream]))
