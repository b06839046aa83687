"""On which coming days the verdict on a purpose changes, and to what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from governance.lib.deadlines import add_months
from governance.purposes.policy import engine, packs
from governance.purposes.policy.evaluation import Evaluation
from governance.purposes.policy.facts import PurposeFacts
from governance.purposes.policy.outcomes import Outcome
from governance.purposes.policy.packs import PolicyPack


@dataclass(frozen=True)
class Change:
    """From this day on the verdict is another one. `begins`, `ends`: rules that start or stop to speak that day."""

    on: date
    was: Outcome
    outcome: Outcome
    per_signal: dict[str, Outcome]
    begins: tuple[str, ...]
    ends: tuple[str, ...]
    evaluation: Evaluation


def next_changes(
    facts: PurposeFacts, on: date, *, jurisdiction: str | None = None, pack: PolicyPack | None = None
) -> list[Change]:
    """Every day after `on` on which the outcome, or that of a signal, changes, as far as dates on file can tell."""
    used = pack or packs.default()
    before = engine.evaluate(facts, jurisdiction, on, used)
    found = []
    for day in sorted({day for day in turns(facts, used) if day > on}):
        then = engine.evaluate(facts, jurisdiction, day, used)
        if (then.outcome, then.signals) != (before.outcome, before.signals):
            found.append(
                Change(
                    day, before.outcome, then.outcome, then.per_signal,
                    tuple(sorted(then.ids() - before.ids())), tuple(sorted(before.ids() - then.ids())), then,
                )
            )  # fmt: skip
        before = then
    return found


def turns(facts: PurposeFacts, pack: PolicyPack) -> Iterator[date]:
    """Days on which something that the rules look at turns: law, evidence, assessment, override, contract, floor."""
    yield from pack.turns
    for paper in facts.evidence:
        yield paper.signed_on
        if paper.expires_on:
            yield paper.expires_on
    for signal in facts.signals:
        if signal.assessed_until:
            yield signal.assessed_until
    for override in facts.overrides:
        yield override.decided_on
        if override.until:
            yield override.until
    for recipient in facts.recipients:
        yield from (day for day in (recipient.contract_from, recipient.contract_until) if day)
    if facts.case.processed_on:
        yield add_months(facts.case.processed_on, 12)
