"""A log of many rows is printed a line a row; however many there are, none is cut and none is left out."""

import io
from typing import Any

import pikepdf
import pytest

from governance.reports import reprinting
from governance.reports.kinds import audit_extract
from governance.reports.models import ReportFile
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said
from tests.reports.test_kinds import scopes


def test_many_rows_are_lines_of_one_tagged_document(
    cast: Cast, drawn: None, text_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_extract, "TABLE", 3)
    orders.seal()
    report = orders.made("audit_extract", cast, scopes(cast)["audit_extract"], by=cast.dev)
    assert report.state == "ready", report.fault
    pdf = bytes(ReportFile.objects.get(report=report, kind="pdf").content)
    text = text_of(pdf)
    for row in report.facts["content"]["entries"]:
        assert row["code"] in text and row["code"] in said(report)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.Root.MarkInfo.Marked


def test_very_many_rows_are_bound_behind_their_front(
    cast: Cast, drawn: None, text_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_extract, "TABLE", 1)
    monkeypatch.setattr(audit_extract, "WHOLE", 3)
    orders.seal()
    report = orders.made("audit_extract", cast, scopes(cast)["audit_extract"], by=cast.dev)
    assert report.state == "ready", report.fault
    pdf = bytes(ReportFile.objects.get(report=report, kind="pdf").content)
    entries = report.facts["content"]["entries"]
    text = text_of(pdf)
    lines = [line for line in text.splitlines() if line.rstrip().endswith((" =", "≠ WRONG", "…"))]
    assert len(lines) == len(entries), "a line each"
    for row, line in zip(entries, lines, strict=True):
        assert row["code"] in line and row["about"] in line
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert "/MarkInfo" not in opened.Root and list(opened.attachments) == [f"{report.number}.json"]
        assert b'pdfaid:part="3"' in opened.Root.Metadata.read_bytes() and len(opened.pages) == report.pages
        with opened.open_outline() as outline:
            assert outline.root[-1].title == "Entries"
    assert reprinting.compare(report).same
