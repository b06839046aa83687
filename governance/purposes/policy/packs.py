"""A policy pack: the files of packs/policy/ read, checked, hashed and put in order. It is replaced without code."""

import hashlib
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from governance.lib import packs
from governance.lib.canonical import canonical
from governance.purposes.policy import rule as rules
from governance.purposes.policy.language import BadCondition, Kind, Test, compile_, read
from governance.purposes.policy.rule import BrokenPack, Rule
from governance.purposes.policy.vocabulary import Tables, kinds

HOME = packs.HOME / "policy"  # as it is shipped
SHARED = "pack.toml"
TABLES = ("date", "act", "evidence", "gate", "sentence", "clock", "countries")
SENTENCES = ("no_rule", "unknown_country", "unknown_word")


@dataclass(frozen=True)
class GateCondition:
    """One of G1–G10. `needs`: the evidence that proves it, if it is proved by paper."""

    id: str
    when: str
    needs: tuple[str, ...]
    sentences: tuple[tuple[str, str], ...]
    test: Test = field(compare=False, repr=False)


@dataclass(frozen=True)
class Active:
    """The rules of one law between two dates, sorted by what has to be asked."""

    wide: tuple[Rule, ...]
    by_category: Mapping[str, tuple[Rule, ...]]


@dataclass(frozen=True, eq=False)
class PolicyPack:
    """All rules and what they share. Equal and hashed by content: a pack is its sha256."""

    name: str
    version: str
    sha256: str
    rules: tuple[Rule, ...]
    gate: tuple[GateCondition, ...]
    acts: Mapping[str, tuple[str, ...]]
    shared: Mapping[str, Any]  # pack.toml and the categories, as read
    tables: Tables
    vocabulary: Mapping[str, Kind]
    _active: dict[tuple[str, int], Active] = field(default_factory=dict, repr=False)

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PolicyPack) and other.sha256 == self.sha256

    @property
    def by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    @property
    def turns(self) -> list[date]:
        """Every day on which a rule begins or ends to apply, sorted."""
        days = {rule.from_ for rule in self.rules} | {rule.until for rule in self.rules if rule.until}
        return sorted(days)

    def active(self, law: str, on: date) -> Active:
        """Rules of this law that apply on this day; those with a date ahead of them only if applied early."""
        key = (law, bisect_right(self._days, on))
        if key not in self._active:
            applying = [rule for rule in self.rules if rule.law == law and rule.applies(on)]
            narrow = [rule for rule in applying if not rule.wide]
            self._active[key] = Active(
                tuple(rule for rule in applying if rule.wide),
                {
                    category: tuple(r for r in narrow if r.categories is None or category in r.categories)
                    for category in self.tables.categories
                },
            )
        return self._active[key]

    @property
    def _days(self) -> list[date]:
        return _turns(self)

    def evidence_title(self, kind: str, language: str) -> str:
        titles = self.shared["evidence"].get(kind, {})
        return titles.get(language) or titles.get("en", kind)

    def with_rules(self, *more: Rule) -> "PolicyPack":
        """This pack and some more rules: another pack with another hash."""
        if twice := {rule.id for rule in more} & set(self.by_id):
            raise BrokenPack(SHARED, sorted(twice)[0], "there are two rules with this id")
        return _finished(replace(self, rules=self.rules + more, _active={}))


@cache
def _turns(pack: PolicyPack) -> list[date]:
    return pack.turns


def _finished(pack: PolicyPack) -> PolicyPack:
    """With the hash over what the pack says: order of files, comments and spaces play no part."""
    said = {
        "name": pack.name,
        "version": pack.version,
        "shared": pack.shared,
        "countries": {"EU": sorted(pack.tables.eea), "law": dict(pack.tables.law_of_country)},
        "rules": [rules.as_row(rule) for rule in sorted(pack.rules, key=lambda rule: rule.id)],
    }
    return replace(pack, sha256=hashlib.sha256(canonical(said)).hexdigest())


def place() -> Path:
    """The folder of the rules that are in use: the organisation's own, or ours."""
    return packs.place("policy")


@cache
def default() -> PolicyPack:
    """The pack in use."""
    return load(place())


def load(folder: Path = HOME) -> PolicyPack:
    """Read and check a pack. BrokenPack names the file and the rule of the first thing that is wrong."""
    pack, wrong = examine(folder)
    if wrong:
        raise wrong[0]
    assert pack is not None
    return pack


