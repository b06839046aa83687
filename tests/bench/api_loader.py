"""Clients that ask for decisions again and again on connections that stay; in a process of its own."""

import http.client
import json
import sys
import threading
import time
from typing import Any

SECONDS = 4.0
SIGNALS = ["ui_event", "app_usage", "window_title", "clipboard"]


def load(port: int, purpose: str, batch: bool, count: int, key: str) -> dict[str, Any]:
    """So many clients that ask again and again on connections that stay."""
    head = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    people = ["N-1001"] + [f"N-{5000 + i}" for i in range(999)]
    body = json.dumps({"purpose": purpose, "people": people, "signals": SIGNALS}) if batch else None
    path = "/api/v1/decisions" + ("" if batch else f"?person=N-1001&purpose={purpose}&signal=ui_event")
    times: list[float] = []
    failed = [0]
    stop = time.perf_counter() + SECONDS

    def ask() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.perf_counter() < stop:
            began = time.perf_counter()
            try:
                line.request("POST" if batch else "GET", path, body, head)
                answer = line.getresponse()
                answer.read()
                failed[0] += answer.status != 200
            except (OSError, http.client.HTTPException):
                failed[0] += 1
                line.close()
                continue
            times.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    return {
        "done": len(times), "failed": failed[0], "per_second": len(times) / SECONDS,
        "p50": times[len(times) // 2] if times else 0, "p99": times[int(len(times) * 0.99)] if times else 0,
    }  # fmt: skip


if __name__ == "__main__":
    port, purpose, batch, count = sys.argv[1:]
    print(json.dumps(load(int(port), purpose, batch == "1", int(count), sys.stdin.read())))
