"""People from outside the company: a nominee or a guardian works nowhere here and has no person number."""

from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib.refusals import Refused
from governance.people.models import Person


@transaction.atomic
def enter(name: str, email: str, *, entity: UUID, language: str, by: Person) -> Person:
    """They are there with an address, by which they set a password, and may do nothing yet. Whoever came in this way
    before is the same person. Raises Refused."""
    address = email.strip()
    there = Person.objects.filter(email__iexact=address, forgotten_at=None).first()
    if there is not None and there.outside_of_id is None:
        raise Refused(
            _("Somebody who works here has this address. Give their person number instead."),
            code="works_here",
        )
    if there is not None:
        return there
    person = Person.objects.register(
        name=name.strip(), email=address, language=language, outside_of_id=entity
    )
    EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
    log.record("person.entered_from_outside", by=by, about=person)
    return person
