"""Clients that ask the same kind of thing again and again on connections that stay; in a process of its own.

The job comes as JSON: {"kind", "port", "clients", "seconds", "people", and for us "key", "purpose", "words"}. Every
person of `people` is taken once by what writes, and in turn by what reads.
"""

import http.client
import itertools
import json
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


def load(job: dict[str, Any]) -> dict[str, Any]:
    requests = KINDS[job["kind"]]
    people = iter(job["people"]) if job["kind"] in WRITES else itertools.cycle(job["people"])
    times: list[float] = []
    failed: Counter[str] = Counter()
    clients = job["clients"]
    ready = threading.Barrier(clients)
    next_person = threading.Lock()

    def ask(until: float, times: list[float], failed: Counter[str]) -> None:
        line = http.client.HTTPConnection("127.0.0.1", job["port"], timeout=30)
        while time.perf_counter() < until:
            with next_person:
                person = next(people, None)
            if person is None:
                failed["nobody left"] += 1
                break
            began = time.perf_counter()
            try:
                for method, path, body, head in requests(job, person):
                    line.request(method, path, body, head)
                    # A server that sends head and body apart would wait 40 ms for our receipt of the first.
                    line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                    answer = line.getresponse()
                    answer.read()
                    if answer.status not in (200, 201):
                        failed[str(answer.status)] += 1
                        break
                else:
                    times.append((time.perf_counter() - began) * 1000)
            except (OSError, http.client.HTTPException) as error:
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
