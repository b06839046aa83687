"""A line with worn cameras, and what one says and sends, for the tests of worn cameras."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from governance.capture import clips, gate, handouts
from governance.capture.models import HandOut
from governance.capture.terms import Shift
from governance.demo import factory
from governance.demo.factory import Line
from governance.people.models import Person
from tests import make
from tests.cast import Cast

ALWAYS = (Shift("day", (1, 2, 3, 4, 5, 6, 7), "00:00", "00:00", adults_only=True),)
PART = 1024 * 1024


def line(cast: Cast, **more: Any) -> Line:
    return factory.found(cast, **({"shifts": ALWAYS} | more))


def hand(line: Line, person: Person, camera: int = 0, shift: str = "day") -> HandOut:
    return handouts.hand_out(line.cameras[camera], person.number or "", shift, by=line.steward)


def agree(line: Line, person: Person, **more: Any) -> None:
    make.consent(person, line.purpose, factory.SIGNAL, **more)


def parts(content: bytes) -> list[bytes]:
    return [content[at : at + PART] for at in range(0, len(content), PART)]


def said(line: Line, content: bytes, clip_id: UUID | None = None, **more: Any) -> bytes:
    begins = datetime.now(UTC) + timedelta(seconds=1)
    told = {
        "clip_id": str(clip_id or uuid4()), "programme": line.programme.number, "device": line.cameras[0].number,
        "signal": factory.SIGNAL, "application": factory.APPLICATION, "zone": "press-2", "begins_at": begins.isoformat(),
        "ends_at": (begins + timedelta(seconds=10)).isoformat(), "length_ms": 10_000, "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(), "chunks": [hashlib.sha256(part).hexdigest() for part in parts(content)],
        "blurred": True, "sound": False,
    }  # fmt: skip
    return json.dumps(told | more).encode()


def begin(line: Line, body: bytes) -> dict[str, Any]:
    return clips.begin(clips.read(body), body, client=gate.sender(line.key))


def take(line: Line, told: dict[str, Any], number: int, part: bytes) -> dict[str, Any]:
    return clips.take(UUID(told["clip_id"]), number, part, told["permit"], client=gate.sender(line.key))
