"""Clients that ask the same kind of thing again and again on connections that stay; in a process of its own.

The job comes as JSON: {"kind", "port", "clients", "seconds", "people", and for us "key", "purpose", "words"}. Every
person of `people` is taken once by what writes, and in turn by what reads.
"""

import itertools
import json
import re
import socket
import sys
import threading
import time
from collections import Counter
from typing import Any
from uuid import uuid4

SIGNALS = ["ui_event", "app_usage", "window_title", "clipboard"]
WARM = 1.5  # seconds that are not counted
Request = tuple[str, str, str | None, dict[str, str]]


def single(job: dict[str, Any], person: str) -> list[Request]:
    path = f"/api/v1/decisions?person={person}&purpose={job['purpose']}&signal=ui_event"
    return [("GET", path, None, ours(job))]


def batch(job: dict[str, Any], person: str) -> list[Request]:
    body = {"purpose": job["purpose"], "people": job["people"], "signals": SIGNALS}
    return [("POST", "/api/v1/decisions", json.dumps(body), ours(job))]


def write(job: dict[str, Any], person: str) -> list[Request]:
    body = job["words"] | {"person": person, "purpose": job["purpose"], "signals": ["ui_event"]}
    return [("POST", "/api/v1/consents", json.dumps(body), ours(job) | {"Idempotency-Key": str(uuid4())})]


def end(job: dict[str, Any], person: str) -> list[Request]:
    body = {"person": person, "purpose": job["purpose"]}
    return [("POST", "/api/v1/withdrawals", json.dumps(body), ours(job) | {"Idempotency-Key": str(uuid4())})]


def ours(job: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {job['key']}", "Content-Type": "application/json"}


def peer_read(job: dict[str, Any], person: str) -> list[Request]:
    return [("GET", "/decide", None, {"X-Person": person})]


def peer_write(job: dict[str, Any], person: str) -> list[Request]:
    body = json.dumps({"decisions": [{"purpose": "marketing", "granted": True}]})
    return [("POST", "/dpdp/consents", body, {"X-Person": person, "Content-Type": "application/json"})]


def peer_write_receipt(job: dict[str, Any], person: str) -> list[Request]:
    return [*peer_write(job, person), ("GET", "/dpdp/consents/me/receipt", None, {"X-Person": person})]


KINDS = {f.__name__: f for f in (single, batch, write, end, peer_read, peer_write, peer_write_receipt)}
WRITES = {"write", "end", "peer_write", "peer_write_receipt"}


class Line:
    """A connection that stays. As little of HTTP as the two servers speak: what the clients compute falls on both alike, and
    makes the faster one look slower than it is."""

    def __init__(self, port: int) -> None:
        self._port, self._socket, self._read = port, None, b""  # type: ignore[var-annotated]

    def ask(self, method: str, path: str, body: str | None, head: dict[str, str]) -> int:
        """The status; its body was read to the end. Raises OSError, also for an answer that it cannot read."""
        sent = (body or "").encode()
        said = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}", f"Content-Length: {len(sent)}"]
        lines = "\r\n".join([*said, *(f"{name}: {value}" for name, value in head.items())])
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._read = b""
        self._socket.sendall(lines.encode() + b"\r\n\r\n" + sent)
        # A server that sends head and body apart would wait 40 ms for our receipt of the first.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        while (end := self._read.find(b"\r\n\r\n")) < 0:
            self._more()
        told = self._read[:end].lower()
        length = LENGTH.search(told)
        if length is None or b"\r\nconnection: close" in told:
            raise ConnectionError("an answer without a length, or the last one")
        whole = end + 4 + int(length[1])
        while len(self._read) < whole:
            self._more()
        self._read = self._read[whole:]
        return int(told[9:12])

    def _more(self) -> None:
        assert self._socket is not None
        got = self._socket.recv(65536)
        if not got:
            raise ConnectionError("closed")
        self._read += got

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None


LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)")


def load(job: dict[str, Any]) -> dict[str, Any]:
    requests = KINDS[job["kind"]]
    people = iter(job["people"]) if job["kind"] in WRITES else itertools.cycle(job["people"])
    times: list[float] = []
    failed: Counter[str] = Counter()
    clients = job["clients"]
    ready = threading.Barrier(clients)
    next_person = threading.Lock()

    def ask(until: float, times: list[float], failed: Counter[str]) -> None:
        line = Line(job["port"])
        while time.perf_counter() < until:
            with next_person:
                person = next(people, None)
            if (
                person is None
            ):  # all were served before the time was over; the pace is what was done in the time taken
                break
            began = time.perf_counter()
            try:
                for method, path, body, head in requests(job, person):
                    status = line.ask(method, path, body, head)
                    if status not in (200, 201):
                        failed[str(status)] += 1
                        break
                else:
                    times.append((time.perf_counter() - began) * 1000)
            except OSError as error:
                failed[type(error).__name__] += 1
                line.close()
        line.close()

    def client() -> None:
        ask(time.perf_counter() + WARM, [], Counter())
        ready.wait()
        began.append(time.perf_counter())
        ask(time.perf_counter() + job["seconds"], times, failed)

    began: list[float] = []
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - min(began)  # to the last answer: what was asked in time may be answered late
    times.sort()
    return {
        "done": len(times), "failed": sum(failed.values()), "how": dict(failed), "per_second": len(times) / took,
        "p50": times[len(times) // 2] if times else 0, "p99": times[int(len(times) * 0.99)] if times else 0,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(load(json.load(sys.stdin))))
