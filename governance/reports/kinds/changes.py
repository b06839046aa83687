"""What changed in the register of one entity since a day: versions, verdicts, notices, papers, steps, processors."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, OuterRef, Q, Subquery

from governance.audit.models import Entry
from governance.lib import clock
from governance.people.models import Entity
from governance.purposes import rules_change
from governance.purposes.models import (
    Assessment,
    Evaluation,
    Evidence,
    Mandate,
    Notice,
    Override,
    Processor,
    Purpose,
    PurposeVersion,
)
from governance.reports import sheets
from governance.reports.kinds import changes_words
from governance.reports.kinds.subject import Subject
from governance.reports.models import Report

STEPS = ("purpose.activated", "purpose.paused", "purpose.resumed", "purpose.retired", "purpose.handed_over")
words = changes_words.words
# What was asked for each list, in the words of the tables: the day and the entity are filled in.
ASKED = {
    "entered": "Purpose: entity = {entity}, created_at >= {since}",
    "versions": "PurposeVersion: purpose.entity = {entity}, in_force_at >= {since}",
    "steps": "Entry: code in ({steps}), about a Purpose with entity = {entity}, at >= {since}",
    "verdicts": "Evaluation: purpose.entity = {entity}, at >= {since}; outcome is not that of the one before",
    "notices": "Notice: purpose.entity = {entity}, published_at >= {since}",
    "evidence": "Evidence: purpose.entity = {entity}, filed_at >= {since} or withdrawn_at >= {since}",
    "assessments": "Assessment: purpose.entity = {entity}, created_at >= {since} or ended_at >= {since}",
    "overrides": "Override: purpose.entity = {entity}, asked_at, advised_on, decided_on or ended_at >= {since}",
    "processors": "Processor: entity = {entity}, changed_at >= {since}",
    "mandates": "Mandate: entity = {entity}, changed_at >= {since}",
}


def since_of(scope: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(scope.get("since", ""))
    except ValueError:
        return None


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    """A day that is not to come yet."""
    since = since_of(scope)
    if since is None or since > clock.law_date(entity.timezone):
        return None
    return Subject(entity.name)


def settled(scope: dict[str, str]) -> bool:
    return True


def facts(report: Report) -> dict[str, Any]:
    """Everything that happened from the beginning of that day, in the entity's zone. Raises LookupError without a day."""
    since, entity = since_of(report.scope), report.entity
    if since is None:
        raise LookupError("since")
    moment = datetime.combine(since, time.min, ZoneInfo(entity.timezone))
    of_it = {"purpose__entity": entity}
    found = {
        "entered": [_named(p) | {"at": p.created_at} for p in Purpose.objects.filter(entity=entity, created_at__gte=moment).order_by("ordinal")],
        "versions": list(_versions(entity, moment)),
        "steps": _steps(entity, moment),
        "verdicts": _verdicts(entity, moment),
        "notices": [
            _named(n.purpose) | {
                "version": n.version, "tells_of": n.purpose_version, "at": n.published_at,
                "texts": [{"language": t.language, "sha256": t.sha256} for t in n.texts.all()],
            }
            for n in Notice.objects.filter(**of_it, published_at__gte=moment).select_related("purpose").prefetch_related("texts").order_by("published_at")
        ],
        "evidence": [
            _named(e.purpose) | {
                "kind": e.kind, "reference": e.reference, "outcome": e.outcome, "filed_at": e.filed_at, "expires_on": e.expires_on,
                "withdrawn_at": e.withdrawn_at, "withdrawn_because": e.withdrawn_because, "sha256": e.file_sha256,
            }
            for e in Evidence.objects.filter(Q(filed_at__gte=moment) | Q(withdrawn_at__gte=moment), **of_it).select_related("purpose").order_by("filed_at")
        ],
        "assessments": [
            _named(a.purpose) | {"item": a.item, "justified": a.justified, "at": a.created_at, "until": a.until, "ended_at": a.ended_at}
            for a in Assessment.objects.filter(Q(created_at__gte=moment) | Q(ended_at__gte=moment), **of_it).select_related("purpose").order_by("created_at")
        ],
        "overrides": [
            _named(o.purpose) | {
                "rule": o.rule_id, "signal": o.signal, "advice": o.advice, "advised_by_number": o.advised_by.number if o.advised_by else None, "advised_on": o.advised_on,
                "reason": o.reason, "decided_by_number": o.decided_by.number if o.decided_by else None, "decided_on": o.decided_on, "relaxed": o.relaxed, "until": o.until,
                "ended_at": o.ended_at,
            }
            for o in Override.objects.filter(
                Q(asked_at__gte=moment) | Q(advised_on__gte=since) | Q(decided_on__gte=since) | Q(ended_at__gte=moment), **of_it
            ).select_related("purpose", "advised_by", "decided_by").order_by("asked_at")
        ],
        "processors": [
            {"name": p.name, "code": p.code, "contract": p.contract, "new": p.created_at >= moment, "at": p.changed_at}
            for p in Processor.objects.filter(entity=entity, changed_at__gte=moment).order_by("changed_at")
        ],
        "mandates": [
            {"name": m.controller_name, "number": m.number, "new": m.created_at >= moment, "at": m.changed_at}
            for m in Mandate.objects.filter(entity=entity, changed_at__gte=moment).order_by("changed_at")
        ],
    }  # fmt: skip
    figures, said = (
        sheets.Figures(),
        {"entity": entity.code, "since": since.isoformat(), "steps": ", ".join(STEPS)},
    )
    for name, rows in found.items():
        figures.add(name, ASKED[name].format(**said), len(rows))
    return {"since": since, "figures": figures.rows, **found}


