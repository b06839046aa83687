"""By which law a request is answered, and by when; and who may answer it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.consents import rules_acting
from governance.lib import deadlines, packs
from governance.lib.refusals import Refused

OUTCOMES = frozenset({"granted", "partly", "refused", "nothing"})


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


def extended(right: str, laws: frozenset[str], *, country: str, received_on: date) -> Clock | None:
    """The day and the law of the longest answer that the laws allow once it is extended; None where none allows it.

    GDPR Art. 12(3): two further months. A law that binds beside it and knows no extension still sets its own end.
    """
    pack = packs.load("clocks").content
    longer = {row["law"]: row for row in pack["extend"] if row["law"] in laws}
    if not longer:
        return None
    ends = []
    for row in pack["answer"]:
        if row["law"] not in laws or right not in row.get("rights", [right]):
            continue
        row = longer.get(row["law"], row)
        if "months" in row:
            end = deadlines.months_after(
                received_on, row["months"], country=country, in_eu=row["law"] == "EU"
            )
        else:
            end = deadlines.days_after(received_on, row["days"])
        ends.append((end, packs.cite(row["provision"], received_on)))
    due_on, period = min(ends)
    return Clock("", due_on, period)


@dataclass(frozen=True)
class ExtendFacts:
    by_may_answer: bool
    answered: bool
    extended: bool
    in_time: bool  # the person hears of it before the first day is over
    allowed: bool  # a law gives more time


def check_extend(facts: ExtendFacts) -> None:
    """CL-02: once, within the first month, and the person is told why."""
    if not facts.by_may_answer:
        raise Refused(
            _("Only the data protection officer of this entity answers requests."), code="not_the_dpo"
        )
    if facts.answered:
        raise Refused(_("This request is answered already. The person has the answer."), code="answered")
    if facts.extended:
        raise Refused(_("This request was extended already; no law allows it twice."), code="extended")
    if not facts.allowed:
        raise Refused(_("No law that covers this person gives more time."), code="no_extension")
    if not facts.in_time:
        raise Refused(_("The day to tell the person of an extension has passed."), code="too_late")


def check_identity(by_may_answer: bool, answered: bool, asked: bool, shown: bool, *, showing: bool) -> None:
    """CL-04: the clock stands still from the question until the answer, once."""
    if not by_may_answer:
        raise Refused(
            _("Only the data protection officer of this entity answers requests."), code="not_the_dpo"
        )
    if answered:
        raise Refused(_("This request is answered already. The person has the answer."), code="answered")
    if showing and (not asked or shown):
        raise Refused(_("Nobody waits for a proof of who asks."), code="not_asked")
    if not showing and asked:
        raise Refused(_("The person was asked already to show who they are."), code="asked")


@dataclass(frozen=True)
class AnswerFacts:
    by_may_answer: bool
    by: UUID
    asked_by: UUID
    answered: bool
    words: str
    outcome: str = "granted"
    refusable: bool = True  # CL-03: a refusal is sent within the first period


def check_raise(right: str, words: str, known: frozenset[str]) -> None:
    if right not in known:
        raise Refused(_("Choose what you ask for."), code="no_such_right")
    if right in ("correction", "objection", "grievance") and not words.strip():
        raise Refused(
            _("Write in a few words what is wrong, so that somebody can put it right."), code="words_missing"
        )


def check_receive(may: bool, known_channel: bool, has_come: bool) -> None:
    if not may:
        raise Refused(
            _("Only the data protection officer of this entity answers requests."), code="not_the_dpo"
        )
    if not known_channel:
        raise Refused(_("Say by which way the request came."), code="no_such_channel")
    if not has_come:
        raise Refused(_("A request cannot have come on a day that is still to come."), code="in_the_future")


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
    if facts.outcome not in OUTCOMES:
        raise Refused(_("Say what became of the request."), code="outcome_missing")
    if facts.outcome == "refused" and not facts.refusable:
        raise Refused(
            _(
                "A refusal had to be sent within the first month (GDPR Art. 12(4)); an extension gives it no more time. Answer what can be done."
            ),
            code="too_late_to_refuse",
        )


MOST_NOMINEES = 10
FOR_OTHERS = frozenset(
    {"access", "correction", "erasure", "grievance"}
)  # DPDP s.11 to 13, which s.14 hands on


def check_nominate(name: str, contact: str, named: int) -> None:
    if not name.strip() or not contact.strip():
        raise Refused(_("Write the name and how the person is reached."), code="nominee_missing")
    if named >= MOST_NOMINEES:
        raise Refused(_("You have named ten people. Take one of them back first."), code="too_many")


def check_take_back(own: bool) -> None:
    if not own:
        raise Refused(_("Only the person can take this back."), code="not_theirs_to_say")


def check_recognise(taken_back: bool, recognised: bool, known: bool, email: str) -> None:
    """Only who is named now, and once; the paper and the second look are checked where representations are."""
    if taken_back:
        raise Refused(_("The person has taken this nomination back."), code="taken_back")
    if recognised:
        raise Refused(_("This nominee is recognised already. See who speaks for whom."), code="answered")
    rules_acting.check_who(known, bool(email.strip()), False)


def check_for_other(right: str) -> None:
    if right not in FOR_OTHERS:
        raise Refused(
            _("Nobody asks for that in somebody else’s name: see, correct, erase and complain are possible."),
            code="no_such_right",
        )
