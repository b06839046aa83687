"""In this process, in batches of 100: decide() beside a dictionary of the same answers, and beside regorus."""

import json
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from governance.consents import decide, jobs
from governance.people.models import Person
from tests.bench import crowd
from tests.bench.environments import PROGRAMS, NotThere, environment, plain
from tests.bench.table import Row, measure, row
from tests.conftest import World

BATCH = 100  # people, each asked about all signals
ROUNDS, REPEATS = 9, 50
PINS = ("gordon-to-regorus==0.13.0",)
SECONDS = 3.0
Question = tuple[UUID, str]


@measure("decisions")
def decisions(world: World) -> list[Row]:
    """Half of the people agreed to two signals of four, one in ten of those opted out of one of them."""
    with crowd.crowded(world, purposes=1) as (full, made):
        full.sign_in("web")
        half = crowd.agreed(BATCH // 2) + crowd.silent(0, BATCH // 2)
        people = list(Person.objects.filter(number__in=half).values_list("pk", flat=True))
        now = timezone.now()
        about, declared = jobs.about(made.purpose, now), [s.code for s in made.purpose.signals.all()]

        def read() -> decide.Standing:
            with connection.cursor() as cursor:
                return decide.read(cursor, about, declared, people, now)

        standing = read()
        for person in people[:10]:
            standing.noes[person] = [decide.No("ui_event")]
        questions = [(person, signal) for person in people for signal in crowd.SIGNALS]

        def ours() -> None:
            decide.decide_all(standing, people, crowd.SIGNALS, "Chrome", now, now)

        def one_by_one() -> None:
            for person, signal in questions:
                decide.decide(standing, person, signal, "Chrome", now, now)

        answers = decide.decide_all(standing, people, crowd.SIGNALS, "Chrome", now, now)
        verdicts = dict(zip(questions, answers, strict=True))

        def looked_up() -> None:
            for question in questions:
                verdicts[question]

        deciding, looking = beside(ours, looked_up, len(questions))
        singly, _looking = beside(one_by_one, looked_up, len(questions))
        reading = [timed(read) for _ in range(50)]
        with_read = len(questions) / (median(reading) + len(questions) / deciding)
    what = f"batches of {BATCH} people × {len(crowd.SIGNALS)} signals, {sum(v.allowed for v in verdicts.values())} of {len(verdicts)} allowed"
    return [
        row("decide_all() vs a dictionary of the same answers", deciding, looking, "decisions/s", at_least=0.5, note=what),
        row("decide() one by one vs a dictionary of the same answers", singly, looking, "decisions/s", note=what),
        row("decide() with its standing read from the database", with_read, deciding, "decisions/s", note=f"one query a batch; {what}"),
        _regorus(deciding, standing, questions, verdicts, now),
    ]  # fmt: skip


def beside(ours: Callable[[], None], theirs: Callable[[], None], count: int) -> tuple[float, float]:
    """Decisions a second of both: the best of rounds in turn, so that what else the machine does falls on both."""
    best = [0.0, 0.0]
    for _ in range(ROUNDS):
        for which, work in enumerate((ours, theirs)):
            began = time.perf_counter()
            for _ in range(REPEATS):
                work()
            best[which] = max(best[which], REPEATS * count / (time.perf_counter() - began))
    return best[0], best[1]


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _regorus(
    deciding: float, standing: decide.Standing, questions: list[Question], verdicts: dict[Question, decide.Verdict], now: Any
) -> Row:  # fmt: skip
    name = "decide() vs regorus in its process, the same answers"
    try:
        python = environment("regorus", *PINS)
    except NotThere as error:
        return row(name, deciding, None, "decisions/s", note=f"regorus not run: {error}")
    data = {
        "declared": sorted(standing.declared),
        "minors": [str(person) for person in standing.minors],
        "noes": {
            str(person): [{"signal": no.signal, "application": no.application} for no in noes]
            for person, noes in standing.noes.items()
        },
        "grants": {
            str(person): {signal: _grant(grant, now) for signal, grant in grants.items()}
            for person, grants in standing.grants.items()
        },
    }
    asked = [
        {"person": str(person), "signal": signal, "application": "Chrome", "moment": now.timestamp(), "now": now.timestamp()}
        for person, signal in questions
    ]  # fmt: skip
    done = subprocess.run(
        [python, PROGRAMS / "regorus_rules.py"], env=plain(), capture_output=True, text=True, check=True,
        input=json.dumps({"data": data, "questions": asked, "seconds": SECONDS}),
    )  # fmt: skip
    said = json.loads(done.stdout)
    same = said["answers"] == [verdicts[question].allowed for question in questions]
    note = f"{PINS[0]}, object data; {'all answers are the same' if same else 'THE ANSWERS DIFFER'}"
    return row(name, deciding, said["per_second"], "decisions/s", at_least=10, note=note)


def _grant(grant: decide.Grant, now: Any) -> dict[str, Any]:
    return {
        "status": grant.status, "given": (grant.given_at or now + timedelta(days=1)).timestamp(), "superseded": grant.superseded,
        "expires": grant.expires_at.timestamp() if grant.expires_at else 0, "same_job": grant.same_job, "open": grant.stream is not None,
    }  # fmt: skip
