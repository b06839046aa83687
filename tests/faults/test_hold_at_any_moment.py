"""A legal hold is placed at a random moment while orders are carried out, alone and as a set: from the moment at which
the lawyer has it, nothing more of the person is erased in any system, and the order is held; or it was done before.

By day ten holds, by night a hundred. The seed is printed; SAMMATI_SEED repeats a run.
"""

import os
import random
import time
from collections import Counter

import pytest
from django.db import connection, connections

from governance.capture import keys
from governance.demo import systems as demo
from governance.people.models import Person
from governance.retention import erasure, holds, together
from governance.retention.connectors.folder import UNFINISHED
from governance.retention.models import ErasureOrder, Hold, Matter, Proof
from tests.faults import tally
from tests.faults.test_killed_in_the_middle import NIGHT
from tests.retention.conftest import Stage, founded, stage, store

__all__ = ["founded", "stage", "store"]
HOLDS = 100 if NIGHT else 6
LONGEST = 0.6  # seconds from the start of the work to the hold


def left_of(stage: Stage, person: Person, order: ErasureOrder) -> tuple[int, int, int, int]:
    """What is still there of the person: rows of the store, mentions in files, sealed segments, keys."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault.segment WHERE stream = ANY(%s)", [order.streams])
        segments = cursor.fetchone()[0]
    # What stands beside a file while it is rewritten for somebody else is a copy for a moment.
    there = [path for path in sorted(stage.folder.rglob("*")) if not path.name.startswith(UNFINISHED)]
    files = (path.read_bytes() for path in there if path.is_file())
    mentions = sum(found.count(str(person.number).encode()) for found in files)
    return stage.store.rows_of(person), mentions, segments, len(keys.left_of(order.streams))


def work(stage: Stage, orders: list[ErasureOrder], together_: bool) -> int:
    """A child begins to carry them out as the eraser."""
    connections.close_all()
    child = os.fork()
    if child:
        return child
    try:
        stage.world.sign_in("eraser")
        if together_:
            together.carry_out([order.pk for order in orders])
        else:
            for order in orders:
                erasure.carry_out(order.pk)
    except BaseException:
        os._exit(1)
    os._exit(0)


@pytest.mark.slow
def test_nothing_is_erased_after_the_hold_is_there(stage: Stage) -> None:
    seed = tally.seed()
    with tally.kept("a hold at any moment", seed) as told:
        _many_holds(stage, random.Random(seed), told)


def _many_holds(stage: Stage, dice: random.Random, told: tally.Tally) -> None:
    ends = Counter[str]()
    people = [stage.cast.people[name] for name in ("asha", "bela", "emil", "nisha")]
    matter = holds.open_matter(stage.cast.software, "A dispute", by=stage.cast.lata)
    for at in range(HOLDS):
        if at:
            demo.fill_store(stage.store.owner_url, people[:2])
            demo.fill_folder(stage.folder, people)
        for name in ("asha", "bela"):
            stage.consent(name)
        orders = [stage.withdraw(name) for name in ("asha", "bela")]
        held = orders[0]
        stage.world.sign_in("eraser")
        full = left_of(stage, people[0], held)
        child = work(stage, orders, together_=bool(at % 2))
        stage.world.sign_in("web")
        time.sleep(dice.random() * LONGEST)
        hold = holds.place(because=matter, by=stage.cast.lata, on=people[0])
        stage.world.sign_in("eraser")
        there = left_of(stage, people[0], held)
        assert os.waitpid(child, 0)[1] == 0
        told.against_hold += left_of(stage, people[0], held) != there
        for order in orders:
            order.refresh_from_db()
        assert held.state in ("held", "done")
        assert held.state == "done" or Proof.objects.filter(order=held).count() < 4
        ends[
            "done before"
            if held.state == "done"
            else "nothing was begun"
            if there == full
            else "in the middle"
        ] += 1

        stage.world.sign_in("owner")
        Matter.objects.filter(pk=matter.pk).update(closed_at=matter.opened_at)
        holds.release(hold, by=stage.cast.lata, second=stage.cast.leon)
        Matter.objects.filter(pk=matter.pk).update(closed_at=None)
        assert not Hold.objects.in_force().exists()
        for order in orders:
            stage.due_again(order)
            order.refresh_from_db()
            if order.state != "done":
                ErasureOrder.objects.filter(pk=order.pk).update(attempts=0)
                assert stage.carry_out(order) == "done"
        stage.world.sign_in("eraser")
        told.check(lambda held=held: _assert_nothing_left(stage, people[0], held), orders=2, proofs=8)
    told.lost = ErasureOrder.objects.exclude(state="done").count()
    print(f"{HOLDS} holds: {', '.join(f'{n} {what}' for what, n in sorted(ends.items()))}")


def _assert_nothing_left(stage: Stage, person: Person, order: ErasureOrder) -> None:
    assert left_of(stage, person, order) == (0, 0, 0, 0)
