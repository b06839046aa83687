"""Who may stop an order and let it go on, when two people have to agree first, and at which hours a system is worked on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

# What nobody concerned has asked for. A person's own word waits for no colleague's agreement (DPDP s.6(4), GDPR Art. 17).
OF_THE_HOUSE = frozenset({"rule.due", "purpose.ended", "programme.ended", "employment.ended"})
STOPPABLE = frozenset({"waiting", "erasing", "partly"})


def needs_two(because: str, rows: int, most: int) -> bool:
    """Is this much to erase without anybody having asked for it? `most`: rows up to which nobody has to agree."""
    return because in OF_THE_HOUSE and rows > most


@dataclass(frozen=True)
class PeriodFacts:
    """Rows of a period that is over: due now, kept by a hold or a law; and streams about which nothing is settled."""

    due: int
    kept: int
    others: int


def goes_whole(facts: PeriodFacts) -> bool:
    """Everything is settled, and less is moved out of the way than goes: otherwise row by row costs less."""
    return facts.others == 0 and facts.due > 0 and facts.kept <= facts.due


def check_pause(may: bool, state: str, paused: bool) -> None:
    if not may:
        raise Refused(_("Only the data protection officer stops an order."), code="not_the_dpo")
    if paused:
        raise Refused(_("This order has been stopped already."), code="paused")
    if state not in STOPPABLE:
        raise Refused(
            _("Nothing is being erased for this order, so there is nothing to stop."), code="not_running"
        )


def check_resume(may: bool, paused: bool) -> None:
    if not may:
        raise Refused(_("Only the data protection officer lets an order go on."), code="not_the_dpo")
    if not paused:
        raise Refused(_("This order was not stopped."), code="not_paused")


@dataclass(frozen=True)
class ApprovalFacts:
    wanted: bool
    first: UUID | None  # who has agreed already
    second: UUID | None
    by: UUID
    may: bool
    looked: bool  # a dry run has said what exactly would go


def check_approve(facts: ApprovalFacts) -> None:
    """Two different people agree, after a dry run has said what would be erased."""
    if not facts.may:
        raise Refused(_("The data protection officer and legal agree to this."), code="not_an_approver")
    if not facts.wanted or facts.second is not None:
        raise Refused(_("This order does not wait for anybody's agreement."), code="not_wanted")
    if not facts.looked:
        raise Refused(
            _("Nobody has looked yet at what would be erased. Do a dry run first."), code="not_looked"
        )
    if facts.first == facts.by:
        raise Refused(
            _("You have agreed already. A second person has to agree too."), code="second_person_needed"
        )


def opens(from_time: time | None, until_time: time | None, now: datetime) -> datetime | None:
    """When work may begin, if not now; None when it may. `now` by the entity's clock; a window may go over midnight."""
    if from_time is None or until_time is None or from_time == until_time:
        return None
    at = now.timetz().replace(tzinfo=None)
    inside = from_time <= at < until_time if from_time < until_time else at >= from_time or at < until_time
    if inside:
        return None
    start = now.replace(hour=from_time.hour, minute=from_time.minute, second=0, microsecond=0)
    return start if start > now else start + timedelta(days=1)


def next_turn(begun: Sequence[datetime], per_hour: int | None, now: datetime) -> datetime | None:
    """When the next part may begin, if not now. `begun`: when parts were begun in this system of late."""
    hour = sorted(at for at in begun if at > now - timedelta(hours=1))
    if per_hour is None or len(hour) < per_hour:
        return None
    return hour[len(hour) - per_hour] + timedelta(hours=1)


def check_pace(from_time: time | None, until_time: time | None, per_hour: int | None) -> None:
    if (from_time is None) != (until_time is None):
        raise Refused(_("Name both ends of the hours, or none."), code="half_a_window")
    if per_hour is not None and per_hour < 1:
        raise Refused(_("At least one part in an hour."), code="no_pace")
