"""The register in DPV names nothing that DPV 2.3 does not have, but in our own namespaces."""

import csv
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from governance.lib import packs
from governance.purposes import lists
from governance.purposes.activity import Activity, Item, Keep, Recipient
from governance.purposes.exchange import dpv
from governance.purposes.exchange.cells import Entry
from tests.purposes.exchange.activities import activities

PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "specs" / "dpv"
ON = date(2026, 11, 23)
SALARIES = Activity(
    name="Pay salaries", kind="payroll", people=("employees",), countries=("IN", "DE"), basis_eu="b", art9="b", ground_in="s7i",
    items=(Item(code="salary", name="Salary", dpv="https://w3id.org/dpv/pd#Salary", source="person", why="To pay it"), Item(code="sick", name="Sick notes", category="HL", sensitivity="S4", necessary=False)),
    recipients=(Recipient(name="Samruddhi", kind="processor", country="IN", processor="samruddhi", tool="scc"), Recipient(name="Tax office", kind="authority", country="DE")),
    keeps=(Keep(category="Pay slips", law="EU", minimum="P6Y", maximum="P10Y"),), security=("access_control",), dpia="done", dpia_link="DPIA-1",
    interests_link="LIA-1", training_allowed=True, location="Pune",
)  # fmt: skip
PARTIES = {
    "NSP": {"kind": "entity", "name": "Nirmaan", "country": "IN", "contact": "privacy@nirmaan.example"},
    "samruddhi": {"kind": "processor", "name": "Samruddhi LLP", "country": "IN"},
}


@cache
def published() -> frozenset[str]:
    if not PUBLISHED.is_dir():
        pytest.skip("The published vocabularies are not beside this checkout.")
    return frozenset(row["iri"] for file in PUBLISHED.glob("*.csv") for row in csv.DictReader(file.open()))


@cache
def listed() -> frozenset[str]:
    """What the pack says that the export may name."""
    content = packs.load("dpv").content
    prefix = content["prefix"]
    short = {term for of in content["says"].values() for term in of.values()}
    names = {prefix[p] + name for p, names in content["emitted"].items() for name in names}
    return frozenset(
        names | {prefix[t.partition(":")[0]] + t.partition(":")[2] for t in short} | lists.dpv_terms()
    )


def named(value: Any, context: dict[str, str]) -> Iterator[str]:
    """Every IRI of a document: properties, classes and ids."""
    if isinstance(value, list):
        for one in value:
            yield from named(one, context)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in ("@id", "@type"):
                yield from (whole(term, context) for term in ([one] if isinstance(one, str) else one))
            elif not key.startswith("@"):
                yield whole(key, context)
                yield from named(one, context)


def whole(term: str, context: dict[str, str]) -> str:
    prefix, _, name = term.partition(":")
    assert prefix in context, term
    return context[prefix] + name


def check(document: dict[str, Any], known: frozenset[str]) -> None:
    context = document["@context"]
    ours = (context["ex"], context["x-in"], *dpv.STANDARD.values())
    unknown = {
        iri for iri in named(document["@graph"], context) if not iri.startswith(ours) and iri not in known
    }
    assert not unknown


def test_what_the_pack_lists_is_published() -> None:
    modules = tuple(
        packs.load("dpv").content["prefix"][name] for name in ("dpv", "pd", "eu-gdpr", "legal-in")
    )
    assert {iri for iri in listed() if not iri.startswith(modules)} == set()
    assert listed() <= published()


def test_an_activity_is_said_whole() -> None:
    document = dpv.document(
        [Entry(2, SALARIES, number="P-0002", entity="NSP", state="active", version=3)], PARTIES, on=ON
    )
    check(document, listed())
    by_id = {node["@id"]: node for node in document["@graph"]}
    one = by_id["ex:purpose/P-0002"]
    assert one["@type"] == "dpv:Process" and one["dpv:hasActivityStatus"] == {"@id": "dpv:ActivityOngoing"}
    assert one["dpv:hasPurpose"]["skos:broader"] == {"@id": "dpv:PersonnelPayment"}
    assert one["dpv:hasLegalBasis"] == [
        {"@id": "eu-gdpr:A6-1-b"},
        {"@id": "eu-gdpr:A9-2-b"},
        {"@id": "x-in:S7-i"},
    ]
    salary, sick = one["dpv:hasPersonalData"]
    assert salary["skos:broader"] == {"@id": "pd:Salary"} and salary["dpv:hasNecessity"] == {
        "@id": "dpv:Required"
    }
    assert sick["@type"] == "dpv:SpecialCategoryPersonalData" and sick["dpv:hasNecessity"] == {
        "@id": "dpv:NotRequired"
    }
    assert (
        one["dpv:hasApplicableLaw"][0] == {"@id": "legal-in:law-DPDP"}
        and len(one["dpv:hasApplicableLaw"]) == 2
    )
    assert [
        n["dpv:hasDuration"]["rdf:value"] for n in one["dpv:hasStorageCondition"] if "dpv:hasDuration" in n
    ] == ["P6Y", "P10Y"]
    assert one["dpv:hasThirdCountry"] == [{"@type": "dpv:Country", "dct:identifier": "IN"}]
    assert {
        "@type": "dpv:Transfer",
        "dpv:hasRecipient": {"@id": "ex:processor/samruddhi"},
        "dpv:hasLegalBasis": {"@id": "eu-gdpr:A46-2-c"},
    } in one["dpv:hasProcessing"]
    assert by_id["ex:processor/samruddhi"]["dpv:hasName"] == "Samruddhi LLP" and "x-in:S7-i" in by_id


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(activities())
def test_nothing_is_named_that_is_not_listed(activity: Activity) -> None:
    entry = Entry(2, activity, number="P-0001", entity="NSP", state="draft")
    check(dpv.document([entry], PARTIES, on=ON), listed())
    assert dpv.write([entry], PARTIES, on=ON) == dpv.write([entry], PARTIES, on=ON)


def test_every_code_that_the_export_looks_up_has_a_term() -> None:
    for name, says in packs.load("dpv").content["says"].items():
        if name != "state":
            assert set(says) == set(lists.codes(name)), name
