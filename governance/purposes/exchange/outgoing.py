"""The register out: the rows that a person may take away, in the form that they chose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib.canonical import digest
from governance.people.models import Entity, Person
from governance.purposes.activity import load
from governance.purposes.exchange import cells, dpv, ico, parties, sheets
from governance.purposes.exchange.cells import Entry
from governance.purposes.models import (
    DataSystem,
    Mandate,
    Processor,
    Purpose,
    PurposeQuerySet,
    PurposeVersion,
)

FORMS = {
    "xlsx": (_("Workbook (XLSX), with every field"), sheets.MEDIA, "xlsx"),
    "ico": (_("CSV with the ICO’s thirty headings"), ico.MEDIA, "csv"),
    "dpv": (_("JSON-LD in the vocabulary DPV 2.3"), dpv.MEDIA, "jsonld"),
}


@dataclass(frozen=True)
class File:
    name: str
    media: str
    content: bytes
    rows: int


def may_take(person: Person) -> PurposeQuerySet:
    """The purposes that this person may export: by role, by department, and their own. Being shown one is not enough."""
    taken = Q(entity_id__in=person.entities_where("purposes.export")) | Q(
        unit_id__in=person.units_where("purposes.export")
    )
    entities, units = person.theirs_where("purposes.export")
    if entities or units:
        taken |= Q(Q(entity_id__in=entities) | Q(unit_id__in=units), owner=person)
    return Purpose.objects.visible_to(person).filter(taken)


def entries(purposes: Iterable[Purpose], *, on_date: None = None) -> list[Entry]:
    """Each with what is in force, or the newest where nothing is yet. Two queries, however many."""
    rows = list(purposes)
    shown = (
        PurposeVersion.objects.filter(purpose__in=[row.pk for row in rows])
        .exclude(state="discarded")
        .order_by(
            "purpose_id",
            Case(When(state="in_force", then=Value(0)), default=Value(1), output_field=IntegerField()),
            "-number",
        )
        .distinct("purpose_id")
        .values_list("purpose_id", "content")
    )
    content = dict(shown.iterator(chunk_size=2000))
    return [
        Entry(
            at, load(content[row.pk]), row.number, row.entity.code, row.unit.name if row.unit else "",
            (row.owner.number or "") if row.owner else "", row.review_on, row.state, row.version,
        )
        for at, row in enumerate(rows, start=2) if row.pk in content
    ]  # fmt: skip


@transaction.atomic
def export(form: str, purposes: PurposeQuerySet, *, by: Person, on: date, standing: bool = False) -> File:
    """The file, after it was written down who takes what away. Raises Refused for a text that no cell holds."""
    rows = entries(
        purposes.select_related("entity", "unit", "owner")
        .defer("search", "missing", "verdict_next")
        .order_by("ordinal")
    )
    if form == "ico":
        content = ico.write(entry.activity for entry in rows)
    elif form == "dpv":
        content = dpv.write(rows, _parties(rows), on=on)
    else:
        content = sheets.write(rows, **_registers(by), standing=standing)
    log.record("register.exported", by=by, form=form, rows=len(rows), sha256=digest(content))
    return File(f"register-{on.isoformat()}.{FORMS[form][2]}", str(FORMS[form][1]), content, len(rows))


def _registers(by: Person) -> dict[str, list[dict[str, Any]]]:
    """The registers of processors and of systems, for those who keep or read them."""
    where = by.entities_where("purposes.view_processors")
    systems = by.entities_where("purposes.view_systems")
    return {
        "processors": [
            parties.shown(p)
            for p in Processor.objects.filter(entity__in=where).select_related("entity").order_by("code")
        ],
        "mandates": [
            parties.shown(m)
            for m in Mandate.objects.filter(entity__in=where).select_related("entity").order_by("number")
        ],
        "systems": [
            parties.shown(s)
            for s in DataSystem.objects.filter(entity__in=systems)
            .select_related("entity", "owner")
            .order_by("code")
        ],
    }


def _parties(rows: list[Entry]) -> dict[str, dict[str, Any]]:
    """Who is named in the rows: entities and processors, by code."""
    found: dict[str, dict[str, Any]] = {
        e.code: {
            "kind": "entity", "name": e.name, "address": e.address, "contact": ", ".join(t for t in (e.contact_name, e.contact_email) if t),
            "country": e.country, "dpo": ", ".join(t for t in (e.dpo_name, e.dpo_email) if t), "representative": e.eu_representative,
        }
        for e in Entity.objects.filter(code__in={row.entity for row in rows})
    }  # fmt: skip
    wanted = {r.processor for row in rows for r in row.activity.recipients if r.processor}
    for p in Processor.objects.filter(code__in=wanted):
        found[p.code] = {"kind": "processor", "name": p.name, "contact": p.contact, "country": p.country}
    return found


def empty(form: str) -> bytes:
    """The headings and lists with one row that shows how it is meant."""
    sample = [Entry(2, cells.settled(load(SAMPLE)), number="1", entity="NSP", review_on=None)]
    return ico.write(entry.activity for entry in sample) if form == "ico" else sheets.write(sample)


SAMPLE: dict[str, Any] = {
    "name": "Pay salaries (example, delete this row)", "function": "hr", "kind": "payroll",
    "description": "Calculate and pay salaries, and file what the tax law asks for.", "objectives": ["Pay on time", "File tax returns"],
    "people": ["employees", "former_employees"], "countries": ["IN"], "basis_eu": "", "ground_in": "s7i", "limb_in": "employment",
    "ground_note": "Code on Wages", "security": ["access_control", "encryption"], "location": "Pune",
    "items": [
        {"code": "name", "name": "Name and staff number", "category": "ID", "dpv": "https://w3id.org/dpv/pd#Name", "sensitivity": "S1", "source": "person"},
        {"code": "salary", "name": "Salary", "category": "PAY", "dpv": "https://w3id.org/dpv/pd#Salary", "sensitivity": "S1", "source": "other_system"},
    ],
    "recipients": [{"name": "Payroll team", "kind": "internal", "country": "IN"}, {"name": "Income tax department", "kind": "authority", "country": "IN"}],
    "keeps": [{"category": "Pay slips", "law": "IN", "start_event": "employment_ended", "maximum": "P7Y", "source": "Wage registers"}],
}  # fmt: skip
