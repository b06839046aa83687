"""What differs between two versions, field by field and element by element, in words that read without colour."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from governance.lib.dates import date_format
from governance.purposes import activity as activities
from governance.purposes import headings, lists, said, words
from governance.purposes.activity import Contact, Item, Keep, Recipient, SystemPart
from governance.purposes.rules_change import FieldChange

# What a part of a row is called on forms and in comparisons.
PARTS: dict[str, Any] = {
    "code": gettext_lazy("Code"), "name": gettext_lazy("Name"), "category": gettext_lazy("Kind of data"), "dpv": gettext_lazy("Term of DPV 2.3"),
    "sensitivity": gettext_lazy("Sensitivity"), "necessary": gettext_lazy("Needed for the purpose"), "why": gettext_lazy("Why it is needed"),
    "source": gettext_lazy("Where it comes from"), "captured": gettext_lazy("Sent by a capture client"), "fields": gettext_lazy("Kept of each event"),
    "mode": gettext_lazy("How it is taken"), "form": gettext_lazy("In which form"), "uses": gettext_lazy("Used for"), "origin": gettext_lazy("First collected"),
    "safeguards": gettext_lazy("Safeguards"), "kind": gettext_lazy("Kind of recipient"), "country": gettext_lazy("Country"),
    "processor": gettext_lazy("Processor"), "tool": gettext_lazy("Transfer tool"), "assessed_on": gettext_lazy("Transfer assessed on"),
    "note": pgettext_lazy("of a recipient", "Note"), "law": gettext_lazy("Law"), "start_event": gettext_lazy("Counted from"),
    "minimum": gettext_lazy("At least"), "maximum": gettext_lazy("At most"), "action": gettext_lazy("Then"), "source_of_law": gettext_lazy("Law or agreement"),
    "applies_from": gettext_lazy("Applied from"), "parts": gettext_lazy("Tables, columns or paths"), "contact": gettext_lazy("Contact"),
}  # fmt: skip
LISTS = activities.ITEM_ONE | activities.ITEM_MANY | {
    "kind": "recipient_kind", "tool": "tool", "start_event": "start_event", "action": "action"
}  # fmt: skip
# Fields that are rows: the part, and which of its fields tell one row from another.
ROWS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "items": (Item, ("code",)), "recipients": (Recipient, ("name",)), "keeps": (Keep, ("category", "law", "start_event")),
    "systems": (SystemPart, ("code",)), "joint_controllers": (Contact, ("name",)),
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One field in words. For lists: what came, what went, what changed within; for the rest: was and now."""

    field: str
    heading: str
    material: bool
    why: str
    cite: str
    was: list[Any] = field(default_factory=list)
    now: list[Any] = field(default_factory=list)
    added: list[Any] = field(default_factory=list)
    removed: list[Any] = field(default_factory=list)
    changed: list[Any] = field(default_factory=list)


def differences(changes: Iterable[FieldChange]) -> list[Difference]:
    """In the order given: material ones come first."""
    return [_difference(change) for change in changes]


def _difference(change: FieldChange) -> Difference:
    about = {
        "field": change.field, "heading": headings.heading(change.field), "material": change.material,
        "why": str(change.why), "cite": change.cite,
    }  # fmt: skip
    if change.field in ROWS:
        return Difference(**about, **_rows(change.field, change.was or (), change.now or ()))  # type: ignore[arg-type]
    if isinstance(change.was or change.now, (list, tuple)):
        was, now = list(change.was or ()), list(change.now or ())
        return Difference(
            **about,  # type: ignore[arg-type]
            added=lines(change.field, [one for one in now if one not in was]),
            removed=lines(change.field, [one for one in was if one not in now]),
        )
    return Difference(**about, was=lines(change.field, change.was), now=lines(change.field, change.now))  # type: ignore[arg-type]


def lines(name: str, value: Any) -> list[Any]:
    """One field of an Activity, given plain, as cells; empty where nothing is recorded."""
    if value in (None, "", [], (), False) and name != "training_allowed":
        return []
    fact = said.fact(activities.load({"name": "-", name: value}), name)
    return list(fact.get("lines") or [fact["value"]])


def _rows(
    name: str, was: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]]
) -> dict[str, list[Any]]:
    part, keys = ROWS[name]
    before, after = _by_key(was, keys), _by_key(now, keys)
    return {
        "added": [_row(name, part, row) for key, row in after.items() if key not in before],
        "removed": [_row(name, part, row) for key, row in before.items() if key not in after],
        "changed": [
            {"text": _name(row, keys), "note": "; ".join(_parts(name, before[key], row))}
            for key, row in after.items()
            if key in before and before[key] != row
        ],
    }


def _by_key(rows: Iterable[Mapping[str, Any]], keys: tuple[str, ...]) -> dict[Any, Mapping[str, Any]]:
    """Rows that share a key (two recipients of one name) are told apart by their place."""
    found: dict[Any, Mapping[str, Any]] = {}
    for row in rows:
        key, n = tuple(row.get(k, "") for k in keys), 0
        while (key, n) in found:
            n += 1
        found[key, n] = row
    return found


def _row(name: str, part: Any, row: Mapping[str, Any]) -> Any:
    return said.LINES[name](msgspec.convert(row, part))


def _name(row: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    if "name" in row:
        return str(row["name"])
    return " · ".join(part_value(k, row.get(k)) for k in keys if row.get(k))


def _parts(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [
        _("%(part)s: %(was)s → %(now)s")
        % {
            "part": part_label(name, k),
            "was": part_value(k, before.get(k)),
            "now": part_value(k, after.get(k)),
        }
        for k in dict.fromkeys([*before, *after])
        if before.get(k) != after.get(k)
    ]


def part_label(rows: str, part: str) -> str:
    return str(PARTS["source_of_law" if (rows, part) == ("keeps", "source") else part])


def part_value(part: str, value: Any) -> str:
    """One field of a row in words; a dash where it is empty."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if not value:
        return "–"
    if isinstance(value, (list, tuple)):
        return ", ".join(part_value(part, one) for one in value)
    if part == "fields":
        return words.field(value)
    if part == "category":
        return lists.category(value)
    if part == "law":
        return words.law(value)
    if part in ("minimum", "maximum"):
        return words.period(value)
    if part in ("assessed_on", "applies_from"):
        return date_format(date.fromisoformat(value) if isinstance(value, str) else value, "j F Y")
    if part in LISTS and value in lists.codes(LISTS[part]):
        return lists.label(LISTS[part], value)
    return str(value)
