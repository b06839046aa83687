"""A receipt in the standard's form: every mandatory row, only terms that exist, no name, nothing fetched."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyshacl import validate
from rdflib import Graph

from governance.consents import iso27560, ledger, receipt_facts, rules
from governance.consents.models import Receipt
from governance.lib import clock, packs
from governance.purposes import lists
from governance.purposes.exchange import dpv
from tests import make
from tests.cast import Cast
from tests.consents.signed import own_keys, seal

SHAPES = Path(iso27560.__file__).with_name("shapes.ttl")
SPECS = Path(__file__).parents[2].parent / "shared" / "specs" / "dpv"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    own_keys(settings, tmp_path)


def document(row: Receipt) -> dict[str, Any]:
    row = Receipt.objects.select_related("purpose__entity").get(pk=row.pk)
    return iso27560.receipt(receipt_facts.facts(row, clock.now()))


def faults(found: dict[str, Any]) -> str:
    """What the shapes say against it; "" when nothing."""
    graph = Graph().parse(data=json.dumps(found), format="json-ld")
    conforms, _graph, text = validate(graph, shacl_graph=str(SHAPES), shacl_graph_format="turtle")
    return "" if conforms else str(text)


def all_kinds(cast: Cast) -> list[Receipt]:
    """Given, refused, withdrawn: of Asha; given under both laws: of Nisha."""
    first = make.consent(cast.asha, cast.purpose, "ui_event", language="hi", open_streams=False)
    notice = cast.purpose.published_notice()
    refused = ledger.refuse(cast.purpose, ["app_usage"], by=cast.asha, notice=notice, language="en")
    return [first, refused, ledger.withdraw_purpose(cast.purpose, by=cast.asha)]


def test_every_kind_holds_every_mandatory_row(cast: Cast, settings: Any) -> None:
    rows = [*all_kinds(cast), make.consent(cast.emil, cast.purpose_de, open_streams=False)]
    seal(settings)
    for row in rows:
        assert faults(document(row)) == "", row.kind


MANDATORY = [
    ("dct:conformsTo",), ("dct:identifier",), ("dpv:hasEntity",), ("dct:created",), ("dpv:hasRecordOfActivity",),
    *[("dpv:hasRecordOfActivity", 0, name) for name in (
        "dct:conformsTo", "dpv:hasIdentifier", "dpv:hasDataSubject", "dpv:hasNotice", "dct:language", "dpv:hasProcess",
        "dpv:hasConsentStatus", "dpv:hasEntity",
    )],
    *[("dpv:hasRecordOfActivity", 0, "dpv:hasProcess", 0, name) for name in (
        "dpv:hasPurpose", "dpv:hasLegalBasis", "dpv:hasPersonalData", "dpv:hasDataController", "dpv:hasStorageCondition",
        "dpv:hasJurisdiction", "dpv:hasRecipient", "dpv:hasConsentControl",
    )],
    *[("dpv:hasRecordOfActivity", 0, "dpv:hasConsentStatus", 0, name) for name in (
        "dpv:isIndicatedAtTime", "dpv:hasDuration", "dpv:isIndicatedBy", "x-in:eventType", "dpv:hasNotice",
    )],
    *[("dpv:hasEntity", 0, name) for name in ("dpv:hasIdentifier", "dpv:hasName", "dpv:hasAddress", "dpv:hasContact")],
]  # fmt: skip


def test_the_shapes_miss_each_row_that_is_taken_away(cast: Cast) -> None:
    """The shapes can fail: without any one mandatory row a receipt does not pass."""
    whole = json.dumps(document(make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)))
    assert faults(json.loads(whole)) == ""
    for path in MANDATORY:
        without = json.loads(whole)
        place: Any = without
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        assert faults(without) != "", path


def terms(value: Any, context: dict[str, str]) -> Iterator[str]:
    """Every IRI that the document uses."""
    if isinstance(value, list):
        for one in value:
            yield from terms(one, context)
    elif isinstance(value, dict) and value.get("@type") != "@json":
        for key, one in value.items():
            if key in ("@id", "@type"):
                for term in [one] if isinstance(one, str) else one:
                    prefix, _, name = term.partition(":")
                    yield context[prefix] + name if prefix in context else term
            elif not key.startswith("@"):
                prefix, _, name = key.partition(":")
                yield context[prefix] + name
                yield from terms(one, context)


def unlisted(found: dict[str, Any]) -> set[str]:
    """IRIs of a document that are neither in our pack (and so in DPV) nor ours or a standard's."""
    content = packs.load("dpv").content
    prefix = content["prefix"]
    tables = [content["emitted"], content["receipts"]]
    known = {prefix[p] + name for table in tables for p, names in table.items() for name in names}
    said = (term.partition(":") for of in content["says"].values() for term in of.values())
    known |= lists.dpv_terms() | {prefix[p] + name for p, _colon, name in said}
    ours = (dpv.OURS["ex"], prefix["x-in"], iso27560.PROFILE, receipt_facts.HERE)
    standards = (*dpv.STANDARD.values(), *iso27560.SCHEMA.values())
    body = {key: value for key, value in found.items() if key != "@context"}
    return {iri for iri in terms(body, found["@context"]) if not iri.startswith(ours + standards)} - known


