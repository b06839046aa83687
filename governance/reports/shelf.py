"""Finished pages that the next report may use again: under var/, by the digest of all that they show.

Nothing is true because it lies here: a page that is not there is drawn. A page that was touched is thrown away, because
its mark needs the secret of this installation. Pages that nobody used for a while go, and the oldest when there are many.
"""

import hmac
import json
import os
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

DAYS = 100  # a register is due every month, a pack every quarter
BYTES = 400 << 20
MARK = 32


def home() -> Path:
    return Path(settings.VAR) / "pages"


def take(key: str, into: Path) -> dict[str, Any] | None:
    """The pages lie at `into`, and what was told of them is returned; None when they are not here."""
    path = home() / key
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    mark, rest = whole[:MARK], whole[MARK:]
    if not hmac.compare_digest(mark, _mark(key, rest)):
        path.unlink(missing_ok=True)
        return None
    told, _, pdf = rest.partition(b"\n")
    into.write_bytes(pdf)
    with suppress(OSError):
        os.utime(path)
    found: dict[str, Any] = json.loads(told)
    return found


def put(key: str, drawn: Path, told: dict[str, Any]) -> None:
    """Whoever cannot write here makes reports all the same."""
    rest = json.dumps(told).encode() + b"\n" + drawn.read_bytes()
    with suppress(OSError):
        home().mkdir(mode=0o700, parents=True, exist_ok=True)
        half = home() / f".{key}.{os.getpid()}"
        half.write_bytes(_mark(key, rest) + rest)
        half.rename(home() / key)


def tidy() -> None:
    """What was not used for long is gone, and the oldest of what is more than the shelf bears."""
    held, oldest = 0, time.time() - DAYS * 86_400
    with suppress(OSError):
        rows = sorted(((path.stat().st_mtime, path) for path in home().iterdir()), reverse=True)
        for at, path in rows:
            held += path.stat().st_size
            if at < oldest or held > BYTES:
                path.unlink(missing_ok=True)


def _mark(key: str, rest: bytes) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), key.encode() + rest, sha256).digest()


def told(path: Path) -> dict[str, Any]:
    """What the drawing child wrote beside a part: {"pages", "starts"}."""
    found: dict[str, Any] = json.loads(path.read_text())
    return found
