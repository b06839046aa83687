"""Steering pack: the quarter on exactly six pages, and nobody behind any figure."""

from datetime import timedelta
from typing import Any

import pytest

from governance.capture.models import Excess
from governance.incidents import incidents
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.reports import press, reports
from governance.reports.models import Report
from governance.rights import requests
from governance.rights.models import Request
from tests import make
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said
from tests.reports.test_kinds import figure, month, quarter


def pack(cast: Cast, language: str = "en") -> Report:
    return orders.made("steering", cast, {"period": quarter(cast)}, language=language)


def busy(cast: Cast) -> None:
    """A quarter in which something of everything happened."""
    orders.carry_out(orders.withdrawn(cast, cast.bela), [orders.system(cast, "crm", "Customer files")])
    requests.raise_request("access", "About Ramesh", by=cast.bela)
    now = clock.now()
    for n in range(7):
        incidents.open_incident(
            cast.software, f"Found {n}", aware_at=now - timedelta(hours=n), by=cast.dev,
            programme=cast.programme if n == 0 else None, pause=n == 0,
        )  # fmt: skip
    day = clock.law_date(cast.software.timezone)
    Excess.objects.create(programme=cast.programme, signal="ui_event", field="url", day=day, events=1234)


@pytest.mark.parametrize("language", ["en", "de", "hi"])
def test_it_has_exactly_six_pages(cast: Cast, drawn: None, language: str) -> None:
    busy(cast)
    report = pack(cast, language)
    assert report.state == "ready", report.fault
    assert report.pages == 6


def test_each_page_has_a_chart_a_table_and_its_sources(cast: Cast, undrawn: None) -> None:
    busy(cast)
    report = pack(cast)
    from_words: dict[str, Any] = press.kinds.KINDS["steering"].words(
        report.facts["content"], press.words.frame(report.facts["report"])
    )
    assert len(from_words["sections"]) == 6
    for section in from_words["sections"]:
        assert section["bars"] and section["tables"] and section["figures"], section["heading"]
        assert {one["id"] for one in section["figures"]} == {one["id"] for one in section["sources"]}


def test_one_person_shows_on_no_page(cast: Cast, undrawn: None) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    before = pack(cast).facts["content"]
    orders.withdrawn(cast, cast.bela)
    requests.raise_request("erasure", "Because of Ramesh", by=cast.bela)
    Report.objects.all().update(state="cancelled")
    report = pack(cast)
    after = report.facts["content"]
    for content in (before, after):
        content.pop("counted_until")
    assert after == before
    whole = press.twin_of(report, report.facts).decode()
    assert "N-1002" not in whole and "Ramesh" not in whole


def test_a_clock_that_was_not_kept_shows_whosever_it_was(cast: Cast, undrawn: None) -> None:
    assert figure(pack(cast), "missed") == "none"
    late = requests.raise_request("access", "Mine", by=cast.bela)
    Request.objects.filter(pk=late.pk).update(
        due_on=clock.law_date(cast.software.timezone) - timedelta(days=1)
    )
    Report.objects.all().update(state="cancelled")
    report = pack(cast)
    assert figure(report, "missed") == "some" and figure(report, "overdue") == ""
    assert "Clocks that were not kept" in said(report)


def test_what_is_of_no_person_is_told_as_it_is(cast: Cast, undrawn: None) -> None:
    busy(cast)
    report = pack(cast)
    assert figure(report, "excess") == 1234 and figure(report, "incidents") == 7
    content = report.facts["content"]
    assert content["capture"]["stops"][0]["stops"] == 1 and len(content["capture"]["incidents"]) == 5
    assert sum(content["register"]["verdicts"].values()) == figure(report, "purposes")


def test_a_month_is_no_quarter(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        reports.ask("steering", cast.software, {"period": month(cast)}, by=cast.dev)
    assert refused.value.code == "scope_missing"