def test_every_term_is_listed_in_our_pack(cast: Cast) -> None:
    rows = [*all_kinds(cast), make.consent(cast.emil, cast.purpose_de, open_streams=False)]
    for row in rows:
        assert unlisted(document(row)) == set(), row.kind


@pytest.mark.skipif(not SPECS.is_dir(), reason="the published vocabulary is not beside this checkout")
def test_what_the_pack_lists_for_receipts_is_published() -> None:
    """Uses ../shared: DPV 2.3 as published."""
    prefix = packs.load("dpv").content["prefix"]
    published = {line for file in SPECS.glob("*.csv") for line in _iris(file)}
    listed = {
        prefix[p] + name for p, names in packs.load("dpv").content["receipts"].items() for name in names
    }
    assert listed <= published
    assert {f"{prefix['dpv']}{name}" for name in iso27560.STATES.values()} <= listed


def _iris(file: Path) -> Iterator[str]:
    with file.open(newline="") as rows:
        yield from (row["iri"] for row in csv.DictReader(rows))


def test_every_state_of_the_ledger_has_its_term() -> None:
    assert set(iso27560.STATES) == {code for code, _label in rules.STATUSES}


def test_it_holds_ids_and_no_person(cast: Cast) -> None:
    text = json.dumps([document(row) for row in all_kinds(cast)], ensure_ascii=False)
    for person in (cast.asha, cast.dev, cast.omar, cast.dara):
        assert person.name not in text and person.email not in text and str(person.number) not in text
    assert str(cast.asha.pk) in text


def test_nothing_has_to_be_fetched_to_read_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    found = document(make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False))
    assert all(isinstance(value, str) for value in found["@context"].values())

    def refuse(*_args: Any, **_more: Any) -> None:
        raise AssertionError("it went to the network")

    monkeypatch.setattr("socket.socket.connect", refuse)
    assert len(Graph().parse(data=json.dumps(found), format="json-ld")) > 50


def test_a_later_word_does_not_change_an_earlier_receipt(cast: Cast) -> None:
    row = make.consent(cast.asha, cast.purpose, "ui_event", language="hi", open_streams=False)
    notice = cast.purpose.published_notice()
    text = notice.texts.get(language="hi")
    found = document(row)["dpv:hasRecordOfActivity"][0]
    assert found["dpv:hasNotice"]["schema:sha256"] == text.sha256 and found["dct:language"] == "hi"
    assert found["dpv:hasConsentStatus"][-1]["@type"] == [
        "dpv:ConsentGiven",
        "dpv:ExplicitlyExpressedConsent",
    ]
    assert found["dpv:hasConsentStatus"][-1]["dpv:hasDuration"]["rdf:value"] == "P12M"


def test_a_new_yes_after_a_withdrawal_names_the_record_that_it_replaces(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    ended = ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    again = make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    before = document(ended)["dpv:hasRecordOfActivity"][0]["@id"]
    assert document(again)["dpv:hasRecordOfActivity"][0]["dct:replaces"] == {"@id": before}
