"""What both APIs share: authenticating, turns, problem+json, and doors that the house knows as machines'."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import msgspec
import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from governance.interfaces import callers, tokens
from governance.interfaces.callers import Caller, Problem
from governance.lib.access import machine
from governance.lib.refusals import Refused

log = structlog.get_logger(__name__)
ENCODE = msgspec.json.Encoder().encode
PROBLEM = "application/problem+json"


class ByKey(HttpBearer):
    """ninja asks this before it reads anything else; None answers 401."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        caller = tokens.known(token) if token.startswith(callers.TOKEN) else callers.known(token)
        if caller is not None:
            callers.take_turn(caller)
        return caller


def caller_of(request: Any) -> Caller:
    caller: Caller = request.auth
    return caller


def problem(status: int, code: str, detail: str, **more: Any) -> HttpResponse:
    """RFC 9457, with our stable `code` beside the sentence. Never repeats a value that was sent."""
    body = {
        "type": "about:blank",
        "title": _title(status),
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }
    answer = HttpResponse(ENCODE(body), content_type=PROBLEM, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _title(status: int) -> str:
    return {
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
        413: "Content Too Large", 422: "Unprocessable Content", 429: "Too Many Requests", 503: "Service Unavailable",
    }.get(status, "Error")  # fmt: skip


def answer_problems(api: NinjaAPI, *, folded: bool = False) -> None:
    """Every refusal as problem+json. `folded`: what is no matter of keys answers 400, as the GovStack document has it."""

    def status_of(status: int) -> int:
        return 400 if folded and status in (404, 409, 422) else status

    @api.exception_handler(Problem)
    def refused_with_status(request: HttpRequest, error: Problem) -> HttpResponse:
        answer = problem(status_of(error.status), error.code, error.sentence)
        if error.wait:
            answer["Retry-After"] = str(error.wait)
        return answer

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, error: Refused) -> HttpResponse:
        return problem(status_of(409), error.code, error.sentence)

    @api.exception_handler(AuthenticationError)
    def nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        answer = problem(401, "no_client", _("Send a key that we know: Authorization: Bearer smi_…"))
        answer["WWW-Authenticate"] = "Bearer"
        return answer

    @api.exception_handler(ValidationError)
    def wrong_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
        # Places and kinds only: the library's own message repeats what was sent.
        wrong = [
            {"at": ".".join(str(step) for step in _place(row) if _is_ours(step)), "kind": row["type"]}
            for row in error.errors[:20]
        ]
        return problem(
            status_of(422), "wrong_shape", _("The request does not have the documented shape."), errors=wrong
        )

    @api.exception_handler(HttpError)
    def not_readable(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, "not_json", _("The body is no JSON that we can read."))

    @api.exception_handler(OperationalError)
    def busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
        log.warning("interfaces.busy", exc_info=error)
        answer = problem(503, "busy", _("Too much is going on at once. Try again in a moment."))
        answer["Retry-After"] = "2"
        return answer


def _place(row: dict[str, Any]) -> list[Any]:
    """Where it is wrong, as our document names it: ["query", "purpose"], ["body", "signals", 0]."""
    where, *steps = row["loc"]
    if where == "body":
        steps = steps[1:]  # what our own function calls the body
    if row["type"] == "extra_forbidden":
        steps = steps[:-1]  # a name that the client made up
    return [where, *steps]


def _is_ours(step: Any) -> bool:
    """A name of our documents or a place in a list; what a client put in as a name of its own is not repeated."""
    return isinstance(step, int) or (isinstance(step, str) and step.isidentifier() and len(step) <= 40)


def as_machines(patterns: list[URLPattern]) -> list[URLPattern]:
    """The doors of an API, marked as the house wants every view marked; another method than theirs hears a problem too."""
    for pattern in patterns:
        pattern.callback = machine(_by_its_methods(pattern.callback))
    return patterns


def _by_its_methods(door: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(door)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = door(request, *args, **kwargs)
        if answer.status_code != 405:
            return answer
        by = answer.headers.get("Allow", "")
        refused = problem(
            405, "method_not_allowed", _("This address answers only to %(methods)s.") % {"methods": by}
        )
        refused["Allow"] = by
        return refused

    return opened
