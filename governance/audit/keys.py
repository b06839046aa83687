"""The checkpoint key: Ed25519, held by the signer process; its public history is a file that anybody may read."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def signer(secrets: Path, home: Path) -> Callable[[bytes], tuple[str, bytes]]:
    """A function hash → (kid, signature). The key is made on first use (0600); its public half joins the history."""
    path = secrets / "signer" / "checkpoint.key"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
    key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    public = key.public_key().public_bytes_raw()
    kid = f"checkpoint-{public[:4].hex()}"
    publish(home, kid, public)
    return lambda digest: (kid, key.sign(digest))


def publish(home: Path, kid: str, public: bytes) -> None:
    home.mkdir(parents=True, exist_ok=True)
    path = home / "keys.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    if known.get(kid) != public.hex():
        path.write_text(json.dumps(known | {kid: public.hex()}, indent=1, sort_keys=True))


def checker(home: Path) -> Callable[[str, bytes, bytes], bool]:
    """A function (kid, hash, signature) → bool over the published keys; an unknown key is no signature."""
    path = home / "keys.json"
    known = (
        {kid: bytes.fromhex(raw) for kid, raw in json.loads(path.read_text()).items()}
        if path.exists()
        else {}
    )

    def check(kid: str, digest: bytes, signature: bytes) -> bool:
        if kid not in known:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(known[kid]).verify(signature, digest)
        except InvalidSignature:
            return False
        return True

    return check
