"""Our rows as the GovStack Consent Building Block names them.

A data agreement is a purpose of the register. Its policy and its revisions are the published notices: a revision's id is
`version.language.fingerprint`, so whoever passes on a consent to it names exactly what the person has read. A consent
record is where one person stands on one purpose, whole: `purpose.person`; it is there once the person has said yes.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.db.models.functions import Now

from governance.consents.models import ConsentEvent, ConsentRecord
from governance.consents.rules import ENABLING
from governance.lib.canonical import canonical
from governance.people.models import Person
from governance.purposes.models import Evidence, Notice, NoticeText, Purpose

BASIS = {
    "a": "consent", "b": "contract", "c": "legal_obligation", "d": "vital_interest", "e": "public_task", "f": "legitimate_interest"
}  # fmt: skip
DAYS = {"D": 1, "M": 30, "Y": 365}
Plain = dict[str, Any]


def purposes(pks: Iterable[UUID]) -> list[Purpose]:
    rows = Purpose.objects.filter(pk__in=pks).select_related("entity").order_by("ordinal")
    return list(rows.prefetch_related("notices__texts", "systems"))


def published(purpose: Purpose) -> list[Notice]:
    """Newest first."""
    return sorted((n for n in purpose.notices.all() if n.published_at), key=lambda n: -n.version)


def individual(person: Person, *, with_number: bool) -> Plain:
    said: Plain = {"id": str(person.pk)}
    if with_number and person.number:
        said |= {"externalId": person.number, "externalIdType": "staff-number"}
    return said


def policy(purpose: Purpose, notice: Notice, base: str) -> Plain:
    """What people are told: the notice of one version."""
    said: Plain = {
        "id": str(purpose.pk), "name": notice.english.title if notice.english else purpose.name, "version": str(notice.version),
        "url": f"{base}/govstack/v1/config/policy/{purpose.pk}/?revisionId={notice.version}",
        "jurisdiction": ", ".join(purpose.jurisdictions),
        "storageLocation": ", ".join(sorted({system.country for system in purpose.systems.all()})),
    }  # fmt: skip
    if len(purpose.longest) > 2 and purpose.longest[1:-1].isdigit() and purpose.longest[-1] in DAYS:
        said["dataRetentionPeriodDays"] = int(purpose.longest[1:-1]) * DAYS[purpose.longest[-1]]
    return said


def agreements(rows: list[Purpose], base: str) -> list[Plain]:
    assessed = set(
        Evidence.objects.filter(
            purpose__in=rows, kind="dpia", outcome="approved", withdrawn_at__isnull=True
        ).values_list("purpose_id", flat=True)
    )
    return [_agreement(row, base, row.pk in assessed) for row in rows]


def _agreement(purpose: Purpose, base: str, assessed: bool) -> Plain:
    notices = published(purpose)
    basis = "consent" if purpose.asks_consent else BASIS.get(purpose.basis_eu, "legitimate_interest")
    said: Plain = {
        "id": str(purpose.pk), "version": str(purpose.version), "purpose": purpose.name, "lawfulBasis": basis, "dataUse": "data_source",
        "controller": {"id": str(purpose.entity_id), "name": purpose.entity.name, "url": base},
        "dpia": f"on file with {purpose.number}" if assessed else "none on file",
        "active": purpose.state == "active" and purpose.asks_consent, "forgettable": False,
        "lifecycle": {"id": purpose.state, "name": "Complete" if purpose.version else "Draft"},
    }  # fmt: skip
    if notices:
        said["policy"] = policy(purpose, notices[0], base)
    return said


@dataclass(frozen=True)
class Words:
    """Which words a revision id names."""

    version: int
    language: str
    sha256: str


def words_of(revision_id: str) -> Words | None:
    parts = revision_id.split(".")
    if len(parts) != 3 or not parts[0].isdigit() or len(parts[0]) > 6 or len(parts[2]) != 64:
        return None
    return Words(int(parts[0]), parts[1], parts[2])


def revision(purpose: Purpose, notice: Notice, text: NoticeText, schema: str) -> Plain:
    """The exact words of one notice in one language. SHA-1 is what the document asks for; ours is in the id and inside."""
    snapshot = canonical(
        {
            "objectData": {
                "id": purpose.pk, "number": purpose.number, "version": notice.purpose_version, "notice": notice.version,
                "language": text.language, "title": text.title, "elements": text.elements, "sha256": text.sha256,
            },
            "schemaName": schema, "objectId": purpose.pk, "signedWithoutObjectId": False, "timestamp": notice.published_at,
            "authorizedByOther": notice.published_by_id,
        }
    ).decode()  # fmt: skip
    return {
        "id": f"{notice.version}.{text.language}.{text.sha256}", "schemaName": schema, "objectId": str(purpose.pk),
        "signedWithoutObjectId": False, "serializedSnapshot": snapshot,
        "serializedHash": hashlib.sha1(snapshot.encode(), usedforsecurity=False).hexdigest(),
        "timestamp": notice.published_at.isoformat() if notice.published_at else "",
        "authorizedByOther": str(notice.published_by_id or ""),
    }  # fmt: skip


def latest(purpose: Purpose, language: str, schema: str, version: int | None = None) -> Plain | None:
    """The revision in force (or that of an older version) in this language, else in English; None without a notice."""
    for notice in published(purpose):
        if version in (None, notice.version):
            text = notice.text_for(language) or notice.english
            return revision(purpose, notice, text, schema) if text else None
    return None


@dataclass(frozen=True)
class Place:
    """One person on one purpose."""

    purpose: UUID
    person: UUID

    @property
    def id(self) -> str:
        return f"{self.purpose}.{self.person}"


def place_of(record_id: str) -> Place | None:
    purpose, _dot, person = record_id.partition(".")
    try:
        return Place(UUID(purpose), UUID(person))
    except ValueError:
        return None


ON = Q(status__in=ENABLING, ended_at__isnull=True, expires_at__gt=Now())


def places(pks: Collection[UUID], *, person: UUID | None = None, only_on: bool = False) -> Any:
    """(purpose, person, how many signals are on) of everybody who ever said yes; whoever only refused is not among them."""
    rows = ConsentRecord.objects.filter(purpose__in=pks, given_at__isnull=False)
    if person is not None:
        rows = rows.filter(person_id=person)
    said = rows.order_by().values("purpose_id", "person_id").annotate(on=Count("id", filter=ON))
    if only_on:
        said = said.filter(on__gt=0)
    return said.order_by("purpose_id", "person_id")


def records(found: list[Plain], base: str, *, with_number: bool) -> list[Plain]:
    """Consent records of these places: five queries, however many."""
    about = {row.pk: row for row in purposes({place["purpose_id"] for place in found})}
    people = Person.objects.in_bulk([place["person_id"] for place in found])
    said = {plain["id"]: plain for plain in agreements(list(about.values()), base)}
    consented = ConsentEvent.objects.filter(
        purpose__in=about, person__in=people, status__in=ENABLING, notice_version__isnull=False
    )
    last: dict[tuple[UUID, UUID], ConsentEvent] = {}
    for event in consented.order_by("purpose_id", "person_id", "-at").distinct("purpose_id", "person_id"):
        last[event.purpose_id, event.person_id] = event
    made: dict[tuple[UUID, int | None, str], Plain | None] = {}
    answers = []
    for place in found:
        purpose, event = about[place["purpose_id"]], last.get((place["purpose_id"], place["person_id"]))
        words = None
        if event is not None:
            key = (purpose.pk, event.notice_version, event.language)
            if key not in made:
                made[key] = _revision_of(purpose, event)
            words = made[key]
        answer: Plain = {
            "id": Place(purpose.pk, place["person_id"]).id, "dataAgreement": said[str(purpose.pk)],
            "dataAgreementRevisionHash": words["serializedHash"] if words else "",
            "individual": individual(people[place["person_id"]], with_number=with_number), "optIn": place["on"] > 0,
            "state": "signed",
        }  # fmt: skip
        answers.append(answer | ({"dataAgreementRevision": words} if words else {}))
    return answers


def _revision_of(purpose: Purpose, event: ConsentEvent) -> Plain | None:
    for notice in purpose.notices.all():
        if notice.version == event.notice_version:
            text = next((t for t in notice.texts.all() if t.language == event.language), None)
            return revision(purpose, notice, text, "DataAgreement") if text else None
    return None
