"""Steering pack: the quarter on exactly six pages, and nobody behind any figure."""

import io
import os
from datetime import timedelta
from typing import Any

import pikepdf
import pytest

from governance.capture.code_words import CODES
from governance.capture.models import Excess
from governance.incidents import incidents
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.purposes import headings
from governance.purposes.models import Purpose
from governance.reports import press, reports
from governance.reports.kinds import steering
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


# By day an ordinary quarter is drawn in the language with the longest words; the fullest one is drawn in each.
@pytest.mark.parametrize("language", ["en", "de", "hi"] if os.environ.get("SAMMATI_NIGHT") else ["de"])
def test_it_has_exactly_six_pages(cast: Cast, drawn: None, language: str) -> None:
    busy(cast)
    report = pack(cast, language)
    assert report.state == "ready", report.fault
    assert report.pages == 6


def fullest(content: dict[str, Any]) -> dict[str, Any]:
    """The most that each page can hold, with long names."""
    name = "An assistant that files the reimbursements of travelling colleagues in every country"
    row = {"number": "CP-0001", "name": name, "state": "running", "first": "110–119", "last": "110–119", "week": "2026-11-23", "shown": 13, "weeks": 13}  # fmt: skip
    stop = {"number": "CP-0001", "name": name, "stops": 12, "minutes": 4999}
    incident = {"number": "I-2026-000001", "programme": "CP-0001", "aware_at": content["counted_until"], "closed_at": content["counted_until"], "state": "closed"}  # fmt: skip
    due = {"on": "2026-12-29", "code": "assessment", "what": name, "of": "P-0001"}
    record = {"month": "2026-12", "code": "recordings", "purpose": "P-0001", "people": "110–119", "events": 12_345_678}  # fmt: skip
    gap = content["register"]["gaps"][0]
    rows = steering.ROWS
    content["participation"] |= {"rows": [row] * rows["programmes"], "more": 4}
    content["capture"] |= {
        "turned": [{"code": code, "count": 1_000_000} for code in sorted(CODES)[: rows["turned"]]],
        "stops": [stop] * rows["stops"], "incidents": [incident] * rows["incidents"],
    }  # fmt: skip
    content["register"] |= {"gaps": [gap] * rows["gaps"], "verdicts": dict.fromkeys(headings.VERDICTS, 12), "states": dict(Purpose.STATES) | dict.fromkeys(dict(Purpose.STATES), 3)}  # fmt: skip
    content["retention"] |= {"rows": [due] * rows["due"], "records": [record] * rows["records"], "more": 9}
    return content


@pytest.mark.parametrize("language", ["en", "de", "hi"])
def test_the_fullest_quarter_has_six_pages_too(cast: Cast, drawn: None, language: str) -> None:
    report = pack(cast, language)
    facts = report.facts | {"content": fullest(report.facts["content"])}
    with pikepdf.open(io.BytesIO(press.draw(report, facts))) as pdf:
        assert len(pdf.pages) == 6


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
    assert content["capture"]["stops"][0]["stops"] == 1 and len(content["capture"]["incidents"]) == 4
    assert sum(content["register"]["verdicts"].values()) == figure(report, "purposes")


def test_a_month_is_no_quarter(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        reports.ask("steering", cast.software, {"period": month(cast)}, by=cast.dev)
    assert refused.value.code == "scope_missing"
