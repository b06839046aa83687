"""What a stranger can do to the gate over a real connection: a body of 100 MB, one in pieces, one that breaks off, very many
tiny batches. Each is answered with a reason that the client gets, or leaves nothing; and every event counts once."""

import gc
import http.client
import json
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pytest
from django.db import connection, connections

from governance.capture import turned_away, vault
from governance.capture.models import Arrival, Client, Excess, Intake, TurnedAway
from governance.setup import web
from tests import make
from tests.bench.gate import _wait_for
from tests.bench.serving import served
from tests.cast import Cast
from tests.conftest import World, fresh_world

pytestmark = pytest.mark.slow
NIGHT = bool(os.environ.get("SAMMATI_NIGHT"))
TINY = 20_000 if NIGHT else 1_000
ANSWERED = 1_000_000 if NIGHT else 30_000
MB = 1_000_000


class Gate(NamedTuple):
    world: World
    cast: Cast
    port: int

    def post(self, body: bytes | Iterable[bytes], key: str = "") -> tuple[int, dict[str, Any]]:
        """As a plain client does: send all of it, and only then read."""
        door = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        head = {
            "Authorization": f"Bearer {key or self.key}",
            "Content-Type": "application/json",
        }
        try:
            door.request("POST", "/api/v1/batches", body=body, headers=head)
            answer = door.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            door.close()

    @property
    def key(self) -> str:
        return self.cast.keys[self.cast.programme.number]

    def batch(self, *events: dict[str, Any]) -> bytes:
        return make.batch(self.cast.programme.number, self.cast.device.number, list(events))


@pytest.fixture(scope="module")
def gate(django_db_setup: None, django_db_blocker: Any) -> Iterator[Gate]:
    with fresh_world(django_db_blocker) as world:
        world.sign_in("owner")
        cast = world.company()
        make.consent(cast.asha, cast.purpose, "ui_event")
        world.sign_in("web")
        command = web.command("PORT", workers=1)
        with served(command, world.environment("web") | {"SAMMATI_PLAIN_STATIC": "1"}) as port:
            _wait_for(port)
            yield Gate(world, cast, port)


def stored() -> tuple[int, int]:
    return Intake.objects.count(), Arrival.objects.count()


def pieces() -> Iterator[bytes]:
    for _piece in range(100):
        yield b" " * MB


def test_a_batch_of_100_mb_is_refused_with_a_reason_that_its_client_gets(gate: Gate) -> None:
    before = stored()
    for body in (b" " * 100 * MB, gate.batch(*[make.event("N-1001")] * 20_000)):
        status, said = gate.post(body)
        assert (status, said["code"]) == (413, "too_large") and said["detail"]
    status, said = gate.post(pieces())  # nobody says how long it is
    assert (status, said["code"]) == (411, "no_length") and said["detail"]
    assert stored() == before
    status, said = gate.post(gate.batch(make.event("N-1001")))
    assert status == 202 and said["admitted"] == 1, "the next one is not kept waiting"


def test_without_a_key_a_whole_batch_is_heard_out_and_no_more(gate: Gate) -> None:
    status, said = gate.post(b" " * 2 * MB, key="wrong")
    assert (status, said["code"]) == (401, "no_client")
    with pytest.raises(OSError):  # who has no key is not listened to for long
        gate.post(b" " * 100 * MB, key="wrong")


def test_a_batch_that_breaks_off_leaves_nothing_and_goes_in_when_it_comes_again(gate: Gate) -> None:
    body, before = gate.batch(make.event("N-1001")), stored()
    with socket.create_connection(("127.0.0.1", gate.port), timeout=30) as door:
        head = f"POST /api/v1/batches HTTP/1.1\r\nHost: 127.0.0.1:{gate.port}\r\nAuthorization: Bearer {gate.key}\r\n"
        door.sendall(
            f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body[:-40]
        )
    time.sleep(0.5)
    assert stored() == before
    assert [gate.post(body)[1]["admitted"] for _twice in range(2)] == [1, 1]
    assert stored() == (before[0] + 1, before[1] + 1)


def test_very_many_tiny_batches_are_each_counted_once(gate: Gate) -> None:
    """A client without any sense: one event a batch, over four connections at once, every tenth sent twice."""
    before, answers, faults = stored(), Counter[int](), []

    def keep_posting() -> None:
        door = http.client.HTTPConnection("127.0.0.1", gate.port, timeout=60)
        head = {"Authorization": f"Bearer {gate.key}", "Content-Type": "application/json"}
        try:
            for number in range(TINY // 4):
                body = gate.batch(make.event("N-1001"))
                for _again in range(2 if number % 10 == 0 else 1):
                    while True:
                        door.request("POST", "/api/v1/batches", body=body, headers=head)
                        answer = door.getresponse()
                        said = json.loads(answer.read())
                        if answer.status != 503:
                            break
                        time.sleep(float(answer.headers["Retry-After"]))
                    assert answer.status == 202 and said["admitted"] == 1
                answers[answer.status] += 1
        except Exception as fault:
            faults.append(fault)
        finally:
            door.close()

    threads = [threading.Thread(target=keep_posting) for _one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults and answers == {202: TINY}
    assert stored() == (before[0] + TINY, before[1] + TINY)
    streams = list(Arrival.objects.values_list("stream", flat=True).distinct())
    gate.world.sign_in("exporter")
    assert sum(1 for _event in vault.opened(streams)) == Arrival.objects.count(), "there once, and whole"
    gate.world.sign_in("web")


def test_the_answers_to_a_million_batches_are_counted_in_bounded_memory(gate: Gate) -> None:
    """Written as rows, never posted: what comes after them must not depend on how many there are."""
    client = Client.objects.get(programme=gate.cast.programme)
    gate.world.sign_in("worker")
    turned_away.count()
    before = dict(TurnedAway.objects.filter(programme=client.programme_id).values_list("code", "count"))
    gate.world.sign_in("owner")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO capture_intake (client_id, batch_id, body_sha256, answer, excess) SELECT %s, gen_random_uuid(), '\\x00',"
            """ '{"admitted": 0, "turned_away": {"not_declared": 1}}', '{"typed_text": 1}' FROM generate_series(1, %s)""",
            [client.pk, ANSWERED],
        )
    gate.world.sign_in("worker")
    gc.collect()
    began = _memory()
    assert turned_away.count() == ANSWERED and turned_away.count() == 0
    assert _memory() - began < 120, "MB"
    now = TurnedAway.objects.get(programme=client.programme_id, code="not_declared").count
    assert now - before.get("not_declared", 0) == ANSWERED
    assert Excess.objects.get(programme=client.programme_id, signal="typed_text", field="").events >= ANSWERED
    connections.close_all()
    gate.world.sign_in("web")
    began_at = time.monotonic()
    status, said = gate.post(gate.batch(make.event("N-1001")))
    assert (status, said["admitted"]) == (202, 1) and time.monotonic() - began_at < 2


def _memory() -> float:
    """MB of this process that are in use now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
