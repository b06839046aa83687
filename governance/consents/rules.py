"""From which standing to which, by whom; and who may be asked at all. Pure: today is an argument."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from governance.lib import packs
from governance.lib.deadlines import period
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
    "unknown": {"requested": frozenset({"controller"}), "given": frozenset({"person"}), "refused": frozenset({"person"}), "invalidated": frozenset({"controller"})},
    "requested": {"given": frozenset({"person"}), "refused": frozenset({"person"}), "deferred": frozenset({"person"}), "invalidated": frozenset({"controller"})},
    "deferred": {"given": frozenset({"person"}), "refused": frozenset({"person"}), "requested": frozenset({"controller"}), "invalidated": frozenset({"controller"})},
    "refused": {"given": frozenset({"person"}), "requested": frozenset({"controller"}), "invalidated": frozenset({"controller"})},
    "given": {
        "renewed": frozenset({"person"}), "withdrawn": frozenset({"person", "guardian", "nominee"}), "expired": frozenset({"system"}),
        "revoked": frozenset({"controller"}), "invalidated": frozenset({"controller"}),
    },
}  # fmt: skip
TRANSITIONS["renewed"] = TRANSITIONS["given"]

# Why a consent was never one, or is one no more: what the data protection officer finds, and the person reads.
INVALID: dict[str, Any] = {
    "pressed": _("It was not free: the person was pressed, or had no real choice."),
    "not_informed": _("It was not informed: what was shown was wrong, missing or not in their language."),
    "not_themselves": _("It was not said by the person themselves."),
    "under_18": _("The person was under 18."),
    "not_specific": _("It was not specific: too much was asked for at once."),
}


def check_invalid(may: bool, themselves: bool, why: str) -> None:
    """GDPR Art. 4(11), 7(4); DPDP s.6(1): a consent that is not free, specific, informed and unambiguous is none."""
    if not may:
        raise Refused(
            _("Only the data protection officer of this entity finds that a consent is not valid."),
            code="not_the_dpo",
        )
    if themselves:
        raise Refused(
            _("Withdraw your own consent instead. Others look at whether it was valid."), code="own_consent"
        )
    if why not in INVALID:
        raise Refused(_("Choose why it is not valid. The person reads it."), code="reason_missing")


# Why a consent ended although the person said nothing → the state it ended in, and who said so.
BECAUSE: dict[str, tuple[str, str]] = {
    "lapsed": ("expired", "system"),
    "notice_superseded": ("expired", "system"),
    "job_changed": ("expired", "system"),
    "purpose_retired": ("revoked", "controller"),
    "signal_dropped": ("revoked", "controller"),
    "population_no": ("revoked", "controller"),
}


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
    barred: bool = False  # a no for the people among whom they work covers something of it
    about_them: bool = True  # a programme of it takes in where they work, or it has none


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
    if not facts.about_them:
        raise Refused(
            _("No programme of this purpose takes in where this person works. Nothing was written."),
            code="not_about_them",
        )
    if facts.under_18:
        raise Refused(_("Nobody under 18 is recorded, whoever agrees to it."), code="under_18")
    if facts.barred:
        raise Refused(
            _(
                "A no for everybody where you work stands against this. Nothing can be switched on while it does."
            ),
            code="population_no",
        )
    if not facts.has_notice or facts.language_shown not in facts.languages_published:
        raise Refused(_("There is no notice in this language that you could agree to."), code="no_notice")
    if not facts.signals_wanted:
        raise Refused(
            _("Choose at least one signal, or leave everything off: both are fine."), code="nothing_chosen"
        )
    surplus = facts.signals_wanted - facts.signals_declared
    if surplus:
        raise Refused(_("This is never recorded, so nobody can agree to it."), code="not_declared")


@dataclass(frozen=True)
class Counts:
    """A grant of the ledger beside what the register and the staff list say now."""

    expired: bool
    superseded: bool  # the notice it was given to was replaced by one of a material change
    same_job: bool
    retired: bool
    declared: bool  # the version in force still names the signal
    barred: bool = False  # a no for the people among whom they work covers it


def why_over(facts: Counts) -> str:
    """Why a grant has to end although the person said nothing: a code of BECAUSE, "" while it counts.

    What can never come back is said first: it orders the erasure at once, a superseded notice gives time to renew.
    """
    if facts.retired:
        return "purpose_retired"
    if not facts.declared:
        return "signal_dropped"
    if facts.barred:
        return "population_no"
    if not facts.same_job:
        return "job_changed"
    if facts.expired:
        return "lapsed"
    return "notice_superseded" if facts.superseded else ""


def span(name: str, on: date) -> str:
    """The period (ISO 8601) of packs/asking.toml that holds on this day: silence, lapse, renewal, between."""
    rows = [row for row in packs.load("asking").content[name] if row["from"] <= on]
    return str(max(rows, key=lambda row: row["from"])["period"])


def expires(given: date) -> date:
    """Consent lapses after 12 months (house rule CL-24)."""
    return period(span("lapse", given), given)


def warn_until(today: date) -> date:
    """Whoever's yes lapses on this day or before is told so, once."""
    return period(span("warning", today), today)


