"""A person agrees again, and their client sends what it kept offline, while what they had withdrawn is being erased: of the
old nothing is left, of the new nothing is lost, and what happened in between is in neither.

By day four trials, by night sixty. The seed is printed; SAMMATI_SEED repeats a run.
"""

import os
import random
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from governance.capture import keys
from governance.consents.models import Stream
from governance.retention.models import ErasureOrder
from tests import make
from tests.faults.test_hold_at_any_moment import work
from tests.faults.test_killed_in_the_middle import NIGHT
from tests.retention.conftest import Stage, founded, stage, store

__all__ = ["founded", "stage", "store"]
TRIALS = 60 if NIGHT else 4
LONGEST = 0.4  # seconds from the start of the erasure to the new yes


def sealed(streams: list[object]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault.segment WHERE stream = ANY(%s)", [streams])
        count: int = cursor.fetchone()[0]
        return count


@pytest.mark.slow
def test_a_new_yes_loses_nothing_and_an_old_one_keeps_nothing(stage: Stage) -> None:
    seed = int(os.environ.get("SAMMATI_SEED", "0")) or random.randrange(1, 10**6)
    print(f"seed {seed}")
    dice, asha, met = random.Random(seed), stage.cast.asha, 0
    for _ in range(TRIALS):
        stage.consent("asha")
        order = stage.withdraw("asha")
        withdrawn = datetime.now(UTC)
        child = work(stage, [order], together_=dice.random() < 0.5)
        time.sleep(dice.random() * LONGEST)
        stage.world.sign_in("web")
        order.refresh_from_db()
        met += order.state != "done"
        between = [
            make.event(asha.number, at=(withdrawn + timedelta(milliseconds=n)).isoformat()) for n in range(5)
        ]
        before = [
            make.event(asha.number, at=(withdrawn - timedelta(minutes=n)).isoformat()) for n in range(1, 6)
        ]
        stage.consent("asha", events=4)  # admitted, as it says itself
        late = make.post(stage.cast, *between, *before)
        assert late["admitted"] == 0, "what was kept offline belongs to no consent that is on"
        assert os.waitpid(child, 0)[1] == 0

        stage.due_again(order)
        order.refresh_from_db()
        if order.state != "done":
            assert stage.carry_out(order) == "done"
        stage.world.sign_in("eraser")
        new = list(Stream.objects.filter(person=asha, state="open").values_list("pk", flat=True))
        assert new and not set(new) & set(order.streams)
        assert keys.left_of(new) == set(new) and sealed(new) > 0, "something of the new yes was erased"
        assert not keys.left_of(order.streams) and sealed(list(order.streams)) == 0
        stage.world.sign_in("web")
        last = stage.withdraw("asha")
        assert stage.carry_out(last) == "done"
    assert ErasureOrder.objects.exclude(state="done").count() == 0
    print(f"{TRIALS} times agreed again, {met} of them while the erasure was under way")
