"""One long order carried out by one worker and by two: its systems are shared out, and help is asked for by message."""

import csv
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.conf import settings
from django.db import connections

from governance.demo import systems as demo
from governance.lib import nudge
from governance.lib.connectors import Scope
from governance.people.models import Person
from governance.retention import erasure, orders
from governance.retention.models import ErasureOrder, Lot, Proof
from tests.bench.company import company
from tests.bench.erasure_more import new_people
from tests.bench.table import NIGHT, Row, measure, row
from tests.conftest import World

SESSIONS = 100_000 if NIGHT else 10_000
LINES = 1_000_000 if NIGHT else 100_000
FAR = 0.5  # seconds that each statement of the database takes, as where it stands elsewhere and others work there too


@measure("erasure_one_big")
def one_big_order(world: World) -> list[Row]:
    """Somebody with very much, in the database and in files; who is at work is one process, or two."""
    made = company(world)
    world.sign_in("owner")
    demo.build_store(os.environ["FEATURE_STORE_OWNER_URL"])
    world.sign_in("web")
    if not made.purpose.systems.exists():
        demo.register(made)
    with _far_away():
        alone = _carried_out(world, made, helpers=0)
        together = _carried_out(world, made, helpers=1)
    note = (
        f"one order: {2 * SESSIONS:,} rows in a PostgreSQL that takes {FAR:g} s for each deletion, {LINES:,} lines in a file, vault,"
        f" portal, proofs included;"
        f" reference: one worker process on the same {os.cpu_count()} cores"
    )
    return [row("one long order, two workers", together, alone, "s", at_most=0.85, note=note)]


@contextmanager
def _far_away() -> Iterator[None]:
    with psycopg.connect(os.environ["FEATURE_STORE_OWNER_URL"], autocommit=True) as store:
        store.execute(
            f"CREATE FUNCTION far() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep({FAR}); RETURN NULL; END$$"
        )
        for table in ("sessions", "features"):
            store.execute(
                f"CREATE TRIGGER far BEFORE DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION far()"
            )
        try:
            yield
        finally:
            store.execute("DROP FUNCTION far CASCADE")


def _carried_out(world: World, made: Any, *, helpers: int) -> float:
    """Seconds from the claim to the last proof."""
    (person,) = new_people(world, made, 1)
    folder = settings.VAR / demo.FOLDER
    _much(folder, person)
    world.sign_in("web")
    scope = Scope(person.pk, made.purpose.pk, (), datetime.now(UTC))
    order = orders.raise_order(scope, because="request.erasure", because_id=uuid4())
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    broker, start = fork.SimpleQueue(), fork.Barrier(helpers + 1)
    children = [fork.Process(target=_help, args=(world, broker, start)) for _ in range(helpers)]
    for child in children:
        child.start()
    world.sign_in("eraser")
    tell, nudge._send = nudge._send, lambda task, args: broker.put((task, args))
    try:
        start.wait(60)
        began = time.perf_counter()
        erasure.carry_out(order.pk)
        while ErasureOrder.objects.get(pk=order.pk).state == "erasing":  # the helper has the last part
            time.sleep(0.005)
        taken = time.perf_counter() - began
    finally:
        nudge._send = tell
        for _child in children:
            broker.put(None)
        for child in children:
            child.join()
    found = ErasureOrder.objects.get(pk=order.pk)
    proofs = Proof.objects.filter(order=order)
    erased = sum(proofs.values_list("erased", flat=True))
    if found.state != "done" or proofs.count() != 4 or erased < 2 * SESSIONS + LINES:
        raise RuntimeError(f"The order is {found.state}, with {proofs.count()} proofs of {erased} rows.")
    if not Lot.objects.filter(order=order).exists():
        raise RuntimeError("It was not shared out.")
    return taken


def _help(world: World, broker: Any, start: Any) -> None:
    """As a Celery worker would: take a message, do what it says."""
    world.sign_in("eraser")
    connections["default"].ensure_connection()
    start.wait(60)
    while (message := broker.get()) is not None:
        task, args = message
        if task == "retention.help_out":
            erasure.help_out(UUID(args[0]), args[1])
    connections.close_all()


def _much(folder: Path, person: Person) -> None:
    with psycopg.connect(os.environ["FEATURE_STORE_OWNER_URL"]) as store:
        store.execute(
            "WITH made AS (INSERT INTO sessions (person_number, workflow, started_at)"
            " SELECT %s, 'reimbursement', now() - interval '1 minute' FROM generate_series(1, %s) RETURNING id)"
            " INSERT INTO features (session_id, name, value) SELECT id, 'steps', 1 FROM made",
            [person.number, SESSIONS],
        )
    demo.fill_folder(folder, [person])
    at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat(timespec="seconds")
    with (folder / "teams" / "claims.csv").open("a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([person.number, at, "open", i] for i in range(LINES))
