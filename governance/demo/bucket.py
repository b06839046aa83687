"""The demo company's training sets: a bucket that keeps every version, as a data team that works with S3 has one.

Sammati reaches it with a key that may do what the map needs, and looks with another that may only read; neither is the
one with which the data team writes here. bucket_server.py is the server.
"""

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from governance.demo import systems as neighbours
from governance.demo.bucket_server import BUCKET
from governance.demo.company import Company
from governance.people.models import Person
from governance.purposes import systems as register_of_systems
from governance.purposes.models import DataSystem
from governance.retention import steering, systems

CODE = "training-sets"
OPTIONS = {
    "bucket": BUCKET, "endpoint_env": "TRAINING_SETS_ENDPOINT", "key_env": "TRAINING_SETS_KEY",
    "read_key_env": "TRAINING_SETS_READ_KEY",
}  # fmt: skip
MAP: dict[str, Any] = {
    "own": ["people/{number}/**"],
    "rows": [{"keys": "sets/*.jsonl", "format": "jsonl", "field": "person", "is": "number", "time": "at"}],
    "text": ["remarks/*.txt"],
}
SETS, REMARKS = "sets/reimbursement.jsonl", "remarks/reimbursement.txt"


def runs() -> bool:
    """Whether this process was told where the bucket is and how the data team writes to it."""
    return bool(os.environ.get("TRAINING_SETS_OWNER_KEY"))


def store() -> Any:
    """A client with the data team's key."""
    known, _colon, hidden = os.environ["TRAINING_SETS_OWNER_KEY"].partition(":")
    return boto3.client(
        "s3", endpoint_url=os.environ["TRAINING_SETS_ENDPOINT"], aws_access_key_id=known, aws_secret_access_key=hidden,
        region_name="us-east-1",
    )  # fmt: skip


def extract(people: Iterable[Person], *, on: datetime | None = None) -> int:
    """Examples of these people are there: their own, a draft that was thrown away, rows in the common set, a remark.

    Returns how many versions and markers were written. Older versions of the common set stay, as in every such bucket.
    """
    on, people, client = on or datetime.now(UTC), list(people), store()
    for person in people:
        own = f"people/{person.number}"
        for pace in (1.2, 1.3):  # computed twice: the first one is an older version now
            _put(client, f"{own}/examples.json", json.dumps({"person": person.number, "pace": pace}))
        _put(client, f"{own}/draft.json", json.dumps({"person": person.number, "steps": []}))
        client.delete_object(Bucket=BUCKET, Key=f"{own}/draft.json")
    rows = [
        json.dumps({"person": person.number, "at": (on - timedelta(minutes=i)).isoformat(timespec="seconds"), "steps": 4 + i})
        for person in people for i in range(3)
    ]  # fmt: skip
    _append(client, SETS, rows)
    _append(
        client, REMARKS, [f"{person.name} attaches the bill before the form is saved." for person in people]
    )
    return 4 * len(people) + 2


def fill_if_empty() -> None:
    """What lay here ended with the server; the data team's nightly job writes what it may still have."""
    if not store().list_objects_v2(Bucket=BUCKET, MaxKeys=1).get("KeyCount"):
        extract(neighbours.taking_part())


def register(company: Company) -> dict[str, DataSystem]:
    """The bucket stands in the register of both entities, is connected and mapped for the purposes of the main job."""
    made = {}
    for entity, purpose, suffix in (
        (company.software, company.purpose, ""),
        (company.gmbh, company.purpose_de, "-de"),
    ):
        system = DataSystem.objects.filter(code=CODE + suffix).first() or register_of_systems.enter(
            entity, by=company.dev, code=CODE + suffix, name="Training sets", country=entity.country, owner=company.omar,
            holds="Examples for agents, per person and in common sets; every version is kept", kind="object_store",
            categories=["CL", "AP"], parts=["people", "sets", "remarks"],
        )  # fmt: skip
        systems.connect(system, "s3", OPTIONS, by=company.dev)
        steering.set_pace(
            system, from_time=None, until_time=None, per_hour=None, backup_days=0, by=company.dev
        )
        systems.confirm_map(system, purpose, MAP, by=company.dev)
        made[CODE + suffix] = system
    return made


def build(company: Company) -> int:
    """Register and fill it, where a bucket runs; returns what was written."""
    if not runs():
        return 0
    register(company)
    return extract(neighbours.taking_part())


def _put(client: Any, key: str, text: str) -> None:
    client.put_object(Bucket=BUCKET, Key=key, Body=text.encode())


def _append(client: Any, key: str, lines: list[str]) -> None:
    try:
        old = client.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    except client.exceptions.NoSuchKey:
        old = ""
    _put(client, key, old + "".join(f"{line}\n" for line in lines))
