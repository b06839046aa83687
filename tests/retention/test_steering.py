"""An order can be looked at before it acts, stopped, agreed to by two people, and kept to a system's hours."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.audit.models import Entry
from governance.lib.connectors import Scope
from governance.lib.refusals import Refused
from governance.retention import looking, orders, rules_steering, steering
from governance.retention.models import ErasureOrder, Proof, Step
from tests.retention.conftest import Stage

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@given(start=st.times(), end=st.times(), now=st.datetimes(timezones=st.just(UTC), min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1)))  # fmt: skip
def test_a_closed_system_opens_within_a_day_and_is_then_open(start: time, end: time, now: datetime) -> None:
    start, end = start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    opens = rules_steering.opens(start, end, now)
    if opens is not None:
        assert now < opens <= now + timedelta(days=1)
        assert rules_steering.opens(start, end, opens) is None


@pytest.mark.parametrize(
    ("begin", "end", "hour", "open_"),
    [(22, 5, 23, True), (22, 5, 4, True), (22, 5, 12, False), (9, 17, 12, True), (9, 17, 17, False)],
)
def test_a_window_may_go_over_midnight(begin: int, end: int, hour: int, open_: bool) -> None:
    assert (rules_steering.opens(time(begin), time(end), NOON.replace(hour=hour)) is None) == open_


def test_so_many_parts_in_an_hour_and_no_more() -> None:
    begun = [NOON - timedelta(minutes=minutes) for minutes in (70, 40, 10)]
    assert rules_steering.next_turn(begun, 3, NOON) is None
    assert rules_steering.next_turn(begun, 2, NOON) == NOON + timedelta(minutes=20)
    assert rules_steering.next_turn(begun, None, NOON) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [({"may": False}, "not_an_approver"), ({"wanted": False}, "not_wanted"), ({"looked": False}, "not_looked"),
     ({"first": "me"}, "second_person_needed"), ({"second": uuid4()}, "not_wanted")],
)  # fmt: skip
def test_two_different_people_agree_to_what_they_have_seen(change: dict[str, Any], code: str) -> None:
    me = uuid4()
    given_ = {"wanted": True, "first": None, "second": None, "may": True, "looked": True, "by": me} | change
    if given_["first"] == "me":
        given_["first"] = me
    with pytest.raises(Refused) as refused:
        rules_steering.check_approve(rules_steering.ApprovalFacts(**given_))
    assert refused.value.code == code


def test_what_a_person_asked_for_waits_for_nobodys_agreement() -> None:
    for because in ("consent.withdrawn", "opt_out.placed", "objection.upheld", "request.erasure"):
        assert not rules_steering.needs_two(because, 10**9, 0)
    assert rules_steering.needs_two("rule.due", 11, 10) and not rules_steering.needs_two("rule.due", 10, 10)


def test_what_names_the_person_is_masked() -> None:
    who = {"number": "N-1001", "name": "Asha Deshmukh"}
    assert looking.masked("people/N-1001.json", who) == "people/{number}.json"
    assert "Deshmukh" not in looking.masked("minutes of deshmukh, asha", who).title().replace("[Erased]", "")


def due_order(stage: Stage) -> ErasureOrder:
    """Everything of Emil's is due by a rule: nobody concerned has asked."""
    stage.world.sign_in("eraser")
    emil = stage.cast.emil
    scope = Scope(emil.pk, stage.cast.purpose_de.pk, (), datetime.now(UTC))
    return orders.raise_order(scope, because="rule.due", because_id=uuid4())


