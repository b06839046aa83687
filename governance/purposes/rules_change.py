"""Which changes of a Purpose need a new notice and a fresh consent, and by which rule: field by field, pure.

Facts are plain values, as a version of the register keeps them (activity.plain).
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


# Of an item: what may change without asking again. Everything else about it was part of what people agreed to.
ITEM_COSMETIC = {"name", "dpv", "sensitivity", "why", "safeguards"}
RECIPIENT_COSMETIC = {"assessed_on", "note"}
ITEM_REACHES = {"off_duty"}  # stands among an item's safeguards, and is none
# Circumstances that protect people: it is their end that people must be told of.
PROTECTING = {"human_route", "incentive_small", "incentive_equal"}


def _weaker(was: Iterable[str], now: Iterable[str], reaches: set[str]) -> bool:
    """A safeguard less, or something more that reaches further."""
    old, new = set(was), set(now)
    return bool((old - reaches) - new or (new & reaches) - old)


def _circumstances(was: Iterable[str] | None, now: Iterable[str] | None) -> bool:
    old, new = set(was or ()), set(now or ())
    return bool((new - old) - PROTECTING or (old - new) & PROTECTING)


def _more_items(was: Iterable[Mapping[str, Any]] | None, now: Iterable[Mapping[str, Any]] | None) -> bool:
    """An item more, more of one (fields, uses), a safeguard less, or one taken in another form."""
    old = {item["code"]: item for item in was or ()}
    for item in now or ():
        before = old.get(item["code"])
        if before is None:
            return True
        if _weaker(before.get("safeguards", ()), item.get("safeguards", ()), ITEM_REACHES):
            return True
        if any(not set(item.get(many, ())) <= set(before.get(many, ())) for many in ("fields", "uses")):
            return True
        if any(
            before.get(k) != v for k, v in item.items() if k not in ITEM_COSMETIC | {"fields", "uses", "code"}
        ):
            return True
    return False


def _more_recipients(
    was: Iterable[Mapping[str, Any]] | None, now: Iterable[Mapping[str, Any]] | None
) -> bool:
    def told(rows: Iterable[Mapping[str, Any]] | None) -> set[Any]:
        return {_key({k: v for k, v in row.items() if k not in RECIPIENT_COSMETIC}) for row in rows or ()}

    return not told(now) <= told(was)


def _more_systems(was: Iterable[Mapping[str, Any]] | None, now: Iterable[Mapping[str, Any]] | None) -> bool:
    """A system more; other tables of the same system are the same place."""
    return not {row["code"] for row in now or ()} <= {row["code"] for row in was or ()}


def _begins(was: Any, now: Any) -> bool:
    return bool(now) and not bool(was)


def _longer(was: Iterable[Mapping[str, str]] | None, now: Iterable[Mapping[str, str]] | None) -> bool:
    """A category is kept longer or without end, from another event, is no longer erased, or is new."""
    old = {(row.get("law", ""), row["category"], row.get("start_event")): row for row in was or ()}
    for row in now or ():
        before = old.get((row.get("law", ""), row["category"], row.get("start_event")))
        if before is None:
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

# Every field of an Activity. A field that is not here is refused, so that none is forgotten.
DATA = "DPDP Act s.5(1)(i), 6(1); GDPR Art. 13(1), 14(1)(d)"
GROUND = FieldRule(
    _("The ground is fixed before the start and not exchanged."), "GDPR Art. 6(1), 13(1)(c)", _differs
)
MACHINE = FieldRule(_("Decisions are made by a machine in another way."), "GDPR Art. 13(2)(f), 22", _differs)
FIELDS: dict[str, FieldRule] = {
    "name": COSMETIC,
    "function": COSMETIC,
    "kind": PURPOSE,
    "description": PURPOSE,
    "objectives": FieldRule(PURPOSE.why, PURPOSE.cite, _more),
    "uses": FieldRule(_("It enables other uses than people were told of."), "DPDP Rules r.3(b)(ii)", _differs),
    "people": FieldRule(_("Other people are concerned, who were never told."), "GDPR Art. 13; DPDP Act s.5(1)", _more),
    "people_note": COSMETIC,
    "countries": FieldRule(_("Another law applies and asks for its own notice."), "DPDP Act s.5; GDPR Art. 13", _more),
    "laws": FieldRule(_("Another law applies and asks for its own notice."), "DPDP Act s.5; GDPR Art. 13", _more),
    "joint_controllers": FieldRule(_("Somebody else is responsible too."), "GDPR Art. 13(1)(a), 26", _more),
    "items": FieldRule(_("A new data item, or more of one, was not agreed to."), DATA, _more_items),
    "recipients": FieldRule(_("Somebody new gets the data, or elsewhere."), "GDPR Art. 13(1)(e), (f); DPDP Act s.11", _more_recipients),
    "transfers_note": COSMETIC,
    "basis_eu": GROUND,
    "art9": GROUND,
    "ground_in": GROUND,
    "limb_in": GROUND,
    "ground_note": COSMETIC,
    "interests": FieldRule(_("Other interests are pursued."), "GDPR Art. 13(1)(d)", _differs),
    "interests_link": COSMETIC,
    "rights_note": COSMETIC,
    "keeps": FieldRule(_("The data stay longer."), "GDPR Art. 13(2)(a)", _longer),
    "retention_note": COSMETIC,
    "policy_link": COSMETIC,
    "policy_followed": COSMETIC,
    "policy_why_not": COSMETIC,
    "security": COSMETIC,
    "security_note": COSMETIC,
    "systems": FieldRule(_("The data lie in a system more."), "ISO/IEC TS 27560 6.3.4.11", _more_systems),
    "software": COSMETIC,
    "location": COSMETIC,
    "automated": MACHINE,
    "art22": MACHINE,
    "effects": FieldRule(_("It now has an effect on people that they were not told of."), "GDPR Art. 13(2)(f), 22", _more),
    "ai_system": FieldRule(_("Another AI system takes part."), "GDPR Art. 13(2)(f); AI Act Art. 26(7)", _differs),
    "ai_role": COSMETIC,
    "ai_class": COSMETIC,
    "worker_notice_on": COSMETIC,
    "training_allowed": FieldRule(_("Training an AI system is a purpose of its own."), "EDPB 28/2024; DPDP Act s.6(1)", _begins),
    "datasets": COSMETIC,
    "models": FieldRule(_("Another model is trained."), "EDPB 28/2024; DPDP Act s.6(1)", _more),
    "dpia": COSMETIC,
    "dpia_link": COSMETIC,
    "works_note": COSMETIC,
    "circumstances": FieldRule(_("What was true for people has changed."), "GDPR Art. 13, 22; DPDP Act s.5, 9", _circumstances),
    "contract_link": COSMETIC,
    "consent_link": COSMETIC,
    "breach": COSMETIC,
    "breach_link": COSMETIC,
    "schedule_1": COSMETIC,
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
