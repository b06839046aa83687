"""Evidence bundle of one person and one purpose: everything that shows what was said, on which words, and what became of it.

It shows one person's choices, so only that person gets it, and hands it to whom they like. Person number, no name.
"""

from typing import Any

from django.db.models import Count, Max, Min, Q
from django.db.models.fields.json import KT

from governance.audit import log
from governance.audit.models import Entry, Leaf
from governance.capture import admitted
from governance.consents import offers, said
from governance.consents.models import ConsentEvent, Receipt
from governance.exports.models import Exclusion, ExportedPerson
from governance.interfaces.models import ApiClient
from governance.people.models import Entity, Person
from governance.purposes import catalogue
from governance.purposes.models import NoticeText, Purpose
from governance.reports import words as say
from governance.reports.kinds import evidence_bundle_words
from governance.reports.kinds.subject import Subject, id_in
from governance.reports.models import Report
from governance.retention.models import ErasureOrder, Proof

NEWEST = 40  # single reliances on paper; how many there were of whom stands above them
words = evidence_bundle_words.words


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    """A purpose of this entity about which this person was asked or said something."""
    person, purpose = _person(scope), _purpose(scope)
    if (
        person is None
        or purpose is None
        or set(scope) != {"person", "purpose"}
        or purpose.entity_id != entity.pk
    ):
        return None  # fmt: skip
    asked = ConsentEvent.objects.filter(person=person, purpose=purpose).exists()
    if not asked and not (
        offers.concerning(person).filter(pk=purpose.pk).exists() and said.by(person, purpose)
    ):
        return None
    return Subject(purpose.number, person)


def settled(scope: dict[str, str]) -> bool:
    """The log has sealed the entries that the receipts name."""
    entries = _receipts(_person(scope), _purpose(scope)).values_list("entry_id", flat=True)
    return Leaf.objects.filter(entry_id__in=list(entries)).count() == len(set(entries))


def _person(scope: dict[str, str]) -> Person | None:
    return Person.objects.filter(pk=id_in(scope, "person")).first()


def _purpose(scope: dict[str, str]) -> Purpose | None:
    return Purpose.objects.filter(pk=id_in(scope, "purpose")).first()


def _receipts(person: Person | None, purpose: Purpose | None) -> Any:
    return Receipt.objects.filter(person=person, purpose=purpose).order_by("at")


def facts(report: Report) -> dict[str, Any]:
    """Raises LookupError when one of the two is gone. Numbers, ids and codes; nothing that the person wrote themselves."""
    person, purpose = _person(report.scope), _purpose(report.scope)
    if person is None or purpose is None:
        raise LookupError("person or purpose")
    events = list(ConsentEvent.objects.filter(person=person, purpose=purpose).order_by("at", "pk"))
    orders = list(
        ErasureOrder.objects.filter(Q(purpose=purpose) | Q(purpose=None), person=person).order_by("created_at")
    )  # fmt: skip
    proofs = list(
        Proof.objects.filter(order__in=orders).select_related("order", "system").order_by("read_back_at")
    )
    last = admitted.last(person.pk, purpose.pk)
    chronology = _chronology(person, purpose, events, orders, proofs, last)
    signals = {event.signal for event in events}.union(*(row["signals"] for row in chronology))
    return {
        "person_number": person.number,
        "purpose": {"number": purpose.number, "name": purpose.name, "version": purpose.version},
        "chronology": chronology,
        "titles": {code: say.signal_title(code, report.language) for code in sorted(signals)},
        "notices": [_notice(*key) for key in dict.fromkeys(_words_of(event) for event in events if event.notice_id)],
        "events": [
            {
                "id": event.pk, "at": event.at, "signal": event.signal, "status": event.status, "by": event.by_kind, "method": event.method,
                "notice_version": event.notice_version, "language": event.language, "text_sha256": event.text_sha256,
            }
            for event in events
        ],
        "receipts": [_receipt(row) for row in _receipts(person, purpose)],
        "relied": _relied(purpose, events),
        "exports": _exports(person, purpose),
        "orders": [
            {"number": row.number, "because": row.because, "at": row.created_at, "state": row.state, "done_at": row.done_at, "kept_until": row.kept_until}
            for row in orders
        ],
        "proofs": [
            {
                "id": row.pk, "order": row.order.number, "system": row.system.name, "found_before": row.found_before, "erased": row.erased,
                "found_after": row.found_after, "method": row.method, "read_back_at": row.read_back_at, "digest": row.digest,
                "not_erased": len(row.not_erased),
            }
            for row in proofs
        ],
    }  # fmt: skip


