"""A changed e-mail address opens an account only later: the person is told at the old one, and can stop it.

Whoever sets the address gets the link for a new password. So an administrator's change waits for the hours in
packs/accounts.toml, or for a second person who is no administrator; until then signing in, resets and mail stay with the
address that was there. Who has no address cannot be warned, and who stopped a change was asked: both wait for the
second person alone.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models.functions import Lower, Now

from governance.audit import log
from governance.lib import clock, locks, packs
from governance.people import notify, rules_addresses
from governance.people import rules as role_rules
from governance.people.models import AddressChange, Person, Role

GUARDED = (
    *role_rules.NEED_A_SECOND,
    "admin",
)  # roles that one administrator must not come to hold by a reset


def delay() -> timedelta:
    return timedelta(hours=packs.load("accounts").content["address_change_hours"])


def waiting() -> dict[UUID, str]:
    """Person id → the address that is to come; "" where the present one is to go."""
    return dict(AddressChange.objects.open().values_list("person_id", "address"))


def ask(moves: Iterable[tuple[Person, str]], *, by: Person) -> None:
    """These addresses are to change; call in the roster's transaction. Back to the present one ends what waited."""
    now = clock.now()
    for person, address in moves:
        AddressChange.objects.open().filter(person=person).update(ended_at=Now(), outcome="replaced")
        if address == (person.email or "").lower():
            continue
        refused = AddressChange.objects.filter(person=person, address=address, outcome="stopped").exists()
        alone = bool(person.email) and not refused
        row = AddressChange.objects.create(
            person=person, address=address, asked_by=by, due_at=now + delay() if alone else None
        )
        if row.due_at:
            notify.tell(person, "address_to_change", until=row.due_at.date())
        else:
            notify.tell(person, "address_needs_a_second")
        log.record("address.asked", by=by, about=person, due_at=row.due_at)


def come_into_force() -> int:
    """Every change whose time has come, or to which a second person agreed, is in force; how many.

    Asked for where somebody signs in or wants a new password: nothing else depends on it, and no other process needs
    the right to change an address.
    """
    now = clock.now()
    if not AddressChange.objects.due(now).exists():
        return 0
    with transaction.atomic():
        locks.exclusively(locks.key("people", "roster"))
        rows = list(AddressChange.objects.due(now).select_related("person"))
        guarded = set(Role.objects.in_force().filter(name__in=GUARDED).values_list("person_id", flat=True))
        rows, held = (
            [r for r in rows if r.person_id not in guarded],
            [r for r in rows if r.person_id in guarded],
        )
        rows, taken = _free(rows)
        _end(held, "role")
        _end(taken, "taken")
        moved = [row.person_id for row in rows]
        Person.objects.filter(pk__in=moved).update(email=None)  # first nobody has them: two may swap
        EmailAddress.objects.filter(user__in=moved).delete()
        for row in rows:
            Person.objects.filter(pk=row.person_id).update(email=row.address or None)
            if row.address:
                EmailAddress.objects.create(user=row.person, email=row.address, verified=True, primary=True)
            notify.tell(row.person, "address_changed")
            log.record("person.address_changed", by=row.confirmed_by_id or row.asked_by_id, about=row.person)
        _end(rows, "done")
    return len(rows)


def _free(rows: list[AddressChange]) -> tuple[list[AddressChange], list[AddressChange]]:
    """(those whose address nobody else keeps, the others). Who does not move keeps theirs, so it is asked until it holds."""
    taken: list[AddressChange] = []
    while True:
        moving = [row.person_id for row in rows]
        wanted = [row.address for row in rows if row.address]
        others = Person.objects.exclude(pk__in=moving).annotate(small=Lower("email"))
        kept = set(others.filter(small__in=wanted).values_list("small", flat=True))
        if not kept:
            return rows, taken
        taken += [row for row in rows if row.address in kept]
        rows = [row for row in rows if row.address not in kept]


def _end(rows: list[AddressChange], outcome: str) -> None:
    AddressChange.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=Now(), outcome=outcome)


def facts_of(row: AddressChange, *, by: Person) -> rules_addresses.Facts:
    entity = row.entity_id
    return rules_addresses.Facts(
        open=row.ended_at is None, by=by.pk, about=row.person_id, asked_by=row.asked_by_id, is_admin="admin" in by.role_names(),
        may=entity is not None and by.holds("people.confirm_address", entity), guarded=row.person.roles.in_force().filter(name__in=GUARDED).exists(),
    )  # fmt: skip


@transaction.atomic
def confirm(change_id: int, *, by: Person) -> AddressChange:
    """A second person has made sure that it is the person's address: it is in force now. Raises Refused."""
    row = _locked(change_id)
    rules_addresses.check_confirm(facts_of(row, by=by))
    AddressChange.objects.filter(pk=row.pk).update(confirmed_by=by, due_at=clock.now())
    log.record("address.confirmed", by=by, about=row.person)
    come_into_force()
    row.refresh_from_db()
    return row


@transaction.atomic
def stop(change_id: int, *, by: Person) -> AddressChange:
    """The address stays as it was; the administrator is told. Raises Refused."""
    row = _locked(change_id)
    rules_addresses.check_stop(facts_of(row, by=by))
    _end([row], "stopped")
    notify.tell(row.asked_by, "address_stopped", person=row.person_id, number=row.person.number or "")
    log.record("address.stopped", by=by, about=row.person)
    row.refresh_from_db()
    return row


def _locked(change_id: int) -> AddressChange:
    rows: Any = AddressChange.objects.select_for_update(of=("self",)).select_related("person", "asked_by")
    return rows.get(pk=change_id)  # type: ignore[no-any-return]


def of(person: Person) -> AddressChange | None:
    """The change that waits for this person's address."""
    return AddressChange.objects.open().filter(person=person).first()
