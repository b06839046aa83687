"""One row of a policy pack: when it applies, what it answers, by whose law, and whether anybody may relax it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from governance.lib.refusals import Refused
from governance.purposes.policy.language import (
    BadCondition,
    Kind,
    Node,
    Test,
    can_be_true,
    compile_,
    facts_of,
    read,
    words_required,
)
from governance.purposes.policy.outcomes import Outcome

LANGUAGES = ("en", "hi", "de")  # in which a rule says itself; others read English, visibly
ID = re.compile(r"[A-Z]+(-[A-Z0-9]+)+(\.[a-z])?")
KEYS = {
    "id", "law", "cite", "from", "until", "early", "house", "part", "when", "outcome", "force", "express_in", "relaxed",
    "covers", "needs", "lists", "duties", "switches_off", *LANGUAGES,
}  # fmt: skip
NEEDED = ("id", "law", "cite", "from", "when", "en")
FORCES = ("", "locked", "express")
LISTS = ("", "gate", "acts", "languages", "scheduled_languages", "elements", "gate_and_languages")


class BrokenPack(Refused):
    """A pack that is not used: the sentence names file and rule and says what is wrong."""

    def __init__(self, file: str, rule: str, what: str) -> None:
        sentence = "%(file)s, rule %(rule)s: %(what)s." if rule else "%(file)s: %(what)s."
        super().__init__(sentence, code="broken_pack", file=file, rule=rule, what=what)


@dataclass(frozen=True)
class Duty:
    """Something to be done, by the clock of that id when it has one (pack.toml)."""

    code: str
    clock: str
    rule_id: str


@dataclass(frozen=True)
class Rule:
    """Two rules are equal when they say the same. `outcome` None: the row asks for duties, not for a verdict."""

    id: str
    file: str
    law: str  # EU, IN, or X for both
    cite: str
    when: str
    node: Node
    outcome: Outcome | None
    from_: date
    until: date | None
    early: bool  # applied as a house rule before from_
    house: bool  # a default where the law leaves room
    part: str  # of the Indian Act; what s.17(1)(d) can switch off
    force: str  # "", locked (owner may relax after advice), express (nobody may)
    express_in: tuple[str, ...]  # countries whose criminal law makes a locked rule express
    relaxed: Outcome  # what is left of a locked BLOCK after an override
    covers: bool  # False: it makes a verdict stricter but does not answer for a case by itself
    needs: tuple[str, ...]
    lists: str
    duties: tuple[Duty, ...]
    switches_off: tuple[str, ...]
    sentences: tuple[tuple[str, str], ...]
    test: Test = field(compare=False, repr=False)

    @property
    def row(self) -> str:
        """The row of the facts to which this part belongs: EU-14 of EU-14.a."""
        return self.id.split(".")[0]

    @property
    def wide(self) -> bool:
        """Whether it asks nothing about a single signal."""
        return not any(fact.startswith("signal.") for fact in facts_of(self.node))

    @property
    def categories(self) -> frozenset[str] | None:
        return words_required(self.node, "signal.category")

    def applies(self, on: date) -> bool:
        return (self.early or self.from_ <= on) and (self.until is None or on < self.until)

    def not_yet_law(self, on: date) -> bool:
        return on < self.from_

    def is_express(self, countries: frozenset[str]) -> bool:
        return self.force == "express" or not countries.isdisjoint(self.express_in)

    def sentence_in(self, language: str) -> str:
        said = dict(self.sentences)
        return said.get(language) or said.get(language.split("-")[0]) or said["en"]

    def can_fire(self, vocabulary: Mapping[str, Kind]) -> bool:
        return (self.until is None or self.early or self.from_ < self.until) and can_be_true(
            self.node, vocabulary
        )


def make(
    row: Mapping[str, Any], *, file: str, vocabulary: Mapping[str, Kind], dates: Mapping[str, date], clocks: frozenset[str]
) -> Rule:  # fmt: skip
    """A Rule from one [[rule]] table, or BrokenPack."""
    name = str(row.get("id", "without an id"))

    def broken(what: str) -> BrokenPack:
        return BrokenPack(file, name, what)

    if unknown := set(row) - KEYS:
        raise broken(f"there is no key {', '.join(sorted(unknown))}")
    if missing := [key for key in NEEDED if not row.get(key)]:
        raise broken("the citation is missing" if missing == ["cite"] else f"it lacks {', '.join(missing)}")
    if not ID.fullmatch(name):
        raise broken("the id must read like EU-03 or EU-14.a")
    if row["law"] not in ("EU", "IN", "X"):
        raise broken(f"there is no law {row['law']}")
    for key, allowed in (("force", FORCES), ("lists", LISTS)):
        if row.get(key, "") not in allowed:
            raise broken(f"“{key}” is never “{row[key]}”")

    def day(key: str) -> date | None:
        value = row.get(key)
        if value is None or type(value) is date:
            return value
        if value not in dates:
            raise broken(f"“{key}” names no date: {value}")
        return dates[value]

    def outcome(key: str) -> Outcome | None:
        if key not in row:
            return None
        if row[key] not in Outcome.__members__:
            raise broken(f"there is no outcome {row[key]}")
        return Outcome[row[key]]

    from_ = day("from")
    assert from_ is not None
    verdict, relaxed = outcome("outcome"), outcome("relaxed") or Outcome.EXPLICIT_OPT_IN
    duties = tuple(_duty(text, name) for text in row.get("duties", ()))
    if verdict is None and not duties:
        raise broken("it gives neither an outcome nor a duty")
    if row.get("force") and verdict is not Outcome.BLOCK:
        raise broken("only a BLOCK is express or locked")
    if row.get("express_in") and row.get("force") != "locked":
        raise broken("“express_in” belongs to a locked rule")
    if relaxed < Outcome.OPT_IN:
        raise broken("an override never leaves less than OPT_IN")
    for duty in duties:
        if duty.clock and duty.clock not in clocks:
            raise broken(f"there is no clock {duty.clock}")
    if unknown_evidence := set(row.get("needs", ())) - (vocabulary["evidence"].words or frozenset()):
        raise broken(f"there is no evidence of the kind {', '.join(sorted(unknown_evidence))}")
    try:
        node = read(row["when"], vocabulary)
    except BadCondition as bad:
        raise broken(f"the condition cannot be used: {bad}") from None
    return Rule(
        id=name, file=file, law=row["law"], cite=row["cite"], when=row["when"], node=node, outcome=verdict,
        from_=from_, until=day("until"), early=row.get("early", False), house=row.get("house", False),
        part=row.get("part", ""), force=row.get("force", ""), express_in=tuple(row.get("express_in", ())), relaxed=relaxed,
        covers=row.get("covers", True), needs=tuple(row.get("needs", ())), lists=row.get("lists", ""), duties=duties,
        switches_off=tuple(row.get("switches_off", ())),
        sentences=tuple((language, row[language]) for language in LANGUAGES if row.get(language)),
        test=compile_(node),
    )  # fmt: skip


def _duty(text: str, rule_id: str) -> Duty:
    code, _, clock = text.partition("@")
    return Duty(code, clock, rule_id)


def as_row(rule: Rule) -> dict[str, Any]:
    """The [[rule]] table that `make` reads to the same rule."""
    row: dict[str, Any] = {
        "id": rule.id, "law": rule.law, "cite": rule.cite, "from": rule.from_, "until": rule.until, "early": rule.early,
        "house": rule.house, "part": rule.part, "when": rule.when, "outcome": None if rule.outcome is None else rule.outcome.name,
        "force": rule.force, "express_in": list(rule.express_in), "lists": rule.lists, "needs": list(rule.needs),
        "duties": [f"{duty.code}@{duty.clock}" if duty.clock else duty.code for duty in rule.duties],
        "switches_off": list(rule.switches_off), **dict(rule.sentences),
    }  # fmt: skip
    if rule.relaxed is not Outcome.EXPLICIT_OPT_IN:
        row["relaxed"] = rule.relaxed.name
    if not rule.covers:
        row["covers"] = False
    return {key: value for key, value in row.items() if value or key == "covers"}
