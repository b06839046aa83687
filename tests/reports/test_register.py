"""The register prints what Art. 30(1) asks for, and says where it knows nothing."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.purposes import versions
from governance.purposes.activity import Activity, load
from governance.purposes.models import Evidence, Override, Purpose
from governance.reports import press, reports, words
from governance.reports.kinds import register_facts, register_words
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
        "Learn the order of steps of a reimbursement", "Automation and AI", "GDPR Art. 6(1)(a)", "Consent, Art. 6(1)(a)", "DPDP Act s.6",
        "in force since 25 May 2018", "applied voluntarily, in force from 13 May 2027", "DPDP Act s.7(i)", "loss or liability",
        "Clicks and form steps", "clicks and interface events", "Behavioural, S1", "Capture client on the person’s workstation",
        "time, action, application; site, without the page; kind of element; name of the element; type of the field", "Typed text Never recorded.",
        "Automation team", "Samruddhi Payroll Services LLP (India)", "C-2025-11, from 1 April 2025, until 1 April 2028", "standard contractual clauses (2021/914)",
        "at least 1 year, at most 12 months", "DPDP Rules r.8(3)", "applies from 13 May 2027", "Feature store", "Rows made from recordings",
        "Sealed to a public key", "Encryption, masking, virtual tokens", "DPIA-2026-04", "Works agreement 2026/3", "Hindi", "German", "not connected",
        "Programme owner, person N-1010", "approved by person N-1034", "in force since", "followed: yes", "Retention policy 2026", "reimbursement-agent",
        "minimal risk", "The tool could be used to monitor people", "Germany",
    ):  # fmt: skip
        assert said_ in text, said_
    notice = cast.purpose.published_notice()
    assert all(row.sha256 in text for row in notice.texts.all())


def test_gaps_read_not_recorded_and_nothing_is_blank(cast: Cast, undrawn: None) -> None:
    versions.enter(cast.software, Activity(name="Bare"), by=cast.dev)
    report = orders.made("register", cast, law_on=ON)
    html = press.html_of(report, report.facts)
    assert html.count("not recorded") > 20
    bare = html[html.index("<h2>Bare</h2>") :]
    assert "Say in which countries the people work: no law is known to apply. (House rule)" in bare
    assert "<td></td>" not in bare and "<p></p>" not in bare
    assert 'Security measures</th><td><p class="none">not recorded' in bare


def test_the_law_of_another_day_is_cited_as_in_force_then(cast: Cast, undrawn: None) -> None:
    text = said(orders.made("register", cast, law_on=date(2027, 6, 1)))
    assert "in force since 13 May 2027" in text and "in force from 13 May 2027" not in text


def test_papers_overrides_and_assessments_stand_with_what_they_rest_on(cast: Cast, undrawn: None) -> None:
    """Both people, by number, and both texts (GDPR Art. 38(6)), and the hash of every paper on file."""
    Override.objects.create(
        purpose=cast.purpose, rule_id="E-MM-EU", signal="mouse_path", asked_by=cast.omar, advice="Not without a pilot.", advised_by=cast.dev,
        advised_on=ON, reason="The pilot showed it.", decided_by=cast.omar, decided_on=ON, relaxed=True, until=date(2027, 5, 1),
    )  # fmt: skip
    Evidence.objects.create(
        purpose=cast.purpose, kind="lia", reference="LIA-7", signer="Somebody", signed_on=ON, file_name="a.pdf", file_type="application/pdf",
        file_size=1, file_sha256="ab" * 32, filed_by=cast.dev,
    )  # fmt: skip
    report = orders.made("register", cast, law_on=ON)
    text = said(report)
    for said_ in (
        "E-MM-EU · mouse_path", "Not without a pilot. (person N-1030, 23 November 2026)", "relaxed: The pilot showed it. (person N-1010, 23 November 2026; until 1 May 2027)",
        "Interests assessment LIA-7", "ab" * 32,
    ):  # fmt: skip
        assert said_ in text, said_
    row = next(a for a in report.facts["content"]["activities"] if a["id"] == str(cast.purpose.pk))
    assert row["version"]["sha256"] == cast.purpose.versions.get(state="in_force").sha256
    assert load(row["says"]) == cast.purpose.versions.get(state="in_force").activity, (
        "the twin holds every field"
    )


def test_a_draft_changes_nothing_of_what_is_in_force(cast: Cast, undrawn: None) -> None:
    version = versions.draft(cast.purpose, by=cast.dev)
    versions.save(
        version.pk, version.activity.but(name="Written meanwhile"), revision=version.revision, by=cast.dev
    )
    assert "Written meanwhile" not in said(orders.made("register", cast))


def test_it_costs_the_same_for_many_activities(cast: Cast, undrawn: None) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            register_facts.of(cast.software, ON, "en")
        return len(found)

    few = queries()
    for n in range(12):
        versions.enter(cast.software, Activity(name=f"Activity {n}"), by=cast.dev)
    assert queries() <= few <= 14


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
    orders.finish(report)
    assert "The register is empty." in said(report)


def test_nobody_s_name_lies_in_the_stored_facts(cast: Cast, undrawn: None) -> None:
    """Who is forgotten must not stay in a report: only the entity's named contacts stand there.

    Of an override too: who advised and who decided is told by number.
    """
    Override.objects.create(
        purpose=cast.purpose, rule_id="E-MM-EU", asked_by=cast.omar, advice="Not without a pilot.", advised_by=cast.dara,
        advised_on=ON, reason="The pilot showed it.", decided_by=cast.omar, decided_on=ON, relaxed=True,
    )  # fmt: skip
    for kind, scope in (
        ("register", {}),
        ("changes", {"since": ON.isoformat()}),
        ("fiche", {"purpose": str(cast.purpose.pk)}),
    ):
        report = orders.made(kind, cast, scope)
        stored = press.twin_of(report, report.facts).decode()
        assert "N-1010" in stored, kind
        assert not any(cast.people[name].name in stored for name in ("omar", "lata", "asha", "dara")), kind


def test_facts_of_before_that_hold_a_name_can_still_be_read(cast: Cast, undrawn: None) -> None:
    row = {"advised_by": "Somebody", "advised_on": "2026-11-23", "decided_by": "", "decided_on": None}
    told = register_words.override(
        row
        | {
            "rule": "R",
            "signal": "",
            "advice": "No.",
            "reason": "",
            "relaxed": None,
            "until": None,
            "ended_at": None,
        }
    )
    assert told["advised"] == "Somebody, 23 November 2026" and told["decided"] == ""


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
