"""A hold comes before everything, also in the middle of an erasure; the rules of orders, as a table."""

import threading
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connections

from governance.lib.refusals import Refused
from governance.retention import erasure, holds, rules
from governance.retention.models import ErasureOrder, Hold, Proof, Step
from tests.retention.conftest import Stage

DAY = date(2027, 6, 1)
BEFORE_THE_LAW = date(2027, 5, 12)


@pytest.mark.parametrize(
    ("laws", "on", "held", "decision", "state"),
    [
        ({"IN"}, BEFORE_THE_LAW, False, "", "waiting"), ({"IN"}, DAY, False, "", "restricted_hold"),
        ({"EU"}, BEFORE_THE_LAW, False, "", "waiting"), ({"EU"}, DAY, False, "", "waiting"),
        ({"IN", "EU"}, BEFORE_THE_LAW, False, "", "waiting"), ({"IN", "EU"}, DAY, False, "", "retention_conflict"),
        ({"IN", "EU"}, DAY, False, "erase", "waiting"), ({"IN", "EU"}, DAY, False, "keep", "restricted_hold"),
        (set(), DAY, False, "", "retention_conflict"), (set(), DAY, False, "erase", "waiting"),
        ({"IN"}, DAY, True, "", "held"), ({"IN", "EU"}, DAY, True, "erase", "held"), (set(), DAY, True, "", "held"),
    ],
)  # fmt: skip
def test_what_the_law_of_a_day_makes_of_an_order(
    laws: set[str], on: date, held: bool, decision: str, state: str
) -> None:
    outcome = rules.decide(rules.OrderFacts(frozenset(laws), "consent.withdrawn", on, held, decision), on)
    assert outcome.state == state and (outcome.reasons or not laws)


def test_the_floor_counts_from_the_processing_and_not_from_the_order() -> None:
    facts = rules.OrderFacts(frozenset({"IN"}), "rule.due", DAY - timedelta(days=366))
    assert rules.decide(facts, DAY).state == "waiting"
    later = rules.OrderFacts(frozenset({"IN"}), "rule.due", date(2026, 6, 2))
    assert rules.decide(later, DAY).kept_until == date(2027, 6, 2)


def test_every_state_that_can_be_reached_has_a_way_on_but_the_last() -> None:
    for state, targets in rules.STATES.items():
        assert targets or state in ErasureOrder.ENDED
        for target in targets:
            rules.check_move(state, target)
    with pytest.raises(Refused):
        rules.check_move("done", "waiting")


def test_the_pause_grows_and_has_an_end() -> None:
    pauses = [rules.pause_before(n) for n in range(1, 20)]
    assert pauses[0] == timedelta(minutes=1) and pauses == sorted(pauses) and pauses[-1] == timedelta(hours=6)


@pytest.mark.parametrize(
    ("systems", "proved", "attempts", "state"),
    [(4, 4, 1, "done"), (4, 3, 1, "partly"), (4, 3, 8, "needs_attention"), (0, 0, 1, "needs_attention")],
)
def test_done_is_said_only_of_everything(systems: int, proved: int, attempts: int, state: str) -> None:
    assert rules.settle(rules.WorkFacts(systems, proved, attempts)) == state


