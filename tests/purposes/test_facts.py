"""From the register's words to facts, and what follows from a verdict: pure, without a database."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.purposes import facts_of, guarantees, lists
from governance.purposes.activity import Activity, Item, Recipient
from governance.purposes.facts_of import Around, ProcessorFacts
from governance.purposes.judgement import Judgement
from governance.purposes.policy import Outcome, facts, packs
from governance.purposes.policy.engine import evaluate_anew
from governance.purposes.policy.vocabulary import unknown_words
from tests.purposes.exchange.activities import activities

TOP = Path(__file__).resolve().parents[2]
ON = date(2026, 11, 23)
P3 = date(2027, 5, 13)
CLICKS = Item(
    code="ui_event", name="Clicks", category="CL", captured=True, fields=("role",), mode="task_bounded"
)


def activity(**said: Any) -> Activity:
    return Activity(
        **(
            {
                "name": "Learn",
                "kind": "agent_training",
                "countries": ("IN",),
                "ground_in": "s6",
                "items": (CLICKS,),
            }
            | said
        )
    )


def judged(said: Activity, around: Around | None = None, on: date = ON) -> Judgement:
    return Judgement(
        said,
        facts_of.facts(said, around or Around(home="IN", assessed={"ui_event": date(2028, 1, 1)}), on),
        on,
    )


# facts -------------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(activities(), st.sampled_from(["IN", "DE", "US", ""]))
def test_every_activity_is_understood_by_the_rules(said: Activity, home: str) -> None:
    known = facts_of.facts(said, Around(home=home), ON)
    pack = packs.default()
    assert unknown_words(known, pack.vocabulary) == []
    heard = evaluate_anew(known, None, ON, pack)
    assert len(heard.signals) == max(len(said.items), 1)
    if not home and not said.countries and not said.laws and "eu_parent_decides" not in said.circumstances:
        assert heard.outcome is Outcome.HOLD


def test_every_circumstance_and_safeguard_reaches_the_rules() -> None:
    asking = {"part_of_onboarding", "incentive", "incentive_small", "incentive_equal"}
    assert set(lists.codes("circumstance")) == set(facts_of.CIRCUMSTANCES) | asking
    assert set(lists.codes("safeguard")) == set(facts_of.SAFEGUARDS)
    for name in facts_of.CIRCUMSTANCES:
        assert getattr(judged(activity(circumstances=(name,))).facts, name) is True
    for name in facts_of.SAFEGUARDS:
        (signal,) = judged(
            activity(items=(Item(code="a", name="A", category="CL", safeguards=(name,)),))
        ).facts.signals
        assert getattr(signal, name) is True


def test_every_guarantee_names_code_and_a_test_that_are_there() -> None:
    told = {guarantee.fact for guarantee in guarantees.GUARANTEES}
    of_the_purpose = {"part_of_onboarding", "incentive", "incentive_small", "incentive_equal"}
    assert told | of_the_purpose == set(facts.Asking.__dataclass_fields__)
    for guarantee in guarantees.GUARANTEES:
        assert (TOP / guarantee.made_by).exists(), guarantee
        path, _, name = guarantee.proved_by.partition("::")
        assert (TOP / path).exists() and f"def {name}" in (TOP / path).read_text(), guarantee


def test_a_tool_that_records_people_can_be_used_to_watch_them() -> None:
    assert judged(activity()).facts.monitoring_capable
    assert not judged(
        activity(items=(Item(code="pay", name="Pay", category="PAY"),))
    ).facts.monitoring_capable


def test_an_item_that_does_not_say_what_it_is_is_held() -> None:
    heard = judged(activity(items=(Item(code="x", name="X"),)))
    assert heard.outcome is Outcome.HOLD and "HOUSE-IN-2" in heard.evaluation.ids()


@pytest.mark.parametrize(
    ("recipient", "processor", "outcome"),
    [
        (Recipient(name="Team"), None, Outcome.ALLOW),  # inside the company: no transfer
        (Recipient(name="Labels", kind="external", country="IN"), None, Outcome.BLOCK),
        (
            Recipient(name="Labels", kind="external", country=""),
            None,
            Outcome.BLOCK,
        ),  # forgotten: stricter, not milder
        (
            Recipient(name="Labels", kind="external", country="IN", tool="scc", assessed_on=date(2026, 1, 1)),
            None,
            Outcome.ALLOW,
        ),
        (
            Recipient(name="Labels", kind="external", country="IN", tool="scc", assessed_on=date(2027, 1, 1)),
            None,
            Outcome.BLOCK,
        ),
        (
            Recipient(
                name="Labels", kind="external", country="IN", tool="derogation", assessed_on=date(2026, 1, 1)
            ),
            None,
            Outcome.BLOCK,
        ),
        (Recipient(name="Labels", kind="external", country="IN", tool="adequacy"), None, Outcome.BLOCK),
        (Recipient(name="Cloud", kind="external", country="US", tool="adequacy"), None, Outcome.ALLOW),
        (Recipient(name="Swiss", kind="external", country="CH"), None, Outcome.ALLOW),
        (
            Recipient(name="P", processor="p"),
            ProcessorFacts("P", "DE", "C-1", date(2026, 1, 1)),
            Outcome.ALLOW,
        ),
        (
            Recipient(name="P", processor="p"),
            ProcessorFacts("P", "DE", "C-1", date(2026, 1, 1), subprocessors=(("Sub", "IN"),)),
            Outcome.BLOCK,
        ),
    ],
)
def test_where_the_data_go_decides(
    recipient: Recipient, processor: ProcessorFacts | None, outcome: Outcome
) -> None:
    wages = Activity(
        name="Pay", kind="payroll", countries=("DE",), basis_eu="c", items=(Item(code="pay", name="Pay", category="PAY"),), recipients=(recipient,),
    )  # fmt: skip
    around = Around(home="DE", processors={"p": processor} if processor else {})
    assert judged(wages, around).outcome is outcome


def test_a_processor_without_a_contract_is_forbidden_from_phase_three() -> None:
    wages = Activity(
        name="Pay", kind="payroll", countries=("IN",), ground_in="s7i", items=(Item(code="pay", name="Pay", category="PAY"),),
        recipients=(Recipient(name="P", kind="processor", processor="p"),),
    )  # fmt: skip
    signed = ProcessorFacts("P", "IN", "C-1", date(2026, 1, 1), date(2027, 12, 1))
    for known, on, outcome in (
        ({}, P3 - timedelta(days=1), Outcome.ALLOW), ({}, P3, Outcome.BLOCK),
        ({"p": signed}, P3, Outcome.ALLOW), ({"p": signed}, date(2027, 12, 1), Outcome.BLOCK),
        ({"p": ProcessorFacts("P", "IN", "", date(2026, 1, 1))}, P3, Outcome.BLOCK),
    ):  # fmt: skip
        assert judged(wages, Around(home="IN", processors=known), on).outcome is outcome


# what follows ------------------------------------------------------------------------------------------------------


def test_what_may_not_run_falls_out_and_the_rest_goes_on() -> None:
    path = Item(code="mouse_path", name="Path", category="MM", captured=True, fields=("x",))
    heard = judged(activity(items=(CLICKS, path)))
    assert heard.outcome is Outcome.HOLD and heard.recorded == {"ui_event"} and heard.fallen == {"mouse_path"}
    assert not heard.stops
    assert judged(activity(items=(path,))).stops


def test_what_contract_or_law_asks_for_is_owed_and_what_watches_people_is_not() -> None:
    pay = Item(code="pay", name="Pay", category="PAY")
    assert judged(
        Activity(name="Pay", kind="payroll", countries=("IN",), ground_in="s7i", items=(pay,))
    ).is_owed
    assert not judged(
        Activity(name="Pay", kind="payroll", countries=("DE",), basis_eu="f", items=(pay,)), Around(home="DE")
    ).is_owed
    logs = Item(code="logs", name="Logs", category="SL")
    assert not judged(
        Activity(name="Leaks", kind="security", countries=("IN",), ground_in="s7i", items=(logs,))
    ).is_owed
    assert not judged(activity()).is_owed


def test_a_language_without_a_text_keeps_from_asking_but_not_from_going_on() -> None:
    told = facts.NoticeFacts(people_languages=frozenset({"en", "ta"}), approved_languages=frozenset({"en"}))
    heard = judged(activity(), Around(home="IN", assessed={"ui_event": date(2028, 1, 1)}, notice=told))
    assert heard.outcome is Outcome.HOLD and heard.recorded == {"ui_event"} and not heard.stops
