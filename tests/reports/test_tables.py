"""The tables of a report in a spreadsheet: every one of them, numbers as numbers, and nothing that runs."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from governance.audit.models import Entry
from governance.purposes.models import Purpose
from governance.reports import reports, tables
from governance.reports.models import Report
from governance.reports.tables import Table
from governance.rights import requests
from tests import make
from tests.cast import Cast
from tests.reports import orders
from tests.reports.test_kinds import month
from tests.visits import visit

MADE = datetime(2026, 11, 29, tzinfo=UTC)


def taken(report: Report, kind: str, by: Any) -> bytes:
    with visit(by) as client:
        answer = client.get(reverse("reports:download", args=[report.pk, kind]))
    assert (
        answer.status_code == 200 and answer["Content-Type"] == {"csv": tables.CSV, "xlsx": tables.XLSX}[kind]
    )
    return answer.content


def test_every_table_of_the_page_is_a_sheet_with_numbers_as_numbers(cast: Cast, undrawn: None) -> None:
    requests.raise_request("access", "Mine", by=cast.bela)
    report = orders.made("requests", cast, {"period": month(cast)}, by=cast.dev)
    book = openpyxl.load_workbook(io.BytesIO(taken(report, "xlsx", cast.dev)))
    page = tables.of(reports.body(report))
    assert len(book.sheetnames) == len(page) > 2
    figures = book.worksheets[0]
    assert figures["B1"].value == 1 and figures["B1"].data_type == "n"
    assert any(cell.value == "N-1002" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_the_csv_holds_the_same_tables_under_their_captions(cast: Cast, undrawn: None) -> None:
    report = orders.made("retention", cast, {"period": month(cast)}, by=cast.dev)
    rows = list(csv.reader(io.StringIO(taken(report, "csv", cast.dev).decode("utf-8-sig"))))
    for table in tables.of(reports.body(report)):
        assert [table.caption] in rows and (not table.head or table.head in rows)


@pytest.mark.parametrize("kind", ["register", "processors", "evaluation", "training"])
def test_older_shapes_have_tables_too(cast: Cast, undrawn: None, kind: str) -> None:
    scope = {"purpose": str(cast.purpose.pk)} if kind == "evaluation" else {}
    found = tables.of(reports.body(orders.made(kind, cast, scope, by=cast.dev)))
    assert len(found) > 2 and all(table.caption for table in found)


def test_nothing_in_a_cell_is_run(cast: Cast, undrawn: None) -> None:
    evil = '=HYPERLINK("http://evil.example";"click")'
    Purpose.objects.filter(pk=cast.purpose.pk).update(name=evil)
    report = orders.made("programme", cast, {"programme": str(cast.programme.pk)}, by=cast.dev)
    found = [Table("=cmd|x", ["+1"], [[evil, 7], ["@SUM(A1)", "-2"], ["\t=1", "plain"]])]
    for content in (tables.as_csv(found), taken(report, "csv", cast.dev)):
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
            assert not any(cell[:1] in ("=", "+", "@", "-") for cell in row), row
    book = openpyxl.load_workbook(io.BytesIO(tables.as_xlsx(found, title="x", made_at=MADE)))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"} and [
        c.value for c in cells if c.data_type == "n"
    ] == [7]


def test_the_same_tables_give_the_same_workbook_whatever_they_are_called() -> None:
    odd = [
        Table("a/b:c*[x]?" * 9, [], [["x" * 40_000, "\x00"]]),
        Table("", [], [[1]]),
        Table("a/b:c*[x]?" * 9, [], [["y"]]),
    ]
    assert tables.as_xlsx(odd, title="x", made_at=MADE) == tables.as_xlsx(odd, title="x", made_at=MADE)
    assert tables.as_xlsx([], title="x", made_at=MADE) and tables.as_csv([]) == b"\xef\xbb\xbf"


def test_who_took_the_tables_is_written_down_and_nobody_else_gets_them(cast: Cast, undrawn: None) -> None:
    report = orders.made("requests", cast, {"period": month(cast)}, by=cast.dev)
    taken(report, "xlsx", cast.dev)
    entry = Entry.objects.filter(about_id=report.pk, code="report.downloaded").latest("id")
    assert entry.by_id == cast.dev.pk and entry.facts["file"] == "xlsx"
    with visit(cast.dev) as client:
        page = client.get(reverse("reports:report", args=[report.pk])).text
        assert "XLSX" in page and reverse("reports:download", args=[report.pk, "csv"]) in page
    for other in (cast.lata, cast.bela, cast.ira):
        with visit(other) as client:
            assert client.get(reverse("reports:download", args=[report.pk, "csv"])).status_code == 404


def test_a_person_takes_the_tables_of_their_own_statement(cast: Cast, undrawn: None) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event")
    report = reports.ask_for_statement(by=cast.bela)
    orders.finish(report)
    assert taken(report, "csv", cast.bela)
    with visit(cast.dev) as client:
        assert client.get(reverse("reports:download", args=[report.pk, "csv"])).status_code == 404
