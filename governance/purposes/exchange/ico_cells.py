"""How a data item, a recipient, a period, a contact reads as one line of an ICO cell, and what such a line says.

A line is written so that people can read it. Where that line would be read as something else (a name with a bracket, a
text over two lines), the same part is written as JSON on one line instead: rare, ugly, and never wrong.
"""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec

from governance.purposes import lists
from governance.purposes.activity import COUNTRY, Activity, Contact, Item, Keep, Part, Recipient
from governance.purposes.exchange import cells

MARK = "Note:"
Reader = Callable[[str], list[Any]]


def lines(parts: tuple[Any, ...], says: Callable[[Any], str], reads: Reader) -> list[str]:
    found = []
    for part in parts:
        line = says(part)
        if "\n" in line or line != line.strip() or reads(line) != [part]:
            line = json.dumps(msgspec.to_builtins(cells.without_defaults(part)), ensure_ascii=False)
        found.append(line)
    return found


def from_json(line: str, kind: type[Part]) -> list[Any]:
    """The part that a line of JSON holds; empty for any other line."""
    if not line.startswith("{"):
        return []
    try:
        return [msgspec.convert(json.loads(line), kind)]
    except (ValueError, msgspec.ValidationError):
        return []


def joined(said: list[str], note: str, leads: Callable[[str], bool]) -> str:
    """The lines, then the note; “Note:” between them where the note's first line would be taken for one more."""
    if not note:
        return "\n".join(said)
    first = note.split("\n", 1)[0].strip()
    return "\n".join([*said, *([MARK] if leads(first) or first == MARK else []), note])


def parted(text: str, leads: Callable[[str], bool], at_most: int = 10_000) -> tuple[list[str], str]:
    """The leading lines that say something structured, and the rest as it stands."""
    found = [line.strip() for line in text.split("\n")]
    n = 0
    while n < min(len(found), at_most) and found[n] and leads(found[n]):
        n += 1
    rest = text.split("\n")[n:]
    if rest and rest[0].strip() == MARK:
        rest = rest[1:]
    return found[:n], "\n".join(rest).strip()


# --- Data items ---------------------------------------------------------------------------------------------------

ITEM = re.compile(r"(?P<name>.*?)(?: \[(?P<code>[a-z0-9][a-z0-9_-]{0,39})\])?(?: \((?P<about>[^()]+)\))?")


def kept_item(item: Item) -> Item:
    """What the ICO's column can hold of a data item."""
    return Item(
        code=item.code, name=item.name, category=item.category, dpv=item.dpv, sensitivity=item.sensitivity,
        necessary=item.necessary, source=item.source, captured=item.captured, fields=item.fields if item.captured else (),
    )  # fmt: skip


def say_item(item: Item) -> str:
    """Salary (PAY, S1, pd:Salary)"""
    about = [part for part in (item.category, item.sensitivity, cells.short_term(item.dpv)) if part]
    if not item.necessary:
        about.append("not needed")
    if item.captured:
        about.append(" ".join(["recorded:", *item.fields]).removesuffix(":"))
    code = "" if item.code == cells.code_from(item.name) else f" [{item.code}]"
    return f"{item.name}{code}" + (f" ({', '.join(about)})" if about else "")


def read_item(line: str) -> list[Item]:
    """One item; several where a line of somebody else's file names several between semicolons."""
    if found := from_json(line, Item):
        return found
    match = ITEM.fullmatch(line)
    assert match is not None  # everything matches: a name alone does
    about = _about_item(match["about"]) if match["about"] else {}
    if about is None or not match["name"].strip():
        return [Item(code=cells.code_from(line), name=line)]
    if not about and not match["code"] and ";" in line:
        return [
            Item(code=cells.code_from(name), name=name) for part in line.split(";") if (name := part.strip())
        ]
    return [Item(code=match["code"] or cells.code_from(match["name"]), name=match["name"], **about)]


def _about_item(text: str) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for part in text.split(", "):
        if part in lists.categories():
            found["category"] = part
        elif part in lists.codes("sensitivity"):
            found["sensitivity"] = part
        elif part == "not needed":
            found["necessary"] = False
        elif part == "recorded" or part.startswith("recorded: "):
            found |= {
                "captured": True,
                "fields": tuple(part.removeprefix("recorded").removeprefix(": ").split()),
            }
        elif ":" in part and (iri := lists.dpv(part)):
            found["dpv"] = iri
        else:
            return None
    return found


# --- Recipients, contacts -----------------------------------------------------------------------------------------

RECIPIENT = re.compile(r"(?P<name>.+?) \((?P<about>[^()]+)\)(?:: (?P<note>.+))?")
CONTACT = re.compile(r"(?P<name>[^<>]+?) <(?P<contact>[^<>]+)>")


def say_recipient(recipient: Recipient) -> str:
    """Samruddhi Payroll Services LLP (processor, IN, code samruddhi, scc, assessed 2026-10-02): contract C-2025-11"""
    about = [part for part in (cells.label("recipient_kind", recipient.kind), recipient.country) if part]
    if recipient.processor:
        about.append(f"code {recipient.processor}")
    if recipient.tool:
        about.append(recipient.tool)
    if recipient.assessed_on:
        about.append(f"assessed {recipient.assessed_on}")
    note = f": {recipient.note}" if recipient.note else ""
    return recipient.name + (f" ({', '.join(about)})" if about else "") + note


