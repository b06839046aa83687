"""Set up, start and stop programmes; clients, devices and who is at them."""

import hashlib
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.db.models.functions import Now

from governance.audit import log
from governance.capture import deciding, places, rules_life, rules_worn, states, stops
from governance.capture import terms as documents
from governance.capture.models import Binding, Client, Device, Programme
from governance.capture.terms import Application, Terms
from governance.consents import running
from governance.lib import clock, locks
from governance.people.models import Person
from governance.purposes.models import Purpose
from governance.retention import systems

LAST_ADMITTED = """
SELECT max(i.at), coalesce(sum((i.answer->>'admitted')::int), 0) FROM capture_intake i JOIN capture_client c ON c.id = i.client_id
WHERE c.programme_id = %s AND NOT i.counted AND i.at >= %s AND (i.answer->>'admitted')::int > 0
"""


@transaction.atomic
def plan(
    purpose: Purpose,
    name: str,
    *,
    applications: list[str],
    by: Person,
    owner: Person | None = None,
    terms: Terms | None = None,
) -> Programme:
    """A programme stands as a draft. `applications`: the controller's own; `terms` say more, and then count instead."""
    terms = terms or Terms(applications=tuple(Application(name) for name in applications))
    locks.exclusively(locks.key("number", "programme"))
    last = Programme.objects.aggregate(Max("number"))["number__max"] or "CP-0000"
    programme = Programme.objects.create(
        number=f"CP-{int(last[3:]) + 1:04d}",
        purpose=purpose,
        entity=purpose.entity,
        name=name,
        owner=owner,
        **deciding.projected(terms),
    )
    log.record("programme.planned", by=by, about=programme, purpose=purpose.pk)
    return programme


def _move(programme_id: UUID, verb: str, *, by: Person | None, because: str = "", **more: bool) -> Programme:
    """Every batch that is inside is through before this returns, and none comes in that should not."""
    with transaction.atomic():
        clicked_at = _moment()
        locks.exclusively(locks.programme(programme_id))
        # Under the lock no batch is inside any more, and the next one finds the new state: what was admitted after the
        # click is all there is, and is counted here.
        measured = _last_admitted(programme_id, clicked_at) if verb in ("pause", "end") else {}
        programme = Programme.objects.select_related("entity", "purpose").get(pk=programme_id)
        again = {"pause": "paused", "end": "ended", "start": "running"}[verb]
        if programme.state == again:
            if more and verb == "pause":  # stopped by hand already, and now by an incident
                Programme.objects.filter(pk=programme_id).update(**more)
                programme.refresh_from_db()
            return programme
        new = states.follow(programme.state, verb)
        if verb == "start" and by is not None:
            rules_life.check_start(deciding.facts(programme, by=by))
            rules_worn.check_places(places.of(programme, deciding.terms_of(programme)))
        Programme.objects.filter(pk=programme_id).update(
            state=new, stopped_because=because, changed_at=Now(), **more
        )
        programme.refresh_from_db()
        terms = deciding.terms_of(programme)
        running.tell(
            programme.pk, purpose_id=programme.purpose_id, number=programme.number, runs=new == "running", ended=new == "ended",
            terms_sha256=documents.digest(terms), people=places.people(terms),
        )  # fmt: skip
        why = (
            {"because": because} if stops.is_code(because) else {}
        )  # what somebody wrote stays out of the log
        log.record(f"programme.{new}", by=by, about=programme, **measured, **why)
        return programme


def _moment() -> datetime:
    """By the clock of PostgreSQL, which also dates what the gate admits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def _last_admitted(programme_id: UUID, clicked_at: datetime) -> dict[str, Any]:
    """{"clicked_at", "last_admitted_ms", "events_after"}: how long after the click an event still came in (0: none did)."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_ADMITTED, [programme_id, clicked_at])
        last, events = cursor.fetchone()
    ms = max(round((last - clicked_at).total_seconds() * 1000), 1) if last else 0
    return {"clicked_at": clicked_at, "last_admitted_ms": ms, "events_after": events}


def start(programme: Programme, *, by: Person) -> Programme:
    """The gate takes batches for it. What was decided still holds, and its purpose is active. Raises Refused."""
    return _move(programme.pk, "start", by=by)


@transaction.atomic
def start_connected(programme: Programme, *, by: Person) -> Programme:
    """It runs, and what it records can be erased: the entity's vault and portal are connected. Raises Refused."""
    started = start(programme, by=by)
    systems.connect_own(started.entity, by=by, purpose=started.purpose)
    return started


def pause(programme: Programme, *, by: Person | None, because: str, incident: bool = False) -> Programme:
    """Nothing is admitted any more, until it is started again; after an incident, until it is relaunched."""
    return _move(programme.pk, "pause", by=by, because=because, **({"relaunch": True} if incident else {}))


def release(programme: Programme, *, by: Person) -> Programme:
    """The relaunch is signed: what an incident stopped runs again, if everything else still holds. Raises Refused."""
    with transaction.atomic():
        locks.exclusively(locks.programme(programme.pk))
        Programme.objects.filter(pk=programme.pk).update(relaunch=False)
        return start(programme, by=by)


def end(programme: Programme, *, by: Person | None) -> Programme:
    """Nothing is admitted any more, for good."""
    return _move(programme.pk, "end", by=by)


def end_due() -> int:
    """Programmes whose last day has passed have ended; the gate refuses them from that midnight anyway."""
    due = Programme.objects.exclude(state="ended").filter(ends_on__isnull=False).select_related("entity")
    ended = 0
    for programme in due:
        if programme.ends_on and programme.ends_on < clock.law_date(programme.entity.timezone):
            end(programme, by=None)
            ended += 1
    return ended


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


@transaction.atomic
def end_client(client: Client, *, by: Person) -> None:
    """Nothing more is taken with its key."""
    if Client.objects.filter(pk=client.pk, is_active=True).update(is_active=False):
        log.record("client.ended", by=by, about=client, programme=client.programme_id)


@transaction.atomic
def add_device(client: Client, number: str, *, by: Person) -> Device:
    """This machine may send through this client. The same number again is the same device."""
    device, made = Device.objects.get_or_create(client=client, number=number.strip())
    if made:
        log.record("device.added", by=by, about=device, client=client.pk)
    return device
