"""The sections of an entry as they are read: tables for rows, facts for the rest, and which law asks for what is empty."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from governance.purposes import comparing, completeness, entry, headings, lists, said, words
from governance.purposes import sections as parts
from governance.purposes.activity import Activity, Item, laws
from governance.purposes.entry import Entry
from governance.purposes.forms_fields import short_term
from governance.purposes.models import RetentionRule


def asked_by(a: Activity, on: date) -> dict[str, str]:
    """Field → the provisions that ask for it of this activity; a field that nobody asks for is left out."""
    found: dict[str, list[str]] = {}
    for row in completeness.asked(Entry(a, entry.Beside())):
        if cite := completeness.cite(row, on):
            found.setdefault(row.field, []).append(cite)
    return {name: "; ".join(dict.fromkeys(cites)) for name, cites in found.items()}


@dataclass(frozen=True)
class Table:
    caption: str
    columns: list[dict[str, Any]]
    rows: list[list[Any]]
    none: str
    asked: str = ""
    bare: bool = False  # the section's own title says what it is


@dataclass
class Shown:
    """One section: `silent` names the fields in which nothing is recorded and for which nobody asks here."""

    code: str
    title: str
    facts: list[dict[str, Any]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    silent: str = ""


@dataclass(frozen=True)
class Beside:
    """What other tables know: names of systems and processors by code, state of the assessment of an item."""

    systems: Mapping[str, tuple[str, str, str]] = field(
        default_factory=dict
    )  # code → name, what lies there, country
    processors: Mapping[str, str] = field(default_factory=dict)
    assessed: Mapping[str, Any] | None = None  # item → cell; None: not asked


def sections(activity: Activity, on: date, beside: Beside | None = None) -> list[Shown]:
    asked = asked_by(activity, on)
    return [_section(section, activity, beside or Beside(), asked) for section in parts.SECTIONS]


def _section(section: parts.Section, a: Activity, beside: Beside, asked: Mapping[str, str]) -> Shown:
    shown, silent = Shown(section.code, str(section.title)), []
    for name in section.fields:
        if name in TABLES:
            if getattr(a, name) or name != "joint_controllers":
                table = replace(TABLES[name](a, beside), asked=asked.get(name, ""))
                shown.tables.append(
                    replace(
                        table, bare=table.caption == shown.title and (bool(table.rows) or not table.asked)
                    )
                )
            continue
        fact = said.fact(a, name)
        if name == "laws":  # those that follow from the countries too
            fact["lines"] = [words.law(code) for code in laws(a)]
        if fact.get("value") or fact.get("lines") or name in asked:
            shown.facts.append(fact | {"asked": asked.get(name, "")})
        else:
            silent.append(headings.heading(name))
    shown.silent = ", ".join(silent)
    return shown


def _columns(*labels: Any) -> list[dict[str, Any]]:
    return [{"label": str(label)} for label in labels]


P = comparing.PARTS


def _items(a: Activity, beside: Beside) -> Table:
    columns = _columns(_("Data item"), _("Kind and sensitivity"), P["source"], P["why"])
    if beside.assessed is not None:
        columns += _columns(_("Value assessment"))
    return Table(_("Data items"), columns, [_item(item, beside) for item in a.items], _("not recorded"))


def _item(item: Item, beside: Beside) -> list[Any]:
    kept = ", ".join(str(words.field(code)) for code in (*words.always_kept(item.code), *item.fields))
    captured = _("Kept of each event: %(fields)s.") % {"fields": kept} if item.captured else ""
    kind = lists.category(item.category) if item.category else ""
    safe = ", ".join(lists.label("safeguard", code) for code in item.safeguards)
    sensitivity = (
        lists.label("sensitivity", item.sensitivity) if item.sensitivity else _("sensitivity not recorded")
    )
    row: list[Any] = [
        {"text": item.name, "note": item.code},
        {"text": kind or _("not recorded"), "note": " · ".join(filter(None, [sensitivity, short_term(item.dpv) if item.dpv else ""]))},
        lists.label("source", item.source) if item.source else {"note": _("not recorded")},
        {"text": item.why or _("not recorded"), "note": " ".join(filter(None, [captured, f"{safe}." if safe else ""]))}
        if item.necessary
        else {"state": "no", "word": _("not needed for the purpose"), "colour": "warn", "note": item.why},
    ]  # fmt: skip
    if beside.assessed is not None:
        row.append(
            beside.assessed.get(
                item.code, {"state": "never", "word": _("none"), "colour": "warn"} if item.captured else ""
            )
        )
    return row


def _recipients(a: Activity, beside: Beside) -> Table:
    columns = _columns(_("Recipient"), P["kind"], P["country"], P["tool"], P["assessed_on"])
    rows = [
        [
            {"text": r.name, "note": "; ".join(filter(None, [_("processor: %(name)s") % {"name": beside.processors.get(r.processor, r.processor)} if r.processor else "", r.note]))},
            lists.label("recipient_kind", r.kind), r.country,
            lists.label("tool", r.tool) if r.tool else "",
            comparing.part_value("assessed_on", r.assessed_on) if r.assessed_on else "",
        ]
        for r in a.recipients
    ]  # fmt: skip
    return Table(_("Who gets the data"), columns, rows, _("not recorded"))


def _starts(code: str) -> dict[str, str]:
    silent = code in RetentionRule.NOT_ENFORCED
    note = _("Not enforced: nothing tells Sammati when it begins.") if silent else ""
    return {"text": lists.label("start_event", code), "note": note}


def _keeps(a: Activity, _beside: Beside) -> Table:
    columns = _columns(
        _("Data"), P["law"], P["start_event"], P["minimum"], P["maximum"], P["action"], P["source_of_law"]
    )
    rows = [
        [
            k.category, words.law(k.law) if k.law else "", _starts(k.start_event), words.period(k.minimum) or _("none"),
            words.period(k.maximum) or _("no end"), lists.label("action", k.action),
            {"text": k.source, "note": _("applied from %(day)s") % {"day": comparing.part_value("applies_from", k.applies_from)} if k.applies_from else ""},
        ]
        for k in a.keeps
    ]  # fmt: skip
    return Table(_("Periods"), columns, rows, _("not recorded: nothing is erased by itself"))


def _systems(a: Activity, beside: Beside) -> Table:
    columns = _columns(_("System"), _("What lies there"), P["parts"], P["country"])
    rows = []
    for system in a.systems:
        name, holds, country = beside.systems.get(system.code, (system.code, "", ""))
        rows.append(
            [
                {"text": name, "note": system.code if name != system.code else ""},
                holds,
                ", ".join(system.parts),
                country,
            ]
        )
    named = {system.code for system in a.systems}
    for code, (name, holds, country) in sorted(beside.systems.items(), key=lambda one: one[1]):
        if code not in named:  # connected for this purpose since: an erasure looks there, so the page says so
            rows.append(
                [
                    {"text": name, "note": _("not named here, but searched by every erasure")},
                    holds,
                    "",
                    country,
                ]
            )
    return Table(_("Systems"), columns, rows, _("not recorded"))


def _contacts(a: Activity, _beside: Beside) -> Table:
    columns = _columns(_("Name"), P["contact"])
    return Table(
        _("Joint controllers"), columns, [[c.name, c.contact] for c in a.joint_controllers], _("none")
    )


TABLES: dict[str, Callable[[Activity, Beside], Table]] = {
    "items": _items, "recipients": _recipients, "keeps": _keeps, "systems": _systems, "joint_controllers": _contacts,
}  # fmt: skip
