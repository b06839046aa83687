"""What the register says of every activity of one entity, as plain data: codes, ids and days, in a fixed number of queries."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from governance.people.models import Entity, Person
from governance.purposes import activity as activities
from governance.purposes import catalogue
from governance.purposes.activity import Activity
from governance.purposes.models import (
    Assessment,
    Evidence,
    Notice,
    Override,
    Processor,
    Purpose,
    PurposeVersion,
)
from governance.reports import words as say

GROUNDS_IN = {"s6": ("dpdp.s6", ""), "s7i": ("dpdp.s7-i", "")}


def of(entity: Entity, on: date, language: str) -> list[dict[str, Any]]:
    """In the order of their numbers, retired ones too: the version in force, or the newest draft where none is."""
    purposes = list(
        Purpose.objects.filter(entity=entity).select_related("owner", "unit", "approved_by")
        .prefetch_related(
            "signals", "systems__connection", "notices__texts",
            Prefetch("assessments", Assessment.objects.filter(ended_at__isnull=True)),
            Prefetch("evidence", Evidence.objects.filter(withdrawn_at__isnull=True)),
            Prefetch("overrides", Override.objects.select_related("advised_by", "decided_by")),
        ).order_by("ordinal")
    )  # fmt: skip
    versions = _versions(entity)
    known = {processor.code: processor for processor in Processor.objects.filter(entity=entity)}
    codes = {code for purpose in purposes for code in purpose.processor_codes}
    known |= {p.code: p for p in Processor.objects.filter(code__in=codes - known.keys())}
    return [_activity(purpose, versions.get(purpose.pk), known, on, language) for purpose in purposes]


def _versions(entity: Entity) -> dict[UUID, PurposeVersion]:
    rows = PurposeVersion.objects.filter(
        purpose__entity=entity, state__in=("draft", "in_review", "approved", "in_force")
    )
    found: dict[UUID, PurposeVersion] = {}
    for version in rows.order_by("number"):
        if version.state == "in_force" or version.purpose_id not in found:
            found[version.purpose_id] = version
    return found


def _activity(
    purpose: Purpose,
    version: PurposeVersion | None,
    processors: dict[str, Processor],
    on: date,
    language: str,
) -> dict[str, Any]:
    said = version.activity if version else Activity(name=purpose.name)
    signals = list(purpose.signals.all())
    return {
        "id": purpose.pk, "number": purpose.number, "state": purpose.state, "department": purpose.unit.name if purpose.unit else "",
        "created_at": purpose.created_at, "changed_at": purpose.changed_at, "review_on": purpose.review_on,
        "owner_number": purpose.owner.number if purpose.owner else None,
        "version": {
            "number": version.number, "state": version.state, "in_force_at": version.in_force_at, "sha256": version.sha256,
            "approver_number": purpose.approved_by.number if purpose.approved_by and version.state == "in_force" else None,
        } if version else None,
        "says": activities.plain(said), "laws": list(activities.laws(said)), "asks_consent": said.asks_consent, "trains_ai": said.trains_ai,
        "grounds": [_ground(law, code, on) for law, code in (("EU", said.basis_eu), ("IN", said.ground_in)) if code],
        "signals": [
            {
                "code": s.code, "title": say.signal_title(s.code, language), "fields": s.fields, "why": s.why,
                "left_out": sorted(set(s.entry.fields) - set(s.fields)),
            }
            for s in signals
        ],
        "never": [
            {"code": k.code, "title": k.title(language), "why": k.why_never(language)} for k in catalogue.never_recorded()
        ] if signals else [],
        "processors": [_processor(processors[code]) for code in _codes(said) if code in processors],
        "systems": _systems(purpose, said),
        "verdict": {"outcome": purpose.verdict, "on": purpose.verdict_on, "next": purpose.verdict_next} if purpose.verdict else None,
        "assessments": [
            {"item": a.item, "why_needed": a.why_needed, "what_less": a.what_less, "justified": a.justified, "decided_on": a.decided_on, "until": a.until}
            for a in purpose.assessments.all()
        ],
        "evidence": [
            {
                "kind": e.kind, "reference": e.reference, "signed_on": e.signed_on, "expires_on": e.expires_on, "outcome": e.outcome,
                "sha256": e.file_sha256, "counts": e.outcome == "approved" and e.signed_on <= on and (e.expires_on is None or on < e.expires_on),
            }
            for e in purpose.evidence.all()
        ],
        "overrides": [_override(row) for row in purpose.overrides.all()],
        "missing": [row["code"] for row in purpose.missing if "code" in row],
        "notices": [_notice(notice) for notice in purpose.notices.all() if notice.published_at],
    }  # fmt: skip


def _codes(said: Activity) -> Iterable[str]:
    return dict.fromkeys(r.processor for r in said.recipients if r.processor)


def _ground(law: str, code: str, on: date) -> dict[str, Any]:
    key, part = (
        ("gdpr.6-1", f"({code})") if law == "EU" else GROUNDS_IN.get(code, ("dpdp.s7", f"({code[2:]})"))
    )
    row = say.provision(key, on)
    return {"law": law, "code": code, "provision": row | {"cite": row["cite"] + part}}


def _processor(row: Processor) -> dict[str, Any]:
    return {
        "code": row.code, "name": row.name, "country": row.country, "contact": row.contact, "contract": row.contract,
        "contract_from": row.contract_from, "contract_until": row.contract_until, "clauses": row.clauses,
        "subprocessors": row.subprocessors, "tool": row.tool, "assessed_on": row.assessed_on,
    }  # fmt: skip


def _systems(purpose: Purpose, said: Activity) -> list[dict[str, Any]]:
    """Those that the version names, and those where data of earlier versions still lie."""
    parts = {part.code: list(part.parts) for part in said.systems}
    return [
        {
            "code": s.code, "name": s.name, "holds": s.holds, "country": s.country, "parts": parts.get(s.code, []),
            "connected": s.connection.kind if hasattr(s, "connection") else None,
        }
        for s in purpose.systems.all()
    ]  # fmt: skip


def _override(row: Override) -> dict[str, Any]:
    """Both people, by number, and both texts (GDPR Art. 38(6)): who advised did not decide. Their names stand in the register."""
    return {
        "rule": row.rule_id, "signal": row.signal, "asked_at": row.asked_at,
        "advice": row.advice, "advised_by_number": _number(row.advised_by), "advised_on": row.advised_on,
        "reason": row.reason, "decided_by_number": _number(row.decided_by), "decided_on": row.decided_on,
        "relaxed": row.relaxed, "until": row.until, "ended_at": row.ended_at,
    }  # fmt: skip


def _number(person: Person | None) -> str | None:
    return person.number if person else None


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "version": notice.version, "tells_of": notice.purpose_version, "published_at": notice.published_at,
        "texts": [{"language": text.language, "sha256": text.sha256} for text in notice.texts.all()],
    }  # fmt: skip