def erase_on(ended: date) -> date:
    """Until this day somebody may renew a yes that a newer notice ended; then earlier data is erased (EU-48)."""
    return period(span("renewal", ended), ended)


def silent_until(said: date) -> date:
    """The last day on which nobody asks again somebody who said no, withdrew or let it end on `said` (G6, EU-37)."""
    return period(span("silence", said), said)


def deferred_until(said: date) -> date:
    """The last day on which nobody asks again somebody who said that they decide later."""
    return period(span("later", said), said)


@dataclass(frozen=True)
class Standing:
    """Where somebody stands on a purpose as a whole, when it comes to asking them."""

    employed_there: bool
    under_18: bool
    can_sign_in: bool
    opted_out: bool  # by themselves, or with the people among whom they work
    has_text: bool  # a usable text of the notice in their language
    switched_on: bool  # something of it is on and counts
    asked: bool  # and has not answered
    said_on: date | None  # of the last no, withdrawal or end
    deferred_on: date | None = None  # on which they said that they decide later, while that stands


def may_be_asked(standing: Standing, today: date) -> bool:
    """Nobody is asked twice without an answer, nor for six months after one; an opt-out is an answer for good."""
    if not (standing.employed_there and standing.can_sign_in and standing.has_text) or standing.under_18:
        return False
    if standing.opted_out or standing.switched_on or standing.asked:
        return False
    if standing.deferred_on is not None and today <= deferred_until(standing.deferred_on):
        return False
    return standing.said_on is None or today > silent_until(standing.said_on)


@dataclass(frozen=True)
class AskingFacts:
    """May this purpose be put before people now?"""

    purpose_active: bool
    rests_on_consent: bool
    has_notice: bool
    languages: frozenset[str]  # of the people concerned
    languages_usable: frozenset[str]  # of the published notice
    last_asked_on: date | None
    waiting: bool


def check_ask(facts: AskingFacts, today: date) -> None:
    if not facts.rests_on_consent:
        raise Refused(
            _("This purpose does not rest on consent: people are informed of it, not asked."),
            code="not_on_consent",
        )
    if not facts.purpose_active:
        raise Refused(
            _("This purpose is not running, so nobody is asked. Activate it first."),
            code="purpose_not_active",
        )
    if not facts.has_notice:
        raise Refused(_("Publish a notice first: nobody can be asked without one."), code="no_notice")
    if not facts.languages & facts.languages_usable:
        raise Refused(
            _("The notice has no usable text in a language of the people concerned. Have it translated and reviewed first."),
            code="no_text",
        )  # fmt: skip
    if facts.waiting:
        raise Refused(_("People are being asked at this moment."), code="asking_now")
    if facts.last_asked_on is not None and today <= period(span("between", today), facts.last_asked_on):
        raise Refused(
            _("People were asked this week already. Ask again after seven days; nobody is reminded."),
            code="asked_lately",
        )


def check_hours(weekdays: Collection[int], since: time | None, to: time | None) -> None:
    """Hours have a begin and an end, which differ; days are those of the week."""
    if not set(weekdays) <= set(range(1, 8)):
        raise Refused(_("Choose days of the week."), code="no_such_day")
    if (since is None) != (to is None):
        raise Refused(_("Say from when and until when, or leave both empty."), code="half_a_time")
    if since is not None and since == to:
        raise Refused(_("From and until are the same. Leave both empty for the whole day."), code="no_time")


HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


def host(said: str) -> str:
    """ "https://Mail.example.org:8443/x" → "mail.example.org"; "" stays "". Raises Refused for what is no site."""
    text = said.strip().lower()
    if not text:
        return ""
    try:
        found = (
            (urlsplit(text if "//" in text else f"//{text}").hostname or "").rstrip(".").removeprefix("www.")
        )
    except ValueError:
        found = ""
    if not HOST.fullmatch(found):
        raise Refused(
            _("This is not the address of a site. Write it as in example.org."), code="no_such_site"
        )
    return found


PAUSES = (1, 4, 24)  # hours


def check_pause(hours: int | None) -> None:
    if hours is not None and hours not in PAUSES:
        raise Refused(_("A pause lasts 1, 4 or 24 hours, or until you resume."), code="no_such_pause")
