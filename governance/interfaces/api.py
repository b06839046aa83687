"""The portal's own API for other systems, under /api/v1; the document is at /api/v1/openapi.json."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe
from ninja import Header, NinjaAPI, Query, Status

from governance.audit import log
from governance.consents.models import ConsentEvent, Receipt
from governance.interfaces import answers, gate_document, happenings, once, passing_on, tokens
from governance.interfaces.callers import Problem
from governance.interfaces.doors import PROBLEM, ByKey, answer_problems, as_machines, caller_of
from governance.interfaces.rules import SCOPES
from governance.interfaces.shapes import (
    Decisions,
    Ending,
    Events,
    Language,
    OneDecision,
    OneQuestion,
    Questions,
    Signed,
    Words,
    Written,
    Wrong,
    Yes,
)
from governance.lib.access import public
from governance.purposes.models import Notice
from governance.retention import reads

MOST_EVENTS = 500
PYTHON_CLIENT = Path(__file__).with_name("client") / "__init__.py"

api = NinjaAPI(
    title="Sammati",
    version="1",
    description="Whether a signal of a person may be taken, and what people said. Keys are given by the DPO's office. Scopes: "
    + ", ".join(SCOPES),
    auth=ByKey(),
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
)
answer_problems(api)
READ: Any = {400: Wrong, 401: Wrong, 403: Wrong, 404: Wrong, 422: Wrong, 429: Wrong, 503: Wrong}
WRITE: Any = READ | {409: Wrong}


def _json(body: object) -> HttpResponse:
    answer = HttpResponse(msgspec.json.encode(body), content_type="application/json; charset=utf-8")
    answer["Cache-Control"] = "no-store"  # an answer is of its moment
    return answer


@api.get("/decisions", response={200: OneDecision} | READ, exclude_none=True, summary="May it be taken?")
def decision(request: HttpRequest, question: Query[OneQuestion]) -> Any:
    """Yes or no, as the gate would say now. Who is not known is answered no, and so is every other no: not_permitted.

    Of a purpose that does not rest on consent (`ground: other`): allowed, unless the person's objection is open or upheld.
    """
    caller = caller_of(request)
    caller.needs("decisions")
    asked, found = answers.ask(
        question.purpose, [question.person], [question.signal], caller=caller, application=question.application,
        moment=question.moment, rely=question.rely,
    )  # fmt: skip
    return _json(answers.told(asked, found[0], explain=caller.may("explain")))


@api.post(
    "/decisions",
    response={200: Decisions} | READ,
    exclude_none=True,
    summary="The same for up to 1,000 people",
)
def decisions(request: HttpRequest, questions: Questions) -> Any:
    """One answer for every person and signal, in the order in which they were asked."""
    caller = caller_of(request)
    caller.needs("decisions")
    people, signals = list(dict.fromkeys(questions.people)), list(dict.fromkeys(questions.signals))
    asked, found = answers.ask(
        questions.purpose, people, signals, caller=caller, application=questions.application, moment=questions.moment,
        rely=questions.rely,
    )  # fmt: skip
    explain = caller.may("explain")
    return _json(
        {"purpose": asked.number, "ground": asked.ground, "at": asked.now, "decisions": [answers.said(one, explain) for one in found]}
    )  # fmt: skip


@api.get(
    "/purposes/{str:number}/notice", response={200: Words} | READ, summary="The words to show before a yes"
)
def notice(request: HttpRequest, number: str, language: Language = "en") -> Any:
    """The published notice in this language, with the fingerprint that a consent has to name."""
    caller = caller_of(request)
    if not caller.may("consents.write"):
        caller.needs("register")
    purpose = passing_on.find_purpose(caller, number)
    published: Notice | None = purpose.published_notice()
    text = published.text_for(language) if published else None
    if published is None or text is None:
        raise Problem(404, "no_notice", passing_on._("There is no notice in this language that anybody could agree to."))  # fmt: skip
    return Words(
        purpose=purpose.number, name=purpose.name, state=purpose.state, signals=[s.code for s in purpose.signals.all()],
        notice_version=published.version, language=text.language, text_sha256=text.sha256, title=text.title, elements=text.elements,
    )  # fmt: skip


def _written(receipt: Receipt) -> dict[str, Any]:
    return passing_on.told(receipt, receipt.purpose.number)


@api.post("/consents", response={201: Written} | WRITE, summary="A person's yes, said at your program")
def consents(
    request: HttpRequest,
    response: HttpResponse,
    yes: Yes,
    idempotency_key: str = Header("", alias="Idempotency-Key"),
) -> Any:
    """Only the person may say it: name the notice, the language and the fingerprint of the words that they read."""
    caller = caller_of(request)
    caller.needs("consents.write")
    purpose, person = passing_on.find_purpose(caller, yes.purpose), passing_on.find_person(caller, yes.person)

    def write() -> dict[str, Any]:
        receipt = passing_on.give(
            caller, purpose, person, yes.signals, version=yes.notice_version, language=yes.language, text_sha256=yes.text_sha256
        )  # fmt: skip
        return _written(receipt)

    asked = {"do": "consent", **yes.model_dump(mode="json")}
    status, answer, before = once.once(caller, idempotency_key, asked, write)
    if before:
        response["Idempotency-Replayed"] = "true"
    return Status(status, answer)


@api.post(
    "/withdrawals", response={201: Written} | WRITE, summary="A person's withdrawal, said at your program"
)
def withdrawals(
    request: HttpRequest,
    response: HttpResponse,
    ending: Ending,
    idempotency_key: str = Header("", alias="Idempotency-Key"),
) -> Any:
    """In force at the answer; the erasure of what it allowed is ordered."""
    caller = caller_of(request)
    caller.needs("withdrawals.write")
    purpose, person = (
        passing_on.find_purpose(caller, ending.purpose),
        passing_on.find_person(caller, ending.person),
    )

    def write() -> dict[str, Any]:
        return _written(passing_on.withdraw(caller, purpose, person, ending.signal or ""))

    asked = {"do": "withdraw", **ending.model_dump(mode="json")}
    status, answer, before = once.once(caller, idempotency_key, asked, write)
    if before:
        response["Idempotency-Replayed"] = "true"
    return Status(status, answer)


@api.get(
    "/receipts/{str:number}",
    response={200: Signed} | READ,
    summary="The signed receipt of what you passed on",
)
def receipt(request: HttpRequest, number: str) -> Any:
    """For the program that passed the word on, and no other: the signature within a minute, the log's proof with it."""
    caller = caller_of(request)
    if not caller.may("withdrawals.write"):
        caller.needs("consents.write")
    row = Receipt.objects.filter(number=number, purpose__in=caller.purposes).select_related("purpose").first()
    here = passing_on.method(caller)
    if row is None or not ConsentEvent.objects.filter(pk__in=row.events, method=here).exists():
        raise Problem(
            404, "no_such_receipt", passing_on._("You passed on nothing that has a receipt of this number.")
        )
    proof = log.inclusion(row.entry_id)
    return {**_written(row), "jws": row.jws or None, "kid": row.kid or None, "proof": proof}