def test_an_order_is_looked_at_stopped_agreed_to_and_carried_out(stage: Stage, settings: Any) -> None:
    """One walk, because the company with its real systems is costly: each step is what a person would notice."""
    settings.ERASURE_ROWS_ALONE = 5
    order, store = due_order(stage), stage.store
    rows = store.rows_of(stage.cast.emil)
    assert rows == 13

    # So much is not erased before two people have agreed; what would go is said part by part, and nothing was touched.
    assert stage.carry_out(order) == "waiting" and order.approval_wanted_at and order.attempts == 0
    assert store.rows_of(stage.cast.emil) == rows and not Step.objects.filter(order=order).exists()
    seen = {entry["system"]: entry for entry in order.looked}
    parts = {part["part"]: part for part in seen[str(stage.systems["feature-store-de"].pk)]["parts"]}
    assert {name: part["count"] for name, part in parts.items()} == {"sessions": 3, "features": 9, "notes": 1}
    ids = store.ask("SELECT array_agg(id::text ORDER BY id) FROM sessions WHERE person_number = 'N-2001'")
    assert parts["sessions"]["named"] == ids
    files = seen[str(stage.systems["team-files-de"].pk)]["parts"]
    assert ["people/{number}.json"] in [part["named"] for part in files] and "N-2001" not in str(order.looked)
    assert stage.carry_out(order) is None and store.rows_of(stage.cast.emil) == rows, "it waits for them"

    stage.world.sign_in("web")
    with pytest.raises(Refused):
        steering.approve(order.pk, by=stage.cast.ira)
    steering.approve(order.pk, by=stage.cast.dara)
    with pytest.raises(Refused) as refused:
        steering.approve(order.pk, by=stage.cast.dara)
    assert refused.value.code == "second_person_needed"
    assert stage.carry_out(order) is None, "one is not two"
    stage.world.sign_in("web")
    second = next(
        p
        for p in stage.cast.people.values()
        if p != stage.cast.dara and p.holds("retention.approve", order.entity_id)
    )
    steering.approve(order.pk, by=second)

    # Stopped, it is nobody's work; a worker that has it already is overtaken.
    steering.pause(order.pk, by=stage.cast.dara)
    assert stage.carry_out(order) is None and store.rows_of(stage.cast.emil) == rows
    stage.world.sign_in("web")
    steering.resume(order.pk, by=stage.cast.dara)

    # A system with hours is left alone outside of them; the others are done, and it was no failed attempt.
    now = datetime.now(UTC)
    closed = (now + timedelta(hours=8)).time().replace(second=0, microsecond=0)
    steering.set_pace(
        stage.systems["feature-store-de"], from_time=closed, until_time=(now + timedelta(hours=9)).time(), per_hour=None, by=second
    )  # fmt: skip
    assert (
        stage.carry_out(order) == "partly" and order.attempts == 0 and store.rows_of(stage.cast.emil) == rows
    )
    assert order.try_after > now + timedelta(hours=1)
    assert Proof.objects.filter(order=order).count() >= 2
    stage.world.sign_in("web")
    steering.set_pace(
        stage.systems["feature-store-de"], from_time=None, until_time=None, per_hour=None, by=second
    )
    stage.due_again(order)
    assert stage.carry_out(order) == "done" and store.rows_of(stage.cast.emil) == 0
    codes = set(Entry.objects.filter(about_id=order.pk).values_list("code", flat=True))
    assert {
        "order.approval_wanted",
        "order.approved_once",
        "order.approved",
        "order.paused",
        "order.resumed",
    } <= codes


def test_a_worker_is_overtaken_by_a_stop(cast: Any) -> None:
    from tests.retention.test_pages import withdrawn

    order = withdrawn(cast)
    ErasureOrder.objects.filter(pk=order.pk).update(state="erasing", fence=4)
    steering.pause(order.pk, by=cast.dev)
    order.refresh_from_db()
    assert (order.state, order.fence) == (
        "partly",
        5,
    ) and order.pk not in ErasureOrder.objects.waiting().pks()
    with pytest.raises(Refused):
        steering.pause(order.pk, by=cast.dev)
    with pytest.raises(Refused):
        steering.resume(order.pk, by=cast.lata)
    steering.resume(order.pk, by=cast.dev)
    assert order.pk in ErasureOrder.objects.waiting().pks()
