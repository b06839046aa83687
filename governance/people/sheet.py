"""A roster file as it came: bytes in, rows of plain values and problems out. Knows the columns, not the company.

Columns, all of them, in any order: number, name, email, entity, site, country, language, manager, employer, under_18,
unit, starts_on, ends_on. UTF-8, with or without a byte order mark; comma, semicolon or tab.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from governance.lib import languages
from governance.lib.refusals import Refused

COLUMNS = (
    "number", "name", "email", "entity", "site", "country", "language", "manager", "employer", "under_18", "unit",
    "starts_on", "ends_on",
)  # fmt: skip
REQUIRED = frozenset({"number", "name", "entity", "country", "starts_on"})
LONGEST = {
    "number": 40,
    "name": 200,
    "email": 254,
    "entity": 200,
    "site": 120,
    "manager": 40,
    "employer": 200,
    "unit": 120,
}
MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 200_000
YES, NO = {"yes", "y", "true", "1"}, {"", "no", "n", "false", "0"}
COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True)
class Problem:
    """Where, and what to do about it; the sentence does not repeat what stands there. Row 1 is the heading; column "" the row."""

    row: int
    column: str
    sentence: Any


@dataclass(frozen=True)
class Row:
    """One person as the file has them. `entity`, `site`, `unit`, `manager` are still words."""

    at: int  # row of the file
    number: str
    name: str
    email: str  # lower case, "" for none
    entity: str
    site: str
    country: str
    language: str
    manager: str
    employer: str
    under_18: bool
    unit: str
    starts_on: date
    ends_on: date | None


def text_of(raw: bytes) -> str:
    """The file's characters. Raises Refused with what to do when it is no UTF-8 text."""
    if len(raw) > MAX_BYTES:
        raise Refused(
            _("The file is larger than 10 MB. Split it by entity and import the parts one after the other."),
            code="too_large",
        )
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused(
            _("The file is saved as UTF-16. Save it again as “CSV UTF-8”, then choose it here."), code="utf16"
        )
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Refused(
            _("The file is a workbook, not a CSV file. Save the sheet as “CSV UTF-8”, then choose it here."),
            code="workbook",
        )
    if b"\x00" in raw:
        raise Refused(
            _("The file holds characters that no CSV file has. Save it again as “CSV UTF-8”."),
            code="not_text",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(
            _("The file is not saved as UTF-8, so names would be spoilt. Save it again as “CSV UTF-8”."),
            code="not_utf8",
        ) from None


def rows_of(raw: bytes) -> tuple[list[Row], list[Problem]]:
    """Every row that can be read, and every problem. Raises Refused when the file as a whole cannot be read."""
    text = text_of(raw)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[Row] = []
    problems: list[Problem] = []
    try:
        heading = [cell.strip().lower() for cell in next(lines, [])]
        _check_heading(heading)
        for at, cells in enumerate(lines, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if at > MAX_ROWS + 1:
                raise Refused(
                    _("The file has more than 200,000 rows. Split it by entity."), code="too_many_rows"
                )
            if len(cells) != len(heading):
                sentence = _(
                    "This row has %(n)s cells, the heading has %(m)s. A comma inside a cell needs quotes around the cell."
                )
                problems.append(Problem(at, "", sentence % {"n": len(cells), "m": len(heading)}))
                continue
            row, wrong = _row(at, dict(zip(heading, cells, strict=True)))
            problems += wrong
            if row is not None:
                rows.append(row)
    except csv.Error:
        raise Refused(
            _("Row %(row)s cannot be read: a quotation mark is not closed, or a cell is endless."),
            code="not_csv",
            row=lines.line_num,
        ) from None
    if not rows and not problems:
        raise Refused(_("The file has a heading and no people."), code="empty")
    problems += _twice(rows)
    return rows, problems


def _delimiter(text: str) -> str:
    heading = text.split("\n", 1)[0]
    return max((",", ";", "\t"), key=heading.count)


def _check_heading(heading: list[str]) -> None:
    missing = [column for column in COLUMNS if column not in heading]
    if missing:
        raise Refused(
            _("The heading lacks: %(columns)s. A column may be empty, but it has to be there."),
            code="columns_missing",
            columns=", ".join(missing),
        )
    # What is not needed is not taken: a file with salaries or birthdays in it stays outside.
    surplus = len(heading) - len(COLUMNS)
    if surplus or len(set(heading)) != len(heading):
        raise Refused(
            _(
                "The file has columns that are not needed here, or one of them twice. Remove all but: %(columns)s."
            ),
            code="columns_surplus",
            columns=", ".join(COLUMNS),
        )


def _row(at: int, cells: dict[str, str]) -> tuple[Row | None, list[Problem]]:
    wrong: list[Problem] = []
    value: dict[str, str] = {}
    for column in COLUMNS:
        cell = unicodedata.normalize("NFC", cells[column]).strip()
        sentence = _fault(column, cell)
        if sentence:
            wrong.append(Problem(at, column, sentence))
        value[column] = cell
    dates = {}
    for column in ("starts_on", "ends_on"):
        try:
            dates[column] = date.fromisoformat(value[column]) if value[column] else None
        except ValueError:
            dates[column] = None
            wrong.append(Problem(at, column, _("Write the day as year-month-day, for example 2026-04-01.")))
    if dates["starts_on"] and dates["ends_on"] and dates["ends_on"] < dates["starts_on"]:
        wrong.append(Problem(at, "ends_on", _("The end lies before the start.")))
    if wrong or dates["starts_on"] is None:
        return None, wrong
    return (
        Row(
            at=at, number=value["number"], name=value["name"], email=value["email"].lower(), entity=value["entity"],
            site=value["site"], country=value["country"], language=languages.canonical(value["language"]) or "en", manager=value["manager"],
            employer=value["employer"], under_18=value["under_18"].lower() in YES, unit=value["unit"],
            starts_on=dates["starts_on"], ends_on=dates["ends_on"],
        ),
        [],
    )  # fmt: skip


def _fault(column: str, cell: str) -> Any:
    """What is wrong with one cell by itself, or ""."""
    if not cell:
        return _("This may not be empty.") if column in REQUIRED else ""
    if cell[0] in "=+-@":
        return _(
            "A cell that begins with =, +, - or @ is run as a formula by spreadsheets. Remove that character."
        )
    if not (cell.isascii() and cell.isprintable()) and any(
        unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs") and c not in "\u200c\u200d" for c in cell
    ):
        return _("There are invisible characters in this cell. Type it anew.")
    if len(cell) > LONGEST.get(column, 40):
        return _("This is longer than %(n)s characters.") % {"n": LONGEST.get(column, 40)}
    if column == "email":
        try:
            validate_email(cell)
        except ValidationError:
            return _("This is no e-mail address. Leave it empty for people without one.")
    if column == "country" and not COUNTRY.fullmatch(cell):
        return _("Write the country of work as two capital letters, for example IN or DE.")
    if column == "language" and languages.get(cell) is None:
        return _("This language is not in the list. Write its code: %(codes)s.") % {
            "codes": ", ".join(row.tag for row in languages.choices())
        }
    if column == "under_18" and cell.lower() not in YES | NO:
        return _("Write yes or no.")
    return ""


def _twice(rows: list[Row]) -> Iterator[Problem]:
    numbers: dict[str, int] = {}
    emails: dict[str, int] = {}
    for row in rows:
        if row.number in numbers:
            yield Problem(
                row.at,
                "number",
                _("The same number stands in row %(row)s. One row per person.")
                % {"row": numbers[row.number]},
            )
        if row.email and row.email in emails:
            yield Problem(
                row.at,
                "email",
                _("The same address stands in row %(row)s. Two people cannot sign in with one address.")
                % {"row": emails[row.email]},
            )
        numbers.setdefault(row.number, row.at)
        emails.setdefault(row.email, row.at)
