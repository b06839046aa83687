"""The workbook out: every field of every activity, with the lists from which codes are chosen. The same rows, the same bytes."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused
from governance.purposes import lists
from governance.purposes.exchange import cells, columns
from governance.purposes.exchange.cells import Entry
from governance.purposes.exchange.columns import Column

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The time of making stands in the file's properties: a fixed one, so that the same register gives the same bytes.
MADE = datetime(2026, 1, 1)
CHOOSABLE = 5000  # rows beneath the heading that offer a list to choose from
FIRST_DAY = date(1900, 3, 1)  # Excel's calendar is wrong before


def write(
    entries: Iterable[Entry], *, processors: Sequence[Mapping[str, Any]] = (), mandates: Sequence[Mapping[str, Any]] = (),
    systems: Sequence[Mapping[str, Any]] = (), standing: bool = False,
) -> bytes:  # fmt: skip
    """A workbook with all sheets. `standing`: state and version too, which an import does not set."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": "Register of processing activities", "created": MADE})
    writer = _Writer(book)
    rows: dict[str, list[list[Any]]] = {sheet: [] for sheet in columns.SHEETS}
    for entry in entries:
        _lay(entry, rows, standing)
    for sheet, parties in (("Processors", processors), ("Mandates", mandates), ("Data systems", systems)):
        rows[sheet] = [
            [column.write(party[column.field]) for column in columns.PARTIES[sheet]] for party in parties
        ]
    for sheet in columns.SHEETS[:-1]:
        writer.sheet(sheet, columns.columns_of(sheet, standing=standing), rows[sheet])
    writer.lists()
    book.close()
    return file.getvalue()


def _lay(entry: Entry, rows: dict[str, list[list[Any]]], standing: bool) -> None:
    """The rows of one activity on the sheets."""
    a = cells.settled(entry.activity)
    row = [column.write(getattr(entry, column.field)) for column in columns.ROW]
    row += [column.write(getattr(a, column.field)) for column in columns.ACTIVITY]
    if standing:
        row += [entry.state, str(entry.version or "")]
    rows[columns.ACTIVITIES].append(row)
    for sheet, (field, _part, shape) in columns.PARTS.items():
        for part in getattr(a, field):
            rows[sheet].append(
                [entry.number, *(column.write(getattr(part, column.field)) for column in shape)]
            )


class _Writer:
    def __init__(self, book: Any) -> None:
        self.book = book
        self.heading = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EDF3", "bottom": 1}
        )
        self.text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        self.ranges: dict[str, str] = {}
        at = 0
        for name in _all_lists():
            letter = _letters(at)
            self.ranges[name] = f"={columns.LISTS}!${letter}$3:${letter}${2 + len(_choices(name))}"
            at += 2

    def sheet(self, name: str, shape: Sequence[Column], rows: Sequence[Sequence[Any]]) -> None:
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 2)
        sheet.set_row(0, 34)
        for at, column in enumerate(shape):
            sheet.set_column(at, at, column.width, self.day if column.kind == "day" else self.text)
            sheet.write_string(0, at, column.heading, self.heading)
            self._choose(sheet, at, column)
        for n, row in enumerate(rows, start=1):
            for at, value in enumerate(row):
                if value != "" and value is not None:
                    self._cell(sheet, n, at, value, name, shape[at])

    def _cell(self, sheet: Any, row: int, at: int, value: Any, name: str, column: Column) -> None:
        if isinstance(value, date) and value >= FIRST_DAY:
            sheet.write_datetime(row, at, datetime(value.year, value.month, value.day), self.day)
            return
        text = value.isoformat() if isinstance(value, date) else str(value)
        if len(text) > cells.LONGEST:
            raise Refused(
                _("Row %(row)s of the sheet “%(sheet)s”: “%(column)s” is longer than a cell can be. Shorten it in the register first."),
                code="cell_too_long", row=row + 1, sheet=name, column=column.heading,
            )  # fmt: skip
        sheet.write_string(row, at, text, self.text)

    def _choose(self, sheet: Any, at: int, column: Column) -> None:
        """A list to choose from; for columns that take several it would only hinder."""
        if column.kind == "code":
            rule: dict[str, Any] = {"source": self.ranges[column.of]}
        elif column.kind in ("yes_no", "answer"):
            rule = {"source": ["yes", "no"]}
        else:
            return
        # A warning, not a stop: the import says itself what does not fit.
        sheet.data_validation(1, at, CHOOSABLE, at, {"validate": "list", "error_type": "warning", **rule})

    def lists(self) -> None:
        sheet = self.book.add_worksheet(columns.LISTS)
        sheet.freeze_panes(2, 0)
        for n, name in enumerate(_all_lists()):
            at = 2 * n
            sheet.set_column(at, at, 34, self.text)
            sheet.set_column(at + 1, at + 1, 16, self.text)
            sheet.write_string(0, at, _title(name), self.heading)
            sheet.write_string(1, at, "Label", self.heading)
            sheet.write_string(1, at + 1, "Code", self.heading)
            for row, (code, label) in enumerate(_choices(name), start=2):
                sheet.write_string(row, at, label, self.text)
                sheet.write_string(row, at + 1, code, self.text)


def _all_lists() -> list[str]:
    """The lists that some column takes its codes from, then categories."""
    named = [column.of for sheet in columns.SHEETS for column in columns.columns_of(sheet) if column.of]
    return [*dict.fromkeys(named), "category"]


def _title(name: str) -> str:
    """The columns that use this list."""
    uses = [
        f"{sheet}: {column.heading}"
        for sheet in columns.SHEETS
        for column in columns.columns_of(sheet)
        if column.of == name or column.kind == name
    ]
    return "; ".join(uses)


def _choices(name: str) -> list[tuple[str, str]]:
    if name == "category":
        return [(code, lists.category(code, "en")) for code in lists.categories()]
    return [(code, cells.label(name, code)) for code in lists.codes(name)]


def _letters(at: int) -> str:
    """0 → A, 26 → AA."""
    return (_letters(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)
