"""Who is at which device: by badge, by hand, and no longer than the terms of the programme say."""

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.capture import deciding, limits, programmes
from governance.capture.gate import BatchRefused, Sender
from governance.capture.models import Binding, Device, Programme
from governance.capture.shapes import Word
from governance.capture.terms import Terms
from governance.lib import clock, locks
from governance.lib.refusals import Refused
from governance.people.models import Employment, Person


class Badge(msgspec.Struct, forbid_unknown_fields=True):
    """What a badge reader or the log-in of a terminal posts."""

    device: Word
    user: Word
    action: Literal["in", "out"]


DECODE = msgspec.json.Decoder(Badge, strict=True)


def read(body: bytes) -> Badge:
    """The badge, or BatchRefused; never a value of it in the answer."""
    try:
        badge = DECODE.decode(body)
    except msgspec.ValidationError:
        raise BatchRefused("wrong_shape") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BatchRefused("not_json") from None
    if "\0" in badge.device + badge.user:
        raise BatchRefused("wrong_shape")
    return badge


def badge(said: Badge, *, client: Sender) -> dict[str, Any]:
    """In: this person alone is at the device from now on. Out: they have left it. Raises BatchRefused."""
    device = Device.objects.filter(client_id=client.client_id, number=said.device).first()
    if device is None:
        raise BatchRefused("wrong_client")
    entity = device.client.programme.entity_id
    employed = Employment.objects.current().filter(entity=entity).values("person")
    person = Person.objects.filter(number=said.user, is_active=True, pk__in=employed).first()
    if person is None:
        raise BatchRefused("unknown_person")
    if device.client.programme.terms.get("zones"):
        raise BatchRefused("handed_out_only")
    if said.action == "out":
        programmes.unbind(person, device)
        return {"bound": False}
    others = Binding.objects.filter(device=device, to_at__isnull=True).exclude(person=person)
    for other in others.select_related("person").order_by("person_id"):
        programmes.unbind(other.person, device)  # a shared terminal: who badges in has taken it over
    programmes.bind(person, device)
    return {"bound": True}


@transaction.atomic
def bind_by_hand(number: str, device: Device, *, by: Person) -> Binding:
    """This employee is at this device from now on. Raises Refused."""
    if device.client.programme.terms.get("zones"):
        raise Refused(
            _("The cameras of this programme are handed out for a shift. Use the page for handing out."),
            code="handed_out_only",
        )
    employed = Employment.objects.current().filter(entity=device.client.programme.entity_id).values("person")
    person = Person.objects.filter(number=number.strip(), is_active=True, pk__in=employed).first()
    if person is None:
        raise Refused(_("Nobody with this number is employed at the entity of the programme."), code="nobody")
    return programmes.bind(person, device, by=by)


@transaction.atomic
def end(binding: Binding, *, by: Person) -> None:
    """They have left the device."""
    if programmes.unbind(binding.person, binding.device):
        log.record("binding.ended", by=by, about=binding.device)


def over(terms: Terms, zone: str, from_at: datetime, seen_at: datetime | None, now: datetime) -> str:
    """Why a binding has run out: "idle", "shift", "hours" or "". Pure."""
    if terms.idle_minutes and (seen_at or from_at) + timedelta(minutes=terms.idle_minutes) <= now:
        return "idle"
    if terms.shift_hours and from_at + timedelta(hours=terms.shift_hours) <= now:
        return "shift"
    windows = limits.hours([{"days": h.days, "begins": h.begins, "ends": h.ends} for h in terms.hours])
    bounds = limits.Limits(hours=windows, zone=zone)
    # The window in which it began has closed: the shift is over.
    return "hours" if windows and bounds.open_at(from_at) and not bounds.open_at(now) else ""


def end_due(now: datetime | None = None) -> int:
    """Bindings whose time is over have ended; the gate takes nothing of an idle one even before. Returns how many."""
    moment, ended = now or clock.now(), 0
    timed = Q(terms__has_key="idle_minutes") | Q(terms__has_key="shift_hours") | ~Q(hours=[])
    for programme in (
        Programme.objects.filter(timed).exclude(state__in=("draft", "ended")).select_related("entity")
    ):
        terms = deciding.terms_of(programme)
        living = Binding.objects.filter(device__client__programme=programme, to_at__isnull=True)
        for binding in living.select_related("person", "device").order_by("person_id"):
            why = over(terms, programme.entity.timezone, binding.from_at, binding.seen_at, moment)
            ended += _end(binding, why) if why else 0
    return ended


@transaction.atomic
def _end(binding: Binding, why: str) -> int:
    locks.exclusively(locks.person(binding.person_id))
    # A batch of theirs may have come meanwhile: then it is not idle.
    rows = Binding.objects.filter(pk=binding.pk, to_at__isnull=True, seen_at=binding.seen_at)
    done = rows.update(to_at=Now())
    if done:
        log.record("binding.ended", about=binding.device, because=why)
    return done
