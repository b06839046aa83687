"""Register of processors of one entity: who processes for it, and for whom it processes (GDPR Art. 28, 30(2))."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.people.models import Entity
from governance.purposes import lists, parties
from governance.purposes.entry import is_outside_eea
from governance.purposes.models import Mandate, Processor, Purpose
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds import register_words
from governance.reports.kinds.register import controller_lines
from governance.reports.kinds.subject import Subject
from governance.reports.models import Report
from governance.reports.words import Frame

IN_FORCE = ("running", "ending")  # of parties.contract_state
FIGURES = {
    "processors": gettext_lazy("Processors in this register"),
    "no_contract": gettext_lazy("Of these without a contract in force"),
    "lacking": gettext_lazy("Of these with something not recorded"),
    "mandates": gettext_lazy("Controllers for whom we process"),
}


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    return Subject(entity.name) if not scope else None


def settled(scope: dict[str, str]) -> bool:
    return True


def facts(report: Report) -> dict[str, Any]:
    entity, on = report.entity, report.law_on
    rows = list(Processor.objects.filter(entity=entity).order_by("name"))
    users = (
        Purpose.objects.filter(processor_codes__overlap=[row.code for row in rows])
        .exclude(state="retired")
        .order_by("ordinal")
    )
    used = list(users.values_list("number", "processor_codes"))
    in_eea = not is_outside_eea(entity.country)
    processors = [_processor(row, used, in_eea, on) for row in rows]
    mandates = [_mandate(row, on) for row in Mandate.objects.filter(entity=entity)]
    figures, asked = sheets.Figures(), f"Processor: entity = {entity.code}"
    figures.add("processors", asked, len(processors))
    figures.add(
        "no_contract",
        f"{asked}; contract_from to contract_until does not hold this document’s law date",
        sum(row["state"] not in IN_FORCE for row in processors),
    )
    figures.add(
        "lacking",
        f"{asked}; the check of completeness names a gap, on this document’s law date",
        sum(bool(row["lacking"]) for row in processors),
    )
    figures.add("mandates", f"Mandate: entity = {entity.code}", len(mandates))
    return {
        "figures": figures.rows,
        "processors": processors,
        "mandates": mandates,
        "laws": [say.provision(key, on) for key in ("gdpr.28-3", "gdpr.30-2", "dpdp.s8-2")],
    }  # fmt: skip


def _processor(row: Processor, used: list[Any], in_eea: bool, on: Any) -> dict[str, Any]:
    state, days = parties.contract_state(row.contract_from, row.contract_until, on)
    gaps = parties.lacking(
        contract=row.contract, state=state, clauses=row.clauses, contact=row.contact, country=row.country, tool=row.tool,
        subprocessors=row.subprocessors, home_in_eea=in_eea, on=on,
    )  # fmt: skip
    return {
        "id": row.pk, "code": row.code, "name": row.name, "contact": row.contact, "country": row.country, "contract": row.contract,
        "contract_from": row.contract_from, "contract_until": row.contract_until, "state": state, "days": days, "clauses": row.clauses,
        "clauses_missing": parties.clauses_missing(row.clauses), "subprocessors": row.subprocessors, "tool": row.tool,
        "assessed_on": row.assessed_on, "security_note": row.security_note, "used_by": [number for number, codes in used if row.code in codes],
        "lacking": [gap.field for gap in gaps],
    }  # fmt: skip


def _mandate(row: Mandate, on: Any) -> dict[str, Any]:
    gaps = parties.lacking_mandate(
        controller_contact=row.controller_contact, controller_country=row.controller_country, representative=row.representative,
        categories=row.categories, countries=row.countries, safeguards=row.safeguards, security=row.security,
        security_note=row.security_note, contract=row.contract, on=on,
    )  # fmt: skip
    return {
        "id": row.pk, "number": row.number, "controller_name": row.controller_name, "controller_contact": row.controller_contact,
        "controller_country": row.controller_country, "representative": row.representative, "dpo": row.dpo, "categories": row.categories,
        "subprocessors": row.subprocessors, "countries": row.countries, "safeguards": row.safeguards, "security": row.security,
        "security_note": row.security_note, "contract": row.contract, "starts_on": row.starts_on, "ends_on": row.ends_on,
        "lacking": [gap.field for gap in gaps],
    }  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    who = frame.controller["name"]
    return {
        "head": {"subtitle": _("Who processes for %(entity)s, and for whom it processes") % {"entity": who}},
        "intro": _("The first part lists everybody who processes personal data on behalf of %(entity)s. The second part is its own record as a processor: it holds what Article 30(2) GDPR asks for, under its letters.")
        % {"entity": who},
        **(sheets.counted(content, FIGURES) if "figures" in content else {}),
        "controller": controller_lines(frame.controller),
        "processors": [_processor_words(row) for row in content["processors"]],
        "mandates": [_mandate_words(row) for row in content["mandates"]],
        "laws": say.law_rows(content["laws"]),
    }  # fmt: skip


def _subs(rows: list[dict[str, Any]]) -> list[str]:
    return [
        f"{row['name']} ({say.country(row['country'])})"
        + (
            ", " + _("agreed to on %(day)s") % {"day": say.day(row["agreed_on"])}
            if row.get("agreed_on")
            else ""
        )
        for row in rows
    ]


def _contract(reference: str, begins: str | None, ends: str | None) -> list[str]:
    found = [reference] if reference else []
    if begins:
        found.append(_("from %(day)s") % {"day": say.day(begins)})
    if ends:
        found.append(_("until %(day)s") % {"day": say.day(ends)})
    return [", ".join(found)] if found else []


def _processor_words(row: dict[str, Any]) -> dict[str, Any]:
    tool = register_words.labels("tool", row["tool"])
    if tool and row["assessed_on"]:
        tool = [f"{tool[0]}, " + _("assessed %(day)s") % {"day": say.day(row["assessed_on"])}]
    return {
        "name": row["name"], "code": row["code"], "contact": register_words.lines(row["contact"]), "country": [say.country(row["country"])],
        "contract": _contract(row["contract"], row["contract_from"], row["contract_until"]),
        "clauses": [lists.label("clause", code) for code in row["clauses"]],
        "left_out": [lists.label("clause", code) for code in row["clauses_missing"]],
        "subprocessors": _subs(row["subprocessors"]), "tool": tool, "security": register_words.lines(row["security_note"]),
        "used_by": [", ".join(row["used_by"])] if row["used_by"] else [],
    }  # fmt: skip


def _mandate_words(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": row["number"], "name": row["controller_name"],
        "controller": [f"{row['controller_name']}, {row['controller_contact']} ({say.country(row['controller_country'])})"],
        "representative": register_words.lines(row["representative"]), "dpo": register_words.lines(row["dpo"]),
        "categories": register_words.lines(row["categories"]), "subprocessors": _subs(row["subprocessors"]),
        "countries": [say.country(code) for code in row["countries"]], "safeguards": register_words.lines(row["safeguards"]),
        "security": [*register_words.labels("security", *row["security"]), *register_words.lines(row["security_note"])],
        "contract": _contract(row["contract"], row["starts_on"], row["ends_on"]),
    }  # fmt: skip
