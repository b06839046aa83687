"""A system is connected on pages: names of variables, a map proposed from the schema, a person who confirms it."""

import json
from typing import Any

import pytest

from governance.lib.refusals import Refused
from governance.purposes.models import DataSystem
from governance.retention import maps, proposing, systems, tasks
from governance.retention.connectors import sqlmap
from governance.retention.models import Connection, DataMap
from tests.retention.conftest import Stage
from tests.retention.test_pages import signed_in
from tests.visits import reading, words

WHY = "counts of what models were trained on, nobody by name"


def system(stage: Stage) -> DataSystem:
    stage.world.sign_in("owner")
    made = DataSystem.objects.create(
        entity=stage.cast.software, code="store-2", name="Second store", holds="the same tables", country="IN"
    )
    stage.world.sign_in("web")
    return made


def test_a_system_is_connected_proposed_confirmed_and_then_erased_in(stage: Stage) -> None:
    made = system(stage)
    dev = signed_in(reading(stage.cast.dev, "en"))
    here = f"/erasures/systems/{made.pk}"
    assert "Connection : Second store" in words(dev.get("/erasures/map"))
    asked = words(dev.get(f"{here}/connect"))
    assert "Database: PostgreSQL" in asked and "null" not in asked and '"bucket": "training"' in asked
    told = dev.post(
        f"{here}/connect",
        {"kind": "sql", "url_env": "postgres://x:secret@host/db", "read_url_env": "", "more": ""},
    )
    assert told.status_code == 400 and "looks like a secret" in words(told)
    dev.post(
        f"{here}/connect",
        {"kind": "sql", "url_env": "FEATURE_STORE_URL", "read_url_env": "FEATURE_STORE_READ_URL", "more": ""},
    )
    assert Connection.objects.get(system=made).options == {
        "url_env": "FEATURE_STORE_URL",
        "read_url_env": "FEATURE_STORE_READ_URL",
    }

    dev.post(f"{here}/propose", {"purpose": str(stage.cast.purpose.pk)})
    row = DataMap.objects.get(system=made)
    page = f"{here}/maps/{row.pk}"
    assert "being read" in words(dev.get(page))
    stage.world.sign_in("eraser")
    tasks.look()
    stage.world.sign_in("web")
    row.refresh_from_db()
    spec = row.proposal["spec"]
    found = {entry["table"]: entry for entry in spec["tables"]}
    assert (
        found["sessions"]["find"] == {"column": "person_number", "is": "number"}
        and found["sessions"]["time"] == "started_at"
    )
    assert found["features"]["find"] == {
        "through": {"column": "session_id", "table": "sessions", "key": "id"}
    }
    assert found["notes"]["find"] == {"text": ["body"]} and found["notes"]["action"] == "replace"
    assert "Asha" not in json.dumps(row.proposal) and "N-1001" not in json.dumps(row.proposal)
    assert not row.confirmed_at and "sessions" in words(dev.get(page))

    refused = dev.post(page, {"spec": json.dumps(spec)})
    assert refused.status_code == 400 and "Say why this stays" in words(refused)
    # The person knows what the schema does not say: the models' table names nobody, and the login may not write there.
    spec["tables"] = [entry for entry in spec["tables"] if entry["table"] != "models"]
    spec["keep"] = {"models": WHY}
    dev.post(page, {"spec": json.dumps(spec)})
    row.refresh_from_db()
    written = words(dev.get(page))
    assert f"models – – stays {WHY}" in written and '"tables": [ {' in written, "to be read by a person"
    assert row.confirmed_by == stage.cast.dev and made in stage.cast.purpose.systems.all()
    checked = {one.system.code: one for one in maps.check()}
    assert checked["store-2"].is_sound

    stage.consent("asha")
    order = stage.withdraw("asha")
    assert stage.carry_out(order) == "done"
    assert order.proofs.filter(system=made).get().found_after == 0


def test_a_system_that_does_not_answer_gets_no_proposal_and_the_page_says_so(stage: Stage) -> None:
    made = system(stage)
    systems.connect(made, "sql", {"url_env": "NOWHERE_URL", "read_url_env": "NOWHERE_URL"}, by=stage.cast.dev)
    row = proposing.ask(made, stage.cast.purpose, by=stage.cast.dev)
    stage.world.sign_in("eraser")
    for asked in proposing.waiting():
        proposing.work_out(asked)
    assert not proposing.waiting()
    stage.world.sign_in("web")
    page = signed_in(reading(stage.cast.dev, "en")).get(f"/erasures/systems/{made.pk}/maps/{row.pk}")
    assert "did not answer" in words(page)


@pytest.mark.parametrize("name", ["asha", "meera", "ira", "omar", "arun"])
def test_nobody_but_the_officer_connects_systems(stage: Stage, name: str) -> None:
    made = system(stage)
    client = signed_in(stage.cast.people[name])
    assert client.get(f"/erasures/systems/{made.pk}/connect").status_code in (403, 404)
    assert client.post(
        f"/erasures/systems/{made.pk}/propose", {"purpose": str(stage.cast.purpose.pk)}
    ).status_code in (403, 404)
    assert not DataMap.objects.filter(system=made).exists()


def test_the_portals_own_connections_are_not_for_pages(stage: Stage) -> None:
    vault = stage.systems["vault"]
    client = signed_in(stage.cast.dev)
    assert (
        client.post(f"/erasures/systems/{vault.pk}/connect", {"kind": "sql", "url_env": "X"}).status_code
        == 404
    )
    assert Connection.objects.get(system=vault).kind == "vault"


def test_who_a_column_speaks_of_is_told_by_its_values_and_not_by_its_name() -> None:
    class Made:
        columns, keys, time = ["id", "who", "mail", "remark"], {"id"}, ""
        points: list[Any] = []
        texts = ["who", "mail", "remark"]

        def __init__(self, **samples: list[str]) -> None:
            self.samples = samples

    known = {"number": frozenset({"n-1"}), "email": frozenset({"a@x.example"}), "name": frozenset()}
    spec = proposing.propose({"t": Made(who=["N-1"], mail=["a@x.example"])}, known)  # type: ignore[dict-item]
    assert spec["tables"][0]["find"] == {"column": "who", "is": "number"}
    spec = proposing.propose({"t": Made(who=["x", "y"], mail=["z"])}, known)  # type: ignore[dict-item]
    assert spec["tables"][0]["action"] == "replace"
    sqlmap.check({"tables": spec["tables"], "keep": {}})


def test_a_question_mark_is_no_reason() -> None:
    from governance.retention import rules

    rules.check_reasons({"keep": {"models": WHY}})
    with pytest.raises(Refused):
        rules.check_reasons({"keep": {"models": "?"}})