def _named(purpose: Purpose) -> dict[str, Any]:
    return {"purpose": purpose.pk, "number": purpose.number, "name": purpose.name}


def _versions(entity: Entity, moment: datetime) -> Iterator[dict[str, Any]]:
    """Versions that came into force, each with the fields that differ from the one before."""
    rows = list(
        PurposeVersion.objects.filter(purpose__entity=entity, in_force_at__gte=moment)
        .select_related("purpose", "approved_by").order_by("in_force_at", "purpose__ordinal")
    )  # fmt: skip
    earlier = PurposeVersion.objects.filter(
        purpose__in={row.purpose_id for row in rows}, in_force_at__isnull=False
    )
    contents = {(v.purpose_id, v.number): v.content for v in earlier.only("purpose_id", "number", "content")}
    for row in rows:
        before = max(
            (n for purpose, n in contents if purpose == row.purpose_id and n < row.number), default=None
        )
        changed = (
            rules_change.field_changes(contents[row.purpose_id, before], row.content)
            if before is not None
            else []
        )
        yield _named(row.purpose) | {
            "version": row.number, "before": before, "at": row.in_force_at, "sha256": row.sha256,
            "approver_number": row.approved_by.number if row.approved_by else None,
            "changed": [{"field": c.field, "material": c.material, "cite": c.cite} for c in changed],
        }  # fmt: skip


def _steps(entity: Entity, moment: datetime) -> list[dict[str, Any]]:
    """Started, paused, resumed, retired, handed over: as the log has it."""
    rows = Entry.objects.filter(
        code__in=STEPS, at__gte=moment, about_id__in=Purpose.objects.filter(entity=entity).values("pk")
    )
    entries = list(rows.order_by("id"))
    purposes = Purpose.objects.in_bulk({entry.about_id for entry in entries})
    return [_named(purposes[entry.about_id]) | {"step": entry.code, "at": entry.at} for entry in entries]


def _verdicts(entity: Entity, moment: datetime) -> list[dict[str, Any]]:
    before = Evaluation.objects.filter(purpose=OuterRef("purpose"), id__lt=OuterRef("id")).order_by("-id")
    rows = (
        Evaluation.objects.filter(purpose__entity=entity, at__gte=moment)
        .annotate(before=Subquery(before.values("outcome")[:1])).exclude(before=F("outcome"))
        .select_related("purpose").order_by("id")
    )  # fmt: skip
    return [
        _named(row.purpose) | {
            "was": row.before, "is": row.outcome, "by_law": row.by_law, "because": row.because, "at": row.at, "pack_version": row.pack_version,
            "pack_sha256": row.pack_sha256,
        }
        for row in rows
    ]  # fmt: skip
