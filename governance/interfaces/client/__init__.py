"""Ask Sammati before you take anything about somebody. Standard library only: copy this file into your program.

    sammati = Sammati("https://sammati.example.org", key, purpose="P-0001")

    @sammati.require_consent("ui_event")
    def record_click(person: str, click: dict) -> None:
        ...

    sammati.allowed("N-1001", "ui_event")          # True or False
    sammati.allowed_of(people, ["ui_event"])       # {(person, signal): bool}, at most 1,000 people
    sammati.verify(headers, body, secret)          # is this webhook from there, and of this moment?

No answer is a no: whatever goes wrong, nothing is taken.
"""

import base64
import functools
import hashlib
import hmac
import http.client
import inspect
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

P, R = ParamSpec("P"), TypeVar("R")
TOLERANCE = 300  # seconds that a webhook may be old


class NotAllowed(Exception):
    """The person has not allowed this, or it could not be asked."""


class Problem(Exception):
    """The portal refused the request: `status` and a stable `code`; `detail` is for people."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail = status, code, detail


@dataclass(frozen=True)
class Words:
    """What a person has to read before they say yes."""

    notice_version: int
    language: str
    text_sha256: str
    title: str
    elements: dict[str, str]
    signals: tuple[str, ...]


class Sammati:
    """One purpose, asked with one key. Safe to share between threads: each keeps its own connection."""

    def __init__(self, url: str, key: str, *, purpose: str, timeout: float = 5.0, retries: int = 2) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("Give the address of the portal, for example https://sammati.example.org")
        self._parts, self._key, self.purpose = parts, key, purpose
        self._timeout, self._retries = timeout, retries
        self._own = threading.local()

    # --- ask -----------------------------------------------------------------------------------------------------
    def allowed(self, person: str, signal: str, *, application: str = "", rely: bool = False) -> bool:
        """Whether this signal of this person may be taken now. Raises Problem, OSError."""
        asked = {
            "person": person,
            "purpose": self.purpose,
            "signal": signal,
            "application": application,
            "rely": str(rely).lower(),
        }
        return bool(self._call("GET", "/api/v1/decisions?" + urlencode(asked))["allowed"])

    def allowed_of(
        self, people: Iterable[str], signals: Iterable[str], *, rely: bool = False
    ) -> dict[tuple[str, str], bool]:
        """The same for at most 1,000 people and 20 signals at once."""
        body = {"purpose": self.purpose, "people": list(people), "signals": list(signals), "rely": rely}
        said = self._call("POST", "/api/v1/decisions", body)["decisions"]
        return {(one["person"], one["signal"]): one["allowed"] for one in said}

    def require_consent(
        self, signal: str, *, person: str = "person", rely: bool = False
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """The function runs only when the person whom its argument `person` names has allowed this signal.

        Raises NotAllowed, also when nobody could be asked; then the function was not begun.
        """

        def guard(function: Callable[P, R]) -> Callable[P, R]:
            signature = inspect.signature(function)
            if person not in signature.parameters:
                raise TypeError(f"{function.__name__} has no argument {person}")

            @functools.wraps(function)
            def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
                whom = str(signature.bind(*args, **kwargs).arguments[person])
                try:
                    allowed = self.allowed(whom, signal, rely=rely)
                except (Problem, OSError, http.client.HTTPException, ValueError, KeyError) as error:
                    raise NotAllowed("It could not be asked, so nothing is taken.") from error
                if not allowed:
                    raise NotAllowed("This person has not allowed it.")
                return function(*args, **kwargs)

            return guarded

        return guard

    # --- pass on what a person says ------------------------------------------------------------------------------
    def words(self, language: str = "en") -> Words:
        """The notice to show, in this language or in English."""
        said = self._call(
            "GET", f"/api/v1/purposes/{quote(self.purpose)}/notice?" + urlencode({"language": language})
        )
        return Words(
            said["notice_version"], said["language"], said["text_sha256"], said["title"], said["elements"], tuple(said["signals"])
        )  # fmt: skip

    def give(self, person: str, signals: Iterable[str], words: Words, *, key: str = "") -> dict[str, Any]:
        """The person has read these words and said yes to these signals. `key`: the same one when you try again later."""
        body = {
            "person": person, "purpose": self.purpose, "signals": list(signals), "notice_version": words.notice_version,
            "language": words.language, "text_sha256": words.text_sha256,
        }  # fmt: skip
        return self._call("POST", "/api/v1/consents", body, key=key or uuid4().hex)

    def withdraw(self, person: str, signal: str | None = None, *, key: str = "") -> dict[str, Any]:
        """The person has taken back this signal, or everything. In force when this returns."""
        body = {"person": person, "purpose": self.purpose, "signal": signal}
        return self._call("POST", "/api/v1/withdrawals", body, key=key or uuid4().hex)

    def receipt(self, number: str) -> dict[str, Any]:
        """The receipt of what you passed on: `jws` and `proof` are None until they are there, within a minute."""
        return self._call("GET", f"/api/v1/receipts/{quote(number)}")

    # --- hear ----------------------------------------------------------------------------------------------------
    def events(self, after: int = 0, limit: int = 100) -> tuple[list[dict[str, Any]], int, bool]:
        """(events, the next `after`, whether there are more)."""
        said = self._call("GET", "/api/v1/events?" + urlencode({"after": after, "limit": limit}))
        return said["events"], said["next"], said["more"]

    @staticmethod
    def verify(
        headers: Mapping[str, str], body: bytes, secret: str, *, now: float | None = None
    ) -> dict[str, Any]:
        """What a webhook says, once its signature and its time are found right. Raises ValueError."""
        head = {name.lower(): value for name, value in headers.items()}
        name, at = head.get("webhook-id", ""), head.get("webhook-timestamp", "")
        if not at.isdigit() or abs((time.time() if now is None else now) - int(at)) > TOLERANCE:
            raise ValueError("This webhook is not of this moment.")
        key = base64.b64decode(secret.removeprefix("whsec_"))
        right = (
            "v1,"
            + base64.b64encode(hmac.digest(key, f"{name}.{at}.".encode() + body, hashlib.sha256)).decode()
        )
        given = head.get("webhook-signature", "").split()
        if not any(hmac.compare_digest(one.encode(), right.encode()) for one in given):
            raise ValueError("This webhook is not signed with our secret.")
        return dict(json.loads(body))

    # --- the wire ------------------------------------------------------------------------------------------------
    def _call(self, method: str, path: str, body: Any = None, *, key: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        content = None if body is None else json.dumps(body).encode()
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                status, wait, answer = self._once(method, path, content, headers)
            except (OSError, http.client.HTTPException):
                self._hang_up()
                if last:
                    raise
                continue
            if status < 300:
                return dict(json.loads(answer))
            if status not in (429, 503) or last:
                said = json.loads(answer) if answer[:1] == b"{" else {}
                raise Problem(status, said.get("code", "no_code"), said.get("detail", ""))
            time.sleep(min(wait, self._timeout))
        raise AssertionError("unreachable")

    def _once(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[int, float, bytes]:
        line = getattr(self._own, "line", None)
        if line is None:
            kind = (
                http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
            )
            line = self._own.line = kind(self._parts.hostname or "", self._parts.port, timeout=self._timeout)
        line.request(method, self._parts.path.rstrip("/") + path, content, headers)
        answer = line.getresponse()
        wait = answer.headers.get("Retry-After", "1")
        return answer.status, float(wait) if wait.isdigit() else 1.0, answer.read()

    def _hang_up(self) -> None:
        line = getattr(self._own, "line", None)
        if line is not None:
            line.close()
            self._own.line = None
