"""Open the name behind a person number: asked by one, agreed by another, for a matter, for a day; the person is told."""

from uuid import UUID

from django.db import transaction

from governance.audit import log
from governance.lib import clock
from governance.people import notify
from governance.people import rules as people_rules
from governance.people.models import Employment, Person
from governance.retention import reads
from governance.retention import rules_names as rules
from governance.retention.models import Matter, NameOpening

MAY = "retention.open_names"


@transaction.atomic
def ask(number: str, *, matter: str, reason: str, by: Person) -> NameOpening:
    """A second person is asked to agree. Raises Refused; what was refused is not kept.

    `number`: of the person. `matter`: number of an open matter, whose entity decides where both must hold the right.
    """
    case = Matter.objects.filter(number=matter.strip(), entity_id__in=by.entities_where(MAY)).first()
    person = Person.objects.filter(number=number.strip(), forgotten_at__isnull=True).first()
    there = (
        case is not None
        and person is not None
        and Employment.objects.filter(person=person, entity_id=case.entity_id).exists()
    )
    rules.check_ask(
        rules.AskFacts(
            may=by.holds(MAY, case.entity_id) if case else by.holds(MAY),
            matter_open=case is not None and case.closed_at is None,
            known_there=there,
            own=person is not None and person.pk == by.pk,
            reason=reason,
        )
    )
    assert case is not None and person is not None
    row = NameOpening.objects.create(person=person, matter=case, reason=reason.strip(), asked_by=by)
    row.refresh_from_db(fields=["asked_at"])
    log.record("name.asked", by=by, about=row, matter=case.pk)
    for other in _others(row):
        notify.tell(other, "name_to_agree", opening=row.pk, number=case.number)
    return row


def _others(row: NameOpening) -> list[Person]:
    """Who may agree: holders of the right at the entity, but neither who asked nor whom it is about."""
    there = Person.objects.filter(
        roles__ended_at__isnull=True, roles__entity_id=row.entity_id, roles__unit__isnull=True, roles__name__in=[role for role in people_rules.ROLES if people_rules.gives(role, MAY)],
        is_active=True,
    ).distinct()  # fmt: skip
    return [
        one
        for one in there
        if one.pk not in (row.asked_by_id, row.person_id) and one.holds(MAY, row.entity_id)
    ]


def facts_of(row: NameOpening, *, by: Person) -> rules.AgreeFacts:
    return rules.AgreeFacts(
        may=by.holds(MAY, row.entity_id), asked_by=row.asked_by_id, about=row.person_id, by=by.pk, asked_at=row.asked_at,
        agreed=row.second_by_id is not None, matter_open=row.matter.closed_at is None,
    )  # fmt: skip


@transaction.atomic
def agree(opening_id: UUID, *, by: Person) -> NameOpening:
    """The name is open to the two for a day, and the person was told for which matter. Raises Refused."""
    row = (
        NameOpening.objects.select_for_update(of=("self",))
        .select_related("matter", "person")
        .get(pk=opening_id)
    )
    now = clock.now()
    rules.check_agree(facts_of(row, by=by), now)
    row.second_by, row.agreed_at, row.until = by, now, now + rules.OPEN_FOR
    row.save(update_fields=["second_by", "agreed_at", "until"])
    log.record(
        "name.opened", by=by, about=row, matter=row.matter_id, asked_by=row.asked_by_id, until=row.until
    )
    if row.person.forgotten_at is None:
        notify.tell(row.person, "name_opened", number=row.matter.number, until=row.until.date())
    notify.tell(row.asked_by, "name_agreed", opening=row.pk, number=row.matter.number)
    return row


def read(row: NameOpening, *, by: Person) -> str:
    """The name, where it is open to this reader, after that was written down for the person; else ""."""
    if not rules.is_shown(row.until, row.asked_by_id, row.second_by_id, by.pk, clock.now()):
        return ""
    if not by.holds(MAY, row.entity_id):
        return ""  # whose role has ended meanwhile
    reads.note_choices([(row.person_id, row)], entity=row.entity_id, how="name", by=by)
    return row.person.name or ""
