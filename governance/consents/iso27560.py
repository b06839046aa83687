"""A person's word as ISO/IEC TS 27560 records in a receipt, in the words of W3C DPV 2.3 (JSON-LD, context in the file).

One record per signal, with its whole life until the receipt; every mandatory row of the standard stands in it. Persons
are opaque ids. Where a term is missing in DPV 2.3 it is ours (x-in:), never minted under w3id.org.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from governance.purposes.activity import Activity, Recipient, laws
from governance.purposes.exchange import dpv
from governance.purposes.exchange.cells import Entry

PROFILE = "https://w3id.org/dpv/schema/dpv-27560#"
SCHEMA = {"schema": "https://schema.org/"}
STATES = {
    "unknown": "ConsentUnknown", "requested": "ConsentRequested", "deferred": "ConsentRequestDeferred",
    "refused": "ConsentRefused", "given": "ConsentGiven", "renewed": "RenewedConsentGiven",
    "withdrawn": "ConsentWithdrawn", "revoked": "ConsentRevoked", "expired": "ConsentExpired",
    "invalidated": "ConsentInvalidated",
}  # fmt: skip
RIGHTS = {
    "EU": ("eu-gdpr:A7-3", "eu-gdpr:A15", "eu-gdpr:A16", "eu-gdpr:A17", "eu-gdpr:A77"),
    "IN": (
        "x-in:S11-access",
        "x-in:S12-correction",
        "x-in:S12-erasure",
        "x-in:S13-grievance",
        "x-in:S14-nomination",
    ),
}
PERSONS = frozenset({"person", "guardian", "nominee"})
Node = dict[str, Any]


@dataclass(frozen=True)
class Party:
    """Somebody with a part in it. `kind`: entity, processor or recipient."""

    kind: str
    code: str
    name: str
    address: str
    contact: str
    role: str = "dpv:Recipient"

    @property
    def iri(self) -> str:
        return f"ex:{self.kind}/{self.code}"


@dataclass(frozen=True)
class Said:
    """One event. `lasts`: ISO 8601, of a grant."""

    id: UUID
    status: str
    at: datetime
    by_kind: str
    by_id: UUID | None
    method: str
    lasts: str = ""
    purpose_version: int | None = None
    programmes: tuple[str, ...] = ()  # number@SHA-256 of the terms
    evidence: str = ""
    provenance: str = ""
    said_on: date | None = None


@dataclass(frozen=True)
class Words:
    """The notice as it was shown."""

    id: UUID
    version: int
    language: str
    sha256: str


@dataclass(frozen=True)
class Record:
    id: UUID
    number: str
    signal: str
    notice: Words | None
    said: tuple[Said, ...]
    replaces: UUID | None = None


@dataclass(frozen=True)
class Facts:
    """All that a receipt says. `confirms`: the events it is given for; `order`: number of the erasure order."""

    number: str
    kind: str
    at: datetime
    signed_at: datetime
    person: UUID
    entity: Party
    country: str  # of the entity
    purpose: str  # P-0001
    version: int
    sha256: str  # of the stored body that the receipt gives in other words
    activity: Activity
    records: tuple[Record, ...]
    confirms: tuple[UUID, ...]
    portal: str  # https://… without a path
    processors: Mapping[str, Party] = field(default_factory=dict)
    order: str = ""
    erased_at: datetime | None = None
    systems: int = 0
    proof: Mapping[str, Any] | None = None


def receipt(facts: Facts) -> Node:
    """The document that is signed."""
    parties = _parties(facts)
    node: Node = {
        "@context": dpv.context() | SCHEMA,
        "@id": f"ex:receipt/{facts.number}",
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": {"@id": _profile("receipt", facts)},
        "dct:identifier": facts.number,
        "x-in:receiptKind": facts.kind,
        "schema:sha256": facts.sha256,
        "dct:created": _moment(facts.at),
        "dct:issued": _moment(facts.signed_at),
        "x-in:confirms": [{"@id": f"ex:event/{event}"} for event in facts.confirms],
        "dpv:hasRecordOfActivity": [record(one, facts, parties) for one in facts.records],
        "dpv:hasEntity": [_party(party) for party in parties],
    }
    if facts.order:
        node["x-in:erasureOrder"] = facts.order
    if facts.erased_at:
        node |= {
            "x-in:stopped": {"@type": "dpv:Erase", "dct:date": _moment(facts.erased_at), "dct:identifier": facts.order},
            "x-in:systemsReadBackEmpty": facts.systems,
        }  # fmt: skip
    if facts.proof:
        node["x-in:logProof"] = {"@type": "@json", "@value": dict(facts.proof)}
    return node


def record(one: Record, facts: Facts, parties: Iterable[Party]) -> Node:
    """One ConsentRecord with every mandatory field; who is named stands in the receipt's dpv:hasEntity."""
    parties = list(parties)
    language = one.notice.language if one.notice else ""
    node: Node = {
        "@id": f"ex:consent/{one.id}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": {"@id": _profile("record", facts)},
        "dct:identifier": one.number,
        "dpv:hasIdentifier": str(one.id),
        "dct:created": _moment(one.said[0].at),
        "dct:hasVersion": str(len(one.said)),
        "dpv:hasDataSubject": {
            "@id": _subject(facts.person),
            "@type": "dpv:DataSubject",
            "dct:identifier": str(facts.person),
        },
        "dct:language": language or "und",
        "dpv:hasProcess": [_process(one, facts, parties)],
        "dpv:hasEntity": [{"@id": party.iri} for party in parties],
        "dpv:hasConsentStatus": [_event(event, one, facts) for event in one.said],
    }
    if one.notice:
        node["dpv:hasNotice"] = {
            "@id": _notice(one.notice), "@type": "dpv:ConsentNotice", "dct:language": language,
            "dct:hasVersion": str(one.notice.version), "schema:sha256": one.notice.sha256,
        }  # fmt: skip
    if one.replaces:
        node["dct:replaces"] = {"@id": f"ex:consent/{one.replaces}"}
    return node


