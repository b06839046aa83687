"""People without e-mail decide at a kiosk: badge number and a PIN from a paper slip, which never comes from their supervisor."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.consents.models import PinSlip
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Person

DIGITS = 8
VALID = timedelta(days=180)
TRIES = 5  # wrong ones; then the slip is void and a new one is asked for at the office


@transaction.atomic
def issue(number: str, *, by: Person) -> tuple[PinSlip, str]:
    """A new slip for the person with this badge number, and its PIN, which is known at this moment only; an earlier slip
    is void. The person is told. Raises Refused."""
    person = Person.objects.filter(number=number.strip(), is_active=True, forgotten_at__isnull=True).first()
    if person is None or person.entity_id is None or not by.holds("consents.issue_pin", person.entity_id):
        raise Refused(_("Nobody with this number works where you give out slips."), code="nobody")
    if person.pk == by.pk or by.pk in supervisors(person):
        raise Refused(
            _(
                "A slip never comes from oneself or from a supervisor. Ask another member of the DPO's office."
            ),
            code="supervisor",
        )
    PinSlip.objects.filter(person=person, ended_at__isnull=True).update(ended_at=Now())
    pin = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row = PinSlip.objects.create(
        person=person, pin=make_password(pin), issued_by=by, expires_at=clock.now() + VALID
    )
    log.record("pin_slip.issued", by=by, about=row, to=person.pk)
    notify.tell(person, "pin_slip_issued")
    return row, pin


def supervisors(person: Person) -> set[UUID]:
    """Whoever is above this person in the line, up to the top."""
    found: set[UUID] = set()
    above = person.employment.manager if person.employment else None
    while above is not None and above.pk not in found:
        found.add(above.pk)
        above = above.employment.manager if above.employment else None
    return found


def open_with(number: str, pin: str) -> Person | None:
    """Whose slip this is, or None: the caller says the same for every reason. Five wrong tries void the slip."""
    with transaction.atomic():
        row = (
            PinSlip.objects.select_for_update(of=("self",))
            .select_related("person", "issued_by")
            .filter(
                person__number=number.strip(),
                person__is_active=True,
                ended_at__isnull=True,
                expires_at__gt=Now(),
            )
            .first()
        )
        if row is None or row.issued_by_id in supervisors(
            row.person
        ):  # who gave it out may have come to lead them
            make_password(pin)  # as long as a real look, so that time does not tell who has a slip
            return None
        if not check_password(pin.strip(), row.pin):
            PinSlip.objects.filter(pk=row.pk).update(wrong_tries=F("wrong_tries") + 1)
            if row.wrong_tries + 1 >= TRIES:
                PinSlip.objects.filter(pk=row.pk).update(ended_at=Now())
                log.record("pin_slip.locked", about=row)
            return None
        PinSlip.objects.filter(pk=row.pk).update(wrong_tries=0)
        log.record("kiosk.opened", by=row.person, about=row)
        return row.person
