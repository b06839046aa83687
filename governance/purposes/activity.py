"""What the register says about one purpose, whole: all columns of Art. 30(1) and 30(2), of the ICO's and the CNIL's
templates, and what the DPDP Act and the rules engine need. A version of the register is one Activity, kept as it is.

Codes are those of packs/lists.toml; periods are ISO 8601 (P12M); countries ISO 3166-1. Empty means "not recorded".
Persons do not stand here: owner and reviewer are columns of the Purpose, so that they can be forgotten.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from governance.lib.canonical import digest as hash_of
from governance.lib.deadlines import period
from governance.lib.refusals import Refused
from governance.purposes import catalogue, lists

COUNTRY = re.compile(r"[A-Z]{2}")
YARDSTICK = date(2001, 1, 1)  # periods are compared by the day on which each would end if begun here
PERIOD = re.compile(r"P[1-9][0-9]{0,3}[DMY]")
LONGEST = 30_000  # characters of one text
CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of an Activity; what is not said is empty."""


class Contact(Part):
    name: str
    contact: str = ""


class Item(Part):
    """One data item. A captured one is a Signal: its code stands in the catalogue, and `fields` is what is kept of it."""

    code: str
    name: str
    category: str = ""  # KD, CL, PAY …: packs/policy/categories.toml
    dpv: str = ""  # IRI of DPV 2.3
    sensitivity: str = ""  # S0 … S4
    necessary: bool = True  # DPDP s.6(1): what is not needed is refused
    why: str = ""
    source: str = ""
    captured: bool = False
    fields: tuple[str, ...] = ()
    mode: str = "event"
    form: str = "minimised"
    uses: tuple[str, ...] = ()
    origin: str = "fresh"
    safeguards: tuple[str, ...] = ()


class Recipient(Part):
    """Who gets the data. A processor is named by its code in the processor register, which has its contract."""

    name: str
    kind: str = "internal"
    country: str = ""
    processor: str = ""
    tool: str = ""  # GDPR Art. 45–49, where the data leave the EEA
    assessed_on: date | None = None  # transfer impact assessment
    note: str = ""


class Keep(Part):
    """How long one category stays under one law: DPDP r.8(3) asks for at least, GDPR Art. 5(1)(e) for at most."""

    category: str
    law: str = ""  # IN, EU or a country
    start_event: str = "collected"
    minimum: str = ""
    maximum: str = ""
    action: str = "erase"
    source: str = ""  # the law or agreement that says so
    applies_from: date | None = None


class SystemPart(Part):
    """A DataSystem by code, and which tables, columns or paths of it."""

    code: str
    parts: tuple[str, ...] = ()


