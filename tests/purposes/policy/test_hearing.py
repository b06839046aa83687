"""Several signals, several laws, overrides: what falls out, what stops, who may relax what."""

from dataclasses import replace
from datetime import date

import pytest

from governance.lib.refusals import Refused
from governance.purposes.policy import Outcome, SignalFacts, evaluate, packs
from governance.purposes.policy.engine import evaluate_anew
from governance.purposes.policy.facts import Override
from governance.purposes.policy.overrides import check_override
from tests.purposes.policy.saying import ON, given

PACK = packs.default()
YES = "kind=agent_training eu=a in=s6 gate laws=EU,IN"
CLICKS, TYPING = SignalFacts("ui_event", "CL", "event"), SignalFacts("typed_text", "TX")
PATH = SignalFacts("mouse_path", "MM", "event")


def override(rule_id: str, **changes: object) -> Override:
    return replace(
        Override(
            rule_id, "omar", "A short trial.", date(2027, 5, 20), "dev", "Only with a log.", date(2027, 5, 10)
        ),
        **changes,
    )


def test_a_blocked_signal_falls_out_and_neither_passes_nor_stops_the_rest() -> None:
    heard = evaluate(given(YES).but(signals=(CLICKS, TYPING)), None, ON)
    assert heard.per_signal == {"ui_event": Outcome.OPT_IN, "typed_text": Outcome.BLOCK}
    assert heard.outcome is Outcome.OPT_IN and heard.offered == ["ui_event"]


def test_only_blocked_signals_block_the_purpose() -> None:
    assert evaluate(given(YES).but(signals=(TYPING,)), None, ON).outcome is Outcome.BLOCK


def test_a_signal_on_hold_holds_the_purpose_and_says_what_it_lacks() -> None:
    heard = evaluate(given(YES).but(signals=(CLICKS, PATH)), None, ON)
    assert heard.outcome is Outcome.HOLD and heard.per_signal["ui_event"] is Outcome.OPT_IN
    assert [(m.kind, m.rule_id) for m in heard.missing] == [("item_assessment", "E-MM-EU.a")]


def test_what_no_rule_covers_is_held() -> None:
    heard = evaluate(given("kind=other eu=e laws=EU"), None, ON)
    assert heard.outcome is Outcome.HOLD and heard.ids() == {"NO-RULE"}
    assert "No rule covers this" in heard.fired[0].sentence_in("en")
    assert evaluate(given("kind=other"), None, ON).outcome is Outcome.HOLD


def test_what_names_no_basis_is_held_whatever_else_is_in_place() -> None:
    safe = "cat=KD uses=identity equal_alternative assessed laws=EU"
    assert evaluate(given(safe, "eu=f"), None, ON).outcome is Outcome.EXPLICIT_OPT_IN
    assert evaluate(given(safe), None, ON).outcome is Outcome.HOLD


def test_a_country_whose_law_nobody_knows_is_held() -> None:
    known = given("kind=payroll eu=c cat=PAY countries=DE")
    assert evaluate(known, None, ON).outcome is Outcome.ALLOW
    heard = evaluate(known.but(countries=frozenset({"DE", "BR"})), None, ON)
    assert heard.outcome is Outcome.HOLD and heard.unknown == ("BR",) and "NO-COUNTRY" in heard.ids()
    assert evaluate(known, "BR", ON).outcome is Outcome.HOLD


@pytest.mark.parametrize(
    "wrong",
    ["kind=payrol", "eu=6", "cat=XX", "mode=always", "uses=feelings", "papers=dpiaa", "effects=bonus"],
)
def test_a_word_that_the_rules_do_not_know_is_held_and_named(wrong: str) -> None:
    heard = evaluate(given("kind=payroll eu=c cat=PAY laws=EU", wrong), None, ON)
    assert heard.outcome is Outcome.HOLD
    assert any(wrong.split("=")[1] in word for word in heard.unknown)
    assert dict(heard.by_law)["EU"] >= Outcome.HOLD


def test_two_laws_stand_side_by_side_and_the_stricter_wins() -> None:
    facts = given("kind=payroll eu=b in=s7i cat=PAY laws=EU,IN people=hi,de approved=hi")
    heard = evaluate(facts, None, ON)
    assert dict(heard.by_law) == {"EU": Outcome.HOLD, "IN": Outcome.ALLOW}
    assert heard.outcome is Outcome.HOLD


def test_an_old_yes_never_stretches_and_does_not_answer_by_itself() -> None:
    assert evaluate(given("kind=other eu=f cat=CL origin=consent"), "EU", ON).outcome is Outcome.HOLD


def test_breaches_under_both_laws_start_every_clock_at_once() -> None:
    heard = evaluate(given("laws=EU,IN case=breach c.cyber_incident"), None, ON)
    assert {"CL-05", "CL-11", "CL-12", "CL-13"} <= {duty.clock for duty in heard.duties}


