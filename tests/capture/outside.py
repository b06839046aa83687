"""A company whose vault keeps its segments in a bucket with versions, on a real S3 server that enforces each key's policy."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest
import requests
from django.conf import settings
from django.db import connection, connections
from django.db.models import F

from governance.capture import blobs_s3, streams
from governance.capture.models import Arrival
from governance.demo import systems as demo
from governance.purposes import systems as register_of_systems
from governance.retention import systems
from tests import make
from tests.cast import Cast
from tests.conftest import World
from tests.retention.conftest import moto

__all__ = ["moto", "outside"]


@dataclass
class Outside:
    """The company, whose vault keeps its segments in a bucket with versions."""

    world: World
    cast: Cast
    bucket: str
    endpoint: str
    store: Any  # a boto3 client of the bucket's owner
    keys: dict[str, str]  # process → "id:secret"
    patch: pytest.MonkeyPatch

    def sign_in(self, process: str) -> None:
        """This process's database login and its key to the bucket, and no other."""
        self.world.sign_in(process)
        self.patch.setenv("SAMMATI_BLOBS_KEY", self.keys.get(process, ":"))

    def admit(self, *events: dict[str, Any]) -> dict[str, Any]:
        self.sign_in("web")
        return make.post(self.cast, *(events or [make.event("N-1001")]))

    def client(self, process: str) -> Any:
        """A boto3 client with this process's own key."""
        return client_of("s3", self.endpoint, self.keys[process])

    def lying(self) -> list[str]:
        """Keys of every version and delete marker."""
        found = self.store.list_object_versions(Bucket=self.bucket)
        return [row["Key"] for kind in ("Versions", "DeleteMarkers") for row in found.get(kind, ())]

    def make_older(self) -> None:
        self.world.sign_in("owner")
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE vault_owner")
            cursor.execute("UPDATE vault.segment SET admitted_at = admitted_at - interval '2 hours'")
            cursor.execute("RESET ROLE")
        Arrival.objects.update(admitted_at=F("admitted_at") - timedelta(hours=2))


def client_of(kind: str, endpoint: str, key: str) -> Any:
    known, _colon, hidden = key.partition(":")
    return boto3.client(
        kind,
        endpoint_url=endpoint,
        aws_access_key_id=known,
        aws_secret_access_key=hidden,
        region_name="us-east-1",
    )


@pytest.fixture
def outside(world: World, moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    """Every process's key may do what `vault_objects --policy` prints, and the server holds it to that."""
    bucket = f"vault-{uuid.uuid4().hex[:8]}"
    store, people = (client_of(kind, moto, "owner:hidden") for kind in ("s3", "iam"))
    store.create_bucket(Bucket=bucket)
    store.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    keys = {}
    for process in ("web", "exporter", "eraser", "mover", "nobody", "owner"):
        name = f"{process}-{bucket}"
        people.create_user(UserName=name)
        if process in blobs_s3.MAY:
            policy = blobs_s3.policy(process, bucket)
        else:
            effect = "Allow" if process == "owner" else "Deny"
            policy = {
                "Version": "2012-10-17",
                "Statement": [{"Effect": effect, "Action": "*", "Resource": "*"}],
            }
        people.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
        made = people.create_access_key(UserName=name)["AccessKey"]
        keys[process] = f"{made['AccessKeyId']}:{made['SecretAccessKey']}"
    requests.post(f"{moto}/moto-api/reset-auth", data=b"0", timeout=10)  # from now on it asks who may
    monkeypatch.setattr(settings, "BLOBS_BUCKET", bucket)
    monkeypatch.setenv("SAMMATI_BLOBS_ENDPOINT", moto)
    made = Outside(world, None, bucket, moto, client_of("s3", moto, keys["owner"]), keys, monkeypatch)  # type: ignore[arg-type]
    made.sign_in("web")
    made.cast = world.company()
    system = register_of_systems.enter(
        made.cast.software, by=made.cast.dev, code="vault", name="Vault", holds="Sealed segments", country="IN",
        owner=made.cast.omar, **demo.ABOUT["vault"],
    )  # fmt: skip
    systems.connect(system, "vault", {}, by=made.cast.dev)
    made.cast.purpose.systems.add(system)
    make.consent(made.cast.asha, made.cast.purpose, "ui_event", open_streams=False)
    made.sign_in("eraser")
    streams.open_waiting()
    try:
        yield made
    finally:
        requests.post(f"{moto}/moto-api/reset-auth", data=b"Infinity", timeout=10)
        connections.close_all()
