"""Where the bars of the drawings stand. Numbers go out as text: a page must not write them with a language's comma."""

from collections.abc import Sequence
from dataclasses import dataclass

STEP, TALL = 20, 100


@dataclass(frozen=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    kind: str


def lane(now: Sequence[int], then: Sequence[int], top: int) -> list[Bar]:
    """Pairs of bars, one pair a day: what the rules in force bring, and what is tried. `top`: the tallest, > 0."""
    bars = []
    for i, pair in enumerate(zip(now, then, strict=True)):
        for j, (count, kind) in enumerate(zip(pair, ("now", "then"), strict=True)):
            if count:
                tall = max(round(count * TALL / top), 4)
                bars.append(Bar(str(i * STEP + 2 + j * 8), str(TALL - tall), "7", str(tall), kind))
    return bars


def span(days: int, floor: int, longest: int) -> tuple[str, str]:
    """(width, width of the floor) of a period in a drawing 1000 wide. `longest`: days of the longest shown, > 0."""
    return str(max(round(days * 1000 / longest), 3)), str(round(floor * 1000 / longest))
