"""Every page refuses a nobody; every view carries its permission or stands on the short public list."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from governance.people.rules import OVER_OWN, OVER_THEIRS, PERMISSIONS
from tests.cast import Cast

# Adding a line here is a decision: say beside it what a stranger can do there.
PUBLIC = {
    "set_language": "chooses the language of this device",
    "pages:healthz": "hears ok or away",
    "pages:appearance": "chooses light or dark on this device",
    "consents:receipt_keys": "fetches the public keys by which a receipt is checked",
    "consents:receipt_checker": "takes the command that checks a receipt offline: a file of our source",
    "api:python-client": "takes the client for other programs: a file of our source",
    "api:openapi-json": "reads how the API is asked; no data",
    "reports:verify": "hands in a document to be checked, at a limited rate; nothing of it is kept",
    "reports:seals": "reads which certificates our documents are sealed with",
    "reports:manifests": "fetches the public keys by which the list in a ZIP of reports is checked",
    "reports:checker": "takes the command that checks a seal offline: a file of our source",
    "reports:seal": "takes one of these certificates",
    "kiosk:wait": "tries badge number and PIN, at a limited rate; after a right one these pages open for a minute",
    "kiosk:choices": "is sent back to the waiting screen, unless it is their minute",
    "kiosk:language": "chooses the language of this turn at the kiosk",
    "kiosk:withdraw": "is sent back to the waiting screen, unless it is their minute",
    "kiosk:say": "is sent back to the waiting screen, unless it is their minute",
    "kiosk:codes": "is sent back to the waiting screen, unless it is their minute",
    "kiosk:parts": "is sent back to the waiting screen, unless it is their minute",
    "kiosk:lift": "is sent back to the waiting screen, unless it is their minute",
    "kiosk:history": "is sent back to the waiting screen, unless it is their minute",
    "kiosk:requests": "is sent back to the waiting screen, unless it is their minute",
    "kiosk:news": "is sent back to the waiting screen, unless it is their minute",
    "kiosk:leave": "ends their minute",
    "account_login": "signs in, at a limited rate",
    "account_logout": "signs out; by POST only",
    "account_inactive": "reads that an account is closed",
    "account_signup": "reads that accounts are not made here",
    "account_reset_password": "asks for a link to the registered address, at a limited rate",
    "account_reset_password_done": "reads that the mailbox is the place to look",
    "account_reset_password_from_key": "chooses a password, with the link from the mailbox",
    "account_reset_password_from_key_done": "reads that the password is changed",
}
MACHINES = {
    "capture:batches",
    "capture:clips",
    "capture:chunk",
    "capture:policy",
    "capture:badge",
    "capture:wiped",
}
MACHINE_ROOMS = {
    "api",
    "govstack",
    "scim",
}  # every door of these is one for machines, but for the public ones
KNOWN = frozenset().union(*PERMISSIONS.values(), *OVER_THEIRS.values()) | OVER_OWN


def doors(patterns: Any = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str, Any]]:
    """(name with namespace, route, view) of every URL there is."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from doors(entry.url_patterns, prefix + str(entry.pattern), inner)
        elif isinstance(entry, URLPattern):
            yield f"{space}{entry.name}", prefix + str(entry.pattern), entry.callback


def address(route: str) -> str:
    """A URL of this route with ids that nothing has."""
    route = re.sub(r"<uuid:\w+>", str(uuid4()), route)
    route = re.sub(r"<int:\w+>", "999999999", route)
    route = re.sub(r"<(str|slug):\w+>", "pdf", route)
    route = re.sub(r"\^?password/reset/key/.*", "password/reset/key/1-abc/", route)
    return "/" + route.replace("^", "").replace("$", "")


ALL = sorted(doors())
CLOSED = [door for door in ALL if door[0] not in PUBLIC]
MACHINES |= {door[0] for door in CLOSED if door[0].split(":")[0] in MACHINE_ROOMS}


def test_there_are_doors() -> None:
    assert len(ALL) > 50 and len({name for name, _route, _view in ALL}) == len(ALL)


@pytest.mark.parametrize(("name", "route", "view"), ALL, ids=[door[0] for door in ALL])
def test_every_view_carries_its_permission_or_stands_on_the_public_list(
    name: str, route: str, view: Any
) -> None:
    permission = getattr(view, "sammati_permission", None)
    assert permission is not None, f"{name} carries nothing: put @requires(…) on it"
    if name in PUBLIC:
        assert permission == ""
    elif name in MACHINES:
        assert permission == "machine"
    else:
        assert permission in KNOWN, f"{name} asks for {permission!r}, which no role has"


def test_the_public_list_has_no_line_too_many() -> None:
    assert {name for name, _route, view in ALL if getattr(view, "sammati_permission", None) == ""} == set(
        PUBLIC
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "route", "view"), CLOSED, ids=[door[0] for door in CLOSED])
def test_a_nobody_comes_in_nowhere(client: Client, name: str, route: str, view: Any) -> None:
    for method in ("get", "post", "put", "delete", "head"):
        answer = getattr(client, method)(address(route))
        if answer.status_code == 302:
            assert method in ("get", "head") and answer["Location"].startswith("/account/login/"), method
        else:
            assert answer.status_code in (401, 403, 405), method
        if method == "get" and name not in MACHINES:
            assert answer.status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_the_public_pages_answer_a_stranger(client: Client, name: str) -> None:
    route = next(route for door, route, _view in ALL if door == name)
    # A stranger who makes up the name of a thing hears that there is none; allauth says so on a page.
    assert client.get(address(route)).status_code in (
        (200, 302, 405) if "<" not in route else (200, 404, 405)
    )
    assert client.post(address(route)).status_code in (200, 302, 400, 405)


EVERYBODY = ["asha", "bela", "meera", "dev", "dara", "lata", "arun", "ira", "rupa", "omar", "emil", "nisha"]
WITH_ID = [door for door in CLOSED if "<" in door[1] and door[0] not in MACHINES]
WITHOUT_ID = [door for door in CLOSED if "<" not in door[1] and door[0] not in MACHINES]


@pytest.mark.parametrize("who", EVERYBODY)
def test_an_id_of_nothing_is_not_found_for_anybody(cast: Cast, client: Client, who: str) -> None:
    client.force_login(getattr(cast, who), "governance.people.signin.PersonBackend")
    for name, route, _view in WITH_ID:
        for method in ("get", "post"):
            answer = getattr(client, method)(address(route))
            assert answer.status_code in (403, 404, 405), f"{method} {name} answered {answer.status_code}"


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_opens_what_their_roles_allow_and_nothing_else(
    cast: Cast, client: Client, who: str
) -> None:
    person = getattr(cast, who)
    client.force_login(person, "governance.people.signin.PersonBackend")
    for name, route, view in WITHOUT_ID:
        answer = client.get(address(route))
        permission = view.sammati_permission
        allowed = permission in OVER_OWN or person.holds(permission)
        if allowed:
            assert answer.status_code in (200, 302, 405), f"{name} answered {answer.status_code}"
        else:
            assert answer.status_code == 403, f"{name} answered {answer.status_code}"


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_entry_of_the_menu_opens(cast: Cast, client: Client, who: str) -> None:
    client.force_login(getattr(cast, who), "governance.people.signin.PersonBackend")
    page = client.get("/")
    assert page.status_code == 200
    for item in page.context["menu"]():
        assert client.get(item["url"]).status_code == 200, item["url"]
