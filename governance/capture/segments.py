"""What lies inside a sealed segment: how it is packed, and how it is read, in this form and in the one before it.

{"signal", "alike": [what several events say beside their time], "order": [of each event, which of these], "times":
{name: [of each event]}}, as JSON, compressed. Before: {"signal", "events": [each in full]}.
"""

import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

from governance.capture.rules import Pile

LEVEL = 1  # what comes again is written once already; a higher level takes longer and gains a hundredth


def pack(pile: Pile) -> bytes:
    """What is sealed of this pile."""
    content = {"signal": pile.signal, "alike": pile.alike, "order": pile.order, "times": pile.times}
    return zlib.compress(msgspec.json.encode(content), LEVEL)


def events(content: bytes) -> Iterator[dict[str, Any]]:
    """Each event of what was packed, in the order in which they were sent."""
    inside = msgspec.json.decode(zlib.decompress(content))
    if "events" in inside:
        yield from inside["events"]
        return
    names, columns = tuple(inside["times"]), tuple(inside["times"].values())
    for number, *times in zip(inside["order"], *columns, strict=True):
        yield dict(zip(names, times, strict=True)) | inside["alike"][number]