def test_a_hold_placed_in_the_middle_stops_before_the_next_part(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.world.sign_in("web")
    matter = holds.open_matter(stage.cast.software, "A dispute", by=stage.cast.lata)
    placed = threading.Event()

    def lata_places() -> None:
        stage.world.sign_in("web")
        holds.place(because=matter, by=stage.cast.lata, on=stage.cast.asha)
        placed.set()
        connections.close_all()

    lawyer = threading.Thread(target=lata_places)

    def erase_while_lata_knocks(self: Any, scope: Any, chunk: str) -> Any:
        if chunk == "features":
            lawyer.start()
            assert not placed.wait(0.5), "the hold waits for the part that is under way"
        return original(self, scope, chunk)

    from governance.retention.connectors.sql import SqlConnector

    original = SqlConnector.erase
    monkeypatch.setattr(SqlConnector, "erase", erase_while_lata_knocks)
    assert stage.carry_out(order) is None
    lawyer.join(10)

    assert placed.is_set()
    order.refresh_from_db()
    assert order.state == "held"
    assert stage.store.ask("SELECT count(*) FROM sessions WHERE person_number = 'N-1001'") == 3, (
        "what came after the hold is there"
    )
    states = dict(Step.objects.filter(order=order).values_list("chunk", "state"))
    assert states["features"] == "erased" and states["sessions"] == "pending"


def test_a_hold_over_a_purpose_holds_everybodys_orders_of_it(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.world.sign_in("web")
    matter = holds.open_matter(stage.cast.software, "A dispute", by=stage.cast.lata)
    holds.place(because=matter, by=stage.cast.lata, purpose=stage.cast.purpose)
    order.refresh_from_db()
    assert order.state == "held" and stage.carry_out(order) is None


def test_an_order_whose_person_was_held_when_it_was_raised_is_held(stage: Stage) -> None:
    stage.consent("asha")
    matter = holds.open_matter(stage.cast.software, "A dispute", by=stage.cast.lata)
    holds.place(because=matter, by=stage.cast.lata, on=stage.cast.asha)
    assert stage.withdraw("asha").state == "held"


def test_two_workers_at_once_erase_once(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    states: list[str | None] = []

    def work() -> None:
        stage.world.sign_in("eraser")
        states.append(erasure.carry_out(order.pk))
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(map(str, states)) == ["None", "None", "done"]
    assert Proof.objects.filter(order=order).count() == 4


@pytest.mark.parametrize(
    ("login", "statement"),
    [
        ("eraser", "SELECT sealed FROM vault.segment"), ("eraser", "INSERT INTO vault.segment DEFAULT VALUES"),
        ("eraser", "UPDATE retention_proof SET erased = 0"), ("eraser", "DELETE FROM retention_proof"),
        ("eraser", "DELETE FROM retention_step"), ("eraser", "DELETE FROM retention_erasureorder"), ("eraser", "DELETE FROM people_person"),
        ("eraser", "UPDATE consents_consentevent SET status = 'given'"), ("eraser", "INSERT INTO retention_hold DEFAULT VALUES"),
        ("eraser", "UPDATE retention_datamap SET spec = '{}'"), ("eraser", "SELECT content FROM reports_reportfile"),
        ("eraser", "SELECT body_sha256 FROM capture_intake"), ("eraser", "UPDATE rights_request SET number = 'x'"),
        ("web", "INSERT INTO retention_proof DEFAULT VALUES"), ("web", "UPDATE retention_step SET state = 'verified'"),
        ("web", "SELECT id FROM vault.segment"), ("worker", "INSERT INTO retention_proof DEFAULT VALUES"),
    ],
)  # fmt: skip
def test_what_each_login_cannot_do_to_an_erasure(founded: Any, login: str, statement: str) -> None:
    from tests.servers import cluster

    with (
        psycopg.connect(cluster().url(login, founded.templates["default"])) as direct,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        direct.execute(statement)


def held(stage: Stage, **what: Any) -> Hold:
    stage.world.sign_in("web")
    matter = holds.open_matter(stage.cast.software, "A dispute", by=stage.cast.lata)
    return holds.place(because=matter, by=stage.cast.lata, **what)


def test_a_hold_that_no_second_lawyer_agrees_to_lapses_and_the_order_goes_on(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    hold = held(stage, on=stage.cast.asha)
    with pytest.raises(Refused, match="yourself"):
        holds.agree_place(hold, by=stage.cast.lata)
    stage.world.sign_in("owner")
    Hold.objects.filter(pk=hold.pk).update(lapses_at="2026-01-01T00:00:00Z")
    stage.world.sign_in("eraser")
    assert holds.lapse() == 1 and holds.lapse() == 0
    order.refresh_from_db()
    assert order.state == "waiting"
    with pytest.raises(Refused, match="lapsed"):
        holds.agree_place(Hold.objects.get(pk=hold.pk), by=stage.cast.people["leon"])


def test_a_hold_that_two_lawyers_placed_stays(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    hold = held(stage, on=stage.cast.asha)
    holds.agree_place(hold, by=stage.cast.people["leon"])
    stage.world.sign_in("eraser")
    assert holds.lapse() == 0
    order.refresh_from_db()
    assert order.state == "held" and Hold.objects.in_force().filter(pk=hold.pk).exists()
    with pytest.raises(Refused):
        holds.agree_place(Hold.objects.get(pk=hold.pk), by=stage.cast.people["leon"])


def test_a_hold_over_one_system_keeps_its_part_and_the_others_are_erased(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    hold = held(stage, system=stage.systems["feature-store"])
    holds.agree_place(hold, by=stage.cast.people["leon"])
    assert stage.carry_out(order) == "partly"
    assert stage.store.rows_of(stage.cast.asha) == 13
    assert not (stage.folder / "people" / "N-1001.json").exists()
    assert set(Proof.objects.filter(order=order).values_list("system__code", flat=True)) == {
        "vault",
        "team-files",
        "portal",
    }
    assert Step.objects.filter(order=order, system=stage.systems["feature-store"]).get().fault == "held"

    stage.world.sign_in("web")
    holds.close_matter(hold.matter, by=stage.cast.lata)
    hold.refresh_from_db()
    holds.release(hold, by=stage.cast.lata, second=stage.cast.people["leon"])
    stage.due_again(order)
    assert stage.carry_out(order) == "done"
    assert stage.store.rows_of(stage.cast.asha) == 0


def test_a_direction_that_nobody_be_told_shows_the_person_nothing(stage: Stage) -> None:
    from governance.people.models import Message
    from tests.retention.test_pages import signed_in
    from tests.visits import reading, words

    stage.consent("asha")
    order = stage.withdraw("asha")
    held(stage, on=stage.cast.asha, silent=True)
    order.refresh_from_db()
    assert order.state == "held" and order.shown_state() == "waiting"
    assert not Message.objects.filter(person=stage.cast.asha, code="order_held").exists()
    asha = reading(stage.cast.asha, "en")
    for address in (f"/me/erasures/{order.pk}", "/me/"):
        said = words(signed_in(asha).get(address)).lower()
        assert not [
            words for words in ("legal claim", "legal matter", "locked away", "held") if words in said
        ], address
    assert "r.23(2)" in words(signed_in(reading(stage.cast.lata, "en")).get("/erasures/holds"))


def test_no_direction_of_indian_law_binds_an_entity_elsewhere(stage: Stage) -> None:
    stage.world.sign_in("web")
    matter = holds.open_matter(stage.cast.gmbh, "A dispute", by=stage.cast.lata)
    with pytest.raises(Refused):
        holds.place(because=matter, by=stage.cast.lata, on=stage.cast.emil, silent=True)
