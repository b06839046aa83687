"""The vault's volume is full: batches are refused with a time to come again, nothing half is there, and with space again
the same batches go in, each once. The volume is a tmpfs of a few MB with a tablespace of its own."""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from governance.capture import streams, vault
from governance.capture.models import Arrival, Intake
from governance.consents import ledger
from governance.consents.models import ConsentRecord
from tests import make
from tests.conftest import World
from tests.servers import cluster

pytestmark = pytest.mark.slow
SPACE = "tiny_vault"


@pytest.fixture
def volume(world: World, tmp_path: Path) -> Iterator[Path]:
    """A volume of 8 MB on which a tablespace lies."""
    place = tmp_path / "volume"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("this machine lets nobody mount a small volume, so none can be full")
    try:
        (place / "space").mkdir(mode=0o700)
        cluster().rung.own(place / "space")
        cluster().psql(f"CREATE TABLESPACE {SPACE} LOCATION '{place / 'space'}'")
        yield place
    finally:
        connections.close_all()
        cluster().psql(f'DROP DATABASE IF EXISTS "{world.main}" WITH (FORCE)')
        cluster().psql(f"DROP TABLESPACE IF EXISTS {SPACE}")
        subprocess.run(["umount", "--lazy", str(place)], check=False)


def _fill(path: Path) -> None:
    """Until nothing more fits."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
        except OSError:
            pass
        try:
            while True:
                file.write(b"\0")
        except OSError:
            pass


def test_a_full_volume_refuses_batches_and_loses_none(world: World, volume: Path) -> None:
    world.sign_in("web")
    cast = world.company()
    make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    world.sign_in("eraser")
    streams.open_waiting()
    world.sign_in("owner")
    with connection.cursor() as cursor:
        cursor.execute("SELECT relid::regclass::text FROM pg_partition_tree('vault.segment') WHERE isleaf")
        parts = [row[0] for row in cursor.fetchall()]
    connections.close_all()
    assert parts
    for part in parts:
        cluster().psql(f"ALTER TABLE {part} SET TABLESPACE {SPACE}", world.main)
    world.sign_in("web")

    def post(body: bytes) -> Any:
        key = cast.keys[cast.programme.number]
        return Client().post(
            "/api/v1/batches", body, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
        )  # fmt: skip

    def batch() -> bytes:
        """Every batch is another, so that packing does not make it small."""
        events = [make.event("N-1001", element={"role": "button", "id": f"a_{number}"}, x=float(number * 100), y=float(uuid.uuid4().int % 900))
                  for number in range(900)]  # fmt: skip
        return make.batch(cast.programme.number, cast.device.number, events)

    assert post(batch()).status_code == 202
    _fill(volume / "filler")
    admitted, refused = 1, b""
    for _round in range(60):
        refused = batch()
        before = (Intake.objects.count(), Arrival.objects.count())
        answer = post(refused)
        if answer.status_code == 503:
            break
        assert answer.status_code == 202
        admitted += 1
    assert answer.status_code == 503 and answer.json()["code"] == "busy"
    assert 1 <= int(answer["Retry-After"]) <= 3
    assert (Intake.objects.count(), Arrival.objects.count()) == before == (admitted, admitted)
    assert post(refused).status_code == 503, "again and again, so long as it is full"

    # What a person says does not wait for the vault's volume.
    make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
    ledger.withdraw_purpose(cast.purpose, by=cast.bela)
    assert not ConsentRecord.objects.filter(person=cast.bela, status="given", ended_at=None).exists()

    (volume / "filler").unlink()
    again = post(refused)
    assert again.status_code == 202 and again.json()["admitted"] == 900
    assert post(refused).json() == again.json(), "counted once"
    admitted += 1
    assert Arrival.objects.count() == admitted
    world.sign_in("exporter")
    found = list(vault.opened(list(Arrival.objects.values_list("stream", flat=True).distinct())))
    assert len(found) == 900 * admitted, "every event is there once, whole"
