"""Segments as objects of a real S3 server that enforces each process's own policy, on the real database logins."""

import os
import signal
import uuid
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from governance.audit.models import Entry
from governance.capture import blobs, reconciling, vault
from governance.capture.models import Arrival, Intake
from governance.consents import ledger
from governance.exports import own
from governance.lib.connectors import SystemAway
from governance.people.models import Message
from governance.retention import erasure
from governance.retention.models import ErasureOrder, Proof, Step
from tests import make
from tests.capture.outside import Outside, moto, outside

__all__ = ["moto", "outside"]


def withdrawn(outside: Outside) -> ErasureOrder:
    outside.sign_in("web")
    ledger.withdraw_purpose(outside.cast.purpose, by=outside.cast.asha)
    return ErasureOrder.objects.filter(person=outside.cast.asha).latest("created_at")


def test_what_is_admitted_lies_outside_and_opens_for_the_exporter_alone(outside: Outside) -> None:
    answer = outside.admit()
    assert answer["admitted"] == 1 and answer["bytes_kept"] > 0
    arrival = Arrival.objects.get()
    assert outside.lying() == [f"{arrival.stream}/{arrival.segment}"]
    body = outside.store.get_object(Bucket=outside.bucket, Key=outside.lying()[0])["Body"].read()
    assert b"click" not in body and len(body) == answer["bytes_kept"]
    outside.sign_in("exporter")
    assert [event["action"] for event in vault.opened([arrival.stream])] == ["click"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed, blob_bytes FROM vault.segment")
        assert cursor.fetchall() == [(None, len(body))]


@pytest.mark.parametrize("process", ["web", "exporter", "eraser"])
def test_each_process_may_do_its_own_part_at_the_store_and_no_other(outside: Outside, process: str) -> None:
    outside.admit()
    key = outside.lying()[0]
    mine = outside.client(process)
    tried = {
        "put": lambda: mine.put_object(Bucket=outside.bucket, Key="x/y", Body=b"."),
        "get": lambda: mine.get_object(Bucket=outside.bucket, Key=key),
        "list": lambda: mine.list_object_versions(Bucket=outside.bucket),
        "delete": lambda: mine.delete_object(Bucket=outside.bucket, Key=key),
    }
    allowed = set()
    for name, act in tried.items():
        try:
            act()
            allowed.add(name)
        except ClientError as error:
            assert error.response["Error"]["Code"] in ("AccessDenied", "403")
    assert allowed == {"web": {"put"}, "exporter": {"get"}, "eraser": {"list", "delete"}}[process]


def test_a_batch_whose_object_is_not_durable_is_not_admitted(outside: Outside, settings: Any) -> None:
    """The store is away: the client hears 503 and when to come back; nothing half is there; later the same batch goes in."""
    from django.test import Client

    batch = uuid.uuid4()
    body = make.batch(
        outside.cast.programme.number, outside.cast.device.number, [make.event("N-1001")], batch
    )

    def post() -> Any:
        key = outside.cast.keys[outside.cast.programme.number]
        return Client().post("/api/v1/batches", body, content_type="application/json", headers={"Authorization": f"Bearer {key}"})  # fmt: skip

    outside.sign_in("web")
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", "http://127.0.0.1:9")
    refused = post()
    assert refused.status_code == 503 and refused.json()["code"] == "busy" and refused["Retry-After"]
    assert not Intake.objects.exists() and not Arrival.objects.exists() and not outside.lying()
    outside.patch.setenv("SAMMATI_BLOBS_KEY", "")
    assert post().status_code == 503, "a process without a key admits nothing either"
    outside.sign_in("web")
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", outside.endpoint)
    assert post().json()["admitted"] == 1 and len(outside.lying()) == 1
    assert post().json()["admitted"] == 1 and len(outside.lying()) == 1, (
        "the same answer, and no second object"
    )


def test_killed_between_put_and_commit_leaves_an_object_that_is_swept_and_a_batch_that_goes_in(
    outside: Outside,
) -> None:
    outside.sign_in("web")
    batch = uuid.uuid4()
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            # After a browser walk in this process Django looks for the connections of a running event loop, and in a
            # child, where none runs, finds others: the child signs in for itself.
            outside.sign_in("web")
            put_all = blobs.put_all

            def and_die(*args: Any) -> None:
                put_all(*args)
                os.kill(os.getpid(), signal.SIGKILL)

            blobs.put_all = and_die
            make.post(outside.cast, make.event("N-1001"), batch_id=batch)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    orphan = outside.lying()
    assert len(orphan) == 1 and not Arrival.objects.exists() and not Intake.objects.exists()
    assert make.post(outside.cast, make.event("N-1001"), batch_id=batch)["admitted"] == 1
    living = sorted(set(outside.lying()) - set(orphan))

    outside.sign_in("eraser")
    assert reconciling.reconcile_and_record() == reconciling.Reconciled(), (
        "what is young may belong to a batch under way"
    )
    outside.patch.setattr(reconciling, "YOUNG", timedelta(seconds=-5))
    assert reconciling.reconcile_and_record() == reconciling.Reconciled(blobs_without_row=1)
    assert outside.lying() == living
    assert Entry.objects.filter(code="vault.object_swept", about_id=blobs.segment_of(orphan[0])).count() == 1
    outside.sign_in("web")
    assert Message.objects.filter(person=outside.cast.dev, code="blobs_differ").count() == 1


def test_a_row_that_lost_its_object_is_named_removed_and_never_taken_for_content(
    outside: Outside, capsys: Any
) -> None:
    outside.admit()
    outside.admit()
    lost, kept = sorted(outside.lying())
    stream = Arrival.objects.first().stream  # type: ignore[union-attr]
    outside.store.delete_object(Bucket=outside.bucket, Key=lost)  # somebody: now a marker hides it
    outside.sign_in("exporter")
    with pytest.raises(blobs.NoBlob):
        list(vault.opened([stream]))
    outside.make_older()
    outside.sign_in("eraser")
    outside.patch.setattr(settings, "PROCESS", "eraser")
    call_command("vault_objects")
    said = capsys.readouterr().out
    assert said.startswith("0 objects without a row, deleted; 1 rows without their object, 1 of them removed")
    entry = Entry.objects.get(code="vault.object_lost")
    assert entry.about_id == blobs.segment_of(lost) and entry.facts["stream"] == str(stream)
    outside.sign_in("exporter")
    assert len(list(vault.opened([stream]))) == 1
    outside.store.put_object(Bucket=outside.bucket, Key=kept, Body=b"another content")
    with pytest.raises(blobs.NoBlob):
        list(vault.opened([stream]))


def test_a_wrong_bucket_takes_no_row_away(outside: Outside) -> None:
    for _one in range(3):
        outside.admit()
    outside.make_older()
    outside.sign_in("eraser")
    outside.patch.setattr(reconciling, "LOST_ALONE", 2)
    outside.patch.setattr(settings, "BLOBS_PREFIX", "elsewhere/")
    found = reconciling.reconcile_and_record()
    assert found == reconciling.Reconciled(rows_without_blob=0) or found == reconciling.Reconciled(
        rows_without_blob=3
    )
    outside.sign_in("web")
    assert Arrival.objects.count() == 3


def test_a_withdrawal_erases_every_version_and_marker_and_reads_back(outside: Outside) -> None:
    outside.admit()
    arrival = Arrival.objects.get()
    key = outside.lying()[0]
    outside.store.delete_object(Bucket=outside.bucket, Key=key)  # a marker
    outside.store.put_object(Bucket=outside.bucket, Key=key, Body=b"newer")  # a second version
    outside.store.put_object(
        Bucket=outside.bucket, Key=f"{arrival.stream}/{uuid.uuid4()}", Body=b"no row knows of it"
    )
    other = f"{uuid.uuid4()}/{uuid.uuid4()}"
    outside.store.put_object(Bucket=outside.bucket, Key=other, Body=b"somebody else's")
    order = withdrawn(outside)

    outside.sign_in("eraser")
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", "http://127.0.0.1:9")
    assert erasure.carry_out(order.pk) != "done", "a store that does not answer is not an empty one"
    assert not Proof.objects.filter(order=order).exists()
    assert Arrival.objects.exists(), "the row is still there to say that there is something to do"

    outside.sign_in("owner")
    ErasureOrder.objects.filter(pk=order.pk).update(try_after=order.created_at, lease_until=None)
    outside.sign_in("eraser")
    outside.patch.setenv("SAMMATI_BLOBS_ENDPOINT", outside.endpoint)
    state = erasure.carry_out(order.pk)
    assert state == "done", list(
        Step.objects.filter(order=order).values_list("system__name", "state", "fault", "residue")
    )
    assert outside.lying() == [other] and not Arrival.objects.exists()
    looked = [place for proof in Proof.objects.filter(order=order) for place in proof.looked_at]
    assert "the object store by stream, every version and delete marker" in looked


def test_what_was_put_back_is_found_by_reading_back(outside: Outside) -> None:
    outside.admit()
    arrival = Arrival.objects.get()
    scope = withdrawn(outside).scope()
    outside.sign_in("eraser")
    connector = vault.VaultConnector({}, {})
    for chunk in connector.chunks(scope):
        connector.erase(scope, chunk)
    assert connector.residue(scope).count == 0
    outside.store.put_object(Bucket=outside.bucket, Key=f"{arrival.stream}/{arrival.segment}", Body=b"a copy")
    found = connector.residue(scope)
    assert found.count == 1 and found.where == ("objects",)


def test_deleting_ones_own_last_hour_deletes_the_objects_and_nothing_else(outside: Outside) -> None:
    outside.admit()
    outside.make_older()
    old = outside.lying()
    outside.admit()
    outside.sign_in("web")
    deletion = own.delete(outside.cast.purpose, "hour", by=outside.cast.asha)
    outside.sign_in("eraser")
    assert own.carry_out_deletions() == 1
    deletion.refresh_from_db()
    assert deletion.state == "done" and outside.lying() == old


def test_rows_that_name_objects_are_not_erased_where_no_store_is_set(outside: Outside) -> None:
    outside.admit()
    order = withdrawn(outside)
    outside.patch.setattr(settings, "BLOBS_BUCKET", "")
    outside.sign_in("eraser")
    with pytest.raises(SystemAway):
        vault.VaultConnector({}, {}).erase(order.scope(), str(Arrival.objects.get().stream))
    assert len(outside.lying()) == 1
