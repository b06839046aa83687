"""Extract of the audit log of a month, with the place of every entry and the checkpoints that hold it, checked when read.

Ids are cut as on the page of the log: whoever reads it recognises a thing that they know, and finds nobody.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.audit import merkle, shown
from governance.audit.models import Checkpoint, Entry, Leaf
from governance.lib import clock
from governance.lib.canonical import canonical
from governance.people.models import Entity
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds import period as periods
from governance.reports.kinds.subject import Subject
from governance.reports.models import Report
from governance.reports.words import Frame

MOST = 100_000  # entries on paper; the log itself holds all
TABLE, WHOLE = (
    1_000,
    10_000,
)  # rows: up to here a table, up to there lines of one tagged document, then lines that are bound (reports.bound)
BLOCK = 60  # lines laid out at once
HEADS = ("position", "at", "code", "about", "by", "leaf")
BATCH_HEADS = ("number", "positions", "at", "root", "kid", "computed")
MARKS = {True: "=", False: "≠ WRONG", None: "…"}
LABELS = {
    "entries": gettext_lazy("Entries of the period"), "sealed": gettext_lazy("Of these with a place in the log"),
    "right": gettext_lazy("Of these whose leaf is right"), "wrong": gettext_lazy("Of these whose leaf is wrong"),
    "batches": gettext_lazy("Checkpoints that hold them"), "roots": gettext_lazy("Of these whose root was computed again and is right"),
}  # fmt: skip


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    return Subject(entity.name) if periods.in_scope(scope, entity) else None


def settled(scope: dict[str, str]) -> bool:
    return True


def facts(report: Report) -> dict[str, Any]:
    """Raises LookupError without a period."""
    period = periods.of(report.scope["period"])
    if period is None:
        raise LookupError("period")
    start, end = period.moments(report.entity.timezone)
    rows = Entry.objects.filter(at__gte=start, at__lt=end)
    total = rows.count()
    since = rows.order_by("-id").values_list("id", flat=True)[MOST - 1 : MOST].first() if total > MOST else 0
    rows = rows.filter(id__gte=since)
    # A few at a time: what is kept of each is small, the rows themselves are not.
    checked = [_entry(entry) for entry in rows.select_related("leaf").order_by("id").iterator(2_000)]
    numbers = sorted({row["checkpoint"] for row in checked if row["checkpoint"] is not None})
    held = [
        _batch(batch) for batch in Checkpoint.objects.filter(pk__in=numbers).order_by("number").iterator(500)
    ]
    figures = sheets.Figures()
    asked = f"Entry: at >= {start.date()}, at < {end.date()}"
    figures.add("entries", asked, total)
    newest = f"{asked}; the newest {MOST}"
    figures.add("sealed", f"{newest}; with a Leaf", sum(row["leaf_is_right"] is not None for row in checked))
    figures.add(
        "right",
        f"{newest}; SHA-256 of the entry computed again and equal to its leaf",
        sum(row["leaf_is_right"] is True for row in checked),
    )
    figures.add(
        "wrong",
        f"{newest}; SHA-256 of the entry computed again and not equal to its leaf",
        sum(row["leaf_is_right"] is False for row in checked),
    )
    figures.add("batches", f"{newest}; different checkpoints", len(held))
    figures.add(
        "roots",
        f"{newest}; Merkle root over all leaves of the checkpoint computed again",
        sum(row["root_is_right"] for row in held),
    )
    return {
        "period": period.plain, "figures": figures.rows, "left_out": max(0, total - MOST), "entries": checked, "checkpoints": held,
        "kept_since": Entry.objects.aggregate(at=Min("at"))["at"] or clock.now() - timedelta(0),
    }  # fmt: skip


def _entry(entry: Entry) -> dict[str, Any]:
    leaf: Leaf | None = getattr(entry, "leaf", None)
    return {
        "id": entry.pk, "at": entry.at, "code": entry.code, "by": shown.by(entry), "kept_back": entry.by_id is not None and not shown.by(entry), "about_kind": entry.about_kind,
        "about": str(entry.about_id or "")[:8], "position": leaf.position if leaf else None, "checkpoint": leaf.batch_id if leaf else None,
        "leaf": bytes(leaf.hash).hex() if leaf else None,
        "leaf_is_right": bytes(leaf.hash) == merkle.leaf_hash(canonical(entry.body())) if leaf else None,
    }  # fmt: skip


def _batch(batch: Checkpoint) -> dict[str, Any]:
    hashes = [
        bytes(row)
        for row in Leaf.objects.filter(batch=batch).order_by("position").values_list("hash", flat=True)
    ]
    return {
        "number": batch.number, "first": batch.first, "count": batch.count, "at": batch.at, "root": bytes(batch.root).hex(),
        "hash": bytes(batch.hash).hex(), "kid": batch.kid, "root_is_right": merkle.root(hashes) == bytes(batch.root),
    }  # fmt: skip


def entry_lines(content: dict[str, Any], frame: Frame) -> Iterator[str]:
    """The heads, then a line each. The names of the columns are those of the attached file, in every language."""
    return _lines(HEADS, (
        (
            "…" if row["position"] is None else str(row["position"]), _local(row["at"], frame), row["code"],
            f"{row['about_kind']} {row['about']}".strip(), row["by"] or "-", MARKS[row["leaf_is_right"]],
        )
        for row in content["entries"]
    ))  # fmt: skip


def batch_lines(content: dict[str, Any], frame: Frame) -> Iterator[str]:
    return _lines(BATCH_HEADS, (
        (
            str(row["number"]), f"{row['first']}-{row['first'] + row['count'] - 1}", _local(row["at"], frame), row["root"], row["kid"],
            MARKS[row["root_is_right"]],
        )
        for row in content["checkpoints"]
    ))  # fmt: skip


def _local(iso: str, frame: Frame) -> str:
    return datetime.fromisoformat(iso).astimezone(frame.zone).isoformat(" ", "seconds")


def _lines(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    """Columns as wide as their widest cell: nothing is cut."""
    told = [heads, *rows]
    widths = [max(len(row[at]) for row in told) for at in range(len(heads))]
    return (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in told
    )


def is_long(content: dict[str, Any]) -> bool:
    return len(content["entries"]) > WHOLE or len(content["checkpoints"]) > WHOLE


def _rows(count: int, table: dict[str, Any], lines: Iterator[str]) -> dict[str, Any]:
    """The part of a section that holds the rows, by how many there are."""
    if count <= TABLE:
        return {"tables": [table]}
    if count <= WHOLE:
        told = list(lines)
        return {"lines": ["\n".join([told[0], *told[at : at + BLOCK]]) for at in range(1, len(told), BLOCK)]}
    return {}


def _said_of_lines(count: int) -> list[str]:
    if count <= TABLE:
        return []
    read = _(
        "One line each, with the column names of the attached file. The last column: = right, ≠ WRONG, … not sealed yet."
    )
    if count <= WHOLE:
        return [read]
    return [
        read,
        _("The %(count)s rows stand on the pages after this part, and in the attached file.")
        % {"count": say.number(count)},
    ]


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    shown = content["entries"] if len(content["entries"]) <= TABLE else []
    closed = content["checkpoints"] if len(content["checkpoints"]) <= TABLE else []
    entries = [
        [
            str(row["position"]) if row["position"] is not None else _("being sealed"), frame.minute(row["at"]), row["code"],
            f"{row['about_kind']} {row['about']}".strip(), row["by"] or (_("kept back") if row.get("kept_back") else _("the portal itself")),
            {True: _("right"), False: _("WRONG"), None: _("not yet")}[row["leaf_is_right"]],
        ]
        for row in shown
    ]  # fmt: skip
    batches = [
        [
            str(row["number"]), f"{row['first']}–{row['first'] + row['count'] - 1}", frame.minute(row["at"]), row["root"], row["kid"],
            _("right") if row["root_is_right"] else _("WRONG"),
        ]
        for row in closed
    ]  # fmt: skip
    wrong = any(row["leaf_is_right"] is False for row in content["entries"]) or any(
        not row["root_is_right"] for row in content["checkpoints"]
    )
    return {
        "head": {"subtitle": sheets.period_name(content["period"])},
        "intro": [
            _("Something in this extract is not as it was sealed. The rows are marked; have the whole log verified.") if wrong
            else _("Every sealed entry of this extract was checked against its leaf, and every checkpoint against its leaves, when the facts were read. Nothing was found changed."),
            _("The log is kept since %(at)s. It is one log for all entities of this installation.") % {"at": frame.moment(content["kept_since"])},
        ],
        "sections": [
            sheets.section(_("In figures"), figures=sheets.figures(content["figures"], LABELS)),
            sheets.section(_("Checkpoints"), text=_said_of_lines(len(content["checkpoints"])), **_rows(len(content["checkpoints"]), sheets.table(
                _("Checkpoints that hold these entries"), [_("Number"), _("Positions"), _("Closed"), _("Root"), _("Key"), _("Computed again")], batches,
                none=_("Nothing of it is sealed yet."),
            ), batch_lines(content, frame))),
            sheets.section(_("Entries"), text=([_("%(count)s earlier entries of the period are left out here. The log holds them.") % {"count": say.number(content["left_out"])}] if content["left_out"] else []) + _said_of_lines(len(content["entries"])),
                **_rows(len(content["entries"]), sheets.table(
                    _("Oldest first"), [_("Position"), _("When"), _("What"), _("About"), _("By"), _("Leaf")], entries, none=_("Nothing was recorded in this period."),
                ), entry_lines(content, frame))),
            sheets.limits(
                _("The first eight signs of each id stand here. The log holds ids, codes and counts, and no names."),
                _("The signatures of the checkpoints, and the copies of them outside the database, are checked by verifying the whole log, not here."),
            ),
            sheets.sources(content["figures"]),
        ],
    }  # fmt: skip
