"""Post one delivery: to the public internet only, by an address looked up once, encrypted, following nowhere.

The name is resolved once and every address that it has must be public; the connection goes to that address, so that a
name which leads elsewhere a moment later changes nothing. No proxy, no redirects, no body read, a hard end.
"""

import http.client
import socket
import ssl
import threading
import time
from dataclasses import dataclass

from django.conf import settings

from governance.interfaces import rules
from governance.lib.refusals import Refused

PATIENCE = 10.0  # seconds, for everything together


@dataclass(frozen=True)
class Sent:
    status: int | None  # None: no answer
    code: str  # "" when it was taken; else why not
    ms: int

    @property
    def taken(self) -> bool:
        return self.code == ""


def look_up(target: rules.Target) -> str:
    """The one address to connect to. Raises Refused for a private one, OSError where there is none."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(row[4][0]) for row in found]
    if f"{target.host}:{target.port}" not in settings.WEBHOOK_LOCAL:
        for address in addresses:
            rules.check_address(address)
    return addresses[0]


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was looked at, and asks for the certificate of the name."""

    def __init__(self, target: rules.Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=PATIENCE)
        self._address, self._tls = address, target.tls

    def connect(self) -> None:
        door = socket.create_connection((self._address, self.port), self.timeout)
        if self._tls:
            door = ssl.create_default_context().wrap_socket(door, server_hostname=self.host)
        self.sock = door

    def hang_up(self) -> None:
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


def post(url: str, body: bytes, headers: dict[str, str]) -> Sent:
    """What became of it. Never raises: a refusal of ours and a fault of theirs are both a code."""
    began = time.monotonic()

    def sent(status: int | None, code: str) -> Sent:
        return Sent(status, code, int((time.monotonic() - began) * 1000))

    try:
        target = rules.target(url, local=settings.WEBHOOK_LOCAL)
        connection = _Pinned(target, look_up(target))
    except Refused as refused:
        return sent(None, refused.code)
    except (OSError, UnicodeError):
        return sent(None, "no_such_host")
    alarm = threading.Timer(PATIENCE, connection.hang_up)
    alarm.daemon = True
    alarm.start()
    try:
        connection.request("POST", target.path, body, headers)
        status = connection.getresponse().status
    except ssl.SSLError:
        return sent(None, "certificate")
    except TimeoutError:
        return sent(None, "too_slow")
    except (OSError, http.client.HTTPException):
        return sent(None, "too_slow" if time.monotonic() - began >= PATIENCE else "no_answer")
    finally:
        alarm.cancel()
        connection.close()
    return sent(status, "" if 200 <= status < 300 else "redirected" if 300 <= status < 400 else "not_taken")
