"""Over HTTP at 1, 8 and 32 clients: one decision, decisions about 1,000 people × 4 signals, a yes and a withdrawal with its receipt."""

from typing import Any

from tests.bench import crowd, serving
from tests.bench.table import Row, measure, row
from tests.conftest import World

AT_ONCE = (1, 8, 32)
WRITTEN, ENDED = 4_000, 3_600  # people set aside for a run of writes, of withdrawals
WHAT = {
    "single": "decision",
    "batch": "1,000 people × 4 signals",
    "write": "consent and receipt",
    "end": "withdrawal and receipt",
}


def _people(kind: str, number: int) -> list[str]:
    """Whoever writes is taken once."""
    if kind == "write":
        return crowd.silent(number * WRITTEN, WRITTEN)
    everybody = crowd.agreed(crowd.AGREED)
    return everybody[-(number + 1) * ENDED :][:ENDED] if kind == "end" else everybody[:1000]


@measure("api")
def over_http(world: World) -> list[Row]:
    """Two web processes with eight threads each; the loader shares the machine."""
    said: dict[tuple[str, int], dict[str, Any]] = {}
    with crowd.crowded(world) as (full, made), serving.ours(full, made) as job:
        for kind in WHAT:
            for number, count in enumerate(AT_ONCE):
                said[kind, count] = serving.loaded(job, kind, count, _people(kind, number))
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
