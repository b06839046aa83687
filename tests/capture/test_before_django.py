"""A batch is answered before Django is asked: the same status, the same words, the same headers for programs."""

import gzip
import io
import json
import threading
import time
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from governance.capture import api, gate
from governance.capture.models import Arrival, Intake
from governance.lib import early
from governance.lib.turns import Turns
from tests import make
from tests.cast import Cast

PATH = "/api/v1/batches"
TOLD = ("Content-Type", "Cache-Control", "WWW-Authenticate")


def shortly(
    body: bytes, headers: dict[str, str], method: str = "POST", **more: Any
) -> tuple[int, dict[str, str], Any]:
    """What the door says before Django; the long way raises."""
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": PATH, "QUERY_STRING": "", "HTTP_HOST": "testserver", "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), **more,
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }  # fmt: skip
    heard: list[Any] = []

    def long_way(environ: Any, start_response: Any) -> list[bytes]:
        raise LookupError(environ["wsgi.input"].read())

    said = early.before(long_way, api.DOORS)(
        environ, lambda status, found: heard.append((status, dict(found)))
    )
    status, found = heard[0]
    return int(status.split()[0]), found, json.loads(b"".join(said))


def both(
    client: Client, body: bytes, headers: dict[str, str], kind: str = "application/json"
) -> tuple[int, Any]:
    status, found, said = shortly(body, headers, CONTENT_TYPE=kind)
    long = client.post(PATH, body, content_type=kind, headers=headers)
    assert (status, said) == (long.status_code, long.json())
    assert [found.get(name, "").split(";")[0] for name in TOLD] == [
        long.get(name, "").split(";")[0] for name in TOLD
    ]
    assert ("Retry-After" in found) == ("Retry-After" in long)
    return status, said


def test_both_ways_say_the_same(cast: Cast, client: Client) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    key = {"Authorization": f"Bearer {cast.keys['CP-0001']}"}
    body = make.batch("CP-0001", cast.device.number, [make.event("N-1001"), make.event("N-1002")])
    status, said = both(client, body, key)  # the second is a twin, and hears the first one's answer
    assert (
        status == 202 and said["admitted"] == 1 and said["policy"]["signals"] and Arrival.objects.count() == 1
    )
    tag = said["policy"]["etag"]
    assert both(client, body, key | {"If-None-Match": tag})[1]["policy"] == {"etag": tag}
    packed = gzip.compress(body.replace(json.loads(body)["batch_id"].encode(), str(uuid4()).encode()))
    assert both(client, packed, key | {"Content-Encoding": "gzip"})[1]["admitted"] == 1
    whole = json.loads(body)
    lines = [
        {**{n: v for n, v in whole.items() if n != "events"}, "batch_id": str(uuid4())},
        *whole["events"],
    ]
    folded = "\n".join(map(json.dumps, lines)).encode()
    assert both(client, folded, key, "application/x-ndjson; charset=utf-8")[0] == 202
    for bad, code in (
        (b"{", 400),
        (b"{}", 422),
        (body.replace(b"CP-0001", b"CP-0009"), 404),
        (body.replace(b'"click"', b'"paste"'), 409),
    ):
        assert both(client, bad, key)[0] == code
    assert both(client, body, {"Authorization": "Bearer x"})[0] == 401 == both(client, body, {})[0]
    assert both(client, packed, key | {"Content-Encoding": "br"})[0] == 415


def test_what_has_no_length_or_too_much_is_refused_unread(cast: Cast) -> None:
    key = {"Authorization": f"Bearer {cast.keys['CP-0001']}"}
    assert shortly(b"", key, CONTENT_LENGTH="")[0] == 411
    assert shortly(b"", key, CONTENT_LENGTH="99999999")[0] == 413
    assert shortly(b"x" * 10, key, method="GET")[0] == 405


def test_a_host_that_is_not_ours_goes_the_long_way(cast: Cast) -> None:
    with pytest.raises(LookupError):
        shortly(b"", {}, HTTP_HOST="elsewhere.example")


def test_a_fault_is_the_long_ways_which_gets_the_whole_body(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_things: Any, **_more: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(gate, "admit", broken)
    body = make.batch("CP-0001", cast.device.number, [make.event("N-1001")])
    with pytest.raises(LookupError) as heard:
        shortly(body, {"Authorization": f"Bearer {cast.keys['CP-0001']}"})
    assert heard.value.args == (body,) and not Intake.objects.exists()


def test_the_web_process_has_this_door() -> None:
    from governance import wsgi

    assert wsgi.application.__module__ == early.__name__


def test_whoever_comes_first_goes_first_and_nobody_waits_longer_than_they_want() -> None:
    turns, went = Turns(1), []
    assert turns.take(0) and not turns.take(0.01)

    def stand(number: int) -> None:
        assert turns.take(10)
        went.append(number)
        turns.give()

    line = [threading.Thread(target=stand, args=(number,)) for number in range(5)]
    for thread in line:
        thread.start()
        time.sleep(0.02)
    turns.give()  # and is at once back: it stands behind them
    assert turns.take(10) and went == list(range(5))
    turns.give()
    for thread in line:
        thread.join(10)
    assert turns.take(0) and not turns.take(0)  # what was given up left no turn behind
