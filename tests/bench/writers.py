"""Writers as processes of their own, so that they and the verb that stops them do not share one interpreter."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from governance.demo.company import Company
from governance.setup.places import CHECKOUT
from tests.bench.writer import FAULT, FIRST, GO, STOP, table
from tests.conftest import World

PATIENCE = 60.0  # seconds


@dataclass
class Writers:
    """`let_in(True)` and they post; what each has finished, admitted or refused, is counted."""

    shared: memoryview
    count: int

    def let_in(self, on: bool) -> None:
        self.shared[GO] = int(on)

    def each_has_finished(self, times: int = 1) -> None:
        """Wait until every writer has finished what it was about at this moment; what it begins after that is a question
        like any other. With 2: until every one has begun and finished a batch after this moment."""
        seen = [self.shared[FIRST + n] for n in range(self.count)]
        until = time.monotonic() + PATIENCE
        while any(self.shared[FIRST + n] < seen[n] + times for n in range(self.count)):
            if self.shared[FAULT]:
                raise RuntimeError(f"Writer {self.shared[FAULT]} fell.")
            if time.monotonic() > until:
                raise TimeoutError("A writer stands still.")
            time.sleep(0.001)


@contextmanager
def writing(world: World, made: Company, count: int) -> Iterator[Writers]:
    """This many writers, ready and waiting; they end with the block."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shared"
        shared = table(path, count)
        started = [_start(world, made, number, path) for number in range(count)]
        try:
            for one in started:
                assert one.stdin is not None and one.stdout is not None
                one.stdin.write(made.keys[made.programme.number] + "\n")
                one.stdin.flush()
            for one in started:
                if one.stdout is None or one.stdout.readline().strip() != "ready":
                    raise RuntimeError("A writer did not start.")
            yield Writers(shared, count)
        finally:
            shared[STOP] = 1
            for one in started:
                try:
                    one.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    one.kill()
                    one.wait()
                for pipe in (one.stdin, one.stdout):
                    if pipe is not None:
                        pipe.close()


def _start(world: World, made: Company, number: int, path: Path) -> "subprocess.Popen[str]":
    command = [
        sys.executable, "-m", "tests.bench.writer", str(number), made.programme.number, made.device.number, str(path),
    ]  # fmt: skip
    return subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env=world.environment("web"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
