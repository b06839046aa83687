"""What a rule's action makes of what is due, and which duties to keep hold it back, law by law."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from governance.consents import ledger
from governance.consents.models import Stream
from governance.lib.deadlines import period
from governance.people.models import Message, Person
from governance.purposes.models import RetentionRule
from governance.retention import floors, notices, orders, rules, sweep
from governance.retention.models import DataMap, ErasureOrder, Proof, Step, Tombstone
from governance.retention.rules import Floor
from tests import make
from tests.cast import Cast
from tests.retention.conftest import Stage

BEFORE, AFTER = date(2026, 11, 24), date(2027, 6, 1)
EU = Floor("EU", date(2033, 1, 1), "EStG §41(1)")
IN = Floor("IN", date(2030, 1, 1), "Wage registers")


@pytest.mark.parametrize(
    ("laws", "keep", "decision", "state", "cites", "until"),
    [
        ({"EU"}, (EU,), "", "restricted_hold", "EStG §41(1)", EU.until),
        ({"IN"}, (IN,), "", "restricted_hold", "Wage registers", IN.until),
        ({"IN"}, (EU,), "", "waiting", "", None),  # nobody is kept by a law that does not cover them
        ({"EU", "IN"}, (IN,), "", "retention_conflict", "Wage registers", IN.until),
        ({"EU", "IN"}, (IN,), "keep", "restricted_hold", "Wage registers", IN.until),
        ({"EU", "IN"}, (IN,), "erase", "waiting", "", None),
        ({"EU", "IN"}, (EU, IN), "", "restricted_hold", "EStG §41(1)", EU.until),  # one's own law keeps it longer anyway
        ({"EU", "IN"}, (EU, IN), "erase", "restricted_hold", "EStG §41(1)", EU.until),
        ({"EU"}, (Floor("", EU.until, "House rule"),), "", "restricted_hold", "House rule", EU.until),
    ],
)  # fmt: skip
def test_a_floor_of_ones_own_law_locks_away_and_a_foreign_one_is_a_conflict(
    laws: set[str], keep: tuple[Floor, ...], decision: str, state: str, cites: str, until: date | None
) -> None:
    facts = rules.OrderFacts(frozenset(laws), "consent.withdrawn", BEFORE, False, decision, keep)
    outcome = rules.decide(facts, BEFORE)
    assert (outcome.state, outcome.kept_until) == (state, until)
    assert not cites or cites in outcome.reasons
    if state == "retention_conflict":
        assert "GDPR Art. 17(1)(b)" in outcome.reasons and "GDPR Art. 17(3)(b)" in outcome.reasons


def test_a_floor_that_is_over_keeps_nothing() -> None:
    facts = rules.OrderFacts(frozenset({"EU"}), "rule.due", BEFORE, floors=(Floor("EU", BEFORE, "over"),))
    assert rules.decide(facts, BEFORE).state == "waiting"


@pytest.mark.parametrize(
    ("start", "maximum", "on", "fixed", "last"),
    [
        ("year_ended", "P6Y", date(2027, 1, 1), None, date(2020, 12, 31)),
        ("year_ended", "P6Y", date(2026, 12, 31), None, date(2019, 12, 31)),
        ("year_ended", "P30D", date(2027, 1, 31), None, date(2026, 12, 31)),
        ("year_ended", "P30D", date(2027, 1, 30), None, date(2025, 12, 31)),
        ("fixed_date", "P1M", date(2027, 2, 2), date(2027, 1, 1), date(2027, 2, 1)),
        ("fixed_date", "P1M", date(2027, 2, 1), date(2027, 1, 1), None),
        ("fixed_date", "P1M", date(2027, 2, 2), None, None),
    ],
)  # fmt: skip
def test_the_year_and_the_fixed_day_are_reckoned_with(
    start: str, maximum: str, on: date, fixed: date | None, last: date | None
) -> None:
    assert rules.last_due(start, maximum, on, fixed) == last
    if start == "year_ended" and last:
        assert period(maximum, last) < on


def with_rule(cast: Cast, name: str = "asha", **rule: Any) -> RetentionRule:
    """The person has something in the vault of January 2025, and the purpose has this one rule."""
    from governance.demo import systems as demo

    demo.register(cast)
    RetentionRule.objects.filter(purpose=cast.purpose).update(ended_at=timezone.now())
    made = RetentionRule.objects.create(**{"purpose": cast.purpose, "category": "events"} | rule)
    make.consent(cast.people[name], cast.purpose)
    Stream.objects.filter(person=cast.people[name]).update(month=date(2025, 1, 1))
    return made


@pytest.mark.parametrize(
    ("start", "orders_raised"), [("year_ended", 1), ("decided", 0), ("last_activity", 0)]
)
def test_the_sweep_counts_from_the_end_of_the_year_and_not_from_what_nobody_tells(
    cast: Cast, start: str, orders_raised: int
) -> None:
    rule = with_rule(cast, start_event=start, maximum="P6M")
    assert sweep.run(date(2026, 6, 30)) == 0
    assert sweep.run(date(2026, 7, 1)) == orders_raised
    assert rule.is_enforced == bool(orders_raised)


def test_a_duty_of_the_pack_holds_a_withdrawal_back_and_names_its_source(cast: Cast) -> None:
    with_rule(cast, category="security logs", jurisdiction="IN", maximum="P13M")
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    order = ErasureOrder.objects.get(person=cast.asha)
    assert order.state == "restricted_hold" and order.kept_until
    assert any("CERT-In" in reason for reason in order.reasons)


def test_a_duty_of_the_register_holds_back_and_under_two_laws_it_is_a_conflict(cast: Cast) -> None:
    RetentionRule.objects.create(
        purpose=cast.purpose_de, category="vouchers", jurisdiction="IN", minimum="P3Y", source="Companies Act s.128(5)"
    )  # fmt: skip
    for name, state in (("emil", "waiting"), ("nisha", "retention_conflict")):
        make.consent(cast.people[name], cast.purpose_de)
        ledger.withdraw_purpose(cast.purpose_de, by=cast.people[name])
        order = ErasureOrder.objects.get(person=cast.people[name])
        assert order.state == state, name
    assert "Companies Act s.128(5)" in order.reasons and "GDPR Art. 17(1)(b)" in order.reasons


def test_a_rule_that_restricts_locks_away_for_its_second_period_and_then_erases(cast: Cast) -> None:
    rule = with_rule(
        cast, start_event="collected", maximum="P12M", minimum="P24M", action="restrict", source="Works agreement"
    )  # fmt: skip
    assert sweep.run(date(2026, 2, 2)) == 1
    order = ErasureOrder.objects.get(person=cast.asha)
    assert (order.state, order.rule, order.reasons[0]) == ("restricted_hold", rule, "Works agreement")
    assert order.kept_until == period("P24M", order.processed_until)
    sweep.run(order.kept_until - timedelta(days=1))
    order.refresh_from_db()
    assert order.state == "restricted_hold"
    sweep.run(order.kept_until)
    order.refresh_from_db()
    # From May 2027 the Indian floor would be asked too; here both are over.
    assert order.state == "waiting"


def test_a_second_period_that_is_shorter_than_the_first_is_refused_in_the_register() -> None:
    from governance.purposes.activity import Keep, _keep

    def problems(**more: Any) -> list[str]:
        return [one.path for one in _keep(Keep(category="x", action="restrict", **more), "keeps[0].")]

    assert problems(maximum="P12M") == ["keeps[0].action"]
    assert problems(maximum="P12M", minimum="P6M") == ["keeps[0].action"]
    assert problems(maximum="P12M", minimum="P1Y") == []
    assert [p.path for p in _keep(Keep(category="x", start_event="fixed_date", maximum="P1M"), "")] == [
        "applies_from"
    ]


def anonymising(stage: Stage, spec: dict[str, Any] | None = None) -> ErasureOrder:
    """Emil's sessions are two years old, and the rule says to make them anonymous."""
    stage.store.do(
        "UPDATE sessions SET started_at = started_at - interval '2 years' WHERE person_number = 'N-2001'"
    )
    stage.world.sign_in("owner")
    RetentionRule.objects.filter(purpose=stage.cast.purpose_de, jurisdiction="EU").update(action="anonymise")
    row = DataMap.objects.get(system=stage.systems["feature-store-de"])
    for table in row.spec["tables"]:
        if table["table"] in (spec or {}):
            table["anonymise"] = (spec or {})[table["table"]]
    row.save()
    stage.world.sign_in("eraser")
    sweep.run(datetime.now(UTC).date())
    order = ErasureOrder.objects.get(person=stage.cast.emil, purpose=stage.cast.purpose_de)
    assert order.action == "anonymise" and order.state == "waiting"
    return order


