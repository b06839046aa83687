"""A target that refuses, breaks off, forbids, puts back or has grown since yesterday: the order is partly done, says why,
and is done when the target has come round. One order goes through all of it."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from time import sleep
from typing import Any

import psycopg
import pytest
from django.db import connections

from governance.demo import systems as demo
from governance.retention import erasure, journal
from governance.retention.models import ErasureOrder, Proof, Step
from tests.retention.conftest import FeatureStore, Stage, founded, stage, store

__all__ = ["founded", "stage", "store"]


def read_only(store: FeatureStore) -> Callable[[], None]:
    store.do(f'ALTER DATABASE "{store.name}" SET default_transaction_read_only = on')

    def mend() -> None:
        with psycopg.connect(store.owner_url, options="-c default_transaction_read_only=off") as owner:
            owner.execute(f'ALTER DATABASE "{store.name}" RESET default_transaction_read_only')

    return mend


def refusing(store: FeatureStore) -> Callable[[], None]:
    store.do("REVOKE DELETE ON sessions FROM store_eraser")
    return lambda: store.do("GRANT DELETE ON sessions TO store_eraser")


def no_login(store: FeatureStore) -> Callable[[], None]:
    store.do(f'REVOKE CONNECT ON DATABASE "{store.name}" FROM store_reader')
    return lambda: store.do(f'GRANT CONNECT ON DATABASE "{store.name}" TO store_reader')


def _trigger(store: FeatureStore, when: str, body: str) -> Callable[[], None]:
    store.do(
        f"CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN {body} END$$"
    )
    store.do(f"CREATE TRIGGER fault {when} DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION fault()")
    return lambda: store.do("DROP FUNCTION fault CASCADE")


def drops_the_connection(store: FeatureStore) -> Callable[[], None]:
    return _trigger(store, "BEFORE", "PERFORM pg_terminate_backend(pg_backend_pid()); RETURN OLD;")


def keeps_the_row(store: FeatureStore) -> Callable[[], None]:
    """Says nothing and does nothing."""
    return _trigger(store, "BEFORE", "RETURN NULL;")


def puts_it_back(store: FeatureStore) -> Callable[[], None]:
    body = "INSERT INTO public.sessions (person_number, workflow, started_at) VALUES (OLD.person_number, OLD.workflow, OLD.started_at); RETURN OLD;"
    return _trigger(store, "AFTER", body)


def a_key_forbids(store: FeatureStore) -> Callable[[], None]:
    store.do("CREATE TABLE claims (session bigint REFERENCES sessions (id))")
    store.do("INSERT INTO claims SELECT id FROM sessions WHERE person_number = 'N-1001'")
    store.do("GRANT SELECT ON claims TO store_reader")
    return lambda: store.do("DROP TABLE claims")


def a_column_since_yesterday(store: FeatureStore) -> Callable[[], None]:
    store.do("ALTER TABLE notes ADD COLUMN author text")
    store.do(
        "INSERT INTO notes (body, author, written_at) VALUES ('a remark', 'N-1001', now() - interval '1 day')"
    )
    return lambda: (store.do("ALTER TABLE notes DROP COLUMN author"), None)[1]


def a_table_since_yesterday(store: FeatureStore) -> Callable[[], None]:
    store.do("CREATE TABLE copies AS SELECT * FROM sessions WHERE person_number = 'N-1001'")
    store.do("INSERT INTO copies (person_number) VALUES ('N-1001')")
    store.do("GRANT SELECT ON copies TO store_reader")
    return lambda: store.do("DROP TABLE copies")


def a_table_nobody_may_read(store: FeatureStore) -> Callable[[], None]:
    """What cannot be looked into is not taken for empty."""
    store.do("CREATE TABLE hidden (who text)")
    return lambda: store.do("DROP TABLE hidden")


FAULTS = [
    read_only, refusing, no_login, drops_the_connection, keeps_the_row, puts_it_back, a_key_forbids, a_column_since_yesterday,
    a_table_since_yesterday, a_table_nobody_may_read,
]  # fmt: skip


@pytest.mark.slow
def test_no_misbehaviour_is_taken_for_empty_and_each_is_survived(stage: Stage) -> None:
    order = stage.withdraw_without_capture("asha")
    system = stage.systems["feature-store"]
    for fault in FAULTS:
        if not stage.store.rows_of(stage.cast.asha):  # erased already, only not read back
            demo.fill_store(stage.store.owner_url, [stage.cast.asha])
        mend = fault(stage.store)
        stage.due_again(order)
        ErasureOrder.objects.filter(pk=order.pk).update(attempts=0)
        assert stage.carry_out(order) == "partly", fault.__name__
        assert not Proof.objects.filter(order=order, system=system).exists(), fault.__name__
        steps = list(Step.objects.filter(order=order, system=system))
        assert any(step.fault or step.residue for step in steps), f"{fault.__name__}: nobody is told why"
        assert not any("N-1001" in f"{step.fault} {step.residue} {step.method}" for step in steps)
        mend()
        stage.store.do("DELETE FROM notes WHERE body = 'a remark'")
    print(f"the target misbehaved in {len(FAULTS)} ways; 1 order, partly done each time")
    assert Proof.objects.filter(order=order).count() == 3, "the other systems did not wait"
    stage.due_again(order)
    assert stage.carry_out(order) == "done"
    assert stage.store.rows_of(stage.cast.asha) == 0 and stage.store.rows_of(stage.cast.bela) == 13


@pytest.mark.slow
def test_a_slow_target_is_waited_for_and_its_order_given_to_nobody_else(
    stage: Stage, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An act of several leases: who works is alive, and is not overtaken; that would begin the act anew for ever."""
    settings.ERASURE_LEASE = timedelta(seconds=1)
    renew = journal._renew
    monkeypatch.setattr(journal, "_renew", lambda *args: (stage.world.sign_in("eraser"), renew(*args)))
    order = stage.withdraw_without_capture("asha")
    stage.store.do(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(4); RETURN NULL; END$$"
    )
    stage.store.do("CREATE TRIGGER slow BEFORE DELETE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION slow()")
    found: list[str | None] = []

    def work() -> None:
        stage.world.sign_in("eraser")
        found.append(erasure.carry_out(order.pk))
        connections.close_all()

    slow = Thread(target=work)
    slow.start()
    stage.world.sign_in("owner")
    while not ErasureOrder.objects.filter(pk=order.pk, state="erasing").exists():
        sleep(0.02)
    stage.world.sign_in("eraser")
    tries = 0
    while slow.is_alive():
        tries += 1
        assert erasure.carry_out(order.pk) is None
        sleep(0.2)
    slow.join()
    order.refresh_from_db()
    assert found == ["done"] and order.attempts == 1 and tries > 5
    print(f"{tries} tries to take over from a worker that waited for a slow target: none did")
