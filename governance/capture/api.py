"""The gate's door for machines: parse, ask the gate, answer. A plain view: the hot path."""

import msgspec
import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from governance.capture import gate
from governance.capture.shapes import DECODE, MAX_BYTES, Batch
from governance.lib.access import machine

log = structlog.get_logger(__name__)
ENCODE = msgspec.json.Encoder().encode


def _answer(content: object, status: int) -> HttpResponse:
    response = HttpResponse(ENCODE(content), content_type="application/json", status=status)
    response["Cache-Control"] = "no-store"
    return response


def _refuse(refused: gate.BatchRefused) -> HttpResponse:
    response = _answer({"code": refused.code, "detail": refused.sentence}, refused.status)
    if refused.status == 503:
        response["Retry-After"] = "2"
    if refused.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def parse(body: bytes) -> Batch:
    """The batch, or BatchRefused: the decoder's own message is dropped, because it may repeat what it could not read."""
    try:
        body.decode()  # the decoder skips what it does not know without looking whether it is UTF-8
        batch = DECODE.decode(body)
    except msgspec.ValidationError as error:
        raise gate.BatchRefused(
            "too_large" if "length <= 1000" in str(error) and "events" in str(error) else "wrong_shape"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise gate.BatchRefused("not_json") from None
    if not batch.events:
        raise gate.BatchRefused("empty_batch")
    if "\0" in batch.device or any(
        "\0" in event.user for event in batch.events
    ):  # PostgreSQL's text has no NUL
        raise gate.BatchRefused("wrong_shape")
    return batch


@csrf_exempt
@machine
def batches(request: HttpRequest) -> HttpResponse:
    """POST a batch: 202 with counts and codes, or a 4xx with one stable code and a sentence. Never repeats a value."""
    try:
        if request.method != "POST":
            raise gate.BatchRefused("method_not_allowed")
        scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise gate.BatchRefused("no_client")
        client = gate.sender(key.strip())
        length = request.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BYTES:
            raise gate.BatchRefused("too_large")
        body = request.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise gate.BatchRefused("too_large")
        return _answer(gate.admit(parse(body), body, client=client), 202)
    except gate.BatchRefused as refused:
        return _refuse(refused)
    except OperationalError as error:
        log.warning("gate.busy", exc_info=error)
        return _refuse(gate.BatchRefused("busy"))
