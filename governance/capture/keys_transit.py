"""Key-encryption keys in HashiCorp Vault's or OpenBao's transit engine: versions of one RSA-4096 key.

The eraser asks for the public half alone and wraps by itself (RSA-OAEP, SHA-256); only the exporter's token may ask the
service to decrypt. A symmetric transit key would have kept the two apart by policy; here the policy and the mathematics
both do. The stream's id is sealed in with its key: RSA-OAEP as the service speaks it has no label to bind to.
"""

import base64
import ipaddress
import os
import time
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings

from governance.lib import sealing
from governance.lib.connectors import SystemAway
from governance.retention.connectors.wire import HttpFault, Wire

PADDING = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
URL, TOKEN = "SAMMATI_KEY_SERVICE_URL", "SAMMATI_KEY_SERVICE_TOKEN"
PRIVATE = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
GLANCE = 60  # seconds for which the public half is not asked for again
ANSWERS = frozenset({200, 204, 400, 404, 500})


@lru_cache(maxsize=8)
def _public(pem: str) -> rsa.RSAPublicKey:
    key = serialization.load_pem_public_key(pem.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    return key


_seen: dict[str, tuple[float, dict[str, Any]]] = {}  # which key → (when asked, what was told)


class TransitKeys:
    def __init__(self) -> None:
        url = os.environ.get(URL, "")
        host = urlsplit(url).hostname or ""
        if urlsplit(url).scheme == "http" and not _is_here(host):
            raise SystemAway("the key service is spoken to by https, or on this machine")
        self._options = {"url_env": URL, "bearer_env": TOKEN, "allow": [host], "networks": PRIVATE}
        self._name, self._mount = settings.KEY_SERVICE_KEY, settings.KEY_SERVICE_MOUNT
        self._which = f"{url} {self._mount}/{self._name}"

    def prepare(self, day: date) -> None:
        """A version of this month is there; the service made none by itself."""
        if self.made_at(self.newest()).date() < day.replace(day=1):
            self.new()

    def new(self) -> str:
        self._ask("POST", f"keys/{self._name}/rotate", {})
        _seen.pop(self._which, None)
        return self.newest()

    def newest(self) -> str:
        return self._kek(self._told()["latest_version"])

    def made_at(self, kek: str) -> datetime:
        return datetime.fromisoformat(self._version(kek)["creation_time"])

    def wrap(self, stream: UUID, private: bytes) -> tuple[str, bytes]:
        kek = self.newest()
        return kek, _public(self._version(kek)["public_key"]).encrypt(stream.bytes + private, PADDING)

    def unwrap(self, kek: str, stream: UUID, wrapped: bytes) -> bytes:
        sealed = f"vault:v{_number(kek)}:{base64.b64encode(wrapped).decode()}"
        told = self._ask("POST", f"decrypt/{self._name}", {"ciphertext": sealed})
        content = base64.b64decode(told["plaintext"])
        if content[:16] != stream.bytes or len(content) != 48:
            raise sealing.CannotOpen
        return content[16:]

    def can_open(self) -> bool:
        """The service answers, and lets this process decrypt."""
        path = f"{self._mount}/decrypt/{self._name}"
        try:
            told = self._send("POST", "/v1/sys/capabilities-self", {"paths": [path]})
        except SystemAway:
            return False
        return bool({"update", "root"} & set(told.get(path, ())))

    def destroy(self, kek: str) -> None:
        """This version and all before it are gone from the service."""
        least = _number(kek) + 1
        bounds = {"min_decryption_version": least, "min_encryption_version": least}
        self._ask("POST", f"keys/{self._name}/config", bounds)
        self._ask("POST", f"keys/{self._name}/trim", {"min_available_version": least})
        _seen.pop(self._which, None)

    def _kek(self, version: int) -> str:
        return f"{self._mount}/{self._name}:v{version}"

    def _told(self) -> dict[str, Any]:
        at, told = _seen.get(self._which, (0.0, {}))
        if not told or time.monotonic() - at > GLANCE:
            told = self._ask("GET", f"keys/{self._name}")
            _seen[self._which] = (time.monotonic(), told)
        return told

    def _version(self, kek: str) -> dict[str, Any]:
        found: dict[str, Any] = self._told()["keys"][str(_number(kek))]
        if "public_key" not in found:
            raise SystemAway("the key of the service is not an RSA key")
        return found

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        return self._send(method, f"/v1/{self._mount}/{path}", body)

    def _send(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """What the service told. Raises SystemAway, or CannotOpen where it says that this does not decrypt."""
        try:
            answer = Wire(self._options, "bearer_env").ask(method, path, body, expect=ANSWERS)
            told: dict[str, Any] = answer.json().get("data") or {} if answer.status == 200 else {}
        except HttpFault as fault:
            raise SystemAway(f"key service: {fault}") from None
        if answer.status < 400:
            return told
        if "/decrypt/" in path and (answer.status == 400 or b"decryption error" in answer.body):
            raise sealing.CannotOpen  # a version that is gone, or another key's
        raise SystemAway(f"key service: {answer.status}")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _number(kek: str) -> int:
    return int(kek.rpartition(":v")[2])


# process → path beneath /v1/ → what its token may do there.
MAY = {
    "eraser": {"keys/{name}": ("read",)},
    "exporter": {
        "keys/{name}": ("read",), "decrypt/{name}": ("update",), "keys/{name}/rotate": ("update",),
        "keys/{name}/config": ("update",), "keys/{name}/trim": ("update",),
    },
}  # fmt: skip


def policy(process: str) -> str:
    """The policy for that process's token, in the service's own language."""
    lines = []
    for path, may in MAY[process].items():
        where = f"{settings.KEY_SERVICE_MOUNT}/{path.format(name=settings.KEY_SERVICE_KEY)}"
        listed = ", ".join(f'"{word}"' for word in may)
        lines.append(f'path "{where}" {{ capabilities = [{listed}] }}')
    return "\n".join(lines)
