"""Sealing: HPKE (RFC 9180) base mode, X25519 + HKDF-SHA256 + AES-256-GCM.

The process that admits holds only public keys, so it cannot open what it sealed.
"""

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
RAW = serialization.Encoding.Raw


class CannotOpen(Exception):
    """The key is gone or another one, or a byte was changed. Which of them is not said: AEAD does not tell."""


@dataclass(frozen=True)
class KeyPair:
    public: bytes  # 32 bytes
    private: bytes  # 32 bytes; wrap it before it touches a disk


def new_pair() -> KeyPair:
    private = X25519PrivateKey.generate()
    return KeyPair(
        public=private.public_key().public_bytes_raw(),
        private=private.private_bytes_raw(),
    )


def seal(public: bytes, content: bytes, info: bytes) -> bytes:
    """Seal `content` to `public`; `info` binds it to where it belongs. Adds 48 bytes."""
    return SUITE.encrypt(content, X25519PublicKey.from_public_bytes(public), info=info)


def unseal(private: bytes, sealed: bytes, info: bytes) -> bytes:
    """Open what `seal` made. Raises CannotOpen."""
    try:
        return SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info=info)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen from error


def random_name() -> str:
    return os.urandom(8).hex()
