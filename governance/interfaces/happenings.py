"""What happened, for other systems: the log in the order in which it was sealed, ids only.

The cursor is the position of a leaf, not the id of an entry: ids are given before the commit, so a smaller one may
appear after a larger one was read. Positions have one writer and no gaps.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from governance.audit.models import Checkpoint, Entry, Leaf
from governance.consents.models import ConsentEvent, ConsentRecord, Objection, OptOut, Pause
from governance.interfaces.rules import HEARD
from governance.people.models import Employment
from governance.purposes.models import Purpose
from governance.retention.models import ErasureOrder


@dataclass(frozen=True)
class Happening:
    position: int
    type: str
    at: str
    purpose: UUID | None  # None: every purpose
    person: UUID | None  # None: a whole population
    entities: frozenset[UUID] | None = None  # whom it concerns where it names no purpose; None: everybody
    facts: dict[str, Any] = field(default_factory=dict)

    def concerns(self, entity: UUID, purposes: Collection[UUID]) -> bool:
        """Whether a client of this entity with these purposes has any business with it."""
        if self.purpose is not None:
            return self.purpose in purposes
        return self.entities is None or entity in self.entities

    def since(self, moment: datetime) -> bool:
        """Whether it happened after this moment."""
        return datetime.fromisoformat(self.at) >= moment

    def body(self, numbers: dict[UUID, str]) -> dict[str, Any]:
        return {
            "type": self.type,
            "timestamp": self.at,
            "data": {
                "position": self.position,
                "purpose": numbers.get(self.purpose, "") if self.purpose else None,
                "person": str(self.person) if self.person else None,
                **self.facts,
            },
        }


def after(position: int, limit: int) -> tuple[list[Happening], int]:
    """(what other systems are told, how far the log was read): of at most `limit` leaves after `position`."""
    leaves = list(
        Leaf.objects.filter(position__gt=position).select_related("entry").order_by("position")[:limit]
    )
    last = leaves[-1].position if leaves else position
    told = [leaf.entry for leaf in leaves if leaf.entry.code in HEARD]
    things = _Things(told)
    return [h for leaf in leaves if leaf.entry.code in HEARD for h in things.read(leaf)], last


class _Things:
    """What the entries are about, read in one query a kind."""

    def __init__(self, entries: list[Entry]) -> None:
        def about(kind: str) -> list[UUID]:
            return [entry.about_id for entry in entries if entry.about_kind == kind and entry.about_id]

        self.events = ConsentEvent.objects.in_bulk(
            [UUID(pk) for entry in entries for pk in entry.facts.get("events", [])]
        )
        self.records = ConsentRecord.objects.in_bulk(about("consentrecord"))
        self.noes = OptOut.objects.select_related("site", "unit").in_bulk(about("optout"))
        self.pauses = Pause.objects.in_bulk(about("pause"))
        self.objections = Objection.objects.in_bulk(about("objection"))
        self.orders = ErasureOrder.objects.in_bulk(about("erasureorder"))
        self.jobs: dict[UUID, set[UUID]] = {}
        people = {no.person_id for no in [*self.noes.values(), *self.pauses.values()] if no.person_id}
        for person, entity in Employment.objects.filter(person__in=people).values_list(
            "person_id", "entity_id"
        ):
            self.jobs.setdefault(person, set()).add(entity)

    def read(self, leaf: Leaf) -> list[Happening]:
        """One, or none where the row that it was about is not to be found."""
        entry = leaf.entry
        head = (leaf.position, HEARD[entry.code], entry.at.isoformat())
        if entry.code == "order.done":
            order = self.orders.get(entry.about_id)
            if order is None:
                return []
            entities = frozenset({order.entity_id})
            return [Happening(*head, order.purpose_id, order.person_id, entities, {"order": order.number})]
        if entry.code.startswith("opt_out."):
            no = self.noes.get(entry.about_id)
            if no is None:
                return []
            # Of a person's own no and of a pause nothing but that they are to be asked about again: one event, no facts.
            facts = {} if no.person_id else {"signals": [no.signal] if no.signal else []}
            return [Happening(*head, no.purpose_id, no.person_id, self._entities(no), facts)]
        if entry.code.startswith("pause."):
            pause = self.pauses.get(entry.about_id)
            if pause is None:
                return []
            there = frozenset(self.jobs.get(pause.person_id, set()))
            return [Happening(*head, pause.purpose_id, pause.person_id, there)]
        if entry.code.startswith("objection."):
            row = self.objections.get(entry.about_id)
            return [Happening(*head, row.purpose_id, row.person_id)] if row else []
        record = self.records.get(entry.about_id)
        if record is not None:
            return [Happening(*head, record.purpose_id, record.person_id, None, {"signals": [record.signal]})]
        said = [self.events[UUID(pk)] for pk in entry.facts.get("events", []) if UUID(pk) in self.events]
        if not said:
            return []
        facts = {
            "signals": sorted({event.signal for event in said}),
            "events": [str(event.pk) for event in said],
        }
        return [Happening(*head, said[0].purpose_id, said[0].person_id, None, facts)]

    def _entities(self, no: OptOut) -> frozenset[UUID] | None:
        """At which entities a no that names no purpose is heard; None: at all of them."""
        if no.person_id:
            return frozenset(self.jobs.get(no.person_id, set()))
        place = no.site or no.unit
        entity = no.entity_id or (place.entity_id if place else None)
        return frozenset({entity}) if entity else None


def sealed_before(moment: datetime) -> int:
    """The position of the last leaf that was sealed before this moment; 0 where there is none."""
    last = Checkpoint.objects.filter(at__lt=moment).order_by("-number").first()
    return last.first + last.count - 1 if last else 0


def numbers_of(found: Collection[Happening]) -> dict[UUID, str]:
    return dict(
        Purpose.objects.filter(pk__in={h.purpose for h in found if h.purpose}).values_list("pk", "number")
    )
