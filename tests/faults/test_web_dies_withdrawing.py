"""The web process is killed -9 after each statement of a withdrawal, and before and after its commit: the person's word
was taken whole, with its order, or not at all; and the order of a dead process is carried out like any other."""

import os
import signal
from typing import Any

import pytest
from django.db import connection, connections

from governance.audit.models import Entry
from governance.consents import ledger
from governance.consents.models import ConsentEvent, ConsentRecord, Receipt, Stream
from governance.lib.prepared import Prepared
from governance.people.models import Message
from governance.retention.models import ErasureOrder
from tests.faults import tally
from tests.faults.carry_out_and_die import die
from tests.retention.conftest import Stage, founded, stage, store

__all__ = ["founded", "stage", "store"]


def withdraw_and_die(stage: Stage, nth: int) -> int:
    """A child of the web withdraws and dies at its nth moment; the signal that ended it, 0 when it came to its end."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            stage.world.sign_in("web")
            left = nth

            def passed() -> None:
                nonlocal left
                left -= 1
                if left == 0:
                    die()

            def after(execute: Any, *args: Any) -> Any:
                result = execute(*args)
                passed()
                return result

            say, commit = Prepared.say, connection._commit

            def says(*args: Any, **how: Any) -> None:
                say(*args, **how)
                passed()

            def commits() -> None:
                passed()
                commit()
                passed()

            Prepared.say, connection._commit = says, commits  # type: ignore[method-assign]
            with connection.execute_wrapper(after):
                ledger.withdraw_purpose(stage.cast.purpose, by=stage.cast.asha)
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it neither died nor came to an end"
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def said(stage: Stage) -> dict[str, int]:
    """What there is of withdrawals, all of which belong together."""
    person = stage.cast.asha
    return {
        "records ended": ConsentRecord.objects.filter(person=person, ended_at__isnull=False).count(),
        "events": ConsentEvent.objects.filter(person_id=person.pk, status="withdrawn").count(),
        "orders": ErasureOrder.objects.filter(person=person, because="consent.withdrawn").count(),
        "receipts": Receipt.objects.filter(person=person, kind="withdrawn").count(),
        "messages": Message.objects.filter(person=person, code="consent_withdrawn").count(),
        "entries": Entry.objects.filter(code="order.raised").count(),
    }


@pytest.mark.slow
def test_a_web_process_that_dies_has_taken_the_word_whole_or_not_at_all(stage: Stage) -> None:
    stage.consent("asha")
    nothing, deaths, nth = said(stage), 0, 1
    while withdraw_and_die(stage, nth) == signal.SIGKILL:
        deaths, nth = deaths + 1, nth + 1
        stage.world.sign_in("web")
        now = said(stage)
        if now == nothing:
            assert not Stream.objects.filter(person=stage.cast.asha, state="closed").exists(), nth
            continue
        assert now["orders"] == nothing["orders"] + 1 and now["receipts"] == nothing["receipts"] + 1, (
            nth,
            now,
        )
        assert now["events"] > nothing["events"] and now["records ended"] > nothing["records ended"], (
            nth,
            now,
        )
        assert now["messages"] == nothing["messages"] + 1 and now["entries"] == nothing["entries"] + 1, (
            nth,
            now,
        )
        order = ErasureOrder.objects.filter(person=stage.cast.asha).latest("created_at")
        assert not Stream.objects.filter(pk__in=order.streams).exclude(state="closed").exists()
        assert stage.carry_out(order) == "done"
        stage.consent("asha")
        nothing = said(stage)
    assert deaths >= 5, "it was killed at too few moments to say anything"
    stage.world.sign_in("web")
    assert said(stage)["orders"] == nothing["orders"] + 1
    with tally.kept("the web dies") as told:
        told.killed["web"], told.orders = deaths, said(stage)["orders"]
    print(
        f"{deaths} deaths of the web while it took a withdrawal; {said(stage)['orders']} orders, each whole"
    )
