"""Which changes of an activity need a fresh consent: each field is listed, and an unlisted one is refused."""

from typing import Any

import pytest

from governance.lib.refusals import Refused
from governance.purposes import activity as activities
from governance.purposes.activity import Activity, Item, Keep, Recipient, SystemPart
from governance.purposes.rules_change import (
    FIELDS,
    ITEM_COSMETIC,
    RECIPIENT_COSMETIC,
    field_changes,
    material_changes,
)

ITEM = {
    "code": "ui_event", "name": "Clicks", "category": "CL", "dpv": "", "sensitivity": "S1", "necessary": True, "why": "", "source": "capture_client",
    "captured": True, "fields": ["role"], "mode": "event", "form": "minimised", "uses": [], "origin": "fresh", "safeguards": ["allowlisted"],
}  # fmt: skip
TO = {
    "name": "A",
    "kind": "processor",
    "country": "IN",
    "processor": "a",
    "tool": "",
    "assessed_on": None,
    "note": "",
}
KEEP = {
    "category": "events", "law": "IN", "start_event": "collected", "minimum": "", "maximum": "P12M", "action": "erase", "source": "",
    "applies_from": None,
}  # fmt: skip
VAULT, LAKE = {"code": "vault", "parts": ["segment"]}, {"code": "lake", "parts": []}

# field, before, after, material?
CASES: list[tuple[str, Any, Any, bool]] = [
    ("name", "Agent", "The agent", False),
    ("function", "hr", "it", False),
    ("kind", "support", "performance", True),
    ("description", "Learn expense claims", "Score expense claims", True),
    ("objectives", ["learn"], ["learn", "score"], True),
    ("objectives", ["learn", "score"], ["learn"], False),
    ("uses", "", "A faster form", True),
    ("people", ["employees"], ["employees", "applicants"], True),
    ("people", ["employees", "applicants"], ["employees"], False),
    ("people_note", "", "Clerks", False),
    ("countries", ["IN"], ["IN", "DE"], True),
    ("countries", ["IN", "DE"], ["IN"], False),
    ("laws", ["IN"], ["IN", "EU"], True),
    ("laws", ["IN", "EU"], ["IN"], False),
    ("joint_controllers", [], [{"name": "B", "contact": "b@b.example"}], True),
    ("joint_controllers", [{"name": "B", "contact": ""}], [], False),
    ("items", [], [ITEM], True),
    ("items", [ITEM], [], False),
    ("recipients", [TO], [TO, TO | {"name": "B"}], True),
    ("recipients", [TO], [TO | {"country": "US"}], True),
    ("recipients", [TO], [], False),
    ("transfers_note", "", "To Pune under SCC", False),
    ("basis_eu", "a", "f", True),
    ("art9", "", "a", True),
    ("ground_in", "s6", "s7i", True),
    ("limb_in", "employment", "loss", True),
    ("ground_note", "", "Employees’ Provident Funds Act", False),
    ("interests", "", "Safety of the network", True),
    ("interests_link", "", "LIA-1", False),
    ("rights_note", "", "All of Art. 15–22", False),
    ("keeps", [KEEP], [KEEP | {"maximum": "P13M"}], True),
    ("keeps", [KEEP], [], False),
    ("retention_note", "", "See policy", False),
    ("policy_link", "", "RP-1", False),
    ("policy_followed", "", "yes", False),
    ("policy_why_not", "", "old archive", False),
    ("security", ["backup"], ["backup", "encryption"], False),
    ("security_note", "badge", "badge and PIN", False),
    ("systems", [VAULT], [VAULT, LAKE], True),
    ("systems", [VAULT, LAKE], [LAKE], False),
    ("systems", [VAULT], [VAULT | {"parts": ["segment", "index"]}], False),
    ("software", [], ["Excel"], False),
    ("location", "", "Pune", False),
    ("automated", "", "Ranks claims", True),
    ("art22", "", "contract", True),
    ("effects", [], ["pay"], True),
    ("effects", ["pay"], [], False),
    ("ai_system", "", "Agent 7", True),
    ("ai_role", "", "deployer", False),
    ("ai_class", "", "minimal", False),
    ("worker_notice_on", None, "2026-11-01", False),
    ("training_allowed", False, True, True),
    ("training_allowed", True, False, False),
    ("datasets", [], ["claims"], False),
    ("models", ["m1"], ["m1", "m2"], True),
    ("models", ["m1", "m2"], ["m2"], False),
    ("dpia", "under_way", "done", False),
    ("dpia_link", "", "DPIA 12", False),
    ("works_note", "", "agreed", False),
    ("circumstances", [], ["solely_automated"], True),
    ("circumstances", ["uses_ai"], [], False),
    ("circumstances", [], ["human_route"], False),
    ("circumstances", ["human_route"], [], True),
    ("contract_link", "", "C-1", False),
    ("consent_link", "", "R-1", False),
    ("breach", "", "no", False),
    ("breach_link", "", "I-1", False),
    ("schedule_1", "", "1(1)", False),
]  # fmt: skip


