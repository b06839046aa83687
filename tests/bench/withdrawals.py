"""Stale admissions under 8 writers on the same person (goal 0), for every kind of no; and how long until the first refusal."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from governance.consents import ledger, optouts, pauses
from governance.consents.models import ConsentRecord
from governance.demo.company import Company
from governance.people.models import Person
from tests import make
from tests.bench.company import company
from tests.bench.table import NIGHT, Row, measure, row
from tests.bench.writers import Writers, writing
from tests.conftest import World
from tests.races.storm import admitted, forget_admitted, key_maker
from tests.servers import cluster

WRITERS = 8
PATIENCE = 60.0  # seconds
TIMES = int(os.environ.get("SAMMATI_BENCH_WITHDRAWALS", "10000" if NIGHT else "200"))  # of all kinds together


@dataclass
class Counted:
    """Of one kind of no: milliseconds until it had returned, until the gate had answered the first refusal after it."""

    times: int = 0
    stale: int = 0
    came_in: int = 0
    waits: list[float] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class No:
    """A verb that says no for Asha, and what takes it back; `ends`: the yes is gone and has to be given anew."""

    say: Callable[[Company, Person], Any]
    take_back: Callable[[Any, Person], object] = lambda said, by: None
    ends: bool = True


def _withdraw(made: Company, asha: Person) -> object:
    record = ConsentRecord.objects.get(person=asha, purpose=made.purpose, ended_at=None)
    return ledger.withdraw(record.pk, by=asha)


NOES = {
    "withdrawal": No(_withdraw),
    "opt-out": No(lambda made, asha: optouts.opt_out(by=asha), lambda said, asha: optouts.lift(said.pk, by=asha)),
    "pause": No(lambda made, asha: pauses.pause(by=asha, hours=1), lambda said, asha: pauses.resume(said.pk, by=asha), ends=False),
    "population opt-out": No(
        lambda made, asha: optouts.opt_out_population(by=Person.objects.get(pk=made.rupa.pk), entity=made.software, purpose=made.purpose, act=make.act()),
        lambda said, asha: optouts.lift(said.pk, by=said.by, because="bench"), ends=False,
    ),
}  # fmt: skip


@measure("withdrawals")
def withdrawals(world: World) -> list[Row]:
    made = company(world)
    asha = Person.objects.get(pk=made.asha.pk)
    ledger.withdraw_purpose(made.purpose, by=asha)
    counted = {name: Counted() for name in NOES}
    given = False
    with writing(world, made, WRITERS) as writers, key_maker(world) as open_streams:
        for trial in range(TIMES):
            if trial % 20 == 0:
                forget_admitted(world)
                _forget_breaks(world)
            name = list(NOES)[trial % len(NOES)]
            if not given:
                make.consent(asha, made.purpose, "ui_event", open_streams=False)
                open_streams()
            _try(writers, made, asha, NOES[name], counted[name])
            given = not NOES[name].ends
            if trial % 1000 == 999:
                print(
                    f"  {trial + 1:,} of {TIMES:,}; stale so far: {sum(one.stale for one in counted.values())}",
                    file=sys.stderr,
                    flush=True,
                )
    return [one for name, count in counted.items() for one in _rows(name, count)]


def _forget_breaks(world: World) -> None:
    """As owner: each batch is judged by the breaks of eight days, which of nobody else are thousands."""
    with psycopg.connect(cluster().url("owner", world.main), autocommit=True) as owner:
        owner.execute("DELETE FROM consents_pause WHERE ended_at IS NOT NULL")


def _try(writers: Writers, made: Company, asha: Person, no: No, count: Counted) -> None:
    """Once: writers are let in, the no is said, what comes in afterwards is stale."""
    before = len(admitted(asha.pk))
    writers.let_in(True)
    until = time.monotonic() + PATIENCE
    while len(admitted(asha.pk)) == before:
        if time.monotonic() > until:
            raise RuntimeError("Nothing was let in before the no was said.")
        time.sleep(0.001)  # the writers need the machine
    began = time.perf_counter()
    said = no.say(made, asha)
    count.waits.append((time.perf_counter() - began) * 1000)
    right_after = admitted(asha.pk)  # at once: what appears from here on is stale
    began = time.perf_counter()
    answer = make.post(made, make.event("N-1001"))
    count.refusals.append(count.waits[-1] + (time.perf_counter() - began) * 1000)
    writers.each_has_finished()
    count.stale += answer["admitted"] + len(admitted(asha.pk) - right_after)
    count.came_in += len(right_after) - before
    count.times += 1
    writers.let_in(False)
    no.take_back(said, asha)


def _rows(name: str, count: Counted) -> list[Row]:
    waits, refusals = sorted(count.waits), sorted(count.refusals)
    note = f"{count.times:,} times, {WRITERS} writers on the same person, {count.came_in:,} batches admitted meanwhile"
    return [
        row(f"{name}: stale admissions after it has returned", float(count.stale), None, "batches", at_most=0, of_ours=True, note=note),
        row(f"{name}: until it has returned under that load, p99", _at(waits, 0.99), _at(waits, 0.5), "ms",
            note=f"reference: the median of the same run; longest {waits[-1]:.0f} ms; each writer is a process of its own"),
        row(f"{name}: from saying it to the gate's first refusal, p99", _at(refusals, 0.99), _at(refusals, 0.5), "ms",
            note="reference: the median; a batch is posted as soon as the verb has returned"),
    ]  # fmt: skip


def _at(ordered: list[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
