"""The register prints what Art. 30(1) asks for, and says where it knows nothing."""

from datetime import date

import pytest

from governance.purposes import register
from governance.purposes.models import Purpose
from governance.reports import press, reports, words
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said

ON = date(2026, 11, 23)


def test_every_letter_of_article_30_stands_beside_its_field(cast: Cast, undrawn: None) -> None:
    report = orders.made("register", cast, law_on=ON)
    html = press.html_of(report, report.facts)
    for letter in "abcdeg":
        assert f'<td class="letter">({letter})</td>' in html
    assert '<span class="soft">(f)</span>' in html


def test_everything_of_a_purpose_is_printed(cast: Cast, undrawn: None) -> None:
    orders.system(cast, "store", "Feature store", "Rows made from recordings")
    text = said(orders.made("register", cast, law_on=ON))
    for said_ in (
        "Nirmaan Software Pvt Ltd", "14 Senapati Bapat Road", "privacy@nirmaan.example", "Dev Kulkarni, dpo@nirmaan.example",
        "Nirmaan GmbH, Sonnenstraße 8", "P-0001", "Train an agent on the reimbursement workflow", "An internal software agent",
        "GDPR 6(1)(a)", "DPDP s.6", "in force since 25 May 2018", "applied voluntarily, in force from 13 May 2027",
        "Clicks and form steps", "time, action, application, site, role, element, kind, x, y", "Typed text Never recorded.",
        "Automation team", "Samruddhi Payroll Services LLP (India)", "C-2025-11", "standard contractual clauses",
        "at least 1 year, at most 12 months", "DPDP Rules r.8(3)", "applies from 13 May 2027", "Feature store", "Rows made from recordings",
        "Sealed to a public key", "DPIA-2026-04", "Works agreement 2026/3", "Hindi", "German", "not connected", "Programme owner, person N-1010",
    ):  # fmt: skip
        assert said_ in text, said_
    notice = cast.purpose.published_notice()
    assert all(row.sha256 in text for row in notice.texts.all())


def test_gaps_read_not_recorded_and_nothing_is_blank(cast: Cast, undrawn: None) -> None:
    register.enter(cast.software, by=cast.dev, name="Bare", description="", people_concerned="")
    report = orders.made("register", cast, law_on=ON)
    html = press.html_of(report, report.facts)
    assert html.count("not recorded") > 20
    bare = html[html.index("<h2>Bare</h2>") :]
    assert "<td></td>" not in bare and "<p></p>" not in bare
    assert 'Security measures</th><td><p class="none">not recorded' in bare


def test_the_law_of_another_day_is_cited_as_in_force_then(cast: Cast, undrawn: None) -> None:
    text = said(orders.made("register", cast, law_on=date(2027, 6, 1)))
    assert "in force since 13 May 2027" in text and "voluntarily" not in text


def test_other_entities_are_not_in_it(cast: Cast, undrawn: None) -> None:
    report = orders.made("register", cast)
    numbers = {activity["number"] for activity in report.facts["content"]["activities"]}
    assert numbers == set(Purpose.objects.filter(entity=cast.software).values_list("number", flat=True))
    assert cast.purpose_de.number not in numbers


def test_in_hindi_the_frame_is_hindi_and_the_register_s_own_words_stay(cast: Cast, undrawn: None) -> None:
    text = said(orders.made("register", cast, language="hi"))
    assert "उद्देश्य रजिस्टर" in text and "क्लिक और फ़ॉर्म के चरण" in text and "दर्ज नहीं" in text
    assert "not recorded" not in text and "Train an agent" in text


def test_an_empty_register_is_a_page_too(cast: Cast, undrawn: None) -> None:
    Purpose.objects.filter(entity=cast.gmbh).update(entity=cast.software)
    report = reports.ask("register", cast.gmbh, by=cast.dev)
    press.make(report.pk)
    report.refresh_from_db()
    assert "The register is empty." in said(report)


def test_nobody_s_name_lies_in_the_stored_facts(cast: Cast, undrawn: None) -> None:
    """Who is forgotten must not stay in a report: only the entity's named contacts stand there."""
    report = orders.made("register", cast)
    stored = press.twin_of(report, report.facts).decode()
    assert not any(cast.people[name].name in stored for name in ("omar", "lata", "asha"))


@pytest.mark.parametrize(
    ("text", "key", "exactly"),
    [
        ("DPDP s.6", "dpdp.s6", True), ("DPDP Act s.6(4)", "dpdp.s6-4", True), ("GDPR 6(1)(a)", "gdpr.6-1-a", True),
        ("GDPR Art. 6(1)(c) with 5(2), 7(1)", "gdpr.6-1-c", True), ("DPDP s.6(10) burden of proof", "dpdp.s6", False),
        ("DPDP s.7(i) loss or liability", "dpdp.s7-i", True), ("Code on Wages", None, False),
        ("DPDP Act s.8(7) (applied voluntarily, in force from 13 May 2027)", "dpdp.s8-7", True),
    ],
)  # fmt: skip
def test_a_ground_is_found_in_the_policy_pack(text: str, key: str | None, exactly: bool) -> None:
    assert words.find_provision(text) == key
    if key:
        assert words.is_exactly(text, key) is exactly
