"""The API answers what the gate would say, and tells no program more than its business."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.audit.models import Entry
from governance.consents import explaining, ledger, objections, optouts, pauses
from governance.interfaces import clients
from governance.lib import clock
from governance.purposes.models import Purpose
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.interfaces.conftest import Make

ONE = "/api/v1/decisions?person={}&purpose={}&signal={}"


def one(cast: Cast, person: str = "N-1001", signal: str = "ui_event") -> str:
    return ONE.format(person, cast.purpose.number, signal)


def test_a_yes_is_a_yes_until_the_person_takes_it_back(cast: Cast, program: Make) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    agent = program("decisions")
    said = agent.ask("get", one(cast)).json()
    assert said["allowed"] is True and said["person"] == "N-1001" and "code" not in said
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    assert agent.ask("get", one(cast)).json()["allowed"] is False


@pytest.mark.parametrize("scopes", [("decisions",), ("decisions", "explain")])
def test_every_no_is_one_code_whatever_the_person_said(
    cast: Cast, program: Make, scopes: tuple[str, ...]
) -> None:
    """Refused, never asked, opted out, paused, withdrawn, unknown: no program tells them apart, with any scope."""
    ledger.refuse(
        cast.purpose, ["ui_event"], by=cast.asha, notice=cast.purpose.published_notice(), language="en"
    )
    optouts.opt_out(by=cast.meera)
    make.consent(cast.omar, cast.purpose, "ui_event", open_streams=False)
    pauses.pause(by=cast.omar)
    make.consent(cast.rupa, cast.purpose, "ui_event", open_streams=False)
    ledger.withdraw_purpose(cast.purpose, by=cast.rupa)
    agent = program(*scopes)
    people = [p.number for p in (cast.asha, cast.bela, cast.meera, cast.omar, cast.rupa)] + ["N-9999"]
    for person in people:
        said = agent.ask("get", one(cast, person)).json()
        assert {k: v for k, v in said.items() if k not in ("person", "at")} == {
            "signal": "ui_event", "allowed": False, "code": "not_permitted", "purpose": cast.purpose.number, "ground": "consent"
        }, person  # fmt: skip
    batch = {"purpose": cast.purpose.number, "people": people, "signals": ["ui_event"]}
    found = agent.ask("post", "/api/v1/decisions", batch).json()["decisions"]
    assert [set(row) for row in found] == [{"person", "signal", "allowed", "code"}] * len(people)
    assert {row["code"] for row in found} == {"not_permitted"}


def test_with_the_scope_a_program_hears_what_the_register_says_of_everybody(
    cast: Cast, program: Make
) -> None:
    agent = program("decisions", "explain")
    for person in ("N-1001", "N-1002", "N-1020"):
        said = agent.ask("get", one(cast, person, signal="keystrokes")).json()
        assert said["code"] == "not_declared" and "register" in said["detail"] and said["rule"]
    assert program("decisions").ask("get", one(cast, signal="keystrokes")).json()["code"] == "not_permitted"


def test_of_a_purpose_that_asks_nobody_only_an_objection_counts(cast: Cast, program: Make) -> None:
    leaks = Purpose.objects.select_related("entity").get(
        name__startswith="Detect leaks", entity=cast.software
    )
    signal = leaks.signals.values_list("code", flat=True).first() or "any"
    agent = program("decisions", "explain", purposes=[leaks])
    where = ONE.format("N-1002", leaks.number, signal)
    said = agent.ask("get", where).json()
    assert (said["allowed"], said["ground"]) == (True, "other")
    objections.object_to(leaks, by=cast.bela)
    said = agent.ask("get", where).json()
    assert (said["allowed"], said["code"]) == (False, "not_permitted") and "detail" not in said
    assert agent.ask("get", ONE.format("N-1001", leaks.number, signal)).json()["allowed"] is True


def test_nothing_is_allowed_while_the_purpose_is_paused(cast: Cast, program: Make) -> None:
    from governance.purposes import lifecycle

    make.consent(cast.asha, cast.purpose, "ui_event")
    agent = program("decisions", "explain")
    assert agent.ask("get", one(cast)).json()["allowed"] is True
    lifecycle.pause(cast.purpose, by=cast.dev, because="Checking.")
    assert agent.ask("get", one(cast)).json() | {"at": ""} == {
        "person": "N-1001", "signal": "ui_event", "allowed": False, "code": "purpose_not_active", "purpose": cast.purpose.number, "at": "",
        "ground": "consent", "detail": str(explaining.of("purpose_not_active").sentence),
    }  # fmt: skip


def test_a_thousand_people_cost_no_more_queries_than_one(cast: Cast, program: Make) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    agent = program("decisions", "explain")
    agent.ask("get", one(cast))  # the day's first use is written down once

    def queries(people: list[str], signals: list[str]) -> tuple[int, Any]:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            answer = agent.ask(
                "post",
                "/api/v1/decisions",
                {"purpose": cast.purpose.number, "people": people, "signals": signals},
            )
        assert answer.status_code == 200, answer.content
        return len(caught), answer.json()

    few, _said = queries(["N-1001"], ["ui_event"])
    many, said = queries(
        ["N-1001"] + [f"N-{5000 + i}" for i in range(999)], ["ui_event", "app_usage", "keystrokes", "mouse"]
    )
    assert many == few <= 4
    assert len(said["decisions"]) == 4000 and sum(d["allowed"] for d in said["decisions"]) == 1
    assert said["decisions"][0]["person"] == "N-1001" and said["decisions"][3]["signal"] == "mouse"


def test_a_person_can_be_named_by_id_too(cast: Cast, program: Make) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    assert program("decisions").ask("get", one(cast, str(cast.asha.pk))).json()["allowed"] is True


def test_a_reliance_is_kept_with_the_event_it_relied_on(cast: Cast, program: Make) -> None:
    receipt = make.consent(cast.asha, cast.purpose, "ui_event")
    agent = program("decisions")
    agent.ask("get", one(cast))
    assert not Entry.objects.filter(code="consent.relied_on").exists()
    agent.ask("get", one(cast) + "&rely=true")
    entry = Entry.objects.get(code="consent.relied_on")
    assert entry.facts["events"] == [str(receipt.events[0])] and entry.facts["client"] == str(agent.client.pk)
    agent.ask("get", one(cast, "N-1002") + "&rely=true")  # nothing to rely on
    assert Entry.objects.filter(code="consent.relied_on").count() == 1


def test_a_clock_that_runs_far_ahead_is_told_so_and_one_that_is_a_little_off_is_answered(
    cast: Cast, program: Make
) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    agent = program()
    for minutes, status in ((-60 * 24 * 400, 200), (4, 200), (6, 422)):
        moment = (clock.now() + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
        answer = agent.ask("get", f"{one(cast)}&moment={moment}")
        assert answer.status_code == status, answer.content
    assert answer.json()["code"] == "moment_ahead" and moment[:16] not in answer.content.decode()


def test_it_works_with_no_more_than_the_rights_of_the_web(cast: Cast, program: Make) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    agent = program()
    with as_login("web"):
        assert agent.ask("get", one(cast) + "&rely=true").status_code == 200


STRANGE = [
    ("get", "/api/v1/decisions", None, 422, "wrong_shape"),
    ("get", "/api/v1/decisions?person=N-1001&purpose=P-9999&signal=ui_event", None, 404, "no_such_purpose"),
    ("get", "/api/v1/decisions?person=N-1001&purpose=P-0001&signal=UI%20EVENT", None, 422, "wrong_shape"),
    ("get", "/api/v1/decisions?person=a%00b&purpose=P-0001&signal=ui_event", None, 422, "wrong_shape"),
    (
        "get",
        "/api/v1/decisions?person=N-1&purpose=P-0001&signal=ui_event&moment=yesterday",
        None,
        422,
        "wrong_shape",
    ),
    (
        "get",
        "/api/v1/decisions?person=N-1&purpose=P-0001&signal=ui_event&moment=2026-01-01T00:00:00",
        None,
        422,
        "wrong_shape",
    ),
    (
        "post",
        "/api/v1/decisions",
        {"purpose": "P-0001", "people": [], "signals": ["ui_event"]},
        422,
        "wrong_shape",
    ),
    (
        "post",
        "/api/v1/decisions",
        {"purpose": "P-0001", "people": ["x"] * 1001, "signals": ["ui_event"]},
        422,
        "wrong_shape",
    ),
    (
        "post",
        "/api/v1/decisions",
        {"purpose": "P-0001", "people": ["x"], "signals": ["a"], "Priyanka-9876": 1},
        422,
        "wrong_shape",
    ),
    ("post", "/api/v1/decisions", [1], 422, "wrong_shape"),
    ("get", "/api/v1/events?after=-1", None, 422, "wrong_shape"),
    ("get", "/api/v1/events?after=99999999999999999999999", None, 422, "wrong_shape"),
    ("get", "/api/v1/events?limit=7e21", None, 422, "wrong_shape"),
    ("get", "/api/v1/purposes/P-9999/notice", None, 404, "no_such_purpose"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), STRANGE)
def test_strange_questions_hear_a_stable_code_and_no_value(
    cast: Cast, program: Make, method: str, path: str, body: Any, status: int, code: str
) -> None:
    answer = program().ask(method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer["Content-Type"] == "application/problem+json" and answer["Cache-Control"] == "no-store"
    assert (
        b"Priyanka" not in answer.content
        and b"UI EVENT" not in answer.content
        and b"yesterday" not in answer.content
    )


def test_what_is_wrong_is_named_by_its_place_in_our_document(cast: Cast, program: Make) -> None:
    one = program()
    wrong = one.ask("get", "/api/v1/decisions?person=N-1001&purpose=P-0001&signal=UI%20EVENT").json()[
        "errors"
    ]
    assert wrong == [{"at": "query.signal", "kind": "string_pattern_mismatch"}]
    missing = one.ask("get", "/api/v1/decisions?person=N-1001").json()["errors"]
    assert [row["at"] for row in missing] == ["query.purpose", "query.signal"]
    body = {"purpose": "P-0001", "people": ["x", ""], "signals": ["a"], "Priyanka": 1}
    told = one.ask("post", "/api/v1/decisions", body)
    assert {row["at"] for row in told.json()["errors"]} == {"body.people.1", "body"}
    assert b"Priyanka" not in told.content


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/nothing", 404, "no_such_address"), ("post", "/api/v2/decisions", 404, "no_such_address"),
        ("get", "/govstack/v1/nothing/", 404, "no_such_address"),
        ("delete", "/api/v1/decisions", 405, "method_not_allowed"), ("patch", "/govstack/v1/config/policies/", 405, "method_not_allowed"),
    ],
)  # fmt: skip
def test_a_wrong_address_or_method_is_a_problem_and_no_page(
    cast: Cast, program: Make, method: str, path: str, status: int, code: str
) -> None:
    answer = program().ask(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json" and not answer.cookies
    if status == 405:
        assert "GET" in answer["Allow"] and "GET" in answer.json()["detail"]


def test_what_nobody_foresaw_is_a_problem_too(
    cast: Cast, program: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from governance.interfaces import answers

    def breaks(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("Priyanka")

    one = program()
    monkeypatch.setattr(answers, "ask", breaks)
    client = Client(headers={"Authorization": f"Bearer {one.key}"}, raise_request_exception=False)
    answer = client.post(
        "/api/v1/decisions", {"purpose": "P-0001", "people": ["x"], "signals": ["a"]}, "application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (500, "broken")
    assert b"Priyanka" not in answer.content


def test_a_body_that_is_no_json_is_refused(cast: Cast, program: Make) -> None:
    key = program().key
    answer = Client(headers={"Authorization": f"Bearer {key}"}).post(
        "/api/v1/decisions", b"{\xff", "application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "not_json")


def test_each_door_asks_for_its_scope(cast: Cast, program: Make) -> None:
    nothing = program("register")
    for method, path, body in (
        ("get", one(cast), None),
        (
            "post",
            "/api/v1/decisions",
            {"purpose": cast.purpose.number, "people": ["N-1001"], "signals": ["ui_event"]},
        ),
        ("post", "/api/v1/withdrawals", {"person": "N-1001", "purpose": cast.purpose.number}),
        ("get", "/api/v1/events", None),
    ):
        answer = nothing.ask(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), path


def test_another_purpose_and_another_entity_are_not_found(cast: Cast, program: Make) -> None:
    agent = program("decisions")
    there = ONE.format("N-2001", cast.purpose_de.number, "ui_event")
    assert agent.ask("get", there).status_code == 404
    german = program("decisions", entity=cast.gmbh, purposes=[cast.purpose_de])
    assert german.ask("get", there).status_code == 200
    assert german.ask("get", one(cast)).status_code == 404


def test_without_a_key_with_an_old_one_or_with_another_systems_nobody_comes_in(
    cast: Cast, program: Make, client: Any
) -> None:
    agent = program("decisions")
    old = agent.key
    new = clients.renew_key(agent.client, by=cast.dev)
    for header in ("", "Bearer", f"Basic {new}", f"Bearer {old}", "Bearer smi_", f"Bearer {cast.keys[cast.programme.number]}", f"Bearer {new}x", "Bearer smi_" + "x" * 5000):  # fmt: skip
        answer = client.get(one(cast), headers={"Authorization": header})
        assert answer.status_code == 401 and answer["WWW-Authenticate"] == "Bearer", header
        assert answer.json()["code"] == "no_client"
    agent.key = new
    assert agent.ask("get", one(cast)).status_code == 200
    clients.end(agent.client, by=cast.dev)
    assert agent.ask("get", one(cast)).status_code == 401
    assert Entry.objects.filter(code__in=("client.let_in", "client.key_renewed", "client.ended")).count() == 3


def test_a_session_of_a_person_opens_no_door_for_machines(cast: Cast, client: Any) -> None:
    client.force_login(cast.dev, "governance.people.signin.PersonBackend")
    assert client.get(one(cast)).status_code == 401


def test_a_program_that_asks_too_often_waits(cast: Cast, program: Make) -> None:
    agent = program("decisions", per_minute=2)
    statuses = [agent.ask("get", one(cast)) for _ in range(4)]
    late = [answer for answer in statuses if answer.status_code == 429]
    assert late and late[0].json()["code"] == "too_many_requests" and 0 < int(late[0]["Retry-After"]) <= 60


def test_the_document_is_open_and_names_every_door(client: Any) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    gate = {"/batches", "/policy", "/badge", "/wiped", "/clips", "/clips/{clip}/chunks/{number}"}
    assert {path.removeprefix("/api/v1") for path in document["paths"]} == gate | {
        "/decisions", "/consents", "/withdrawals", "/events", "/receipts/{number}", "/purposes/{number}/notice",
        "/token",
    }  # fmt: skip
    for name, path in document["paths"].items():
        for door in path.values() if name.removeprefix("/api/v1") not in gate | {"/token"} else ():
            assert {"401", "403", "422", "429"} <= set(door["responses"])