def test_anonymising_keeps_the_rows_and_takes_the_person_out(stage: Stage) -> None:
    (stage.folder / "people" / "N-2001.json").unlink()
    stage.store.do(
        "GRANT UPDATE (person_number) ON sessions TO store_eraser"
    )  # what the map needs, and no more
    order = anonymising(stage, {"sessions": {"person_number": "hash"}, "features": {}})
    sessions = stage.store.ask("SELECT count(*) FROM sessions")

    state = stage.carry_out(order)

    assert stage.store.ask("SELECT count(*) FROM sessions") == sessions
    assert stage.store.ask("SELECT count(*) FROM sessions WHERE person_number = 'N-2001'") == 0
    assert (
        stage.store.ask(
            "SELECT count(DISTINCT person_number) FROM sessions WHERE person_number LIKE 'anon-%%'"
        )
        == 1
    )
    proof = Proof.objects.get(order=order, system=stage.systems["feature-store-de"])
    assert proof.method.startswith("made anonymous") and proof.found_after == 0
    stage.world.sign_in("owner")
    assert not Tombstone.objects.filter(order=order, system=stage.systems["feature-store-de"]).exists()
    # The files' connector can erase, and cannot take a person out of a row that stays.
    faults = dict(Step.objects.filter(order=order).values_list("system__code", "fault"))
    assert state == "partly" and faults["team-files-de"].startswith("CannotAnonymise")
    assert not Proof.objects.filter(order=order, system=stage.systems["team-files-de"]).exists()
    told = Message.objects.filter(person=stage.cast.dara, code="order_office_partly")
    assert told.count() == 1 and told.get().facts["number"] == order.number


