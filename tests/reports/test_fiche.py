"""The record of one activity as a document: the same words as its page, and the facts beside it."""

import json
from collections.abc import Callable

import pytest

from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.reports import press, reports
from governance.reports.models import Report, ReportFile
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said
from tests.visits import visit, words


def made(cast: Cast, language: str = "en") -> Report:
    report = reports.ask("fiche", cast.software, {"purpose": cast.purpose.pk}, by=cast.dev, language=language)
    orders.finish(report)
    assert report.state == "ready", report.fault
    return report


def test_the_document_says_what_the_page_says(cast: Cast, undrawn: None) -> None:
    text = said(made(cast))
    with visit(cast.dev) as browser:
        page = words(browser.get(f"/register/{cast.purpose.pk}/fiche/"))
    for part in (
        "Professional life",
        "Clicks and form steps",
        "Backups and continuity",
        "Programme owner, person N-1010",
        "Kinds of data",
        cast.purpose.number,
    ):
        assert part in text and part in page, part
    assert "Omar" not in text


def test_the_facts_lie_beside_it_and_name_nobody(cast: Cast, undrawn: None) -> None:
    report = made(cast)
    twin = json.loads(press.twin_of(report, report.facts))
    version = cast.purpose.shown_version()
    assert twin["facts"]["content"]["sha256"] == version.sha256
    assert twin["facts"]["content"]["activity"] == version.content
    assert not [
        p.name for p in Person.objects.exclude(pk=cast.dev.pk) if p.name and p.name in json.dumps(twin)
    ]


def test_it_is_asked_for_where_the_entry_stands(cast: Cast, undrawn: None) -> None:
    with visit(cast.dev) as browser:
        assert "Record of one activity" not in words(browser.get("/reports/new")).split("Step 1")[1]
        answer = browser.post(f"/reports/fiche/{cast.purpose.pk}")
    assert answer.status_code == 302 and Report.objects.get(kind="fiche").scope == {
        "purpose": str(cast.purpose.pk)
    }
    with visit(cast.arun) as browser:  # an auditor reads, and prints the page
        assert browser.post(f"/reports/fiche/{cast.purpose.pk}").status_code == 404


def test_another_entity_s_entry_is_not_its_report(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        reports.ask("fiche", cast.gmbh, {"purpose": cast.purpose.pk}, by=cast.dev)
    assert refused.value.code == "scope_missing"


def test_the_paper_shows_what_the_record_says(
    cast: Cast, drawn: None, text_of: Callable[[bytes], str]
) -> None:
    """Once a caption squeezed the values out of the drawn tables, while the page had them."""
    text = text_of(bytes(ReportFile.objects.get(report=made(cast), kind="pdf").content))
    for part in (
        "Programme owner, person N-1010",
        "Sammati capture client",
        "Professional life",
        cast.purpose.number,
    ):
        assert part in text, part
