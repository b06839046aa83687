"""A colleague who does not exist, with something of everything that a person may have: whoever reaches it, leaks.

Planted inside a transaction that is rolled back, so that nobody counts them, sees them, or could sign in as one.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now

from governance.capture.models import Binding, Device, HandOut
from governance.consents import ledger, objections, optouts, pressure
from governance.consents.models import (
    ConsentEvent,
    ConsentRecord,
    Objection,
    OptOut,
    Pause,
    PressureReport,
    Receipt,
    Representation,
)
from governance.exports import own
from governance.exports.models import OwnView
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import AddressChange, Employment, Entity, Message, Person, Role
from governance.purposes.models import Purpose
from governance.reports import reports
from governance.reports.models import Parcel, Report
from governance.retention.models import ErasureOrder, Hold, Matter, NameOpening
from governance.rights import nominees, requests
from governance.rights.models import Nominee, Request

# kind → what its ids are of. A test compares it with what the addresses of the portal name.
KINDS: dict[str, type] = {
    "person": Person, "pause": Pause, "pressure": PressureReport, "objection": Objection, "opt_out": OptOut, "request": Request,
    "own_view": OwnView, "message": Message, "record": ConsentRecord, "event": ConsentEvent, "receipt": Receipt,
    "order": ErasureOrder, "report": Report, "parcel": Parcel, "nominee": Nominee, "representation": Representation,
    "address": AddressChange, "hold": Hold, "opening": NameOpening, "binding": Binding, "hand_out": HandOut,
}  # fmt: skip


@dataclass(frozen=True)
class Canary:
    """`name`: who they are (an administrator may read it on the pages of people). `words`: what nobody else may read."""

    person: Person
    name: str
    words: str
    things: dict[str, list[object]]  # kind → ids

    @property
    def ids(self) -> list[tuple[str, object]]:
        return [(kind, pk) for kind, pks in self.things.items() for pk in pks]


def somebody(entity: Entity, role: str = "") -> Person:
    """A person without a password, employed there; with a role if one is named. For this transaction only."""
    tag = secrets.token_hex(6)
    person = Person.objects.register(
        number=f"probe-{tag}", name=f"Probe {tag}", email=f"probe-{tag}@invalid.example"
    )
    # The database asks the calendar who works here now, also in a demo of a day to come (--on).
    begins = min(clock.law_date(entity.timezone), clock.now().date() - timedelta(days=1))
    Employment.objects.create(person=person, entity=entity, country=entity.country, starts_on=begins)
    if role:
        Role.objects.create(person=person, name=role, entity=entity, granted_at=Now())
    return Person.objects.get(pk=person.pk)


def plant(entity: Entity) -> Canary:
    """Something of everything: a word of theirs in each place that takes words."""
    person = somebody(entity)
    words = f"canary{secrets.token_hex(12)}"
    things: dict[str, list[object]] = {"person": [person.pk]}
    purpose = next((p for p in Purpose.objects.filter(entity=entity, state="active", asks_consent=True) if p.published_notice()), None)  # fmt: skip
    if purpose is not None:
        signals = [signal.code for signal in purpose.signals.all()][:2]
        ledger.give(purpose, signals, by=person, notice=purpose.published_notice(), language="en")
        record = ConsentRecord.objects.filter(person=person).first()
        if record is not None:
            ledger.withdraw(record.pk, by=person)
        things["pause"] = [Pause.objects.create(person=person, purpose=purpose).pk]
        own.delete(purpose, "hour", by=person)
        report = pressure.report(purpose, words, named=True, by=person)
        things["pressure"] = [getattr(report, "pk", report)]
    things["objection"] = _objection(person, words)
    things["opt_out"] = [optouts.opt_out(by=person).pk]
    things["request"] = [requests.raise_request("access", words, by=person).pk]
    view, _private = own.ask(by=person)
    things["own_view"] = [view.pk]
    things |= _at_work(person, entity, words)
    things["message"] = [notify.tell(person, "opt_out_placed", words=words).pk]
    for kind, model in (
        ("record", ConsentRecord),
        ("event", ConsentEvent),
        ("receipt", Receipt),
        ("order", ErasureOrder),
    ):
        things[kind] = _of(model, person)
    return Canary(person, str(person.number), words, things)


def _at_work(person: Person, entity: Entity, words: str) -> dict[str, list[object]]:
    """What others keep about them, and what was made for them. Who else is in it is a canary as well."""
    other = somebody(entity)
    matter = Matter.objects.create(entity=entity, number=f"MX-{secrets.token_hex(6)}", title=words)
    until = clock.now() + timedelta(days=1)
    things: dict[str, list[object]] = {
        "report": [reports.ask_for_statement(by=person).pk],
        "parcel": [Parcel.objects.create(by=person).pk],
        "nominee": [nominees.nominate(words, "nominee@invalid.example", by=person).pk],
        "representation": [
            Representation.objects.create(
                person=person, holder=other, entity=entity, kind="guardian", document=words,
                starts_on=clock.law_date(entity.timezone), recorded_by=other,
            ).pk
        ],
        "address": [
            AddressChange.objects.create(
                person=person, address=f"{words}@invalid.example", asked_by=other, due_at=until
            ).pk
        ],
        "hold": [Hold.objects.create(matter=matter, person=person, placed_by=other).pk],
        "opening": [NameOpening.objects.create(person=person, matter=matter, reason=words, asked_by=other).pk],
    }  # fmt: skip
    device = Device.objects.filter(client__programme__entity=entity).order_by("pk").first()
    if device is not None:
        things["binding"] = [Binding.objects.create(person=person, device=device).pk]
        things["hand_out"] = [
            HandOut.objects.create(
                device=device, person=person, given_by=other, shift="probe", begins_at=clock.now(), ends_at=until, back_at=Now(),
            ).pk
        ]  # fmt: skip
    return things


def _objection(person: Person, words: str) -> list[object]:
    """To the first purpose that leaves room for one; some entities have none."""
    for other in objections.concerning(person):
        try:
            return [objections.object_to(other, words, by=person).pk]
        except Refused:
            continue
    return []


def _of(model: type, person: Person) -> list[object]:
    rows: list[UUID] = list(model.objects.filter(person=person).values_list("pk", flat=True))  # type: ignore[attr-defined]
    return list(rows[:3])
