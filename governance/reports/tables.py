"""The tables of any report for a spreadsheet: read off the page that everybody reads, so that no table is forgotten.

Nothing in a cell is a formula: texts are texts, and only what the page sets as a figure is a number. Pure.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser

import xlsxwriter
from django.utils.translation import gettext as _

from governance.purposes.exchange.cells import LONGEST, guarded, tidy

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIGURE = re.compile(r"\d{1,3}(?:\u202f\d{3})*")
LINES = {"p", "li", "br", "div"}
HEADINGS = {"h1", "h2", "h3", "h4", "caption"}
WIDEST, MARGIN = 70, 2  # characters of a column
NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
LONGEST_NAME = 31  # of a sheet

Cell = str | int


@dataclass
class Table:
    """`head` may be empty: then the first cell of each row says what the row is."""

    caption: str
    head: list[str] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)


def of(html: str) -> list[Table]:
    """Every table of a page that has a row, in its order; one without a caption is called by the heading above it."""
    reader = _Reader()
    reader.feed(html)
    return [_without_empty_columns(table) for table in reader.found if table.rows]


def _without_empty_columns(table: Table) -> Table:
    """A bar of a chart is a cell without words."""
    rows: list[list[Cell]] = [list(table.head), *table.rows]
    said = [x for x in range(max(map(len, rows))) if any(row[x] != "" for row in rows if x < len(row))]
    head, *rest = [[row[x] for x in said if x < len(row)] for row in rows]
    return Table(table.caption, [str(cell) for cell in head], rest)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Table] = []
        self.heading, self.text, self.deep = "", [""], 0
        self.row: list[Cell] | None = None
        self.in_head = self.is_number = self.in_figures = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        classes = (dict(attributes).get("class") or "").split()
        if tag == "table":
            self.found.append(Table(self.heading))
            self.deep += 1
            self.in_figures = "figures" in classes
        elif tag == "thead":
            self.in_head = True
        elif tag == "tr":
            self.row = []
        elif tag in ("td", "th"):
            self.text, self.is_number = [""], "num" in classes or (tag == "td" and self.in_figures)
        elif tag in HEADINGS:
            self.text = [""]
        elif tag in LINES and self.text[-1]:
            self.text.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.deep -= 1
        elif tag == "thead":
            self.in_head = False
        elif tag in ("td", "th") and self.row is not None:
            self.row.append(self._cell())
        elif tag == "tr" and self.row is not None and self.found:
            self._add(self.row)
            self.row = None
        elif tag in HEADINGS:
            said = self._said()
            if tag == "caption" and self.found:
                self.found[-1].caption = said
            elif not self.deep:
                self.heading = said

    def handle_data(self, data: str) -> None:
        self.text[-1] += data

    def _said(self) -> str:
        return "\n".join(line for part in self.text if (line := " ".join(part.split(" ")).strip()))

    def _cell(self) -> Cell:
        said = "\n".join(line for part in self.text if (line := re.sub(r"[ \t\r\n]+", " ", part).strip()))
        if self.is_number and not self.in_head and FIGURE.fullmatch(said):
            return int(said.replace("\u202f", ""))
        return said

    def _add(self, row: list[Cell]) -> None:
        if self.in_head:
            self.found[-1].head = [str(cell) for cell in row]
        elif any(cell != "" for cell in row):
            self.found[-1].rows.append(row)


def as_csv(tables: Sequence[Table]) -> bytes:
    """All tables in one file, each under its caption, an empty line between two."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for i, table in enumerate(tables):
        if i:
            writer.writerow([])
        writer.writerow([guarded(_text(table.caption))])
        for row in ([table.head] if table.head else []) + table.rows:
            writer.writerow([cell if isinstance(cell, int) else guarded(_text(cell)) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(tables: Sequence[Table], *, title: str, made_at: datetime) -> bytes:
    """A sheet for each table; the same tables give the same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )  # fmt: skip
    book.set_properties({"title": title, "created": made_at.replace(tzinfo=None)})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    number = book.add_format({"num_format": "#,##0", "valign": "top"})
    for name, table in zip(_names(tables), tables, strict=True):
        sheet = book.add_worksheet(name)
        for at, said in enumerate(table.head):
            sheet.write_string(0, at, _text(said), bold)
        first = 1 if table.head else 0
        for y, row in enumerate(table.rows, start=first):
            for x, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(y, x, cell, number)
                else:
                    sheet.write_string(y, x, _text(cell), plain)
        for x, width in enumerate(_widths(table)):
            sheet.set_column(x, x, width)
        if first:
            sheet.freeze_panes(1, 0)
    if not tables:
        book.add_worksheet(_("No table")[:LONGEST_NAME])
    book.close()
    return out.getvalue()


def _text(said: str) -> str:
    text = tidy(said)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _widths(table: Table) -> Iterable[int]:
    rows: list[Sequence[Cell]] = [table.head, *table.rows]
    for x in range(max(len(row) for row in rows)):
        longest = max(len(line) for row in rows if x < len(row) for line in (str(row[x]).split("\n") or [""]))
        yield min(longest, WIDEST) + MARGIN


def _names(tables: Sequence[Table]) -> list[str]:
    """The caption as far as a sheet's name may go, with its number in the document: two may have the same caption."""
    return [
        f"{i} {NOT_IN_A_NAME.sub(' ', ' '.join(tidy(table.caption).split()))}"[:LONGEST_NAME].strip()
        for i, table in enumerate(tables, start=1)
    ]
