"""A long order is carried out by several workers, system by system; short ones by one, without a message."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from time import sleep
from typing import Any

import pytest
from django.db import connections

from governance.demo import systems as demo
from governance.lib import nudge
from governance.lib.connectors import Erased, Residue, Scope
from governance.retention import erasure, holds, journal, lots
from governance.retention.connectors.files import FilesConnector
from governance.retention.connectors.sql import SqlConnector
from governance.retention.journal import Claim
from governance.retention.models import ErasureOrder, Lot, Proof, Step
from tests.retention.conftest import Stage


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, tuple[Any, ...]]]]:
    """What would have been told to the broker."""
    told: list[tuple[str, tuple[Any, ...]]] = []
    monkeypatch.setattr(nudge, "_send", lambda task, args: told.append((task, args)))
    yield told


def calls_for_help(sent: list[tuple[str, tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    return [args for task, args in sent if task == "retention.help_out"]


def test_a_short_order_costs_no_message_and_no_row(
    stage: Stage, sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "LONG", 600.0)  # whatever else this machine does
    assert stage.carry_out(stage.withdraw_without_capture("asha")) == "done"
    assert calls_for_help(sent) == [] and not Lot.objects.exists()


def test_a_long_one_is_ended_by_those_who_come_to_help_and_settled_once(
    stage: Stage, sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the first worker is in the database, another one comes and does all the rest."""
    monkeypatch.setattr(erasure, "MANY", 2)
    monkeypatch.setattr(erasure, "LONG", 600.0)
    order = stage.withdraw_without_capture("asha")
    erase, states = SqlConnector.erase, []

    def meanwhile(self: SqlConnector, scope: Scope, chunk: str) -> Erased:
        if calls_for_help(sent) and not states:
            states.append(help_in_another_process(stage, calls_for_help(sent)[0]))
        return erase(self, scope, chunk)

    monkeypatch.setattr(SqlConnector, "erase", meanwhile)
    assert stage.carry_out(order) == "done"

    assert states == ["erasing"], (
        "the helper left when nothing was to be taken: the last system waits for the first"
    )
    assert calls_for_help(sent) == [(str(order.pk), order.fence)] * 2, "one message for each other system"
    proofs = Proof.objects.filter(order=order).order_by("at").values_list("system__code", flat=True)
    assert list(proofs) == ["team-files", "vault", "feature-store", "portal"]
    assert set(Lot.objects.filter(order=order).values_list("fence", flat=True)) == {order.fence}
    stage.world.sign_in("eraser")
    assert erasure.help_out(order.pk, order.fence) is None, "a message that comes late changes nothing"


def help_in_another_process(stage: Stage, args: tuple[Any, ...]) -> str | None:
    found: list[str | None] = []

    def work() -> None:
        stage.world.sign_in("eraser")
        found.append(erasure.help_out(*args))
        connections.close_all()

    helper = Thread(target=work)
    helper.start()
    helper.join(60)
    return found[0]


def test_a_message_that_comes_twice_takes_nothing_twice(stage: Stage) -> None:
    order = stage.withdraw_without_capture("asha")
    stage.world.sign_in("eraser")
    claim = journal.claim(order.pk)
    assert claim is not None
    errand = erasure.Errand.under(claim)
    first, *_others = errand.parts
    lots.share(claim, errand.parts, first, {})
    taken = [part for _time in range(5) for part in lots.take(claim, errand.parts)]
    assert [part.system.code for part in taken] == ["team-files", "vault"], (
        "and the portal waits for all of them"
    )
    with pytest.raises(journal.Overtaken):
        lots.take(Claim(order.pk, claim.fence - 1), errand.parts)
    for part in (first, *taken):
        lots.end(claim, part, None)
    assert [part.system.code for part in lots.take(claim, errand.parts)] == ["portal"]
    assert not lots.all_ended(claim, errand.parts)


