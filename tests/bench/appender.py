"""One client that appends as fast as it can: to the log as a verb would, or plain rows of the same content."""

import os
import sys
import time
from collections.abc import Callable
from uuid import uuid4


def ours() -> Callable[[int], None]:
    import django

    django.setup()
    from governance.audit import log

    about = uuid4()

    def append(number: int) -> None:
        log.record("bench.append", about=about, n=number)

    return append


def plain() -> Callable[[int], None]:
    import psycopg

    connection = psycopg.connect(os.environ["PLAIN_URL"], autocommit=True)
    about = uuid4()

    def append(number: int) -> None:
        connection.execute(
            "INSERT INTO bench_plain (code, about, facts) VALUES (%s, %s, %s::jsonb)",
            ["bench.append", about, f'{{"n": {number}}}'],
        )

    return append


def main(which: str, seconds: float) -> None:
    append = {"ours": ours, "plain": plain}[which]()
    append(0)
    print("ready", flush=True)
    sys.stdin.readline()
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        append(done)
        done += 1
    print(done / (time.perf_counter() - began))


main(sys.argv[1], float(sys.argv[2]))
