"""Write the register of systems: where personal data lie, in which country, and whom to ask about them."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib.refusals import Refused
from governance.people.models import Entity, Person
from governance.purposes import parties, rules_systems
from governance.purposes.models import DataSystem, PurposeVersion


@transaction.atomic
def enter(entity: Entity, *, by: Person, **fields: Any) -> DataSystem:
    """The entity has this system, and activities may name it. Refused for a code that is taken or a word of no list."""
    rules_systems.check_system(fields)
    if DataSystem.objects.filter(code=fields["code"]).exists():
        raise Refused(_("Another system has this code. Choose another."), code="code_taken")
    system = DataSystem.objects.create(entity=entity, **fields)
    log.record("system.entered", by=by, about=system, system=system.code, country=system.country)
    return system


@transaction.atomic
def change(system: DataSystem, *, by: Person, seen: datetime | None = None, **fields: Any) -> DataSystem:
    """The entry says this now.

    `seen`: when the entry was last changed as the writer saw it. Refused when somebody changed it since, or retired it.
    """
    system = DataSystem.objects.select_for_update(of=("self",)).select_related("entity").get(pk=system.pk)
    parties.check_seen(seen, system.changed_at)
    rules_systems.check_not_retired(system.retired_at is not None)
    changed = sorted(name for name, value in fields.items() if getattr(system, name) != value)
    rules_systems.check_system({name: fields[name] for name in changed})
    for name in changed:
        setattr(system, name, fields[name])
    system.changed_at = Now()
    system.save()
    system.refresh_from_db()
    moved = {"country": system.country} if "country" in changed else {}
    log.record("system.changed", by=by, about=system, changed=changed, **moved)
    return system


@transaction.atomic
def retire(system: DataSystem, *, because: str, by: Person) -> DataSystem:
    """No activity may name the system any more; its entry stays. A second call changes nothing. Raises Refused."""
    system = DataSystem.objects.select_for_update(of=("self",)).select_related("entity").get(pk=system.pk)
    if system.retired_at is not None:
        return system
    rules_systems.check_retire(named_by(system), because)
    DataSystem.objects.filter(pk=system.pk).update(
        retired_at=Now(), retired_because=because.strip()[:300], changed_at=Now()
    )
    system.refresh_from_db()
    log.record("system.retired", by=by, about=system, system=system.code)
    return system


def named_by(system: DataSystem) -> list[str]:
    """Numbers of the activities that name it, in force or in an open draft."""
    open_ = PurposeVersion.objects.exclude(purpose__state="retired").exclude(
        state__in=("superseded", "discarded")
    )
    named = Q(content__systems__contains=[{"code": system.code}]) | Q(purpose__systems=system)
    return sorted(set(open_.filter(named).values_list("purpose__number", flat=True)))
