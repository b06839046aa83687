"""The keys of receipts (Ed25519, held by the signer process alone), their public history, and the signature itself.

The history is a JWK set that anybody may read; a key that signs no more stays in it, so that old receipts can be checked.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import OKPKey
from joserfc.util import urlsafe_b64encode

from governance.consents import checking, iso27560
from governance.lib.canonical import canonical, digest

Sign = Callable[[dict[str, Any]], tuple[str, str]]  # document → (kid, compact JWS)


def signer(secrets: Path, home: Path, now: datetime) -> Sign:
    """A function that signs with the living key, which is made on first use and published before it signs."""
    with _alone(home):
        kid = _living(secrets, home) or _new(secrets, home, now)
    raw = _private(secrets, kid).read_bytes()
    public = Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
    key = OKPKey.import_key(
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": urlsafe_b64encode(public).decode(),
            "d": urlsafe_b64encode(raw).decode(),
        }
    )

    def sign(document: dict[str, Any]) -> tuple[str, str]:
        header = {"alg": checking.ALGORITHM, "kid": kid, "typ": checking.TYPE}
        return kid, jws.serialize_compact(header, canonical(document), key, algorithms=[checking.ALGORITHM])

    return sign


def rotate(secrets: Path, home: Path, now: datetime, *, called_back: bool = False) -> str:
    """A new key signs from now on; returns its kid. The old one's private half is gone, what it signed can be checked.

    `called_back`: the old key has been in other hands, so nothing that it signed is certain any more.
    """
    with _alone(home):
        old = _living(secrets, home)
        kid = _new(secrets, home, now, called_back=called_back)
        if old:
            _private(secrets, old).unlink()
    return kid


def published(home: Path) -> dict[str, Any]:
    """The JWK set; of `until` and `called_back` a key has what happened to it."""
    path = home / "jwks.json"
    return json.loads(path.read_text()) if path.exists() else {"keys": []}


def everything(home: Path, checkpoints: Path) -> dict[str, Any]:
    """The set as it is published: with the keys of the log's checkpoints beside it, which sign no receipt."""
    path = checkpoints / "keys.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    others = [_jwk(kid, bytes.fromhex(raw)) for kid, raw in sorted(known.items())]
    return published(home) | {"checkpoints": others}


def _living(secrets: Path, home: Path) -> str:
    """The kid of the newest key, if it signs still and is here."""
    keys = published(home)["keys"]
    if not keys or keys[-1].get("until") or not _private(secrets, keys[-1]["kid"]).exists():
        return ""
    return str(keys[-1]["kid"])


def _new(secrets: Path, home: Path, now: datetime, *, called_back: bool = False) -> str:
    key = Ed25519PrivateKey.generate()
    public, at = key.public_key().public_bytes_raw(), iso27560.stamp(now)
    kid = checking.OURS + digest(public)[:16]
    path = _private(secrets, kid)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(key.private_bytes_raw())
    keys = published(home)["keys"]
    for old in keys:
        old.setdefault("until", at)
    if keys and called_back:
        keys[-1]["called_back"] = at
    draft = home / f".jwks.{os.getpid()}"
    draft.write_text(json.dumps({"keys": [*keys, _jwk(kid, public) | {"from": at}]}, indent=1))
    draft.replace(home / "jwks.json")
    return kid


def _jwk(kid: str, public: bytes) -> dict[str, Any]:
    x = urlsafe_b64encode(public).decode()
    return {"kty": "OKP", "crv": "Ed25519", "alg": checking.ALGORITHM, "use": "sig", "kid": kid, "x": x}


def _private(secrets: Path, kid: str) -> Path:
    return secrets / "signer" / "receipts" / f"{kid}.key"


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Nobody else changes the keys meanwhile: the signer's first start and an operator's command may meet."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
