"""What a file would change: every entry against the company and the register. Writes nothing.

Between the look and the change the content travels inside the preview page, compressed and signed for this person: like
the staff list (people/roster.py), nothing of it touches a disk or a session, and what is written is what was shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import msgspec
from django.db.models import Max
from django.utils.translation import gettext as _

from governance.lib import carried
from governance.lib.canonical import digest
from governance.people.models import Entity, Person, Unit
from governance.purposes import activity as activities
from governance.purposes.activity import load
from governance.purposes.exchange import cells, columns, parties, placing, reading
from governance.purposes.exchange.cells import Entry, Fault
from governance.purposes.exchange.placing import Placed
from governance.purposes.models import Purpose


@dataclass(frozen=True)
class Preview:
    """Faults, or what would be written."""

    content: reading.Content
    entity: Entity | None
    unit: Unit | None
    faults: tuple[Fault, ...]
    placed: tuple[Placed, ...] = ()
    parties: "tuple[parties.Change, ...]" = ()
    twins: tuple[str, ...] = ()  # sentences about new rows whose name is in the register already
    last: int = (
        0  # of the register's numbers, where new ones would follow: confirming twice enters nothing twice
    )

    def count(self, kind: str) -> int:
        return sum(one.kind == kind for one in self.placed)

    @property
    def new(self) -> int:
        return self.count("new")

    @property
    def changed(self) -> int:
        return self.count("changed")

    @property
    def unchanged(self) -> int:
        return self.count("unchanged")

    @property
    def parties_changed(self) -> int:
        return sum(change.kind != "unchanged" for change in self.parties)

    @cached_property
    def digest(self) -> str:
        """Over what would be written and over what stands there now: if either moves, the look was at something else."""
        rows = [
            [
                p.entry.at,
                p.kind,
                p.entity.pk,
                p.unit.pk if p.unit else None,
                p.owner_id,
                p.review_on,
                p.entry.number,
                activities.digest(p.entry.activity),
                p.version.sha256 if p.version else "",
                p.version.revision if p.version else 0,
            ]
            for p in self.placed
            if p.kind != "unchanged"
        ]
        sheets = [
            [c.kind, c.what, c.key, c.entity.pk, c.values] for c in self.parties if c.kind != "unchanged"
        ]
        return digest([rows, sheets, self.last])


def judge(
    content: reading.Content, *, by: Person, on: date, entity: Entity | None = None, unit: Unit | None = None
) -> Preview:
    """What this content would change. `entity` and `unit` are for rows that name none."""
    company = placing.Company(by, on)
    company.read_people(entry.owner for entry in content.entries)
    changes, faults = parties.judge(content, by=by, all_=company.all_)
    company.processors |= {change.key for change in changes if change.what == "processor"}
    company.systems |= {change.key for change in changes if change.what == "system"}
    known = placing.known(entry.number for entry in content.entries)
    placed: list[Placed] = []
    faults = [*content.faults, *faults]
    sheet = columns.ACTIVITIES if content.kind == "workbook" else ""
    for entry in content.entries:
        one, wrong = placing.place(entry, company, known, entity=entity, unit=unit, absent=content.absent)
        faults += [Fault(sheet, entry.at, column, said) for column, said in wrong]
        if one is not None:
            placed.append(one)
    faults.sort(key=lambda fault: (fault.sheet != sheet, fault.sheet, fault.row))
    if faults:
        return Preview(content, entity, unit, tuple(faults))
    new = [one for one in placed if one.kind == "new"]
    last = (Purpose.objects.aggregate(last=Max("ordinal"))["last"] or 0) if new else 0
    return Preview(content, entity, unit, (), tuple(placed), tuple(changes), tuple(_twins(new)), last)


def _twins(new: list[Placed]) -> Iterator[str]:
    """Rows that would enter an activity a second time, as far as names tell."""
    wanted = {one.entry.activity.name for one in new}
    found = Purpose.objects.filter(name__in=wanted, entity__in={one.entity.pk for one in new}).exclude(
        state="retired"
    )
    there = {
        (entity_id, name): number
        for entity_id, name, number in found.values_list("entity_id", "name", "number")
    }
    for one in new:
        if number := there.get((one.entity.pk, one.entry.activity.name)):
            sentence = _(
                "Row %(row)s: %(number)s has the same name. It would stand in the register a second time."
            )
            yield sentence % {"row": one.entry.at, "number": number}


# --- From the look to the change ----------------------------------------------------------------------------------


def pack(preview: Preview, *, by: Person) -> str:
    """What was looked at, for the way through the page; good for an hour. Raises Refused when it is too large for that."""
    content = preview.content
    entries = [
        [
            e.at,
            e.number,
            e.entity,
            e.unit,
            e.owner,
            e.review_on.isoformat() if e.review_on else "",
            _compact(e.activity),
        ]
        for e in content.entries
    ]
    said = {
        "kind": content.kind, "entries": entries, "processors": msgspec.to_builtins(content.processors),
        "mandates": msgspec.to_builtins(content.mandates), "systems": msgspec.to_builtins(content.systems),
        "entity": str(preview.entity.pk) if preview.entity else "",
        "unit": preview.unit.pk if preview.unit else None, "absent": content.absent, "digest": preview.digest,
    }  # fmt: skip
    too_large = _(
        "The file is too large to be confirmed in one go. Split it and import the parts one after the other."
    )
    return carried.pack("purposes.import", said, by=by.pk, too_large=too_large)


def _compact(part: Any) -> dict[str, Any]:
    """A Part as plain values without what is usual."""

    def plain(value: Any) -> Any:
        if isinstance(value, tuple):
            return [plain(one) for one in value]
        return (
            _compact(value)
            if isinstance(value, msgspec.Struct)
            else value.isoformat()
            if isinstance(value, date)
            else value
        )

    return {name: plain(value) for name, value in cells.without_defaults(part).items()}


@dataclass(frozen=True)
class Unpacked:
    content: reading.Content
    entity: Entity | None
    unit: Unit | None
    digest: str


def unpack(packed: str, *, by: Person) -> Unpacked:
    """What was looked at, and the digest of what it would have changed then. Raises Refused."""
    said = carried.unpack("purposes.import", packed, by=by.pk)
    entries = [
        Entry(at, load(activity), number, entity, unit, owner, date.fromisoformat(review) if review else None)
        for at, number, entity, unit, owner, review, activity in said["entries"]
    ]
    processors, mandates, systems = (
        [(at, parties.from_plain(sheet, values)) for at, values in said[name]]
        for name, sheet in (
            ("processors", "Processors"),
            ("mandates", "Mandates"),
            ("systems", "Data systems"),
        )
    )
    return Unpacked(
        reading.Content(said["kind"], entries, [], [], processors, mandates, systems, tuple(said["absent"])),
        Entity.objects.filter(pk=said["entity"]).first() if said["entity"] else None,
        Unit.objects.filter(pk=said["unit"]).first() if said["unit"] else None,
        said["digest"],
    )
