"""Which parts of a notice each law asks for, by the activity that it tells of."""

from datetime import date

import pytest

from governance.purposes import (
    catalogue,
    elements,
)
from governance.purposes.activity import Activity, Contact, Item, Recipient
from governance.purposes.elements import Beside

TODAY, PHASE_3 = date(2026, 11, 24), date(2027, 6, 1)
CONSENT = Activity(name="T", basis_eu="a", ground_in="s6", items=(Item(code="c", name="C", source="person"),))
ELSEWHERE = CONSENT.but(items=(Item(code="c", name="C", source="third_party"),))
PAYROLL = Activity(
    name="P", basis_eu="c", ground_in="s7i", items=(Item(code="c", name="C", source="person"),)
)
ABROAD = (Recipient(name="Cloud", kind="processor", country="US"),)

# (law, element, citation, an activity that asks for it, one that does not)
ROWS = [
    # DPDP Act s.5(1), s.6(3), Rules r.3: rows 1 to 7 of the list
    ("IN", "data", "DPDP Act s.5(1)(i)", CONSENT, PAYROLL),
    ("IN", "data", "DPDP Rules r.3(b)(i)", CONSENT, PAYROLL),
    ("IN", "purpose", "DPDP Rules r.3(b)(ii)", CONSENT, PAYROLL),
    ("IN", "uses", "DPDP Rules r.3(b)(ii)", CONSENT, PAYROLL),
    ("IN", "withdraw", "DPDP Rules r.3(c)(i)", CONSENT, PAYROLL),
    ("IN", "rights", "DPDP Rules r.3(c)(ii)", CONSENT, PAYROLL),
    ("IN", "complaint", "DPDP Rules r.3(c)(iii)", CONSENT, PAYROLL),
    ("IN", "contact", "DPDP Act s.6(3)", CONSENT, PAYROLL),
    # GDPR Art. 13 and 14
    ("EU", "controller", "GDPR Art. 13(1)(a)", PAYROLL, ELSEWHERE),
    ("EU", "controller", "GDPR Art. 14(1)(a)", ELSEWHERE, CONSENT),
    ("EU", "purpose", "GDPR Art. 13(1)(c)", PAYROLL, ELSEWHERE),
    ("EU", "purpose", "GDPR Art. 14(1)(c)", ELSEWHERE, CONSENT),
    ("EU", "basis", "GDPR Art. 13(1)(c)", PAYROLL, ELSEWHERE),
    ("EU", "basis", "GDPR Art. 14(1)(c)", ELSEWHERE, CONSENT),
    ("EU", "interests", "GDPR Art. 13(1)(d)", CONSENT.but(basis_eu="f"), CONSENT),
    ("EU", "interests", "GDPR Art. 14(2)(b)", ELSEWHERE.but(basis_eu="f"), ELSEWHERE),
    ("EU", "data", "GDPR Art. 14(1)(d)", ELSEWHERE, CONSENT),
    ("EU", "recipients", "GDPR Art. 13(1)(e)", PAYROLL, ELSEWHERE),
    ("EU", "recipients", "GDPR Art. 14(1)(e)", ELSEWHERE, CONSENT),
    ("EU", "transfers", "GDPR Art. 13(1)(f)", CONSENT.but(recipients=ABROAD), CONSENT.but(recipients=(Recipient(name="R", country="FR"),))),
    ("EU", "transfers", "GDPR Art. 14(1)(f)", ELSEWHERE.but(recipients=ABROAD), ELSEWHERE),
    ("EU", "retention", "GDPR Art. 13(2)(a)", PAYROLL, ELSEWHERE),
    ("EU", "retention", "GDPR Art. 14(2)(a)", ELSEWHERE, CONSENT),
    ("EU", "rights", "GDPR Art. 13(2)(b)", PAYROLL, ELSEWHERE),
    ("EU", "rights", "GDPR Art. 14(2)(c)", ELSEWHERE, CONSENT),
    ("EU", "withdraw", "GDPR Art. 13(2)(c)", CONSENT, PAYROLL),
    ("EU", "complaint", "GDPR Art. 13(2)(d)", PAYROLL, ELSEWHERE),
    ("EU", "complaint", "GDPR Art. 14(2)(e)", ELSEWHERE, CONSENT),
    ("EU", "refusal", "GDPR Art. 13(2)(e)", PAYROLL, ELSEWHERE),
    ("EU", "automated", "GDPR Art. 13(2)(f)", CONSENT.but(art22="contract"), CONSENT.but(circumstances=("uses_ai",))),
    ("EU", "automated", "GDPR Art. 14(2)(g)", ELSEWHERE.but(circumstances=("solely_automated",)), ELSEWHERE),
    ("EU", "source", "GDPR Art. 14(2)(f)", ELSEWHERE, CONSENT),
    ("EU", "joint", "GDPR Art. 26(2)", CONSENT.but(joint_controllers=(Contact(name="Other"),)), CONSENT),
]  # fmt: skip


