"""One byte form for one content: what is hashed and signed (RFC 8785 for the values that we use: no floats)."""

import hashlib
import json
from datetime import date, datetime
from typing import Any
from uuid import UUID


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if hasattr(value, "_proxy____cast"):  # a lazy translation
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(content: Any) -> bytes:
    """UTF-8 JSON, keys sorted, no spaces."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
    ).encode()


def digest(content: Any) -> str:
    return hashlib.sha256(content if isinstance(content, bytes) else canonical(content)).hexdigest()
