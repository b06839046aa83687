"""The gate's door for machines: parse, ask the gate, answer. A plain view: the hot path."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from secrets import randbelow
from threading import BoundedSemaphore
from uuid import UUID

import msgspec
import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from governance.capture import alike, bindings, clips, gate, wiped, wire
from governance.capture import policy as policies
from governance.capture.shapes import MAX_BYTES, MAX_EVENTS
from governance.lib import early
from governance.lib.access import machine
from governance.lib.turns import Turns

log = structlog.get_logger(__name__)
AT_ONCE = BoundedSemaphore(
    16
)  # batches inside one process: what comes beyond them is sent away, not queued in memory
AT_WORK = Turns(2)  # more batches at once only take the interpreter from one another, and each takes longer
PATIENCE = 0.5  # seconds; then it is begun all the same: those before may wait for somebody's lock
ENCODE = msgspec.json.Encoder().encode
# Who is refused before their body is read is heard out all the same, so far and so long: a connection that is closed on
# somebody who still sends is reset, and they never read why (RFC 9112, 9.6).
HEAR_OUT = 128 * 1024 * 1024
HEAR_OUT_UNKNOWN = MAX_BYTES  # without a key
HEAR_OUT_SECONDS, HEAR_OUT_SECONDS_UNKNOWN = 20.0, 2.0
BITE = 256 * 1024


def _answer(content: object, status: int) -> HttpResponse:
    response = HttpResponse(ENCODE(content), content_type="application/json", status=status)
    response["Cache-Control"] = "no-store"
    return response


def _refuse(refused: gate.BatchRefused) -> HttpResponse:
    response = _answer({"code": refused.code, "detail": refused.sentence}, refused.status)
    if refused.status == 503:
        response["Retry-After"] = str(1 + randbelow(3))  # not all at once
    if refused.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def parse(body: bytes) -> alike.Arrived:
    """The batch, or BatchRefused: the decoder's own message is dropped, because it may repeat what it could not read."""
    try:
        batch = alike.read(body)
    except msgspec.ValidationError as error:
        raise gate.BatchRefused(
            "too_large"
            if f"length <= {MAX_EVENTS}" in str(error) and "events" in str(error)
            else "wrong_shape"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise gate.BatchRefused("not_json") from None
    if not batch.order:
        raise gate.BatchRefused("empty_batch")
    if "\0" in batch.device or any(
        "\0" in event.user for event in batch.alike
    ):  # PostgreSQL's text has no NUL
        raise gate.BatchRefused("wrong_shape")
    return batch


class Plain:
    """A request as the doors read it, without what Django makes of one for pages."""

    def __init__(self, environ: early.Environ) -> None:
        self._environ, self._input = environ, environ["wsgi.input"]
        self.method: str = environ["REQUEST_METHOD"]
        self.content_type = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()

    @property
    def headers(self) -> "Plain":
        return self

    def get(self, name: str, otherwise: str) -> str:
        """A header."""
        name = name.upper().replace("-", "_")
        found: str = self._environ.get(name if name == "CONTENT_LENGTH" else f"HTTP_{name}", otherwise)
        return found

    def read(self, size: int) -> bytes:
        """The body, up to so many bytes. It can be read again by whoever gets the request next."""
        body: bytes = self._input.read(size)
        self._environ["wsgi.input"] = BytesIO(body)
        return body

    def more(self, size: int) -> bytes:
        """What still comes, which nobody reads again."""
        body: bytes = self._input.read(size)
        return body


Door = HttpRequest | Plain


def _client(request: Door) -> gate.Sender:
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise gate.BatchRefused("no_client")
    return gate.sender(key.strip())


def _body(request: Door) -> bytes:
    length = request.headers.get("Content-Length", "")
    if not length.isdigit():
        raise gate.BatchRefused("no_length")
    if int(length) > MAX_BYTES:
        raise gate.BatchRefused("too_large")
    body = request.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise gate.BatchRefused("too_large")
    plain = wire.unpack(body, request.headers.get("Content-Encoding", ""))
    return wire.fold(plain) if request.content_type == "application/x-ndjson" else plain


@contextmanager
def _at_work() -> Iterator[None]:
    """Whoever is in nobody's way begins; the others stand in line and take no turns of the interpreter meanwhile."""
    begun = AT_WORK.take(PATIENCE)
    try:
        yield
    finally:
        if begun:
            AT_WORK.give()


@csrf_exempt
@machine
def batches(request: HttpRequest) -> HttpResponse:
    """POST a batch: 202 with counts, codes and the policy, or a 4xx with one stable code and a sentence.

    JSON, or NDJSON with a head line; plain, gzip or zstd; at most 2 MB packed and 2 MB unpacked, 5,000 events. Never
    repeats a value. 503 names in Retry-After when the same batch may come again.
    """
    return _taken(request)


def _taken(request: Door) -> HttpResponse:
    return _heard_out(request, _decided(request))


def _heard_out(request: Door, answer: HttpResponse) -> HttpResponse:
    """Whoever is refused may finish first, within bounds and outside of every turn; nothing of it is kept."""
    if answer.status_code < 400:
        return answer
    more = request.more if isinstance(request, Plain) else request.read
    unknown = answer.status_code == 401
    most = HEAR_OUT_UNKNOWN if unknown else HEAR_OUT
    until = time.monotonic() + (HEAR_OUT_SECONDS_UNKNOWN if unknown else HEAR_OUT_SECONDS)
    try:
        while most > 0 and time.monotonic() < until and (bite := more(min(BITE, most))):
            most -= len(bite)
    except Exception:  # gone, or no body that the server can read to its end: the answer stands
        return answer
    return answer


def _decided(request: Door) -> HttpResponse:
    if not AT_ONCE.acquire(blocking=False):
        return _refuse(gate.BatchRefused("busy"))
    try:
        if request.method != "POST":
            raise gate.BatchRefused("method_not_allowed")
        with _at_work():
            client = _client(request)
            body = _body(request)
            answer = gate.admit(parse(body), body, client=client)
            return _answer(answer | {"policy": _told(request, client)}, 202)
    except gate.BatchRefused as refused:
        return _refuse(refused)
    except OperationalError as error:
        log.warning("gate.busy", exc_info=error)
        return _refuse(gate.BatchRefused("busy"))
    finally:
        AT_ONCE.release()


def _early(environ: early.Environ) -> early.Said | None:
    """The same before Django, which has nothing to do here: whatever the answer is, it is this door's."""
    early.begins()
    try:
        answer = _taken(Plain(environ))
    except Exception:  # a fault: the long way meets it again, and is quiet about what it was about
        return None
    more = [(name, answer[name]) for name in ("Retry-After", "WWW-Authenticate") if name in answer]
    return f"{answer.status_code} {answer.reason_phrase}", answer.content, more


DOORS = {"/api/v1/batches": _early}


def _told(request: Door, client: gate.Sender) -> dict[str, object]:
    """Its tag, and the whole policy to a client that does not name it in If-None-Match."""
    now, tag = policies.of(client)
    known = policies.matches(request.headers.get("If-None-Match", ""), tag)
    return {"etag": tag} if known else {"etag": tag, **now}


@csrf_exempt
@machine
def policy(request: HttpRequest) -> HttpResponse:
    """GET what may be recorded now: 200, or 304 to a client that names the ETag that it has."""
    try:
        if request.method not in ("GET", "HEAD"):
            raise gate.BatchRefused("method_not_allowed")
        now, tag = policies.of(_client(request))
    except gate.BatchRefused as refused:
        return _refuse(refused)
    except OperationalError as error:
        log.warning("gate.busy", exc_info=error)
        return _refuse(gate.BatchRefused("busy"))
    known = policies.matches(request.headers.get("If-None-Match", ""), tag)
    response = HttpResponse(status=304) if known else _answer(now, 200)
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return response


def _told_by_client(
    request: HttpRequest, act: Callable[[bytes, gate.Sender], dict[str, object]]
) -> HttpResponse:
    """One small message of a client: 200 with what is so now, or one stable code and a sentence."""
    return _heard_out(request, _said_by_client(request, act))


def _said_by_client(
    request: HttpRequest, act: Callable[[bytes, gate.Sender], dict[str, object]]
) -> HttpResponse:
    try:
        if request.method != "POST":
            raise gate.BatchRefused("method_not_allowed")
        client = _client(request)
        return _answer(act(_body(request), client), 200)
    except gate.BatchRefused as refused:
        return _refuse(refused)
    except OperationalError as error:
        log.warning("gate.busy", exc_info=error)
        return _refuse(gate.BatchRefused("busy"))


@csrf_exempt
@machine
def clips_door(request: HttpRequest) -> HttpResponse:
    """POST what is said of a clip: 202 with a permit, or with the code that it is turned away with."""
    return _admitted(request, lambda body, client: clips.begin(clips.read(body), body, client=client))


@csrf_exempt
@machine
def chunk(request: HttpRequest, clip: str, number: str) -> HttpResponse:
    """POST one chunk of a clip, as it is, with its permit in Clip-Permit: 202, or one stable code and a sentence."""
    permit = request.headers.get("Clip-Permit", "")
    return _admitted(
        request,
        lambda body, client: clips.take(*_named(clip, number), body, permit, client=client),
        packed=False,
    )


def _named(clip: str, number: str) -> tuple[UUID, int]:
    """Ids are read here, not by the address: what is none gets the answer of a machine, not a page."""
    try:
        if not (number.isascii() and number.isdigit() and len(number) <= 9):
            raise ValueError
        return UUID(clip), int(number)
    except ValueError:
        raise gate.BatchRefused("wrong_chunk") from None


def _admitted(
    request: HttpRequest, act: Callable[[bytes, gate.Sender], dict[str, object]], *, packed: bool = True
) -> HttpResponse:
    """As `batches`: no more at once than this process bears, 202, and 503 with Retry-After."""
    return _heard_out(request, _decided_clip(request, act, packed))


def _decided_clip(
    request: HttpRequest, act: Callable[[bytes, gate.Sender], dict[str, object]], packed: bool
) -> HttpResponse:
    if not AT_ONCE.acquire(blocking=False):
        return _refuse(gate.BatchRefused("busy"))
    try:
        if request.method != "POST":
            raise gate.BatchRefused("method_not_allowed")
        client = _client(request)
        if not packed and request.headers.get("Content-Encoding", "identity") != "identity":
            raise gate.BatchRefused("unsupported_encoding")
        return _answer(act(_body(request), client), 202)
    except gate.BatchRefused as refused:
        return _refuse(refused)
    except OperationalError as error:
        log.warning("gate.busy", exc_info=error)
        return _refuse(gate.BatchRefused("busy"))
    finally:
        AT_ONCE.release()


@csrf_exempt
@machine
def badge(request: HttpRequest) -> HttpResponse:
    """POST {"device", "user", "action": "in" | "out"}: who is at the device now, by badge or log-in."""
    return _told_by_client(request, lambda body, client: bindings.badge(bindings.read(body), client=client))


@csrf_exempt
@machine
def wipe(request: HttpRequest) -> HttpResponse:
    """POST {"device", "user", "wiped_at", "events"}: the client has destroyed what it held back of this person."""
    return _told_by_client(request, lambda body, client: wiped.keep(wiped.read(body), client=client))
