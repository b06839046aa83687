"""Certificate of erasure of one order; while an order is not done: a statement, which never calls itself a certificate."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max

from governance.audit import log
from governance.audit.models import Entry
from governance.capture import admitted
from governance.capture.models import Wiped
from governance.consents.models import ConsentEvent, Stream
from governance.exports import datasets
from governance.exports.models import Dataset
from governance.lib import clock
from governance.lib.canonical import digest
from governance.people.models import Entity
from governance.purposes.models import DataSystem
from governance.reports import rules
from governance.reports import words as say
from governance.reports.kinds import certificate_words
from governance.reports.kinds.subject import Subject, id_in
from governance.reports.models import Report
from governance.retention import systems as registry
from governance.retention import wording
from governance.retention.models import Connection, ErasureOrder, Proof, Step

# Why data goes, by the law of the one whom it is about.
DUTIES = {"EU": ("gdpr.7-3", "gdpr.17-1-b"), "IN": ("dpdp.s6-6", "dpdp.s8-7")}
FLOOR = "dpdp.r8-3"  # a duty to keep: before it binds it is not "applied voluntarily", it is not applied
words = certificate_words.words


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    order = _order(scope)
    return Subject(order.number, order.person) if order and order.entity_id == entity.pk else None


def settled(scope: dict[str, str]) -> bool:
    """The log has sealed what it last recorded about the order, so that the proof of it can be printed."""
    entry = _last_entry(scope["order"])
    return entry is None or hasattr(entry, "leaf")


def _order(scope: dict[str, str]) -> ErasureOrder | None:
    return (
        ErasureOrder.objects.select_related("person", "purpose", "entity")
        .filter(pk=id_in(scope, "order"))
        .first()
    )


def _last_entry(order_id: Any) -> Entry | None:
    rows = Entry.objects.filter(about_id=order_id, code__startswith="order.").select_related("leaf")
    return rows.filter(code="order.done").order_by("id").last() or rows.order_by("id").last()


def facts(report: Report) -> dict[str, Any]:
    """Plain data of the order as it stands. Raises LookupError when the order is gone."""
    order = _order(report.scope)
    if order is None:
        raise LookupError("order")
    steps = list(Step.objects.filter(order=order).select_related("system").order_by("system__name", "chunk"))
    proofs = {proof.system_id: proof for proof in Proof.objects.filter(order=order).select_related("system")}
    registered = registry.registered(order.purpose_id, order.person_id)
    systems = {
        s.pk: s for s in [*registered, *(step.system for step in steps), *(p.system for p in proofs.values())]
    }
    rows = [
        _system(system, [s for s in steps if s.system_id == key], proofs.get(key))
        for key, system in systems.items()
    ]
    rows.sort(key=lambda row: row["name"])
    entry = _last_entry(order.pk)
    told = rules.is_for_its_person(report.kind, report.scope)
    return {
        "order": {
            "id": order.pk, "number": order.number, "state": order.shown_state(), "action": order.action,
            "because": order.because if told else wording.anybodys_code(order.because), "law_on": order.law_on,
            "jurisdictions": order.jurisdictions, "ordered_at": order.created_at, "recorded_until": order.before,
            "done_at": order.done_at, "kept_until": order.kept_until, "reasons": [_reason(r, order.law_on) for r in order.reasons if order.shown_state() == order.state],
        },
        "person_number": order.person.number,
        "purpose": {"id": order.purpose.pk, "number": order.purpose.number, "name": order.purpose.name} if order.purpose else None,
        "signals": _signals(order, report.language),
        "times": _times(order, steps, proofs, told or order.because in wording.NOBODYS_CHOICE),
        "systems": rows,
        "proofs": [{"id": p.pk, "system": p.system.name, "digest": p.digest} for p in sorted(proofs.values(), key=lambda p: p.system.name)],
        "proofs_sha256": digest(sorted(p.digest for p in proofs.values())) if proofs else "",
        "keys": _keys(order),
        "derived": _derived(order),
        "backups": _backups(rows, order.entity.timezone),
        "laws": _laws(order),
        "board": say.provision("dpdp.s13", order.law_on),
        "log": {"entry": entry.pk, "code": entry.code, "at": entry.at, "proof": log.inclusion(entry.pk)} if entry else None,
    }  # fmt: skip


def _system(system: DataSystem, steps: list[Step], proof: Proof | None) -> dict[str, Any]:
    """One line: what was looked for, found, erased and found again. Counts are None where nobody counted."""
    if proof:
        standing = "proved"
    elif not steps:
        standing = "not_searched"
    elif any(step.found_after for step in steps) or any(step.residue for step in steps):
        standing = "left"
    else:
        standing = "under_way"
    counted = [step.found_before for step in steps if step.found_before is not None]
    # Reading back is of the whole system: its count stands at each of its steps.
    after = [step.found_after for step in steps if step.found_after is not None]
    read_back = [step.verified_at for step in steps if step.verified_at]
    erased_at = [step.erased_at for step in steps if step.erased_at]
    kept = proof.not_erased if proof else [kept for step in steps for kept in step.kept]
    return {
        "id": system.pk, "name": system.name, "country": system.country, "holds": system.holds, "standing": standing,
        "looked_at": proof.looked_at if proof else [],
        "before": proof.found_before if proof else (sum(counted) if counted else None),
        "erased": proof.erased if proof else (sum(step.erased for step in steps) if erased_at else None),
        "after": proof.found_after if proof else (max(after) if after else None),
        "method": proof.method if proof else next((step.method for step in steps if step.method), ""),
        "connector": proof.connector if proof else "",
        "erased_at": proof.erased_at if proof else (max(erased_at) if erased_at else None),
        "read_back_at": proof.read_back_at if proof else (max(read_back) if read_back else None),
        "not_erased": [dict(one) for one in kept],
        "residue": sorted({str(place) for step in steps for place in step.residue}) if not proof else [],
        "fault": next((step.fault for step in steps if step.fault), "") if not proof else "",
    }  # fmt: skip


def _backups(rows: list[dict[str, Any]], zone: str) -> list[dict[str, Any]]:
    """Of each system that was read back: until when a backup of before may still hold it. days 0: none; None: nobody has said."""
    read = {row["id"]: row for row in rows if row["read_back_at"]}
    kept = {one.system_id: registry.backup_days(one) for one in Connection.objects.filter(system__in=read)}
    found = []
    for pk, row in read.items():
        days = kept.get(pk)
        day = row["read_back_at"].astimezone(ZoneInfo(zone)).date()
        found.append(
            {"system": row["name"], "days": days, "gone_on": day + timedelta(days=days) if days else None}
        )
    return found


def _reason(reason: Any, on: date) -> dict[str, Any]:
    """A reason of the order: an advice, a decision, a provision of the law pack, or the sentence as it was written down."""
    if isinstance(reason, dict):  # who advised and who decided are ids of people: they stay inside
        return (
            {"decision": {"keep": reason["keep"], "reason": reason.get("reason", "")}}
            if "keep" in reason
            else {"advice": reason.get("advice", "")}
        )
    key = say.find_provision(reason)
    return {"provision": say.provision(key, on)} if key and say.is_exactly(reason, key) else {"text": reason}


def _signals(order: ErasureOrder, language: str) -> list[dict[str, str]]:
    from_streams = Stream.objects.filter(pk__in=order.streams).values_list("signal", flat=True)
    return [{"code": code, "title": say.signal_title(code, language)} for code in sorted(set(from_streams))]


def _times(order: ErasureOrder, steps: list[Step], proofs: dict[Any, Proof], told: bool) -> dict[str, Any]:
    event = ConsentEvent.objects.filter(pk=order.because_id).first() if told else None
    last = admitted.last(order.person_id, order.purpose_id, order.streams, order.before)
    vault = [row for row in proofs.values() if row.connector.startswith("vault ")]
    erased = [p.erased_at for p in proofs.values()] + [s.erased_at for s in steps if s.erased_at]
    return {
        "said_at": event.at if event else None,
        "last_admitted_at": last,
        "nothing_admitted": last is None and not any(row.found_before for row in vault),
        "erased_at": max(erased) if erased else None,
        "buffer_wiped_at": _buffer_wiped_at(order),
        "read_back_at": max((p.read_back_at for p in proofs.values()), default=None),
    }


def _buffer_wiped_at(order: ErasureOrder) -> Any:
    """The last receipt of a client that it had destroyed what it held back of this person, since the order."""
    receipts = Wiped.objects.filter(person=order.person_id, received_at__gte=order.created_at)
    if order.purpose_id:
        receipts = receipts.filter(purpose=order.purpose_id)
    return receipts.aggregate(Max("wiped_at"))["wiped_at__max"]


def _laws(order: ErasureOrder) -> list[dict[str, Any]]:
    rows = [say.provision(key, order.law_on) for law in order.jurisdictions for key in DUTIES.get(law, ())]
    floor = say.provision(FLOOR, order.law_on)
    return rows + ([floor] if "IN" in order.jurisdictions and floor["in_force"] else [])


def _derived(order: ErasureOrder) -> list[dict[str, Any]]:
    """Datasets that took in something of this before the erasure, and models trained with them: no order reaches those."""
    exported = Dataset.objects.filter(
        export__people__person=order.person_id, registered_at__lte=order.done_at or clock.now()
    )
    if order.purpose:
        exported = exported.filter(export__programme__purpose=order.purpose)
    rows = []
    for dataset in exported.select_related("entity").distinct().order_by("number"):
        word = datasets.exclusion_of(order.person, dataset)
        state = {
            "dataset": dataset.number, "holder": dataset.entity.name, "taken_out": word.removed_from_data if word else None,
            "models_done": word.models_done if word else "", "due_on": word.due_on if word and not word.answered_at else None,
        }  # fmt: skip
        rows.append({"kind": "dataset", "name": dataset.name, "version": "", "trained_at": None, **state})
        rows += [
            {"kind": "model", "name": run.name, "version": run.version, "trained_at": run.trained_at, **state}
            for run in datasets.trained_before(order.person, order.before, order.purpose)
            if run.dataset_id == dataset.pk
        ]
    return rows


def _keys(order: ErasureOrder) -> list[dict[str, Any]]:
    return [
        {
            "stream": s.pk,
            "signal": s.signal,
            "month": s.month,
            "state": s.state,
            "destroyed_at": s.destroyed_at,
        }
        for s in Stream.objects.filter(pk__in=order.streams).order_by("month", "signal")
    ]
