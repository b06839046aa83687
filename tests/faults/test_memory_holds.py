"""Messages that come three times, a clock that jumps, a log that cannot be written: nothing is lost, nothing is double."""

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, connections

from governance.audit.models import Entry
from governance.consents.models import ConsentRecord
from governance.lib import clock
from governance.retention import erasure, journal, notices, sharing, tasks
from governance.retention.models import ErasureOrder, Proof
from tests.retention.conftest import Stage, founded, stage, store

__all__ = ["founded", "stage", "store"]


def test_a_share_that_comes_three_times_to_three_workers_erases_once(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")

    def work() -> None:
        stage.world.sign_in("eraser")
        tasks.carry_out_share([str(order.pk)] * 3)
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(90)
    stage.world.sign_in("owner")
    order.refresh_from_db()
    assert order.state == "done" and order.attempts == 1
    assert Proof.objects.filter(order=order).count() == 4
    codes = list(Entry.objects.filter(about_id=order.pk).values_list("code", flat=True))
    assert codes.count("order.begun") == 1 and codes.count("order.done") == 1


def test_waiting_orders_are_dealt_out_with_the_most_urgent_first_and_none_is_lost() -> None:
    ids = [uuid4() for _ in range(37)]
    shares = sharing.shares(ids)
    assert sorted(pk for share in shares for pk in share) == sorted(map(str, ids))
    assert max(map(len, shares)) <= sharing.SHARE and [share[0] for share in shares] == [
        str(pk) for pk in ids[: len(shares)]
    ]
    assert sharing.shares([]) == []


def unwritable(code: str) -> None:
    """The log refuses entries of this kind, as a full disk would; for everybody, by its owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_log() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$BEGIN IF NEW.code = '{code}' THEN RAISE EXCEPTION 'full'; END IF; RETURN NEW; END$$"
        )
        cursor.execute(
            "CREATE TRIGGER no_log BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION no_log()"
        )


def writable() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION no_log CASCADE")


@pytest.mark.parametrize("code", ["order.raised", "consent.withdrawn"])
def test_what_cannot_be_written_to_the_log_has_not_happened(stage: Stage, code: str) -> None:
    stage.consent("asha")
    stage.world.sign_in("owner")
    unwritable(code)
    with pytest.raises(DatabaseError):
        stage.withdraw("asha")
    stage.world.sign_in("owner")
    assert any(record.is_on for record in ConsentRecord.objects.filter(person=stage.cast.asha))
    assert not ErasureOrder.objects.filter(person=stage.cast.asha).exists()
    writable()
    assert stage.carry_out(stage.withdraw("asha")) == "done"


@pytest.mark.parametrize("code", ["order.begun", "system.proved", "order.done"])
def test_an_erasure_that_cannot_be_logged_is_not_proved_and_goes_on_when_it_can(
    stage: Stage, code: str
) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.world.sign_in("owner")
    unwritable(code)
    stage.world.sign_in("eraser")
    try:
        erasure.carry_out(order.pk)
    except DatabaseError:
        connections.close_all()
    stage.world.sign_in("owner")
    order.refresh_from_db()
    assert order.state != "done"
    if code != "order.done":
        assert not Proof.objects.filter(order=order).exists()
    writable()
    stage.due_again(order)
    assert stage.carry_out(order) == "done"
    assert Proof.objects.filter(order=order).count() == 4


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=1)])
def test_a_clock_that_jumps_brings_nothing_forward(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    """Pauses and leases are reckoned by the database; the machine's own clock may say what it wants."""
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.world.sign_in("owner")
    later = clock.now() + timedelta(hours=2)
    ErasureOrder.objects.filter(pk=order.pk).update(try_after=later)
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + jump)
    assert stage.carry_out(order) is None, "not before its time"

    stage.due_again(order)
    stage.world.sign_in("eraser")
    claim = journal.claim(order.pk)
    assert claim is not None and journal.claim(order.pk) is None, "the lease of the first still runs"
    monkeypatch.setattr(clock, "now", real)
    stage.due_again(order)
    assert stage.carry_out(order) == "done"


def test_a_clock_that_jumps_ends_no_notice_early(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.world.sign_in("owner")
    told: dict[str, Any] = {"notice_hours": 48, "notice_delivered_at": clock.now()}
    ErasureOrder.objects.filter(pk=order.pk).update(**told, try_after=clock.now() + timedelta(hours=48))
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=3))
    assert stage.carry_out(order) is None
    assert notices.follow() == 0
    order.refresh_from_db()
    assert order.state == "waiting" and order.attempts == 0
