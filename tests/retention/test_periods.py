"""A month of the vault of which everything is due goes whole; what is held was moved out first and lives on."""

import os
import signal
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections

from governance.audit.models import Entry
from governance.capture import keys, vault
from governance.capture.vault import VaultConnector
from governance.consents.models import Stream
from governance.retention import holds, periods, sweep
from governance.retention.models import ErasureOrder, Proof, Step
from tests.retention.conftest import Stage
from tests.servers import cluster

MONTH = date(2020, 3, 1)


LATE = date(2028, 6, 1)  # the rule of the demo company's country applies by then


@pytest.fixture(autouse=True)
def later(settings: Any) -> None:
    settings.TODAY = LATE.isoformat()


def today() -> date:
    return LATE


def long_ago(stage: Stage, *names: str) -> None:
    """They agreed, something was admitted, and it was so long ago that its month of the vault is over."""
    for name in names:
        stage.consent(name)
    stage.world.sign_in("owner")
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE vault_owner")
        cursor.execute("SELECT vault.ensure_period(%s)", [MONTH])
        cursor.execute("UPDATE vault.segment SET expires_on = '2020-03-15'")
        cursor.execute("RESET ROLE")
    Stream.objects.update(month=date(2020, 1, 1), expires_on=date(2020, 3, 15))


def segments(stage: Stage, name: str, where: str = "true") -> int:
    with psycopg.connect(cluster().url("owner", stage.world.main)) as owner:
        owner.execute("SET ROLE vault_owner")
        row = owner.execute(
            f"SELECT count(*) FROM vault.segment WHERE person = %s AND {where}", [stage.cast.people[name].pk]
        ).fetchone()
        return int(row[0]) if row else 0


def month_is_there() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('vault.segment_2020_03') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def hold(stage: Stage, name: str) -> Any:
    stage.world.sign_in("web")
    matter = holds.open_matter(stage.cast.software, "A dispute", by=stage.cast.lata)
    return holds.place(because=matter, by=stage.cast.lata, on=stage.cast.people[name])


def swept(stage: Stage) -> int:
    stage.world.sign_in("eraser")
    sweep.run(today())
    return periods.drop_due(today())


def test_a_month_of_which_all_is_due_goes_whole_and_each_order_is_proved(stage: Stage) -> None:
    long_ago(stage, "asha", "bela")
    assert swept(stage) == 1
    assert not month_is_there() and segments(stage, "asha") == 0
    entry = Entry.objects.get(code="vault.period_dropped")
    assert entry.facts["streams"] == 2
    for name in ("asha", "bela"):
        order = ErasureOrder.objects.get(person=stage.cast.people[name], because="rule.due")
        assert Step.objects.get(order=order, system=stage.systems["vault"], found_before=1).state == "erasing"
        assert stage.carry_out(order) == "done"
        proof = Proof.objects.get(order=order, system=stage.systems["vault"])
        assert (proof.found_before, proof.erased, proof.found_after) == (1, 1, 0)
        assert not keys.left_of(order.streams), "whoever kept a copy of the month cannot open it"
    assert Entry.objects.filter(code="vault.erased").count() == 2, "when the last was admitted is still known"
    assert periods.drop_due(today()) == 0


def test_what_is_held_moves_out_first_stays_readable_and_goes_when_it_is_released(stage: Stage) -> None:
    long_ago(stage, "asha", "bela")
    placed = hold(stage, "bela")
    assert swept(stage) == 1
    assert not month_is_there()
    assert (segments(stage, "asha"), segments(stage, "bela")) == (0, 1)
    assert segments(stage, "bela", "expires_on = '9999-12-31'") == 1
    order = ErasureOrder.objects.get(person=stage.cast.bela, because="rule.due")
    assert order.state == "held"
    stage.world.sign_in("exporter")
    assert len(list(vault.opened(order.streams))) == 3, "a court may still see it"
    stage.world.sign_in("eraser")
    assert vault.drop_empty_periods(datetime.now(UTC).date()) == [] and segments(stage, "bela") == 1
    stage.world.sign_in("web")
    holds.agree_place(placed, by=stage.cast.people["leon"])
    holds.close_matter(placed.matter, by=stage.cast.lata)
    holds.release(placed, by=stage.cast.lata, second=stage.cast.people["leon"])
    order.refresh_from_db()
    assert stage.carry_out(order) == "done" and segments(stage, "bela") == 0
    proof = Proof.objects.get(order=order, system=stage.systems["vault"])
    assert (proof.found_before, proof.erased) == (1, 1)


def test_a_month_in_which_something_is_not_settled_is_left_to_its_orders(stage: Stage) -> None:
    long_ago(stage, "asha", "bela")
    stage.world.sign_in("eraser")
    sweep.run(today())
    stage.world.sign_in("owner")
    ErasureOrder.objects.filter(person=stage.cast.bela).update(paused_at=datetime.now(UTC))
    stage.world.sign_in("eraser")
    assert periods.drop_due(today()) == 0
    assert month_is_there() and segments(stage, "asha") == segments(stage, "bela") == 1
    assert not Step.objects.exists(), "nothing was begun"


def test_the_drop_itself_refuses_what_it_was_not_told_of(stage: Stage) -> None:
    """Whatever the eraser believed: the function of the vault's owner looks again, with the door closed."""
    long_ago(stage, "asha", "bela")
    asha = list(Stream.objects.filter(person=stage.cast.asha).values_list("pk", flat=True))
    stage.world.sign_in("eraser")
    for streams in (asha, []):
        with pytest.raises(DatabaseError):
            VaultConnector({}, {}).drop_whole(MONTH, streams)
    assert segments(stage, "asha") == segments(stage, "bela") == 1
    for login in ("web", "worker", "exporter"):
        stage.world.sign_in(login)
        for call in ("vault.drop_period('2020-03-01', '{}')", "vault.keep_apart('2020-03-01', '{}', 1)"):
            with pytest.raises(DatabaseError), connection.cursor() as cursor:
                cursor.execute(f"SELECT {call}")


def test_while_somebody_reads_the_vault_the_month_waits_and_nothing_is_half_done(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periods, "TRIES", 1)
    long_ago(stage, "asha")
    with psycopg.connect(cluster().url("exporter", stage.world.main)) as reader:
        reader.execute("SELECT count(*) FROM vault.segment")
        assert swept(stage) == 0
        assert not Step.objects.exists() and segments(stage, "asha") == 1
    assert periods.drop_due(today()) == 1


@pytest.mark.parametrize("place", ["keep_apart", "drop_whole"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_between_moving_and_dropping_nothing_held_is_lost(stage: Stage, place: str, when: str) -> None:
    long_ago(stage, "asha", "bela")
    hold(stage, "bela")
    stage.world.sign_in("eraser")
    sweep.run(today())
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            stage.world.sign_in("eraser")
            original = getattr(VaultConnector, place)

            def killing(self: VaultConnector, *args: Any) -> None:
                if when == "after":
                    original(self, *args)
                os.kill(os.getpid(), signal.SIGKILL)

            setattr(VaultConnector, place, killing)
            periods.drop_due(today())
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert segments(stage, "bela") == 1 and segments(stage, "asha") == 1
    stage.world.sign_in("eraser")
    assert periods.drop_due(today()) == 1
    assert (segments(stage, "asha"), segments(stage, "bela")) == (0, 1)
    order = ErasureOrder.objects.get(person=stage.cast.asha, because="rule.due")
    assert stage.carry_out(order) == "done"
    assert Proof.objects.get(order=order, system=stage.systems["vault"]).erased == 1
