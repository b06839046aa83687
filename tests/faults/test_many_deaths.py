"""Kill -9, again and again, wherever the dice fall: no order is lost, none is shown as done with something left.

A forked child carries the order out and dies; the next one goes on where the journal stands. By day 40 deaths: 24, and a
third as many again each with two workers at one order and with a set of two people's orders. By night 500, and as many
thirds; SAMMATI_DEATHS asks for another number, as for a long run in pieces. The seed is printed; SAMMATI_SEED repeats a run.
"""

import os
import random
import signal
import time
from collections import Counter

import pytest
from django.db import connections

from governance.audit.models import Entry
from governance.capture import keys
from governance.demo import systems as demo
from governance.people.models import Message
from governance.retention import erasure, sweep
from governance.retention.models import ErasureOrder, Lot, Proof, Step
from tests.faults import tally
from tests.faults.carry_out_and_die import arm
from tests.faults.test_killed_in_the_middle import EVERY, FOUND
from tests.faults.test_set_dies import EVERY as OF_SETS
from tests.faults.test_set_dies import forked as forked_set
from tests.retention.conftest import Stage, founded, stage, store

__all__ = ["founded", "stage", "store"]
DEATHS = tally.deaths(24, 500)
SHARED = [
    (place, nth, when)
    for place in ("share", "take", "end", "erase", "proved")
    for nth in (1, 2)
    for when in ("before", "after")
]


def forked(
    stage: Stage, order: ErasureOrder, place: str = "", nth: int = 0, when: str = "", helped: bool = False
) -> int:
    """Carries the order out in a child as the eraser; the signal that ended it, 0 when it came to its end.

    `helped`: it shares whatever it finds, and a second child comes to help as soon as there is something to take.
    """
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            stage.world.sign_in("eraser")
            erasure.MANY = -1 if helped else erasure.MANY
            arm(place, nth, when)
            erasure.carry_out(order.pk)
        except BaseException:
            os._exit(1)
        os._exit(0)
    helper = _helper(stage, order) if helped else None
    status = os.waitpid(child, 0)[1]
    if helper:
        assert os.waitpid(helper, 0)[1] == 0
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it neither died nor came to an end"
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def _helper(stage: Stage, order: ErasureOrder) -> int:
    """Another worker, to whom the message came: the order is shared under the claim in force."""
    child = os.fork()
    if child == 0:
        try:
            stage.world.sign_in("eraser")
            until = time.monotonic() + 1.5
            while time.monotonic() < until:
                fence = ErasureOrder.objects.values_list("fence", flat=True).get(pk=order.pk)
                if Lot.objects.filter(order=order, fence=fence).exists():
                    erasure.help_out(order.pk, fence)
                    break
                time.sleep(0.01)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return child


def ordered(stage: Stage, again: bool) -> ErasureOrder:
    """Everything of Asha's is there (once more), she has agreed and withdrawn."""
    if again:
        people = [stage.cast.people[name] for name in ("asha", "bela", "emil", "nisha")]
        demo.fill_store(stage.store.owner_url, people[:1])
        demo.fill_folder(stage.folder, people)
    stage.consent("asha")
    return stage.withdraw("asha")


def assert_true(stage: Stage, order: ErasureOrder) -> None:
    """Every Proof is looked at again: nothing is left, nobody else has lost anything, each thing was said once."""
    stage.world.sign_in("eraser")
    proofs = {row.system.code: row for row in Proof.objects.filter(order=order).select_related("system")}
    assert {code: (row.found_before, row.erased) for code, row in proofs.items()} == {
        c: (n, n) for c, n in FOUND.items()
    }
    assert set(Step.objects.filter(order=order).values_list("state", flat=True)) == {"verified"}
    assert stage.store.rows_of(stage.cast.asha) == 0 and stage.store.rows_of(stage.cast.bela) == 13
    assert not any(b"N-1001" in path.read_bytes() for path in stage.folder.rglob("*") if path.is_file())
    assert not keys.left_of(order.streams)
    assert Message.objects.filter(code="order_done", facts__order=str(order.pk)).count() == 1
    assert Entry.objects.filter(about_id=order.pk, code="order.done").count() == 1


@pytest.mark.slow
@pytest.mark.parametrize("helped", [False, True], ids=["one worker", "two workers at one order"])
def test_no_death_loses_an_order_and_none_is_done_with_something_left(stage: Stage, helped: bool) -> None:
    seed = tally.seed()
    with tally.kept("two workers at one order" if helped else "one worker", seed) as told:
        _many_deaths(stage, random.Random(seed), helped, told)


