"""The register in the words of W3C DPV 2.3, as JSON-LD: one dpv:Process per activity. The context stands in the file.

Every IRI is one of DPV's own or of our namespaces (ex: what is in this register, x-in: what DPV has not for the DPDP
Act). DPV 2.3 has modules for countries and for the GDPR as a law; they are named by their codes here, so that whoever
reads the file needs no vocabulary but the three that it names.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from governance.lib import packs
from governance.purposes import lists
from governance.purposes.activity import Activity, Item, Keep, Recipient, laws
from governance.purposes.exchange import cells
from governance.purposes.exchange.cells import Entry

MEDIA = "application/ld+json; charset=utf-8"
OURS = {"ex": "https://sammati.example/id/"}
STANDARD = {
    "dct": "http://purl.org/dc/terms/", "skos": "http://www.w3.org/2004/02/skos/core#", "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}  # fmt: skip
USED = ("dpv", "pd", "eu-gdpr", "legal-in", "x-in")
GDPR = {
    "@type": "dpv:Law",
    "dct:identifier": "CELEX:32016R0679",
    "dct:title": "General Data Protection Regulation",
}
Node = dict[str, Any]


def write(entries: Iterable[Entry], parties: Mapping[str, Mapping[str, Any]], *, on: date) -> bytes:
    """The whole register. `parties`: entity code → name, address, contact, dpo, representative, country; processors alike."""
    entries = list(entries)
    return (json.dumps(document(entries, parties, on=on), indent=1, ensure_ascii=False) + "\n").encode()


def document(entries: list[Entry], parties: Mapping[str, Mapping[str, Any]], *, on: date) -> Node:
    processes = [process(entry) for entry in entries]
    used = {entry.entity for entry in entries} | {
        r.processor for e in entries for r in e.activity.recipients if r.processor
    }
    grounds = sorted({e.activity.ground_in for e in entries if e.activity.ground_in})
    register: Node = {
        "@id": "ex:register", "@type": "dpv:RecordsOfActivities", "dct:created": {"@type": "xsd:date", "@value": on.isoformat()},
        "dpv:hasProcess": [{"@id": one["@id"]} for one in processes],
    }  # fmt: skip
    return {
        "@context": context(),
        "@graph": [
            register,
            *(party(code, parties[code]) for code in sorted(used) if code in parties),
            *(_ground_in(code) for code in grounds),
            *processes,
        ],
    }


def context() -> dict[str, str]:
    prefixes = packs.load("dpv").content["prefix"]
    return {name: prefixes[name] for name in USED} | OURS | STANDARD


def process(entry: Entry) -> Node:
    """One activity. What is not recorded is not said."""
    a = entry.activity
    found: Node = {
        "@id": f"ex:purpose/{entry.number}",
        "@type": "dpv:Process",
        "dct:identifier": entry.number,
        "dct:title": a.name,
        "dct:description": a.description,
        "dct:hasVersion": str(entry.version) if entry.version else "",
        "dpv:hasActivityStatus": _ref("state", entry.state),
        "dpv:hasPurpose": _purpose(a),
        "dpv:hasDataController": {"@id": f"ex:entity/{entry.entity}"} if entry.entity else None,
        "dpv:hasJointDataControllers": [
            _said({"@type": "dpv:DataController", "dpv:hasName": one.name, "dpv:hasContact": one.contact})
            for one in a.joint_controllers
        ],
        "dpv:hasDataSubject": [
            {"@type": _term("people", code), "dct:title": cells.label("people", code)} for code in a.people
        ],
        "dpv:hasPersonalData": [_item(item) for item in a.items],
        "dpv:hasProcessing": _processing(a),
        "dpv:hasDataSource": [
            _ref("source", code) for code in dict.fromkeys(i.source for i in a.items if i.source)
        ],
        "dpv:hasLegalBasis": _grounds(a),
        "dpv:hasRecipient": [_recipient(r) for r in a.recipients],
        "dpv:hasDataProcessor": [{"@id": f"ex:processor/{r.processor}"} for r in a.recipients if r.processor],
        "dpv:hasThirdCountry": [
            _place(code) for code in sorted({r.country for r in a.recipients if r.country} - _home())
        ],
        "dpv:hasStorageCondition": [node for keep in a.keeps for node in _keep(keep)] + _places(a),
        "dpv:hasJurisdiction": [_place(code) for code in laws(a)],
        "dpv:hasApplicableLaw": [{"@id": "legal-in:law-DPDP"} if law == "IN" else GDPR for law in laws(a)],
        "dpv:hasTechnicalOrganisationalMeasure": [
            {"@type": _term("security", code), "dct:title": cells.label("security", code)}
            for code in a.security
        ]
        + (
            [{"@type": "dpv:TechnicalOrganisationalMeasure", "dct:description": a.security_note}]
            if a.security_note
            else []
        ),
        "dpv:hasImpactAssessment": _assessment(a),
        "dpv:hasAssessment": {"@type": "dpv:LegitimateInterestAssessment", "dct:identifier": a.interests_link}
        if a.interests_link
        else None,
        "dpv:hasAutomationLevel": {"@id": "dpv:FullAutomation"}
        if "solely_automated" in a.circumstances
        else None,
    }
    return _said(found)


def _said(node: Node) -> Node:
    return {key: value for key, value in node.items() if value not in (None, "", [], {})}


def _term(name: str, code: str) -> str:
    return str(packs.load("dpv").content["says"][name][code])


def _ref(name: str, code: str) -> Node | None:
    known = packs.load("dpv").content["says"][name]
    return {"@id": known[code]} if code in known else None


def _purpose(a: Activity) -> Node:
    kind = _term("kind", a.kind) if a.kind in lists.codes("kind") else "dpv:Purpose"
    node: Node = {
        "@type": "dpv:Purpose",
        "dct:title": a.name,
        "dct:description": [*a.objectives, *([a.uses] if a.uses else [])],
    }
    if kind != "dpv:Purpose":
        node["skos:broader"] = {"@id": kind}
    return _said(node)


def _item(item: Item) -> Node:
    content = packs.load("dpv").content
    short = cells.short_term(item.dpv)
    special = (
        short.removeprefix("pd:") in content["special"]["pd"]
        or item.category in content["special"]["category"]
    )
    kind = (
        "dpv:SpecialCategoryPersonalData"
        if special
        else "dpv:SensitivePersonalData"
        if item.sensitivity in ("S3", "S4")
        else "dpv:PersonalData"
    )
    how = (
        "dpv:ObservedPersonalData"
        if item.captured
        else {"derived": "dpv:DerivedPersonalData", "person": "dpv:CollectedPersonalData"}.get(item.source)
    )
    return _said({
        "@type": [kind, how] if how else kind, "dct:identifier": item.code, "dct:title": item.name,
        "skos:broader": {"@id": short} if short not in ("", "dpv:PersonalData") else None,
        "dpv:hasNecessity": {"@id": "dpv:Required" if item.necessary else "dpv:NotRequired"}, "dct:description": item.why,
        "dpv:hasDataSource": _ref("source", item.source) if item.source else None,
    })  # fmt: skip


def _processing(a: Activity) -> list[Node]:
    found: list[Node] = [{"@id": "dpv:Collect"}, {"@id": "dpv:Store"}] if a.items else []
    if a.signals:
        found.append({"@id": "dpv:Observe"})
    if a.trains_ai:
        found.append({"@id": "x-in:ModelTraining"})
    if a.automated and "solely_automated" in a.circumstances:
        found.append({"@type": "dpv:AutomatedDecisionMaking", "dct:description": a.automated})
    for r in a.recipients:
        if r.tool:
            basis = _ref("tool", r.tool)
            found.append(
                _said(
                    {"@type": "dpv:Transfer", "dpv:hasRecipient": _recipient(r), "dpv:hasLegalBasis": basis}
                )
            )
    return found


def _grounds(a: Activity) -> list[Node]:
    found = [{"@id": f"eu-gdpr:A6-1-{a.basis_eu}"}] if a.basis_eu else []
    found += [{"@id": f"eu-gdpr:A9-2-{a.art9}"}] if a.art9 else []
    found += [{"@id": _ground_iri(a.ground_in)}] if a.ground_in else []
    return found


def _ground_iri(code: str) -> str:
    return "x-in:S6-consent" if code == "s6" else f"x-in:S7-{code[2:]}"


def _ground_in(code: str) -> Node:
    """Our own term, and what of DPV it is a kind of."""
    broader = "dpv:ExpressedConsent" if code == "s6" else "dpv:LegalBasis"
    return {
        "@id": _ground_iri(code),
        "@type": "dpv:LegalBasis",
        "skos:broader": {"@id": broader},
        "skos:prefLabel": cells.label("ground_in", code),
    }


def _recipient(r: Recipient) -> Node:
    if r.processor:
        return {"@id": f"ex:processor/{r.processor}"}
    kind = {"external": "dpv:ThirdParty", "authority": "dpv:Authority", "processor": "dpv:DataProcessor"}.get(
        r.kind, "dpv:Recipient"
    )
    return _said(
        {"@type": kind, "dpv:hasName": r.name, "dpv:hasCountry": _place(r.country) if r.country else None}
    )


def _keep(keep: Keep) -> list[Node]:
    counted = cells.label("start_event", keep.start_event)
    found = []
    for said, period in (("at least", keep.minimum), ("at most", keep.maximum)):
        if period:
            duration = {"@type": ["dpv:TemporalDuration", "xsd:duration"], "rdf:value": period}
            found.append(_said({
                "@type": "dpv:StorageDuration", "dpv:hasDuration": duration, "dct:description": f"{keep.category}: {said}; counted from {counted}", "dct:source": keep.source,
                "dpv:hasJurisdiction": _place(keep.law) if keep.law else None,
            }))  # fmt: skip
    deletion = {
        "@type": "dpv:StorageDeletion",
        "dct:description": keep.category,
        "dpv:hasProcessing": _ref("action", keep.action),
    }
    return [*found, _said(deletion)]


def _places(a: Activity) -> list[Node]:
    said = [*([a.location] if a.location else []), *(system.code for system in a.systems)]
    return [
        {"@type": "dpv:StorageLocation", "dpv:hasLocation": {"@type": "dpv:Location", "dct:title": place}}
        for place in said
    ]


def _assessment(a: Activity) -> Node | None:
    if not a.dpia and not a.dpia_link:
        return None
    return _said(
        {
            "@type": "dpv:DPIA",
            "dct:identifier": a.dpia_link,
            "dpv:hasStatus": _ref("dpia", a.dpia),
            "dct:title": cells.label("dpia", a.dpia),
        }
    )


def _place(code: str) -> Node:
    return {"@type": "dpv:SupraNationalUnion" if code == "EU" else "dpv:Country", "dct:identifier": code}


def _home() -> set[str]:
    return set(packs.load("laws").content["jurisdictions"]["EU"])


def party(code: str, about: Mapping[str, Any]) -> Node:
    """An entity or a processor as a node. `about`: see write()."""
    processor = about["kind"] == "processor"
    return _said({
        "@id": f"ex:{about['kind']}/{code}", "@type": ["dpv:LegalEntity", "dpv:DataProcessor" if processor else "dpv:DataController"],
        "dct:identifier": code, "dpv:hasName": about["name"], "dpv:hasAddress": about.get("address", ""), "dpv:hasContact": about.get("contact", ""),
        "dpv:hasCountry": _place(about["country"]) if about.get("country") else None,
        "dpv:hasDataProtectionOfficer": about.get("dpo", ""), "dpv:hasRepresentative": about.get("representative", ""),
    })  # fmt: skip
