"""What a report says in the words of DPV names nothing that DPV 2.3 does not have, but in our own namespaces."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from governance.consents import iso27560, ledger
from governance.lib import packs
from governance.purposes import processors
from governance.purposes.exchange import dpv
from governance.purposes.models import Processor
from governance.reports import linked, reports
from governance.reports.models import Report
from tests import make, told
from tests.cast import Cast
from tests.consents.test_iso27560 import SPECS, unlisted
from tests.reports import orders


def a_notice(cast: Cast) -> Report:
    text = told.in_every_language(cast).texts.get(language="ur")
    return reports.ask_for_notice(text, by=cast.asha)


def a_register_of_processors(cast: Cast) -> Report:
    processors.change(
        Processor.objects.get(code="samruddhi"), by=cast.dev, clauses=["security"], tool="scc",
        subprocessors=[{"name": "Hostline", "country": "DE", "agreed_on": "2026-03-04"}],
    )  # fmt: skip
    return reports.ask("processors", cast.software, by=cast.lata)


def a_bundle(cast: Cast) -> Report:
    make.consent(cast.bela, cast.purpose, "ui_event")
    ledger.withdraw_purpose(cast.purpose, by=cast.bela)
    return reports.ask_for_bundle(cast.purpose, by=cast.bela)


def a_statement(cast: Cast) -> Report:
    make.consent(cast.bela, cast.purpose, "ui_event", "app_usage")
    ledger.withdraw_purpose(cast.purpose, by=cast.bela)
    return reports.ask_for_statement(by=cast.bela)


MADE = {
    "statement": a_statement,
    "notice": a_notice,
    "processors": a_register_of_processors,
    "evidence_bundle": a_bundle,
}


def by_type(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [node for node in found["@graph"] if kind in (node["@type"], *node["@type"])]


@pytest.mark.parametrize("kind", MADE)
def test_every_term_is_in_our_pack(kind: str, cast: Cast, undrawn: None) -> None:
    report = MADE[kind](cast)
    orders.finish(report)
    found = linked.of(kind, report.facts)
    assert found is not None
    content = packs.load("dpv").content
    of_documents = {content["prefix"][p] + n for p, names in content["documents"].items() for n in names}
    assert unlisted(found | {"@graph": found["@graph"]}) <= of_documents
    assert len({node["@id"] for node in found["@graph"]}) == len(found["@graph"])
    assert set(found["@context"]) == {*dpv.USED, *dpv.OURS, *dpv.STANDARD, *iso27560.SCHEMA}


@pytest.mark.skipif(not SPECS.is_dir(), reason="the published vocabulary is not beside this checkout")
def test_what_the_pack_lists_for_documents_is_published() -> None:
    """Uses ../shared: DPV 2.3 as published."""
    content = packs.load("dpv").content
    published = {row["iri"] for file in Path(SPECS).glob("*.csv") for row in csv.DictReader(file.open())}
    listed = {content["prefix"][p] + n for p, names in content["documents"].items() for n in names}
    assert listed and listed <= published


def test_a_notice_says_its_words_in_its_language_and_the_fingerprints_of_the_others(
    cast: Cast, undrawn: None
) -> None:
    report = a_notice(cast)
    orders.finish(report)
    content, found = report.facts["content"], linked.of("notice", report.facts)
    notices = {node["dct:language"]: node for node in by_type(found, "dpv:ConsentNotice")}
    assert {tag: node["schema:sha256"] for tag, node in notices.items()} == {
        one["language"]: one["sha256"] for one in content["texts"]
    }
    shown = notices["ur"]
    assert shown["dct:title"] == {"@language": "ur", "@value": content["text"]["title"]}
    assert [part["dct:description"]["@value"] for part in shown["dct:hasPart"]] == [
        part["text"] for part in content["text"]["parts"]
    ]
    (process,) = by_type(found, "dpv:Process")
    assert len(process["dpv:hasNotice"]) == len(notices) > 20


def test_a_contract_and_a_mandate_stand_with_their_parties(cast: Cast, undrawn: None) -> None:
    report = a_register_of_processors(cast)
    orders.finish(report)
    found = linked.of("processors", report.facts)
    (contract,) = by_type(found, "dpv:ControllerProcessorAgreement")
    assert contract["dpv:hasContractStatus"] == {"@id": "dpv:ContractActive"}
    assert {"@id": "ex:processor/samruddhi"} in contract["dpv:hasEntity"]
    (processor,) = by_type(found, "dpv:DataProcessor")
    assert processor["dpv:hasDataProcessor"][0]["dpv:hasName"] == "Hostline"
    assert processor["dpv:hasProcessing"]["dpv:hasLegalBasis"] == {"@id": "eu-gdpr:A46-2-c"}
    (mandate,) = by_type(found, "dpv:Process")
    assert mandate["dpv:hasDataController"]["dpv:hasName"] == "Nirmaan GmbH"


def test_a_statement_tells_what_was_said_to_each_signal_oldest_first(cast: Cast, undrawn: None) -> None:
    report = a_statement(cast)
    orders.finish(report)
    found = linked.of("statement", report.facts)
    records = by_type(found, "dpv:ConsentRecord")
    assert {record["dpv:hasPersonalData"]["dct:identifier"] for record in records} == {
        "ui_event",
        "app_usage",
    }
    for record in records:
        said = [event["@type"] for event in record["dpv:hasConsentStatus"]]
        assert said == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"]
    assert cast.bela.name not in json.dumps(found)
    silent = reports.ask("statement", cast.software, {"person": cast.asha.pk}, by=cast.asha)
    orders.finish(silent)
    assert linked.of("statement", silent.facts) is None


def test_the_ico_s_columns_carry_the_same_activities_as_the_register(cast: Cast, undrawn: None) -> None:
    both = {}
    for kind in ("ico", "register"):
        report = reports.ask(kind, cast.software, by=cast.dev)
        orders.finish(report)
        found = linked.of(kind, report.facts)
        both[kind] = {node["dct:identifier"] for node in by_type(found, "dpv:Process")}
    assert both["ico"] == both["register"] and len(both["ico"]) > 3


def test_a_bundle_tells_every_event_by_number_and_names_nobody(cast: Cast, undrawn: None) -> None:
    report = a_bundle(cast)
    orders.finish(report)
    found = linked.of("evidence_bundle", report.facts)
    (record,) = by_type(found, "dpv:ConsentRecord")
    assert [one["@type"] for one in record["dpv:hasConsentStatus"]] == [
        f"dpv:{iso27560.STATES[event['status']]}" for event in report.facts["content"]["events"]
    ]
    said = json.dumps(found, ensure_ascii=False)
    assert cast.bela.number in said and cast.bela.name not in said


@pytest.mark.parametrize("make_it", [a_notice, a_register_of_processors])
def test_it_is_attached_to_the_pdf(make_it: Callable[[Cast], Report], cast: Cast, drawn: None) -> None:
    report = make_it(cast)
    orders.finish(report)
    assert report.state == "ready", report.fault
    with pikepdf.open(io.BytesIO(bytes(report.files.get(kind="pdf").content))) as pdf:
        body = pdf.attachments[f"{report.number}.jsonld"].get_file().read_bytes()
    assert json.loads(body) == linked.of(report.kind, report.facts)
