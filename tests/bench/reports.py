"""Reports: a long register in parts beside one WeasyPrint document, long extracts as lines, and many receipts at once."""

import copy
import json
import os
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from governance.audit import keys, sealer
from governance.consents import receipts as receipts_book
from governance.consents import signing
from governance.consents.models import Receipt
from governance.lib import clock
from governance.people.models import Person
from governance.reports import press, reports
from governance.reports.models import Report
from tests.bench.company import company
from tests.bench.register import browser
from tests.bench.table import NIGHT, Row, measure, row
from tests.conftest import World

ACTIVITIES = int(os.environ.get("SAMMATI_BENCH_ACTIVITIES", "1000" if NIGHT else "100"))
ONE = 200  # activities that one WeasyPrint document has to draw at most: it keeps 8 MB of memory for each
ROWS = int(
    os.environ.get("SAMMATI_BENCH_ROWS", "10000" if NIGHT else "1000")
)  # that the plain table has to draw too
MANY = 100_000
RECEIPTS = int(os.environ.get("SAMMATI_BENCH_RECEIPTS", "200" if NIGHT else "20"))


@measure("reports")
def long_documents(world: World) -> list[Row]:
    made = company(world)
    world.sign_in("worker")
    facts = _facts(made)
    with TemporaryDirectory() as home:
        path = Path(home) / "facts.json"
        path.write_text(json.dumps(facts))
        environment = world.environment("worker") | {"SAMMATI_VAR": home}
        return _register(path, environment) + _lines(path, environment)


def _facts(made: Any) -> dict[str, Any]:
    """Of the company's own register, each activity again and again under numbers of their own."""
    world_facts = Report(
        number="G-2026-000001",
        kind="register",
        entity=made.software,
        language="en",
        law_on=date(2026, 11, 24),
    )
    from governance.reports import kinds

    content = json.loads(json.dumps(kinds.KINDS["register"].facts(world_facts), cls=DjangoJSONEncoder))
    envelope = json.loads(json.dumps(press.envelope(world_facts, clock.now()), cls=DjangoJSONEncoder))
    own = content["activities"]
    content["activities"] = [
        {**copy.deepcopy(own[n % len(own)]), "number": f"P-{n + 1}"} for n in range(ACTIVITIES)
    ]
    return {"report": envelope, "content": content}


def drawn(environment: dict[str, str], **job: Any) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.presser"], input=json.dumps(job), env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def _register(path: Path, environment: dict[str, str]) -> list[Row]:
    """Of a longer register the reference is the time of `ONE` activities times as many: the more one document holds, the
    longer each takes, so that this is rather too little."""
    facts = json.loads(path.read_text())
    rows = facts["content"]["activities"]
    few = path.with_name("few.json")
    few.write_text(json.dumps({**facts, "content": {**facts["content"], "activities": rows[:ONE]}}))
    cold = drawn(environment, what="register", facts=str(path))
    again = drawn(environment, what="register", facts=str(path))
    plain = drawn(environment, what="plain", facts=str(few))
    times = len(rows) / min(len(rows), ONE)
    wall, cpu = plain["wall"] * times, plain["cpu"] * times
    name = f"register of {len(rows):,} activities"
    one = (
        "the same as one WeasyPrint document"
        if times == 1
        else f"{times:g} times {ONE} of them as one WeasyPrint document"
    )
    about = f"{cold['pages']:,.0f} pages; processor {cold['cpu']:.1f} s beside {cpu:.1f} s; reference: {one}"
    return [
        row(f"{name}, cold", cold["wall"], wall, "s", at_most=0.6, note=about),
        row(f"{name}, unchanged, again", again["wall"], wall, "s", at_most=0.05, note=f"processor {again['cpu']:.2f} s"),
        row(f"{name}, memory of the largest child", cold["rss"], None, "MB", at_most=300, of_ours=True,
            note=f"the press itself {cold['press']:.0f} MB; one document of {min(len(rows), ONE)} activities {plain['rss']:.0f} MB"),
    ]  # fmt: skip


