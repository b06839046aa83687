"""What follows from what the rules say: which items may be recorded, whether the purpose may run, what may not be stopped.

Pure: facts in, consequences out. The decisions stand in governance/decisions/0023-what-a-verdict-does.md.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from governance.lib.refusals import Refused
from governance.purposes.activity import Activity
from governance.purposes.policy import Evaluation, Outcome, PurposeFacts, engine, packs
from governance.purposes.policy.changes import Change, next_changes, turns
from governance.purposes.policy.facts import NoticeFacts
from governance.purposes.policy.vocabulary import laws_of, missing_languages

LAWS = ("EU", "IN")
NAMED = 3  # rules and missing papers that a refusal names; the rest stands on the page


@dataclass(frozen=True)
class Judgement:
    """One activity before the rules on one day."""

    activity: Activity
    facts: PurposeFacts
    on: date

    @cached_property
    def evaluation(self) -> Evaluation:
        """By all laws that apply, combined cases too: the strictest."""
        return engine.evaluate(self.facts, None, self.on)

    @property
    def outcome(self) -> Outcome:
        return self.evaluation.outcome

    @cached_property
    def laws(self) -> tuple[str, ...]:
        found, _strangers = laws_of(self.facts, packs.default().tables)
        return tuple(law for law in LAWS if law in found)

    def under(self, law: str) -> Evaluation | None:
        """By this law alone; None where it does not apply."""
        return engine.evaluate(self.facts, law, self.on) if law in self.laws else None

    @cached_property
    def changes(self) -> list[Change]:
        return next_changes(self.facts, self.on)

    def turns_between(self, before: date, until: date) -> bool:
        """Whether any day after `before`, up to `until`, can bring another verdict on the same facts."""
        return any(before < day <= until for day in turns(self.facts, packs.default()))

    @cached_property
    def standing(self) -> Evaluation:
        """For those who can read the notice: a language without a text keeps people from being asked, not the others from
        what they agreed to (IN-07: do not ask in that language). Before there is any text nobody is asked at all."""
        missing = missing_languages(self.facts, scheduled_only=False)
        if not missing:
            return self.evaluation
        if self.facts.notice.approved_languages:
            told = replace(self.facts.notice, people_languages=self.facts.notice.people_languages - missing)
        else:
            told = NoticeFacts()
        return engine.evaluate(self.facts.but(notice=told), None, self.on)

    @cached_property
    def recorded(self) -> frozenset[str]:
        """Codes of the captured items that may be offered and admitted."""
        may = {code for code, outcome in self.standing.per_signal.items() if outcome.may_run}
        return frozenset(item.code for item in self.activity.signals if item.code in may)

    @cached_property
    def fallen(self) -> frozenset[str]:
        """Codes of the captured items that may not: they fall out of the gate, and the rest goes on."""
        return frozenset(item.code for item in self.activity.signals) - self.recorded

    @cached_property
    def stops(self) -> bool:
        """Whether what is left without the fallen items may not run either."""
        left = [
            verdict.outcome
            for verdict in self.standing.signals
            if verdict.code not in self.fallen and verdict.outcome is not Outcome.BLOCK
        ]
        return not left or not max(left).may_run

    @cached_property
    def is_owed(self) -> bool:
        """Nobody is asked, nothing is recorded of people, and contract or law asks for it: stopping would harm them."""
        marks = packs.default().tables.categories
        kept_only = not any(
            "capture" in marks.get(signal.category, ()) or signal.captured for signal in self.facts.signals
        )
        grounds = {
            "EU": self.facts.basis_eu in ("b", "c", "d", "e"),
            "IN": self.facts.ground_in.startswith("s7"),
        }
        return (
            not self.activity.asks_consent
            and kept_only
            and bool(self.laws)
            and all(grounds[law] for law in self.laws)
        )


def check_activate(judged: Judgement) -> None:
    """Nothing starts while the rules say HOLD, BLOCK or REJECT_CONFIG; the sentence names the rules and what is missing."""
    if not judged.outcome.may_run:
        sentence, facts = _why(judged.evaluation)
        raise Refused(sentence, code=f"verdict_{judged.outcome.name.lower()}", **facts)


def check_approve(judged: Judgement, *, runs_now: bool) -> None:
    """What is defined in a way that the rules refuse is not approved; nor what would stop a purpose that runs."""
    if judged.outcome is Outcome.REJECT_CONFIG:
        sentence, facts = _why(judged.evaluation)
        raise Refused(sentence, code="verdict_reject_config", **facts)
    if runs_now and judged.stops and not judged.is_owed:
        _sentence, facts = _why(judged.standing)
        raise Refused(
            _("With this version the purpose would stop at once: %(why)s Put what is missing on file first, or pause the purpose."),
            code="would_stop", **facts,
        )  # fmt: skip


def _why(said: Evaluation) -> tuple[str, dict[str, Any]]:
    language = get_language() or "en"
    rules = list(
        dict.fromkeys(
            f"{f.sentence_in(language)} ({f.rule_id}, {f.cite_in(language)})" for f in said.strictest_rules
        )
    )
    papers = list(
        dict.fromkeys(packs.default().evidence_title(m.kind, language) for m in said.missing if m.kind)
    )
    facts = {
        "why": " ".join(rules[:NAMED]),
        "missing": ", ".join(papers[:NAMED]) + ("…" if len(papers) > NAMED else ""),
    }
    if said.outcome is Outcome.BLOCK:
        return _("The rules forbid this: %(why)s"), facts
    if said.outcome is Outcome.REJECT_CONFIG:
        return _("The rules refuse this the way it is written: %(why)s Change the entry."), facts
    if papers:
        return _("This cannot start yet: %(why)s Missing: %(missing)s."), facts
    return _("This cannot start yet: %(why)s"), facts


def sentence_of(judged: Judgement) -> str:
    """Why it stops, in one line, for the reason that is kept with a pause."""
    sentence, facts = _why(judged.standing)
    return sentence % facts
