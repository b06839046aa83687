"""The log as the auditor reads it: codes and ids, newest first, and a button that proves it."""

from pathlib import Path
from typing import Any

import pytest

from governance.audit import keys, log, sealer
from governance.audit.models import Entry
from governance.consents import ledger
from governance.lib import clock
from tests import make
from tests.cast import Cast
from tests.visits import visit, words


@pytest.fixture
def sealed(cast: Cast, settings: Any, tmp_path: Path) -> Cast:
    settings.CHECKPOINTS = tmp_path / "checkpoints"
    while sealer.seal(
        clock.now(), sign=keys.signer(tmp_path / "secrets", settings.CHECKPOINTS), home=settings.CHECKPOINTS
    ):
        pass
    return cast


def test_the_auditor_reads_it_newest_first_and_without_a_name(sealed: Cast) -> None:
    make.consent(sealed.asha, sealed.purpose, "ui_event")
    ledger.withdraw_purpose(sealed.purpose, by=sealed.asha)
    with visit(sealed.arun) as client:
        page = words(client.get("/log/"))
        main = page[page.index("Everything that was decided") :]
    assert main.index("consent.withdrawn") < main.index("consent.given")
    assert "Recorded, being sealed" in main and "checkpoint 1" in main
    for person in sealed.people.values():
        assert (
            person == sealed.dev or person.name not in main
        )  # Dev answers questions, at the foot of every page
        assert person.number not in main


def test_pages_and_filters_stand_in_the_address(sealed: Cast) -> None:
    for number in range(120):
        log.record("test.many", number=number)
    with visit(sealed.arun) as client:
        seen: list[str] = []
        page = client.get("/log/", {"code": "test."})
        while True:
            seen += [row[4] for row in page.context["rows"]]
            if not page.context["older"]:
                break
            page = client.get(f"/log/?{page.context['older']}")
        assert seen == [f"number: {n}" for n in range(119, -1, -1)]
        assert "No entry matches." in words(client.get("/log/?code=nothing.like_it"))
        assert "No entry matches." in words(client.get("/log/?since=2100-01-01"))
        assert "No entry matches." in words(client.get("/log/?until=2000-01-01"))
        for wrong in (
            "code=Asha%20Deshmukh",
            "since=yesterday",
            "before=-1",
            "before=99999999999999999999",
            "until=9999-12-31",
        ):
            assert client.get(f"/log/?{wrong}").status_code == 200


def test_the_auditor_proves_it_and_the_proof_is_recorded(sealed: Cast) -> None:
    with visit(sealed.arun) as client:
        assert "Verify now" in words(client.get("/log/verify/"))
        page = words(client.post("/log/verify/"))
        assert "The log is as it was written" in page and "signature holds" in page
    assert Entry.objects.get(code="log.verified").by_id == sealed.arun.pk


def test_a_changed_log_is_said_in_words_with_the_position(sealed: Cast) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE audit_entry SET code = 'x' WHERE id = (SELECT entry_id FROM audit_leaf WHERE position = 5)"
        )
    with visit(sealed.arun) as client:
        page = words(client.post("/log/verify/"))
    assert "The log was changed after it was written." in page and "was changed" in page
    assert " 5 entry" in page


def test_a_log_too_long_to_wait_for_is_for_the_command(sealed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.audit.views.TIME_LIMIT", 0.0)
    with visit(sealed.arun) as client:
        assert "manage.py verify_log" in words(client.post("/log/verify/"))
        monkeypatch.setattr("governance.audit.views.TOO_MANY", 1)
        assert "manage.py verify_log" in words(client.get("/log/verify/"))


@pytest.mark.parametrize(
    ("who", "reads", "proves"),
    [("arun", 200, 200), ("dev", 200, 403), ("ira", 403, 403), ("meera", 403, 403), ("asha", 403, 403)],
)
def test_who_may(sealed: Cast, who: str, reads: int, proves: int) -> None:
    with visit(getattr(sealed, who)) as client:
        assert client.get("/log/").status_code == reads
        assert client.post("/log/verify/").status_code == proves
