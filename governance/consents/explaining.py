"""Every answer of decide.py in words: a sentence, the provision behind it, and whether it tells what a person chose.

The person reads the sentence. A program reads code and sentence only where `tells_choice` is False: where the answer
comes from the register, for everybody alike. Every other no is `not_permitted`, whoever asks.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.lib import packs

NOT_PERMITTED = "not_permitted"


@dataclass(frozen=True)
class Said:
    """`rules`: ids of provisions in packs/laws.toml; none where it is our own rule alone."""

    sentence: Any
    rules: tuple[str, ...] = ()
    tells_choice: bool = True

    @property
    def cited(self) -> str:
        known = packs.provisions()
        return "; ".join(known[key].cite for key in self.rules)


ASKED = ("dpdp.s6", "gdpr.6-1-a")
TAKEN_BACK = ("dpdp.s6-4", "gdpr.7-3")
TABLE: dict[str, Said] = {
    "": Said(_("It is allowed now.")),
    # of the register, the same for everybody
    "not_declared": Said(_("The register does not name this signal for this purpose, so nobody’s is taken."), ("dpdp.s6",), tells_choice=False),
    "purpose_not_active": Said(_("This purpose does not run at present, so nothing is taken of anybody."), tells_choice=False),
    # of the person
    "unknown_person": Said(_("Nobody of this number or id is known, so nothing may be taken.")),
    "under_18": Said(_("Nothing is recorded about anybody under 18, whoever agrees to it."), ("dpdp.s9",)),
    "never_asked": Said(_("There is no yes, so nothing is recorded. Off is the default."), ASKED),
    "unknown": Said(_("There is no proof of a yes, so nothing is recorded."), ASKED),
    "requested": Said(_("You were asked and have not answered, so nothing is recorded."), ASKED),
    "deferred": Said(_("You will answer later, so nothing is recorded."), ASKED),
    "refused": Said(_("You said no. That stands until you say otherwise."), ASKED),
    "withdrawn": Said(_("You withdrew your yes, so nothing is recorded."), TAKEN_BACK),
    "revoked": Said(_("The company ended this, so nothing is recorded."), ASKED),
    "invalidated": Said(_("Your yes was found not to be valid, so nothing is recorded."), ASKED),
    "expired": Said(_("Your yes has run its time, so nothing is recorded.")),
    "stale_consent": Said(_("What you agreed to has changed, so your yes does not count any more."), ASKED),
    "job_changed": Said(_("You agreed in an earlier job. Your yes ended with it.")),
    "before_consent": Said(_("It is from before your yes, so it is not taken."), ASKED),
    "opted_out": Said(_("You opted out, or somebody who speaks for you all did. That beats every yes."), TAKEN_BACK),
    "objected": Said(_("You objected, so it rests until that is decided, or has stopped for you."), ("gdpr.21-1",)),
    "paused": Said(_("You paused this, so nothing of this time is recorded.")),
    "not_open": Said(_("You said yes. Recording begins when the key for it is made, within a minute.")),
}  # fmt: skip


def of(code: str) -> Said:
    """Of any code that decide.py answers. Raises KeyError for another: the table is total, and a test holds that."""
    return TABLE[code]


def to_program(code: str) -> str:
    """The code of a no as a program hears it."""
    return NOT_PERMITTED if of(code).tells_choice else code
