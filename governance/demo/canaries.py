"""Fifty canaries: random values planted in every field of an event and in every kind of bad request."""

import contextlib
import http.client
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from governance.capture.client.poster import MOST_BYTES, MOST_EVENTS, PATH
from governance.demo.refused import Wanted

COUNT = 50
# Neither hexadecimal digits only nor a word, and the same in every spelling that leaves letters alone.
_LETTERS = "ghjkmnpqrstvwxyz23456789"


def new_value() -> str:
    """24 random characters (110 bits), made anew in every run."""
    return "q" + "".join(secrets.choice(_LETTERS) for _ in range(23))


@dataclass(frozen=True)
class Sending:
    """One request. `target` is the path below the portal's address, with its query."""

    body: bytes = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    target: str = field(default=PATH, repr=False)
    method: str = "POST"


@dataclass(frozen=True)
class Canary:
    """A planted value, the requests that plant it (in this order) and the answers the last may get: 202
    for a batch whose events are turned away or cut down, else the stable codes of bad input (4xx).
    Never a 5xx."""

    name: str
    value: str = field(repr=False)
    sendings: tuple[Sending, ...]
    answers: frozenset[int]

    @property
    def wanted(self) -> Wanted:
        """The value for the leak hunter."""
        return Wanted(self.value, f"canary {self.name}", planted=True)


ACCEPTED = frozenset({202})
REFUSED = frozenset(range(400, 500))
EITHER = ACCEPTED | REFUSED

Plant = Callable[[str], Sending]


@dataclass(frozen=True)
class Field:
    """One field of an event. `kept`: the gate may keep it for somebody who consented, so the canary goes
    into an event of the one who was never asked; the others go into an event of the one who consented
    and must be cut away there."""

    name: str
    kept: bool
    put: Callable[[str], dict[str, Any]]
    answers: frozenset[int] = ACCEPTED


FIELDS = (
    Field("value", False, lambda c: {"value": c}),
    Field("content", False, lambda c: {"content": c}),
    Field("inner text", False, lambda c: {"inner_text": c}),
    Field("title", False, lambda c: {"title": c}),
    Field("link", False, lambda c: {"href": f"https://forms.nirmaan.example/{c}"}),
    Field("markup", False, lambda c: {"html": f"<b>{c}</b>"}),
    Field("option", False, lambda c: {"option": c}),
    Field("path of url", False, lambda c: {"url": f"https://forms.nirmaan.example/claims/{c}"}),
    Field("query of url", False, lambda c: {"url": f"https://forms.nirmaan.example/claims?name={c}"}),
    Field("password in url", False, lambda c: {"url": f"https://me:{c}@forms.nirmaan.example/"}),
    Field("field that no event has", False, lambda c: {"note": c}, EITHER),
    Field("name of a field that no event has", False, lambda c: {c: "x"}, EITHER),
    Field("field that no element has", False, lambda c: {"element": {"id": "a1", "text": c}}, EITHER),
    Field("typed text", False, lambda c: {"signal": "typed_text", "action": "edit", "value": c}),
    Field("screen content", False, lambda c: {"signal": "screen_content", "action": "capture", "content": c}),
    Field("text with a NUL", False, lambda c: {"value": f"{c}\0{c}"}, EITHER),
    Field("site of url", True, lambda c: {"url": f"https://{c}.example/"}),
    Field("signal", True, lambda c: {"signal": c}, EITHER),
    Field("action", True, lambda c: {"action": c}, EITHER),
    Field("application", True, lambda c: {"application": c}),
    Field("element role", True, lambda c: {"element": {"role": c}}),
    Field("element id", True, lambda c: {"element": {"id": c}}),
    Field("element type", True, lambda c: {"element": {"type": c}}),
    Field("element name", True, lambda c: {"element": {"name": c}}),
    Field("element class", True, lambda c: {"element": {"class": c}}),
    Field("hierarchy", True, lambda c: {"hierarchy": [c, "Sheet1"]}),
    Field("checked", True, lambda c: {"checked": c}),
    Field("task", True, lambda c: {"task": c}),
)


