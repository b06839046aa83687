"""What a person keeps: which signals, on which words, when; checkable against the log, and signed once the log has it."""

from datetime import datetime
from typing import Any

import structlog
from django.db.models import Exists, OuterRef

from governance.audit.models import Entry, Leaf
from governance.consents import iso27560, receipt_facts
from governance.consents.models import ConsentEvent, Receipt
from governance.consents.signing import Sign
from governance.lib import clock, numbers, packs
from governance.lib.canonical import digest
from governance.people.models import Person
from governance.purposes.models import NoticeText, Purpose

logger = structlog.get_logger(__name__)
NO_MORE = ("withdrawn", "stopped", "invalid")


def issue(
    kind: str,
    events: list[ConsentEvent],
    *,
    text: NoticeText | None,
    entry: Entry,
    person: Person,
    purpose: Purpose,
    order: Any = None,
) -> Receipt:
    """A receipt in the transaction of the events. Its body holds numbers, ids, hashes and dates, no name."""
    entity = purpose.entity
    on = clock.law_date(entity.timezone)
    laws = (
        {"IN": "dpdp.s6", "EU": "gdpr.6-1-a"}
        if kind not in NO_MORE
        else {"IN": "dpdp.s6-6", "EU": "gdpr.7-3"}
    )
    number = numbers.take("R", clock.now().year)
    body = {
        "receipt": number,
        "kind": kind,
        "person": person.pk,  # an opaque id: the receipt stays when the person is forgotten
        "controller": {
            "id": entity.pk,
            "name": entity.name,
            "address": entity.address,
            "contact": entity.contact_email,
        },
        "purpose": {
            "id": purpose.pk,
            "number": purpose.number,
            "name": purpose.name,
            "version": purpose.version,
        },
        "grounds": [
            packs.cite(provision, on) for law, provision in laws.items() if law in purpose.jurisdictions
        ],
        "events": [
            {
                "id": e.pk,
                "signal": e.signal,
                "status": e.status,
                "at": e.at,
                "by": e.by_kind,
                "method": e.method,
                "purpose_version": e.purpose_version,
                "programmes": e.programmes,
                "evidence": e.evidence,
                "provenance": e.provenance,
                "said_on": e.said_on,
            }
            for e in events
        ],
        "notice": {
            "id": events[0].notice_id,
            "version": events[0].notice_version,
            "language": events[0].language,
            "sha256": events[0].text_sha256,
        }
        if events[0].notice_id
        else None,
        "erasure_order": order.number if order else None,
        "log_entry": entry.pk,
        "law_on": on,
    }
    plain = _plain(body)
    return Receipt.objects.create(
        number=number, person=person, purpose=purpose, kind=kind, events=[e.pk for e in events], entry_id=entry.pk,
        body=plain, sha256=digest(plain),
    )  # fmt: skip


def sign_waiting(now: datetime, *, sign: Sign, at_most: int = 200) -> int:
    """What is recorded, sealed and unsigned is signed; returns how many. Only the signer's process has a `sign`.

    A receipt waits for its place in the log, so that what is signed brings its proof along.
    """
    waiting = Receipt.objects.filter(Exists(Leaf.objects.filter(entry_id=OuterRef("entry_id"))), jws="")
    signed = 0
    for row in waiting.select_related("purpose__entity").order_by("at")[:at_most]:
        try:
            kid, jws = sign(iso27560.receipt(receipt_facts.facts(row, now)))
        except Exception as error:  # one that cannot be put into words does not keep the others waiting
            logger.error("receipt.not_signed", receipt=row.number, error=type(error).__name__)
            continue
        signed += Receipt.objects.filter(pk=row.pk, jws="").update(kid=kid, jws=jws, signed_at=now)
    return signed


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if value is None or isinstance(value, (int, str, bool)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
