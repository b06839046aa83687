"""The data map of a database: its shape, and in which order the tables are worked on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

ACTIONS = ("erase", "null", "replace")
WAYS = ("null", "replace", "hash")
KNOWN_BY = ("number", "email", "name")


@dataclass(frozen=True)
class Through:
    column: str  # in this table
    table: str  # the table it points to, itself on the map
    key: str  # the column there


@dataclass(frozen=True)
class Entry:
    """One table. Exactly one of `column`, `through` and `text` says how the person is found."""

    name: str
    action: str
    column: str = ""
    is_: str = ""
    through: Through | None = None
    text: tuple[str, ...] = ()
    time: str = ""
    columns: tuple[str, ...] = ()
    # How the row loses its person and stays, where a rule anonymises: (column, null | replace | hash); None: it cannot.
    anonymise: tuple[tuple[str, str], ...] | None = None


def read(data_map: Mapping[str, Any]) -> dict[str, Entry]:
    """Table → entry, children before the tables they point to. Raises Refused."""
    check(data_map)
    entries = {}
    for row in data_map["tables"]:
        find = row["find"]
        entries[row["table"]] = Entry(
            name=row["table"], action=row["action"], column=find.get("column", ""), is_=find.get("is", ""),
            through=Through(**find["through"]) if "through" in find else None, text=tuple(find.get("text", ())),
            time=row.get("time", ""), columns=tuple(row.get("columns", ())),
            anonymise=tuple(row["anonymise"].items()) if "anonymise" in row else None,
        )  # fmt: skip
    return dict(sorted(entries.items(), key=lambda pair: -_depth(pair[1], entries)))


def _depth(entry: Entry, entries: Mapping[str, Entry], seen: tuple[str, ...] = ()) -> int:
    if entry.through is None:
        return 0
    if entry.name in seen:
        raise Refused(_("The tables of this map point to each other in a circle."), code="map_circle")
    return 1 + _depth(entries[entry.through.table], entries, (*seen, entry.name))


def keeps(data_map: Mapping[str, Any]) -> Mapping[str, str]:
    """Table, or table.column → why what stands there stays."""
    found: Mapping[str, str] = data_map.get("keep", {})
    return found


def classified(entry: Entry) -> frozenset[str] | None:
    """The columns of which the map says what becomes of them; None: the whole row goes, and all of them with it."""
    if entry.action == "erase":
        return None
    through = (entry.through.column,) if entry.through else ()
    return frozenset({*entry.columns, *entry.text, *through, entry.column, entry.time} - {""})


def check(data_map: Mapping[str, Any]) -> None:
    """Raises Refused with the table and what is wrong with it."""
    keep = data_map.get("keep", {})
    if not isinstance(keep, Mapping) or not all(
        isinstance(why, str) and why.strip() for why in keep.values()
    ):
        raise Refused(_("What is kept stands with its reason."), code="map_keeps_without_reason")
    if set(data_map) - {"tables", "keep"}:
        raise Refused(
            _("A map of a database names tables and what is kept, and nothing else."), code="map_wrong"
        )
    rows = data_map.get("tables")
    if not isinstance(rows, list) or not rows:
        raise Refused(_("A map names at least one table."), code="map_empty")
    names = [row.get("table", "") for row in rows]
    for row in rows:
        why = _wrong(row, names)
        if why:
            raise Refused(
                _("The map of “%(table)s” cannot be read: %(why)s."),
                code="map_wrong",
                table=row.get("table", "?"),
                why=why,
            )
    entries = {
        row["table"]: Entry(
            row["table"],
            row["action"],
            through=Through(**row["find"]["through"]) if "through" in row["find"] else None,
        )
        for row in rows
    }
    for entry in entries.values():
        _depth(entry, entries)


def _wrong(row: Mapping[str, Any], names: list[str]) -> Any:
    find = row.get("find")
    if not row.get("table") or names.count(row["table"]) > 1:
        return _("each table stands once, with its name")
    if row.get("action") not in ACTIONS:
        return _("the action is erase, null or replace")
    if not isinstance(find, Mapping) or len({"column", "through", "text"} & set(find)) != 1:
        return _("the person is found by column, through another table or in text")
    if "column" in find and find.get("is") not in KNOWN_BY:
        return _("the column holds a number, an email or a name")
    if "through" in find and (
        set(find["through"]) != {"column", "table", "key"} or find["through"]["table"] not in names
    ):
        return _("it leads through a table that is not on the map")
    if "text" in find and (row["action"] != "replace" or not find["text"]):
        return _("in free text the person is replaced; name the columns")
    if "text" not in find and row["action"] != "erase" and not row.get("columns"):
        return _("name the columns to empty or replace")
    if "anonymise" in row and (
        not isinstance(row["anonymise"], Mapping)
        or set(row["anonymise"].values()) - set(WAYS)
        or ("column" in find and find["column"] not in row["anonymise"])
    ):
        return _(
            "to anonymise, name columns with null, replace or hash, and among them the one that finds the person"
        )
    if set(row) - {"table", "find", "time", "action", "columns", "anonymise"}:
        return _("there are words in it that nobody knows")
    return ""