def _lines(path: Path, environment: dict[str, str]) -> list[Row]:
    def lines(rows: int, **more: Any) -> dict[str, float]:
        return drawn(environment, what="lines", facts=str(path), rows=rows, **more)

    few, few_plain = lines(10), drawn(environment, what="whole", facts=str(path), rows=10)
    one, ours, many = lines(1_000, bound=True), lines(ROWS, bound=True), lines(MANY)
    laid = lines(ROWS) if ROWS > 1_000 else None
    plain = drawn(environment, what="table", rows=ROWS)
    blank = drawn(environment, what="blank", rows=int(ours["pages"]))
    base = lines(1, bound=True)["cpu"]
    name = f"extract of {ROWS:,} rows"
    found = [
        row("extract of 10 rows", few["cpu"], few_plain["cpu"], "s", at_most=1.1, note="processor; reference: the same as one WeasyPrint document"),
        row(f"{name}, bound lines", ours["cpu"], plain["cpu"], "s", at_most=0.2, note=f"processor; {ours['pages']:.0f} pages; reference: the WeasyPrint table, {plain['pages']:.0f} pages, {plain['rss']:.0f} MB"),
        row(f"{name}, beside blank pages", ours["cpu"], blank["cpu"], "s", at_most=10, note="processor; reference: as many blank pages"),
        row(f"extract of {MANY:,} rows", many["cpu"], None, "s", at_most=30, of_ours=True, note=f"processor; {many['pages']:,.0f} pages, {many['wall']:.1f} s"),
        row(f"extract of {MANY:,} rows, memory of the largest child", many["rss"], None, "MB", at_most=300, of_ours=True, note=f"the press itself {many['press']:.0f} MB"),
        row("growth per row, 1,000 to 100,000", many["cpu"] / MANY * 1e6, one["cpu"] / 1_000 * 1e6, "µs", at_most=1.2,
            note=f"processor, with what every document costs; without it {(many['cpu'] - base) / MANY * 1e6:.0f} µs a row"),
    ]  # fmt: skip
    if laid:
        found.append(
            row(
                f"{name}, tagged lines",
                laid["cpu"],
                plain["cpu"],
                "s",
                at_most=0.2,
                note=f"processor; {laid['rss']:.0f} MB",
            )
        )
    return found


@measure("receipts")
def receipts(world: World) -> list[Row]:
    """So many receipts asked for at once, drawn by one worker and by two; a page of the portal is opened meanwhile."""
    made = company(world)
    asha, dev = (Person.objects.get(pk=one.pk) for one in (made.asha, made.dev))
    receipt = Receipt.objects.filter(person=asha, kind="given").latest(
        "at"
    )  # of the consent that the company begins with
    with TemporaryDirectory() as home:  # in the log and signed already: else each waits a while for that
        world.sign_in("exporter")
        place, now = Path(home), clock.now()
        sealer.seal(now, sign=keys.signer(place, place), home=place)
        signed = receipts_book.sign_waiting(now, sign=signing.signer(place, place, now))
        if not signed:
            raise RuntimeError("The receipt was not signed.")
        world.sign_in("web")
    found = []
    day = date(2026, 1, 1)
    client = browser(dev)
    idle = _opened(client, 20)
    for workers in (1, 2):
        world.sign_in("web")
        for _ in range(RECEIPTS):
            day += timedelta(days=1)  # another day of the law is another document
            reports.ask("receipt", receipt.purpose.entity, {"receipt": str(receipt.pk)}, by=asha, law_on=day)
        running = [
            subprocess.Popen([sys.executable, "-m", "tests.bench.pressing"], env=world.environment("worker"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(workers)
        ]  # fmt: skip
        for process in running:
            assert process.stdout is not None and process.stdout.readline().strip() == "ready"
        began = time.perf_counter()
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        busy = []
        while any(process.poll() is None for process in running) and len(busy) < 5_000:
            busy += _opened(client, 1)
            time.sleep(0.1)
        times = sorted(at for process in running for _pk, at in json.loads(process.communicate()[0]))
        took = time.perf_counter() - began
        if len(times) < RECEIPTS:
            raise RuntimeError(f"{len(times)} of {RECEIPTS} receipts were drawn.")
        name = f"{RECEIPTS} receipts at once, {workers} worker{'s' if workers > 1 else ''}"
        found += [
            row(f"{name}, p95 until drawn", times[int(len(times) * 0.95)], None, "s", note=f"{RECEIPTS / took:.2f} a second"),
            row(f"{name}, a page of the portal meanwhile, p95", _p95(busy), _p95(idle), "ms", at_most=5, note="the library of reports; reference: with idle workers"),
        ]  # fmt: skip
    return found


def _opened(client: Any, times: int) -> list[float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        client.get("/reports/")
        took.append((time.perf_counter() - began) * 1000)
    return took


def _p95(times: list[float]) -> float:
    ordered = sorted(times)
    return ordered[int((len(ordered) - 1) * 0.95)]