def _chronology(
    person: Person, purpose: Purpose, events: list[ConsentEvent], orders: list[ErasureOrder], proofs: list[Proof], last: Any
) -> list[dict[str, Any]]:  # fmt: skip
    """Oldest first; what was shown before what was said to it, where the clock gives both the same moment."""
    rows: dict[tuple[Any, int, str, str], set[str]] = {}
    shown = set()
    for event in events:
        if event.notice_id and _words_of(event) not in shown:
            shown.add(_words_of(event))
            rows[event.at, 0, "shown", f"{event.notice_version} {event.language}"] = set()
        rows.setdefault((event.at, 1, event.status, ""), set()).add(event.signal)
    for word in said.by(person, purpose):
        if word.event is None:
            rows.setdefault(
                (word.at, 2, word.status, word.receipt.number if word.receipt else ""), set()
            ).update(filter(None, [word.signal]))
    if last:
        rows[last, 3, "last_admitted", ""] = set()
    for order in orders:
        rows[order.created_at, 4, "ordered", order.number] = set()
        if order.done_at:
            rows[order.done_at, 6, "order_done", order.number] = set()
    for proof in proofs:
        rows[proof.read_back_at, 5, "read_back", f"{proof.order.number} {proof.system.name}"] = set()
    return [
        {"at": at, "what": what, "of": of, "signals": sorted(signals)}
        for (at, _rank, what, of), signals in sorted(rows.items(), key=lambda row: row[0])
    ]


def _words_of(event: ConsentEvent) -> tuple[Any, int | None, str, str]:
    return event.notice_id, event.notice_version, event.language, event.text_sha256


def _notice(notice_id: Any, version: int | None, language: str, sha256: str) -> dict[str, Any]:
    """The words as they were shown: only where their digest, computed again, is the one of the event."""
    text = NoticeText.objects.filter(notice_id=notice_id, language=language).first()
    found = text is not None and text.compute_hash() == sha256
    parts: list[dict[str, str]] = []
    if text is not None and found:
        parts = [{"heading": heading, "text": told} for _code, heading, told in text.parts]
        beside = [code for code in text.elements if code not in catalogue.ELEMENTS and text.elements[code]]
        parts += [
            {"heading": say.signal_title(code.removeprefix("why_"), language), "text": text.elements[code]}
            for code in beside
        ]
    return {
        "version": version, "language": language, "sha256": sha256, "found": found,
        "title": text.title if text is not None and found else "", "parts": parts,
    }  # fmt: skip


def _receipt(row: Receipt) -> dict[str, Any]:
    """With its signature and its proof whole, so that the attached file is checked without us."""
    return {
        "number": row.number, "kind": row.kind, "at": row.at, "sha256": row.sha256, "kid": row.kid, "jws": row.jws,
        "entry": row.entry_id, "proof": log.inclusion(row.entry_id),
    }  # fmt: skip


def _relied(purpose: Purpose, events: list[ConsentEvent]) -> dict[str, Any]:
    """Which programs asked for this person and said that they rely on the answer. Names of programs, not of people."""
    if not events:
        return {"clients": [], "newest": []}
    rows = Entry.objects.filter(
        code="consent.relied_on", about_id=purpose.pk, at__gte=events[0].at,
        facts__events__has_any_keys=[str(event.pk) for event in events],
    )  # fmt: skip
    by_client = list(
        rows.annotate(client=KT("facts__client")).values("client").annotate(times=Count("pk"), first=Min("at"), last=Max("at")).order_by("first")
    )  # fmt: skip
    names = {
        str(one.pk): one.name for one in ApiClient.objects.filter(pk__in=[row["client"] for row in by_client])
    }
    newest = list(rows.order_by("-id").select_related("leaf")[:NEWEST])[::-1]
    return {
        "clients": [row | {"name": names.get(row["client"], "")} for row in by_client],
        "newest": [
            {
                "entry": row.pk, "at": row.at, "client": names.get(str(row.facts.get("client")), ""),
                "position": row.leaf.position if hasattr(row, "leaf") else None,
            }
            for row in newest
        ],
    }  # fmt: skip


def _exports(person: Person, purpose: Purpose) -> list[dict[str, Any]]:
    rows = ExportedPerson.objects.filter(person=person, export__programme__purpose=purpose)
    rows = rows.select_related("export__recipient").order_by("export__packed_at")
    out: dict[Any, list[dict[str, Any]]] = {row.pk: [] for row in rows}
    exclusions = Exclusion.objects.filter(about__in=rows).select_related("dataset").order_by("raised_at")
    for one in exclusions:
        out[one.about_id].append(
            {
                "dataset": one.dataset.number, "because": one.because, "raised_at": one.raised_at, "due_on": one.due_on,
                "answered_at": one.answered_at, "removed_from_data": one.removed_from_data, "models_done": one.models_done,
            }
        )  # fmt: skip
    return [
        {
            "number": row.export.number, "recipient": row.export.recipient.name, "packed_at": row.export.packed_at, "events": row.events,
            "subject": row.subject, "package_sha256": row.export.package_sha256, "exclusions": out[row.pk],
        }
        for row in rows
    ]  # fmt: skip
