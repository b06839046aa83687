"""One writer in a process of its own, with the web's login: posts for one person as fast as it can, while `go` stands.

Run as `python -m tests.bench.writer NUMBER PROGRAMME DEVICE SHARED`; the gate's key comes by standard input.
"""

import mmap
import os
import sys
import time
from pathlib import Path

GO, STOP, FAULT, FIRST = (
    0,
    1,
    2,
    3,
)  # places in the shared table of 64-bit numbers; from FIRST on each writer's batches


def table(path: Path, writers: int = 0) -> memoryview:
    """The numbers that all processes see. `writers`: made anew for that many."""
    if writers:
        path.write_bytes(bytes(8 * (FIRST + writers)))
    with path.open("r+b") as file:
        return memoryview(mmap.mmap(file.fileno(), 0)).cast("q")


def main(number: int, programme: str, device: str, shared: memoryview) -> None:
    import django

    django.setup()
    from django.db import OperationalError, connection

    from governance.capture import gate
    from governance.capture.api import parse
    from tests import make

    sender = gate.sender(sys.stdin.readline().strip())
    # On few cores, eight who write would keep whoever says no from the machine, not from the lock.
    os.nice(10)
    print("ready", flush=True)
    parent = os.getppid()
    while not shared[STOP] and os.getppid() == parent:  # whoever began the measurement may be killed
        if not shared[GO]:
            time.sleep(0.001)
            continue
        body = make.batch(programme, device, [make.event("N-1001")])
        try:
            gate.admit(parse(body), body, client=sender)
        except gate.BatchRefused:
            pass
        except OperationalError:  # out of patience behind the lock: nothing was written
            connection.close()
        except BaseException:
            shared[FAULT] = number + 1
            raise
        shared[FIRST + number] += 1


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], table(Path(sys.argv[4])))
