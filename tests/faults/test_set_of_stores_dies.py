"""Kill -9 while the orders of many are worked on as a set in a Redis and in a bucket: between any two commands of the store, between
the act and the proof, after it. Every order of the set ends with one Proof, and what that says is so: before, erased, after.

By day some deaths, by night many. The seed is printed; SAMMATI_SEED repeats a run.
"""

import os
import random
import signal
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connections
from redis.client import Pipeline

from governance.audit.models import Entry
from governance.people.models import Message
from governance.purposes.models import DataSystem
from governance.retention import erasure, journal_sets, systems, together
from governance.retention.connectors import bucket
from governance.retention.connectors import keystore as pages
from governance.retention.connectors.bucket import Bucket
from governance.retention.connectors.keyvalue import RedisConnector
from governance.retention.connectors.s3 import S3Connector
from governance.retention.models import ErasureOrder, Proof, Step
from tests.faults import tally
from tests.faults.carry_out_and_die import die
from tests.retention import at_hand
from tests.retention.conftest import Stage, founded, keystore, moto, stage, store

__all__ = ["founded", "keystore", "moto", "stage", "store"]
DEATHS = tally.deaths(8, 60)
NAMES = ("asha", "bela")
# What is wrapped, its method, and how often it is passed on the way of a set, about; the rest of the way is the journal's.
JOURNAL = [(journal_sets, name, 5 if name != "settle" else 1) for name in ("begin", "proved", "settle")]
PLACES: dict[str, list[tuple[Any, str, int]]] = {
    "redis": [(Pipeline, "execute", 60), (RedisConnector, "erase_all", 1), (RedisConnector, "residues", 1), *JOURNAL],
    "s3": [(Bucket, "_delete", 8), (Bucket, "replace", 2), (S3Connector, "erase_all", 1), (S3Connector, "residues", 1), *JOURNAL],
}  # fmt: skip


def arm(where: Any, name: str, nth: int, when: str) -> None:
    """This process dies when it comes by for the `nth` time, before that is done or when it is."""
    original, seen = getattr(where, name), 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == nth and when == "before":
            die()
        result = original(*args, **kwargs)
        if seen == nth:
            die()
        return result

    setattr(where, name, wrapped)


def forked(stage: Stage, orders: list[ErasureOrder], prepare: Callable[[], None]) -> bool:
    """A child carries them out as the eraser, as a set; did it die? It asks the stores for little at a time."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            stage.world.sign_in("eraser")
            pages.PAGE, bucket.AT_ONCE = 2, 2
            prepare()
            if len(orders) == 1:
                erasure.carry_out(orders[0].pk)
            else:
                together.carry_out([order.pk for order in orders])
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it neither died nor came to an end"
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["redis", "s3"])
def test_a_set_that_dies_in_a_store_is_proved_truthfully(
    stage: Stage, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    seed = tally.seed()
    dice = random.Random(seed)
    stage.world.sign_in("web")
    more = DataSystem.objects.create(
        code="more", name="One more", holds="traces", country="IN", entity=stage.cast.software
    )
    with tally.kept(f"a set in {kind}", seed) as told:
        while told.killed.total() < DEATHS:
            if kind == "redis":
                case, inside = at_hand.keys(request.getfixturevalue("keystore"), monkeypatch)
            else:
                case, inside = at_hand.bucket(request.getfixturevalue("moto"), monkeypatch)
            stage.world.sign_in("web")
            systems.connect(more, kind, case.options, by=stage.cast.dev)
            systems.confirm_map(more, stage.cast.purpose, case.map, by=stage.cast.dev)
            orders = [stage.withdraw_without_capture(name) for name in NAMES]
            there = {order.pk: _found(case, order) for order in orders}
            assert all(there.values())
            places, apart = 0, False
            while any(order.state != "done" for order in orders):
                where, name, times = dice.choice(PLACES[kind])
                nth, when = dice.randint(1, times), dice.choice(("before", "after"))
                places += 1
                alone = dice.random() < 0.15  # one is carried on by itself, so that their journals differ
                apart |= alone
                last = places > 2 * DEATHS or told.killed.total() >= DEATHS
                open_ones = [order for order in orders if order.state != "done"]
                died = forked(
                    stage,
                    [dice.choice(open_ones)] if alone else open_ones,
                    lambda a=(where, name, nth, when), last=last: None if last else arm(*a),
                )
                told.killed["eraser"] += died
                for order in orders:
                    stage.due_again(order)
                    ErasureOrder.objects.filter(pk=order.pk).exclude(state="done").update(attempts=0)
                    order.refresh_from_db()
                    if order.state != "done" and Proof.objects.filter(order=order, system=more).exists():
                        assert not _found(case, order), "a proof of what is still there"
            told.lost += ErasureOrder.objects.exclude(state="done").count()
            look = partial(_assert_true, stage, case, inside, orders, there, more, apart)
            told.check(look, orders=2, proofs=2)


def _found(case: at_hand.Case, order: ErasureOrder) -> int:
    """What the store holds of whom the order is about, counted for them alone."""
    return sum(case.connector.count(order.scope(), chunk) for chunk in case.connector.chunks(order.scope()))


def _assert_true(
    stage: Stage, case: at_hand.Case, inside: Any, orders: list[ErasureOrder], there: dict[Any, int], more: DataSystem,
    apart: bool,
) -> None:  # fmt: skip
    stage.world.sign_in("eraser")
    for order in orders:
        proof = Proof.objects.get(order=order, system=more)
        assert (proof.erased, proof.found_after) == (proof.found_before, 0)
        # An older version that holds two people goes whole with the first of them: carried on alone, the second does not
        # find it any more.
        less = apart and isinstance(case.connector, S3Connector)
        assert proof.found_before == there[order.pk] or (less and proof.found_before < there[order.pk])
        assert case.connector.residue(order.scope()).count == 0
        assert set(Step.objects.filter(order=order).values_list("state", flat=True)) == {"verified"}
        assert Message.objects.filter(code="order_done", facts__order=str(order.pk)).count() == 1
        assert Entry.objects.filter(about_id=order.pk, code="order.done").count() == 1
    if isinstance(case.connector, RedisConnector):
        assert inside.hgetall("scores:may") == {b"average": b"6"}, "somebody else lost something"
    else:
        told = inside.list_object_versions(Bucket=case.options["bucket"])
        assert {row["Key"] for row in told["Versions"]} == {"minutes/may.txt", "teams/claims.csv"}