def _many_deaths(stage: Stage, dice: random.Random, helped: bool, told: tally.Tally) -> None:
    began, died = time.monotonic(), Counter[str]()
    wanted = DEATHS // 3 if helped else DEATHS
    order = ordered(stage, again=False)
    while died.total() < wanted:
        place, nth, when = dice.choice(SHARED if helped else EVERY)
        nth = min(nth, dice.choice((1, 1, 1, 2)))  # dying early and often on the way costs no new order
        if forked(stage, order, place, nth, when, helped) == signal.SIGKILL:
            died[f"{when} {place}"] += 1
            told.killed["eraser"] += 1
        stage.due_again(order)
        order.refresh_from_db()
        if order.state != "done":
            ErasureOrder.objects.filter(pk=order.pk).update(attempts=1)
            continue
        told.check(lambda order=order: assert_true(stage, order), proofs=len(FOUND))
        order = ordered(stage, again=True)
    stage.due_again(order)
    assert forked(stage, order) == 0
    told.check(lambda: assert_true(stage, order), proofs=len(FOUND))
    told.lost = ErasureOrder.objects.exclude(state="done").count()
    print(f"{died.total()} deaths at {len(died)} places in {time.monotonic() - began:.0f} s")


def assert_set_true(stage: Stage, orders: list[ErasureOrder]) -> None:
    """The same of each of a set, and nobody else has lost anything."""
    stage.world.sign_in("eraser")
    for order in orders:
        proofs = {row.system.code: row for row in Proof.objects.filter(order=order).select_related("system")}
        assert {code: (row.found_before, row.erased) for code, row in proofs.items()} == {
            c: (n, n) for c, n in FOUND.items()
        }
        assert set(Step.objects.filter(order=order).values_list("state", flat=True)) == {"verified"}
        assert stage.store.rows_of(order.person) == 0 and not keys.left_of(order.streams)
        number = order.person.number.encode()
        assert not any(number in path.read_bytes() for path in stage.folder.rglob("*") if path.is_file())
        assert Message.objects.filter(code="order_done", facts__order=str(order.pk)).count() == 1
        assert Entry.objects.filter(about_id=order.pk, code="order.done").count() == 1
    assert stage.store.rows_of(stage.cast.emil) == 13


@pytest.mark.slow
def test_no_death_of_a_set_loses_an_order_and_none_is_done_with_something_left(stage: Stage) -> None:
    """Two people's orders are due together; now and then one of them is carried on alone, so that their journals differ."""
    seed = tally.seed()
    with tally.kept("a set of orders", seed) as told:
        _many_deaths_of_sets(stage, random.Random(seed), told)


def _many_deaths_of_sets(stage: Stage, dice: random.Random, told: tally.Tally) -> None:
    began, died = time.monotonic(), Counter[str]()
    names, sets, orders = ("asha", "bela"), 0, list[ErasureOrder]()
    people = [stage.cast.people[name] for name in (*names, "emil", "nisha")]
    while died.total() < DEATHS // 3 or orders:
        if not orders:
            if sets:
                demo.fill_store(stage.store.owner_url, people[:2])
                demo.fill_folder(stage.folder, people)
            for name in names:
                stage.consent(name)
            orders, sets = [stage.withdraw(name) for name in names], sets + 1
        place, nth, when = dice.choice(OF_SETS)
        nth = min(nth, dice.choice((1, 1, 2, 4)))
        if died.total() >= DEATHS // 3:
            assert forked_set(stage, orders) == 0
        elif dice.random() < 0.2:
            place, nth, when = dice.choice(EVERY)
            died[f"{when} {place}"] += forked(stage, dice.choice(orders), place, 1, when) == signal.SIGKILL
        else:
            died[f"{when} {place}"] += forked_set(stage, orders, place, nth, when) == signal.SIGKILL
        told.killed["eraser"] = died.total()
        for order in orders:
            stage.due_again(order)
            ErasureOrder.objects.filter(pk=order.pk).exclude(state="done").update(attempts=1)
            order.refresh_from_db()
        if all(order.state == "done" for order in orders):
            done = list(orders)
            told.check(
                lambda done=done: assert_set_true(stage, done),
                orders=len(done),
                proofs=len(done) * len(FOUND),
            )
            orders = []
    told.lost = ErasureOrder.objects.exclude(state="done").count()
    print(
        f"{died.total()} deaths at {len(+died)} places over {sets} sets in {time.monotonic() - began:.0f} s"
    )


def test_two_sweeps_at_once_raise_each_order_once(stage: Stage) -> None:
    stage.store.do("UPDATE sessions SET started_at = started_at - interval '2 years'")
    connections.close_all()
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            try:
                stage.world.sign_in("eraser")
                from datetime import UTC, datetime

                sweep.run(datetime.now(UTC).date())
            except BaseException:
                os._exit(1)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    stage.world.sign_in("eraser")
    raised = list(ErasureOrder.objects.filter(because="rule.due").values_list("person", "purpose"))
    assert raised and len(raised) == len(set(raised))
