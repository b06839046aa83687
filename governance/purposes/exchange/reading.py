"""Any file → entries and faults: is it the ICO's table or our workbook, which column is which, what does each cell say.

Knows the lists, not the company: whether an entity or a processor exists, incoming.py asks.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from governance.lib.refusals import Refused
from governance.purposes.activity import Activity, problems
from governance.purposes.exchange import cells, columns, files, ico
from governance.purposes.exchange.cells import Entry, Fault
from governance.purposes.exchange.columns import ACTIVITIES, Column, Unreadable
from governance.purposes.exchange.files import Table


@dataclass(frozen=True)
class Content:
    """What a file says. kind: ico | workbook. `notes`: sentences about what was understood otherwise than it may look."""

    kind: str
    entries: list[Entry]
    faults: list[Fault]
    notes: list[str]
    processors: list[tuple[int, dict[str, Any]]]
    mandates: list[tuple[int, dict[str, Any]]]
    systems: Sequence[tuple[int, dict[str, Any]]] = ()
    absent: tuple[str, ...] = ()  # fields whose columns or sheets the workbook has not: they stay as they are


def read(raw: bytes) -> Content:
    """Raises Refused when the file as a whole cannot be read."""
    found = files.read(raw, _known_headings)
    ours = {table.name: table for table in found.tables if table.name in columns.SHEETS}
    if ACTIVITIES in ours and not _ico_heading(ours[ACTIVITIES]):
        others = [table.name for table in found.tables if table.name not in columns.SHEETS and table.rows]
        return _workbook(ours, others)
    for table in found.tables:
        if heading := _ico_heading(table):
            return _ico(table, *heading)
    if not any(table.rows for table in found.tables):
        raise Refused(_("The file is empty."), code="empty")
    raise Refused(
        _(
            "This is neither the ICO’s table nor a workbook of this register: no row at the top has the heading “%(heading)s”, and no sheet "
            "is called “%(sheet)s”. Begin with the empty workbook of this page."
        ),
        code="unknown_table", heading=ico.COLUMNS["purpose"], sheet=ACTIVITIES,
    )  # fmt: skip


def _known_headings(row: Sequence[Any]) -> int:
    return len({ico.column_of(cells.as_text(cell)) for cell in row} - {""})


# --- The ICO's table ----------------------------------------------------------------------------------------------


def _ico_heading(table: Table) -> tuple[int, list[str]] | None:
    """(row, headings) of the row that has most of the thirty; None when no row has the purpose and two more."""
    best: tuple[int, int, list[str]] = (0, 0, [])
    for at, row in table.rows[: files.SEARCHED]:
        texts = [cells.as_text(cell) for cell in row]
        if _known_headings(texts) > best[0] and any(ico.column_of(text) == "purpose" for text in texts):
            best = (_known_headings(texts), at, texts)
    return (best[1], best[2]) if best[0] >= 3 else None


def _ico(table: Table, top: int, headings: list[str]) -> Content:
    by_place = {n: ico.column_of(text) for n, text in enumerate(headings)}
    _check_headings(
        [text for n, text in enumerate(headings) if text and not by_place[n]], [name for name in by_place.values() if name],
        ico.COLUMNS, table.name,
    )  # fmt: skip
    letters = {get_column_letter(n + 1): text for n, text in enumerate(headings)}
    faults = [_named(fault, letters) for fault in table.faults if fault.row > top]
    entries, notes = [], []
    for at, row in table.rows:
        if at <= top:
            continue
        if len(row) > len(headings) and any(cells.as_text(cell) for cell in row[len(headings) :]):
            sentence = _(
                "This row has more cells than the heading. A comma inside a cell needs quotation marks around the cell."
            )
            faults.append(Fault(table.name, at, "", sentence))
            continue
        activity, kept = ico.read(
            {by_place[n]: cells.as_text(cell) for n, cell in enumerate(row) if by_place.get(n)}
        )
        faults += [
            Fault(table.name, at, ico.COLUMNS[PLACE_OF.get(_field(p.path), "purpose")], p.sentence)
            for p in problems(activity)
        ]
        notes += [
            _("Row %(row)s: what stands under “%(heading)s” fits no list and is kept as words.")
            % {"row": at, "heading": h}
            for h in kept
        ]
        entries.append(Entry(at=at, activity=activity))
    if not entries and not faults:
        raise Refused(_("The file has a heading and no activities."), code="no_rows")
    return Content("ico", entries, faults, notes, [], [])


# field of the activity → column of the ICO, for faults
PLACE_OF = {
    "name": "purpose", "items": "items", "recipients": "recipients", "keeps": "retention", "function": "function", "people": "people",
    "security": "security", "basis_eu": "basis", "art9": "art9", "art22": "automated", "dpia": "dpia", "breach": "breach",
    "policy_followed": "policy_followed", "joint_controllers": "joint",
}  # fmt: skip


def _field(path: str) -> str:
    return path.partition("[")[0].partition(".")[0]


def _check_headings(unknown: list[str], known: list[str], all_: dict[str, str], sheet: str) -> None:
    """Refused, with the names, for a heading that nobody knows or that stands there twice."""
    where = _(" on the sheet “%(sheet)s”") % {"sheet": sheet} if sheet else ""
    if unknown:
        said = []
        for text in unknown[:5]:
            near = cells.nearest(text, all_.values())
            said.append(
                f"“{text[:60]}”" + (f" ({_('did you mean “%(word)s”?') % {'word': near[0]}})" if near else "")
            )
        raise Refused(
            _("These headings%(where)s are not known: %(headings)s. Correct or delete these columns."),
            code="unknown_headings", where=where, headings=", ".join(said),
        )  # fmt: skip
    twice = sorted({name for name in known if known.count(name) > 1})
    if twice:
        raise Refused(
            _("These headings%(where)s stand there twice: %(headings)s. Keep one column of each."),
            code="double_headings", where=where, headings=", ".join(f"“{all_[name]}”" for name in twice),
        )  # fmt: skip


def _named(fault: Fault, letters: dict[str, str]) -> Fault:
    """A fault with the heading in place of the column's letter."""
    return Fault(fault.sheet, fault.row, letters.get(fault.column) or fault.column, fault.sentence)


