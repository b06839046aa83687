"""Which signs the fonts of print have. One that none of them has is printed as a visible mark and named: never left out silently.

Without this a machine with more fonts would draw what another does not, and the same facts would give other bytes.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

MARK = 0xFFFD
UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp", "Cs")  # they have no shape, or shape their neighbours
SELECTORS = range(0xFE00, 0xFE10)
NAMED = 12  # signs that are named; more are counted


@cache
def drawn() -> frozenset[int]:
    """Code points of all fonts together; empty where set-up built no fonts."""
    from fontTools.ttLib import TTFont

    found: set[int] = set()
    for path in sorted((Path(settings.BUILD) / "vendor" / "fonts").glob("*.ttf")):
        with TTFont(path, lazy=True) as font:
            found |= font.getBestCmap().keys()
    return frozenset(found)


def is_drawn(sign: int) -> bool:
    known = drawn()
    return not known or sign in known or sign in SELECTORS or unicodedata.category(chr(sign)) in UNSEEN


class _Marks(dict[int, int]):
    def __missing__(self, sign: int) -> int:
        self[sign] = sign if is_drawn(sign) else MARK
        return self[sign]


_MARKS = _Marks()


def marked(text: str) -> str:
    """The text as it is printed."""
    return text if text.isascii() else text.translate(_MARKS)


def lacking(facts: Any) -> list[str]:
    """The signs anywhere in these facts that are not drawn, in order."""
    found: set[str] = set()
    for text in _texts(facts):
        if not text.isascii():
            found.update(text)
    return sorted(sign for sign in found if not is_drawn(ord(sign)))


def named(signs: list[str]) -> str:
    """ "U+4E2D, U+1F4A9"; "" when there are none."""
    shown = ", ".join(f"U+{ord(sign):04X}" for sign in signs[:NAMED])
    return f"{shown} … ({len(signs)})" if len(signs) > NAMED else shown


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)
