"""Over HTTP at 1, 8 and 32 clients: one decision, decisions about 1,000 people × 4 signals, a yes with its receipt."""

from typing import Any

from tests.bench import crowd, serving
from tests.bench.table import Row, measure, row
from tests.conftest import World

AT_ONCE = (1, 8, 32)
WRITTEN = 4_000  # people set aside for a run of writes
WHAT = {"single": "decision", "batch": "1,000 people × 4 signals", "write": "consent and receipt"}


@measure("api")
def over_http(world: World) -> list[Row]:
    """Two web processes with eight threads each; the loader shares the machine."""
    said: dict[tuple[str, int], dict[str, Any]] = {}
    with crowd.crowded(world) as (full, made), serving.ours(full, made) as job:
        for kind in WHAT:
            for number, count in enumerate(AT_ONCE):
                people = crowd.silent(number * WRITTEN, WRITTEN) if kind == "write" else crowd.agreed(1000)
                said[kind, count] = serving.loaded(job, kind, count, people)
    loaded = f"{crowd.PEOPLE:,} people × {crowd.PURPOSES} purposes"
    rows = [
        row(
            f"API over HTTP: {WHAT[kind]}, {count} client{'s' if count > 1 else ''}", heard["per_second"], None, "requests/s",
            note=f"{serving.told(heard)}; {loaded}",
        )
        for (kind, count), heard in said.items()
    ]  # fmt: skip
    for kind, what in WHAT.items():
        failed = float(sum(heard["failed"] for (one, _count), heard in said.items() if one == kind))
        rows.append(row(f"API over HTTP: {what}, failed", failed, None, "requests", at_most=0, of_ours=True))
    return rows
