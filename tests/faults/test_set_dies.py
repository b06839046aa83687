"""Kill -9 while orders are worked on as a set: each goes on where its own journal stands, and has each Proof once."""

import os
import random
import signal
from collections import Counter

import pytest
from django.db import connections

from governance.audit.models import Entry
from governance.capture import keys
from governance.people.models import Message
from governance.retention import together
from governance.retention.models import ErasureOrder, Proof, Step
from tests.faults import tally
from tests.faults.carry_out_and_die import arm
from tests.faults.test_killed_in_the_middle import FOUND, NIGHT
from tests.retention.conftest import Stage, founded, stage, store

__all__ = ["founded", "stage", "store"]
SYSTEMS = 4
PASSED = {"set claim": 1, "set begin": SYSTEMS, "erase_all": SYSTEMS, "residues": SYSTEMS, "set proved": SYSTEMS, "set settle": 1}  # fmt: skip
EVERY = [
    (place, n, when)
    for place, times in PASSED.items()
    for n in range(1, times + 1)
    for when in ("before", "after")
]


def forked(stage: Stage, orders: list[ErasureOrder], place: str = "", nth: int = 0, when: str = "") -> int:
    """A child carries them out as the eraser and dies; the signal that ended it, 0 when it came to its end."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            stage.world.sign_in("eraser")
            arm(place, nth, when)
            together.carry_out([order.pk for order in orders])
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it neither died nor came to an end"
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


@pytest.mark.slow
def test_no_death_of_a_set_loses_an_order_and_each_is_proved_once(stage: Stage) -> None:
    seed = tally.seed()
    dice, died = random.Random(seed), Counter[str]()
    for name in ("asha", "bela"):
        stage.consent(name)
    orders = [stage.withdraw(name) for name in ("asha", "bela")]
    deaths = EVERY if NIGHT else dice.sample(EVERY, 14)
    for place, nth, when in sorted(
        deaths, key=lambda one: one[1]
    ):  # early deaths first: later ones find more done
        died[place] += forked(stage, orders, place, nth, when) == signal.SIGKILL
        for order in orders:
            stage.due_again(order)
            ErasureOrder.objects.filter(pk=order.pk).exclude(state="done").update(attempts=1)
    assert died.total() >= 2
    assert forked(stage, orders) == 0

    with tally.kept("a set at every step", seed) as told:
        told.killed["eraser"] = died.total()
        told.check(lambda: _assert_proved_once(stage, orders), orders=len(orders), proofs=4 * len(orders))
    print(f"{died.total()} deaths at {len(died)} places")


def _assert_proved_once(stage: Stage, orders: list[ErasureOrder]) -> None:
    stage.world.sign_in("eraser")
    for order in orders:
        order.refresh_from_db()
        assert order.state == "done"
        proofs = {row.system.code: row for row in Proof.objects.filter(order=order).select_related("system")}
        assert {code: (row.found_before, row.erased) for code, row in proofs.items()} == {
            code: (found, found) for code, found in FOUND.items()
        }
        assert set(Step.objects.filter(order=order).values_list("state", flat=True)) == {"verified"}
        assert not keys.left_of(order.streams)
        assert Message.objects.filter(code="order_done", facts__order=str(order.pk)).count() == 1
        assert Entry.objects.filter(about_id=order.pk, code="order.done").count() == 1
        assert stage.store.rows_of(order.person) == 0
        number = order.person.number.encode()
        assert not any(number in path.read_bytes() for path in stage.folder.rglob("*") if path.is_file())
    assert stage.store.rows_of(stage.cast.emil) == 13
