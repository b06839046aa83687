"""Floors and ceilings are judged law by law; a clash names both sources and is nobody's silent default."""

from datetime import date

import pytest

from governance.lib import packs
from governance.purposes.policy import retention
from governance.purposes.policy.facts import RetentionPlan
from governance.purposes.policy.rule import BrokenPack
from tests.purposes.policy.saying import ON, given

BEFORE = date(2027, 5, 12)


def test_consent_under_both_laws_clashes_and_names_both_sources() -> None:
    verdict = retention.judge("interface events for training", {"IN", "DE"}, ON, on_consent=True)
    (conflict,) = verdict.conflicts
    assert conflict.sources == ("DPDP Rules r.8(3)", "GDPR Art. 17(1)(b)")
    assert {bound.law for bound in verdict.bounds} >= {"IN", "EU"}


def test_before_the_indian_floor_begins_nothing_clashes() -> None:
    assert not retention.judge(
        "interface events for training", {"IN", "DE"}, BEFORE, on_consent=True
    ).conflicts


@pytest.mark.parametrize("countries", [{"IN"}, {"DE"}])
def test_one_law_alone_does_not_clash(countries: set[str]) -> None:
    assert not retention.judge("interface events for training", countries, ON, on_consent=True).conflicts


def test_work_for_a_foreign_client_has_no_indian_floor() -> None:
    assert not retention.judge("x", {"IN", "DE"}, ON, on_consent=True, foreign_contract=True).conflicts


def test_french_badges_and_the_indian_year_clash() -> None:
    (conflict,) = retention.judge("access badges", {"IN", "FR"}, ON).conflicts
    assert conflict.sources == ("DPDP Rules r.8(3)", "CNIL")


def test_a_ceiling_of_the_house_yields_to_a_floor_of_the_law() -> None:
    verdict = retention.judge(
        "redacted recording", {"IN"}, ON, plan=RetentionPlan("redacted recording", "collected", "P1Y")
    )
    assert verdict.findings == ()
    abroad = retention.judge(
        "redacted recording", {"DE"}, ON, plan=RetentionPlan("redacted recording", "collected", "P1Y")
    )
    assert [finding.code for finding in abroad.findings] == ["kept_too_long"]


def test_the_longest_duty_is_the_floor_and_a_limitation_is_none() -> None:
    verdict = retention.judge("security logs", {"IN"}, ON)
    assert verdict.bounds[0].floor and retention.length(verdict.bounds[0].floor.minimum) == 365
    pension = retention.judge("occupational pension", {"DE"}, ON)
    assert all(bound.floor is None for bound in pension.bounds)
    assert [row.source for row in pension.justifies] == ["BetrAVG §18a"]


def test_a_plan_that_is_too_short_or_too_long_is_a_finding_of_its_own() -> None:
    facts = given("countries=DE").but(
        retention=(
            RetentionPlan("working-time records", "collected", "P1Y"),
            RetentionPlan("unsuccessful applicants", "decided", "P1Y"),
        )
    )
    hours, applicants = retention.judge_purpose(facts, ON)
    assert [f.code for f in hours.findings] == ["kept_too_short"] and hours.findings[0].sources == (
        "ArbZG §16(2)",
    )
    assert [f.code for f in applicants.findings] == ["kept_too_long"]


def test_every_seed_row_has_source_kind_and_confidence() -> None:
    rows = retention.rows()
    assert len(rows) == len(packs.load("retention").content["row"]) > 40
    assert {row.kind for row in rows} == retention.KINDS


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"source": ""}, "lacks source"), ({"kind": "wish"}, "never “wish”"), ({"min": "1 year"}, "“min”"),
        ({"min": "", "kind": "duty"}, "needs “min”"), ({"start": "someday"}, "never “someday”"),
    ],
)  # fmt: skip
def test_a_broken_row_is_refused_by_name(wrong: dict[str, str], what: str) -> None:
    row = {
        "id": "R-1",
        "category": "c",
        "country": "IN",
        "start": "collected",
        "min": "P1Y",
        "kind": "duty",
        "source": "s",
        "confidence": "seen",
    }
    with pytest.raises(BrokenPack) as refused:
        retention.rows_of({"row": [row | wrong]})
    assert refused.value.sentence.startswith("retention.toml, rule R-1: ") and what in refused.value.sentence
