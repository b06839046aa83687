"""Broken files: how each is made, and what its sentence must say. Read as a table by test_broken.py."""

import io
import zipfile
from collections.abc import Callable
from random import Random
from typing import Any

import openpyxl
from openpyxl.styles import Protection

from governance.purposes.activity import Activity
from governance.purposes.exchange import ico, sheets
from governance.purposes.exchange.cells import Entry

HEAD = ",".join(f'"{heading}"' for heading in ico.HEADINGS)


def csv_row(**said: str) -> str:
    return ",".join('"' + said.get(name, "").replace('"', '""') + '"' for name in ico.COLUMNS)


def table(*rows: dict[str, str], head: str = HEAD) -> bytes:
    return "\r\n".join([head, *(csv_row(**({"purpose": "Pay salaries"} | row)) for row in rows)]).encode()


def book(change: Callable[[Any], None], *entries: Entry) -> bytes:
    """Our own workbook, opened and changed as somebody with a spreadsheet program would."""
    made = openpyxl.load_workbook(
        io.BytesIO(
            sheets.write(entries or [Entry(2, Activity(name="Pay salaries"), number="1", entity="NSP")])
        )
    )
    change(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def cell(sheet: str, column: str, value: Any, row: int = 2, key: str = "1") -> bytes:
    """The workbook with one cell changed; on sheets of details with the key of its activity."""

    def change(made: Any) -> None:
        where = made[sheet]
        headings = [c.value for c in where[1]]
        if sheet != "Activities" and "Activity" in headings and column != "Activity":
            where.cell(row, headings.index("Activity") + 1, key)
        where.cell(row, headings.index(column) + 1, value)

    return book(change)


def part(sheet: str, **said: Any) -> bytes:
    """The workbook with one row of details."""

    def change(made: Any) -> None:
        where = made[sheet]
        for n, heading in enumerate([c.value for c in where[1]], start=1):
            where.cell(2, n, said.get(heading))

    return book(change)


def repacked(change: Callable[[dict[str, bytes]], None], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The workbook's parts, changed by hand."""
    with zipfile.ZipFile(io.BytesIO(book(lambda made: None))) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    change(parts)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return file.getvalue()


def _put(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda parts: parts.__setitem__(name, content)


def _in_sheet(old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        assert old in parts["xl/worksheets/sheet1.xml"]
        parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(old, new, 1)

    return change


def lying_zip() -> bytes:
    """A part of a megabyte that says it has ten bytes."""
    raw = bytearray(repacked(_put("xl/media/a.bin", Random(7).randbytes(1 << 20))))
    at = raw.rfind(b"xl/media/a.bin") - 46  # its entry in the directory at the end
    assert raw[at : at + 4] == b"PK\x01\x02"
    raw[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(raw)


def million_rows() -> bytes:
    row = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>x</t></is></c></row>'
    body = b"".join(row % (n, n) for n in range(2, 1_000_001))
    return repacked(_in_sheet(b"</sheetData>", body + b"</sheetData>"))


def _merge(made: Any) -> None:
    made["Activities"].merge_cells("A2:B3")


def _hide(made: Any) -> None:
    made["Items"].sheet_state = "hidden"


def _protect(made: Any) -> None:
    made["Activities"]["A2"].protection = Protection(locked=True)
    made["Activities"].protection.sheet = True


def _twice(made: Any) -> None:
    where = made["Activities"]
    for n in range(1, 8):
        where.cell(3, n, where.cell(2, n).value)


def _wide(made: Any) -> None:
    made["Activities"].cell(2, 600, "far away")


def _delete_number(made: Any) -> None:
    made["Activities"].delete_cols(1)


def _rename(made: Any) -> None:
    made["Activities"].cell(1, 6, "Naem")


def _double(made: Any) -> None:
    made["Activities"].cell(1, 1, "Name")


def _clear(made: Any) -> None:
    made["Activities"].delete_rows(2, 10)


# name → (file, words of the one sentence that refuses it whole)
WHOLE: dict[str, tuple[Callable[[], bytes], str]] = {
    "an empty file": (lambda: b"", "is empty"),
    "a file of spaces": (lambda: b" \r\n \t", "is empty"),
    "larger than 10 MB": (lambda: b"a," * (6 << 20), "larger than 10 MB"),
    "a PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3", "is a PDF"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "is a picture"),
    "a web page with a table": (lambda: b"<html><body><table><tr><td>x</td></tr></table>", "is a web page"),
    "an XML file": (lambda: b'<?xml version="1.0"?><a/>', "is an XML file"),
    "a JSON file": (lambda: b'{"a": 1}', "is a JSON file"),
    "a program": (lambda: b"\x7fELF\x02\x01\x01" + b"\0" * 40, "is a program"),
    "a compressed file": (lambda: b"\x1f\x8b\x08\0" + b"\0" * 30, "is a compressed file"),
    "an old workbook or one with a password": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel workbook"),
    "Windows-1252": (lambda: table({"location": "München"}).decode().encode("cp1252"), "Windows-1252"),
    "some other encoding": (lambda: HEAD.encode() + b"\r\n\x81\x8d\xff\xfe\x8f,", "not UTF-8"),
    "UTF-16 without its mark": (lambda: table({}).decode().encode("utf-16-le"), "UTF-16 without its mark"),
    "UTF-32": (lambda: table({}).decode().encode("utf-32"), "UTF-32"),
    "broken UTF-16": (lambda: b"\xff\xfe" + table({}).decode().encode("utf-16-le")[:-1], "broken UTF-16"),
    "zeros in a CSV": (lambda: table({"location": "a\0b"}), "characters that no table has"),
    "a quotation mark that stays open": (lambda: HEAD.encode() + b'\r\n"never closed', "Row 2 cannot be read"),
    "an endless cell": (lambda: table({"location": "x" * 200_000}), "Row 2 cannot be read"),
    "a table of something else": (lambda: b"Name,Street,Town\r\nA,B,C", "neither the ICO"),
    "only a heading": (lambda: table(), "no activities"),
    "a heading that nobody knows": (lambda: table({}, head=HEAD.replace("Location of personal data", "Location of personel data")), "“Location of personel data” (did you mean “Location of personal data”?)"),
    "a heading twice": (lambda: table({}, head=HEAD.replace("DPIA progress", "Link to DPIA")), "“Link to DPIA”"),
    "more rows than it takes": (lambda: table() + b"\r\n" + b"\r\n".join([csv_row(purpose="x").encode()] * 20_001), "more than 20,000 rows"),
    "more columns than it takes": (lambda: table({}) + b"\r\n" + b"x," * 500, "Row 3 has more than 400 columns"),
    "a damaged workbook": (lambda: book(lambda made: None)[:-400], "damaged"),
    "a workbook with a broken part": (lambda: repacked(_put("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>")), "damaged"),
    "a workbook without its table of parts": (lambda: repacked(_put("xl/workbook.xml", b"nothing")), "damaged"),
    "a zip archive": (lambda: _zip({"a.txt": b"x"}), "is a zip archive"),
    "a Word document": (lambda: _zip({"word/document.xml": b"<w/>"}), "a Word document"),
    "an OpenDocument table": (lambda: _zip({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}), "an OpenDocument file"),
    "macros": (lambda: repacked(_put("xl/vbaProject.bin", b"\0" * 10)), "macros"),
    "a zip bomb": (lambda: repacked(_put("xl/media/a.bin", b"\0" * (210 << 20))), "too large when unpacked"),
    "a small zip bomb": (lambda: repacked(_put("xl/worksheets/sheet9.xml", b"<a>" + b" " * (20 << 20))), "too large when unpacked"),
    "a zip that lies about its size": (lying_zip, "damaged"),
    "a thousand parts": (lambda: repacked(lambda parts: parts.update({f"xl/x{n}.xml": b"<a/>" for n in range(1000)})), "too large when unpacked"),
    "an XML entity": (lambda: repacked(_in_sheet(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "boom">]><worksheet')), "XML declarations"),
    "an entity that reads a file": (lambda: repacked(_put("xl/sharedStrings.xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><sst><si><t>&b;</t></si></sst>')), "XML declarations"),
    "XML in UTF-16": (lambda: repacked(lambda parts: parts.__setitem__("xl/worksheets/sheet1.xml", parts["xl/worksheets/sheet1.xml"].decode().encode("utf-16"))), "XML declarations"),
    "a million rows": (million_rows, "more than 200,000 rows"),
    "a hidden sheet": (lambda: book(_hide), "“Items” is hidden"),
    "far more columns than it takes": (lambda: book(_wide), "more than 400 columns"),
    "a workbook of something else": (lambda: _other(), "neither the ICO"),
    "a workbook without the column Number": (lambda: book(_delete_number), "lacks the column “Number”"),
    "a heading that a workbook does not have": (lambda: book(_rename), "“Naem” (did you mean “Name”?)"),
    "a heading that a workbook has twice": (lambda: book(_double), "“Name”"),
    "a workbook without a row": (lambda: book(_clear), "no activities"),
}  # fmt: skip


def _zip(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return file.getvalue()


def _other() -> bytes:
    made = openpyxl.Workbook()
    made.active.append(["Name", "Street"])
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


# name → (file, sheet, row, column, words of the sentence)
CELLS: dict[str, tuple[Callable[[], bytes], str, int, str, str]] = {
    "no purpose": (lambda: table({}, {"purpose": "", "location": "Pune"}), "", 3, ico.COLUMNS["purpose"], "Give the activity a name"),
    "a formula in a CSV": (lambda: table({"location": "=HYPERLINK(1)"}), "", 2, "Location of personal data", "formula"),
    "invisible characters": (lambda: table({"location": "A\x07B"}), "", 2, "Location of personal data", "invisible"),
    "a cell longer than Excel's": (lambda: table({"location": "x" * 40_000}), "", 2, "Location of personal data", "longer than 32,767"),
    "a cell too many": (lambda: table({}) + b"\r\n" + csv_row(purpose="x").encode() + b",more", "", 3, "", "more cells than the heading"),
    "a processor that nobody knows": (lambda: table({"recipients": "Samruddhi (processor, IN, code samrudhi)"}), "", 2, "Recipients", "Do you mean: samruddhi"),
    "two items of one code": (lambda: table({"items": "Salary [pay]\nBonus [pay] (PAY)"}), "", 2, "", ""),
    "a formula in a workbook": (lambda: cell("Activities", "Description", "=1+1"), "Activities", 2, "Description", "formula"),
    "an error of the spreadsheet": (lambda: cell("Activities", "Description", "#REF!"), "Activities", 2, "Description", ""),
    "merged cells": (lambda: book(_merge), "Activities", 2, "Number", "A2:B3 are merged"),
    "no name": (lambda: cell("Activities", "Name", "  "), "Activities", 2, "Name", "Give the activity a name"),
    "a name of a novel": (lambda: cell("Activities", "Name", "x" * 201), "Activities", 2, "Name", "longer than 200"),
    "a code that is not in the list": (lambda: cell("Activities", "People concerned", "Employes\nVisitors"), "Activities", 2, "People concerned", "“Employes” is not in the list. Do you mean: Employees"),
    "a ground that is none": (lambda: cell("Activities", "Ground, GDPR", "Legitimate interest"), "Activities", 2, "Ground, GDPR", "Do you mean: Legitimate interests, Art. 6(1)(f)"),
    "a limb without its section": (lambda: cell("Activities", "Limb of s.7(i)", "employment"), "Activities", 2, "Limb of s.7(i)", "s.7(i)"),
    "a country in words": (lambda: cell("Activities", "Countries of work", "India"), "Activities", 2, "Countries of work", "two capital letters"),
    "neither yes nor no": (lambda: cell("Activities", "Training allowed", "perhaps"), "Activities", 2, "Training allowed", "yes or no"),
    "a day that could be two": (lambda: cell("Activities", "Next review", "03/04/2027"), "Activities", 2, "Next review", "year-month-day"),
    "a review date in the past": (lambda: cell("Activities", "Next review", "2024-03-01"), "Activities", 2, "Next review", "2024-03-01 is in the past"),
    "an entity that nobody knows": (lambda: cell("Activities", "Entity", "NSQ"), "Activities", 2, "Entity", "Do you mean: NSP"),
    "a department that nobody knows": (lambda: cell("Activities", "Department", "Pune staf"), "Activities", 2, "Department", "Do you mean: Pune staff"),
    "an owner that nobody knows": (lambda: cell("Activities", "Owner (staff number)", "N-9999"), "Activities", 2, "Owner (staff number)", "No person"),
    "an owner without the role": (lambda: cell("Activities", "Owner (staff number)", "N-1001"), "Activities", 2, "Owner (staff number)", "programme owner"),
    "the same number twice": (lambda: book(_twice), "Activities", 3, "Number", "stands in row 2"),
    "something beside the table": (lambda: book(lambda made: made["Activities"].cell(2, 80, "note to self")), "Activities", 2, "CB", "beside the table"),
    "a row of an activity that is not there": (lambda: part("Items", Activity="77", Code="x", Name="X"), "Items", 2, "Activity", "has the number “77”"),
    "a row of no activity": (lambda: part("Items", Code="x", Name="X"), "Items", 2, "Activity", "number of the activity"),
    "an item without a code": (lambda: part("Items", Activity="1", Name="Salary"), "Items", 2, "Code", "small letters"),
    "an item without a name": (lambda: part("Items", Activity="1", Code="salary"), "Items", 2, "Name", "needs a name"),
    "an unknown DPV term": (lambda: part("Items", Activity="1", Code="salary", Name="Salary", **{"DPV term": "pd:Salery"}), "Items", 2, "DPV term", "no term of DPV 2.3. Do you mean: pd:Salary"),
    "a category that is none": (lambda: part("Items", Activity="1", Code="x", Name="X", Category="PAYY"), "Items", 2, "Category", "Do you mean: PAY"),
    "a signal that is never recorded": (lambda: part("Items", Activity="1", Code="typed_text", Name="Typing", **{"Recorded on workstations": "yes"}), "Items", 2, "Code", "never recorded"),
    "a signal that the catalogue has not": (lambda: part("Items", Activity="1", Code="brain", Name="Brain", **{"Recorded on workstations": "yes"}), "Items", 2, "Code", "catalogue"),
    "more fields than the least form has": (lambda: part("Items", Activity="1", Code="ui_event", Name="Clicks", **{"Recorded on workstations": "yes", "Fields kept": "text"}), "Items", 2, "Fields kept", "text"),
    "a recipient without a name": (lambda: part("Recipients", Activity="1", Country="IN"), "Recipients", 2, "Name", "needs a name"),
    "a recipient in a country of words": (lambda: part("Recipients", Activity="1", Name="Bank", Country="Germany"), "Recipients", 2, "Country", "two capital letters"),
    "a kind of recipient that is none": (lambda: part("Recipients", Activity="1", Name="Bank", Kind="procesor"), "Recipients", 2, "Kind", "Do you mean: processor"),
    "a processor without its register row": (lambda: part("Recipients", Activity="1", Name="Bank", **{"Processor (code)": "nobody"}), "Activities", 2, "Recipients", "“nobody” is not in the list"),
    "a period in words": (lambda: part("Retention", Activity="1", Data="All", **{"At most": "7 years"}), "Retention", 2, "At most", "P7Y"),
    "a period of nothing": (lambda: part("Retention", Activity="1", **{"At most": "P7Y"}), "Retention", 2, "Data", "which data"),
    "a law that is none": (lambda: part("Retention", Activity="1", Data="All", **{"Law or country": "GDPR"}), "Retention", 2, "Law or country", "neither a law nor a country"),
    "a system that nobody knows": (lambda: part("Systems", Activity="1", **{"System (code)": "mainframe"}), "Activities", 2, "Systems", "“mainframe” is not in the list"),
    "a processor without a country": (lambda: part("Processors", Code="cloud", Entity="NSP", Name="Cloud"), "Processors", 2, "Country", "may not be empty"),
    "a clause that is none": (lambda: part("Processors", Code="cloud", Entity="NSP", Name="Cloud", Country="DE", Clauses="audit"), "Processors", 2, "Clauses", "audits"),
    "a contract that ends before it begins": (lambda: part("Processors", Code="cloud", Entity="NSP", Name="Cloud", Country="DE", **{"Contract from": "2026-01-01", "Contract until": "2025-01-01"}), "Processors", 2, "Contract until", "end before"),
    "a mandate without a contact": (lambda: part("Mandates", Entity="NSP", Controller="ACME", Country="DE", **{"Categories of processing": "x"}), "Mandates", 2, "Contact", "may not be empty"),
    "a number of a mandate that is none": (lambda: part("Mandates", Number="X", Entity="NSP", Controller="ACME", Contact="a", Country="DE", **{"Categories of processing": "x"}), "Mandates", 2, "Number", "M-0001"),
}  # fmt: skip