def test_whoever_dies_with_a_part_in_hand_leaves_it_to_the_next_claim(stage: Stage) -> None:
    order = stage.withdraw_without_capture("asha")
    stage.world.sign_in("eraser")
    claim = journal.claim(order.pk)
    assert claim is not None
    errand = erasure.Errand.under(claim, shared=True)
    lots.share(claim, errand.parts, errand.parts[0], {})  # and dies with the first in hand
    assert erasure.help_out(order.pk, claim.fence) == "erasing"
    order.refresh_from_db()
    assert order.state == "erasing" and Proof.objects.filter(order=order).count() == 2
    stage.due_again(order)
    assert stage.carry_out(order) == "done"
    assert Proof.objects.filter(order=order).count() == 4


def test_a_hold_that_comes_while_helpers_work_stops_them_all(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = stage.withdraw_without_capture("asha")
    stage.world.sign_in("eraser")
    claim = journal.claim(order.pk)
    assert claim is not None
    errand = erasure.Errand.under(claim)
    lots.share(claim, errand.parts, errand.parts[0], {})
    stage.world.sign_in("web")
    matter = holds.open_matter(stage.cast.software, "A claim", by=stage.cast.lata)
    holds.place(because=matter, on=stage.cast.asha, by=stage.cast.lata)
    stage.world.sign_in("eraser")
    assert erasure.help_out(order.pk, claim.fence) is None
    order.refresh_from_db()
    assert order.state == "held" and not Proof.objects.filter(order=order).exists()
    assert stage.store.rows_of(stage.cast.asha) == 13


def test_two_workers_at_one_file_never_put_back_what_the_other_took_out(stage: Stage) -> None:
    """Both rewrite the team's table: without a turn, the slower one would bring the other's person back after the proof."""
    folder = stage.folder
    people = [stage.cast.people[name] for name in ("asha", "bela")]
    demo.fill_folder(folder, people)
    table = folder / "teams" / "claims.csv"
    with table.open("a") as lines:
        lines.writelines("N-9,2026-01-01T00:00:00+00:00,open,1\n" for _ in range(20_000))
    found = []
    for _ in range(3):
        demo.extract(stage.store.owner_url, folder, people[0])
        demo.extract(stage.store.owner_url, folder, people[1])
        both = Barrier(2)

        def work(person: Any, both: Barrier = both) -> None:
            stage.world.sign_in("eraser")
            connector = FilesConnector({"folder": str(folder)}, demo.FILES_MAP)
            part = erasure.Part(stage.systems["team-files"], "files", {"folder": demo.FOLDER}, demo.FILES_MAP)
            names = {"number": person.number, "name": person.name}
            scope = Scope(person.pk, None, (), datetime.now(UTC), names)
            both.wait(30)
            for chunk in connector.chunks(scope):
                with erasure.at(part, connector, chunk):
                    connector.erase(scope, chunk)
            with erasure.at(part, connector):
                read: Residue = connector.residue(scope)
            found.append(read.count)
            connections.close_all()

        workers = [Thread(target=work, args=[person]) for person in people]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert b"N-1001" not in table.read_bytes() and b"N-1002" not in table.read_bytes()
    assert found == [0] * 6, "and nobody met a file half written, or gone"


def test_the_lease_lasts_while_an_act_does(
    stage: Stage, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew = journal._renew
    monkeypatch.setattr(journal, "_renew", lambda *args: (stage.world.sign_in("eraser"), renew(*args)))
    settings.ERASURE_LEASE = timedelta(seconds=0.6)
    order = stage.withdraw_without_capture("asha")
    stage.world.sign_in("eraser")
    claim = journal.claim(order.pk)
    assert claim is not None
    with journal.kept(claim):
        sleep(2)
        assert not ErasureOrder.objects.waiting().filter(pk=order.pk).exists(), "nobody else may claim it"
    sleep(1.5)
    assert ErasureOrder.objects.waiting().filter(pk=order.pk).exists(), "a dead worker's is claimed again"
    assert not Step.objects.filter(order=order).exists()