@pytest.mark.parametrize(("law", "element", "cite", "asks", "does_not"), ROWS)
def test_each_element_is_asked_for_where_its_provision_applies(
    law: str, element: str, cite: str, asks: Activity, does_not: Activity
) -> None:
    assert cite in elements.required(asks, [law], PHASE_3).get(element, [])
    assert cite not in elements.required(does_not, [law], PHASE_3).get(element, [])
    other = {"IN": "EU", "EU": "IN"}[law]
    assert cite not in elements.required(asks, [other], PHASE_3).get(element, [])


def test_what_depends_on_the_controller() -> None:
    abroad, officer = Beside(controller_country="IN"), Beside(controller_country="DE", has_officer=True)
    assert elements.required(CONSENT, ["EU"], TODAY, abroad)["representative"] == ["GDPR Art. 13(1)(a)"]
    assert "representative" not in elements.required(CONSENT, ["EU"], TODAY, officer)
    assert elements.required(CONSENT, ["EU"], TODAY, officer)["contact"] == ["GDPR Art. 13(1)(b)"]
    assert "contact" not in elements.required(CONSENT, ["EU"], TODAY, abroad)
    assert "transfers" in elements.required(CONSENT, ["EU"], TODAY, Beside(countries=frozenset({"IN"})))


def test_mixed_sources_are_asked_by_both_articles() -> None:
    both = CONSENT.but(items=(*CONSENT.items, *(item for item in ELSEWHERE.but().items)))
    assert elements.required(both, ["EU"], TODAY)["retention"] == ["GDPR Art. 13(2)(a)", "GDPR Art. 14(2)(a)"]


def test_law_that_is_not_in_force_is_cited_as_such() -> None:
    [cite] = elements.required(CONSENT, ["IN"], TODAY)["uses"]
    assert cite == "DPDP Rules r.3(b)(ii) (applied voluntarily, in force from 13 May 2027)"


def test_the_text_as_a_whole_stands_by_itself_and_is_plain() -> None:
    wholes = {whole.code: whole for whole in elements.of_the_whole(CONSENT, ["IN", "EU"])}
    assert [a.provision + a.part for a in wholes["alone"].asked] == ["dpdp.r3(a)"]
    assert set(wholes) == {"alone", "plain", "free", "as_easy"}
    assert {w.code for w in elements.of_the_whole(PAYROLL, ["IN", "EU"])} == {"plain"}


def test_the_articles_a_purpose_needs_are_all_in_the_list_of_a_notice() -> None:
    """A new row of the pack without a heading or with a mistyped condition fails here, not on somebody's page."""
    for code in catalogue.ELEMENTS:
        assert all(catalogue.heading(code, language) for language in ("en", "hi", "de"))
    everything = ELSEWHERE.but(
        basis_eu="f",
        art22="law",
        recipients=ABROAD,
        joint_controllers=(Contact(name="O"),),
        items=(*CONSENT.items, *ELSEWHERE.items),
    )
    asked = elements.required(everything, ["IN", "EU"], TODAY, Beside("IN", True))
    assert set(asked) == set(catalogue.ELEMENTS)
