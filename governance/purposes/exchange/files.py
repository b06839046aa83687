"""Bytes as somebody uploaded them → tables. Stays in memory, knows no column of the register, says what to do otherwise."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from governance.lib.refusals import Refused
from governance.purposes.exchange import cells, workbooks
from governance.purposes.exchange.cells import Fault

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000  # of one sheet; the sheets of details may have more
MAX_DETAILS = 200_000
MAX_COLUMNS = 400
SEARCHED = 20  # rows at the top in which a heading may stand
BEGINNINGS = {
    b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture", b"\x1f\x8b": "a compressed file",
    b"7z\xbc\xaf": "an archive", b"Rar!": "an archive", b"{\\rtf": "a text document", b"<!DOCTYPE": "a web page", b"<html": "a web page",
    b"<?xml": "an XML file", b"{": "a JSON file", b"MZ": "a program", b"\x7fELF": "a program", b"PAR1": "a Parquet file",
    b"SQLite format": "a database",
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """One sheet: (row number, cells) of every row that is not empty, and what is wrong with single cells."""

    name: str
    rows: list[tuple[int, list[Any]]]
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Read:
    """A file's tables. kind: csv | xlsx."""

    kind: str
    tables: list[Table]


def read(raw: bytes, heading: Callable[[list[str]], int]) -> Read:
    """The tables of a file. `heading` says how many known headings a row has: by it the separator of a CSV is found.

    Raises Refused, with what to do, when the file as a whole cannot be read.
    """
    if len(raw) > MAX_BYTES:
        raise Refused(
            _("The file is larger than 10 MB. Split it and import the parts one after the other."),
            code="too_large",
        )
    if not raw.strip():
        raise Refused(_("The file is empty."), code="empty")
    if raw.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        sheets = workbooks.open_(raw, rows_at_most=MAX_DETAILS, columns_at_most=MAX_COLUMNS)
        return Read("xlsx", [Table(sheet.name, sheet.rows, sheet.faults) for sheet in sheets])
    return Read("csv", [_csv(text_of(raw), heading)])


def text_of(raw: bytes) -> str:
    """The characters of a text file: UTF-8, or UTF-16 that says so. Raises Refused, naming what it seems to be."""
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(
            _("The file is an old Excel workbook (.xls), or one with a password. Save it as .xlsx without a password, then choose it here."),
            code="old_workbook",
        )  # fmt: skip
    start = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:16]
    for beginning, kind in BEGINNINGS.items():
        if start[: len(beginning)].lower() == beginning.lower():
            raise Refused(
                _("The file is %(kind)s, not a table. Choose a CSV file or an .xlsx workbook."),
                code="other_file",
                kind=kind,
            )
    if raw.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise _encoding("UTF-32")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError:
            raise _encoding(_("broken UTF-16")) from None
    if b"\x00" in raw[:4096]:
        sample = raw[:4096]
        halves = sample[0::2].count(0), sample[1::2].count(0)
        if max(halves) > len(sample) // 5:
            raise _encoding(_("UTF-16 without its mark"))
        raise Refused(
            _("The file holds characters that no table has. Choose a CSV file or an .xlsx workbook."),
            code="not_text",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _encoding(_guess(raw)) from None


def _encoding(name: str) -> Refused:
    return Refused(
        _("The file is saved as %(encoding)s, so that letters would be spoilt. Save it again as “CSV UTF-8”, then choose it here."),
        code="encoding", encoding=name,
    )  # fmt: skip


def _guess(raw: bytes) -> str:
    """What an Excel of this part of the world writes when it is not told otherwise."""
    try:
        raw.decode("cp1252")
    except UnicodeDecodeError:
        return _("something that is not UTF-8")
    return "Windows-1252"


def _csv(text: str, heading: Callable[[list[str]], int]) -> Table:
    found = max(
        (_top(text, mark) for mark in (",", ";", "\t")), key=lambda top: max(map(heading, top[1]), default=0)
    )
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=found[0], strict=True)
    rows: list[tuple[int, list[Any]]] = []
    faults: list[Fault] = []
    try:
        for at, row in enumerate(lines, start=1):
            if not any(cell.strip() for cell in row):
                continue
            if len(rows) > MAX_ROWS:
                raise Refused(
                    _("The file has more than %(n)s rows. Split it and import the parts one after the other."),
                    code="too_many_rows", n=f"{MAX_ROWS:,}",
                )  # fmt: skip
            if len(row) > MAX_COLUMNS:
                raise Refused(
                    _("Row %(row)s has more than %(n)s columns. Delete those that are not needed."),
                    code="too_many_columns", row=at, n=MAX_COLUMNS,
                )  # fmt: skip
            rows.append((at, [_cell(cell, at, n, faults) for n, cell in enumerate(row)]))
    except csv.Error:
        raise Refused(
            _("Row %(row)s cannot be read: a quotation mark is not closed, or a cell is endless."),
            code="not_csv",
            row=lines.line_num,
        ) from None
    return Table("", rows, faults)


def _cell(cell: str, row: int, n: int, faults: list[Fault]) -> str:
    """The cell's text. A formula is refused; what an export guarded against being one is given back."""
    text = cell.strip()
    column = get_column_letter(n + 1)
    if text[:1] == "=" and len(text) > 1:
        faults.append(Fault("", row, column, _("There is a formula in this cell. Write its result instead.")))
        return ""
    if len(text) > cells.LONGEST:
        faults.append(
            Fault(
                "", row, column, _("This is longer than 32,767 characters, which no spreadsheet cell holds.")
            )
        )
        return ""
    if cells.UNPRINTABLE.search(text.replace("\r\n", "\n").replace("\r", "\n")):
        faults.append(Fault("", row, column, _("There are invisible characters in this cell. Type it anew.")))
        return ""
    return cells.unguarded(text)


def _top(text: str, mark: str) -> tuple[str, list[list[str]]]:
    lines = csv.reader(io.StringIO(text[: 1 << 18], newline=""), delimiter=mark)
    top: list[list[str]] = []
    try:
        for row in lines:
            top.append(row)
            if len(top) >= SEARCHED:
                break
    except csv.Error:
        pass
    return mark, top
