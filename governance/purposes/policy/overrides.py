"""Who may relax what: a locked default only, by the accountable owner, after the DPO's written advice (Art. 38(6))."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused
from governance.purposes.policy.facts import Override, PurposeFacts
from governance.purposes.policy.rule import Rule


def check_rule(rule_id: str, rule: Rule | None, countries: frozenset[str]) -> None:
    """Refused for what nobody relaxes here: express prohibitions, and what asks for evidence instead."""
    if rule is None:
        raise Refused(_("There is no rule %(rule)s."), code="no_such_rule", rule=rule_id)
    if rule.is_express(countries):
        raise Refused(
            _("%(rule)s is an express prohibition (%(cite)s). Nobody can relax it."),
            code="express_prohibition", rule=rule.id, cite=rule.cite,
        )  # fmt: skip
    if rule.force != "locked":
        raise Refused(
            _("%(rule)s is no locked default. What it asks for must be put on file instead."),
            code="not_locked", rule=rule.id,
        )  # fmt: skip


def check_override(override: Override, rule: Rule | None, facts: PurposeFacts, on: date) -> None:
    """Refused when this override does not count on this day; both texts and both names must be there."""
    check_rule(override.rule_id, rule, facts.countries)
    if not override.owner or not override.reason.strip():
        raise Refused(_("The accountable owner must sign and give a reason."), code="no_reason")
    if not override.dpo or not override.advice.strip():
        raise Refused(_("The DPO’s written advice comes first."), code="no_advice")
    if override.owner == override.dpo:
        raise Refused(
            _("Owner and DPO must be two persons: a DPO does not decide purposes."), code="one_person"
        )
    if override.dpo in facts.representatives:
        raise Refused(_("Who represents the workers cannot advise as DPO."), code="conflict_of_interest")
    if override.advised_on > override.decided_on:
        raise Refused(
            _("The decision was taken before the DPO’s advice. Decide again."), code="advice_too_late"
        )
    if not override.decided_on <= on:
        raise Refused(_("The decision does not count before its day."), code="not_yet")
    if override.until is not None and override.until <= on:
        raise Refused(_("The decision has run out. Ask for advice and decide again."), code="run_out")


def counting(
    facts: PurposeFacts, rules: dict[str, Rule], on: date
) -> tuple[dict[str, list[Override]], list[tuple[Override, Refused]]]:
    """(overrides that count, by rule; those that do not, and why)."""
    valid: dict[str, list[Override]] = {}
    refused: list[tuple[Override, Refused]] = []
    for override in facts.overrides:
        try:
            check_override(override, rules.get(override.rule_id), facts, on)
        except Refused as refusal:
            refused.append((override, refusal))
        else:
            valid.setdefault(override.rule_id, []).append(override)
    return valid, refused


def touching(overrides: list[Override], signal: str) -> Override | None:
    """The override that reaches this signal."""
    return next((override for override in overrides if override.signal in ("", signal)), None)
