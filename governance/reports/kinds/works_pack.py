"""Works-council pack of one programme: what the system is, what it keeps, who sees what, and what it can be used for.

Every list in it is read from the program itself or from what was decided: nothing here is a promise typed by hand.
"""

from typing import Any

from django.apps import apps
from django.db import connection

from governance.capture import bands, deciding
from governance.capture import terms as documents
from governance.capture.models import Act, Device, Programme
from governance.exports.models import Export
from governance.interfaces.models import ApiClient, Webhook
from governance.people.models import Entity
from governance.purposes.models import Purpose
from governance.reports import kinds, rules
from governance.reports import words as say
from governance.reports.kinds import capturing, doors, register_facts, works_pack_words
from governance.reports.kinds.subject import Subject, id_in
from governance.reports.models import Report

words = works_pack_words.words


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    """A programme of this entity; its worker representatives may have the pack without a role for reports."""
    programme = _programme(scope)
    if programme is None or set(scope) != {"programme"} or programme.entity_id != entity.pk:
        return None
    return Subject(
        programme.number, tells=lambda person: person.holds(rules.FOR_A_ROLE["works_pack"], entity.pk)
    )


def settled(scope: dict[str, str]) -> bool:
    return True


def _programme(scope: dict[str, str]) -> Programme | None:
    rows = Programme.objects.select_related("purpose__entity", "entity", "owner")
    return rows.filter(pk=id_in(scope, "programme")).first()


def facts(report: Report) -> dict[str, Any]:
    """Raises LookupError when the programme is gone."""
    programme = _programme(report.scope)
    if programme is None:
        raise LookupError("programme")
    activity = next(
        row
        for row in register_facts.of(programme.entity, report.law_on, report.language)
        if row["id"] == programme.purpose_id
    )
    band = bands.of(programme)
    return {
        "programme": {
            "number": programme.number, "name": programme.name, "state": programme.state, "starts_on": programme.starts_on,
            "owner_number": programme.owner.number if programme.owner else None,
        },
        "purpose": activity | {"overrides": [], "evidence": []}, "bounds": capturing.bounds(programme), "samples": capturing.samples(programme, report.language),
        "doors": doors.all_of_them(), "evaluations": evaluations(), "readers": readers_of_content(),
        "interfaces": _interfaces(programme), "stops": capturing.stood_still(programme), "agreed": _agreed(programme),
        "band": {"week": band.week, "text": band.text} if band else None,
        "laws": [say.provision(key, report.law_on) for key in ("gdpr.35", "gdpr.5-1-c", "gdpr.25", "aiact.26-7")],
    }  # fmt: skip


def evaluations() -> dict[str, list[str]]:
    """All that can be made of what a programme records, by code: kinds of report, what is stored about it, who sees it.

    `stored` are the tables that point to a programme, or to a person and a purpose: a new one stands here without
    anybody's doing.
    """
    return {"reports": list(kinds.KINDS), "stored": stored()}


def stored() -> list[str]:
    def points(model: Any, to: Any) -> bool:
        return any(field.related_model is to for field in model._meta.fields if field.is_relation)

    def of_a_person(model: Any) -> bool:
        return points(model, Purpose) and any(field.name == "person" for field in model._meta.fields)

    return sorted(
        model._meta.model_name
        for model in apps.get_models()
        if points(model, Programme) or of_a_person(model)
    )


def readers_of_content() -> list[str]:
    """The logins that PostgreSQL lets read recorded content, asked of PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'sammati\\_%%' AND NOT rolsuper AND rolname <> 'sammati_owner'"
            " AND has_column_privilege(rolname, 'vault.segment', 'sealed', 'SELECT') ORDER BY rolname"
        )
        return [name for (name,) in cursor.fetchall()]


def _interfaces(programme: Programme) -> dict[str, Any]:
    clients = ApiClient.objects.living().filter(purposes=programme.purpose).order_by("name")
    hooks: dict[Any, set[str]] = {}
    for hook in Webhook.objects.filter(client__in=clients, ended_at__isnull=True, stopped_at__isnull=True):
        hooks.setdefault(hook.client_id, set()).update(hook.types)
    exports = Export.objects.filter(programme=programme).select_related("recipient").order_by("asked_at")
    return {
        "senders": [
            {"name": row.name, "active": row.is_active, "devices": Device.objects.filter(client=row).count(), "since": row.made_at}
            for row in programme.clients.order_by("made_at")
        ],
        "clients": [
            {"name": row.name, "scopes": row.scopes, "used_on": row.used_on, "told": sorted(hooks.get(row.pk, set()))} for row in clients
        ],
        "exports": [
            {"number": row.number, "recipient": row.recipient.name, "state": row.state, "fields": row.fields, "why": row.why, "since": row.since, "until": row.until}
            for row in exports
        ],
    }  # fmt: skip


def _agreed(programme: Programme) -> dict[str, Any] | None:
    """The newest act on file, and what differs from the version that it agreed to."""
    act = (
        Act.objects.filter(programme=programme)
        .select_related("evidence")
        .order_by("-filed_at", "-pk")
        .first()
    )
    if act is None:
        return None
    then, now = documents.load(act.terms), deciding.terms_of(programme)
    return {
        "number": act.number, "resolution": act.resolution, "kind": act.evidence.kind, "reference": act.evidence.reference, "signer": act.evidence.signer,
        "signed_on": act.evidence.signed_on, "sha256": act.evidence.file_sha256, "filed_at": act.filed_at,
        "more": [{"kind": kind, "what": what} for kind, what in documents.wider(then, now)],
        "less": [{"kind": kind, "what": what} for kind, what in documents.wider(now, then)],
    }  # fmt: skip
