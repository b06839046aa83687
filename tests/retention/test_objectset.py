"""A bucket ends as if each of a set had been worked on alone, and each is told the same of what is left."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest

from governance.lib.connectors import Scope
from governance.purposes.models import DataSystem
from governance.retention import erasure, systems, together
from governance.retention.connectors.s3 import CHUNKS, S3Connector
from governance.retention.models import Proof
from tests.retention import at_hand
from tests.retention.conftest import Stage

NOW = datetime.now(UTC).replace(microsecond=0)
MAP: dict[str, Any] = {
    "own": ["people/{number}/**", "mail/{email}.json", "{number}*"],
    "rows": [
        {"keys": "teams/*.csv", "format": "csv", "field": "person", "is": "number", "time": "at"},
        {"keys": "*.jsonl", "format": "jsonl", "field": "user", "is": "email"},
    ],
    "text": ["minutes/*.txt"],
}
PEOPLE = [
    {"number": f"N-{i}", "name": f"{'Zoë' if i % 3 else 'Mia'} Bench{i}", "email": f"z{i}@x.example"}
    for i in range(1, 10)
]


def bucket(
    moto: str, monkeypatch: pytest.MonkeyPatch, dice: random.Random, *, versioned: bool
) -> tuple[S3Connector, Any]:
    """Objects of everybody's, some twice; tables, lines and minutes of many, each in three versions; an unfinished upload."""
    name = f"set-{uuid.uuid4().hex[:10]}"
    for key, value in {
        "BUCKET_KEY": "key:hidden",
        "BUCKET_READ_KEY": "reader:hidden",
        "BUCKET_ENDPOINT": moto,
    }.items():
        monkeypatch.setenv(key, value)
    store = boto3.client("s3", endpoint_url=moto, aws_access_key_id="owner", aws_secret_access_key="x", region_name="us-east-1")  # fmt: skip
    store.create_bucket(Bucket=name)
    if versioned:
        store.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    def put(key: str, text: str) -> None:
        store.put_object(Bucket=name, Key=key, Body=text.encode())

    for one in PEOPLE:
        put(f"people/{one['number']}/a.json", "1")
        put(f"people/{one['number']}9/a.json", "another's, whose number goes on")
        put(f"mail/{one['email']}.json", "2")
        if dice.random() < 0.5:
            put(f"people/{one['number']}/a.json", "3")
            store.delete_object(Bucket=name, Key=f"mail/{one['email']}.json")
    store.create_multipart_upload(Bucket=name, Key=f"people/{PEOPLE[0]['number']}/half.bin")
    for _version in range(3):
        for key in ("teams/a.csv", "teams/b.csv"):
            rows = [
                f"{dice.choice(PEOPLE)['number']},{(NOW + timedelta(days=dice.randrange(-4, 4))).isoformat()}"
                for _ in range(15)
            ]
            put(key, "\n".join(["person,at", *rows]) + "\n")
        put(
            "lines.jsonl",
            "".join(f'{{"user": "{dice.choice(PEOPLE)["email"]}", "n": {n}}}\n' for n in range(15)),
        )
        put(
            "minutes/may.txt", f"{dice.choice(PEOPLE)['name']} met {dice.choice(PEOPLE)['number']} – again.\n"
        )
    put("attic/copy.txt", f"{PEOPLE[1]['email']} was copied here, and no map says so")
    return S3Connector({**at_hand.BUCKET, "bucket": name}, MAP), store


def contents(connector: S3Connector, store: Any) -> list[tuple[str, bytes]]:
    """Every version of every object, markers too, without the store's own ids."""
    name = connector.options["bucket"]
    told = store.list_object_versions(Bucket=name)
    here = [(row["Key"], store.get_object(Bucket=name, Key=row["Key"], VersionId=row["VersionId"])["Body"].read()) for row in told.get("Versions", ())]  # fmt: skip
    here += [(row["Key"], b"marker") for row in told.get("DeleteMarkers", ())]
    return sorted(
        here
        + [(row["Key"], b"upload") for row in store.list_multipart_uploads(Bucket=name).get("Uploads", ())]
    )


@pytest.mark.slow
@pytest.mark.parametrize("versioned", [True, False], ids=["versions", "no versions"])
def test_a_bucket_ends_as_if_each_had_been_worked_on_alone(
    moto: str, monkeypatch: pytest.MonkeyPatch, versioned: bool
) -> None:
    scopes = [
        Scope(uuid4(), None, (), NOW + timedelta(days=1 + i % 2), one) for i, one in enumerate(PEOPLE[:5])
    ]
    works = [(scope, chunk) for chunk in CHUNKS for scope in scopes]
    alone, store = bucket(moto, monkeypatch, random.Random(versioned), versioned=versioned)
    counts = [alone.count(*work) for work in works]
    said_alone = [alone.erase(*work) for work in works]
    set_, _store = bucket(moto, monkeypatch, random.Random(versioned), versioned=versioned)
    assert set_.count_all(works) == counts and sum(counts) > 20
    done = set_.erase_all(works)
    # Alone, an older version of two people's goes with the first of them, and the second finds it gone.
    assert [one.count for one in done] == counts
    assert [(one.method, one.kept) for one in done] == [(one.method, one.kept) for one in said_alone]
    assert contents(set_, store) == contents(alone, store)
    assert set_.count_all(works) == [set_.count(*work) for work in works] == [0] * len(works)
    read = set_.residues(scopes)
    assert read == [set_.residue(scope) for scope in scopes]
    assert [found.count for found in read] == [0, 1, 0, 0, 0] and read[1].where == ("attic/copy.txt",)
    there = {key for key, _body in contents(set_, store)}
    assert {f"people/{one['number']}9/a.json" for one in PEOPLE} <= there, (
        "a number that goes on is another's"
    )


def test_what_came_after_the_cut_off_stays_and_is_said_to(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connector, store = bucket(moto, monkeypatch, random.Random(1), versioned=True)
    scopes = [Scope(uuid4(), None, (), NOW - timedelta(days=9), one) for one in PEOPLE[1:4]]
    works = [(scope, "own objects") for scope in scopes]
    before = contents(connector, store)
    done = connector.erase_all(works)
    assert [one.count for one in done] == [0, 0, 0] and contents(connector, store) == before
    assert [one.kept for one in done] == [connector.erase(*work).kept for work in works] and all(
        one.kept for one in done
    )


def test_an_order_of_many_stays_a_set_where_a_bucket_is_among_its_systems(
    stage: Stage, moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, _store = at_hand.bucket(moto, monkeypatch)
    stage.world.sign_in("web")
    more = DataSystem.objects.create(
        code="sets", name="Sets", holds="traces", country="IN", entity=stage.cast.software
    )
    systems.connect(more, "s3", case.options, by=stage.cast.dev)
    systems.confirm_map(more, stage.cast.purpose, case.map, by=stage.cast.dev)
    orders = [stage.withdraw_without_capture(name) for name in ("asha", "bela")]
    left: list[Any] = []
    monkeypatch.setattr(erasure, "go_on", lambda claim, **_more: left.append(claim))
    stage.world.sign_in("eraser")
    together.carry_out([order.pk for order in orders])
    assert not left, "nobody left the set"
    for order in orders:
        order.refresh_from_db()
        proof = Proof.objects.get(order=order, system=more)
        assert order.state == "done" and proof.found_before == proof.erased > 0 and proof.found_after == 0
