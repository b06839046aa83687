"""What becomes of a consent that was given before, or outside: given with its provenance, or unknown. Pure."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from governance.consents import rules
from governance.lib.refusals import Refused

PROVENANCE = "legacy"


@dataclass(frozen=True)
class Facts:
    """One row beside what the portal knows. `evidence`: a paper is named and its words are a text of ours that still counts."""

    said_on: date
    evidence: bool
    half: bool  # a paper without its words, or words without a paper
    known: bool  # the portal has heard from them about this already
    ask: rules.AskFacts
    opted_out: bool = False


def outcome(facts: Facts, today: date) -> str:
    """ "given" or "unknown". Raises Refused where the row can be neither.

    GDPR Art. 7(1), DPDP s.6(10): whoever relies on consent shows it. What cannot be shown enables nothing.
    """
    if facts.said_on > today:
        raise Refused(_("This day has not come."), code="in_future")
    if facts.known:
        raise Refused(
            _("The person has answered this here already. Their own word stands; leave the row out."),
            code="answered",
        )
    if not facts.ask.rests_on_consent:
        raise Refused(_("This purpose does not rest on consent."), code="not_on_consent")
    surplus = facts.ask.signals_wanted - facts.ask.signals_declared
    if surplus:
        raise Refused(_("The register does not name this signal for the purpose."), code="not_declared")
    if facts.half:
        raise Refused(
            _("Name both the paper and the SHA-256 of the words that were shown, or neither: then it is recorded as unknown."),
            code="half_evidence",
        )  # fmt: skip
    if not facts.evidence:
        return "unknown"
    if facts.opted_out:
        raise Refused(_("The person has opted out. That stands."), code="opted_out")
    if rules.expires(facts.said_on) <= today:
        return "unknown"  # it would have lapsed by now
    rules.check_give(facts.ask)
    return "given"
