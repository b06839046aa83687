"""From which standing to which, and the one answer that the gate and the page share: rules without a database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.consents import decide, rules
from governance.lib.refusals import Refused, reason

NOW = datetime(2026, 11, 3, 10, 40, tzinfo=UTC)
ASHA = uuid4()


def facts(**more: Any) -> rules.AskFacts:
    usual: dict[str, Any] = {
        "purpose_active": True, "rests_on_consent": True, "employed_there": True, "under_18": False, "has_notice": True,
        "language_shown": "hi", "languages_published": frozenset({"en", "hi"}),
        "signals_wanted": frozenset({"ui_event"}), "signals_declared": frozenset({"ui_event", "mouse_path"}),
    }  # fmt: skip
    return rules.AskFacts(**usual | more)


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({}, ""),
        ({"purpose_active": False}, "purpose_not_active"),
        ({"rests_on_consent": False}, "not_on_consent"),
        ({"employed_there": False}, "not_concerned"),
        ({"about_them": False}, "not_about_them"),
        ({"under_18": True}, "under_18"),
        ({"has_notice": False}, "no_notice"),
        ({"language_shown": "ta"}, "no_notice"),
        ({"signals_wanted": frozenset()}, "nothing_chosen"),
        ({"signals_wanted": frozenset({"typed_text"})}, "not_declared"),
        ({"signals_wanted": frozenset({"ui_event", "typed_text"})}, "not_declared"),
    ],
)
def test_who_may_say_yes_to_what(what: dict[str, Any], code: str) -> None:
    try:
        rules.check_give(facts(**what))
    except Refused as refused:
        assert refused.code == code
    else:
        assert code == ""


def test_nobody_gives_or_withdraws_for_somebody_else_unless_they_may() -> None:
    assert reason(rules.check_move, "", "given", "controller")
    assert reason(rules.check_move, "given", "withdrawn", "controller")
    for who in ("person", "guardian", "nominee"):
        assert reason(rules.check_move, "given", "withdrawn", who) == ""


def test_what_has_ended_stays_ended() -> None:
    for ended in rules.ENDED:
        for new, _label in rules.STATUSES:
            for who in ("person", "guardian", "nominee", "controller", "system"):
                assert reason(rules.check_move, ended, new, who), f"{ended} became {new} by {who}"


def test_a_yes_lapses_after_twelve_months_also_from_a_leap_day() -> None:
    assert rules.expires(date(2026, 11, 3)) == date(2027, 11, 3)
    assert rules.expires(date(2028, 2, 29)) == date(2029, 2, 28)


def standing(**more: Any) -> decide.Standing:
    grant = {
        "status": "given", "given_at": NOW - timedelta(days=1), "expires_at": NOW + timedelta(days=1), "stream": uuid4(),
        "public_key": b"k", "expires_on": date(2027, 12, 1),
    } | more.pop("grant", {})  # fmt: skip
    made = decide.Standing(
        declared=frozenset({"ui_event"}), grants={ASHA: {"ui_event": decide.Grant(**grant)}}
    )
    made.noes = {ASHA: more.pop("noes", [])}
    made.minors = frozenset(more.pop("minors", ()))
    return made


@pytest.mark.parametrize(
    ("what", "signal", "code"),
    [
        ({}, "ui_event", ""),
        ({}, "mouse_path", "not_declared"),
        ({"grant": {"status": "withdrawn"}}, "ui_event", "withdrawn"),
        ({"grant": {"status": "requested"}}, "ui_event", "requested"),
        ({"grant": {"expires_at": NOW}}, "ui_event", "expired"),
        ({"grant": {"given_at": NOW + timedelta(seconds=1)}}, "ui_event", "before_consent"),
        ({"grant": {"stream": None}}, "ui_event", "not_open"),
        ({"noes": [decide.No()]}, "ui_event", "opted_out"),
        ({"noes": [decide.No(signal="ui_event")]}, "ui_event", "opted_out"),
        ({"noes": [decide.No(signal="mouse_path")]}, "ui_event", ""),
        ({"noes": [decide.No(application="Chrome")]}, "ui_event", "opted_out"),
        ({"noes": [decide.No(application="Excel")]}, "ui_event", ""),
        ({"minors": [ASHA]}, "ui_event", "under_18"),
    ],
)
def test_one_answer_for_the_gate_and_the_page(what: dict[str, Any], signal: str, code: str) -> None:
    verdict = decide.decide(standing(**what), ASHA, signal, "Chrome", NOW, NOW)
    assert (verdict.allowed, verdict.code) == (code == "", code)


PEOPLE = [uuid4() for _ in range(3)]
SIGNALS = ("a", "b", "c")
MOMENTS = st.sampled_from([NOW + timedelta(hours=hours) for hours in (-48, -1, 0, 1, 48)])
GRANTS = st.builds(
    decide.Grant,
    status=st.sampled_from(["given", "renewed", "withdrawn", "requested"]), given_at=st.none() | MOMENTS, expires_at=st.none() | MOMENTS,
    stream=st.sampled_from([None, ASHA]), public_key=st.just(b"k"), expires_on=st.none(), superseded=st.booleans(), same_job=st.booleans(),
)  # fmt: skip
WINDOWS = st.none() | st.builds(
    decide.Window, weekdays=st.sampled_from([frozenset(), frozenset({2}), frozenset({3})]), since=st.none(), to=st.none(), zone=st.just("UTC")
)  # fmt: skip
NOES = st.builds(
    decide.No, signal=st.sampled_from(["", *SIGNALS]), application=st.sampled_from(["", "Chrome", "Excel"]), window=WINDOWS,
    objected=st.booleans(), host=st.sampled_from(["", "example.org"]),
)  # fmt: skip
BREAKS = st.builds(decide.Break, since=MOMENTS, to=st.none() | MOMENTS)
STANDINGS = st.builds(
    decide.Standing,
    declared=st.frozensets(st.sampled_from(SIGNALS)) | st.just(frozenset(SIGNALS)),
    grants=st.dictionaries(st.sampled_from(PEOPLE), st.dictionaries(st.sampled_from(SIGNALS), GRANTS)),
    noes=st.dictionaries(st.sampled_from(PEOPLE), st.lists(NOES, max_size=3)),
    breaks=st.dictionaries(st.sampled_from(PEOPLE), st.lists(BREAKS, max_size=1)),
    minors=st.frozensets(st.sampled_from(PEOPLE), max_size=1), on_consent=st.sampled_from([True, True, True, False]),
)  # fmt: skip


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(STANDINGS, MOMENTS, MOMENTS)
def test_many_at_once_hear_what_each_would_hear_alone(
    found: decide.Standing, moment: datetime, now: datetime
) -> None:
    alone = [
        decide.decide(found, person, signal, "Chrome", moment, now) for person in PEOPLE for signal in SIGNALS
    ]
    assert decide.decide_all(found, PEOPLE, SIGNALS, "Chrome", moment, now) == alone


def test_what_happens_after_the_end_is_not_covered_by_a_clock_that_runs_ahead() -> None:
    grant = next(iter(standing().grants[ASHA].values()))
    assert grant.expires_at is not None
    just_before = grant.expires_at - timedelta(minutes=1)
    for ahead, code in ((0, ""), (2, "expired")):
        verdict = decide.decide(
            standing(), ASHA, "ui_event", "Chrome", just_before + timedelta(minutes=ahead), just_before
        )
        assert verdict.code == code


def test_who_was_never_asked_is_off() -> None:
    verdict = decide.decide(standing(), uuid4(), "ui_event", "Chrome", NOW, NOW)
    assert (verdict.allowed, verdict.code) == (False, "never_asked")
