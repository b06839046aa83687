"""Which clocks run from the moment that an incident became known, and when one may be opened or closed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.lib import deadlines, packs
from governance.lib.refusals import Refused

WHAT: dict[str, Any] = {
    "cert": _("CERT-In, if it is a listed cyber incident"),
    "persons_in": _("Every person affected, without delay"),
    "board_first": _("Data Protection Board of India: first description, without delay"),
    "board_detail": _("Data Protection Board of India: the detailed report"),
    "authority": _("Supervisory authority, unless a risk is unlikely"),
    "persons_eu": _("Persons affected, if the risk is high, without undue delay"),
}


@dataclass(frozen=True)
class Clock:
    """One duty: whom to tell, by which law, by when. `own`: the law says "without delay"; the hours are the house's."""

    what: Any
    law: str
    hours: int
    due_at: datetime
    own: bool

    def is_over(self, now: datetime) -> bool:
        return now > self.due_at


def clocks(laws: Iterable[str], aware_at: datetime, on: date) -> list[Clock]:
    """Every clock of these laws, soonest first, as the day `on` may cite them. Hours run through weekends."""
    wanted = set(laws)
    found = [
        Clock(WHAT[row["code"]], packs.cite(row["provision"], on), row["hours"], deadlines.hours_after(aware_at, row["hours"]), row.get("own", False))
        for row in packs.load("clocks").content["breach"] if row["law"] in wanted
    ]  # fmt: skip
    return sorted(found, key=lambda clock: clock.due_at)


@dataclass(frozen=True)
class OpenFacts:
    by_may_open: bool
    what: str
    aware_at: datetime
    now: datetime
    programme_is_theirs: bool


def check_open(facts: OpenFacts) -> None:
    if not facts.by_may_open:
        raise Refused(
            _("Only the data protection officer of this entity opens incidents."), code="not_the_dpo"
        )
    if not facts.what.strip():
        raise Refused(_("Write what happened, without names."), code="words_missing")
    if facts.aware_at > facts.now:
        raise Refused(
            _("The moment at which you became aware cannot lie in the future."), code="aware_in_future"
        )
    if not facts.programme_is_theirs:
        raise Refused(_("This programme belongs to another entity."), code="other_entity")


def check_close(by_may_open: bool, state: str) -> None:
    if not by_may_open:
        raise Refused(
            _("Only the data protection officer of this entity closes incidents."), code="not_the_dpo"
        )
    if state != "open":
        raise Refused(_("This incident is closed already."), code="closed")
