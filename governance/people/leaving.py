"""Somebody has left, as the company's own directory says: the job at one entity ends. Nobody is deleted.

The staff list (roster.py) says the same of many, with its preview; this is for one at a time, at the moment it happens.
"""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import locks
from governance.lib.refusals import Refused
from governance.people.models import Employment, Person

AT_ONCE = 10  # leavers of a day that a directory may tell of, whatever the size of the entity
SHARE = 10  # per cent of the staff, where that is more


def check_so_many(today: int, staff: int) -> None:
    """A directory that is set up wrongly says that everybody has left; people look at that before it counts.

    `today`: who has left today already; `staff`: who worked there this morning.
    """
    if today >= max(AT_ONCE, staff * SHARE // 100):
        raise Refused(
            _("So many have left on one day that people have to look: bring them in by the staff list."),
            code="so_many_leavers",
        )  # fmt: skip


@transaction.atomic
def end(person: Person, entity_id: UUID, *, on: date, told_by: UUID) -> bool:
    """Their job at this entity ends with this day; False when it had ended. What counts from it is the register's to say.

    `told_by`: the program that said so. Raises Refused for the many of one day.
    """
    locks.exclusively(locks.key("people", "roster"), locks.person(person.pk))
    here = Employment.objects.filter(entity_id=entity_id)
    job = here.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on), person=person, starts_on__lte=on).first()
    if job is None:
        return False
    working = here.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)
    check_so_many(here.filter(ends_on=on).count(), working.count())
    Employment.objects.filter(pk=job.pk).update(ends_on=on)
    log.record("employment.ended", about=person, entity=entity_id, client=told_by, on=on)
    return True
