"""A workbook as it came, cell by cell, after a look at whether it is safe to open at all.

Opened by openpyxl behind defusedxml. Before that: how large it would become (a zip bomb is small on the way in), whether
its XML declares entities, whether cells are merged, and whether it carries programs.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from governance.lib.refusals import Refused
from governance.purposes.exchange.cells import Fault

UNPACKED = 200 * 1024 * 1024  # bytes of all parts together
PARTS = 500  # files inside
RATIO = 500  # of a single part: XML of the same row over and over reaches 100
CELLS = 3_000_000
CHUNK = 1 << 16
ENTITY = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z0-9:]{1,30})"')
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")


class Sheet:
    """One visible sheet: its rows as they are read (row number, cells), and the faults found on the way."""

    def __init__(self, name: str, rows: list[tuple[int, list[Any]]], faults: list[Fault]) -> None:
        self.name, self.rows, self.faults = name, rows, faults


def open_(raw: bytes, *, rows_at_most: int, columns_at_most: int) -> list[Sheet]:
    """Every sheet of the workbook. Raises Refused when it cannot or must not be opened."""
    merged = _look(raw)
    try:
        book = openpyxl.load_workbook(
            io.BytesIO(raw), read_only=True, data_only=False, keep_links=False, rich_text=False
        )
    except (
        Exception
    ) as error:  # whatever a broken or hostile file makes of the library, it is no workbook to us
        raise _broken() from error
    try:
        sheets, budget = [], CELLS
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                raise Refused(
                    _("The sheet “%(sheet)s” is hidden. Show it or delete it: what is imported must be visible."),
                    code="hidden_sheet", sheet=sheet.title[:60],
                )  # fmt: skip
            faults = [
                _merge(sheet.title, where) for where in merged.get(getattr(sheet, "_worksheet_path", ""), [])
            ]
            rows = []
            for at, row in _rows(sheet, rows_at_most, columns_at_most):
                budget -= len(row)
                if budget < 0:
                    raise Refused(
                        _("The workbook has more than 3,000,000 cells. Split it."), code="too_many_cells"
                    )
                rows.append((at, [_value(cell, faults, sheet.title) for cell in row]))
            sheets.append(Sheet(sheet.title, rows, faults))
        return sheets
    except Refused:
        raise
    except Exception as error:
        raise _broken() from error
    finally:
        book.close()


def _broken() -> Refused:
    return Refused(
        _("The workbook is damaged and cannot be opened. Open it in your spreadsheet program, save it again as .xlsx, then choose it here."),
        code="broken_workbook",
    )  # fmt: skip


def _rows(sheet: Any, rows_at_most: int, columns_at_most: int) -> Iterator[tuple[int, Any]]:
    """Rows that have something in them. What the file says of its own size is not believed."""
    sheet.reset_dimensions()
    last = 0
    for at, row in enumerate(sheet.iter_rows(), start=1):
        if len(row) > columns_at_most and any(cell.value is not None for cell in row[columns_at_most:]):
            raise Refused(
                _("The sheet “%(sheet)s” has more than %(n)s columns. Delete those that are not needed."),
                code="too_many_columns", sheet=sheet.title[:60], n=columns_at_most,
            )  # fmt: skip
        row = row[:columns_at_most]
        if any(cell.value is not None for cell in row):
            last += 1
            if last > rows_at_most + 1:
                raise _too_many(sheet.title, rows_at_most)
            yield at, row
        elif at > rows_at_most * 10:
            raise _too_many(sheet.title, rows_at_most)


def _too_many(title: str, rows_at_most: int) -> Refused:
    return Refused(
        _("The sheet “%(sheet)s” has more than %(n)s rows. Split the file and import the parts one after the other."),
        code="too_many_rows", sheet=title[:60], n=f"{rows_at_most:,}",
    )  # fmt: skip


def _value(cell: Any, faults: list[Fault], title: str) -> Any:
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f" or isinstance(value, ArrayFormula | DataTableFormula):
        faults.append(
            Fault(
                title,
                cell.row,
                get_column_letter(cell.column),
                _("There is a formula in this cell. Write its result instead."),
            )
        )
        return None
    if cell.data_type == "e":
        faults.append(
            Fault(
                title,
                cell.row,
                get_column_letter(cell.column),
                _("This cell shows an error of the spreadsheet (%(error)s). Correct it.") % {"error": value},
            )
        )
        return None
    return value


def _merge(title: str, where: str) -> Fault:
    match = re.match(r"([A-Z]+)([0-9]+)", where)
    row, column = (int(match[2]), match[1]) if match else (0, "")
    return Fault(
        title,
        row,
        column,
        _("The cells %(range)s are merged. Unmerge them: every row needs its own values.") % {"range": where},
    )


def _look(raw: bytes) -> dict[str, list[str]]:
    """Every part is unpacked once, in pieces and counted, and its XML looked at: path → ranges of merged cells."""
    merged: dict[str, list[str]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            parts = packed.infolist()
            _check_parts(parts)
            total = 0
            for part in parts:
                ranges: list[str] = []
                for size in _unpack(packed, part, ranges):
                    total += size
                    if total > UNPACKED:
                        raise _bomb()
                if ranges and SHEET.fullmatch(part.filename):
                    merged[part.filename] = list(dict.fromkeys(ranges))
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise _broken() from error
    return merged


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise Refused(
            _("The workbook is protected by a password. Save it without one, then choose it here."),
            code="password",
        )
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
        raise _bomb()
    if any(part.file_size > CHUNK and part.file_size > RATIO * max(part.compress_size, 1) for part in parts):
        raise _bomb()
    if "xl/workbook.xml" not in names:
        kind = next(
            (word for prefix, word in OTHER.items() if any(name.startswith(prefix) for name in names)), ""
        )
        if kind:
            raise Refused(
                _("The file is %(kind)s, not a workbook. Save the table as .xlsx or as “CSV UTF-8”, then choose it here."),
                code="other_file", kind=kind,
            )  # fmt: skip
        raise Refused(
            _(
                "The file is a zip archive, not a workbook. Save the table as .xlsx or as “CSV UTF-8”, then choose it here."
            ),
            code="archive",
        )
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused(
            _("The workbook carries macros. Save it as .xlsx without them, then choose it here."),
            code="macros",
        )


OTHER = {
    "word/": "a Word document",
    "ppt/": "a presentation",
    "mimetype": "an OpenDocument file",
    "content.xml": "an OpenDocument file",
}


def _unpack(packed: zipfile.ZipFile, part: zipfile.ZipInfo, ranges: list[str]) -> Iterator[int]:
    is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    tail = b""
    with packed.open(part) as stream:
        while piece := stream.read(CHUNK):
            if is_xml:
                seen = tail + piece
                # UTF-16 XML would hide the word; no program writes workbooks so.
                if ENTITY.search(seen) or (not tail and piece[:2] in (b"\xff\xfe", b"\xfe\xff")):
                    raise Refused(
                        _("The workbook holds XML declarations that no spreadsheet program writes. Save it again in yours, then choose it here."),
                        code="entities",
                    )  # fmt: skip
                ranges += [found.decode() for found in MERGED.findall(seen)][: 50 - len(ranges)]
                tail = seen[-200:]
            yield len(piece)


def _bomb() -> Refused:
    return Refused(
        _("The workbook would become too large when unpacked. Copy the table into a new workbook, save it, then choose it here."),
        code="zip_bomb",
    )  # fmt: skip
