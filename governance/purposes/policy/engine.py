"""May this run, where, on which terms? Facts in, an Evaluation out: no database, no request, no clock."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from governance.lib.refusals import Refused
from governance.purposes.policy import overrides, packs
from governance.purposes.policy.evaluation import Evaluation, Fired, Missing, SignalVerdict, fired_by
from governance.purposes.policy.facts import Override, PurposeFacts
from governance.purposes.policy.outcomes import Outcome, strictest
from governance.purposes.policy.packs import PolicyPack
from governance.purposes.policy.rule import Rule
from governance.purposes.policy.vocabulary import (
    NO_SIGNAL,
    laws_of,
    missing_languages,
    of_purpose,
    of_signal,
    unknown_words,
)

LAWS = ("EU", "IN", "X")
REMEMBERED = 65_536  # evaluations; an evaluation of three signals is about 4 kB


def evaluate(
    facts: PurposeFacts, jurisdiction: str | None, on: date, pack: PolicyPack | None = None
) -> Evaluation:
    """What the rules say of these facts on this day.

    `jurisdiction` "EU" or "IN": that law alone. None: every law that the facts bring in, the combined cases, and the
    strictest of all. Remembered by facts, jurisdiction, day and the pack's hash.
    """
    return _remembered(facts, jurisdiction, on, pack or packs.default())


@lru_cache(maxsize=REMEMBERED)
def _remembered(facts: PurposeFacts, jurisdiction: str | None, on: date, pack: PolicyPack) -> Evaluation:
    return evaluate_anew(facts, jurisdiction, on, pack)


def forget() -> None:
    """Empty the memo; for measurements."""
    _remembered.cache_clear()


def evaluate_anew(facts: PurposeFacts, jurisdiction: str | None, on: date, pack: PolicyPack) -> Evaluation:
    """The same without the memo."""
    return _Hearing(facts, jurisdiction, on, pack).verdict()


class _Hearing:
    """One evaluation while it is under way."""

    def __init__(self, facts: PurposeFacts, jurisdiction: str | None, on: date, pack: PolicyPack) -> None:
        self.facts, self.jurisdiction, self.on, self.pack = facts, jurisdiction, on, pack
        self.fired: list[Fired] = []
        self.missing: dict[Missing, None] = {}
        self.rules: list[Rule] = []  # those that fired, once each
        self.valid: dict[str, list[Override]] = {}
        self.refused: list[tuple[Override, Refused]] = []
        if facts.overrides:
            self.valid, self.refused = overrides.counting(facts, pack.by_id, on)
        laws, strangers = laws_of(facts, pack.tables)
        if jurisdiction is None:
            self.laws: list[str] = sorted(laws)
            self.strangers = sorted(strangers)
        else:
            self.laws, self.strangers = [jurisdiction], []
        self.words = unknown_words(facts, pack.vocabulary)
        self.base = of_purpose(facts, on, pack.tables)
        self.base["act_missing"] = bool(self._missing_acts())
        self.gate_open = [condition for condition in pack.gate if not condition.test(self.base)]
        self.base["gate"] = not self.gate_open

    def verdict(self) -> Evaluation:
        signals = self.facts.signals or (NO_SIGNAL,)
        known = [signal if signal.category in self.pack.tables.categories else None for signal in signals]
        contexts = [
            self.base | of_signal(signal, self.on, self.pack.tables) if ok else None
            for signal, ok in zip(signals, known, strict=True)
        ]
        by_law: dict[str, list[Outcome]] = {}
        for law in self.laws:
            wide, off = self._wide(law)
            by_law[law] = [
                self._of_signal(law, signal.code, context, wide, off)
                for signal, context in zip(signals, contexts, strict=True)
            ]
        if self.words:
            by_law = {law: [max(outcome, Outcome.HOLD) for outcome in given] for law, given in by_law.items()}
        everywhere = self._combined(contexts, [signal.code for signal in signals])
        everywhere += [Outcome.HOLD] * bool(self.strangers or self.words or not self.laws)
        if self.strangers:
            self._stands_off("NO-COUNTRY", "unknown_country", "")
        if self.words:
            self._stands_off("NO-WORD", "unknown_word", "")
        if not self.laws and not self.strangers:
            self._stands_off("NO-RULE", "no_rule", "")
        verdicts = tuple(
            SignalVerdict(
                signal.code, signal.category, max([outcomes[n] for outcomes in by_law.values()] + everywhere)
            )
            for n, signal in enumerate(signals)
        )
        return Evaluation(
            outcome=_headline([verdict.outcome for verdict in verdicts]),
            signals=verdicts,
            fired=tuple(
                sorted(self.fired, key=lambda f: -1 if f.outcome is None else f.outcome, reverse=True)
            ),
            missing=tuple(self.missing),
            duties=tuple(dict.fromkeys(duty for rule in self.rules for duty in rule.duties)),
            by_law=tuple((law, _headline(outcomes)) for law, outcomes in by_law.items()),
            refused_overrides=tuple(self.refused),
            unknown=(*self.strangers, *self.words),
            jurisdiction=self.jurisdiction,
            on=self.on,
            pack_version=self.pack.version,
            pack_sha256=self.pack.sha256,
        )

    def _wide(self, law: str) -> tuple[list[tuple[Rule, Outcome | None]], frozenset[str]]:
        """What fired for the whole purpose, and the parts of the Act that an exemption switches off."""
        if law not in LAWS:
            return [], frozenset()
        said = [rule for rule in self.pack.active(law, self.on).wide if rule.test(self.base)]
        off = frozenset(part for rule in said for part in rule.switches_off)
        return [(rule, self._fire(rule, "")) for rule in said if rule.part not in off], off

    def _of_signal(
        self, law: str, code: str, context: Mapping[str, Any] | None, wide: Iterable[tuple[Rule, Outcome | None]], off: frozenset[str]
    ) -> Outcome:  # fmt: skip
        """One law's verdict on one signal; HOLD when no rule of that law answers for it."""
        said = [(rule, self._relaxed(rule, code)[0]) for rule, outcome in wide if outcome is not None]
        if context is not None:
            for rule in (
                self.pack.active(law, self.on).by_category[context["signal.category"]] if law in LAWS else ()
            ):
                if rule.part not in off and rule.test(context):
                    said.append((rule, self._fire(rule, code)))
        given = [outcome for _, outcome in said if outcome is not None]
        # What is too mild to stop anything must also answer for the case; what stops it needs no second reason.
        if context is None or not any(rule.covers for rule, outcome in said if outcome is not None):
            self._stands_off("NO-RULE", "no_rule", code, law)
            given.append(Outcome.HOLD)
        return strictest(given)

    def _combined(self, contexts: list[dict[str, Any] | None], codes: list[str]) -> list[Outcome]:
        """What the cases under several laws add, for every signal alike."""
        if self.jurisdiction is not None:
            return []
        wide, _ = self._wide("X")
        given = [outcome for _, outcome in wide if outcome is not None]
        for code, context in zip(codes, contexts, strict=True):
            if context is not None:
                for rule in self.pack.active("X", self.on).by_category[context["signal.category"]]:
                    if rule.test(context) and (outcome := self._fire(rule, code)) is not None:
                        given.append(outcome)
        return given

    def _relaxed(self, rule: Rule, code: str) -> tuple[Outcome | None, Override | None]:
        """The rule's outcome for this signal, and the override that made it milder."""
        if rule.id in self.valid and (override := overrides.touching(self.valid[rule.id], code)):
            return rule.relaxed, override
        return rule.outcome, None

    def _fire(self, rule: Rule, code: str) -> Outcome | None:
        outcome, override = self._relaxed(rule, code)
        express = rule.force != "" and rule.is_express(self.facts.countries)
        self.fired.append(fired_by(rule, self.on, code, express, outcome, override))
        self.rules.append(rule)
        if rule.outcome is not None:
            for missing in self._what_is_missing(rule):
                self.missing[missing] = None
        return outcome

    def _what_is_missing(self, rule: Rule) -> Iterable[Missing]:
        on_file = self.base["evidence"]
        if rule.lists in ("gate", "gate_and_languages"):
            for condition in self.gate_open:
                for kind in [kind for kind in condition.needs if kind not in on_file] or [""]:
                    yield Missing(kind, rule.id, condition.id)
        if rule.lists == "acts":
            for country, acts in self._missing_acts():
                yield Missing(acts[0], rule.id, f"{country}: {' / '.join(acts)}")
        if rule.lists == "elements":
            for element in sorted(self.facts.notice.missing_elements):
                yield Missing("notice_element", rule.id, element)
        elif rule.lists.endswith("languages"):
            for language in sorted(missing_languages(self.facts, scheduled_only=rule.lists != "languages")):
                yield Missing("notice_text", rule.id, language)
        elif rule.outcome is not None and rule.outcome != Outcome.ALLOW:
            for kind in rule.needs:
                if kind not in on_file:
                    yield Missing(kind, rule.id)

    def _missing_acts(self) -> list[tuple[str, tuple[str, ...]]]:
        """Countries whose national act for a monitoring-capable tool is not on file, with the acts that would do."""
        if not (self.facts.works_council and self.facts.monitoring_capable):
            return []
        here = sorted(self.facts.countries & self.pack.tables.eea) or ["other"]
        wanted = [(country, self.pack.acts.get(country, self.pack.acts["other"])) for country in here]
        return [(country, acts) for country, acts in wanted if self.base["evidence"].isdisjoint(acts)]

    def _stands_off(self, rule_id: str, sentence: str, code: str, law: str = "") -> None:
        said = self.pack.shared["sentence"][sentence]
        self.fired.append(
            Fired(
                rule_id, law or "–", Outcome.HOLD, code, law, False, True, False, tuple(sorted(said.items()))
            )
        )


def _headline(outcomes: list[Outcome]) -> Outcome:
    """The strictest of what is not blocked; BLOCK when nothing is left."""
    left = [outcome for outcome in outcomes if outcome is not Outcome.BLOCK]
    return max(left) if left else Outcome.BLOCK
