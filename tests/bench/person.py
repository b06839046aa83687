"""A person's own page with a thousand events of theirs and with a million: the same queries, less than twice the time."""

import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.capture.models import Arrival
from governance.people.models import Person
from tests.bench.company import company
from tests.bench.table import Row, measure, row
from tests.conftest import World
from tests.races.storm import forget_admitted

BATCH = 500  # events in one arrival
TIMES = 15
FEW, MANY = 2, 2_000


@measure("person_page")
def own_page(world: World) -> list[Row]:
    made = company(world)
    forget_admitted(world)
    world.sign_in("web")
    client = Client()
    client.force_login(Person.objects.get(pk=made.asha.pk), backend="governance.people.signin.PersonBackend")
    _fill(made, FEW)
    few, asked_few = _time(client)
    _fill(made, MANY - FEW)
    many, asked_many = _time(client)
    forget_admitted(world)
    note = f"median of {TIMES}; {MANY:,} batches of {BATCH} in 365 days"
    return [
        row("person page: 1 million events vs 1,000", many, few, "ms", at_most=2, note=note),
        row("person page: queries at 1 million vs at 1,000", asked_many, asked_few, "queries", at_most=1),
    ]


def _fill(made: Any, arrivals: int) -> None:
    now = datetime.now(UTC)
    Arrival.objects.bulk_create(
        Arrival(
            segment=uuid4(), stream=uuid4(), person_id=made.asha.pk, purpose_id=made.purpose.pk, signal="ui_event",
            day=(now - timedelta(days=n % 365)).date(), events=BATCH, bytes=20_000, applications={"Chrome": 300, "Excel": 200},
            last_at=now - timedelta(days=n % 365), admitted_at=now - timedelta(days=n % 365, seconds=n),
        )
        for n in range(arrivals)
    )  # fmt: skip


def _time(client: Client) -> tuple[float, int]:
    """(median milliseconds, queries) of the page."""
    client.get("/me/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/me/")
    queries = len(asked)  # now: the next request empties what was kept of them
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = client.get("/me/")
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200
    return statistics.median(times), queries