# --- Our workbook -------------------------------------------------------------------------------------------------


class _Sheet:
    """One sheet of the workbook by its columns."""

    def __init__(self, table: Table, shape: Sequence[Column]) -> None:
        by_heading = {column.heading.casefold(): column for column in shape}
        top, headings = (
            (table.rows[0][0], [cells.as_text(c) for c in table.rows[0][1]]) if table.rows else (1, [])
        )
        self.name, self.rows = table.name, table.rows[1:]
        self.places = {
            n: by_heading[text.casefold()] for n, text in enumerate(headings) if text.casefold() in by_heading
        }
        _check_headings(
            [text for n, text in enumerate(headings) if text and n not in self.places], [c.field for c in self.places.values()],
            {column.field: column.heading for column in shape}, table.name,
        )  # fmt: skip
        letters = {get_column_letter(n + 1): text for n, text in enumerate(headings)}
        self.faults = [_named(fault, letters) for fault in table.faults if fault.row > top]
        missing = [c.heading for c in shape[:2] if c not in self.places.values()] if table.rows else []
        if missing:
            raise Refused(
                _("The sheet “%(sheet)s” lacks the column “%(column)s”. Copy the headings from the empty workbook of this page."),
                code="columns_missing", sheet=table.name, column=missing[0],
            )  # fmt: skip
        self.headings = {column.field: column.heading for column in shape}

    def read(self, at: int, row: list[Any]) -> dict[str, Any]:
        """The values of one row, defaults where a cell is empty; unreadable cells become faults."""
        values: dict[str, Any] = {}
        for n, column in self.places.items():
            try:
                values[column.field] = column.read(row[n] if n < len(row) else None)
            except Unreadable as wrong:
                self.faults.append(Fault(self.name, at, column.heading, wrong.sentence))
                values[column.field] = column.usual
        extra = [n for n in range(len(row)) if n not in self.places and cells.as_text(row[n])]
        if extra:
            self.faults.append(
                Fault(
                    self.name,
                    at,
                    get_column_letter(extra[0] + 1),
                    _("There is something beside the table. Delete it."),
                )
            )
        return values


