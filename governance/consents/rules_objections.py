"""Where somebody may object to what does not rest on their consent, by when it is decided, and how. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib import deadlines, packs
from governance.lib.refusals import Refused

# GDPR Art. 21(1) reaches a public task and legitimate interests, no contract and no legal obligation.
RIGHT_EU = frozenset({"e", "f"})
# The DPDP Act knows no objection: under these grounds it is taken as a grievance (s.13), and honoured where the portal can.
GRIEVANCE_IN = frozenset({"s7a", "s7i"})
# Kinds of activity that no employer may leave out for one person: other laws ask for them.
DUTIES = frozenset({"payroll", "tax", "social_security", "attendance", "working_time"})


def kind(jurisdictions: Collection[str], basis_eu: str, ground_in: str, activity: str = "other") -> str:
    """ "right" under the GDPR, "grievance" in India, "" where neither law gives one. `activity`: a code of the list kind."""
    if "EU" in jurisdictions and basis_eu in RIGHT_EU:
        return "right"
    if "IN" in jurisdictions and ground_in in GRIEVANCE_IN and activity not in DUTIES:
        return "grievance"
    return ""


def due(kind: str, received_on: date, country: str) -> date:
    """The day by which the person has the decision: a month under the GDPR (CL-01), else the house's own target."""
    pack = packs.load("clocks").content
    if kind == "right":
        months = next(row["months"] for row in pack["answer"] if row["law"] == "EU" and "months" in row)
        return deadlines.months_after(received_on, months, country=country, in_eu=True)
    days = [
        row["days"] for row in pack["answer"] if row["law"] == "IN" and "grievance" in row.get("rights", [])
    ]
    return deadlines.days_after(received_on, min([pack["own_target_days"], *days]))


@dataclass(frozen=True)
class ObjectFacts:
    rests_on_consent: bool
    retired: bool
    concerned: bool
    kind: str
    upheld_before: bool
    decided_before: bool
    gives_reasons: bool


def check_object(facts: ObjectFacts) -> None:
    if facts.rests_on_consent:
        raise Refused(
            _("This rests on your consent: withdraw it, then it ends at once and nobody decides about it."),
            code="on_consent",
        )
    if facts.retired:
        raise Refused(
            _("This purpose has ended for good. Nothing is recorded for it any more."), code="retired"
        )
    if not facts.concerned:
        raise Refused(_("This purpose does not concern you."), code="not_concerned")
    if not facts.kind:
        raise Refused(
            _(
                "The law or your contract asks for this, so there is no objection to it. You can still ask what is"
                " kept, have it corrected, or complain."
            ),
            code="no_objection",
        )
    if facts.upheld_before:
        raise Refused(_("You have objected already, and it has stopped for you."), code="stopped_already")
    if facts.decided_before and not facts.gives_reasons:
        raise Refused(
            _("Your objection was decided. To object again, write what has changed or was overlooked."),
            code="reasons_missing",
        )


@dataclass(frozen=True)
class DecideFacts:
    by_may_decide: bool
    by: UUID
    objected_by: UUID
    decided: bool
    upheld: bool
    answer: str


def check_decide(facts: DecideFacts) -> None:
    """Once, by the DPO's office, by nobody about themselves; a no gives its reasons (GDPR Art. 12(4))."""
    if not facts.by_may_decide:
        raise Refused(
            _("Only the data protection officer of this entity decides about objections."), code="not_the_dpo"
        )
    if facts.by == facts.objected_by:
        raise Refused(
            _("You cannot decide about your own objection. Ask another member of the DPO's office."),
            code="own_objection",
        )
    if facts.decided:
        raise Refused(_("This objection is decided already. The person has the answer."), code="decided")
    if not facts.upheld and not facts.answer.strip():
        raise Refused(
            _("Write the compelling grounds for which it goes on. The person gets them as they stand."),
            code="answer_missing",
        )