@pytest.mark.parametrize(("field", "was", "now", "material"), CASES)
def test_a_change_is_material_or_cosmetic_and_names_field_and_rule(
    field: str, was: Any, now: Any, material: bool
) -> None:
    found = field_changes({field: was}, {field: now})
    assert [(change.field, change.material) for change in found] == [(field, material)]
    assert bool(material_changes({field: was}, {field: now})) is material
    assert str(found[0].why) and (bool(found[0].cite) is material)


def test_every_field_is_in_the_table_of_cases() -> None:
    assert {case[0] for case in CASES} == set(FIELDS)
    material = {case[0] for case in CASES if case[3]}
    assert material == {field for field, rule in FIELDS.items() if rule.adds is not None}


def test_every_field_of_an_activity_is_listed_as_material_or_cosmetic() -> None:
    """A field added to the register fails here until somebody says which it is."""
    assert set(Activity.__struct_fields__) == set(FIELDS)
    assert set(ITEM) == set(Item.__struct_fields__) and set(ITEM) > ITEM_COSMETIC
    assert set(TO) == set(Recipient.__struct_fields__) and set(TO) > RECIPIENT_COSMETIC
    assert set(KEEP) == set(Keep.__struct_fields__) and set(VAULT) == set(SystemPart.__struct_fields__)


# What may be said otherwise of one item, one recipient, one period: part, new value, material?
PARTS: list[tuple[str, dict[str, Any], str, Any, bool]] = [
    ("items", ITEM, "code", "mouse_path", True),
    ("items", ITEM, "name", "Clicks and steps", False),
    ("items", ITEM, "category", "MM", True),
    ("items", ITEM, "dpv", "https://w3id.org/dpv/pd#Behavioural", False),
    ("items", ITEM, "sensitivity", "S2", False),
    ("items", ITEM, "necessary", False, True),
    ("items", ITEM, "why", "Because", False),
    ("items", ITEM, "source", "third_party", True),
    ("items", ITEM, "captured", False, True),
    ("items", ITEM, "fields", ["role", "element"], True),
    ("items", ITEM, "fields", [], False),
    ("items", ITEM, "mode", "continuous", True),
    ("items", ITEM, "form", "raw", True),
    ("items", ITEM, "uses", ["emotion"], True),
    ("items", ITEM, "origin", "security", True),
    ("items", ITEM, "safeguards", ["allowlisted", "blurred"], False),
    ("items", ITEM, "safeguards", [], True),
    ("items", ITEM, "safeguards", ["allowlisted", "off_duty"], True),
    ("items", ITEM | {"safeguards": ["off_duty"]}, "safeguards", [], False),
    ("recipients", TO, "name", "B", True),
    ("recipients", TO, "kind", "external", True),
    ("recipients", TO, "country", "US", True),
    ("recipients", TO, "processor", "b", True),
    ("recipients", TO, "tool", "scc", True),
    ("recipients", TO, "assessed_on", "2026-11-01", False),
    ("recipients", TO, "note", "by post", False),
    ("keeps", KEEP, "category", "extracts", True),
    ("keeps", KEEP, "law", "EU", True),
    ("keeps", KEEP, "start_event", "employment_ended", True),
    ("keeps", KEEP, "minimum", "P1Y", True),
    ("keeps", KEEP, "maximum", "", True),
    ("keeps", KEEP, "maximum", "P13M", True),
    ("keeps", KEEP, "maximum", "P30D", False),
    ("keeps", KEEP, "action", "anonymise", True),
    ("keeps", KEEP, "source", "Works agreement 4", False),
    ("keeps", KEEP, "applies_from", "2027-05-13", False),
]


@pytest.mark.parametrize(("field", "row", "part", "now", "material"), PARTS)
def test_each_part_of_a_row_is_material_or_cosmetic(
    field: str, row: dict[str, Any], part: str, now: Any, material: bool
) -> None:
    (found,) = field_changes({field: [row]}, {field: [row | {part: now}]})
    assert found.material is material


def test_every_part_of_a_row_is_in_the_table() -> None:
    for field, row in (("items", ITEM), ("recipients", TO), ("keeps", KEEP)):
        assert {case[2] for case in PARTS if case[0] == field} == set(row)


def test_a_shorter_row_beside_a_longer_one_does_not_hide_it() -> None:
    longer = [KEEP | {"maximum": "P1M"}, KEEP | {"law": "EU", "maximum": "P24M"}]
    assert material_changes({"keeps": [KEEP, KEEP | {"law": "EU"}]}, {"keeps": longer})


def test_the_order_of_rows_and_codes_is_not_material() -> None:
    two = ITEM | {"code": "app_usage"}
    assert not material_changes({"items": [ITEM, two]}, {"items": [two, ITEM]})
    assert not material_changes(
        {"recipients": [TO, TO | {"name": "B"}]}, {"recipients": [TO | {"name": "B"}, TO]}
    )
    assert not material_changes({"people": ["employees", "interns"]}, {"people": ["interns", "employees"]})


def test_a_field_that_nobody_listed_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        material_changes({}, {"mood": "happy"})
    assert refused.value.code == "unlisted_field" and "mood" in refused.value.sentence


def test_nothing_changed_is_nothing_to_ask() -> None:
    same = activities.plain(Activity(name="A", items=(Item(code="a", name="A"),)))
    assert field_changes(same, same) == []
