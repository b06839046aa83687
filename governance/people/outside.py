"""People from outside the company: a nominee or a guardian works nowhere here and has no person number."""

from collections.abc import Container, Iterable, Iterator, Mapping
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.people.sheet import Problem, Row

GOING = _("Somebody from outside with this address is being forgotten just now. Try again tomorrow.")


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
    if there is not None and not there.is_active:
        raise Refused(GOING, code="being_forgotten")
    if there is not None:
        return there
    person = Person.objects.register(
        name=name.strip(), email=address, language=language, outside_of_id=entity
    )
    EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
    log.record("person.entered_from_outside", by=by, about=person)
    return person


def here() -> dict[str, Person]:
    """Everybody from outside who is not forgotten yet, by address in lower case: few, beside a staff list."""
    there = Person.objects.filter(outside_of__isnull=False, forgotten_at=None, email__isnull=False)
    return {(person.email or "").lower(): person for person in there}


def faults(rows: Iterable[Row], known: Container[str], came: Mapping[str, Person]) -> Iterator[Problem]:
    """Rows of the staff list with such an address that cannot be the same person: known under another number, or the
    address is not theirs by what we know, or they are about to go."""
    held = EmailAddress.objects.filter(user__in=came.values(), verified=True, primary=True)
    theirs = {(user, email.lower()) for user, email in held.values_list("user_id", "email")}
    for row in rows:
        person = came.get(row.email)
        if person is None:
            continue
        if not person.is_active:
            yield Problem(row.at, "email", GOING)
        elif row.number in known or (person.pk, row.email) not in theirs:
            yield Problem(
                row.at, "email",
                _("Somebody from outside, who speaks for a colleague, has this address. Leave it empty here, or ask the data protection office."),
            )  # fmt: skip


def hold() -> None:
    """For the rest of the transaction nobody of them is let go: whoever does waits for us, or we see it."""
    list(Person.objects.select_for_update(of=("self",)).filter(outside_of__isnull=False, forgotten_at=None))


def employ(rows: Mapping[UUID, Row], *, by: Person) -> list[Person]:
    """These outsiders have the number, name and language of their row and work here; whom they speak for stays as it is."""
    people = list(Person.objects.filter(pk__in=rows))
    for person in people:
        row = rows[person.pk]
        person.number, person.name, person.language = row.number, row.name, row.language
        person.is_under_18, person.outside_of = row.under_18, None
    Person.objects.bulk_update(people, ["number", "name", "language", "is_under_18", "outside_of"])
    for person in people:
        log.record("person.now_employed", by=by, about=person)
    return people


def let_go(person_id: UUID) -> bool:
    """They speak for nobody any more and will be forgotten: from now on they do not sign in, and no staff list takes them
    over. False: they were taken over meanwhile. Call in the transaction that orders it."""
    locked = Person.objects.select_for_update(of=("self",)).filter(pk=person_id, outside_of__isnull=False)
    if locked.first() is None:
        return False
    Person.objects.filter(pk=person_id).update(is_active=False)
    return True
