"""A person names who acts for them after death or incapacity; the office recognises it on a paper, and then they act."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.consents import acting
from governance.consents.models import Representation
from governance.people.models import Person
from governance.rights import rules
from governance.rights.models import Nominee


@transaction.atomic
def nominate(name: str, contact: str, *, by: Person) -> Nominee:
    """They are on file, and can do nothing yet. DPDP s.14, r.14(4): one or more, at any time. Raises Refused."""
    Person.objects.select_for_update().get(pk=by.pk)  # two tabs meet here
    living = Nominee.objects.filter(person=by, ended_at=None)
    rules.check_nominate(name, contact, living.count())
    there = living.filter(name=name.strip(), contact=contact.strip()).first()
    if there is not None:
        return there
    row = Nominee.objects.create(person=by, name=name.strip(), contact=contact.strip())
    log.record("nominee.named", by=by, about=row)
    return row


@transaction.atomic
def take_back(nominee_id: UUID, *, by: Person) -> Nominee:
    """They are named no more, and whatever they could say for the person has ended. Raises Refused."""
    row = Nominee.objects.select_for_update().get(pk=nominee_id)
    rules.check_take_back(row.person_id == by.pk)
    if Nominee.objects.filter(pk=row.pk, ended_at=None).update(ended_at=Now()):
        log.record("nominee.taken_back", by=by, about=row)
        if row.representation_id:
            acting.end(row.representation_id, by=by)
    row.refresh_from_db()
    return row


@transaction.atomic
def recognise(
    nominee_id: UUID,
    holder: Person | None,
    *,
    since: str,
    document: str,
    starts_on: date,
    email: str = "",
    by: Person,
) -> Representation:
    """The one who was named is this person, on a paper of death or incapacity; a second of the office has to see it.

    `holder` None: somebody from outside, who is entered by the name in the nomination and this address. From then on
    they speak for the person: withdraw for them, and ask for what is theirs to ask. Raises Refused.
    """
    row = Nominee.objects.select_for_update(of=("self",)).select_related("person").get(pk=nominee_id)
    before = Representation.objects.filter(pk=row.representation_id, ended_at=None).exists()
    rules.check_recognise(row.ended_at is not None, before, holder is not None, email)
    if holder is None:
        holder = acting.from_outside(row.person, row.name, email, by=by)
    made = acting.record(
        row.person, holder, "nominee", document=document, starts_on=starts_on, since=since, by=by
    )
    Nominee.objects.filter(pk=row.pk).update(representation_id=made.pk)
    log.record("nominee.recognised", by=by, about=row, representation=made.pk)
    return made
