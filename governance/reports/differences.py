"""What is different between the facts of two reports of one kind: rows more, rows fewer, values that changed. Pure.

Rows of a list belong together by what names them (a number, a code, an id, a name), never by their place in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NAMES = (
    "number",
    "code",
    "id",
    "name",
    "reference",
    "order",
    "entry",
    "rule",
    "signal",
    "system",
    "language",
    "version",
    "field",
    "at",
)
# Different in every report, and saying nothing of what it is about.
PASSING = frozenset(
    {
        "read_at",
        "hashed_at",
        "counted_until",
        "counted_at",
        "asked_by",
        "proof",
        "log",
        "pack",
        "linked",
        "next",
    }
)
MACHINES = frozenset(
    {"id", "purpose", "sha256", "facts_sha256"}
)  # names nothing to a reader where a whole row is told
LONGEST = 300  # characters of a value that is shown
MOST = 2_000


@dataclass(frozen=True)
class Change:
    """`path`: from the outside in. `kind`: added, removed, changed. `before`, `after`: as text, "" where there is none."""

    path: tuple[str, ...]
    kind: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Count:
    """How many rows a list had and has, how many came, went, and are there still but say something else."""

    path: tuple[str, ...]
    before: int
    after: int
    added: int
    removed: int
    changed: int


@dataclass(frozen=True)
class Difference:
    """`more`: changes that were found but are not listed."""

    changes: list[Change]
    counts: list[Count]
    more: int = 0


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """Of the contents of two reports' facts."""
    counts: list[Count] = []
    changes = list(_of(before, after, (), counts))
    return Difference(changes[:MOST], counts, max(len(changes) - MOST, 0))


def _of(before: Any, after: Any, path: tuple[str, ...], counts: list[Count]) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            if key in PASSING:
                continue
            if key not in after:
                yield Change((*path, key), "removed", before=_text(before[key]))
            elif key not in before:
                yield Change((*path, key), "added", after=_text(after[key]))
            else:
                yield from _of(before[key], after[key], (*path, key), counts)
    elif isinstance(before, list) and isinstance(after, list) and _rows(before) and _rows(after):
        yield from _lists(before, after, path, counts)
    else:
        yield Change(path, "changed", _text(before), _text(after))


def _rows(rows: list[Any]) -> bool:
    return all(isinstance(row, Mapping) for row in rows)


def _lists(
    before: list[Any], after: list[Any], path: tuple[str, ...], counts: list[Count]
) -> Iterator[Change]:
    was, now = _by_name(before), _by_name(after)
    added, removed = [key for key in now if key not in was], [key for key in was if key not in now]
    found = []
    differing = 0
    for key in was.keys() & now.keys():
        inside = list(_of(was[key], now[key], (*path, key), counts))
        differing += bool(inside)
        found += inside
    if added or removed or differing:
        counts.append(Count(path, len(before), len(after), len(added), len(removed), differing))
    for key in removed:
        yield Change((*path, key), "removed", before=_text(was[key]))
    for key in added:
        yield Change((*path, key), "added", after=_text(now[key]))
    yield from sorted(found, key=lambda change: change.path)


def _by_name(rows: list[Any]) -> dict[str, Any]:
    """Rows by what names them; rows of one name are told apart by their order."""
    found: dict[str, Any] = {}
    for row in rows:
        name = next(
            (str(row[key]) for key in NAMES if isinstance(row.get(key), (str, int)) and row[key] != ""), "row"
        )
        n, key = 1, name
        while key in found:
            n, key = n + 1, f"{name} ({n + 1})"
        found[key] = row
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        told = "; ".join(
            f"{key.replace('_', ' ')}: {_text(one)}"
            for key, one in value.items()
            if one not in (None, "", [], {}) and key not in PASSING | MACHINES
        )
        return _cut(told)
    if isinstance(value, list):
        return _cut(", ".join(_text(one) for one in value))
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