def _profile(kind: str, facts: Facts) -> str:
    return f"{PROFILE}{kind}-eu-gdpr" if "EU" in laws(facts.activity) else PROFILE + kind


def _subject(person: UUID) -> str:
    return f"ex:subject/{person}"


def _notice(words: Words) -> str:
    return f"ex:notice/{words.id}/{words.language}"


def _moment(at: datetime) -> Node:
    return {"@type": "xsd:dateTime", "@value": stamp(at)}


def stamp(at: datetime) -> str:
    """UTC to the microsecond, always of one length: sorts as text."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _process(one: Record, facts: Facts, parties: list[Party]) -> Node:
    """What the version of the register said of this signal, without what concerns other data or our own locks."""
    item = facts.activity.item(one.signal)
    told = facts.activity.but(items=(item,) if item else ())
    of_it = [keep for keep in told.keeps if item and keep.category == item.category]
    told = told.but(keeps=tuple(of_it) or told.keeps)
    node = dpv.process(Entry(0, told, facts.purpose, facts.entity.code, version=facts.version))
    for name in (
        "dpv:hasTechnicalOrganisationalMeasure",
        "dpv:hasDataProcessor",
        "dpv:hasActivityStatus",
        "dpv:hasAssessment",
    ):
        node.pop(name, None)
    page = {"@id": f"{facts.portal}/me/"}
    node |= {
        "@id": f"ex:process/{facts.purpose}/v{facts.version}/{one.signal}",
        "dct:identifier": f"{facts.purpose}/{one.signal}",
        "dpv:hasPersonalData": _data(one.signal, node),
        "dpv:hasDataController": {"@id": facts.entity.iri},
        "dpv:hasRecipient": [{"@id": party.iri} for party in parties[1:]] or [{"@id": facts.entity.iri}],
        "dpv:hasStorageCondition": _storage(node.get("dpv:hasStorageCondition", []), facts),
        "dpv:hasConsentControl": [{
            "@type": ["dpv:ProvideConsent", "dpv:RefuseConsent", "dpv:WithdrawConsent", "dpv:ReaffirmConsent"], "dpv:isExercisedAt": page,
        }],
        "dpv:hasRight": [
            {"@type": ["dpv:DataSubjectRight", right], "dpv:isExercisedAt": page} for law in laws(told) for right in RIGHTS[law]
        ],
    }  # fmt: skip
    if "IN" in laws(told):
        node["dpv:hasAuthority"] = [{"@id": "legal-in:DPA-IN"}]
    if facts.kind == "stopped":
        node["dpv:hasActivityStatus"] = {"@id": "dpv:ActivityCompleted"}
    return node


def _data(signal: str, process: Node) -> list[Node]:
    """pii_information: the signal, typed; a signal that the register no longer names is named at least."""
    found = list(process.get("dpv:hasPersonalData", []))
    for node in found:
        node.setdefault("skos:broader", {"@id": "dpv:PersonalData"})
    return found or [
        {"@type": "dpv:PersonalData", "dct:identifier": signal, "skos:broader": {"@id": "dpv:PersonalData"}}
    ]


def _storage(said: list[Node], facts: Facts) -> list[Node]:
    found = list(said)
    if not any(node["@type"] == "dpv:StorageLocation" for node in found):
        place = {"@type": "dpv:Country", "dct:identifier": facts.country}
        found.append({"@type": "dpv:StorageLocation", "dpv:hasLocation": place})
    if not any(node["@type"] == "dpv:StorageDuration" for node in found):
        found.append({"@type": "dpv:StorageDuration", "dpv:hasDuration": {"@type": "dpv:UntilEventDuration"}})
    return found


def _event(said: Said, one: Record, facts: Facts) -> Node:
    """event_type: a switch and then a button is explicit; what the system or the controller does expresses nothing."""
    grant, by_person = said.status in ("given", "renewed"), said.by_kind in PERSONS
    state = f"dpv:{STATES[said.status]}"
    by = {"@id": f"ex:subject/{said.by_id}"} if by_person and said.by_id else {"@id": facts.entity.iri}
    node: Node = {
        "@id": f"ex:event/{said.id}",
        "@type": [state, "dpv:ExplicitlyExpressedConsent"] if grant else [state],
        "x-in:eventType": "explicit" if by_person else "not expressed by the person",
        "dpv:isIndicatedBy": by,
        "dpv:isIndicatedAtTime": _moment(said.at),
        "dpv:hasIndicationMethod": said.method or said.by_kind,
        "dpv:hasDuration": _lasting(said),
    }
    if one.notice and said.status in ("requested", "given", "renewed", "refused", "deferred"):
        node["dpv:hasNotice"] = {"@id": _notice(one.notice)}
    if said.purpose_version:
        node["x-in:purposeVersion"] = said.purpose_version
    if said.programmes:
        node["x-in:underProgramme"] = [_programme(one) for one in said.programmes]
    if said.provenance:
        node["x-in:provenance"] = said.provenance
    if said.said_on:
        node["x-in:saidOn"] = said.said_on.isoformat()
    if said.evidence:
        node["x-in:evidence"] = said.evidence
    return node


def _programme(said: str) -> Node:
    """What carried the purpose out then: DPV has no term for it, so it is a process with a version of ours."""
    number, _at, terms = said.partition("@")
    return {
        "@id": f"ex:programme/{number}/{terms}",
        "@type": "dpv:Process",
        "dct:identifier": number,
        "schema:sha256": terms,
    }


def _lasting(said: Said) -> Node:
    if said.lasts:
        return {"@type": ["dpv:TemporalDuration", "xsd:duration"], "rdf:value": said.lasts}
    ended = said.status in ("withdrawn", "revoked", "expired", "invalidated")
    return {"@type": "dpv:EndlessDuration" if ended else "dpv:UntilEventDuration"}


def _parties(facts: Facts) -> list[Party]:
    """The controller first, then everybody who gets the data, each once."""
    found = {facts.entity.iri: facts.entity}
    for n, recipient in enumerate(facts.activity.recipients, 1):
        party = _recipient(n, recipient, facts)
        found.setdefault(party.iri, party)
    return list(found.values())


def _recipient(n: int, r: Recipient, facts: Facts) -> Party:
    """What the register does not know of a recipient is asked of the controller, who answers for it."""
    if r.processor in facts.processors:
        return facts.processors[r.processor]
    role = {"external": "dpv:ThirdParty", "authority": "dpv:Authority", "processor": "dpv:DataProcessor"}.get(
        r.kind, "dpv:Recipient"
    )
    address = (
        facts.entity.address if r.kind == "internal" else f"{r.country or '?'} (ask {facts.entity.contact})"
    )
    return Party("recipient", f"{facts.purpose}-{n}", r.name, address, facts.entity.contact, role)


def _party(party: Party) -> Node:
    return {
        "@id": party.iri, "@type": ["dpv:LegalEntity", party.role], "dpv:hasIdentifier": party.code, "dpv:hasName": party.name,
        "dpv:hasAddress": party.address, "dpv:hasContact": party.contact,
    }  # fmt: skip
