"""Where does this number come from? Each figure has a footnote that leads to its question and the answer of then."""

import re
from datetime import date

import pytest
from django.template.loader import render_to_string

from governance.purposes.models import Mandate, Processor, Purpose
from governance.reports import kinds, press, words
from governance.reports.models import Report
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said

SCOPES = {"register": {}, "changes": {"since": "2020-01-01"}, "processors": {}}


@pytest.mark.parametrize("kind", SCOPES)
def test_each_figure_leads_to_its_question_and_its_answer(kind: str, cast: Cast, undrawn: None) -> None:
    report = orders.made(kind, cast, SCOPES[kind])
    figures, html = report.facts["content"]["figures"], press.html_of(report, report.facts)
    assert len({row["id"] for row in figures}) == len(figures) >= 3
    for row in figures:
        (source,) = re.findall(rf'<tr id="{row["id"]}">.*?</tr>', html, re.DOTALL)
        assert row["asked"] and row["asked"].replace(">=", "&gt;=") in source, row
        assert f"<td>{row['result']}</td>" in source
        shown = re.search(rf'href="#{row["id"]}">{row["id"]}</a></th><td>(\d+)</td>', html)
        assert shown and int(shown[1]) == row["result"], row
    assert "Where the figures come from" in said(report)


def test_the_answers_are_those_of_the_tables(cast: Cast, undrawn: None) -> None:
    def figures(kind: str) -> dict[str, int]:
        rows = orders.made(kind, cast, SCOPES[kind]).facts["content"]["figures"]
        return {row["code"]: row["result"] for row in rows}

    of_it = Purpose.objects.filter(entity=cast.software)
    register = figures("register")
    assert register["activities"] == of_it.count() > register["active"] > 0
    assert register["active"] == of_it.filter(state="active").count()
    assert figures("changes")["entered"] == of_it.count()
    Processor.objects.filter(entity=cast.software).update(contract_from=None, contract_until=None)
    processors = figures("processors")
    there = Processor.objects.filter(entity=cast.software).count()
    assert processors["processors"] == processors["no_contract"] == there > 0
    assert processors["mandates"] == Mandate.objects.filter(entity=cast.software).count() == 1


def test_a_question_names_nobody_and_no_day_that_differs_every_month(cast: Cast, undrawn: None) -> None:
    """Otherwise "what changed since the last one" lists the questions."""
    one = orders.made("register", cast, law_on=date(2026, 11, 1)).facts["content"]["figures"]
    two = orders.made("register", cast, law_on=date(2026, 12, 1)).facts["content"]["figures"]
    assert [row["asked"] for row in one] == [row["asked"] for row in two]


@pytest.mark.parametrize("kind", SCOPES)
def test_a_report_of_before_is_read_without_sources(kind: str, cast: Cast, undrawn: None) -> None:
    report = orders.made(kind, cast, SCOPES[kind])
    figures = report.facts["content"].pop("figures")
    if kind != "processors":
        report.facts["content"]["counts"] = {row["code"]: row["result"] for row in figures}
    html = press.html_of(report, report.facts)
    assert "Where the figures come from" not in html and 'href="#F1"' not in html
    assert ('class="facts figures"' in html) == (kind != "processors")


def test_figures_and_their_sources_are_drawn_in_a_bound_register_too(cast: Cast, undrawn: None) -> None:
    """Its parts are drawn one by one: figure and source stand in the same."""
    report: Report = orders.made("register", cast)
    front = words.paper(report.facts, kinds.KINDS["register"], report.facts_sha256, "v")
    html = render_to_string("pdf/bound/register_front.html", front)
    assert html.count('href="#F') == html.count('<tr id="F') == 3
