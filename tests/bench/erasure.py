"""From the order to its proofs for one person, the worker idle; beside it the plain DELETEs of the same rows."""

import os
import time
from statistics import median

import psycopg

from governance.demo import systems
from governance.people.models import Person
from governance.retention import together
from governance.retention.models import ErasureOrder, Step
from tests import make
from tests.bench.company import company
from tests.bench.table import Row, measure, row
from tests.conftest import World

TIMES = 20


@measure("erasure")
def one_person(world: World) -> list[Row]:
    made = company(world)
    world.sign_in("owner")
    url = os.environ["FEATURE_STORE_OWNER_URL"]
    systems.build_store(url)
    world.sign_in("web")
    if not made.purpose.systems.exists():
        systems.register(made)
    from django.conf import settings

    folder = settings.VAR / systems.FOLDER
    asha = Person.objects.get(pk=made.asha.pk)
    proved, plain = [], []
    for _ in range(TIMES):
        company(world)  # consents again, with an open stream
        for _ in range(4):
            make.post(made, *[make.event("N-1001")] * 100)
        systems.extract(url, folder, asha)
        from governance.consents import ledger

        ledger.withdraw_purpose(made.purpose, by=asha)
        order = ErasureOrder.objects.filter(person=asha).latest("created_at")
        world.sign_in("eraser")
        began = time.perf_counter()
        together.carry_out([order.pk])
        proved.append((time.perf_counter() - began) * 1000)
        state = ErasureOrder.objects.get(pk=order.pk).state
        if state != "done":
            faults = [
                (s.system.code, s.fault, s.residue)
                for s in Step.objects.filter(order=order).exclude(state="verified")
            ]
            raise RuntimeError(f"The order is {state}: {faults}")
        world.sign_in("web")
        systems.extract(url, folder, asha)
        plain.append(_plain_deletes(url))
    note = f"{TIMES} orders of 4 systems (vault, PostgreSQL, files, portal), median; reference: the DELETEs of the same rows in PostgreSQL alone"
    return [
        row(
            "order to proved erasure, one person",
            median(proved),
            median(plain),
            "ms",
            at_most=500,
            of_ours=True,
            note=note,
        )
    ]


def _plain_deletes(url: str) -> float:
    began = time.perf_counter()
    with psycopg.connect(url) as store:
        store.execute(
            "DELETE FROM features USING sessions s WHERE s.id = session_id AND s.person_number = 'N-1001'"
        )
        store.execute("DELETE FROM sessions WHERE person_number = 'N-1001'")
    return (time.perf_counter() - began) * 1000
