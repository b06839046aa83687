"""The same facts on other days: commencement is data, and the coming changes are known beforehand."""

from datetime import date

from governance.purposes.policy import Outcome, evaluate, next_changes, packs
from governance.purposes.policy.facts import Evidence
from tests.purposes.policy.saying import given, papers

LAST_DAY_BEFORE, P3 = date(2027, 5, 12), date(2027, 5, 13)


def test_the_sensitive_data_rules_end_on_the_day_the_act_begins() -> None:
    health = given("kind=benefit in=s7i cat=HL")
    assert "IN-01" in evaluate(health, "IN", LAST_DAY_BEFORE).ids()
    after = evaluate(health, "IN", P3)
    assert "IN-01" not in after.ids() and after.outcome is Outcome.ALLOW
    assert evaluate(health, "IN", LAST_DAY_BEFORE).outcome is Outcome.EXPLICIT_OPT_IN


def test_rows_of_phase_three_do_not_speak_before_it() -> None:
    facts = given(
        "in=s6 cat=CL n.waives_a_right significant_effect quality_check_failed to=IN+processor case=grievance"
    )
    assert not {"IN-06", "IN-19", "IN-25", "IN-34"} & evaluate(facts, "IN", LAST_DAY_BEFORE).ids()
    assert {"IN-06", "IN-19", "IN-25", "IN-34"} <= evaluate(facts, "IN", P3).ids()


def test_rows_that_protect_people_apply_early_and_say_that_they_are_not_yet_law() -> None:
    facts = given("kind=agent_training in=s7i cat=CL under_18 !necessary")
    for on, early in ((LAST_DAY_BEFORE, True), (P3, False)):
        heard = evaluate(facts, "IN", on)
        assert {"IN-04", "IN-21"} <= heard.ids()
        (row,) = [fired for fired in heard.fired if fired.rule_id == "IN-21"]
        assert row.not_yet_law is early
        assert ("applied early, not yet law" in row.cite_in("en")) is early
        assert ("अभी कानून नहीं" in row.cite_in("hi")) is early


def test_intermediaries_that_are_registered_are_judged_from_phase_two() -> None:
    facts = given("n.names_us_a_registered_role case=intermediary_call")
    assert not {"IN-35", "IN-36"} & evaluate(facts, "IN", date(2026, 11, 12)).ids()
    assert {"IN-35", "IN-36"} <= evaluate(facts, "IN", date(2026, 11, 13)).ids()


def test_scores_by_ai_come_under_the_ai_act_in_december_2027() -> None:
    facts = given("cat=PS uses_ai effects=promotion eu=f papers=lia,dpia,human_oversight,worker_consultation")
    before, after = evaluate(facts, "EU", date(2027, 12, 1)), evaluate(facts, "EU", date(2027, 12, 2))
    assert before.outcome is Outcome.NOTICE_OBJECT and after.outcome is Outcome.HOLD
    assert {missing.kind for missing in after.missing if missing.rule_id == "EU-23"} == {
        "high_risk_file", "worker_notice", "ai_logs",
    }  # fmt: skip
    bare = facts.but(evidence=papers("lia"))
    assert "EU-24" in evaluate(bare, "EU", date(2027, 12, 1)).ids()
    assert "EU-24" not in evaluate(bare, "EU", date(2027, 12, 2)).ids()


def test_platform_workers_are_protected_from_december_2026() -> None:
    facts = given("cat=CL platform_workers uses=private_talk")
    assert "EU-45" not in evaluate(facts, "EU", date(2026, 12, 1)).ids()
    assert evaluate(facts, "EU", date(2026, 12, 2)).outcome is Outcome.BLOCK


def test_the_coming_changes_of_a_verdict_are_known_with_their_days() -> None:
    facts = given(
        "laws=EU,IN cat=PS uses_ai effects=promotion eu=f in=s7i papers=lia,dpia,human_oversight,worker_consultation,quality_check"
    )
    (change,) = next_changes(facts, date(2026, 11, 23), jurisdiction="EU")
    assert (change.on, change.was, change.outcome) == (date(2027, 12, 2), Outcome.NOTICE_OBJECT, Outcome.HOLD)
    assert change.begins == ("EU-23",)


def test_payroll_in_india_turns_on_the_day_of_phase_three() -> None:
    bank = given("kind=payroll in=s7i cat=FI laws=IN")  # consent in writing until then, s.7(i) from then on
    (change,) = next_changes(bank, date(2026, 11, 23))
    assert (change.on, change.was, change.outcome) == (P3, Outcome.EXPLICIT_OPT_IN, Outcome.ALLOW)
    assert "IN-02" in change.begins and "IN-01" in change.ends
    wages = given("kind=payroll in=s7i cat=PAY laws=IN")
    assert evaluate(wages, "IN", LAST_DAY_BEFORE).ids() == {"HOUSE-IN-3"}
    assert evaluate(wages, "IN", P3).ids() == {"IN-02"}


def test_a_paper_that_will_run_out_is_a_coming_change() -> None:
    facts = given("kind=security eu=f cat=SL laws=EU")
    facts = facts.but(evidence=(Evidence("lia", date(2026, 1, 1), date(2027, 1, 1)),))
    (change,) = next_changes(facts, date(2026, 11, 23))
    assert (change.on, change.outcome) == (date(2027, 1, 1), Outcome.HOLD)
    assert "E-SL-EU" in change.begins and "EU-30" in change.ends


def test_a_day_on_which_only_the_citation_changes_is_no_change() -> None:
    assert next_changes(given("kind=agent_training in=s6 cat=CL laws=IN"), date(2026, 11, 23)) == []


def test_dates_of_the_rules_are_the_dates_that_people_read() -> None:
    from governance.lib import packs as lib_packs

    pack = packs.default()
    for name, provision in pack.shared["date_provision"].items():
        assert pack.tables.dates[name] == lib_packs.provisions()[provision].from_