def read_recipient(line: str) -> list[Recipient]:
    """Any line names somebody; of somebody else's file nothing is known but the name."""
    if found := from_json(line, Recipient):
        return found
    match = RECIPIENT.fullmatch(line)
    about = _about_recipient(match["about"]) if match else None
    if match is None or about is None:
        return [Recipient(name=line, kind="")]
    return [Recipient(name=match["name"], note=match["note"] or "", **({"kind": ""} | about))]


def _about_recipient(text: str) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for part in text.split(", "):
        if kind := cells.code_of("recipient_kind", part):
            found["kind"] = kind
        elif COUNTRY.fullmatch(part):
            found["country"] = part
        elif part in lists.codes("tool"):
            found["tool"] = part
        elif part.startswith("code "):
            found["processor"] = part[5:]
        elif part.startswith("assessed ") and (day := _day(part[9:])):
            found["assessed_on"] = day
        else:
            return None
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def say_contact(contact: Contact) -> str:
    """Nirmaan GmbH <datenschutz@nirmaan.example>"""
    return f"{contact.name} <{contact.contact}>" if contact.contact else contact.name


def read_contact(line: str) -> list[Contact]:
    match = CONTACT.fullmatch(line)
    said = Contact(name=match["name"], contact=match["contact"]) if match else Contact(name=line)
    return from_json(line, Contact) or [said]


# --- Periods ------------------------------------------------------------------------------------------------------

SPANS = {"D": "day", "M": "month", "Y": "year"}
ONE_SPAN = r"[1-9][0-9]{0,3} (?:day|month|year)s?"
KEEP = re.compile(
    rf"(?P<category>.+?): (?:at least (?P<minimum>{ONE_SPAN}))?(?:, )?(?:at most (?P<maximum>{ONE_SPAN}))?(?:no period)?"
    r"; counted from (?P<start>[a-z ]+); then (?P<action>[a-z]+)"
    r"(?: \((?P<law>[A-Z]{2})?(?:, )?(?:applies from (?P<from>[0-9-]{10}))?\))?(?:: (?P<source>.+))?"
)


def say_span(period: str) -> str:
    """P12M → 12 months"""
    if not re.fullmatch(r"P[1-9][0-9]{0,3}[DMY]", period):
        return period
    number = int(period[1:-1])
    return f"{number} {SPANS[period[-1]]}{'' if number == 1 else 's'}"


def say_keep(keep: Keep) -> str:
    """Sealed capture data: at most 12 months; counted from collected; then erase (EU): GDPR Art. 5(1)(e)"""
    spans = [f"at least {say_span(keep.minimum)}"] if keep.minimum else []
    spans += [f"at most {say_span(keep.maximum)}"] if keep.maximum else []
    about = [keep.law] if keep.law else []
    about += [f"applies from {keep.applies_from}"] if keep.applies_from else []
    said = f"{keep.category}: {', '.join(spans) or 'no period'}; counted from {cells.label('start_event', keep.start_event)}; then {keep.action}"
    return said + (f" ({', '.join(about)})" if about else "") + (f": {keep.source}" if keep.source else "")


def read_keep(line: str) -> list[Keep]:
    """One rule; empty for a line that is none."""
    if found := from_json(line, Keep):
        return found
    match = KEEP.fullmatch(line)
    start = cells.code_of("start_event", match["start"]) if match else ""
    if match is None or not start or match["action"] not in lists.codes("action"):
        return []
    minimum, maximum = (_period(match[name]) for name in ("minimum", "maximum"))
    return [
        Keep(
            category=match["category"], law=match["law"] or "", start_event=start, minimum=minimum, maximum=maximum,
            action=match["action"], source=match["source"] or "", applies_from=_day(match["from"] or ""),
        )
    ]  # fmt: skip


def _period(said: str | None) -> str:
    if not said:
        return ""
    number, unit = said.split(" ")
    return f"P{number}{unit[0].upper()}"


# --- Sources ------------------------------------------------------------------------------------------------------


def say_sources(activity: Activity) -> str:
    """The person — or, where items differ, The person: name, bank_account"""
    sources = list(dict.fromkeys(item.source for item in activity.items if item.source))
    if len(sources) == 1 and all(item.source for item in activity.items):
        return cells.label("source", sources[0])
    return "\n".join(
        f"{cells.label('source', source)}: {', '.join(item.code for item in activity.items if item.source == source)}"
        for source in sources
    )


def read_sources(text: str, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """The items with their sources, as far as the text says them."""
    if code := cells.code_of("source", text):
        return tuple(msgspec.structs.replace(item, source=code) for item in items)
    by_item: dict[str, str] = {}
    for line in text.split("\n"):
        named, _, codes = line.rpartition(": ")
        if code := cells.code_of("source", named) if named else "":
            by_item |= {one.strip(): code for one in codes.split(",")}
    return tuple(msgspec.structs.replace(item, source=by_item.get(item.code, "")) for item in items)
