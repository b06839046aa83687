"""One row a measurement; one table and one JSON file a run."""

import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.conftest import World

Measure = Callable[[World], list["Row"]]
MEASURES: dict[str, Measure] = {}
NIGHT = bool(os.environ.get("SAMMATI_BENCH_NIGHT"))  # ./run bench NAME --night: as many as the goals name


@dataclass
class Row:
    """`ratio` is ours over the reference; `goal` says in words what is wanted of it, `met` whether it is so."""

    name: str
    ours: float
    reference: float | None
    unit: str
    ratio: float | None
    goal: str
    met: bool | None
    note: str


def row(
    name: str, ours: float, reference: float | None, unit: str, *, at_least: float | None = None, at_most: float | None = None,
    of_ours: bool = False, note: str = "",
) -> Row:  # fmt: skip
    """A row whose goal is a bound of the ratio, or of our own figure (`of_ours`)."""
    ratio = ours / reference if reference else None
    judged = ours if of_ours else ratio
    goal, met = "reported", None
    if judged is not None and at_least is not None:
        goal, met = f"≥ {at_least:g}{'' if of_ours else ' ×'}", judged >= at_least
    elif judged is not None and at_most is not None:
        goal, met = f"≤ {at_most:g}{'' if of_ours else ' ×'}", judged <= at_most
    return Row(
        name,
        round(ours, 3),
        round(reference, 3) if reference else None,
        unit,
        round(ratio, 4) if ratio else None,
        goal,
        met,
        note,
    )


def measure(name: str) -> Callable[[Measure], Measure]:
    def add(function: Measure) -> Measure:
        MEASURES[name] = function
        return function

    return add


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, PostgreSQL 18"


def write(rows: list[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(r) for r in rows], indent=1, ensure_ascii=False))


def show(rows: list[Row]) -> None:
    heads = ("name", "ours", "reference", "unit", "ratio", "goal", "met", "note")
    cells = [[_cell(getattr(r, head)) for head in heads] for r in rows]
    widths = [
        max(len(head), *(len(line[i]) for line in cells)) if cells else len(head)
        for i, head in enumerate(heads)
    ]
    print("  ".join(head.ljust(width) for head, width in zip(heads, widths, strict=True)))
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))
    print(f"\n{machine()}; the same as JSON: var/bench.json")


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}"
    return str(value)
