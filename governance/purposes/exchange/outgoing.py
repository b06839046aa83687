"""The register out: the rows that a person may take away, in the form that they chose."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import JSONObject
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


def entries(purposes: PurposeQuerySet) -> list[Entry]:
    """Each with what is in force, or the newest where nothing is yet. One query, however many.

    Read in pieces, because the whole register with its versions is large. Ordered by a sum that no index has: for a query
    in pieces PostgreSQL prefers a plan with the first row soon, and would try the whole register for the few that are wanted.
    """
    shown = (
        PurposeVersion.objects.filter(purpose=OuterRef("pk"))
        .exclude(state="discarded")
        .order_by(
            Case(When(state="in_force", then=Value(0)), default=Value(1), output_field=IntegerField()),
            "-number",
        )
        .values("content")[:1]
    )
    rows = purposes.annotate(shown=Subquery(shown)).order_by(F("ordinal") + 0).iterator(chunk_size=2000)
    return [
        Entry(
            at, load(row.shown), row.number, row.entity.code, row.unit.name if row.unit else "",
            (row.owner.number or "") if row.owner else "", row.review_on, row.state, row.version,
        )
        for at, row in enumerate(rows, start=2) if row.shown is not None
    ]  # fmt: skip


@transaction.atomic
def export(form: str, purposes: PurposeQuerySet, *, by: Person, on: date, standing: bool = False) -> File:
    """The file, after it was written down who takes what away. Raises Refused for a text that no cell holds."""
    rows = entries(
        purposes.select_related("entity", "unit", "owner").defer("search", "missing", "verdict_next")
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
    """The registers of processors and of systems, for those who keep or read them. One query."""
    processors = by.entities_where("purposes.view_processors")
    systems = by.entities_where("purposes.view_systems")
    registers = {
        "processors": (Processor, "Processors", "code", processors),
        "mandates": (Mandate, "Mandates", "number", processors),
        "systems": (DataSystem, "Data systems", "code", systems),
    }
    theirs = {
        f"its_{name}": ArraySubquery(
            model._default_manager.filter(entity=OuterRef("pk"), entity__in=where).values(
                row=parties.in_json(sheet)
            )
        )
        for name, (model, sheet, _key, where) in registers.items()
    }
    keepers = list(Entity.objects.filter(pk__in=processors | systems).annotate(**theirs))
    return {
        name: sorted(
            (
                parties.from_json(sheet, row, keeper.code)
                for keeper in keepers
                for row in getattr(keeper, f"its_{name}") or []  # NULL where they may see none
            ),
            key=lambda row: row[key],
        )
        for name, (_model, sheet, key, _where) in registers.items()
    }


def _parties(rows: list[Entry]) -> dict[str, dict[str, Any]]:
    """Who is named in the rows: entities and processors, by code. One query."""
    wanted = {r.processor for row in rows for r in row.activity.recipients if r.processor}
    codes = {row.entity for row in rows}
    named = Processor.objects.filter(code__in=wanted, entity=OuterRef("pk"))
    processors = ArraySubquery(
        named.values(row=JSONObject(**{n: n for n in ("code", "name", "contact", "country")}))
    )
    found: dict[str, dict[str, Any]] = {}
    there = list(Entity.objects.filter(Q(code__in=codes) | Exists(named)).annotate(its_processors=processors))
    for e in there:
        if e.code in codes:
            found[e.code] = {
                "kind": "entity", "name": e.name, "address": e.address, "contact": ", ".join(t for t in (e.contact_name, e.contact_email) if t),
                "country": e.country, "dpo": ", ".join(t for t in (e.dpo_name, e.dpo_email) if t), "representative": e.eu_representative,
            }  # fmt: skip
    for p in sorted((p for e in there for p in e.its_processors or []), key=lambda p: str(p["code"])):
        found[p["code"]] = {"kind": "processor", **{n: p[n] for n in ("name", "contact", "country")}}
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
