"""What a person keeps: which signals, on which words, when; checkable against the log."""

from typing import Any

from governance.audit.models import Entry
from governance.consents.models import ConsentEvent, Receipt
from governance.lib import clock, numbers, packs
from governance.lib.canonical import digest
from governance.people.models import Person
from governance.purposes.models import NoticeText, Purpose


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
        if kind != "withdrawn"
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
        "purpose": {"id": purpose.pk, "number": purpose.number, "name": purpose.name},
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


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if value is None or isinstance(value, (int, str, bool)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