@api.get("/events", response={200: Events} | READ, summary="What happened since")
def events(
    request: HttpRequest, after: int = Query(0, ge=0, le=2**62), limit: int = Query(100, ge=1, le=MOST_EVENTS)
) -> Any:
    """In the order of the log, with ids only. Events appear once they are sealed, within a minute."""
    caller = caller_of(request)
    caller.needs("events")
    found, last = happenings.after(after, limit)
    mine = [one for one in found if one.concerns(caller.entity_id, caller.purposes)]
    numbers = happenings.numbers_of(mine)
    reads.note_program(
        {one.person for one in mine if one.person}, client=caller.id, entity=caller.entity_id, how="events"
    )
    more = bool(happenings.Leaf.objects.filter(position__gt=last).exists())
    return {"events": [one.body(numbers) for one in mine], "next": last, "more": more}


_TOKEN, _NO = (
    {"access_token": "string", "token_type": "string", "scope": "string"},
    {"error": "string", "error_description": "string"},
)
TOKEN_DOOR: dict[str, Any] = {
    "/api/v1/token": {
        "post": {
            "operationId": "token", "summary": "A key becomes a token of ten minutes (OAuth 2.0 client credentials)", "security": [],
            "requestBody": {
                "required": True,
                "content": {
                    "application/x-www-form-urlencoded": {
                        "schema": {
                            "type": "object", "required": ["grant_type"],
                            "properties": {name: {"type": "string"} for name in ("grant_type", "client_id", "client_secret", "scope")},
                        }
                    }
                },
            },
            "responses": {
                status: {
                    "description": what,
                    "content": {
                        "application/json": {
                            "schema": {"type": "object", "properties": {name: {"type": kind} for name, kind in part.items()}, "required": list(part)}
                        }
                    },
                }
                for status, what, part in (
                    ("200", "A token", _TOKEN), ("400", "Another grant or scope", _NO), ("401", "Nobody's id and key", _NO),
                    ("429", "Too many requests", _NO),
                )
            },
        }
    }
}  # fmt: skip


@cache
def described() -> dict[str, Any]:
    """The OpenAPI document; what is refused is problem+json, which the library cannot say by itself."""
    said = dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    for path_item in said["paths"].values():
        for door in path_item.values():
            for status, answer in door["responses"].items():
                if int(status) >= 400 and "application/json" in answer.get("content", {}):
                    answer["content"] = {PROBLEM: answer["content"]["application/json"]}
    said["paths"] = said["paths"] | gate_document.paths()
    said["paths"] |= TOKEN_DOOR
    known = said["components"]
    known["securitySchemes"]["ClientCredentials"] = {
        "type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/api/v1/token", "scopes": {code: str(SCOPES[code]) for code in SCOPES}}},
    }  # fmt: skip
    for kind, found in gate_document.components().items():
        known[kind] = {**known.get(kind, {}), **found}
    return said


@public
@require_safe
def document(request: HttpRequest) -> JsonResponse:
    """How this API is asked: no data, so anybody may read it."""
    return JsonResponse(described())


@public
@require_safe
def python_client(request: HttpRequest) -> HttpResponse:
    """The client in one file, to copy into a program: a file of our source."""
    answer = HttpResponse(PYTHON_CLIENT.read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="sammati_client.py"'
    return answer


def doors() -> list[Any]:
    patterns, _app, _space = api.urls
    ours = as_machines([pattern for pattern in patterns if pattern.name != "api-root"])
    return [
        *ours,
        path("token", tokens.token, name="token"),
        path("openapi.json", document, name="openapi-json"),
        path("client.py", python_client, name="python-client"),
    ]
