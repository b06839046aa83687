"""Who may speak for somebody else, after whose look, and what for: only to say no. Pure: today is an argument."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

KINDS = {"guardian": _("Guardian"), "nominee": _("Nominee")}
SINCE = {"death": _("Death"), "incapacity": _("Incapacity")}


@dataclass(frozen=True)
class RecordFacts:
    kind: str
    may: bool
    three: bool  # the person, who speaks for them and who records it are three
    document: str
    since: str  # of a nominee: death or incapacity, as the paper says
    starts_on: date
    until_on: date | None


def check_record(facts: RecordFacts) -> None:
    """DPDP s.9(1): a lawful guardian. s.14: a nominee, after death or incapacity and not before."""
    if facts.kind not in KINDS:
        raise Refused(_("Choose guardian or nominee."), code="no_such_kind")
    if not facts.may:
        raise Refused(
            _("Only the data protection officer of this entity records who speaks for somebody."),
            code="not_the_dpo",
        )
    if not facts.three:
        raise Refused(
            _("Nobody speaks for themselves here, and nobody records what concerns them."), code="own_matter"
        )
    if not facts.document.strip():
        raise Refused(_("Name the paper that shows it."), code="no_document")
    if facts.kind == "nominee" and facts.since not in SINCE:
        raise Refused(
            _("A nominee speaks only after death or incapacity. Say which of them the paper shows."),
            code="too_early",
        )
    if facts.until_on is not None and facts.until_on < facts.starts_on:
        raise Refused(_("It ends before it begins."), code="no_time")


def check_who(number: bool, outside: bool, partly: bool) -> None:
    """Exactly one of a person number, and name with address of who comes from outside."""
    if number == outside or (number and partly):
        raise Refused(
            _("Give the person number of who works here, or name and e-mail address of who comes from outside: one of them."),
            code="who_is_it",
        )  # fmt: skip


def check_verify(may: bool, is_second: bool, verified: bool, ended: bool) -> None:
    """A second member of the office has seen the paper."""
    if ended or verified:
        raise Refused(_("This was looked at already, or has ended."), code="answered")
    if not may:
        raise Refused(_("Only the data protection officer of this entity verifies it."), code="not_the_dpo")
    if not is_second:
        raise Refused(
            _(
                "Somebody else of the office has to see the paper: neither who recorded it nor who is concerned."
            ),
            code="second_needed",
        )


def check_act(verified: bool, ended: bool, starts_on: date, until_on: date | None, today: date) -> None:
    """They may say no for the person, never yes: nobody is recorded on somebody else's word."""
    if not verified:
        raise Refused(
            _("Two people of the data protection officer’s office have to see the paper first."),
            code="not_verified",
        )
    if ended or today < starts_on or (until_on is not None and today > until_on):
        raise Refused(_("You do not speak for this person now."), code="not_now")
