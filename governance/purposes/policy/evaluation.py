"""The answer of the rules: what may run on which terms, which rules say so, what is missing and what is to be done."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import get_language

from governance.lib.refusals import Refused
from governance.purposes.policy.facts import Override
from governance.purposes.policy.outcomes import Outcome
from governance.purposes.policy.rule import Duty, Rule

APPLIED_EARLY = {
    "en": "applied early, not yet law",
    "hi": "पहले से लागू, अभी कानून नहीं",
    "de": "vorgezogen angewendet, noch kein Gesetz",
}


class Missing(NamedTuple):
    """Evidence that a rule asks for. `detail`: which gate condition, language, element or national act."""

    kind: str
    rule_id: str
    detail: str = ""


@dataclass(frozen=True)
class Fired:
    """One rule that applied: to this signal, or to the whole purpose (signal "")."""

    rule_id: str
    cite: str
    outcome: Outcome | None  # None: duties only
    signal: str
    law: str
    not_yet_law: bool
    house: bool
    express: bool
    sentences: tuple[tuple[str, str], ...]
    relaxed_by: Override | None = None

    @property
    def sentence(self) -> str:
        return self.sentence_in(get_language() or "en")

    def sentence_in(self, language: str) -> str:
        said = dict(self.sentences)
        return said.get(language) or said.get(language.split("-")[0]) or said["en"]

    def cite_in(self, language: str) -> str:
        """The citation, with the mark when the provision does not bind yet on the day of the evaluation."""
        mark = APPLIED_EARLY.get(language.split("-")[0], APPLIED_EARLY["en"])
        return f"{self.cite} ({mark})" if self.not_yet_law else self.cite


@dataclass(frozen=True)
class SignalVerdict:
    """The strictest of what all applicable laws say of one signal."""

    code: str
    category: str
    outcome: Outcome

    @property
    def offered(self) -> bool:
        return self.outcome.may_run


@dataclass(frozen=True)
class Evaluation:
    """`outcome`: the strictest over the signals that are not blocked; BLOCK when all are.

    A blocked signal falls out: it neither passes nor stops the rest. So a rule that blocks one more signal can leave a
    milder headline for the others; what never happens is that any signal's own verdict becomes milder.
    """

    outcome: Outcome
    signals: tuple[SignalVerdict, ...]
    fired: tuple[Fired, ...]
    missing: tuple[Missing, ...]
    duties: tuple[Duty, ...]
    by_law: tuple[tuple[str, Outcome], ...]  # side by side: GDPR, DPDP
    refused_overrides: tuple[tuple[Override, Refused], ...]
    unknown: tuple[str, ...]  # countries and words that the rules do not know
    jurisdiction: str | None
    on: date
    pack_version: str
    pack_sha256: str

    @property
    def per_signal(self) -> dict[str, Outcome]:
        """Code → outcome; the stricter one where two items carry one code."""
        ordered = sorted(self.signals, key=lambda verdict: verdict.outcome)
        return {verdict.code: verdict.outcome for verdict in ordered if verdict.code}

    @property
    def offered(self) -> list[str]:
        """Codes of the signals that may run, on the terms of `per_signal`."""
        return [verdict.code for verdict in self.signals if verdict.code and verdict.offered]

    @property
    def strictest_rules(self) -> list[Fired]:
        """The rules that made the outcome what it is."""
        return [fired for fired in self.fired if fired.outcome == self.outcome]

    def ids(self, signal: str | None = None) -> set[str]:
        """Ids of all rules that fired, or of those that touch this signal."""
        return {fired.rule_id for fired in self.fired if signal is None or fired.signal in ("", signal)}

    def as_dict(self) -> dict[str, Any]:
        """To be kept beside the purpose: plain values, English sentences, pack and hash."""
        return {
            "outcome": self.outcome.name,
            "signals": {code: outcome.name for code, outcome in self.per_signal.items()},
            "by_law": {law: outcome.name for law, outcome in self.by_law},
            "fired": [
                {
                    "rule": f.rule_id, "cite": f.cite_in("en"), "outcome": None if f.outcome is None else f.outcome.name,
                    "signal": f.signal, "sentence": f.sentence_in("en"),
                    "relaxed": f.relaxed_by is not None,
                }
                for f in self.fired
            ],
            "missing": [missing._asdict() for missing in self.missing],
            "duties": [{"duty": d.code, "clock": d.clock, "rule": d.rule_id} for d in self.duties],
            "unknown": list(self.unknown),
            "jurisdiction": self.jurisdiction,
            "on": self.on.isoformat(),
            "pack_version": self.pack_version,
            "pack_sha256": self.pack_sha256,
        }  # fmt: skip


def fired_by(
    rule: Rule, on: date, signal: str, express: bool, outcome: Outcome | None, override: Override | None
) -> Fired:
    return Fired(
        rule.id, rule.cite, outcome, signal, rule.law, rule.not_yet_law(on), rule.house, express, rule.sentences, override
    )  # fmt: skip
