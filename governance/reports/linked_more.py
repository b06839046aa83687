"""Notices, processors and one person's record in the words of W3C DPV: what the register's export has no node for. Pure."""

from collections.abc import Iterator
from typing import Any

from governance.consents import iso27560
from governance.lib import packs
from governance.purposes.exchange import dpv

Node = dict[str, Any]
CONTRACT = {"coming": "ContractInactive", "running": "ContractActive", "ending": "ContractActive", "ended": "ContractExpired"}  # fmt: skip
SHOWN = ("requested", "given", "renewed", "refused", "deferred")  # what was said to words that were shown


def document(*nodes: Node) -> Node:
    return {"@context": dpv.context() | iso27560.SCHEMA, "@graph": [_said(node) for node in nodes]}


def notice(facts: dict[str, Any], controller: Node) -> Node:
    """The words as they are shown, part by part, and the fingerprints of the same notice in the other languages."""
    content = facts["content"]
    told, text = content["notice"], content["text"]
    kind = "dpv:ConsentNotice" if content["purpose"].get("asks_consent") else "dpv:PrivacyNotice"
    number = content["purpose"]["number"]

    def head(language: str, sha256: str) -> Node:
        return {
            "@id": f"ex:notice/{told['id']}/{language}", "@type": kind, "dct:identifier": f"{number}/{told['version']}/{language}",
            "dct:language": language, "dct:hasVersion": str(told["version"]), "schema:sha256": sha256,
        }  # fmt: skip

    def in_it(words: str) -> Node:
        return {"@language": text["language"], "@value": words}

    shown = head(text["language"], text["sha256"]) | {
        "dct:issued": {"@type": "xsd:dateTime", "@value": told["published_at"]}, "dct:title": in_it(text["title"]),
        "dct:hasPart": [
            {"dct:title": in_it(part["heading"]), "dct:description": in_it(part["text"])} for part in text["parts"]
        ],
    }  # fmt: skip
    others = [
        head(one["language"], one["sha256"])
        for one in content["texts"]
        if one["language"] != text["language"]
    ]
    process = {
        "@id": f"ex:purpose/{number}", "@type": "dpv:Process", "dct:identifier": number,
        "dct:hasVersion": str(told["register_version"]), "dpv:hasDataController": {"@id": controller["@id"]},
        "dpv:hasNotice": [{"@id": one["@id"]} for one in (shown, *others)],
    }  # fmt: skip
    return document(controller, process, shown, *others)


def processors(facts: dict[str, Any], controller: Node) -> Node:
    """Who processes for the entity under which contract (GDPR Art. 28), and its own record as a processor (Art. 30(2))."""
    content = facts["content"]
    us = {"@id": controller["@id"]}
    contracts = [_contract(row, us) for row in content["processors"] if row["contract"]]
    mandates = [_mandate(row, us) for row in content["mandates"]]
    whole = {
        "@id": "ex:processors", "@type": "dpv:RecordsOfActivities", "dct:created": {"@type": "xsd:date", "@value": facts["report"]["read_at"][:10]},
        "dpv:hasProcess": [{"@id": one["@id"]} for one in mandates], "dpv:hasDataProcessor": [{"@id": f"ex:processor/{row['code']}"} for row in content["processors"]],
    }  # fmt: skip
    return document(whole, controller, *map(_processor, content["processors"]), *contracts, *mandates)


def _processor(row: dict[str, Any]) -> Node:
    tools = packs.load("dpv").content["says"]["tool"]
    transfer = {"@type": "dpv:Transfer", "dpv:hasLegalBasis": {"@id": tools[row["tool"]]}} if row["tool"] in tools else None  # fmt: skip
    return {
        "@id": f"ex:processor/{row['code']}", "@type": ["dpv:LegalEntity", "dpv:DataProcessor"], "dct:identifier": row["code"],
        "dpv:hasName": row["name"], "dpv:hasContact": row["contact"], "dpv:hasCountry": _country(row["country"]),
        "dpv:hasProcess": [{"@id": f"ex:purpose/{number}"} for number in row["used_by"]], "dpv:hasProcessing": transfer,
        "dpv:hasDataProcessor": _subs(row), "dpv:hasTechnicalOrganisationalMeasure": _measures([], row["security_note"]),
    }  # fmt: skip


def _contract(row: dict[str, Any], us: Node) -> Node:
    state = CONTRACT.get(row["state"])
    return {
        "@id": f"ex:contract/{row['code']}", "@type": "dpv:ControllerProcessorAgreement", "dct:identifier": row["contract"],
        "dpv:hasEntity": [us, {"@id": f"ex:processor/{row['code']}"}], "dpv:hasContractStatus": {"@id": f"dpv:{state}"} if state else None,
        "schema:startDate": row["contract_from"], "schema:endDate": row["contract_until"],
    }  # fmt: skip


def _mandate(row: dict[str, Any], us: Node) -> Node:
    return {
        "@id": f"ex:mandate/{row['number']}", "@type": "dpv:Process", "dct:identifier": row["number"], "dct:description": row["categories"],
        "dpv:hasDataController": _said({
            "@type": ["dpv:LegalEntity", "dpv:DataController"], "dpv:hasName": row["controller_name"], "dpv:hasContact": row["controller_contact"],
            "dpv:hasCountry": _country(row["controller_country"]), "dpv:hasRepresentative": row["representative"], "dpv:hasDataProtectionOfficer": row["dpo"],
        }),
        "dpv:hasDataProcessor": [us, *_subs(row)], "dpv:hasThirdCountry": [_country(code) for code in row["countries"]],
        "dpv:hasTechnicalOrganisationalMeasure": _measures(row["security"], row["security_note"])
        + ([{"@type": "dpv:SafeguardForDataTransfer", "dct:description": row["safeguards"]}] if row["safeguards"] else []),
    }  # fmt: skip