def test_withdrawal_under_both_laws_names_the_conflict_and_decides_nothing() -> None:
    heard = evaluate(
        given("laws=EU,IN eu=a in=s6 cat=CL gate case=withdrawal processed=2027-05-20"), None, ON
    )
    codes = {duty.code for duty in heard.duties}
    assert {"RETENTION_CONFLICT", "owner_decides_after_advice", "stop_capture"} <= codes
    before = evaluate(
        given("laws=EU,IN eu=a in=s6 cat=CL gate case=withdrawal processed=2027-05-01"),
        None,
        date(2027, 5, 12),
    )
    assert "RETENTION_CONFLICT" not in {duty.code for duty in before.duties}


def test_work_for_a_foreign_client_leaves_chapter_two_but_not_security() -> None:
    facts = given("laws=EU,IN foreign_contract in=s6 cat=CL n.waives_a_right to=IN+processor+scc")
    heard = evaluate(facts, "IN", ON)
    assert "IN-06" not in heard.ids() and {"IN-31", "IN-34"} <= heard.ids()


def test_recording_a_conversation_is_beyond_any_owner_where_it_is_a_crime() -> None:
    facts = given("cat=AU mode=session eu=a gate laws=EU countries=FR").but(overrides=(override("EU-17"),))
    assert evaluate(facts, None, ON).outcome is Outcome.EXPLICIT_OPT_IN
    heard = evaluate(facts.but(countries=frozenset({"DE"})), None, ON)
    assert heard.outcome is Outcome.BLOCK and heard.refused_overrides[0][1].code == "express_prohibition"


def test_an_owner_may_relax_a_locked_default_after_advice_and_both_names_stay_on_it() -> None:
    facts = given("cat=GZ kind=research eu=a gate laws=EU")
    assert evaluate(facts, None, ON).outcome is Outcome.BLOCK
    heard = evaluate(facts.but(overrides=(override("EU-27"),)), None, ON)
    assert heard.outcome is Outcome.EXPLICIT_OPT_IN
    (row,) = [fired for fired in heard.fired if fired.rule_id == "EU-27"]
    assert row.relaxed_by and (row.relaxed_by.owner, row.relaxed_by.dpo) == ("omar", "dev")


def test_an_override_for_one_signal_leaves_the_others_alone() -> None:
    gaze = (SignalFacts("left", "GZ", "session"), SignalFacts("right", "GZ", "session"))
    facts = given("eu=a gate laws=EU").but(signals=gaze, overrides=(override("EU-27", signal="left"),))
    assert evaluate(facts, None, ON).per_signal == {"left": Outcome.EXPLICIT_OPT_IN, "right": Outcome.BLOCK}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"rule_id": "EU-99"}, "no_such_rule"),
        ({"rule_id": "EU-19"}, "express_prohibition"),
        ({"rule_id": "EU-33"}, "not_locked"),
        ({"reason": " "}, "no_reason"),
        ({"advice": ""}, "no_advice"),
        ({"dpo": "omar"}, "one_person"),
        ({"dpo": "rupa"}, "conflict_of_interest"),
        ({"advised_on": date(2027, 5, 21)}, "advice_too_late"),
        ({"decided_on": date(2027, 6, 2)}, "not_yet"),
        ({"until": ON}, "run_out"),
    ],
)
def test_an_override_that_lacks_something_does_not_count_and_says_why(
    changes: dict[str, object], code: str
) -> None:
    facts = given("cat=GZ kind=research eu=a gate laws=EU representatives=rupa")
    made = replace(override("EU-27"), **changes)
    with pytest.raises(Refused) as refused:
        check_override(made, PACK.by_id.get(made.rule_id), facts, ON)
    assert refused.value.code == code
    heard = evaluate(facts.but(overrides=(made,)), None, ON)
    assert heard.outcome is Outcome.BLOCK
    assert [refusal.code for _, refusal in heard.refused_overrides] == [code]


def test_an_evaluation_can_be_kept_with_the_pack_that_gave_it() -> None:
    import json

    heard = evaluate(given(YES).but(signals=(CLICKS, TYPING)), None, ON)
    kept = json.loads(json.dumps(heard.as_dict()))
    assert kept["pack_sha256"] == PACK.sha256 and kept["pack_version"] == PACK.version
    assert kept["signals"] == {"ui_event": "OPT_IN", "typed_text": "BLOCK"}
    assert len(given(YES).sha256) == 64


def test_the_memo_gives_what_a_fresh_hearing_gives() -> None:
    facts = given(YES).but(signals=(CLICKS, TYPING))
    assert evaluate(facts, None, ON) is evaluate(given(YES).but(signals=(CLICKS, TYPING)), None, ON)
    fresh = evaluate_anew(facts, None, ON, PACK)
    assert (fresh.outcome, fresh.fired, fresh.missing) == (lambda e: (e.outcome, e.fired, e.missing))(
        evaluate(facts, None, ON)
    )


def test_sentences_follow_the_language_of_the_reader() -> None:
    from django.utils.translation import override as speaking

    (row,) = [fired for fired in evaluate(given("cat=BY"), "IN", ON).fired if fired.rule_id == "E-BY-IN"]
    with speaking("hi"):
        assert row.sentence.startswith("बीच में")
    with speaking("de"):
        assert row.sentence.startswith("Andere Menschen")
    with speaking("fr"):
        assert row.sentence.startswith("Other people")
