"""Open a package of Sammati. Needs Python and the library `cryptography`, nothing else: copy this file.

    python package.py key mine.key             makes a key pair; prints the public half, which you register
    python package.py open mine.key X-….sammati > events.ndjson    opens, checks every segment against the manifest
    python package.py clips mine.key X-….sammati FOLDER    the same, and puts every clip of a worn camera together there

A package: one line of JSON (format, export, sealed key), then pieces of 64 KiB, each sealed by ChaCha20-Poly1305 under a
counter; the last piece says that it is the last, so that a package cut short does not open.
"""

import base64
import binascii
import hashlib
import json
import os
import struct
import sys
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

FORMAT = "sammati package 1"
PIECE = 64 * 1024
TAG = 16
SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def info(export: str) -> bytes:
    return f"{FORMAT}|{export}".encode()


def nonce(count: int, last: bool) -> bytes:
    return struct.pack(">xxxQB", count, last)


def seal(public_key: bytes, export: str, content: Iterable[bytes]) -> Iterator[bytes]:
    """The package of this content, piece by piece; never more than one piece of it in the clear in memory."""
    secret = ChaCha20Poly1305.generate_key()
    wrapped = SUITE.encrypt(secret, X25519PublicKey.from_public_bytes(public_key), info=info(export))
    head = {"format": FORMAT, "export": export, "key": base64.b64encode(wrapped).decode()}
    yield json.dumps(head, separators=(",", ":")).encode() + b"\n"
    cipher, waiting, count = ChaCha20Poly1305(secret), bytearray(), 0
    for some in content:
        waiting += some
        while len(waiting) > PIECE:
            yield cipher.encrypt(nonce(count, False), bytes(waiting[:PIECE]), None)
            del waiting[:PIECE]
            count += 1
    yield cipher.encrypt(nonce(count, True), bytes(waiting), None)


def unseal(private_key: bytes, package: BinaryIO) -> Iterator[bytes]:
    """The content. Raises InvalidTag where a byte was changed, or where it was cut short."""
    head = json.loads(package.readline())
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise ValueError("This is no package that this program knows.")
    wrapped = base64.b64decode(head["key"])
    secret = SUITE.decrypt(
        wrapped, X25519PrivateKey.from_private_bytes(private_key), info=info(head["export"])
    )
    cipher, count = ChaCha20Poly1305(secret), 0
    piece = package.read(PIECE + TAG)
    while True:
        following = package.read(PIECE + TAG)
        yield cipher.decrypt(nonce(count, not following), piece, None)
        if not following:
            return
        piece, count = following, count + 1


def lines(content: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for some in content:
        *whole, rest = (rest + some).split(b"\n")
        yield from whole
    if rest:
        yield rest


def canonical(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def tree(leaves: list[bytes]) -> bytes:
    """The head of the tree over the segments (RFC 6962: an unpaired last node moves up unchanged)."""
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        paired = [
            hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
        ]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return level[0] if level else hashlib.sha256(b"").digest()


def check(content: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Every event, and at the end the manifest. Raises ValueError where they do not belong together."""
    digest, leaves, manifest = hashlib.sha256(), [], None
    for line in lines(content):
        row = json.loads(line)
        if row["kind"] == "event":
            digest.update(line + b"\n")
        elif row["kind"] == "segment":
            if digest.hexdigest() != row["sha256"]:
                raise ValueError("A segment is not as the manifest says.")
            leaves.append(canonical(row))
            digest = hashlib.sha256()
        elif row["kind"] == "manifest":
            manifest = row
        yield row
    if manifest is None or tree(leaves).hex() != manifest["root"]:
        raise ValueError("The events and the manifest do not belong together.")


def clips(rows: Iterable[dict[str, Any]], folder: Path) -> Iterator[Path]:
    """Every clip as one file, FOLDER/<clip>, once all its parts are there and give the SHA-256 of what was filmed.

    Raises ValueError where a part is missing or is another one. Never more than one part in memory.
    """
    missing: dict[str, int] = {}
    for row in rows:
        picture = row.get("event", {}).get("picture") if row["kind"] == "event" else None
        if not picture:
            continue
        name, of = f"{uuid.UUID(picture['clip'])}", int(picture["of"])
        part = folder / f"{name}.{int(picture['number'])}.part"
        missing[name] = missing.get(name, of) - (not part.exists())
        part.write_bytes(base64.b64decode(picture["content"]))
        if not missing[name]:
            yield _join(folder, name, of, picture["sha256"])
            del missing[name]
    if missing:
        raise ValueError("Parts are missing of: " + ", ".join(sorted(missing)))


def _join(folder: Path, name: str, of: int, sha256: str) -> Path:
    whole, digest = folder / name, hashlib.sha256()
    parts = [folder / f"{name}.{number}.part" for number in range(of)]
    with whole.open("wb") as file:
        for part in parts:
            content = part.read_bytes()
            digest.update(content)
            file.write(content)
    for part in parts:
        part.unlink()
    if digest.hexdigest() != sha256:
        whole.unlink()
        raise ValueError(f"The clip {name} is not the one that was filmed.")
    return whole


def _private(file: Path) -> bytes:
    """The private half, as `key` wrote it. Raises ValueError."""
    try:
        private = base64.b64decode(file.read_text().strip(), validate=True)
    except (binascii.Error, UnicodeDecodeError):
        private = b""
    if len(private) != 32:
        raise ValueError(f"{file} is no key that “package.py key” made.")
    return private


def told(words: list[str]) -> int:
    """`main`, with a sentence where something is wrong: 1. What was written before it does not count then."""
    try:
        return main(words)
    except BrokenPipeError:  # whoever read has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        says = f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    except InvalidTag:
        says = "It does not open: it is sealed for another key, a byte was changed, or it was cut short. Use nothing of what was written, and take the package again."
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, binascii.Error):
        says = "This is no package of Sammati, or it was damaged on its way."
    except ValueError as error:
        says = str(error)
    sys.stdout.flush()
    sys.stderr.write(f"{says}\n")
    return 1


def main(words: list[str]) -> int:
    if len(words) == 2 and words[0] == "key":
        private = X25519PrivateKey.generate()
        handle = os.open(words[1], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(base64.b64encode(private.private_bytes_raw()).decode())
        sys.stdout.write(base64.b64encode(private.public_key().public_bytes_raw()).decode() + "\n")
        return 0
    if len(words) == 3 and words[0] == "open":
        private_key = _private(Path(words[1]))
        with Path(words[2]).open("rb") as package:
            for row in check(unseal(private_key, package)):
                sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        return 0
    if len(words) == 4 and words[0] == "clips":
        private_key = _private(Path(words[1]))
        Path(words[3]).mkdir(mode=0o700, exist_ok=True)
        with Path(words[2]).open("rb") as package:
            for whole in clips(check(unseal(private_key, package)), Path(words[3])):
                sys.stdout.write(f"{whole}\n")
        return 0
    sys.stderr.write(__doc__ or "")
    return 2


if __name__ == "__main__":
    raise SystemExit(told(sys.argv[1:]))
