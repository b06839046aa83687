"""Who may say no for others, and who may take that back. Pure: today is an argument."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

SPEAKERS = {"representative": _("Works council"), "dpo": _("Data protection officer")}


@dataclass(frozen=True)
class Act:
    """What a no for others rests on: the paper, its number, and the day on which it was resolved."""

    document: str = ""
    number: str = ""
    on: date | None = None

    @property
    def whole(self) -> bool:
        return bool(self.document.strip() and self.number.strip() and self.on)


NONE = Act()


@dataclass(frozen=True)
class Facts:
    """`role`: as what the person may speak there ("" for nobody); `everywhere`: at every entity that it concerns."""

    role: str
    names_somebody: bool
    everywhere: bool
    across_entities: bool
    act: Act


def check_no(facts: Facts, today: date) -> None:
    """A works council says no for its people by its own act; the data protection officer needs none."""
    if not facts.names_somebody:
        raise Refused(
            _("Choose for whom: an entity, a site, a department or a country."), code="nobody_named"
        )
    if not facts.role or not facts.everywhere:
        raise Refused(
            _("You speak for the people of your own entity only. Choose among them."),
            code="not_theirs_to_say",
        )
    if facts.across_entities and facts.role != "dpo":
        raise Refused(
            _("For a country, only a data protection officer says no. Choose your entity or a site of it."),
            code="not_theirs_to_say",
        )
    if facts.role == "representative" and not facts.act.whole:
        raise Refused(
            _("Name the act: its document, its number and the day on which it was resolved."), code="no_act"
        )
    if facts.act.on is not None and facts.act.on > today:
        raise Refused(_("This act is of a day that has not come. Check the date."), code="act_in_future")


def check_lift(said_as: str, role: str, everywhere: bool, reason: str) -> None:
    """Whoever said it takes it back: an employer cannot lift its works council's no, nor the council the officer's."""
    if not role or not everywhere or said_as != role:
        raise Refused(
            _("This no was said by the %(who)s of these people. Only they can take it back."),
            code="not_theirs_to_say", who=SPEAKERS.get(said_as, said_as),
        )  # fmt: skip
    if not reason.strip():
        raise Refused(_("Write why it is lifted. The people concerned can read it."), code="reason_missing")
