"""Somebody felt pressed into a yes: the DPO's office and the worker representative are told, a name only if wished.

Who it was stands nowhere else: the log's entry has no author, because whoever may read the log would learn it there.
"""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.consents.models import PressureReport
from governance.consents.objections import office
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Person
from governance.purposes.models import Purpose

READERS = ("dpo", "representative")


@transaction.atomic
def report(
    purpose: Purpose | None = None, words: str = "", *, named: bool = False, by: Person
) -> PressureReport:
    """The DPO's office and the worker representatives of the entity were told. Raises Refused for who works nowhere."""
    job = by.employment
    entity = purpose.entity if purpose else job.entity if job else None
    if entity is None:
        raise Refused(
            _(
                "You do not work at an entity of this portal now. Write to the data protection officer instead."
            ),
            code="no_entity",
        )
    row = PressureReport.objects.create(
        person=by if named else None, entity=entity, purpose=purpose, words=words.strip()
    )
    log.record("pressure.reported", about=row, purpose=purpose.pk if purpose else None)
    readers = {person.pk: person for role in READERS for person in office(entity, role)}
    for person in readers.values():
        if person.pk != by.pk:
            notify.tell(person, "pressure_reported", report=row.pk)
    return row


@transaction.atomic
def answer(report_id: UUID, words: str, *, by: Person) -> PressureReport:
    """What was done about it stands with the report; its author is told where they gave their name. Raises Refused."""
    row = PressureReport.objects.select_for_update(of=("self",)).select_related("person").get(pk=report_id)
    if not by.holds("consents.answer_pressure", row.entity_id):
        raise Refused(
            _("Only the data protection officer of this entity writes what was done."), code="not_the_dpo"
        )
    if row.answered_at is not None:
        raise Refused(_("What was done about this is written down already."), code="answered")
    if not words.strip():
        raise Refused(
            _("Write what was done, so that people see that it helps to say so."), code="answer_missing"
        )
    PressureReport.objects.filter(pk=row.pk).update(answer=words.strip(), answered_by=by, answered_at=Now())
    row.refresh_from_db()
    log.record("pressure.answered", by=by, about=row)
    if row.person is not None and row.person.forgotten_at is None:
        notify.tell(row.person, "pressure_answered", report=row.pk)
    return row
