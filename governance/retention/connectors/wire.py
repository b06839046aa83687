"""One host over HTTP, as narrowly as can be: named, resolved once, never a redirect, no address that was not allowed.

A name that leads to 10.0.0.5 today and to the metadata address of the cloud tomorrow is how a server is made to call
where it must not. So the address is looked up once, checked, and that very address is what is connected to.
"""

import contextlib
import http.client
import ipaddress
import json
import os
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from governance.lib.connectors import SystemAway

SECONDS = 30
LARGEST = 4 * 1024 * 1024  # bytes of an answer
TRIES = 3
LONGEST_PAUSE = 5.0  # between tries within one act; the order itself is tried again much later
AGAIN = {429, 502, 503, 504}


class HttpFault(Exception):
    """Why nothing was believed: a code of ours, never what the host said."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    retry_after: str = ""

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            raise HttpFault("answer is not JSON") from None


class Wire:
    """Options: {"url_env": NAME, "bearer_env": optional NAME, "allow": [host, …], "networks": [CIDR, …], "ca_file"}.

    The variable holds https://host/base. A private address, and plain http, only within `networks`.
    """

    def __init__(self, options: Mapping[str, Any], bearer: str) -> None:
        url = os.environ.get(options.get("url_env", ""), "")
        self._bearer = os.environ.get(options.get(bearer, ""), "")
        if not url:
            raise SystemAway("no address")
        parts = urlsplit(url)
        self.host, self.secure, self.base = (
            parts.hostname or "",
            parts.scheme == "https",
            parts.path.rstrip("/"),
        )
        if parts.scheme not in ("http", "https") or parts.username or parts.query or parts.fragment:
            raise HttpFault("address is not plain")
        if self.host not in options.get("allow", ()):
            raise HttpFault("host not allowed")
        self.port = parts.port or (443 if self.secure else 80)
        self._networks = [ipaddress.ip_network(network) for network in options.get("networks", ())]
        self._context = ssl.create_default_context(cafile=options.get("ca_file")) if self.secure else None
        self.address = self._resolve()

    def _resolve(self) -> str:
        """The one address that is connected to. Every address of the name has to be allowed, not only the first."""
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except OSError:
            raise SystemAway("no such host") from None
        for entry in found:
            address: Any = ipaddress.ip_address(str(entry[4][0]).split("%")[0])
            address = getattr(address, "ipv4_mapped", None) or address
            listed = any(address in network for network in self._networks)
            if not listed and (not address.is_global or address.is_multicast):
                raise HttpFault("address not allowed")
            if not listed and not self.secure:
                raise HttpFault("plain http not allowed")
        return str(found[0][4][0])

    def ask(
        self, method: str, path: str, body: Any = None, *, key: str = "", expect: frozenset[int]
    ) -> Answer:
        """The answer with an expected status. Raises SystemAway when there is none, HttpFault for any other status."""
        for attempt in range(TRIES):
            answer = self._once(method, path, body, key)
            if answer.status not in AGAIN or answer.status in expect:
                break
            if attempt + 1 < TRIES:
                time.sleep(_pause(answer.retry_after, attempt))
        if answer.status in expect:
            return answer
        if 300 <= answer.status < 400:
            raise HttpFault("redirect")
        if answer.status in AGAIN or answer.status in (401, 403):
            raise SystemAway(str(answer.status))
        raise HttpFault(f"status {answer.status}")

    def _once(self, method: str, path: str, body: Any, key: str) -> Answer:
        headers = {"Host": self._named(), "User-Agent": "Sammati", "Accept": "application/json", "Connection": "close"}  # fmt: skip
        if self._bearer:
            headers["Authorization"] = f"Bearer {self._bearer}"
        if key:
            headers["Idempotency-Key"] = key
        raw = None
        if body is not None:
            raw, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        try:
            with contextlib.closing(self._connect()) as line:
                line.request(method, self.base + path, raw, headers)
                answer = line.getresponse()
                content = answer.read(LARGEST + 1)
                if len(content) > LARGEST:
                    raise HttpFault("answer too large")
                return Answer(answer.status, content, answer.getheader("Retry-After") or "")
        except (OSError, http.client.HTTPException) as error:
            raise SystemAway(type(error).__name__) from None

    def _named(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port in (80, 443) else f"{name}:{self.port}"

    def _connect(self) -> http.client.HTTPConnection:
        line = http.client.HTTPConnection(self.host, self.port, timeout=SECONDS)
        plain = socket.create_connection((self.address, self.port), timeout=SECONDS)
        try:
            line.sock = (
                self._context.wrap_socket(plain, server_hostname=self.host) if self._context else plain
            )
        except OSError:
            plain.close()
            raise
        return line


def _pause(retry_after: str, attempt: int) -> float:
    wished = float(retry_after) if retry_after.isdigit() else 0.5 * 2**attempt
    return min(wished, LONGEST_PAUSE)


def pointed(document: Any, pointer: str) -> Any:
    """RFC 6901: "/items/0/id". Raises HttpFault when there is nothing there."""
    for part in pointer.split("/")[1:] if pointer else ():
        part = part.replace("~1", "/").replace("~0", "~")
        try:
            document = document[int(part)] if isinstance(document, list) else document[part]
        except (KeyError, IndexError, ValueError, TypeError):
            raise HttpFault("answer is not as the map says") from None
    return document