def bundle(facts: dict[str, Any], controller: Node) -> Node:
    """One ConsentRecord a signal with every event, by the person's number; the signed receipts stand beside it in the JSON twin."""
    content = facts["content"]
    number = content["purpose"]["number"]
    person = {"@id": f"ex:person/{content['person_number']}", "@type": "dpv:DataSubject", "dct:identifier": content["person_number"]}  # fmt: skip
    process = {
        "@id": f"ex:purpose/{number}", "@type": "dpv:Process", "dct:identifier": number, "dct:title": content["purpose"]["name"],
        "dct:hasVersion": str(content["purpose"]["version"]), "dpv:hasDataController": {"@id": controller["@id"]},
    }  # fmt: skip
    signals = sorted({event["signal"] for event in content["events"]})
    records = [
        {
            "@id": f"ex:record/{number}/{signal}", "@type": "dpv:ConsentRecord", "dct:identifier": f"{number}/{signal}",
            "dpv:hasDataSubject": {"@id": person["@id"]}, "dpv:hasProcess": {"@id": process["@id"]},
            "dpv:hasPersonalData": {"@type": "dpv:PersonalData", "dct:identifier": signal, "dct:title": content["titles"].get(signal, signal)},
            "dpv:hasConsentStatus": list(_events(content["events"], signal, person, controller)),
        }
        for signal in signals
    ]  # fmt: skip
    return document(controller, person, process, *records)


def statement(facts: dict[str, Any], controller: Node) -> Node | None:
    """What one person ever said, a ConsentRecord a purpose and signal; None for who said nothing to any notice.

    Opt-outs, objections and requests stand in the JSON twin: they end no consent of their own.
    """
    content = facts["content"]
    events = [row for row in content["said"] if row["status"] in iso27560.STATES and row["purpose"] and row["signal"]]  # fmt: skip
    if not events:
        return None
    number = content["person_number"]
    person = {"@id": f"ex:person/{number}", "@type": "dpv:DataSubject", "dct:identifier": number}
    names = {row["purpose"]: row["purpose_name"] for row in events}
    processes = [
        {
            "@id": f"ex:purpose/{purpose}", "@type": "dpv:Process", "dct:identifier": purpose, "dct:title": name,
            "dpv:hasDataController": {"@id": controller["@id"]},
        }
        for purpose, name in sorted(names.items())
    ]  # fmt: skip
    records = [
        {
            "@id": f"ex:record/{purpose}/{signal}", "@type": "dpv:ConsentRecord", "dct:identifier": f"{purpose}/{signal}",
            "dpv:hasDataSubject": {"@id": person["@id"]}, "dpv:hasProcess": {"@id": f"ex:purpose/{purpose}"},
            "dpv:hasPersonalData": {"@type": "dpv:PersonalData", "dct:identifier": signal, "dct:title": content["titles"].get(signal, signal)},
            "dpv:hasConsentStatus": list(_events([row for row in events if row["purpose"] == purpose], signal, person, controller)),
        }
        for purpose, signal in sorted({(row["purpose"], row["signal"]) for row in events})
    ]  # fmt: skip
    return document(controller, person, *processes, *records)


def _events(events: list[dict[str, Any]], signal: str, person: Node, controller: Node) -> Iterator[Node]:
    """Oldest first, each under its own id where the facts have one."""
    for event in sorted(events, key=lambda row: str(row["at"])):
        if event["signal"] == signal:
            theirs = event["by"] in iso27560.PERSONS
            words = {
                "@type": "dpv:ConsentNotice", "dct:language": event["language"], "dct:hasVersion": str(event["notice_version"]),
                "schema:sha256": event["text_sha256"],
            }  # fmt: skip
            yield _said({
                "@id": f"ex:event/{event['id']}" if event.get("id") else None, "@type": f"dpv:{iso27560.STATES[event['status']]}",
                "dpv:isIndicatedBy": {"@id": (person if theirs else controller)["@id"]},
                "dpv:isIndicatedAtTime": {"@type": "xsd:dateTime", "@value": event["at"]}, "dpv:hasIndicationMethod": event["method"] or event["by"],
                "dpv:hasNotice": words if event["status"] in SHOWN and event["text_sha256"] else None,
            })  # fmt: skip


def _subs(row: dict[str, Any]) -> list[Node]:
    return [
        _said({"@type": "dpv:DataSubProcessor", "dpv:hasName": one["name"], "dpv:hasCountry": _country(one["country"])})
        for one in row["subprocessors"]
    ]  # fmt: skip


def _measures(codes: list[str], note: str) -> list[Node]:
    says = packs.load("dpv").content["says"]["security"]
    found: list[Node] = [{"@type": says[code]} for code in codes if code in says]
    return found + (
        [{"@type": "dpv:TechnicalOrganisationalMeasure", "dct:description": note}] if note else []
    )


def _country(code: str) -> Node | None:
    return {"@type": "dpv:Country", "dct:identifier": code} if code else None


def _said(node: Node) -> Node:
    """What is not recorded is not said."""
    return {key: value for key, value in node.items() if value not in (None, "", [], {})}
