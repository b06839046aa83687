"""Eight clients that post the same events again and again, each batch under a new id; in a process of its own."""

import http.client
import json
import statistics
import sys
import threading
import time
from datetime import UTC, datetime
from uuid import uuid4

CLIENTS = 8


def main(port: int, seconds: float) -> None:
    job = json.loads(sys.stdin.read())
    templates = []
    for body in job["bodies"]:
        batch = json.loads(body)
        old_id, old_time = (
            batch["batch_id"],
            batch["events"][0]["at"][:19],
        )  # they differ by less than a second
        templates.append((body, old_id, old_time, len(batch["events"])))
    headers = {"Authorization": f"Bearer {job['key']}", "Content-Type": "application/json"}
    times: list[float] = []
    failed = [0]
    stop = time.perf_counter() + seconds

    def post(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        body, old_id, old_time, _count = templates[number]
        while time.perf_counter() < stop:
            data = (
                body.replace(old_id, str(uuid4()))
                .replace(old_time, datetime.now(UTC).isoformat(timespec="seconds")[:19])
                .encode()
            )
            began = time.perf_counter()
            try:
                connection.request("POST", "/api/v1/batches", data, headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 202:
                    failed[0] += 1
                    continue
            except (OSError, http.client.HTTPException):
                failed[0] += 1
                connection.close()
                continue
            times.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=post, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    print(
        json.dumps(
            {
                "batches": len(times),
                "events": len(times) * templates[0][3] / seconds,
                "p50": statistics.median(times) if times else 0,
                "p99": times[int(len(times) * 0.99)] if times else 0,
                "failed": failed[0],
            }
        )
    )


main(int(sys.argv[1]), float(sys.argv[2]))
