"""SCIM 2.0 (RFC 7643, 7644), as far as a directory needs it to say that somebody has left; under /scim/v2.

A directory (Entra ID, Okta, …) looks for one person by number or address and sets `active` to false, or deletes the
user. Nothing else is taken over: people come, and come back, by the staff list with its preview. Names and addresses
are not handed out; `userName` repeats what was asked for.
"""

import re
from typing import Any
from uuid import UUID

import msgspec
from django.db import OperationalError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError

from governance.interfaces.callers import Caller, Problem
from governance.interfaces.doors import ENCODE, ByKey, as_machines, caller_of
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people import leaving
from governance.people.models import Employment, Entity, Person

CORE = "urn:ietf:params:scim:schemas:core:2.0:"
MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
ONE = re.compile(
    r'\s*(userName|externalId|id|emails(?:\[[^\]]*\])?\.value)\s+eq\s+"([^"\\]{1,254})"\s*', re.IGNORECASE
)
MOST = 100  # operations of one request

scim = NinjaAPI(
    title="SCIM", version="2", auth=ByKey(), urls_namespace="scim", docs_url=None, openapi_url=None
)


def said(body: Any, status: int = 200) -> HttpResponse:
    answer = HttpResponse(ENCODE(body), content_type="application/scim+json", status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def wrong(status: int, detail: str, kind: str = "") -> HttpResponse:
    """An error as RFC 7644 3.12 has it. Never repeats a value that was sent."""
    more = {"scimType": kind} if kind else {}
    return said({"schemas": [f"{MESSAGES}Error"], "status": str(status), "detail": detail, **more}, status)


@scim.exception_handler(Problem)
def refused_with_status(request: HttpRequest, error: Problem) -> HttpResponse:
    return wrong(error.status, str(error.sentence))


@scim.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return wrong(409, str(error.sentence))


@scim.exception_handler(AuthenticationError)
def nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    answer = wrong(401, _("Send a key that we know: Authorization: Bearer smi_…"))
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@scim.exception_handler(OperationalError)
def busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
    answer = wrong(503, _("Too much is going on at once. Try again in a moment."))
    answer["Retry-After"] = "2"
    return answer


def _caller(request: HttpRequest) -> Caller:
    caller = caller_of(request)
    caller.needs("leavers")
    return caller


def _here(caller: Caller) -> QuerySet[Person]:
    """Who works, or has worked, at the client's entity."""
    jobs = Employment.objects.filter(entity_id=caller.entity_id)
    return Person.objects.filter(pk__in=jobs.values("person"), forgotten_at__isnull=True)


def _found(caller: Caller, pk: str) -> Person:
    try:
        person = _here(caller).filter(pk=UUID(pk)).first()
    except ValueError:
        person = None
    if person is None:
        raise Problem(404, "no_such_person", _("Nobody of this id works at this entity."))
    return person


def _user(request: HttpRequest, caller: Caller, person: Person, asked: str = "") -> dict[str, Any]:
    today = _today(caller)
    working = Q(ends_on__isnull=True) | Q(ends_on__gt=today)
    active = Employment.objects.filter(working, person=person, entity_id=caller.entity_id).exists()
    return {
        "schemas": [f"{CORE}User"], "id": str(person.pk), "externalId": person.number, "userName": asked or person.number, "active": active,
        "meta": {"resourceType": "User", "location": request.build_absolute_uri(f"/scim/v2/Users/{person.pk}")},
    }  # fmt: skip


def _today(caller: Caller) -> Any:
    return clock.law_date(Entity.objects.values_list("timezone", flat=True).get(pk=caller.entity_id))


def _left(request: HttpRequest, caller: Caller, person: Person) -> HttpResponse:
    leaving.end(person, caller.entity_id, on=_today(caller), told_by=caller.id)
    return said(_user(request, caller, person))


def _unchanged(request: HttpRequest, caller: Caller, person: Person, wants_active: bool) -> HttpResponse:
    """What else a directory says of somebody is taken over by nobody; only that somebody is back has to be refused aloud."""
    user = _user(request, caller, person)
    if wants_active and not user["active"]:
        return wrong(400, _("Who has come back is brought in by the staff list."), "mutability")
    return said(user)


@scim.get("/ServiceProviderConfig")
def config(request: HttpRequest) -> HttpResponse:
    _caller(request)
    no: dict[str, Any] = {"supported": False}
    return said({
        "schemas": [f"{CORE}ServiceProviderConfig"], "patch": {"supported": True}, "bulk": {**no, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": 1}, "changePassword": no, "sort": no, "etag": no,
        "authenticationSchemes": [{"type": "oauthbearertoken", "name": "Bearer", "description": "smi_…"}],
    })  # fmt: skip


@scim.get("/ResourceTypes")
def types(request: HttpRequest) -> HttpResponse:
    _caller(request)
    user = {"schemas": [f"{CORE}ResourceType"], "id": "User", "name": "User", "endpoint": "/Users", "schema": f"{CORE}User"}  # fmt: skip
    return said(_listed([user]))


@scim.get("/Schemas")
def schemas(request: HttpRequest) -> HttpResponse:
    _caller(request)
    one = {
        "multiValued": False,
        "required": False,
        "caseExact": True,
        "returned": "default",
        "uniqueness": "none",
    }
    attributes = [
        {**one, "name": "userName", "type": "string", "mutability": "readOnly", "required": True},
        {**one, "name": "externalId", "type": "string", "mutability": "readOnly"},
        {**one, "name": "active", "type": "boolean", "mutability": "readWrite"},
    ]  # fmt: skip
    return said(
        _listed(
            [{"schemas": [f"{CORE}Schema"], "id": f"{CORE}User", "name": "User", "attributes": attributes}]
        )
    )


def _listed(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schemas": [f"{MESSAGES}ListResponse"], "totalResults": len(found), "startIndex": 1, "itemsPerPage": len(found), "Resources": found,
    }  # fmt: skip


@scim.get("/Users")
def users(request: HttpRequest, filter: str = "") -> HttpResponse:
    """One person by number, address or id. Everybody is listed to nobody."""
    caller, asked = _caller(request), ONE.fullmatch(filter)
    if asked is None:
        detail = _('Ask for one person: filter=userName eq "…" or externalId eq "…".')
        return wrong(400, detail, "invalidFilter")
    by, value = asked[1].lower(), asked[2]
    which = Q(number=value)
    if by == "id":
        try:
            which = Q(pk=UUID(value))
        except ValueError:
            return said(_listed([]))
    elif by != "externalid":
        which |= Q(email__iexact=value)
    echo = value if by == "username" else ""
    return said(_listed([_user(request, caller, person, echo) for person in _here(caller).filter(which)[:1]]))


@scim.post("/Users")
def come(request: HttpRequest) -> HttpResponse:
    _caller(request)
    return wrong(501, _("People come by the staff list. This door hears who has left."))


@scim.get("/Users/{str:pk}")
def user(request: HttpRequest, pk: str) -> HttpResponse:
    caller = _caller(request)
    return said(_user(request, caller, _found(caller, pk)))


@scim.patch("/Users/{str:pk}")
def change(request: HttpRequest, pk: str) -> HttpResponse:
    """`active` false, as RFC 7644 has it and as directories write it: with or without a path, as a word or a boolean."""
    caller = _caller(request)
    person, body = _found(caller, pk), _read(request)
    operations = body.get("Operations")
    if not isinstance(operations, list) or not 0 < len(operations) <= MOST:
        return wrong(400, _("The request does not have the documented shape."), "invalidSyntax")
    wanted = [found for one in operations if (found := _active_in(one)) is not None]
    if wanted and wanted[-1] is False:
        return _left(request, caller, person)
    return _unchanged(request, caller, person, bool(wanted))


@scim.put("/Users/{str:pk}")
def replace(request: HttpRequest, pk: str) -> HttpResponse:
    caller = _caller(request)
    person, active = _found(caller, pk), _boolean(_read(request).get("active"))
    return (
        _left(request, caller, person)
        if active is False
        else _unchanged(request, caller, person, bool(active))
    )


@scim.delete("/Users/{str:pk}")
def delete(request: HttpRequest, pk: str) -> HttpResponse:
    """Who is deleted there has left here."""
    caller = _caller(request)
    _left(request, caller, _found(caller, pk))
    return HttpResponse(status=204)


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Problem(400, "not_json", _("The body is no JSON that we can read."))
    return body


def _active_in(operation: Any) -> bool | None:
    """What one operation makes of `active`; None: nothing."""
    if not isinstance(operation, dict) or str(operation.get("op", "")).lower() not in ("replace", "add"):
        return None
    path, value = operation.get("path"), operation.get("value")
    if path is None:
        return _boolean(value.get("active")) if isinstance(value, dict) else None
    return _boolean(value) if str(path).lower().removeprefix(f"{CORE}User:".lower()) == "active" else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def doors() -> list[Any]:
    patterns, _app, _space = scim.urls
    return as_machines([pattern for pattern in patterns if pattern.name != "api-root"])
