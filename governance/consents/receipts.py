"""What a person keeps: which signals, on which words, when; checkable against the log, and signed once the log has it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, OuterRef

from governance.audit.models import Leaf
from governance.consents import iso27560, receipt_facts
from governance.consents.models import ConsentEvent, Receipt
from governance.consents.signing import Sign
from governance.lib import clock, numbers, packs
from governance.lib.canonical import digest
from governance.people.models import Person
from governance.purposes.models import NoticeText

logger = structlog.get_logger(__name__)
NO_MORE = ("withdrawn", "stopped", "invalid")


@dataclass(frozen=True, slots=True)
class Controller:
    """What a receipt says of the entity; `timezone` says on which day."""

    pk: UUID
    name: str
    address: str
    contact_email: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a receipt says of the purpose; a row of the register will do as well."""

    pk: UUID
    number: str
    name: str
    version: int
    jurisdictions: list[str]
    entity: Controller


@dataclass(frozen=True, slots=True)
class Word:
    """One word, as the event that it becomes; the names are those of ConsentEvent."""

    pk: UUID
    record_id: UUID
    signal: str
    status: str
    at: datetime
    method: str
    notice_id: UUID | None  # that was read before it, where one was
    notice_version: int | None
    language: str
    text_sha256: str
    purpose_version: int
    programmes: list[str]
    evidence: str
    by_kind: str = "person"
    provenance: str = ""
    said_on: None = None


# By the verb's own statement, with all the rest that it writes.
PUT = """
INSERT INTO consents_receipt (id, number, person_id, purpose_id, kind, events, entry_id, body, sha256, at, kid, jws)
SELECT %(receipt_id)s::uuid, %(receipt)s, %(person)s::uuid, %(purpose)s::uuid, %(receipt_kind)s, %(receipt_events)s::uuid[],
    %(entry)s::bigint, %(receipt_body)s::jsonb, %(receipt_sha256)s, %(at)s::timestamptz, '', ''
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A receipt that is about to stand: the values of PUT, without those of the verb (person, purpose, entry, at)."""

    id: UUID
    number: str
    kind: str
    events: list[UUID]
    entry: int
    body: dict[str, Any]
    sha256: str
    at: datetime

    @property
    def values(self) -> dict[str, Any]:
        return {
            "receipt_id": self.id, "receipt": self.number, "receipt_kind": self.kind, "receipt_events": self.events,
            "receipt_body": json.dumps(self.body), "receipt_sha256": self.sha256,
        }  # fmt: skip

    def row(self, **by: Any) -> Receipt:
        """The same as the row that stands there now; `by` are its person and purpose."""
        row = Receipt(
            id=self.id, number=self.number, kind=self.kind, events=self.events, entry_id=self.entry, body=self.body, sha256=self.sha256,
            at=self.at, **by,
        )  # fmt: skip
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
        return row


def write(
    number: str, kind: str, events: Sequence[Any], *, entry: int, person: UUID, purpose: Any, at: datetime, order: str = ""
) -> Written:  # fmt: skip
    """A receipt under a number that was taken before. `events` and `purpose` have the attributes of the rows."""
    plain = _body(number, kind, events, entry=entry, person=person, purpose=purpose, order=order)
    return Written(uuid4(), number, kind, [e.pk for e in events], entry, plain, digest(plain), at)


def issue(
    kind: str,
    events: list[ConsentEvent],
    *,
    text: NoticeText | None,
    entry: int,
    person: Person,
    purpose: Any,
    order: Any = None,
) -> Receipt:
    """A receipt in the transaction of the events. Its body holds numbers, ids, hashes and dates, no name."""
    number = numbers.take("R", clock.now().year)
    plain = _body(
        number, kind, events, entry=entry, person=person.pk, purpose=purpose, order=order.number if order else ""
    )  # fmt: skip
    return Receipt.objects.create(
        number=number, person=person, purpose=purpose, kind=kind, events=[e.pk for e in events], entry_id=entry,
        body=plain, sha256=digest(plain),
    )  # fmt: skip


def _body(
    number: str, kind: str, events: Sequence[Any], *, entry: int, person: UUID, purpose: Any, order: str
) -> dict[str, Any]:  # fmt: skip
    entity = purpose.entity
    on = clock.law_date(entity.timezone)
    laws = (
        {"IN": "dpdp.s6", "EU": "gdpr.6-1-a"}
        if kind not in NO_MORE
        else {"IN": "dpdp.s6-6", "EU": "gdpr.7-3"}
    )
    body = {
        "receipt": number,
        "kind": kind,
        "person": person,  # an opaque id: the receipt stays when the person is forgotten
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
        "erasure_order": order or None,
        "log_entry": entry,
        "law_on": on,
    }
    plain: dict[str, Any] = _plain(body)
    return plain


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
