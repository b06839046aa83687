"""Stale admissions in 10,000 withdrawals under 8 writers on the same person (goal 0), and how long a withdrawal waits."""

import os
import time

from governance.consents import ledger
from governance.consents.models import ConsentRecord
from governance.people.models import Person
from tests import make
from tests.bench.company import company
from tests.bench.table import Row, measure, row
from tests.conftest import World
from tests.races.storm import admitted, forget_admitted, key_maker, storm

WRITERS = 8
TIMES = int(os.environ.get("SAMMATI_BENCH_WITHDRAWALS", "10000"))


@measure("withdrawals")
def withdrawals(world: World) -> list[Row]:
    made = company(world)
    asha = Person.objects.get(pk=made.asha.pk)
    ledger.withdraw_purpose(made.purpose, by=asha)
    stale, waits, came_in = 0, [], 0
    with storm(world, made, WRITERS) as raging, key_maker(world) as open_streams:
        for trial in range(TIMES):
            if trial % 20 == 0:
                forget_admitted(world)
            make.consent(asha, made.purpose, "ui_event", open_streams=False)
            open_streams()
            before = len(admitted(asha.pk))
            raging.go.set()
            for _ in range(2000):
                if len(admitted(asha.pk)) > before:
                    break
            record = ConsentRecord.objects.get(person=asha, ended_at=None)
            began = time.perf_counter()
            ledger.withdraw(record.pk, by=asha)
            waits.append((time.perf_counter() - began) * 1000)
            right_after = admitted(asha.pk)
            raging.each_tries_again(1)
            stale += len(admitted(asha.pk) - right_after)
            raging.go.clear()
            came_in += len(right_after) - before
    waits.sort()
    note = (
        f"{TIMES:,} withdrawals, {WRITERS} writers on the same person, {came_in:,} batches admitted meanwhile"
    )
    return [
        row("stale admissions after a withdrawal has returned", stale, None, "batches", at_most=0, of_ours=True, note=note),
        row("withdrawal under that load, p99", waits[int(len(waits) * 0.99)], waits[len(waits) // 2], "ms",
            note=f"reference: the median of the same run; longest {waits[-1]:.0f} ms; writers and verb share one interpreter"),
    ]  # fmt: skip
