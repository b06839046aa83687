"""The sheets of processors, mandates and data systems: rows of those registers, out and in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from governance.lib.refusals import reason
from governance.people.models import Entity, Person
from governance.purposes import rules
from governance.purposes.exchange import cells, columns, reading
from governance.purposes.exchange.cells import Fault
from governance.purposes.models import DataSystem, Mandate, Processor

SHEETS = {"processor": "Processors", "mandate": "Mandates", "system": "Data systems"}
KEEPS = {
    "processor": "purposes.edit_processors", "mandate": "purposes.edit_processors", "system": "purposes.edit_systems",
}  # fmt: skip
REQUIRED = {
    "processor": ("code", "name", "country"),
    "system": ("code", "name", "holds", "country"),
    "mandate": ("controller_name", "controller_contact", "controller_country", "categories"),
}
SEPARATOR = " | "


@dataclass(frozen=True)
class Change:
    """One row of a party's sheet. `fields`: of the model, what would be different (of a new one: all)."""

    what: str  # processor | mandate | system
    kind: str  # new | changed | unchanged
    at: int
    key: str  # its code, or its number
    entity: Entity
    values: dict[str, Any]
    fields: tuple[str, ...] = ()
    owner: Person | None = None  # of a system: the person whose staff number the row has


def shown(party: Processor | Mandate | DataSystem) -> dict[str, Any]:
    """The columns of a party or system as the workbook writes them."""
    what = {Processor: "processor", Mandate: "mandate", DataSystem: "system"}[type(party)]
    sheet = SHEETS[what]
    values = {c.field: getattr(party, c.field) for c in columns.PARTIES[sheet] if c.field != "entity"}
    return {name: _out(name, value) for name, value in values.items()} | {"entity": party.entity.code}


def in_json(sheet: str) -> JSONObject:
    """The columns of one row as the database writes JSON, so that several registers come in one query; `from_json` reads it."""
    names = [column.field for column in columns.PARTIES[sheet] if column.field != "entity"]
    return JSONObject(**{name: "owner__number" if name == "owner" else name for name in names})


def from_json(sheet: str, row: dict[str, Any], entity: str) -> dict[str, Any]:
    """The same as `shown` of that row; `entity`: the code."""
    values = from_plain(sheet, row)
    return {name: _out(name, value) for name, value in values.items()} | {"entity": entity}


def _out(name: str, value: Any) -> Any:
    if name == "subprocessors":
        return tuple(say_sub(one) for one in value)
    if name == "owner":
        return (getattr(value, "number", value) or "") if value else ""
    if isinstance(value, list):
        return tuple(value)
    return cells.tidy(value) if isinstance(value, str) else value


def say_sub(one: Mapping[str, Any]) -> str:
    """Cloudhost GmbH | DE | 2026-01-02"""
    return SEPARATOR.join(
        cells.one_line(str(one.get(name) or "")) or cells.NOTHING for name in ("name", "country", "agreed_on")
    )


def read_sub(line: str) -> dict[str, str]:
    parts = line.rsplit(SEPARATOR, 2)
    said = dict(
        zip(("name", "country", "agreed_on"), parts if len(parts) == 3 else [line, "", ""], strict=True)
    )
    return {name: text for name, text in said.items() if text and text != cells.NOTHING}


def from_plain(sheet: str, values: dict[str, Any]) -> dict[str, Any]:
    """Values of a row that went through JSON."""
    kinds = {column.field: column for column in columns.PARTIES[sheet]}
    return {
        name: date.fromisoformat(value)
        if kinds[name].kind == "day" and value
        else tuple(value)
        if isinstance(kinds[name].usual, tuple)
        else value
        for name, value in values.items()
    }


