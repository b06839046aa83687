"""Kill -9 at each step of the journal, before and after its commit: every system is erased, each has exactly one
Proof, and its "found before" is that of the first attempt."""

import os
import random
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from governance.audit.models import Entry
from governance.capture import keys
from governance.people.models import Message
from governance.retention.models import ErasureOrder, Proof, Step
from tests.faults import tally
from tests.retention.conftest import Stage, founded, stage, store

__all__ = ["founded", "stage", "store"]
HERE = Path(__file__).parent
FOUND = {"vault": 1, "feature-store": 13, "team-files": 9, "portal": 0}
CHUNKS = 2 + 3 + 3 + 1  # streams, tables, kinds of files, free text
NIGHT = os.environ.get("SAMMATI_NIGHT") == "1"

# place → how often it is passed on the way: so every single passing is a place to die
PASSED = {"claim": 1, "plan": 4, "begin": CHUNKS, "erase": CHUNKS, "erased": CHUNKS, "proved": 4, "settle": 1}
EVERY = [
    (place, n, when)
    for place, times in PASSED.items()
    for n in range(1, times + 1)
    for when in ("before", "after")
]
# By day a whole process is started and killed at two places that differ from day to day; many more deaths, without the
# time that starting takes, are in test_many_deaths.py.
DAY = random.Random(date.today().toordinal())
BY_DAY = DAY.sample(EVERY, 2)


def run(
    stage: Stage, order: ErasureOrder, place: str = "", nth: int = 0, when: str = "after"
) -> "subprocess.CompletedProcess[str]":
    environ = stage.world.environment("eraser") | {
        "TEST_VAR": str(stage.folder.parents[1]),
        "PYTHONPATH": str(HERE.parents[1]),
    }
    command = [sys.executable, str(HERE / "carry_out_and_die.py"), str(order.pk), place, str(nth), when]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)


def assert_erased_and_proved_once(stage: Stage, order: ErasureOrder) -> None:
    stage.world.sign_in("eraser")
    order.refresh_from_db()
    assert order.state == "done"
    proofs = {
        proof.system.code: proof for proof in Proof.objects.filter(order=order).select_related("system")
    }
    assert {code: proof.found_before for code, proof in proofs.items()} == FOUND
    assert {code: proof.erased for code, proof in proofs.items()} == FOUND
    assert Proof.objects.filter(order=order).count() == 4
    assert set(Step.objects.filter(order=order).values_list("state", flat=True)) == {"verified"}
    assert stage.store.rows_of(stage.cast.asha) == 0 and stage.store.rows_of(stage.cast.bela) == 13
    assert not any(b"N-1001" in path.read_bytes() for path in stage.folder.rglob("*") if path.is_file())
    assert not keys.left_of(order.streams)
    assert Message.objects.filter(person=order.person, code="order_done").count() == 1
    assert Entry.objects.filter(about_id=order.pk, code="order.done").count() == 1


@pytest.mark.slow
@pytest.mark.parametrize(("place", "nth", "when"), EVERY if NIGHT else BY_DAY)
def test_killed_and_started_again_it_ends_as_if_nothing_had_happened(
    stage: Stage, place: str, nth: int, when: str
) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    killed = run(stage, order, place, nth, when)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    stage.due_again(order)

    if place == "settle" and when == "after":
        assert run(stage, order).stdout.strip() == "None", "it was done already"
    else:
        again = run(stage, order)
        assert again.stdout.strip() == "done", again.stdout + again.stderr[-2000:]
    with tally.kept("a process at one step") as told:
        told.killed["eraser"] = 1
        told.check(lambda: assert_erased_and_proved_once(stage, order), proofs=4)


def test_the_killer_refuses_a_real_database() -> None:
    """Nothing in the product can be armed; and even the test's own killer looks whom it is dealing with."""
    text = (HERE / "carry_out_and_die.py").read_text()
    assert 'startswith("test_")' in text
    product = HERE.parents[1] / "governance"
    assert not any("SIGKILL" in path.read_text() for path in (product / "retention").rglob("*.py"))