def _workbook(ours: dict[str, Table], others: list[str]) -> Content:
    first = _Sheet(ours[ACTIVITIES], columns.columns_of(ACTIVITIES))
    if len(first.rows) > files.MAX_ROWS:
        raise Refused(
            _("The sheet “%(sheet)s” has more than %(n)s rows. Split the file and import the parts one after the other."),
            code="too_many_rows", sheet=ACTIVITIES, n=f"{files.MAX_ROWS:,}",
        )  # fmt: skip
    faults = first.faults
    parts, rows_of, part_faults = _parts(ours)
    faults += part_faults
    entries: list[Entry] = []
    seen: dict[str, int] = {}
    fields = [column.field for column in columns.ACTIVITY]
    for at, row in first.rows:
        values = first.read(at, row)
        key = values.get("number", "")
        if key and key in seen:
            sentence = _("The same number stands in row %(row)s. One row per activity.") % {"row": seen[key]}
            faults.append(Fault(ACTIVITIES, at, "Number", sentence))
        seen.setdefault(key, at)
        mine: dict[str, Any] = parts.pop(key, {}) if key else {}
        activity = Activity(
            **{f: values[f] for f in fields if f in values} | {"name": values.get("name", "")}, **mine
        )
        faults += [_placed(p, at, rows_of.get(key, {})) for p in problems(activity)]
        entries.append(
            Entry(
                at,
                activity,
                number=key,
                **{name: values.get(name, "") for name in ("entity", "unit", "owner")},
                review_on=values.get("review_on"),
            )
        )
    for key in parts:
        sheet, at = next((sheet, ats[0]) for sheet, ats in rows_of[key].items())
        sentence = _("No row of the sheet “%(sheet)s” has the number “%(key)s”.") % {
            "sheet": ACTIVITIES,
            "key": key[:40],
        }
        faults.append(Fault(sheet, at, columns.KEY.heading, sentence))
    if not entries and not faults:
        raise Refused(_("The file has a heading and no activities."), code="no_rows")
    notes = [
        _("The sheet “%(sheet)s” was not read: it is none of this register’s.") % {"sheet": name[:60]}
        for name in others
    ]
    processors, wrong = _parties(ours, "Processors")
    mandates, wrong_too = _parties(ours, "Mandates")
    systems, wrong_also = _parties(ours, "Data systems")
    faults += wrong + wrong_too + wrong_also
    there = {column.field for column in first.places.values()}
    absent = [field for field in fields if field not in there]
    absent += [field for name, (field, _part, _shape) in columns.PARTS.items() if name not in ours]
    return Content("workbook", entries, faults, notes, processors, mandates, systems, tuple(absent))


def _parts(
    ours: dict[str, Table],
) -> tuple[dict[str, dict[str, tuple[Any, ...]]], dict[str, dict[str, list[int]]], list[Fault]]:
    """key of an activity → field → parts; key → sheet → the rows they stand in."""
    found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    rows_of: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    faults: list[Fault] = []
    for name, (field, part, shape) in columns.PARTS.items():
        if name not in ours:
            continue
        sheet = _Sheet(ours[name], columns.columns_of(name))
        required = shape[0].field
        for at, row in sheet.rows:
            values = sheet.read(at, row)
            key = values.pop("key", "")
            if not key:
                faults.append(
                    Fault(
                        name,
                        at,
                        columns.KEY.heading,
                        _("Write the number of the activity that this row belongs to."),
                    )
                )
                continue
            values.setdefault(required, "")
            if "name" in {column.field for column in shape}:
                values.setdefault("name", "")
            found[key][field].append(part(**values))
            rows_of[key][name].append(at)
        faults += sheet.faults
    return {key: {f: tuple(parts) for f, parts in of.items()} for key, of in found.items()}, rows_of, faults


SHEET_OF = {field: (name, shape) for name, (field, _part, shape) in columns.PARTS.items()}
HEADING_OF = {column.field: column.heading for column in columns.ACTIVITY}


def _placed(problem: Any, at: int, rows_of: dict[str, list[int]]) -> Fault:
    """The sheet, row and column of a problem whose path is field or field[2].part."""
    field = _field(problem.path)
    if field not in SHEET_OF:
        return Fault(ACTIVITIES, at, HEADING_OF.get(field, field), problem.sentence)
    name, shape = SHEET_OF[field]
    n = int(problem.path.partition("[")[2].partition("]")[0] or 0)
    part = problem.path.rpartition(".")[2]
    heading = next((column.heading for column in shape if column.field == part), part)
    rows = rows_of.get(name, [])
    return Fault(name, rows[n] if n < len(rows) else 0, heading, problem.sentence)


def _parties(ours: dict[str, Table], name: str) -> tuple[list[tuple[int, dict[str, Any]]], list[Fault]]:
    """(row, values) of the sheet of processors, mandates or systems."""
    if name not in ours:
        return [], []
    sheet = _Sheet(ours[name], columns.PARTIES[name])
    rows = [(at, sheet.read(at, row)) for at, row in sheet.rows]
    usual = {column.field: column.usual for column in columns.PARTIES[name]}
    return [(at, usual | values) for at, values in rows], sheet.faults