def canaries(
    *, programme: str, device: str, consenting: str, never_asked: str, key: str, other_key: str | None = None
) -> Iterator[Canary]:
    """All fifty. Person numbers: `consenting` agreed to UI events in this programme, `never_asked` to
    nothing; `key` is the client's key. `other_key`, if there is one, is a key that may not post for this
    programme (else a made-up one).

    Send the canaries while the consent stands. Yields COUNT canaries with different values.
    """
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def event(user: str = never_asked, at: datetime | None = None, **more: Any) -> dict[str, Any]:
        moment = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {
            "at": moment,
            "user": user,
            "signal": "ui_event",
            "action": "click",
            "application": "Chrome",
            **more,
        }

    def batch(*events: Any, **more: Any) -> dict[str, Any]:
        return {
            "batch_id": str(uuid4()),
            "programme": programme,
            "device": device,
            "events": list(events),
            **more,
        }

    def sent(body: Any, *, target: str = PATH, method: str = "POST", **more: str) -> Sending:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        extra = {name.replace("_", "-"): text for name, text in more.items()}
        return Sending(data, {**headers, **extra}, target, method)

    def with_value(value: str) -> bytes:
        return json.dumps(batch(event(consenting, value=value))).encode()

    for spot in FIELDS:
        canary = new_value()
        sending = sent(batch(event(never_asked if spot.kept else consenting, **spot.put(canary))))
        yield Canary(f"in {spot.name}", canary, (sending,), spot.answers)

    long_ago, far_ahead = datetime(1999, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=400)
    bad: tuple[tuple[str, Plant], ...] = (
        ("text that is not JSON", lambda c: sent(f"name={c}&amount=12".encode())),
        ("JSON cut short", lambda c: sent(with_value(c)[:-3])),
        ("a list where a batch belongs", lambda c: sent([c])),
        ("a batch id that is none", lambda c: sent(batch(event(), batch_id=c))),
        ("an unknown programme", lambda c: sent(batch(event(), programme=c))),
        ("an unknown device", lambda c: sent(batch(event(), device=c + "\0"))),
        ("an unknown person", lambda c: sent(batch(event(c)))),
        ("a text where events belong", lambda c: sent({**batch(), "events": c})),
        ("a text where a number belongs", lambda c: sent(batch(event(consenting, x=c, y=1)))),
        ("a text where a time belongs", lambda c: sent(batch(event(consenting) | {"at": c}))),
        ("a time to come", lambda c: sent(batch(event(consenting, far_ahead, value=c)))),
        ("a time long gone", lambda c: sent(batch(event(consenting, long_ago, value=c)))),
        ("a huge body", lambda c: sent(with_value(c + "x" * (MOST_BYTES + 100_000)))),
        (
            "too many events",
            lambda c: sent(batch(*([event(consenting)] * MOST_EVENTS), event(consenting, value=c))),
        ),
        (
            "deep nesting",
            lambda c: sent(
                with_value(c)[:-1] + b',"deep":' + b"[" * 20_000 + f'"{c}"'.encode() + b"]" * 20_000 + b"}"
            ),
        ),
        (
            "bytes that are not UTF-8",
            lambda c: sent(with_value(c + "¿").replace(b"\\u00bf", b"\xff\xfe\xc3(")),
        ),
        ("half a surrogate pair", lambda c: sent(with_value(c + "¿").replace(b"\\u00bf", b"\\ud800"))),
        ("a key that is none", lambda c: sent(batch(event(consenting)), Authorization=f"Bearer {c}")),
        (
            "a key for something else",
            lambda c: sent(
                batch(event(consenting, value=c)), Authorization=f"Bearer {other_key or new_value()}"
            ),
        ),
        ("the wrong method", lambda c: sent(with_value(c), method="PUT")),
    )
    for name, plant in bad:
        canary = new_value()
        yield Canary(name, canary, (plant(canary),), REFUSED)

    canary = new_value()
    nobody = Sending(with_value(canary), {"Content-Type": "application/json"})
    yield Canary("no key", canary, (nobody,), REFUSED)

    canary, again = new_value(), str(uuid4())
    first = sent(batch(event(never_asked), batch_id=again))
    second = sent(batch(event(never_asked, value=canary), batch_id=again))
    yield Canary("a batch id that was used", canary, (first, second), REFUSED)


def send(canary: Canary, url: str, *, timeout: float = 30.0) -> int | None:
    """Plant this canary and return the HTTP status of its last request; None if the portal hung up without
    an answer (it may, in the middle of a body that is too large). `url` is the portal's address. Raises
    OSError if it is away."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    status: int | None = None
    for sending in canary.sendings:
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        try:
            connection.connect()
            status = None
            # It may hang up while we are sending; an answer may be there nevertheless.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(
                    sending.method, parts.path.rstrip("/") + sending.target, sending.body, sending.headers
                )
            try:
                response = connection.getresponse()
                response.read()
                status = response.status
            except (http.client.HTTPException, ConnectionError):
                pass
        finally:
            connection.close()
    return status
