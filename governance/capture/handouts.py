"""Worn cameras are handed out for a shift and taken back: who handed which camera to whom. Nothing here knows a choice."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.capture import deciding, places, programmes, rules_worn
from governance.capture.models import Binding, Device, HandOut, Programme
from governance.lib import clock, locks, packs
from governance.lib.refusals import Refused
from governance.people.models import Employment, Person
from governance.retention.models import Hold


@transaction.atomic
def hand_out(device: Device, number: str, shift_code: str, *, by: Person) -> HandOut:
    """The person carries this camera for this shift, and is bound to it until it comes back or the shift ends.

    Raises Refused. Whether the person agreed is not asked: the gate asks at each clip, and a no shows nowhere.
    """
    programme = Programme.objects.select_related("entity", "purpose").get(pk=device.client.programme_id)
    locks.exclusively(locks.key("camera", device.pk))
    terms, now = deciding.terms_of(programme), clock.now()
    jobs = Employment.objects.current().filter(entity=programme.entity_id, person__number=number.strip())
    person = Person.objects.filter(is_active=True, pk__in=jobs.values("person")).first()
    if person is None:
        raise Refused(_("Nobody with this number is employed at the entity of the programme."), code="nobody")
    shift = next((row for row in terms.shifts if row.code == shift_code), None)
    young = places.young_in(terms, programme.entity_id)
    facts = rules_worn.HandOutFacts(
        by=by.pk, person=person.pk,
        managers=frozenset(pk for pk in Employment.objects.current().filter(person=person).values_list("manager_id", flat=True) if pk),
        under_18=person.is_under_18, state=programme.state,
        out=HandOut.objects.living().filter(device=device).exists(), shift=shift,
        span=rules_worn.allotted(shift, now, programme.entity.timezone) if shift else None,
        zones_open=sum(not rules_worn.zone_code(zone, zone.code in young) for zone in terms.zones), cite=places.cite(programme),
    )  # fmt: skip
    rules_worn.check_hand_out(facts)
    assert facts.span is not None
    made = HandOut.objects.create(
        device=device,
        person=person,
        given_by=by,
        shift=shift_code,
        begins_at=facts.span.begins,
        ends_at=facts.span.ends,
    )
    programmes.bind(person, device, by=by)
    log.record(
        "camera.handed_out", by=by, about=device, hand_out=made.pk, shift=shift_code, ends_at=made.ends_at
    )
    return made


@transaction.atomic
def take_back(row: HandOut, *, by: Person | None, because: str = "returned") -> bool:
    """The camera is back, and nothing more is taken from it for that person. False when it was back already."""
    done = HandOut.objects.living().filter(pk=row.pk).update(back_at=Now(), back_to=by)
    if done:
        programmes.unbind(row.person, row.device)
        log.record("camera.back", by=by, about=row.device, hand_out=row.pk, because=because)
    return bool(done)


def end_due(now: datetime | None = None) -> int:
    """Hand-outs whose shift is over have ended, and their bindings; the gate takes nothing of them even before."""
    due = HandOut.objects.living().filter(ends_at__lte=now or clock.now())
    rows = due.select_related("person", "device").order_by("person_id")
    return sum(take_back(row, by=None, because="shift") for row in list(rows))


def keep_days() -> int:
    """Days after which a hand-out is forgotten, counted from when the camera was back."""
    return int(packs.load("worn").content["handouts"]["keep_days"])


def forget(now: datetime | None = None) -> int:
    """Hand-outs that ended long ago are gone, with the bindings that they made; how many. Runs in the eraser.

    What a hold keeps stays, and is asked again the next day.
    """
    before = (now or clock.now()) - timedelta(days=keep_days())
    rows = (
        HandOut.objects.filter(back_at__lt=before)
        .select_related("device__client__programme")
        .order_by("back_at")
    )
    gone = 0
    for row in list(rows):
        with locks.sharing(locks.acting()), transaction.atomic():  # no hold is placed from here on
            if Hold.objects.over(row.person_id, row.device.client.programme.purpose_id).exists():
                continue
            # Of cameras, whose bindings are made by hand-outs alone; each ends a moment after its row does.
            assert row.back_at is not None
            ended = row.back_at + timedelta(minutes=1)
            Binding.objects.filter(person=row.person_id, device=row.device, to_at__lte=ended).delete()
            row.delete()
            gone += 1
    if gone:
        log.record("camera.handouts_forgotten", count=gone)
    return gone
