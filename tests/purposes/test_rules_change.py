"""Which changes of a purpose need a fresh consent: each field is listed, and an unlisted one is refused."""

from typing import Any

import pytest

from governance.lib.refusals import Refused
from governance.purposes.models import Purpose
from governance.purposes.rules_change import FIELDS, field_changes, material_changes

RULE = {
    "jurisdiction": "IN",
    "category": "events",
    "start_event": "collected",
    "minimum": "",
    "maximum": "P12M",
    "action": "erase",
}

# field, before, after, material?
CASES: list[tuple[str, Any, Any, bool]] = [
    ("id", "1", "2", False),
    ("number", "P-0001", "P-0002", False),
    ("name", "Agent", "The agent", False),
    ("state", "draft", "active", False),
    ("version", 1, 2, False),
    ("owner", "omar", "meera", False),
    ("review_on", "2027-01-01", "2027-02-01", False),
    ("created_at", "2026", "2027", False),
    ("changed_at", "2026", "2027", False),
    ("security", "badge", "badge and PIN", False),
    ("assessment", "", "DPIA 12", False),
    ("works_council", "", "agreed", False),
    ("notices", ["1"], ["1", "2"], False),
    ("entity", "pune", "munich", True),
    ("description", "Learn expense claims", "Score expense claims", True),
    ("uses", "", "A faster form", True),
    ("people_concerned", "Clerks", "Clerks and drivers", True),
    ("data_items", ["name"], ["name", "salary"], True),
    ("data_items", ["name", "salary"], ["salary"], False),
    ("signals", {"ui_event": ["role"]}, {"ui_event": ["role", "element"]}, True),
    ("signals", {"ui_event": ["role"]}, {"ui_event": ["role"], "mouse_path": ["x"]}, True),
    ("signals", {"ui_event": ["role"], "mouse_path": ["x"]}, {"ui_event": []}, False),
    ("jurisdictions", ["IN"], ["IN", "EU"], True),
    ("jurisdictions", ["IN", "EU"], ["IN"], False),
    ("grounds", {"IN": "s.6"}, {"IN": "s.7(i)"}, True),
    ("grounds", {"IN": "s.6", "EU": "6(1)(a)"}, {"IN": "s.6"}, False),
    ("asks_consent", True, False, True),
    ("trains_ai", False, True, True),
    ("trains_ai", True, False, False),
    (
        "recipients",
        [{"name": "A", "country": "IN"}],
        [{"country": "IN", "name": "A"}, {"name": "B", "country": "IN"}],
        True,
    ),
    ("recipients", [{"name": "A", "country": "IN"}], [{"name": "A", "country": "US"}], True),
    ("recipients", [{"name": "A", "country": "IN"}], [], False),
    ("transfers", "", "To Pune under SCC", True),
    ("source", "Form", "Endpoint agent", True),
    ("automated_decisions", "", "Ranks claims", True),
    ("systems", ["vault"], ["vault", "lake"], True),
    ("systems", ["vault", "lake"], ["lake"], False),
    ("retention_rules", [RULE], [RULE | {"maximum": "P13M"}], True),
    ("retention_rules", [RULE], [RULE | {"maximum": ""}], True),
    ("retention_rules", [RULE], [RULE | {"minimum": "P1Y"}], True),
    ("retention_rules", [RULE], [RULE | {"action": "anonymise"}], True),
    ("retention_rules", [RULE], [RULE | {"start_event": "employment_ended"}], True),
    ("retention_rules", [RULE], [RULE, RULE | {"category": "extracts"}], True),
    ("retention_rules", [RULE], [RULE | {"maximum": "P30D"}], False),
    ("retention_rules", [RULE], [], False),
]


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


def test_every_field_of_the_purpose_is_listed_as_material_or_cosmetic() -> None:
    """A field added to the model fails here until somebody says which it is."""
    own = {field.name for field in Purpose._meta.get_fields() if field.concrete}
    # Rows of the register that describe the purpose and stand in tables of their own.
    told = {"signals", "retention_rules", "notices"}
    assert own | told == set(FIELDS)


def test_a_field_that_nobody_listed_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        material_changes({}, {"mood": "happy"})
    assert refused.value.code == "unlisted_field" and "mood" in refused.value.sentence


def test_nothing_changed_is_nothing_to_ask() -> None:
    assert field_changes({"name": "A", "signals": {}}, {"name": "A", "signals": {}}) == []
