"""One row a measurement; one table and one JSON file a run."""

import json
import os
import platform
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
    """The machine on one line: a figure without it says nothing."""
    there = about()
    return (
        f"{there['processor']}, {there['cores']} cores, {there['memory_gib']} GiB of memory, {there['system']},"
        f" Python {there['python']}, PostgreSQL {there['postgresql']}"
    )


def about() -> dict[str, Any]:
    """What of the machine bears on figures. Memory is what the system has, not what is free."""
    return {
        "processor": _said("/proc/cpuinfo", r"(?:model name|Model|Hardware)\s*:\s*(.+)") or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(_said("/proc/meminfo", r"MemTotal:\s*(\d+) kB") or 0) / 2**20, 1) or None,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "postgresql": 18,
    }  # fmt: skip


def _said(file: str, pattern: str) -> str:
    try:
        found = re.search(pattern, Path(file).read_text())
    except OSError:  # no Linux
        return ""
    return found[1].strip() if found else ""


def write(rows: list[Row], path: Path) -> None:
    """{"machine", "night", "measured_at", "rows"}."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "machine": about(), "night": NIGHT, "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": [asdict(r) for r in rows],
    }  # fmt: skip
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False))


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
