"""What faults were tried and what was found afterwards, counted: printed, and a line of JSON for the table of the bench.

`SAMMATI_FAULTS` names the file; each line is {"name", "seed", "killed": {process: n}, "orders", "lost", "residue",
"against_hold", "proofs", "failed"}, the last whether the test came to no good end. Without it nothing is written.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path


def seed() -> int:
    """Of this run, printed: SAMMATI_SEED repeats one."""
    given = int(os.environ.get("SAMMATI_SEED", "0")) or random.randrange(1, 10**6)
    print(f"seed {given}")
    return given


def deaths(by_day: int, by_night: int) -> int:
    """How many; SAMMATI_DEATHS asks for another number, so that a long run goes in pieces, each with its seed."""
    night = os.environ.get("SAMMATI_NIGHT") == "1"
    return int(os.environ.get("SAMMATI_DEATHS", "0")) or (by_night if night else by_day)


@dataclass
class Tally:
    """`killed`: by process. `residue`: orders shown as done of which something was left, or a Proof was untrue."""

    name: str
    seed: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    lost: int = 0
    residue: int = 0
    against_hold: int = 0
    proofs: int = 0
    failed: bool = False
    untrue: list[str] = field(default_factory=list)

    def check(self, look: Callable[[], None], *, orders: int = 1, proofs: int) -> None:
        """Look at an order that is shown as done; what is not true of it is counted, and told at the end."""
        self.orders, self.proofs = self.orders + orders, self.proofs + proofs
        try:
            look()
        except AssertionError as error:
            self.residue += 1
            self.untrue.append(str(error)[:2000])

    def __str__(self) -> str:
        killed = ", ".join(f"{process} {n} times" for process, n in sorted(self.killed.items()))
        return (
            f"killed: {killed or 'nobody'}; {self.orders} orders, lost {self.lost}, done with something left {self.residue},"
            f" against a hold {self.against_hold}; {self.proofs} proofs looked at again"
        )


@contextmanager
def kept(name: str, seed: int = 0) -> Iterator[Tally]:
    """The tally of one test: told also when the test fails, and nothing in it may be wrong."""
    tally = Tally(name, seed)
    try:
        yield tally
    except BaseException:
        tally.failed = True
        raise
    finally:
        print(f"{name}: {tally}")
        if os.environ.get("SAMMATI_FAULTS"):
            tally.failed |= bool(tally.untrue or tally.lost or tally.residue or tally.against_hold)
            told = {one.name: getattr(tally, one.name) for one in fields(tally) if one.name != "untrue"}
            with Path(os.environ["SAMMATI_FAULTS"]).open("a") as file:
                file.write(json.dumps(told) + "\n")
    assert not tally.untrue, tally.untrue
    assert (tally.lost, tally.residue, tally.against_hold) == (0, 0, 0), str(tally)
