"""How often who was killed in the middle of an erasure, and what was found afterwards: the tests of faults, counted.

They run on servers of their own, by day some seventy deaths, by night (./run bench faults --night) more than five hundred.
A long run goes in pieces: `SAMMATI_FAULTS=file SAMMATI_DEATHS=90 ./run test tests/faults/test_many_deaths.py` as often as
one likes, and then `SAMMATI_FAULTS=file ./run bench faults`, which counts what stands in the file.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from governance.setup.environment import ALL_URLS
from governance.setup.places import CHECKOUT
from tests.bench.table import NIGHT, Row, measure, row
from tests.conftest import World

OURS = ("SAMMATI_TEST_SERVERS", "SAMMATI_VAR", "SAMMATI_PROCESS", "SAMMATI_OPENING_SECONDS", "TMPDIR")


@measure("faults")
def faults(world: World) -> list[Row]:
    given = os.environ.get("SAMMATI_FAULTS", "")
    if given and Path(given).exists():
        return rows(Path(given).read_text())
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "faults.jsonl"
        run(told)
        return rows(told.read_text())


def run(told: Path) -> None:
    """Every test of faults that counts; raises RuntimeError with the end of what it said when one of them fails."""
    environ = {name: value for name, value in os.environ.items() if name not in (*OURS, *ALL_URLS)}
    environ |= {"SAMMATI_FAULTS": str(told), "SAMMATI_NIGHT": "1" if NIGHT else "0"}
    counting = [
        path
        for path in (CHECKOUT / "tests" / "faults").glob("test_*_*.py")
        if "tally.kept(" in path.read_text()
    ]
    command = [sys.executable, "-m", "pytest", *map(str, sorted(counting)), "-n0", "-q"]
    ran = subprocess.run(command, cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"A fault was not survived:\n{ran.stdout[-4000:]}")


def rows(told: str) -> list[Row]:
    """Of the lines that tests/faults/tally.py wrote."""
    found: list[dict[str, Any]] = [json.loads(line) for line in told.splitlines() if line.strip()]
    killed = sum((Counter(one["killed"]) for one in found), Counter[str]())
    total = {
        what: sum(one[what] for one in found)
        for what in ("orders", "lost", "residue", "against_hold", "proofs")
    }
    seeds = sorted({one["seed"] for one in found if one["seed"]})
    note = f"{len(found)} runs, {total['orders']:,} orders; seeds {', '.join(map(str, seeds)) or 'none'}"
    by = [row(f"kill -9: {process}", n, None, "times") for process, n in sorted(killed.items())]
    whole = 500 if NIGHT or killed.total() >= 500 else 40
    return [
        row("kill -9 in the middle of an erasure", killed.total(), None, "times", at_least=whole, of_ours=True, note=note),
        *by,
        row("runs that failed", sum(one["failed"] for one in found), None, "runs", at_most=0, of_ours=True),
        row("orders lost", total["lost"], None, "orders", at_most=0, of_ours=True),
        row("orders shown as done with something left", total["residue"], None, "orders", at_most=0, of_ours=True),
        row("carried out against a hold", total["against_hold"], None, "orders", at_most=0, of_ours=True),
        row("proofs looked at again, all true", total["proofs"], None, "proofs", of_ours=True),
    ]  # fmt: skip