def judge(
    content: reading.Content, *, by: Person, all_: Mapping[str, Entity]
) -> tuple[list[Change], list[Fault]]:
    changes: list[Change] = []
    faults: list[Fault] = []
    mandates = {m.number: m for m in Mandate.objects.select_related("entity")} if content.mandates else {}
    processors = {p.code: p for p in Processor.objects.select_related("entity")} if content.processors else {}
    systems = (
        {s.code: s for s in DataSystem.objects.select_related("entity", "owner")} if content.systems else {}
    )
    owners = {values["owner"] for _at, values in content.systems} - {""}
    people = {p.number: p for p in Person.objects.filter(number__in=owners, is_active=True)}
    for what, rows, known in (
        ("processor", content.processors, processors),
        ("mandate", content.mandates, mandates),
        ("system", content.systems, systems),
    ):
        may = by.entities_where(KEEPS[what])
        seen: dict[str, int] = {}
        for at, values in rows:
            key = values["number"] if what == "mandate" else values["code"]
            there: Any = known.get(key)
            found = _faults(what, values, all_, there)
            if what == "system" and values["owner"] and values["owner"] not in people:
                found.append(("Owner (staff number)", _("No person has this staff number.")))
            if key and key in seen:
                found.append(
                    (
                        _key_of(what),
                        _("The same stands in row %(row)s. One row of each.") % {"row": seen[key]},
                    )
                )
            seen.setdefault(key, at)
            if found:
                faults += [Fault(SHEETS[what], at, column, sentence) for column, sentence in found]
                continue
            change = _compare(
                what,
                at,
                key,
                values,
                all_[values["entity"].casefold()] if values["entity"] else there.entity,
                there,
            )
            if what == "system":
                change = replace(change, owner=people.get(values["owner"]))
            homes = {change.entity.pk, there.entity_id if there is not None else change.entity.pk}
            if change.kind != "unchanged" and not homes <= may:
                faults.append(
                    Fault(
                        SHEETS[what],
                        at,
                        "Entity",
                        _("You do not keep the register of systems of this entity. Leave this row as it was.")
                        if what == "system"
                        else _(
                            "You do not keep the processor register of this entity. Leave this row as it was."
                        ),
                    )
                )
                continue
            if change.kind == "changed" and getattr(there, "retired_at", None) is not None:
                sentence = _("This system has left the register. Enter it anew, if data lie there again.")
                faults.append(Fault(SHEETS[what], at, "Code", sentence))
                continue
            changes.append(change)
    return changes, faults


def _key_of(what: str) -> str:
    return "Number" if what == "mandate" else "Code"


def _faults(
    what: str, values: dict[str, Any], all_: Mapping[str, Entity], there: Any
) -> list[tuple[str, str]]:
    headings = {column.field: column.heading for column in columns.PARTIES[SHEETS[what]]}
    found = [(headings[name], _("This may not be empty.")) for name in REQUIRED[what] if not values[name]]
    if values["entity"] and values["entity"].casefold() not in all_:
        found.append(
            (headings["entity"], columns.unknown(values["entity"], sorted({e.code for e in all_.values()})))
        )
    if not values["entity"] and there is None:
        found.append((headings["entity"], _("Write the code of the entity.")))
    if what != "mandate" and values["code"] and not columns_code(values["code"]):
        found.append((headings["code"], _("A code has small letters, digits, _ and -, at most 40.")))
    if what == "mandate" and values["number"] and not _is_number(values["number"]):
        found.append((headings["number"], _("A number looks like M-0001. Leave it empty for a new row.")))
    longest = {
        "name": 200,
        "contact": 300,
        "contract": 200,
        "controller_name": 200,
        "controller_contact": 300,
        "representative": 300,
        "dpo": 300,
    }
    found += [
        (headings[n], _("This is longer than %(n)s characters.") % {"n": most})
        for n, most in longest.items()
        if len(values.get(n, "")) > most
    ]
    if what == "system" and (long := [part for part in values["parts"] if len(part) > 300]):
        sentence = _("This is longer than %(n)s characters.") % {"n": 300}
        found.append((headings["parts"], f"{long[0][:40]}…: {sentence}"))
    if what == "processor" and (why := reason(rules.check_processor, values)):
        found.append((headings["contract_until"], why))
    return found


def columns_code(text: str) -> bool:
    return (
        len(text) <= 40
        and text.replace("-", "").replace("_", "").isalnum()
        and text.isascii()
        and text == text.lower()
    )


def _is_number(text: str) -> bool:
    return text.startswith("M-") and text[2:].isdigit() and 4 <= len(text) - 2 <= 6


def _compare(what: str, at: int, key: str, values: dict[str, Any], entity: Entity, there: Any) -> Change:
    stored = {name: value for name, value in values.items() if name != "entity"}
    if there is None:
        return Change(what, "new", at, key, entity, stored, tuple(stored))
    was = shown(there)
    fields = tuple(name for name, value in stored.items() if value != was[name])
    if entity.pk != there.entity_id:
        fields = (*fields, "entity")
    return Change(what, "changed" if fields else "unchanged", at, key, entity, stored, fields)


def fields_of(change: Change) -> dict[str, Any]:
    """The columns of the model that the change writes."""
    values = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in change.values.items()
        if name in change.fields
    }
    if "subprocessors" in values:
        values["subprocessors"] = [read_sub(line) for line in values["subprocessors"]]
    if "owner" in values:
        values["owner"] = change.owner
    if "entity" in change.fields and change.kind == "changed":
        values["entity"] = change.entity
    if change.kind == "new" and change.what == "mandate":
        values.pop("number", None)
    return values