def examine(folder: Path = HOME) -> tuple[PolicyPack | None, list[BrokenPack]]:
    """The pack, and everything that is wrong with it; no pack when what all rules share cannot be read."""
    wrong: list[BrokenPack] = []
    files = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            files[path.name] = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            wrong.append(BrokenPack(path.name, "", f"it is no TOML: {error}"))
    try:
        pack = _empty(files)
    except BrokenPack as error:
        return None, [*wrong, error]
    found: dict[str, Rule] = {}
    for name, content in files.items():
        if name == SHARED:
            continue
        defaults = {key: content[key] for key in ("law", "from", "part", "house") if key in content}
        for row in content.get("rule", ()):
            try:
                made = rules.make(
                    defaults | row, file=name, vocabulary=pack.vocabulary, dates=pack.tables.dates,
                    clocks=frozenset(pack.shared["clock"]),
                )  # fmt: skip
                if made.id in found:
                    raise BrokenPack(name, made.id, f"the id stands in {found[made.id].file} already")
                found[made.id] = made
            except BrokenPack as error:
                wrong.append(error)
    if not found and not wrong:
        wrong.append(BrokenPack(SHARED, "", "there is no rule in this pack"))
    return _finished(replace(pack, rules=tuple(found.values()))), wrong


def _empty(files: Mapping[str, dict[str, Any]]) -> PolicyPack:
    """The pack without its rules, from pack.toml and every [category] table."""
    shared = files.get(SHARED)
    if shared is None:
        raise BrokenPack(SHARED, "", "the file is missing or cannot be read")
    if missing := [key for key in ("name", "version", *TABLES) if key not in shared]:
        raise BrokenPack(SHARED, "", f"it lacks {', '.join(missing)}")
    if "P3" not in shared["date"] or not all(type(day) is date for day in shared["date"].values()):
        raise BrokenPack(SHARED, "", "every [date] is a day, and P3 is one of them")
    if absent := [key for key in SENTENCES if "en" not in shared["sentence"].get(key, {})]:
        raise BrokenPack(SHARED, "", f"the sentence {absent[0]} is missing")
    categories = {
        code: row for content in files.values() for code, row in content.get("category", {}).items()
    }
    countries = packs.load("laws").content["jurisdictions"]
    tables = Tables(
        categories={code: frozenset(row.get("marks", ())) for code, row in categories.items()},
        evidence_kinds=frozenset(shared["evidence"]),
        eea=frozenset(countries["EU"]),
        adequate=frozenset(shared["countries"].get("adequate", ())),
        restricted=frozenset(shared["countries"].get("restricted", ())),
        law_of_country={country: law for law, listed in countries.items() for country in listed},
        dates=shared["date"],
    )
    vocabulary = kinds(tables)
    return PolicyPack(
        name=shared["name"],
        version=shared["version"],
        sha256="",
        rules=(),
        gate=tuple(_gate_condition(row, vocabulary) for row in shared["gate"]),
        acts={country: tuple(listed) for country, listed in shared["act"].items()},
        shared={key: value for key, value in shared.items() if key not in ("name", "version")}
        | {"category": categories},
        tables=tables,
        vocabulary=vocabulary,
    )


def _gate_condition(row: Mapping[str, Any], vocabulary: Mapping[str, Kind]) -> GateCondition:
    name = str(row.get("id", "without an id"))
    try:
        node = read(row["when"], vocabulary)
    except (BadCondition, KeyError) as bad:
        raise BrokenPack(SHARED, name, f"the condition cannot be used: {bad}") from None
    sentences = tuple((language, row[language]) for language in rules.LANGUAGES if row.get(language))
    return GateCondition(name, row["when"], tuple(row.get("needs", ())), sentences, compile_(node))


def write(pack: PolicyPack, folder: Path) -> None:
    """The pack as two files that `load` reads to a pack with the same hash."""
    folder.mkdir(parents=True, exist_ok=True)
    head = {"name": pack.name, "version": pack.version} | {
        k: v for k, v in pack.shared.items() if k != "category"
    }
    (folder / SHARED).write_text(_toml(head), encoding="utf-8")
    body: dict[str, Any] = {"version": pack.version, "category": pack.shared["category"]}
    body["rule"] = [rules.as_row(rule) for rule in pack.rules]
    (folder / "rules.toml").write_text(_toml(body), encoding="utf-8")


def _toml(table: Mapping[str, Any]) -> str:
    """Simple keys first, then tables, then lists of tables: the part of TOML that packs use."""
    lines = [f"{key} = {_value(value)}" for key, value in table.items() if not _is_section(value)]
    for key, value in table.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{key}]", *(f"{_key(k)} = {_value(v)}" for k, v in value.items())]
        elif _is_section(value):
            for row in value:
                lines += ["", f"[[{key}]]", *(f"{_key(k)} = {_value(v)}" for k, v in row.items())]
    return "\n".join(lines) + "\n"


def _is_section(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)
    )


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(part) for part in value) + "]"
    if isinstance(value, str):
        return '"' + "".join(_escaped(sign) for sign in value) + '"'
    return value.isoformat() if isinstance(value, date) else str(value)


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return "\\" + sign
    return f"\\u{ord(sign):04x}" if ord(sign) < 32 or ord(sign) == 127 else sign


def unused(pack: PolicyPack) -> Iterable[Rule]:
    """Rules that no facts on any day can fire."""
    return [rule for rule in pack.rules if not rule.can_fire(pack.vocabulary)]
