"""How fast a stop is: from the verb to the last event that was still admitted, with eight clients at full rate over HTTP."""

import json
import subprocess
import sys
import time
from typing import Any

from governance.audit.models import Entry
from governance.capture import programmes
from governance.capture.models import Programme
from governance.setup import web
from tests.bench.company import company
from tests.bench.gate import bodies
from tests.bench.serving import served
from tests.bench.table import NIGHT, Row, measure, row
from tests.conftest import World

STOPS = 200 if NIGHT else 25
BETWEEN = 0.4  # seconds in which the clients are at it again


@measure("kill_switch")
def from_the_click(world: World) -> list[Row]:
    """The verb's own measurement, as it stands in the log."""
    made = company(world)
    command = web.command("PORT")
    environment = world.environment("web") | {"SAMMATI_PLAIN_STATIC": "1"}
    with served(command, environment) as port:
        job = json.dumps(
            {"key": made.keys[made.programme.number], "bodies": [b.decode() for b in bodies(made, 8)]}
        )
        seconds = STOPS * BETWEEN * 2 + 5
        loader = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.loader", str(port), str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment, text=True,
        )  # fmt: skip
        assert loader.stdin is not None
        loader.stdin.write(job)
        loader.stdin.close()
        time.sleep(3)
        stops = [_stop(made) for _ in range(STOPS)]
        assert loader.stdout is not None
        load = json.loads(loader.stdout.read())
        loader.wait(seconds + 60)
    if not load["batches"]:
        raise RuntimeError("No batch came in: a stop of nothing says nothing.")
    times, returned = (sorted(column) for column in zip(*stops, strict=True))
    p99, p99_returned = (column[int(len(column) * 0.99)] for column in (times, returned))
    note = (
        f"{STOPS} stops; median {times[len(times) // 2]} ms, longest {times[-1]} ms; 8 clients, batches of 500, 2 web processes;"
        f" {load['batches']:,} batches came in between the stops"
    )
    return [
        row(
            "kill switch: p99 from click to last admitted event",
            p99,
            None,
            "ms",
            at_most=1000,
            of_ours=True,
            note=note,
        ),
        row(
            "kill switch: p99 from click to the answer that nothing more comes in",
            p99_returned,
            None,
            "ms",
            at_most=1000,
            of_ours=True,
            note=f"every batch that was inside is through; median {returned[len(returned) // 2]:.0f} ms, longest {returned[-1]:.0f} ms",
        ),
    ]


def _stop(made: Any) -> tuple[int, float]:
    """(milliseconds to the last event, to the verb's return)."""
    began = time.perf_counter()
    programmes.pause(Programme.objects.get(pk=made.programme.pk), by=made.dev, because="bench")
    returned = (time.perf_counter() - began) * 1000
    told = Entry.objects.filter(code="programme.paused", about_id=made.programme.pk).latest("id")
    programmes.start(Programme.objects.get(pk=made.programme.pk), by=made.omar)
    time.sleep(BETWEEN)
    return int(told.facts["last_admitted_ms"]), returned