def test_a_table_whose_map_does_not_say_how_is_left_alone_and_said(stage: Stage) -> None:
    order = anonymising(stage, {"features": {}})
    assert stage.carry_out(order) == "partly"
    fault = Step.objects.filter(order=order, system=stage.systems["feature-store-de"]).values_list(
        "fault", flat=True
    )
    assert all(one.startswith("CannotAnonymise") for one in fault)
    assert stage.store.ask("SELECT count(*) FROM sessions WHERE person_number = 'N-2001'") == 3


def test_a_map_that_would_leave_the_person_in_the_row_is_refused() -> None:
    from governance.lib.refusals import Refused
    from governance.retention.connectors import sqlmap

    row = {"table": "t", "find": {"column": "n", "is": "number"}, "action": "erase"}
    sqlmap.check({"tables": [row | {"anonymise": {"n": "hash"}}]})
    for wrong in ({"mood": "null"}, {"n": "shred"}, ["n"]):
        with pytest.raises(Refused):
            sqlmap.check({"tables": [row | {"anonymise": wrong}]})


def test_what_the_sweep_ordered_becomes_part_of_what_the_person_said(cast: Cast) -> None:
    with_rule(cast, start_event="collected", maximum="P12M")
    assert sweep.run(date(2026, 3, 1)) == 1
    old = ErasureOrder.objects.get(person=cast.asha)
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    new = ErasureOrder.objects.get(person=cast.asha, because="consent.withdrawn")
    old.refresh_from_db()
    assert (old.state, old.merged_into) == ("merged", new) and set(old.streams) <= set(new.streams)
    assert sweep.run(date(2026, 3, 2)) == 0, "the open order takes it along"


def test_a_persons_word_comes_before_the_calendar(cast: Cast) -> None:
    with_rule(cast, "bela", start_event="collected", maximum="P12M")
    assert sweep.run(date(2026, 3, 1)) == 1
    make.consent(cast.asha, cast.purpose)
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    ErasureOrder.objects.filter(because="rule.due").update(try_after="2020-01-01T00:00:00Z")
    turns = list(ErasureOrder.objects.waiting().values_list("because", flat=True))
    assert turns == ["consent.withdrawn", "rule.due"]


