"""Give and end roles."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib.refusals import Refused
from governance.people import notify, rules
from governance.people.models import Entity, Message, Person, Role, Unit


def _facts(
    person: Person, role: str, entity: Entity, by: Person, second: Person | None, unit: Unit | None
) -> rules.GrantFacts:
    return rules.GrantFacts(
        role=role,
        to=person.pk,
        by=by.pk,
        held=frozenset(person.roles.in_force().values_list("name", flat=True)),
        by_may_grant=by.holds("people.grant_roles", entity.pk),
        second=second.pk if second else None,
        second_is_admin=bool(second and second.roles.in_force().filter(name="admin").exists()),
        for_a_unit=unit is not None,
        unit_is_there=unit is None or unit.entity_id == entity.pk,
    )


@transaction.atomic
def propose(
    person: Person, role: str, entity: Entity, *, by: Person, second: Person, unit: Unit | None = None
) -> Message:
    """`second` was asked to agree; the role is given when they do. Raises Refused where it could not be given."""
    rules.check_grant(_facts(person, role, entity, by, second, unit))
    asked = notify.tell(
        second, "role_second_asked", person=person.pk, by=by.pk, **_told(role, entity.pk, _id(unit))
    )
    log.record("role.proposed", by=by, about=person, second=second.pk, **_told(role, entity.pk, _id(unit)))
    return asked


@transaction.atomic
def agree(message_id: int, *, by: Person, yes: bool) -> Role | None:
    """The second person has answered what they were asked; only they can, and only once. None after a no."""
    asked = Message.objects.select_for_update().get(pk=message_id, code="role_second_asked")
    rules.check_answer(asked.person_id == by.pk, asked.facts.get("answered", ""))
    Message.objects.filter(pk=asked.pk).update(
        facts=asked.facts | {"answered": "yes" if yes else "no"}, read_at=Now()
    )
    person, entity = (
        Person.objects.get(pk=asked.facts["person"]),
        Entity.objects.get(pk=asked.facts["entity"]),
    )
    unit = Unit.objects.get(pk=asked.facts["unit"]) if asked.facts.get("unit") else None
    proposer = Person.objects.get(pk=asked.facts["by"])
    if not yes:
        told = _told(asked.facts["role"], entity.pk, _id(unit))
        notify.tell(proposer, "role_second_refused", person=person.pk, **told)
        log.record("role.second_refused", by=by, about=person, **told)
        return None
    return grant(person, asked.facts["role"], entity, by=proposer, second=by, unit=unit)


@transaction.atomic
def grant(
    person: Person,
    role: str,
    entity: Entity,
    *,
    by: Person,
    second: Person | None = None,
    unit: Unit | None = None,
) -> Role:
    """`person` now has `role` at `entity`, or in this one department of it, and was told. Raises Refused."""
    Person.objects.select_for_update().filter(
        pk__in=[person.pk]
    ).first()  # two grants may meet: incompatible pairs
    rules.check_grant(_facts(person, role, entity, by, second, unit))
    row, made = Role.objects.get_or_create(
        person=person,
        name=role,
        entity=entity,
        unit=unit,
        ended_at=None,
        defaults={"granted_by": by, "second_by": second},
    )
    if made:
        told = _told(role, entity.pk, _id(unit))
        notify.tell(person, "role_granted", **told)
        log.record("role.granted", by=by, about=person, second=_id(second), **told)
    return row


@transaction.atomic
def appoint_first_admin(person: Person, entity: Entity) -> Role:
    """At set-up, before anybody could give a role: one administrator per entity, and never again."""
    if Role.objects.filter(name="admin", entity=entity).exists():
        raise Refused(_("This entity already has an administrator."), code="has_admin")
    row = Role.objects.create(person=person, name="admin", entity=entity)
    log.record("role.first_admin", about=person, entity=entity.pk)
    return row


@transaction.atomic
def end(role_id: int, *, by: Person) -> Role:
    """The role has ended; a second call changes nothing."""
    row = Role.objects.select_for_update().get(pk=role_id)
    if not by.holds("people.grant_roles", row.entity_id):
        raise Refused(_("Only an administrator of this entity ends roles."), code="not_an_admin")
    if row.ended_at is None:
        Role.objects.filter(pk=row.pk).update(ended_at=Now(), ended_by=by)
        told = _told(row.name, row.entity_id, row.unit_id)
        notify.tell(row.person, "role_ended", **told)
        log.record("role.ended", by=by, about=row.person, **told)
        row.refresh_from_db()
    return row


def _told(role: str, entity_id: UUID, unit_id: Any) -> dict[str, Any]:
    """What a message and the log say of a role; a department only where it is for one."""
    return {"role": role, "entity": entity_id} | ({"unit": unit_id} if unit_id else {})


def _id(thing: Any) -> Any:
    return thing.pk if thing else None
