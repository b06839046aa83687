"""Two people edit one entry: what only one of them touched is merged, what both touched is shown to the second. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Clash:
    """One field that both changed, each in another way."""

    field: str
    mine: Any
    theirs: Any


def merge(
    was: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Clash]]:
    """`was`: what the writer began from; `theirs`: what stands there now. All plain values, of the same fields.

    The merged fields hold what the writer wrote where only they wrote, what stands there where they did not; where
    both wrote, the writer's, and the clash is named.
    """
    merged, clashes = dict(theirs), []
    for field, value in mine.items():
        stands, began = theirs.get(field), was.get(field)
        if value in (began, stands):
            continue
        merged[field] = value
        if stands != began:
            clashes.append(Clash(field, value, stands))
    return merged, clashes
