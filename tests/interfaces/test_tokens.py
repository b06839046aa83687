"""A program that speaks OAuth only: its key becomes a token of ten minutes, which does no more than the key may."""

import base64
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from governance.interfaces import callers, clients, tokens
from governance.interfaces.callers import TOKEN
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.interfaces.conftest import Make, Program
from tests.interfaces.test_decisions import one

DOOR = "/api/v1/token"
GRANT = {"grant_type": "client_credentials"}


def credentials(agent: Program) -> dict[str, str]:
    return {"client_id": str(agent.client.pk), "client_secret": agent.key}


def fetch(agent: Program, **more: str) -> str:
    answer = Client().post(DOOR, GRANT | credentials(agent) | more)
    assert answer.status_code == 200, answer.content
    token: str = answer.json()["access_token"]
    return token


def ask(token: str, path: str) -> Any:
    return Client(headers={"Authorization": f"Bearer {token}"}).get(path)


def test_a_key_becomes_a_token_that_opens_both_interfaces(cast: Cast, program: Make) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    agent = program("decisions", "register")
    packed = base64.b64encode(f"{agent.client.pk}:{agent.key}".encode()).decode()
    with as_login("web"):
        answer = Client(headers={"Authorization": f"Basic {packed}"}).post(DOOR, GRANT)
        said = answer.json()
        assert (answer.status_code, said["token_type"], said["expires_in"]) == (200, "Bearer", 600)
        assert said["scope"] == "decisions register" and answer["Cache-Control"] == "no-store"
        assert ask(said["access_token"], one(cast)).json()["allowed"] is True
        assert ask(fetch(agent), "/govstack/v1/config/data-agreements/").status_code == 200
    assert agent.key not in said["access_token"]


def test_it_does_less_where_less_is_asked_and_never_more(cast: Cast, program: Make) -> None:
    agent = program("decisions", "register")
    narrow = fetch(agent, scope="register")
    assert ask(narrow, "/govstack/v1/config/data-agreements/").status_code == 200
    assert ask(narrow, one(cast)).json()["code"] == "scope_missing"
    answer = Client().post(DOOR, GRANT | credentials(agent) | {"scope": "register records"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    whole = fetch(agent)
    type(agent.client).objects.filter(pk=agent.client.pk).update(
        scopes=["register"]
    )  # as its page would narrow it
    assert ask(whole, one(cast)).status_code == 403


def test_it_ends_with_its_time_with_the_key_and_with_the_program(
    cast: Cast, program: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = program("decisions")
    first = fetch(agent)
    assert ask(first, one(cast)).status_code == 200
    agent.key = clients.renew_key(agent.client, by=cast.dev)
    assert ask(first, one(cast)).status_code == 401
    second = fetch(agent)
    clients.end(agent.client, by=cast.dev)
    assert ask(second, one(cast)).status_code == 401
    third = fetch(program("decisions"))
    monkeypatch.setattr(tokens, "LASTS", -1)
    assert ask(third, one(cast)).status_code == 401


def test_forged_ones_and_wrong_credentials_open_nothing(cast: Cast, program: Make) -> None:
    agent, other = program("decisions"), program("decisions")
    good = fetch(agent)
    forged = signing.dumps({"c": agent.client.pk.hex, "k": "0" * 16, "s": ["decisions"]}, salt="another")
    for bad in (
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        TOKEN + forged,
        TOKEN,
        TOKEN + "x" * 5000,
        good.removeprefix(TOKEN),
    ):
        assert ask(bad, one(cast)).status_code == 401
    for wrong in (
        {}, credentials(agent) | {"client_secret": other.key}, credentials(agent) | {"client_id": "x"}, credentials(agent) | {"client_secret": good},
    ):  # fmt: skip
        answer = Client().post(DOOR, GRANT | wrong)
        assert (answer.status_code, answer.json()["error"]) == (
            401,
            "invalid_client",
        ) and "WWW-Authenticate" in answer
    assert Client(headers={"Authorization": "Basic ?"}).post(DOOR, GRANT).status_code == 401
    answer = Client().post(DOOR, credentials(agent) | {"grant_type": "password"})
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    assert Client().get(DOOR).status_code == 405


def test_who_asks_for_tokens_too_often_waits(cast: Cast, program: Make) -> None:
    agent = program("decisions", per_minute=2)
    assert fetch(agent) and fetch(agent)
    answers = [
        Client().post(DOOR, GRANT | credentials(agent)) for _ in range(6)
    ]  # a new minute may begin meanwhile
    late = [answer for answer in answers if answer.status_code == 429]
    assert late and all(int(answer["Retry-After"]) > 0 for answer in late)


def test_processes_that_count_for_themselves_let_in_no_more_than_a_fiftieth_each(
    cast: Cast, program: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers.time, "time", lambda: 1_800_000_030.0)  # all in one minute
    row = program("decisions", per_minute=200).client
    caller = callers.by_mark(row.pk, row.key_sha256[: callers.MARK])
    assert caller is not None
    processes: list[dict[Any, Any]] = [{}, {}]
    let_in = 0
    for n in range(300):
        monkeypatch.setattr(callers, "_turns", processes[n % 2])
        try:
            callers.take_turn(caller)
        except callers.Problem as problem:
            assert (problem.status, problem.wait) == (429, 30)
        else:
            let_in += 1
    assert 200 - 4 <= let_in <= 200 + 2 * 4
