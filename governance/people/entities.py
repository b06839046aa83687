"""Enter an entity and change its legal facts: at once where nobody is told them, with a second person where notices say them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import locks
from governance.lib.nudge import nudge
from governance.lib.refusals import Refused
from governance.people import notify, roles, rules_entities
from governance.people.models import Entity, EntityChange, Person

FIELDS = (
    "name", "address", "country", "timezone", "languages", "contact_name", "contact_email", "dpo_name", "dpo_email",
    "eu_representative",
)  # fmt: skip


def facts(entity: Entity) -> dict[str, Any]:
    return {name: getattr(entity, name) for name in FIELDS}


@transaction.atomic
def change(
    entity: Entity, *, by: Person, second: Person | None = None, seen: datetime | None = None, **said: Any
) -> EntityChange:
    """The entity's facts are these, or, where notices say one of them, will be once `second` agrees. Raises Refused.

    `seen`: when the facts were last changed, as the writer saw them.
    """
    entity = Entity.objects.select_for_update().get(pk=entity.pk)
    rules_entities.check_may_edit(by.holds("people.edit_entities", entity.pk))
    if seen is not None and seen != entity.changed_at:
        raise Refused(
            _("Somebody else changed this entity while you were writing. Look at what they wrote, and save again."),
            code="edited_meanwhile",
        )  # fmt: skip
    changed = sorted(name for name, value in said.items() if getattr(entity, name) != value)
    rules_entities.check_changed(changed, entity.changes.filter(answered_at__isnull=True).exists())
    rules_entities.check_facts(facts(entity) | said)
    _check_name(said.get("name", entity.name), entity)
    _check_second(changed, by, second, entity)
    if rules_entities.TOLD & set(changed):
        assert second is not None
        row = EntityChange.objects.create(
            entity=entity,
            said={name: said[name] for name in changed},
            fields=changed,
            asked_by=by,
            second=second,
        )
        _ask(row, entity.name)
        log.record("entity.change_proposed", by=by, about=entity, changed=changed, second=second.pk)
        return row
    row = EntityChange.objects.create(
        entity=entity, fields=changed, asked_by=by, answered_at=Now(), agreed=True
    )
    _write(entity, {name: said[name] for name in changed})
    log.record("entity.changed", by=by, about=entity, changed=changed, second=None)
    return row


@transaction.atomic
def propose_new(code: str, *, by: Person, second: Person | None, **said: Any) -> EntityChange:
    """An entity with these facts is there once `second` agrees; `by` is then its administrator. Raises Refused."""
    locks.exclusively(locks.key("entity", "new"))
    rules_entities.check_may_edit(by.holds("people.edit_entities"))
    rules_entities.check_code(code)
    if Entity.objects.filter(code__iexact=code).exists():
        raise Refused(_("Another entity has this code."), code="code_taken")
    rules_entities.check_facts(said)
    _check_name(said["name"], None)
    _check_second(FIELDS, by, second, None)
    assert second is not None
    row = EntityChange.objects.create(
        said={"code": code, **said}, fields=["code", *FIELDS], asked_by=by, second=second
    )
    _ask(row, said["name"])
    log.record("entity.proposed", by=by, about=by, second=second.pk, change=row.pk)
    return row


def _ask(row: EntityChange, name: str) -> None:
    assert row.second is not None
    notify.tell(row.second, "entity_second_asked", change=row.pk, by=row.asked_by_id, name=name)


def _check_name(name: str, entity: Entity | None) -> None:
    others = Entity.objects.filter(name=name)
    if (others.exclude(pk=entity.pk) if entity else others).exists():
        raise Refused(_("Another entity has this name."), code="name_taken")


def _check_second(fields: Any, by: Person, second: Person | None, entity: Entity | None) -> None:
    held = second.roles.in_force().filter(unit__isnull=True) if second else None
    if held is not None and entity is not None:
        held = held.filter(entity=entity)
    rules_entities.check_second(
        fields,
        by=by.pk,
        second=second.pk if second else None,
        second_roles=set(held.values_list("name", flat=True)) if held is not None else set(),
    )


@transaction.atomic
def agree(change_id: int, *, by: Person, yes: bool) -> Entity | None:
    """The second person has answered; after a yes the facts are so, and every notice from before lags behind. Raises Refused."""
    row = EntityChange.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=change_id)
    rules_entities.check_answer(row.second_id == by.pk, row.answered_at is not None)
    entity = Entity.objects.select_for_update().get(pk=row.entity_id) if row.entity_id else None
    said: Mapping[str, Any] = row.said
    EntityChange.objects.filter(pk=row.pk).update(answered_at=Now(), agreed=yes, said={})
    if not yes:
        log.record("entity.change_refused", by=by, about=entity or by, changed=row.fields, change=row.pk)
        notify.tell(row.asked_by, "entity_second_refused", change=row.pk)
        return None
    # What held when it was asked may hold no more: the second has another role now, somebody took the name.
    _check_second(row.fields, row.asked_by, by, entity)
    _check_name(said.get("name", entity.name if entity else ""), entity)
    if entity is None:
        entity = Entity.objects.create(**said)
        EntityChange.objects.filter(pk=row.pk).update(entity=entity)
        roles.appoint_first_admin(row.asked_by, entity)
        log.record("entity.entered", by=row.asked_by, about=entity, second=by.pk, country=entity.country)
    else:
        _write(entity, said)
        log.record("entity.changed", by=row.asked_by, about=entity, changed=row.fields, second=by.pk)
    notify.tell(row.asked_by, "entity_second_agreed", change=row.pk, name=entity.name)
    return entity


def _write(entity: Entity, said: Mapping[str, Any]) -> None:
    told = {"told_changed_at": Now()} if rules_entities.TOLD & set(said) else {}
    Entity.objects.filter(pk=entity.pk).update(**said, **told, changed_at=Now())
    entity.refresh_from_db()
    nudge("purposes.judge")  # another country brings another law
