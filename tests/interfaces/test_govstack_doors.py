"""The table of what works and what is refused says of every door what the door does."""

from typing import Any
from uuid import uuid4

import pytest

from governance.interfaces.govstack_api import api
from governance.interfaces.govstack_doors import DOORS, SHUT, Door
from tests.cast import Cast
from tests.interfaces.conftest import Make
from tests.interfaces.document import DOCUMENT, needs_the_document
from tests.visits import visit, words

HOME = "/govstack/v1"


def shape(path: str) -> str:
    """The path without the names of its places."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def address(door: Door) -> str:
    path = "/".join(str(uuid4()) if part.startswith("{") else part for part in door.path.split("/"))
    return HOME + path + ("?individualId=x&dataAgreementId=x" if "record" in path else "")


def test_every_door_that_is_there_stands_in_the_table_once() -> None:
    real = {
        (method, shape(path))
        for _prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }
    told = [(door.method, shape(door.path)) for door in DOORS]
    assert sorted(told) == sorted(real) and len(set(told)) == len(told)


@needs_the_document
def test_the_table_has_the_document_s_doors_by_their_names() -> None:
    document = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert {(door.method, shape(door.path)) for door in DOORS} == {
        (method, shape(path)) for method, path in document
    }


def body(door: Door) -> Any:
    if door.method not in ("POST", "PUT"):
        return None
    if "webhook" in door.path:
        return {"webhook": {"payloadUrl": "https://hooks.example/x"}}
    if door.path.startswith("/config/data-agreement"):
        return {"dataAgreement": {"purpose": "Lend tools", "lawfulBasis": "contract"}}
    if "/individual/" in door.path and "record" not in door.path:
        return {"individual": {"externalId": "N-1001"}}
    return {"consentRecord": {"optIn": False}}


def test_a_shut_door_answers_its_code_to_whoever_may_do_everything(cast: Cast, program: Make) -> None:
    agent = program()
    for door in (door for door in DOORS if door.shut):
        answer = agent.ask(door.method.lower(), address(door), body(door))
        assert (answer.status_code, answer.json()["code"]) == (400, door.shut), door
    assert {door.shut for door in DOORS if door.shut} == set(SHUT)


@pytest.mark.parametrize(
    "scope",
    ["register", "individuals", "consents.write", "withdrawals.write", "records", "webhooks", "drafts.write"],
)
def test_a_key_opens_the_doors_of_its_scope_and_no_other(cast: Cast, program: Make, scope: str) -> None:
    agent = program(*({scope} | ({"events"} if scope == "webhooks" else set())))
    for door in (door for door in DOORS if not door.shut):
        answer = agent.ask(door.method.lower(), address(door), body(door))
        if scope in door.scopes and not (
            door.method == "PUT" and scope == "consents.write"
        ):  # optIn false narrows
            assert answer.status_code != 403, (door, answer.content)
        elif scope not in door.scopes:
            assert answer.status_code == 403, (door, answer.content)


def test_the_page_shows_both_halves_to_those_who_connect_programs(cast: Cast) -> None:
    with visit(cast.dev) as client:
        page = words(client.get("/api-clients/govstack/"))
        shut = sum(bool(door.shut) for door in DOORS)
        assert f"{len(DOORS) - shut} of its {len(DOORS)} doors work" in page
        assert (
            "/govstack/v1/audit/consent-records/" in page
            and "written_in_portal: A policy is the notice that people are shown" in page
        )
        assert "GovStack consent API" in words(client.get("/api-clients/"))
    for stranger in (cast.asha, cast.ira, cast.meera):
        with visit(stranger) as client:
            assert client.get("/api-clients/govstack/").status_code == 403
