"""What the register still lacks is named field by field, with the provision that asks for it, and only where it applies."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.lib import packs
from governance.purposes import completeness, gaps, headings, lifecycle, lists, processors, versions
from governance.purposes.activity import FIELDS, Activity, Contact, Item, Keep, Recipient
from governance.purposes.entry import Beside, Contract
from governance.purposes.models import Processor, Purpose
from governance.purposes.requirements import REQUIREMENTS
from tests.cast import Cast

ON = date(2026, 11, 23)
FULL = Contract("DE", True, frozenset(lists.codes("clause")))
AROUND = Beside(
    country="IN", controller=True, representative=True, dpo=True, owner=True, review=True, notice=True,
    evidence=frozenset(), assessed=frozenset({"ui_event"}), processors={"lohnwerk": FULL},
)  # fmt: skip
ITEM = Item(
    code="pay", name="Salary", category="PAY", dpv="https://w3id.org/dpv/pd#Salary", sensitivity="S1", why="Wages", source="person"
)  # fmt: skip
CLICKS = Item(
    code="ui_event", name="Clicks", category="CL", dpv="https://w3id.org/dpv/pd#Behavioural", sensitivity="S1",
    why="To learn the steps", source="capture_client", captured=True, fields=("site",),
)  # fmt: skip
WHOLE = Activity(
    name="Pay salaries", function="hr", description="Pay", people=("employees",), countries=("DE", "IN"), basis_eu="c",
    ground_in="s7i", limb_in="employment", ground_note="EStG §41", items=(ITEM,), automated="None", security=("encryption",), location="Pune",
    recipients=(
        Recipient(name="HR"), Recipient(name="Lohnwerk", kind="processor", country="DE", processor="lohnwerk"),
    ),
    keeps=(Keep(category="pay", law="EU", maximum="P6Y"), Keep(category="pay", law="IN", maximum="P7Y")),
)  # fmt: skip


def codes(activity: Activity, beside: Beside = AROUND) -> set[str]:
    return {gap.code for gap in completeness.missing(activity, beside, on=ON)}


def test_a_whole_entry_lacks_nothing() -> None:
    assert codes(WHOLE) == set()
    have = completeness.score(WHOLE, AROUND)
    assert all(there == wanted > 0 for there, wanted in have.values()) and set(have) == {"EU", "IN", "HOUSE"}


US = Recipient(name="Cloud", kind="external", country="US")
BASIS_F = WHOLE.but(basis_eu="f", interests="Stop leaks", interests_link="LIA-1")
AI = WHOLE.but(
    ai_system="Agent", ai_role="deployer", ai_class="high_risk", worker_notice_on=ON, dpia="not_needed"
)
UK = WHOLE.but(countries=("DE", "IN", "GB"), policy_link="P", policy_followed="yes", breach="no")
HEALTH = WHOLE.but(items=(msgspec.structs.replace(ITEM, category="HL"),), art9="b", dpia="not_needed")
SCREEN = WHOLE.but(items=(ITEM, CLICKS), dpia="done", dpia_link="DPIA-1")
ASKS = WHOLE.but(basis_eu="a", ground_in="s6", limb_in="", uses="An agent")

# What is taken away from a whole entry → what is then missing, and nothing else.
TABLE: list[tuple[str, Activity, dict[str, Any], set[str]]] = [
    ("controller", WHOLE, {"controller": False}, {"eu_controller", "in_contact"}),
    ("joint controllers", WHOLE.but(joint_controllers=(Contact(name="AI lab"),)), {}, {"eu_joint"}),
    ("parent that decides", WHOLE.but(circumstances=("eu_parent_decides",)), {}, {"eu_joint"}),
    ("representative of one outside", WHOLE, {"representative": False}, {"eu_representative"}),
    ("officer where people are watched", SCREEN, {"dpo": False}, {"eu_dpo"}),
    ("officer where data are special", HEALTH, {"dpo": False}, {"eu_dpo"}),
    ("purposes", WHOLE.but(description=""), {}, {"eu_purposes", "in_purposes"}),
    ("people", WHOLE.but(people=()), {}, {"eu_people", "in_people"}),
    ("items", WHOLE.but(items=()), {}, {"eu_items", "in_items"}),
    ("recipients", WHOLE.but(recipients=()), {}, {"eu_recipients", "in_recipients"}),
    ("country of a recipient", WHOLE.but(recipients=(Recipient(name="Tax office", kind="authority"),)), {}, {"eu_recipient_countries", "in_countries"}),
    ("safeguard of a transfer", WHOLE.but(recipients=(US,)), {}, {"eu_safeguards"}),
    ("exception", WHOLE.but(recipients=(Recipient(name="Cloud", kind="external", country="US", tool="derogation"),)), {}, {"eu_exception"}),
    ("retention", WHOLE.but(keeps=()), {}, {"eu_retention", "in_retention"}),
    ("retention in India", WHOLE.but(keeps=WHOLE.keeps[:1]), {}, {"in_retention"}),
    ("retention in the EU", WHOLE.but(keeps=WHOLE.keeps[1:]), {}, {"eu_retention"}),
    ("security", WHOLE.but(security=()), {}, {"eu_security", "in_security"}),
    ("grounds", WHOLE.but(basis_eu="", ground_in="", limb_in=""), {}, {"eu_ground", "in_ground"}),
    ("law of the obligation", WHOLE.but(ground_note=""), {}, {"eu_ground_law"}),
    ("limb", WHOLE.but(limb_in=""), {}, {"in_limb"}),
    ("condition of Art. 9", HEALTH.but(art9=""), {}, {"eu_art9"}),
    ("interests", BASIS_F.but(interests=""), {}, {"eu_interests"}),
    ("interests assessment", BASIS_F.but(interests_link=""), {}, {"eu_interests_weighed"}),
    ("source and necessity", WHOLE.but(items=(Item(code="pay", name="Salary", category="PAY", dpv=ITEM.dpv, sensitivity="S1"),)), {}, {"eu_source", "in_necessary"}),
    ("category of an item", WHOLE.but(items=(Item(code="pay", name="Salary", why="Wages", source="person"),)), {}, {"items_described"}),
    ("automated decisions", WHOLE.but(automated=""), {}, {"eu_automated"}),
    ("exception of Art. 22", WHOLE.but(circumstances=("solely_automated", "significant_effect")), {}, {"eu_art22"}),
    ("how far the assessment is", SCREEN.but(dpia=""), {}, {"eu_dpia"}),
    ("the assessment itself", SCREEN.but(dpia_link=""), {}, {"eu_dpia_paper"}),
    ("representatives", WHOLE.but(circumstances=("works_council",)), {}, {"eu_representatives"}),
    ("contract of the processor", WHOLE, {"processors": {}}, {"eu_contracts", "in_contracts"}),
    ("clauses", WHOLE, {"processors": {"lohnwerk": replace(FULL, clauses=frozenset({"security"}))}}, {"eu_contracts"}),
    ("security clause", WHOLE, {"processors": {"lohnwerk": replace(FULL, clauses=FULL.clauses - {"security"})}}, {"eu_contracts", "in_contract_security"}),
    ("notice", ASKS, {"notice": False}, {"eu_notice", "in_notice"}),
    ("uses", ASKS.but(uses=""), {}, {"in_uses"}),
    ("class of the AI", AI.but(ai_class=""), {}, {"eu_ai"}),
    ("notice to workers", AI.but(worker_notice_on=None), {}, {"eu_ai_told"}),
    ("value assessment", SCREEN, {"assessed": frozenset()}, {"assessed"}),
    ("retention policy in the UK", UK.but(policy_link="", policy_followed=""), {}, {"ico_policy", "ico_policy_followed"}),
    ("why not followed", UK.but(policy_followed="no"), {}, {"ico_policy_why_not"}),
    ("breach", UK.but(breach=""), {}, {"ico_breach"}),
    ("record of the breach", UK.but(breach="yes"), {}, {"ico_breach_link"}),
    ("rights", UK.but(basis_eu="", rights_note=""), {}, {"ico_rights", "eu_ground"}),
    ("schedule 1", HEALTH.but(countries=UK.countries, policy_link="P", policy_followed="yes", breach="no"), {}, {"ico_schedule_1"}),
    ("owner and review", WHOLE, {"owner": False, "review": False}, {"owner", "review"}),
    ("function", WHOLE.but(function=""), {}, {"function"}),
    ("place", WHOLE.but(location=""), {}, {"location"}),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "activity", "around", "wanted"), TABLE, ids=[row[0] for row in TABLE])
def test_what_is_taken_away_is_named_and_nothing_else(
    _name: str, activity: Activity, around: dict[str, Any], wanted: set[str]
) -> None:
    assert codes(activity, replace(AROUND, **around)) == wanted


@pytest.mark.parametrize("activity", [BASIS_F, AI, UK, HEALTH, SCREEN, ASKS])
def test_the_near_miss_of_each_lacks_nothing(activity: Activity) -> None:
    if activity is HEALTH:  # no UK: no Schedule 1
        assert "ico_schedule_1" not in codes(activity)
    assert codes(activity) == set()


def test_every_requirement_is_fired_by_some_row() -> None:
    fired = set().union(*(row[3] for row in TABLE)) | {"where"}
    assert {row.code for row in REQUIREMENTS} - fired == set()


def test_every_requirement_names_a_field_that_pages_know_and_a_provision_of_the_pack() -> None:
    for row in REQUIREMENTS:
        assert row.field in headings.FIELDS and (
            row.field in FIELDS or row.field in ("entity", "owner", "review_on", "notice", "assessments")
        )
        assert not row.provision or row.provision in packs.provisions(), row.code
    assert len({row.code for row in REQUIREMENTS}) == len(REQUIREMENTS)
    letters = {row.part for row in REQUIREMENTS if row.provision == "gdpr.30"}
    assert letters == {f"({letter})" for letter in "abcdefg"}


def test_where_no_law_is_known_to_apply_that_is_what_is_missing() -> None:
    gaps_ = completeness.missing(Activity(name="Bare"), AROUND, on=ON)
    assert {gap.code for gap in gaps_} == {"where", "function", "location"}
    assert not any(gap.cite for gap in gaps_)


def test_law_that_does_not_bind_yet_says_so() -> None:
    by_code = {gap.code: gap for gap in completeness.missing(WHOLE.but(people=()), AROUND, on=ON)}
    assert by_code["eu_people"].cite == "GDPR Art. 30(1)(c)"
    assert "applied voluntarily" in by_code["in_people"].cite
    later = {gap.code: gap for gap in completeness.missing(WHOLE.but(people=()), AROUND, on=date(2027, 6, 1))}
    assert later["in_people"].cite == "DPDP Act s.9"


PARTS = st.fixed_dictionaries(
    {
        "people": st.sampled_from([(), ("employees",)]), "countries": st.sampled_from([(), ("DE",), ("IN",), ("GB", "IN"), ("DE", "IN")]),
        "items": st.sampled_from([(), (ITEM,), (CLICKS,), (ITEM, CLICKS)]), "recipients": st.sampled_from([(), (US,), WHOLE.recipients]),
        "basis_eu": st.sampled_from(["", "a", "c", "f"]), "ground_in": st.sampled_from(["", "s6", "s7i"]),
        "keeps": st.sampled_from([(), WHOLE.keeps]), "security": st.sampled_from([(), ("encryption",)]), "function": st.sampled_from(["", "hr"]),
        "dpia": st.sampled_from(["", "done"]), "circumstances": st.sampled_from([(), ("works_council",), ("uses_ai",)]),
    }
)  # fmt: skip


@given(PARTS)
def test_score_and_missing_say_the_same(parts: dict[str, Any]) -> None:
    activity = Activity(name="Some", **parts)
    lacking = completeness.missing(activity, AROUND, on=ON)
    for law, (have, wanted) in completeness.score(activity, AROUND).items():
        assert wanted - have == sum(gap.law == law for gap in lacking)


def missing_of(purpose: Purpose) -> set[str]:
    return {row["code"] for row in Purpose.objects.get(pk=purpose.pk).missing}


def test_the_list_keeps_what_is_missing_and_how_much(cast: Cast) -> None:
    purpose = versions.enter(cast.software, Activity(name="Bare", countries=("DE",)), by=cast.dev)
    assert {"eu_people", "eu_items", "owner", "review", "eu_ground"} <= missing_of(purpose)
    assert purpose.missing_count == len(missing_of(purpose)) == len(purpose.missing)
    version = versions.draft(purpose, by=cast.dev)
    versions.save(
        version.pk,
        WHOLE.but(countries=("DE",), recipients=WHOLE.recipients[:1]),
        revision=version.revision,
        by=cast.dev,
    )
    assert missing_of(purpose) == {"owner", "review"}
    lifecycle.hand_over(purpose, owner=cast.omar, by=cast.dev)
    lifecycle.set_review(purpose, review_on=ON + timedelta(days=900), today=ON, by=cast.dev)
    assert missing_of(purpose) == set()


def test_a_clause_struck_from_the_contract_shows_at_once_in_every_purpose_that_uses_it(cast: Cast) -> None:
    processor = Processor.objects.get(code="lohnwerk")
    (purpose,) = Purpose.objects.filter(processor_codes__contains=["lohnwerk"])
    assert "eu_contracts" not in missing_of(purpose)
    processors.change(processor, by=cast.dev, clauses=["instructions"])
    assert "eu_contracts" in missing_of(purpose)
    processors.change(processor, by=cast.dev, clauses=list(lists.codes("clause")))
    assert "eu_contracts" not in missing_of(purpose)


def test_what_is_read_beside_an_entry_costs_two_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    (purpose,) = Purpose.objects.filter(processor_codes__contains=["lohnwerk"]).select_related("entity")
    activity = purpose.shown_version().activity  # type: ignore[union-attr]
    with django_assert_num_queries(2):
        gaps.find(purpose, activity, ON)
