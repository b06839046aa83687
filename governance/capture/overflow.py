"""A programme whose clients send too much beyond what is declared is paused by itself, once a day, and its owner and DPO are told."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum

from governance.audit import log
from governance.audit.models import Entry
from governance.capture import excess, programmes, stops
from governance.capture.models import Excess, Programme
from governance.lib import clock, packs
from governance.people import notify
from governance.people.models import Person

CODE = "programme.overflowed"


def limits() -> dict[str, int]:
    """Per programme and day: {"events", "tripwire"}."""
    row = packs.load("capture").content["overflow"]
    return {"events": int(row["events"]), "tripwire": int(row["tripwire"])}


def too_much(events: int, tripwire: int, most: dict[str, int]) -> str:
    """Which limit is passed: "events", "tripwire" or ""."""
    if tripwire > most["tripwire"]:
        return "tripwire"
    return "events" if events > most["events"] else ""


def stop_due(today: date | None = None) -> int:
    """Every running programme above a limit of this day stands still; returns how many were paused now.

    Who starts it again the same day has looked: it is not paused a second time that day for the same.
    """
    day = today or clock.now().date()
    most, stopped = limits(), 0
    wired = Q(field__startswith=excess.TRIPWIRE)
    rows = (
        Excess.objects.filter(day=day, programme__state="running").values("programme")
        .annotate(sent=Sum("events", filter=~wired), tripped=Sum("events", filter=wired))
    )  # fmt: skip
    for row in rows:
        found = {"events": row["sent"] or 0, "tripwire": row["tripped"] or 0}
        which = too_much(found["events"], found["tripwire"], most)
        if which:
            stopped += _stop(Programme.objects.get(pk=row["programme"]), which, day, found[which])
    return stopped


@transaction.atomic
def _stop(programme: Programme, which: str, day: date, found: int) -> int:
    if Entry.objects.filter(about_id=programme.pk, code=CODE, facts__day=day.isoformat()).exists():
        return 0
    programmes.pause(programme, by=None, because=stops.OVERFLOW)
    log.record(CODE, about=programme, day=day, limit=which, found=found, most=limits()[which])
    for person in told(programme):
        notify.tell(person, "programme_overflowed", number=programme.number, programme=programme.pk)
    return 1


def told(programme: Programme) -> list[Person]:
    """The owner and the data protection officers of the entity."""
    dpos: Any = Person.objects.filter(
        roles__name="dpo", roles__entity=programme.entity_id, roles__unit__isnull=True, roles__ended_at__isnull=True, is_active=True
    ).distinct()  # fmt: skip
    people = {person.pk: person for person in dpos}
    if programme.owner is not None:
        people[programme.owner.pk] = programme.owner
    return list(people.values())
