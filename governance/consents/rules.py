"""From which standing to which, by whom; and who may be asked at all. Pure: today is an argument."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from governance.lib.deadlines import add_months
from governance.lib.refusals import Refused

# DPV 2.3 consent statuses, lower case without the prefix `Consent`; `renewed` is RenewedConsentGiven.
STATUSES = [
    ("unknown", _("Unknown")), ("requested", _("Asked, not answered")), ("deferred", _("Answered: later")),
    ("refused", _("Refused")), ("given", _("Given")), ("renewed", _("Given again")), ("withdrawn", _("Withdrawn")),
    ("revoked", _("Ended by the controller")), ("expired", _("Expired")), ("invalidated", _("Found invalid")),
]  # fmt: skip
ENABLING = frozenset({"given", "renewed"})
ENDED = frozenset({"withdrawn", "revoked", "expired", "invalidated"})

# from → to → who may say it
TRANSITIONS: dict[str, dict[str, frozenset[str]]] = {
    "": {"requested": frozenset({"controller"}), "given": frozenset({"person"}), "refused": frozenset({"person"}), "unknown": frozenset({"system"})},
    "unknown": {"given": frozenset({"person"}), "refused": frozenset({"person"}), "invalidated": frozenset({"controller"})},
    "requested": {"given": frozenset({"person"}), "refused": frozenset({"person"}), "deferred": frozenset({"person"}), "invalidated": frozenset({"controller"})},
    "deferred": {"given": frozenset({"person"}), "refused": frozenset({"person"}), "requested": frozenset({"controller"}), "invalidated": frozenset({"controller"})},
    "refused": {"given": frozenset({"person"}), "invalidated": frozenset({"controller"})},
    "given": {
        "renewed": frozenset({"person"}), "withdrawn": frozenset({"person", "guardian", "nominee"}), "expired": frozenset({"system"}),
        "revoked": frozenset({"controller"}), "invalidated": frozenset({"controller"}),
    },
}  # fmt: skip
TRANSITIONS["renewed"] = TRANSITIONS["given"]


def check_move(old: str, new: str, by_kind: str) -> None:
    allowed = TRANSITIONS.get(old, {}).get(new)
    if allowed is None:
        raise Refused(
            _("This consent is “%(old)s”; it cannot become “%(new)s”."),
            code="wrong_transition",
            old=old or "new",
            new=new,
        )
    if by_kind not in allowed:
        raise Refused(_("That is not yours to say for somebody else."), code="not_theirs_to_say")


@dataclass(frozen=True)
class AskFacts:
    """May this person be asked for this purpose, and what exactly may they say yes to?"""

    purpose_active: bool
    rests_on_consent: bool
    employed_there: bool
    under_18: bool
    has_notice: bool
    language_shown: str
    languages_published: frozenset[str]
    signals_wanted: frozenset[str]
    signals_declared: frozenset[str]


def check_give(facts: AskFacts) -> None:
    """Behavioural capture of a person under 18 is barred even with a parent's consent (DPDP s.9(3); applied early)."""
    if not facts.rests_on_consent:
        raise Refused(
            _("This purpose does not rest on your consent, so there is nothing to switch on."),
            code="not_on_consent",
        )
    if not facts.purpose_active:
        raise Refused(
            _("This purpose is not running now. Nothing was switched on."), code="purpose_not_active"
        )
    if not facts.employed_there:
        raise Refused(_("This purpose does not concern you."), code="not_concerned")
    if facts.under_18:
        raise Refused(_("Nobody under 18 is recorded, whoever agrees to it."), code="under_18")
    if not facts.has_notice or facts.language_shown not in facts.languages_published:
        raise Refused(_("There is no notice in this language that you could agree to."), code="no_notice")
    if not facts.signals_wanted:
        raise Refused(
            _("Choose at least one signal, or leave everything off: both are fine."), code="nothing_chosen"
        )
    surplus = facts.signals_wanted - facts.signals_declared
    if surplus:
        raise Refused(_("This is never recorded, so nobody can agree to it."), code="not_declared")


def expires(given: date) -> date:
    """Consent lapses after 12 months (house rule CL-24)."""
    return add_months(given, 12)