class Activity(Part):
    name: str
    function: str = ""
    kind: str = "other"
    description: str = ""
    objectives: tuple[str, ...] = ()
    uses: str = ""  # DPDP r.3(b)(ii): goods, services or uses enabled
    # people
    people: tuple[str, ...] = ()
    people_note: str = ""
    countries: tuple[str, ...] = ()  # where they work
    laws: tuple[str, ...] = ()  # said outright, beside those of the countries
    # who is responsible, beside the entity itself
    joint_controllers: tuple[Contact, ...] = ()
    # data
    items: tuple[Item, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    transfers_note: str = ""
    # grounds
    basis_eu: str = ""
    art9: str = ""
    ground_in: str = ""
    limb_in: str = ""
    ground_note: str = ""  # the law, contract or section that it rests on, in words
    interests: str = ""  # legitimate interests pursued, GDPR Art. 13(1)(d)
    interests_link: str = ""
    rights_note: str = ""
    # retention
    keeps: tuple[Keep, ...] = ()
    retention_note: str = ""
    policy_link: str = ""
    policy_followed: str = ""  # yes, no
    policy_why_not: str = ""
    # security and places
    security: tuple[str, ...] = ()
    security_note: str = ""
    systems: tuple[SystemPart, ...] = ()
    software: tuple[str, ...] = ()
    location: str = ""
    # machines that decide
    automated: str = ""
    art22: str = ""
    effects: tuple[str, ...] = ()
    ai_system: str = ""
    ai_role: str = ""
    ai_class: str = ""
    worker_notice_on: date | None = None  # AI Act Art. 26(7)
    training_allowed: bool = False
    datasets: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    # assessments and people's representatives, as references; the papers themselves are Evidence
    dpia: str = ""
    dpia_link: str = ""
    works_note: str = ""
    circumstances: tuple[str, ...] = ()
    # the rest of the ICO's columns
    contract_link: str = ""
    consent_link: str = ""
    breach: str = ""  # yes, no
    breach_link: str = ""
    schedule_1: str = ""  # DPA 2018 (UK)

    @property
    def asks_consent(self) -> bool:
        return self.basis_eu == "a" or self.ground_in == "s6"

    @property
    def trains_ai(self) -> bool:
        return self.kind == "agent_training" or self.training_allowed

    @property
    def signals(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.captured)

    def item(self, code: str) -> Item | None:
        return next((item for item in self.items if item.code == code), None)

    def but(self, **changes: Any) -> "Activity":
        """The same activity with something said otherwise."""
        return msgspec.structs.replace(self, **changes)


FIELDS: tuple[str, ...] = Activity.__struct_fields__


@dataclass(frozen=True)
class Problem:
    """Something that cannot stand in the register. `path`: field, or field[2].part counted from 0."""

    path: str
    sentence: str


def load(content: Mapping[str, Any]) -> Activity:
    """An Activity from plain values, as kept or imported. Refused, naming the place, for what is none."""
    try:
        return msgspec.convert(content, Activity)
    except msgspec.ValidationError as error:
        raise Refused(
            _("This is no entry of the register: %(what)s."), code="not_an_activity", what=str(error)
        ) from None


def plain(activity: Activity) -> dict[str, Any]:
    """Dicts, lists and strings, every field present: what is kept, hashed and compared."""
    # Through JSON: to_builtins leaves tuples, and a tuple never equals the list that was kept.
    return msgspec.json.decode(msgspec.json.encode(activity))  # type: ignore[no-any-return]


def digest(activity: Activity) -> str:
    return hash_of(plain(activity))


def laws(activity: Activity) -> tuple[str, ...]:
    """IN and EU, as said outright, as the countries bring them in, and as an EU parent that decides does (Art. 3(1))."""
    from_pack = _law_of_country()
    found = {law for country in activity.countries if (law := from_pack.get(country))} | set(activity.laws)
    if "eu_parent_decides" in activity.circumstances:
        found.add("EU")
    return tuple(law for law in ("IN", "EU") if law in found)


def _law_of_country() -> dict[str, str]:
    from_pack = lists.packs.load("laws").content["jurisdictions"]
    return {country: law for law, countries in from_pack.items() for country in countries}


ONE = {
    "function": "function", "kind": "kind", "basis_eu": "basis_eu", "art9": "art9", "ground_in": "ground_in",
    "limb_in": "limb_in", "art22": "art22", "ai_role": "ai_role", "ai_class": "ai_class", "dpia": "dpia",
}  # fmt: skip
MANY = {
    "people": "people",
    "laws": "law",
    "security": "security",
    "effects": "effect",
    "circumstances": "circumstance",
}
ITEM_ONE = {
    "sensitivity": "sensitivity",
    "source": "source",
    "mode": "mode",
    "form": "form",
    "origin": "origin",
}
ITEM_MANY = {"uses": "use", "safeguards": "safeguard"}


def problems(activity: Activity) -> list[Problem]:
    """Everything that keeps this from being saved: unknown codes, countries, terms, periods; two items of one code."""
    return list(_problems(activity))


def _problems(a: Activity) -> Iterator[Problem]:
    if not a.name.strip():
        yield Problem("name", _("Give the activity a name."))
    if len(a.name) > 200:
        yield Problem("name", _("The name is longer than 200 characters."))
    yield from _too_long(a, "")
    yield from _codes(a, ONE, MANY, "")
    yield from _countries("countries", a.countries)
    for path, value in (("policy_followed", a.policy_followed), ("breach", a.breach)):
        if value not in ("", "yes", "no"):
            yield Problem(path, _("Only “yes” or “no” can stand here."))
    if a.limb_in and a.ground_in != "s7i":
        yield Problem("limb_in", _("Only DPDP s.7(i) has this choice."))
    seen: set[str] = set()
    for n, item in enumerate(a.items):
        yield from _item(item, f"items[{n}].")
        if item.code in seen:
            yield Problem(f"items[{n}].code", _("There are two data items “%(code)s”.") % {"code": item.code})
        seen.add(item.code)
    for n, recipient in enumerate(a.recipients):
        at = f"recipients[{n}]."
        yield from _codes(recipient, {"kind": "recipient_kind", "tool": "tool"}, {}, at)
        yield from _countries(at + "country", [recipient.country] if recipient.country else [])
        if not recipient.name.strip():
            yield Problem(at + "name", _("A recipient needs a name."))
    kept: set[tuple[str, str, str]] = set()
    for n, keep in enumerate(a.keeps):
        yield from _keep(keep, f"keeps[{n}].")
        if (which := (keep.category, keep.law, keep.start_event)) in kept:
            yield Problem(
                f"keeps[{n}].category",
                _("There are two periods for “%(category)s” under one law.") % {"category": keep.category},
            )
        kept.add(which)


def _too_long(thing: msgspec.Struct, at: str) -> Iterator[Problem]:
    """No text is longer than a cell of a workbook holds, with room for the sign that disarms a formula."""
    for name in thing.__struct_fields__:
        value = getattr(thing, name)
        rows = enumerate(value) if isinstance(value, tuple) else [(None, value)]
        for n, part in rows:
            path = f"{at}{name}" if n is None else f"{at}{name}[{n}]"
            if isinstance(part, msgspec.Struct):
                yield from _too_long(part, f"{path}.")
            elif isinstance(part, str) and len(part) > LONGEST:
                yield Problem(
                    path, _("This is longer than %(most)s characters. Keep the whole of it as a paper, and sum it up here.") % {"most": LONGEST}
                )  # fmt: skip


def _codes(thing: Any, one: Mapping[str, str], many: Mapping[str, str], at: str) -> Iterator[Problem]:
    said = [(field, name, (getattr(thing, field),)) for field, name in one.items()]
    said += [(field, name, getattr(thing, field)) for field, name in many.items()]
    for field, name, values in said:
        for value in values:
            if value and value not in lists.codes(name):
                yield Problem(at + field, _("“%(code)s” is not in the list.") % {"code": value})


def _countries(path: str, countries: Iterable[str]) -> Iterator[Problem]:
    for country in countries:
        if not COUNTRY.fullmatch(country):
            yield Problem(
                path,
                _("“%(code)s” is no country code. Write two capital letters, like IN or DE.")
                % {"code": country},
            )


def _item(item: Item, at: str) -> Iterator[Problem]:
    if not CODE.fullmatch(item.code):
        yield Problem(at + "code", _("A code has small letters, digits, _ and -, at most 40."))
    if not item.name.strip():
        yield Problem(at + "name", _("A data item needs a name."))
    if item.category and item.category not in lists.categories():
        yield Problem(at + "category", _("“%(code)s” is not in the list.") % {"code": item.category})
    if item.dpv and item.dpv not in lists.dpv_terms():
        yield Problem(at + "dpv", _("“%(term)s” is no term of DPV 2.3.") % {"term": item.dpv})
    yield from _codes(item, ITEM_ONE, ITEM_MANY, at)
    if item.captured:
        kind = catalogue.signals().get(item.code)
        if kind is None:
            yield Problem(
                at + "code", _("There is no signal “%(signal)s” in the catalogue.") % {"signal": item.code}
            )
        elif kind.never:
            yield Problem(
                at + "code", _("This signal is never recorded: %(why)s") % {"why": kind.why_never("en")}
            )
        elif surplus := sorted(set(item.fields) - set(kind.fields)):
            yield Problem(
                at + "fields",
                _("Fields beyond the minimised form: %(fields)s.") % {"fields": ", ".join(surplus)},
            )


def _locks(keep: Keep) -> bool:
    """Is the second period there, and no shorter than the first?"""
    if not (PERIOD.fullmatch(keep.minimum) and PERIOD.fullmatch(keep.maximum)):
        return False
    return period(keep.minimum, YARDSTICK) >= period(keep.maximum, YARDSTICK)


def _keep(keep: Keep, at: str) -> Iterator[Problem]:
    yield from _codes(keep, {"start_event": "start_event", "action": "action"}, {}, at)
    if not keep.category.strip():
        yield Problem(at + "category", _("Say which data this period is for."))
    if keep.law and keep.law not in lists.codes("law") and not COUNTRY.fullmatch(keep.law):
        yield Problem(at + "law", _("“%(code)s” is neither a law nor a country.") % {"code": keep.law})
    if keep.action == "restrict" and not _locks(keep):
        yield Problem(
            at + "action",
            _(
                "“Restrict, then erase” needs both periods: used at most so long, then locked away until “at least” is over."
            ),
        )
    if keep.start_event == "fixed_date" and keep.applies_from is None:
        yield Problem(at + "applies_from", _("Name the fixed day from which the period counts."))
    for field in ("minimum", "maximum"):
        if (value := getattr(keep, field)) and not PERIOD.fullmatch(value):
            yield Problem(
                at + field, _("“%(text)s” is no period. Write P30D, P12M or P7Y.") % {"text": value}
            )
