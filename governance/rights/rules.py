"""By which law a request is answered, and by when; and who may answer it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib import deadlines, packs
from governance.lib.refusals import Refused


@dataclass(frozen=True)
class Clock:
    """`law`: the provisions that give the right, as this day may cite them; "" when it is answered voluntarily.

    `period`: what sets `due_on`.
    """

    law: str
    due_on: date
    period: str


def clock(right: str, laws: frozenset[str], *, country: str, received_on: date) -> Clock:
    """The earliest end of all the periods that bind, and the house's own 30 days where none does.

    `country` is the one whose holidays count for an end under EU law (Regulation 1182/71, Art. 3(4)).
    """
    pack = packs.load("clocks").content
    gives = [
        packs.cite(provision, received_on)
        for law, provision in pack["right"].get(right, {}).items()
        if law in laws
    ]
    ends: list[tuple[date, str]] = []
    for row in pack["answer"]:
        if row["law"] not in laws or right not in row.get("rights", [right]):
            continue
        if "months" in row:
            end = deadlines.months_after(
                received_on, row["months"], country=country, in_eu=row["law"] == "EU"
            )
        else:
            end = deadlines.days_after(received_on, row["days"])
        ends.append((end, packs.cite(row["provision"], received_on)))
    if not ends:
        days = pack["own_target_days"]
        ends = [(deadlines.days_after(received_on, days), str(_("own target of %(n)s days") % {"n": days}))]
    due_on, period = min(ends)
    return Clock("; ".join(gives), due_on, period)


@dataclass(frozen=True)
class AnswerFacts:
    by_may_answer: bool
    by: UUID
    asked_by: UUID
    answered: bool
    words: str


def check_raise(right: str, words: str, known: frozenset[str]) -> None:
    if right not in known:
        raise Refused(_("Choose what you ask for."), code="no_such_right")
    if right in ("correction", "objection", "grievance") and not words.strip():
        raise Refused(
            _("Write in a few words what is wrong, so that somebody can put it right."), code="words_missing"
        )


def check_answer(facts: AnswerFacts) -> None:
    """An answer is given once, with words, by the DPO's office, and by nobody to themselves."""
    if not facts.by_may_answer:
        raise Refused(
            _("Only the data protection officer of this entity answers requests."), code="not_the_dpo"
        )
    if facts.by == facts.asked_by:
        raise Refused(
            _("You cannot answer your own request. Ask another member of the DPO's office."),
            code="own_request",
        )
    if facts.answered:
        raise Refused(_("This request is answered already. The person has the answer."), code="answered")
    if not facts.words.strip():
        raise Refused(_("Write the answer: what was done, or what not and why."), code="answer_missing")