@pytest.fixture
def noticed(cast: Cast, settings: Any) -> ErasureOrder:
    """In 2029, when Rule 8(2) applies and the year of Rule 8(3) is over."""
    settings.TODAY = "2029-01-01"
    with_rule(cast, category="accounts of a large platform", jurisdiction="IN", maximum="P3Y")
    assert sweep.run(date(2029, 1, 1)) == 1
    return ErasureOrder.objects.get(person=cast.asha)


def test_nothing_is_erased_until_48_hours_after_the_notice_was_delivered(
    cast: Cast, noticed: ErasureOrder
) -> None:
    assert noticed.state == "waiting" and noticed.notice_hours == 48 and noticed.notice_id
    assert noticed not in ErasureOrder.objects.waiting() and notices.follow() == 0, "nobody has read it yet"
    read = timezone.now() - timedelta(hours=47)
    Message.objects.filter(pk=noticed.notice_id).update(read_at=read)
    assert notices.follow() == 1 and notices.follow() == 0
    noticed.refresh_from_db()
    assert noticed.try_after == read + timedelta(hours=48)
    assert noticed not in ErasureOrder.objects.waiting()
    earlier = read - timedelta(hours=2)
    ErasureOrder.objects.filter(pk=noticed.pk).update(
        notice_delivered_at=earlier, try_after=earlier + timedelta(hours=48)
    )
    assert noticed in ErasureOrder.objects.waiting()


@pytest.mark.parametrize("how", ["signed_in", "wrote"])
def test_who_signs_in_or_writes_is_not_erased(cast: Cast, noticed: ErasureOrder, how: str) -> None:
    from governance.retention import journal
    from governance.rights import requests

    if how == "signed_in":
        Person.objects.filter(pk=cast.asha.pk).update(last_login=timezone.now() + timedelta(seconds=1))
        ErasureOrder.objects.filter(pk=noticed.pk).update(notice_delivered_at="2020-01-01T00:00:00Z")
        assert journal.claim(noticed.pk) is None, "asked again in the moment of beginning"
    else:
        requests.raise_request("access", by=cast.asha)
    noticed.refresh_from_db()
    assert noticed.state == "called_off"
    assert noticed not in ErasureOrder.objects.waiting()


def test_ordinary_employers_owe_no_notice(cast: Cast) -> None:
    rule = with_rule(cast, maximum="P12M")
    assert floors.notice_hours(rule, cast.asha, AFTER) == 0


def test_when_the_last_programme_ends_the_rules_of_the_purposes_end_begin(cast: Cast) -> None:
    from governance.capture import programmes, winding_up

    with_rule(cast, start_event="purpose_ended", maximum="P30D")
    assert winding_up.order_due(date(2030, 1, 1)) == 0, "it runs"
    programmes.end(cast.programme, by=None)
    ended = timezone.localtime(cast.programme.purpose.entity and timezone.now()).date()
    assert winding_up.order_due(ended + timedelta(days=28)) == 0
    assert winding_up.order_due(ended + timedelta(days=35)) == 1
    assert winding_up.order_due(ended + timedelta(days=36)) == 0, "once"
    assert ErasureOrder.objects.get(person=cast.asha).because == "programme.ended"


def test_the_page_of_a_rule_says_when_nobody_enforces_it(cast: Cast) -> None:
    from tests.retention.test_pages import signed_in
    from tests.visits import reading, words

    with_rule(cast, start_event="decided", maximum="P6M")
    owner = reading(cast.people["omar"], "en")
    page = signed_in(owner).get(f"/register/{cast.purpose.pk}/try-a-period")
    assert "Not enforced" in words(page) and "nothing tells Sammati when it begins" in words(page)
    shown = signed_in(reading(cast.dev, "en")).get("/erasures/map")
    assert "not enforced" in words(shown)


def test_an_orders_pages_are_drawn_in_every_state(cast: Cast) -> None:
    from tests.retention.test_pages import signed_in

    with_rule(cast, maximum="P12M")
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    order = orders.ErasureOrder.objects.get(person=cast.asha)
    for state, _label in ErasureOrder.STATES:
        done = timezone.now() if state == "done" else None
        ErasureOrder.objects.filter(pk=order.pk).update(state=state, done_at=done)
        for person, address in (
            (cast.dev, f"/erasures/{order.pk}"),
            (cast.asha, f"/me/erasures/{order.pk}"),
            (cast.asha, "/me/"),
        ):
            assert signed_in(person).get(address).status_code == 200, (state, address)
