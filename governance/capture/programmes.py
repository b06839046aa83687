"""Set up, start and stop programmes; clients, devices and who is at them."""

import hashlib
import secrets
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from governance.audit import log
from governance.capture import rules
from governance.capture.models import Binding, Client, Device, Programme
from governance.lib import locks
from governance.people.models import Person
from governance.purposes.models import Purpose


@transaction.atomic
def plan(
    purpose: Purpose, name: str, *, applications: list[str], by: Person, owner: Person | None = None
) -> Programme:
    """A programme stands as a draft."""
    locks.exclusively(locks.key("number", "programme"))
    last = Programme.objects.aggregate(Max("number"))["number__max"] or "CP-0000"
    programme = Programme.objects.create(
        number=f"CP-{int(last[3:]) + 1:04d}",
        purpose=purpose,
        entity=purpose.entity,
        name=name,
        applications=applications,
        owner=owner,
    )
    log.record("programme.planned", by=by, about=programme, purpose=purpose.pk)
    return programme


def _move(programme_id: UUID, new: str, *, by: Person | None, because: str = "") -> Programme:
    """Every batch that is inside is through before this returns, and none comes in that should not."""
    with transaction.atomic():
        locks.exclusively(locks.programme(programme_id))
        programme = Programme.objects.get(pk=programme_id)
        if programme.state == new:
            return programme
        rules.check_move(programme.state, new)
        Programme.objects.filter(pk=programme_id).update(state=new, stopped_because=because, changed_at=Now())
        programme.refresh_from_db()
        log.record(f"programme.{new}", by=by, about=programme)
        return programme


def start(programme: Programme, *, by: Person) -> Programme:
    """The gate takes batches for it. Its purpose must be active."""
    if Purpose.objects.get(pk=programme.purpose_id).state != "active":
        raise rules.Refused(
            rules._("Its purpose is not active. Activate the purpose first."), code="purpose_not_active"
        )
    return _move(programme.pk, "running", by=by)


def pause(programme: Programme, *, by: Person | None, because: str) -> Programme:
    """Nothing is admitted any more, until it is started again."""
    return _move(programme.pk, "paused", by=by, because=because)


def end(programme: Programme, *, by: Person) -> Programme:
    """Nothing is admitted any more, for good."""
    return _move(programme.pk, "ended", by=by)


@transaction.atomic
def give_key(programme: Programme, name: str, *, by: Person) -> tuple[Client, str]:
    """A client and its key. The key is shown this once; only its hash is kept."""
    key = f"smt_{secrets.token_urlsafe(32)}"
    client = Client.objects.create(
        programme=programme, name=name, key_sha256=hashlib.sha256(key.encode()).hexdigest()
    )
    log.record("client.key_given", by=by, about=client, programme=programme.pk)
    return client, key


@transaction.atomic
def bind(person: Person, device: Device, *, by: Person | None = None) -> Binding:
    """This person is at this device from now on."""
    binding, made = Binding.objects.get_or_create(person=person, device=device, to_at=None)
    if made:
        log.record("binding.begun", by=by, about=device)
    return binding


def unbind(person: Person, device: Device) -> int:
    """This person has left this device: nothing that arrives from now on is taken for them."""
    with transaction.atomic():
        locks.exclusively(locks.person(person.pk))
        return Binding.objects.filter(person=person, device=device, to_at__isnull=True).update(to_at=Now())
