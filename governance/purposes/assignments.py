"""Exceptions: one person may see or edit one purpose beyond what their roles open. Given by name, logged, told, ended."""

from dataclasses import dataclass

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Person, Role
from governance.people.rules import ROLES, gives, gives_over_theirs
from governance.purposes import rules_assign
from governance.purposes.models import Purpose, PurposeUserObjectPermission

CODENAMES = {"view": "view_purpose", "edit": "change_purpose"}
RIGHTS = {codename: right for right, codename in CODENAMES.items()}


def find(said: str) -> Person:
    """The active person with this staff number or e-mail address. Refused where there is none."""
    said = said.strip()
    person = (
        Person.objects.filter(Q(number__iexact=said) | Q(email__iexact=said), is_active=True).first()
        if said
        else None
    )
    if person is None:
        raise Refused(
            _("Nobody has this staff number or e-mail address. Write it as it stands in the staff list."),
            code="nobody",
        )
    return person


@transaction.atomic
def assign(purpose: Purpose, person: Person, right: str, *, by: Person) -> PurposeUserObjectPermission:
    """`person` may now see (`view`) or see and edit (`edit`) this one purpose, and was told. Raises Refused."""
    Purpose.objects.select_for_update().get(pk=purpose.pk)  # two assignments may meet
    rules_assign.check_assign(
        right=right, to=person.pk, by=by.pk, is_active=person.is_active,
        is_admin=person.roles.in_force().filter(name="admin").exists(),
    )  # fmt: skip
    held = PurposeUserObjectPermission.objects.filter(user=person, content_object=purpose)
    if (same := held.filter(permission__codename=CODENAMES[right]).first()) is not None:
        return same
    held.delete()
    permission = Permission.objects.get(codename=CODENAMES[right], content_type__app_label="purposes")
    row = PurposeUserObjectPermission.objects.create(
        user=person, permission=permission, content_object=purpose
    )
    notify.tell(person, "purpose_assigned", purpose=purpose.pk, number=purpose.number)
    log.record("purpose.assigned", by=by, about=purpose, to=person.pk, right=right)
    return row


@transaction.atomic
def remove(purpose: Purpose, person: Person, *, by: Person) -> bool:
    """The exception has ended; what the person's roles open stays open. False: there was none."""
    ended, _rows = PurposeUserObjectPermission.objects.filter(user=person, content_object=purpose).delete()
    if ended:
        notify.tell(person, "purpose_unassigned", number=purpose.number)
        log.record("purpose.unassigned", by=by, about=purpose, to=person.pk)
    return bool(ended)


@dataclass(frozen=True)
class Seer:
    """Somebody who may open a purpose. `because`: the role in words, or "" for an assignment."""

    person: Person
    because: str
    where: str  # the department of the role, or ""
    edits: bool


def by_role(purpose: Purpose) -> list[Seer]:
    """Whom a role lets open this purpose: at its entity, in its department, or as its accountable owner."""
    roles = (
        Role.objects.in_force()
        .filter(Q(unit__isnull=True) | Q(unit=purpose.unit_id), entity=purpose.entity_id, person__is_active=True)
        .select_related("person", "unit").order_by("name", "person__number")
    )  # fmt: skip
    found = []
    for role in roles:
        alone = role.unit_id is not None
        may = {p for p in ("purposes.view", "purposes.edit") if gives(role.name, p, for_a_unit=alone)}
        if purpose.kept_by(role.person_id):
            may |= {
                p
                for p in ("purposes.view", "purposes.edit")
                if gives_over_theirs(role.name, p, for_a_unit=alone)
            }
        if "purposes.view" in may:
            found.append(
                Seer(role.person, str(ROLES[role.name]), str(role.unit or ""), "purposes.edit" in may)
            )
    return found


def by_name(purpose: Purpose) -> list[Seer]:
    """Whom an assignment lets open this purpose."""
    rows = PurposeUserObjectPermission.objects.filter(content_object=purpose).select_related(
        "user", "permission"
    )
    return [
        Seer(row.user, "", "", RIGHTS.get(row.permission.codename) == "edit")
        for row in rows.order_by("user__number")
    ]
