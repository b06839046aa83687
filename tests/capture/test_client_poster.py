"""The poster accounts for every event, asks again with the same batch, and never dates an event ahead of
the clock."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from governance.capture.client.__main__ import main
from governance.capture.client.events import RawEvent
from governance.capture.client.poster import (
    BatchRefused,
    GateAway,
    GateMiscounted,
    LiveClock,
    Poster,
    rfc3339,
)

OURS = Path(__file__).parents[2] / "governance" / "demo" / "logs"
Script = Callable[[dict[str, Any], int], tuple[int, dict[str, Any] | bytes, dict[str, str]] | None]


def admit_half(batch: dict[str, Any], times: int) -> tuple[int, dict[str, Any], dict[str, str]]:
    events = len(batch["events"])
    turned = {"not_permitted": events - events // 2} if events else {}
    return (
        202,
        {
            "batch_id": batch["batch_id"],
            "admitted": events // 2,
            "turned_away": turned,
            "bytes_kept": 10 * events,
            "segments": 1,
        },
        {},
    )


class Gate:
    """A gate of the agreed form that follows a script; `seen` are the bodies, in order."""

    def __init__(self) -> None:
        self.script: Script = admit_half
        self.seen: list[bytes] = []
        self.keys: list[str] = []
        self.connections = 0
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                gate.connections += 1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                gate.seen.append(body)
                gate.keys.append(f"{self.path} {self.headers['Authorization']}")
                answer = gate.script(json.loads(body), len(gate.seen))
                if answer is None:
                    self.close_connection = True
                    return
                status, content, headers = answer
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, text in headers.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *rest: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.stop()


def clicks(count: int, **more: Any) -> list[RawEvent]:
    return [
        RawEvent(signal="ui_event", action="click", application="Chrome", user="N-1", **more)
        for _ in range(count)
    ]


def poster(gate: Gate, **more: Any) -> Poster:
    return Poster(gate.url, "k" * 20, programme="CP-0001", device="D-1", sleep=lambda seconds: None, **more)


def test_every_event_is_admitted_or_turned_away(gate: Gate):
    with poster(gate, batch_events=400) as client:
        totals = client.post(clicks(1001))
    assert (totals.posted, totals.batches) == (1001, 3)
    assert totals.posted == totals.admitted + sum(totals.turned_away.values())
    assert totals.bytes_kept == 10_010
    assert gate.connections == 1
    assert set(gate.keys) == {"/api/v1/batches Bearer " + "k" * 20}
    batches = [json.loads(body) for body in gate.seen]
    assert [len(batch["events"]) for batch in batches] == [400, 400, 201]
    assert len({batch["batch_id"] for batch in batches}) == 3
    assert {(batch["programme"], batch["device"]) for batch in batches} == {("CP-0001", "D-1")}


def test_events_are_dated_in_order_and_never_ahead(gate: Gate):
    with poster(gate, batch_events=1000) as client:
        client.post(clicks(2500))
    stamps = [event["at"] for body in gate.seen for event in json.loads(body)["events"]]
    assert stamps == sorted(set(stamps))
    assert stamps[-1] <= datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_the_clock_waits_rather_than_run_ahead():
    moments = iter([1_000_000, 1_000_000, 1_000_003, 1_000_004])
    clock = LiveClock(now=lambda: next(moments))
    assert list(clock.stamps(3)) == [999_998, 999_999, 1_000_000]
    assert list(clock.stamps(4)) == [1_000_001, 1_000_002, 1_000_003, 1_000_004]
    assert rfc3339(1) == "1970-01-01T00:00:00.000001Z"


def test_a_batch_is_posted_again_with_the_same_bytes(gate: Gate):
    answers: list[Any] = [None, (503, b"", {}), (429, b"", {"Retry-After": "2"}), (500, b"oops", {})]
    gate.script = lambda batch, times: answers[times - 1] if times <= 4 else admit_half(batch, times)
    waits: list[float] = []
    client = Poster(gate.url, "key", programme="P", device="D", sleep=waits.append)
    totals = client.post(clicks(10))
    client.close()
    assert (totals.posted, totals.retries) == (10, 4)
    assert len(set(gate.seen)) == 1 and len(gate.seen) == 5
    assert waits[0] == 0.0 and waits[2] == 2.0


def test_a_gate_that_stays_away_is_given_up(gate: Gate):
    gate.script = lambda batch, times: (503, b"", {"Retry-After": "junk"})
    client = poster(gate, attempts=3)
    with pytest.raises(GateAway, match="in 3 attempts"):
        client.post(clicks(1))
    client.close()
    assert len(gate.seen) == 3


def test_a_refused_batch_is_not_posted_again(gate: Gate):
    gate.script = lambda batch, times: (
        admit_half(batch, times)
        if times == 1
        else (403, {"code": "programme_paused", "detail": "It is paused."}, {})
    )
    client = poster(gate, batch_events=10)
    with pytest.raises(BatchRefused) as refused:
        client.post(clicks(30))
    client.close()
    assert (refused.value.status, refused.value.code) == (403, "programme_paused")
    assert (len(gate.seen), client.totals.posted) == (2, 10)


@pytest.mark.parametrize("answer", [b"{}", b"<html>", b'{"batch_id":"x","admitted":1,"turned_away":{}}'])
def test_an_answer_that_does_not_add_up_is_no_answer(gate: Gate, answer: bytes):
    gate.script = lambda batch, times: (202, answer, {})
    client = poster(gate)
    with pytest.raises(GateMiscounted):
        client.post(clicks(2))
    client.close()


def test_batches_stay_below_two_megabytes(gate: Gate):
    with poster(gate) as client:
        totals = client.post([*clicks(9, html="é" * 300_000), *clicks(1, html="x" * 2_100_000), *clicks(1)])
    assert (totals.posted, totals.too_large) == (10, 1)
    assert max(map(len, gate.seen)) <= 2_000_000


def test_an_event_without_a_person_is_not_posted(gate: Gate):
    with poster(gate) as client, pytest.raises(ValueError, match="for_user"):
        client.post([RawEvent(signal="ui_event", action="click", application="Chrome")])
    assert gate.seen == []


def test_the_command_posts_files_and_prints_the_counts(gate: Gate, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setenv("SAMMATI_CLIENT_KEY", "from-the-environment")
    common = ["--url", gate.url, "--programme", "CP-0001", "--device", "D-1", "--user", "N-1"]
    assert main([*common, "--user", "N-2", str(OURS / "expenses.csv"), str(OURS / "mouse")]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert counts["posted"] == counts["admitted"] + sum(counts["turned_away"].values()) > 400
    assert gate.keys[0].endswith("Bearer from-the-environment")
    other = tmp_path / "other.csv"
    other.write_text("name,age\n", encoding="utf-8")
    assert main([*common, str(other)]) == 2
    assert "is no UI log" in capsys.readouterr().err
