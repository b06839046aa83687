"""The shape of a batch on the wire. Fields that no signal keeps are named too, so that they are parsed and dropped."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

try:
    import zstandard
except ImportError:  # without the wheel the gate says that it does not read zstd
    zstandard = None  # type: ignore[assignment]

Text = Annotated[str, msgspec.Meta(max_length=100_000)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Count = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
MAX_EVENTS = 5000


class Element(msgspec.Struct, omit_defaults=True):
    role: Text | None = None
    id: Text | None = None
    type: Text | None = None


class Event(msgspec.Struct, omit_defaults=True):
    """One event in the words of the reference model for UI logs (Abb and Rehse 2022).

    `at` is RFC 3339 with a zone. What the client sends beyond these fields is never even decoded.
    """

    at: Moment
    user: Word
    signal: Word
    action: Word
    application: Word
    url: Text | None = None
    element: Element | None = None
    x: float | None = None
    y: float | None = None
    count: Count | None = None  # keys pressed within the minute of `at`
    title: Text | None = None  # of the window


class Batch(msgspec.Struct):
    """What the API document shows; alike.py reads it."""

    batch_id: UUID
    programme: Word
    device: Word
    events: Annotated[list[Event], msgspec.Meta(max_length=MAX_EVENTS)]
    zone: Word | None = None  # where a worn camera was


class Head(msgspec.Struct, forbid_unknown_fields=True):
    """The first line of a batch in NDJSON; each line after it is an event."""

    batch_id: UUID
    programme: Word
    device: Word
    zone: Word | None = None


MAX_BYTES = 2 * 1024 * 1024  # on the wire, and again after unpacking
FORMS = {"application/json", "application/x-ndjson"}
ENCODINGS = {"identity", "gzip"} | ({"zstd"} if zstandard else set())
