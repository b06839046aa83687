"""Random passwords in files that only their owner may read, and what PostgreSQL stores of them."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

ROUNDS = 4096  # what PostgreSQL itself uses; the passwords are 256 random bits, so more would protect nothing


def password(folder: Path, login: str) -> str:
    """The password of this login: read from `<folder>/<login>.password`, made there (0600) on first use."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{login}.password"
    if not path.exists():
        write_private(path, secrets.token_hex(32))
    return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Write a file that was never readable to anybody else, not even for a moment."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    unfinished.replace(path)


def scram_verifier(clear: str) -> str:
    """What `CREATE ROLE … PASSWORD` may be given in place of the clear password (RFC 5802, RFC 7677).

    So the clear password stands in no statement that a server could log.
    """
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", clear.encode(), salt, ROUNDS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    server = hmac.digest(salted, b"Server Key", "sha256")
    stored = hashlib.sha256(client).digest()
    shown = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${ROUNDS}:{shown[0]}${shown[1]}:{shown[2]}"
