"""A report's facts as JSON-LD in the words of W3C DPV, where DPV has words for what it says. Pure."""

import json
from datetime import date
from typing import Any

from governance.purposes import activity as activities
from governance.purposes.exchange import dpv
from governance.purposes.exchange.cells import Entry
from governance.reports import linked_more

MORE = {
    "notice": linked_more.notice,
    "processors": linked_more.processors,
    "evidence_bundle": linked_more.bundle,
    "statement": linked_more.statement,
}
DESCRIPTION = "The same in the words of W3C DPV, JSON-LD"


def of(kind: str, facts: dict[str, Any]) -> dict[str, Any] | None:
    """The document, or None where DPV has no words for this kind. Made of the stored facts alone."""
    content = facts["content"]
    if kind == "register":
        return _register(facts)
    if kind == "fiche":
        return _fiche(facts)
    if kind == "ico":
        return _ico(facts)
    if kind in MORE:
        return MORE[kind](facts, _entity(facts["report"]["controller"]))
    return content.get("linked") if kind == "receipt" else None


def text_of(kind: str, facts: dict[str, Any]) -> str:
    """The bytes of the attached file, as text; "" where there is none."""
    found = of(kind, facts)
    return json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) if found else ""


def _register(facts: dict[str, Any]) -> dict[str, Any]:
    report, rows = facts["report"], facts["content"]["activities"]
    code = report["controller"]["id"]
    entries = [
        Entry(
            at, activities.load(row["says"]), row["number"], code, row["department"], row["owner_number"] or "", _day(row["review_on"]),
            row["state"], row["version"]["number"] if row["version"] else 0,
        )
        for at, row in enumerate(rows, start=2)
    ]  # fmt: skip
    parties = {code: _controller(report["controller"])}
    for row in rows:
        for one in row["processors"]:
            parties[one["code"]] = {
                "kind": "processor", "name": one["name"], "contact": one["contact"], "country": one["country"],
            }  # fmt: skip
    return dpv.document(entries, parties, on=date.fromisoformat(report["read_at"][:10]))


def _fiche(facts: dict[str, Any]) -> dict[str, Any]:
    report, row = facts["report"], facts["content"]
    code = report["controller"]["id"]
    entry = Entry(
        2, activities.load(row["activity"]), row["number"], code, row["unit"], row["owner_number"] or "", _day(row["review_on"]), row["state"],
        row["version"],
    )  # fmt: skip
    parties = {code: _controller(report["controller"])} | {
        one: {
            "kind": "processor",
            "name": told["name"],
            "contact": told["contact"],
            "country": told["country"],
        }
        for one, told in row["processors"].items()
    }
    return dpv.document([entry], parties, on=date.fromisoformat(report["read_at"][:10]))


def _ico(facts: dict[str, Any]) -> dict[str, Any] | None:
    """The same activities as the register's, with the processors by their code alone: the template has no more of them."""
    report, rows = facts["report"], facts["content"]["rows"]
    if not all("activity" in row for row in rows):
        return None  # made before the activities were kept beside their cells
    code = report["controller"]["id"]
    entries = [
        Entry(at, activities.load(row["activity"]), row["number"], code, row["unit"], row["owner_number"], _day(row["review_on"]), row["state"], row["version"])
        for at, row in enumerate(rows, start=2)
    ]  # fmt: skip
    return dpv.document(
        entries, {code: _controller(report["controller"])}, on=date.fromisoformat(report["read_at"][:10])
    )


def _entity(row: dict[str, Any]) -> dict[str, Any]:
    return dpv.party(row["id"], _controller(row))


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _controller(row: dict[str, Any]) -> dict[str, Any]:
    """Its named contacts are official ones, and stand in the record by law (Art. 30(1)(a))."""
    return {
        "kind": "entity", "name": row["name"], "address": row["address"], "country": row["country"],
        "contact": ", ".join(filter(None, (row["contact_name"], row["contact_email"]))),
        "dpo": ", ".join(filter(None, (row["dpo_name"], row["dpo_email"]))), "representative": row["eu_representative"],
    }  # fmt: skip
