"""Rows → what a receipt says in its standard form. The versions, notices and events that it names are never edited, so it
says the same whenever it is asked."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from governance.audit import log
from governance.audit.models import Entry, Leaf
from governance.consents import rules
from governance.consents.iso27560 import Facts, Party, Record, Said, Words
from governance.consents.models import ConsentEvent, ConsentRecord, Receipt
from governance.purposes.activity import Activity
from governance.purposes.models import Processor, Purpose
from governance.retention.models import ErasureOrder

HERE = "https://sammati.example"  # where no address of the portal is set


def facts(row: Receipt, signed_at: datetime) -> Facts:
    """Of a receipt whose entry the log has sealed. `row` comes with its purpose and entity."""
    purpose, entity, body = row.purpose, row.purpose.entity, row.body
    confirmed = list(ConsentEvent.objects.filter(pk__in=row.events).order_by("at", "pk"))
    version = body["purpose"].get("version") or purpose.version
    activity = _activity(purpose, version)
    controller = body["controller"]
    order = (
        ErasureOrder.objects.filter(number=body["erasure_order"]).first() if body["erasure_order"] else None
    )
    stopped = row.kind == "stopped" and order is not None
    named = {r.processor for r in activity.recipients if r.processor}
    return Facts(
        number=row.number, kind=row.kind, at=row.at, signed_at=signed_at, person=row.person_id,
        entity=Party(
            "entity", entity.code, controller["name"], controller["address"], controller["contact"], "dpv:DataController"
        ),
        country=entity.country, purpose=purpose.number, version=version, sha256=row.sha256, activity=activity,
        records=tuple(_records(confirmed)), confirms=tuple(event.pk for event in confirmed), portal=portal(),
        processors={one.code: _processor(one) for one in Processor.objects.filter(code__in=named)},
        order=order.number if order else "", erased_at=order.done_at if order and stopped else None,
        systems=order.proofs.count() if order and stopped else 0, proof=proof(row.entry_id),
    )  # fmt: skip


def portal() -> str:
    first = urlsplit(settings.CSRF_TRUSTED_ORIGINS[0] if settings.CSRF_TRUSTED_ORIGINS else HERE)
    return f"{first.scheme}://{first.netloc}"


def proof(entry_id: int) -> dict[str, Any] | None:
    """The entry itself, its path to the root, and the checkpoint with all that its hash is over: checked offline."""
    found = log.inclusion(entry_id)
    if found is None:
        return None
    batch = Leaf.objects.select_related("batch").get(entry_id=entry_id).batch
    return {
        "entry": Entry.objects.get(pk=entry_id).body(),
        "position": found["position"],
        "index": found["index"],
        "path": found["path"],
        "checkpoint": {
            "number": batch.number, "first": batch.first, "count": batch.count, "root": bytes(batch.root).hex(),
            "previous": bytes(batch.previous).hex(), "at": batch.at.isoformat(timespec="microseconds"),
            "kid": batch.kid, "signature": bytes(batch.signature).hex(),
        },
    }  # fmt: skip


def _activity(purpose: Purpose, number: int) -> Activity:
    version = purpose.versions.filter(number=number).first() or purpose.shown_version()
    return version.activity if version else Activity(name=purpose.name)


def _processor(one: Processor) -> Party:
    address = f"{one.country} (ask {one.entity.contact_email})"
    return Party(
        "processor", one.code, one.name, address, one.contact or one.entity.contact_email, "dpv:DataProcessor"
    )


def _records(confirmed: list[ConsentEvent]) -> list[Record]:
    """Each record with its life until the receipt; what came later is another receipt's."""
    until = {event.record_id: event for event in confirmed}
    rows = ConsentRecord.objects.filter(pk__in=until).order_by("number")
    told: dict[Any, list[ConsentEvent]] = {row.pk: [] for row in rows}
    for event in ConsentEvent.objects.filter(record__in=until).order_by("at", "pk"):
        if event.at <= until[event.record_id].at:
            told[event.record_id].append(event)
    return [
        Record(
            row.pk, row.number, row.signal, _words(told[row.pk]), tuple(_said(event) for event in told[row.pk]), row.replaces_id
        )
        for row in rows
    ]  # fmt: skip


def _words(events: list[ConsentEvent]) -> Words | None:
    """The last words that were shown: a withdrawal shows none of its own."""
    for event in reversed(events):
        if event.notice_id and event.notice_version:
            return Words(event.notice_id, event.notice_version, event.language, event.text_sha256)
    return None


def _said(event: ConsentEvent) -> Said:
    lasts = rules.span("lapse", event.at.date()) if event.status in rules.ENABLING else ""
    return Said(event.pk, event.status, event.at, event.by_kind, event.by_id, event.method, lasts, event.purpose_version,
        tuple(event.programmes or ()), event.evidence, event.provenance, event.said_on,
    )  # fmt: skip
