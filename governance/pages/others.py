"""What runs about a person without their consent, for My choices: what, on which ground, who, how long, and “object”."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from governance.consents import objections, offers, rules_objections
from governance.consents.models import Objection
from governance.consents.said import objection_state
from governance.lib import packs
from governance.lib.refusals import reason
from governance.people.models import Person
from governance.purposes import words
from governance.purposes.activity import Activity
from governance.purposes.models import Purpose


@dataclass(frozen=True)
class Other:
    purpose: Purpose
    shown: offers.Words | None  # its notice, in their language; without one the register speaks, in English
    activity: Activity | None
    grounds: list[words.Ground]
    keeps: list[str]
    recipients: list[str]
    why_not: str  # why nobody may object to it now; "" when the person may
    kind: str  # "right" under the GDPR, "grievance" in India, ""
    needs_reasons: bool  # one was decided already
    objection: Objection | None  # the newest
    state: dict[str, str]  # of it, as the pill reads it
    complain: str  # where, after a no


def running(person: Person, today: date, language: str) -> list[Other]:
    """Every such purpose, in the order of the register."""
    newest: dict[Any, Objection] = {}
    for row in Objection.objects.filter(person=person).select_related("purpose__entity").order_by("at"):
        newest[row.purpose_id] = row
    return [
        _other(purpose, person, newest.get(purpose.pk), today, language)
        for purpose in objections.concerning(person)
    ]


def _other(purpose: Purpose, person: Person, row: Objection | None, today: date, language: str) -> Other:
    version = purpose.shown_version()
    activity = version.activity if version else None
    facts = objections.facts_of(purpose, person, reasons="…")
    open_one = row is not None and row.decided_at is None
    kind = objections.kind_of(purpose)
    return Other(
        purpose=purpose, shown=offers.words(purpose, language), activity=activity, grounds=words.grounds(purpose, today), keeps=_keeps(activity),
        recipients=words.recipients(activity) if activity else [],
        why_not="" if open_one else reason(rules_objections.check_object, facts), kind=kind, needs_reasons=facts.decided_before,
        objection=row, state=objection_state(row, today) if row else {}, complain=_complain(kind, today) if row else "",
    )  # fmt: skip


def _keeps(activity: Activity | None) -> list[str]:
    if activity is None:
        return []
    lines = []
    for keep in activity.keeps:
        until = words.period(keep.maximum) if keep.maximum else _("no end is recorded")
        lines.append(f"{keep.category}: {until}")
    return lines


def _complain(kind: str, today: date) -> str:
    """Where somebody goes who does not agree with the decision, as the law of the day has it."""
    if kind == "right":
        return _(
            "You can complain to the data protection authority of the country where you live or work, and go to court."
        )
    if packs.binds("dpdp.s13", today):
        return _("You can complain to the Data Protection Board of India.")
    return _("You can ask the data protection officer to look at it again; write what was overlooked.")
