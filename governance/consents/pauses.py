"""A person's own break: for some hours, or until they resume. Every yes stays, nothing of that time is recorded."""

from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now

from governance.audit import log
from governance.consents import rules, standing
from governance.consents.models import Pause
from governance.lib import clock
from governance.people.models import Person
from governance.purposes.models import Purpose


def pause(*, by: Person, hours: int | None = None, purpose: Purpose | None = None) -> Pause:
    """From the commit on nothing is admitted about this person, of this purpose or of any; None: until they resume.

    A running pause of the same scope ends, so that the newest word holds.
    """
    rules.check_pause(hours)
    with standing.changing(by.pk):
        Pause.objects.running(clock.now()).filter(person=by, purpose=purpose).update(ended_at=Now())
        row = Pause.objects.create(
            person=by, purpose=purpose
        )  # its `at`: the database's moment, after the lock
        if hours is not None:
            row.until = row.at + timedelta(hours=hours)
            row.save(update_fields=["until"])
        log.record("pause.begun", by=by, about=row, purpose=purpose.pk if purpose else None)
        return row


def resume(pause_id: UUID, *, by: Person) -> Pause:
    """What is switched on is recorded again, from now on; what happened meanwhile never is."""
    row = Pause.objects.get(pk=pause_id)
    with standing.changing(row.person_id):
        if row.person_id != by.pk:
            raise rules.Refused(rules._("Only the person can take this back."), code="not_theirs_to_say")
        if Pause.objects.running(clock.now()).filter(pk=row.pk).update(ended_at=Now()):
            log.record("pause.ended", by=by, about=row)
        row.refresh_from_db()
        return row
