"""Which changes of a Purpose need a new notice and a fresh consent, and by which rule: field by field, pure.

Facts are plain values, as a version of the register keeps them: {"name": …, "signals": {"ui_event": ["site", …]}, …}.
A change that takes something away (an item, a recipient, a law) is no reason to ask again; one that adds is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.lib.deadlines import period
from governance.lib.refusals import Refused

YARDSTICK = date(2001, 1, 1)
Judge = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class FieldRule:
    """`adds` says whether going from the old value to the new one is material; None: never."""

    why: Any  # a lazy sentence
    cite: str
    adds: Judge | None


@dataclass(frozen=True)
class FieldChange:
    """One field that differs: material with the rule that says so, or cosmetic."""

    field: str
    was: Any
    now: Any
    material: bool
    why: Any
    cite: str


def _differs(was: Any, now: Any) -> bool:
    return bool(was != now)


def _more(was: Iterable[Any] | None, now: Iterable[Any] | None) -> bool:
    """Something stands in the new list that the old one has not."""
    return not {_key(part) for part in now or ()} <= {_key(part) for part in was or ()}


def _more_fields(was: Mapping[str, Iterable[str]] | None, now: Mapping[str, Iterable[str]] | None) -> bool:
    """A signal more, or a field more of a signal."""
    old = was or {}
    return any(code not in old or not set(kept) <= set(old[code]) for code, kept in (now or {}).items())


def _begins(was: Any, now: Any) -> bool:
    return bool(now) and not bool(was)


def _other_ground(was: Mapping[str, str] | None, now: Mapping[str, str] | None) -> bool:
    return any((was or {}).get(law) != ground for law, ground in (now or {}).items())


def _longer(was: Iterable[Mapping[str, str]] | None, now: Iterable[Mapping[str, str]] | None) -> bool:
    """A category is kept longer or without end, from another event, is no longer erased, or is new."""
    old = {(row["jurisdiction"], row["category"]): row for row in was or ()}
    for row in now or ():
        before = old.get((row["jurisdiction"], row["category"]))
        if before is None or before.get("start_event") != row.get("start_event"):
            return True
        if before.get("action") != row.get("action") and row.get("action") != "erase":
            return True
        if _days(row.get("maximum", "")) > _days(before.get("maximum", "")):
            return True
        if _days(row.get("minimum") or "P0D") > _days(before.get("minimum") or "P0D"):
            return True
    return False


def _days(text: str) -> float:
    return (period(text, YARDSTICK) - YARDSTICK).days if text else float("inf")


def _key(part: Any) -> Any:
    return tuple(sorted((k, str(v)) for k, v in part.items())) if isinstance(part, Mapping) else part


COSMETIC = FieldRule(_("This does not touch what people agreed to."), "", None)
PURPOSE = FieldRule(
    _("People agreed to the purpose as it was described."),
    "DPDP Act s.6(1); GDPR Art. 4(11), 5(1)(b)",
    _differs,
)

# Every field of a Purpose and its satellites. A field that is not here is refused, so that none is forgotten.
FIELDS: dict[str, FieldRule] = {
    "id": COSMETIC,
    "number": COSMETIC,
    "name": COSMETIC,
    "state": COSMETIC,
    "version": COSMETIC,
    "owner": COSMETIC,
    "review_on": COSMETIC,
    "created_at": COSMETIC,
    "changed_at": COSMETIC,
    "security": COSMETIC,
    "assessment": COSMETIC,
    "works_council": COSMETIC,
    "notices": COSMETIC,
    "entity": FieldRule(_("Somebody else is responsible."), "GDPR Art. 13(1)(a); DPDP Act s.6(3)", _differs),
    "description": PURPOSE,
    "uses": FieldRule(_("It enables other uses than people were told of."), "DPDP Rules r.3(b)(ii)", _differs),
    "people_concerned": FieldRule(_("Other people are concerned, who were never told."), "GDPR Art. 13; DPDP Act s.5(1)", _differs),
    "data_items": FieldRule(_("A new data item was not agreed to."), "DPDP Act s.5(1)(i), 6(1)", _more),
    "signals": FieldRule(_("A new signal, or more of one, was not agreed to."), "DPDP Act s.5(1)(i), 6(1)", _more_fields),
    "jurisdictions": FieldRule(_("Another law applies and asks for its own notice."), "DPDP Act s.5; GDPR Art. 13", _more),
    "grounds": FieldRule(_("The ground is fixed before the start and not exchanged."), "GDPR Art. 6(1), 13(1)(c)", _other_ground),
    "asks_consent": FieldRule(_("The ground is fixed before the start and not exchanged."), "GDPR Art. 6(1), 13(1)(c)", _differs),
    "trains_ai": FieldRule(_("Training an AI system is a purpose of its own."), "EDPB 28/2024; DPDP Act s.6(1)", _begins),
    "recipients": FieldRule(_("Somebody new gets the data."), "GDPR Art. 13(1)(e); DPDP Act s.11", _more),
    "transfers": FieldRule(_("Data go to another country, or under another safeguard."), "GDPR Art. 13(1)(f)", _differs),
    "source": FieldRule(_("The data come from another source."), "GDPR Art. 14(2)(f)", _differs),
    "automated_decisions": FieldRule(_("Decisions are made by a machine in another way."), "GDPR Art. 13(2)(f), 22", _differs),
    "systems": FieldRule(_("The data lie in a system more."), "ISO/IEC TS 27560 6.3.4.11", _more),
    "retention_rules": FieldRule(_("The data stay longer."), "GDPR Art. 13(2)(a)", _longer),
}  # fmt: skip


def field_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldChange]:
    """Every field that differs, material ones first. Refused for a field that the table does not know."""
    found = []
    for field in dict.fromkeys([*old, *new]):
        rule = FIELDS.get(field)
        if rule is None:
            raise Refused(
                _("Nobody has said yet whether a change of “%(field)s” is material."),
                code="unlisted_field",
                field=field,
            )
        was, now = old.get(field), new.get(field)
        if was != now:
            material = rule.adds is not None and rule.adds(was, now)
            found.append(
                FieldChange(
                    field,
                    was,
                    now,
                    material,
                    rule.why if material else COSMETIC.why,
                    rule.cite if material else "",
                )
            )
    return sorted(found, key=lambda change: not change.material)


def material_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldChange]:
    """The changes that need a new notice version and a fresh consent; empty when all are cosmetic."""
    return [change for change in field_changes(old, new) if change.material]
