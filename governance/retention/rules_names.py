"""Who may open the name behind a number: for a matter, with a reason, two people, for a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

# Our own measures, of no law.
OPEN_FOR = timedelta(hours=24)  # from the agreement on
WAITS_FOR = timedelta(days=7)  # for the second person; then somebody has to ask anew
LEAST_REASON = 15  # characters: a word is no reason


@dataclass(frozen=True)
class AskFacts:
    may: bool  # at the entity of the matter
    matter_open: bool
    known_there: bool  # the number is that of somebody who works or worked at the matter's entity
    own: bool
    reason: str


def check_ask(facts: AskFacts) -> None:
    if not facts.may:
        raise Refused(
            _("Names are opened by the data protection officer and legal together."), code="not_theirs"
        )
    if not facts.matter_open:
        raise Refused(
            _("A name is opened for an open matter of your entity. Legal opens matters."),
            code="no_open_matter",
        )
    if not facts.known_there:
        raise Refused(
            _("There is nobody with this number at the entity of this matter."), code="no_such_number"
        )
    if facts.own:
        raise Refused(_("This is your own number."), code="own_number")
    if len(facts.reason.strip()) < LEAST_REASON:
        raise Refused(
            _("Say in a sentence why the number is not enough. The person can ask to read it."),
            code="no_reason",
        )


@dataclass(frozen=True)
class AgreeFacts:
    may: bool
    asked_by: UUID
    about: UUID
    by: UUID
    asked_at: datetime
    agreed: bool
    matter_open: bool


def check_agree(facts: AgreeFacts, now: datetime) -> None:
    if not facts.may:
        raise Refused(
            _("Names are opened by the data protection officer and legal together."), code="not_theirs"
        )
    if facts.by == facts.asked_by:
        raise Refused(
            _("You asked for this name yourself. A second person has to agree."), code="own_request"
        )
    if facts.by == facts.about:
        raise Refused(_("It is your own name. Somebody else has to agree."), code="own_number")
    if facts.agreed:
        raise Refused(_("Somebody has agreed to this already."), code="agreed")
    if now >= facts.asked_at + WAITS_FOR:
        raise Refused(_("Nobody agreed within a week, so this has lapsed. Ask anew."), code="lapsed")
    if not facts.matter_open:
        raise Refused(_("The matter is closed, so nobody needs the name any more."), code="no_open_matter")


def is_shown(until: datetime | None, asked_by: UUID, second_by: UUID | None, by: UUID, now: datetime) -> bool:
    """The name stands on the page for the two who opened it, until the time is up."""
    return until is not None and now < until and by in (asked_by, second_by)
