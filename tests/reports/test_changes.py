"""What changed since a day, and the register of processors, as documents."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from governance.lib import clock
from governance.lib.refusals import Refused
from governance.purposes import lifecycle, processors, versions
from governance.purposes.activity import Activity
from governance.purposes.models import (
    Assessment,
    Evaluation,
    Evidence,
    Notice,
    Override,
    Processor,
    Purpose,
    PurposeVersion,
)
from governance.reports import press, reports
from governance.reports.models import Report
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said
from tests.visits import visit, words

LONG_AGO = "2020-01-01T00:00:00Z"


@pytest.fixture
def old(cast: Cast) -> Cast:
    """Everything that the company was founded with lies long back."""
    Purpose.objects.update(created_at=LONG_AGO)
    PurposeVersion.objects.exclude(in_force_at=None).update(in_force_at=LONG_AGO)
    Evaluation.objects.update(at=LONG_AGO)
    Notice.objects.exclude(published_at=None).update(published_at=LONG_AGO)
    Evidence.objects.update(filed_at=LONG_AGO)
    Assessment.objects.update(created_at=LONG_AGO)
    Override.objects.update(asked_at=LONG_AGO)
    Processor.objects.update(created_at=LONG_AGO, changed_at=LONG_AGO)
    return cast


def today(cast: Cast) -> date:
    return clock.law_date(cast.software.timezone)


def made(cast: Cast, since: date) -> Report:
    return orders.made("changes", cast, {"since": since.isoformat()})


def test_where_nothing_changed_it_says_so(old: Cast, undrawn: None) -> None:
    report = made(old, today(old))
    counts = {row["code"]: row["result"] for row in report.facts["content"]["figures"]}
    assert counts.pop("steps") > 0, "activated when the company was founded, as the log has it"
    assert counts.pop("mandates") == 1 and set(counts.values()) == {0}
    assert "What did not change" in said(report) and "Versions that came into force" in said(report)


def test_every_kind_of_change_is_in_it(old: Cast, undrawn: None) -> None:
    (pay,) = Purpose.objects.filter(processor_codes__contains=["samruddhi"])
    fresh = versions.enter(old.software, Activity(name="Brand new"), by=old.dev)
    draft = versions.draft(pay, by=old.dev)
    more = draft.activity.but(description="Pay, and tell why", people=(*draft.activity.people, "interns"))
    draft = versions.save(draft.pk, more, revision=draft.revision, by=old.dev)
    versions.approve(versions.submit(draft.pk, by=old.dev).pk, by=old.dara)
    lifecycle.pause(old.purpose, because="A look at it first", by=old.dev)
    processors.change(Processor.objects.get(code="samruddhi"), by=old.dev, contact="new@samruddhi.example")
    Evidence.objects.create(
        purpose=old.purpose, kind="dpia", reference="DPIA-9", signer="Somebody", signed_on=today(old), file_name="a.pdf",
        file_type="application/pdf", file_size=1, file_sha256="cd" * 32, filed_by=old.dev,
    )  # fmt: skip
    Override.objects.create(
        purpose=old.purpose, rule_id="E-MM-EU", asked_by=old.omar, advice="Better not.", advised_by=old.dev, advised_on=today(old),
        reason="It is needed.", decided_by=old.omar, decided_on=today(old), relaxed=True,
    )  # fmt: skip
    Evaluation.objects.create(
        purpose=old.purpose, version=1, because="daily", on=today(old), outcome="BLOCK", by_law={}, result={}, facts_sha256="", pack_version="7", pack_sha256="",
    )  # fmt: skip
    text = said(made(old, today(old)))
    for said_ in (
        f"{fresh.number} Brand new", "What is done", "People concerned", "2, approved by person N-1034", f"{old.purpose.number} {old.purpose.name} paused",
        "Samruddhi Payroll Services LLP C-2025-11 changed", "Data protection impact assessment DPIA-9, approved " + "cd" * 32,
        "Better not. (person N-1030", "relaxed: It is needed. (person N-1010", "Blocked",
    ):  # fmt: skip
        assert said_ in text, said_
    assert "Pay salaries (Lohnabrechnung)" not in text, "another entity's"


def test_a_material_field_is_marked_with_the_rule_that_says_so(old: Cast, undrawn: None) -> None:
    (pay,) = Purpose.objects.filter(processor_codes__contains=["samruddhi"])
    draft = versions.draft(pay, by=old.dev)
    draft = versions.save(
        draft.pk, draft.activity.but(people=("employees", "interns")), revision=draft.revision, by=old.dev
    )
    versions.approve(versions.submit(draft.pk, by=old.dev).pk, by=old.dara)
    (row,) = made(old, today(old)).facts["content"]["versions"]
    assert (
        [change["field"] for change in row["changed"]] == ["people"]
        and row["before"] == 1
        and row["version"] == 2
    )
    if row["changed"][0]["material"]:
        assert row["changed"][0]["cite"]


def test_a_change_of_the_day_before_is_not_in_it(old: Cast, undrawn: None) -> None:
    fresh = versions.enter(old.software, Activity(name="Brand new"), by=old.dev)
    assert fresh.name in said(made(old, today(old) - timedelta(days=1)))
    Purpose.objects.filter(pk=fresh.pk).update(created_at=clock.now() - timedelta(days=2))
    assert fresh.name not in said(made(old, today(old)))


@pytest.mark.parametrize("scope", [{}, {"since": ""}, {"since": "yesterday"}, {"since": "2999-01-01"}])
def test_without_a_day_that_was_it_is_not_made(cast: Cast, scope: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        reports.ask("changes", cast.software, scope, by=cast.dev)
    assert refused.value.code == "scope_missing"


def test_the_page_asks_for_the_day_and_refuses_one_to_come(cast: Cast, undrawn: None) -> None:
    fields = {"entity": str(cast.software.pk), "language": "en"}
    with visit(cast.dev) as client:
        page = client.get(reverse("reports:new"), {"kind": "changes"})
        assert "The first day of which changes are shown." in words(page)
        url = reverse("reports:new") + "?kind=changes"
        late = client.post(url, fields | {"since": "2999-01-01"})
        assert "This day is still to come." in words(late)
        assert "like 2026-03-04" in words(client.post(url, fields | {"since": "gestern"}))
        answer = client.post(url, fields | {"since": today(cast).isoformat()})
        assert answer.status_code == 302
    report = Report.objects.get(kind="changes")
    assert report.scope == {"since": today(cast).isoformat()}
    orders.finish(report)
    with visit(cast.lata) as client:
        assert "Activities entered" in words(client.get(reverse("reports:read", args=[report.pk])))


def test_the_register_of_processors_holds_every_letter_of_article_30_2(cast: Cast, undrawn: None) -> None:
    processors.change(
        Processor.objects.get(code="samruddhi"), by=cast.dev, clauses=["security"], tool="scc",
        subprocessors=[{"name": "Hostline", "country": "DE", "agreed_on": "2026-03-04"}],
    )  # fmt: skip
    report = orders.made("processors", cast, law_on=date(2026, 11, 23))
    html, text = press.html_of(report, report.facts), said(report)
    for letter in "abcd":
        assert f'<td class="letter">({letter})</td>' in html
    (pay,) = Purpose.objects.filter(processor_codes__contains=["samruddhi"])
    for said_ in (
        "Samruddhi Payroll Services LLP samruddhi", "C-2025-11, from 1 April 2025, until 1 April 2028", "What the contract leaves out", "audits, Art. 28(3)(h)",
        "Hostline (Germany), agreed to on 4 March 2026", "Standard contractual clauses", pay.number, "M-0001", "Nirmaan GmbH, datenschutz@nirmaan.example (Germany)",
        "Hosting and support of the applicant portal", "transfer impact assessment of 2 October 2026", "DPA-2026-01, from 1 January 2026",
        "GDPR Art. 30(2): Record of a processor",
    ):  # fmt: skip
        assert said_ in text, said_
    assert "Lohnwerk" not in text and "<td></td>" not in html
    other = reports.ask("processors", cast.gmbh, by=cast.lata)
    orders.finish(other)
    assert "Lohnwerk Rechenzentrum eG" in said(other) and "We process for nobody else." in said(other)


def test_both_are_drawn(cast: Cast, drawn: None) -> None:
    for report in (made(cast, today(cast)), orders.made("processors", cast)):
        assert report.state == "ready" and report.pdf_sha256 and report.pages, report.fault
