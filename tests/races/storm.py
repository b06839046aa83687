"""Writers that post for one person as fast as they can, while somebody narrows. Used by the race tests and the bench."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from django.db import InterfaceError, OperationalError, connection, connections

from governance.capture import gate, streams, vault
from governance.capture.api import parse
from governance.capture.models import Arrival
from governance.demo.company import Company
from tests import make
from tests.conftest import World
from tests.servers import cluster


@dataclass
class Storm:
    """`attempts[i]` counts the batches that writer i has finished, admitted or refused."""

    world: World
    cast: Company
    writers: int
    more: dict[str, Any] = field(default_factory=dict)  # of every event
    attempts: list[int] = field(default_factory=list)
    pids: dict[int, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def write(self, number: int) -> None:
        self.world.sign_in("web")
        sender = gate.sender(self.cast.keys[self.cast.programme.number])
        while not self.stop.is_set():
            self.go.wait(1)
            try:
                if connection.connection is None:
                    connection.ensure_connection()
                    self.pids[number] = connection.connection.info.backend_pid
                body = make.batch(
                    self.cast.programme.number, self.cast.device.number, [make.event("N-1001", **self.more)]
                )
                gate.admit(parse(body), body, client=sender)
            except gate.BatchRefused:
                pass
            except (OperationalError, InterfaceError, psycopg.OperationalError):
                connection.close()
            except Exception as error:
                self.faults.append(f"{type(error).__name__}: {error}")
                connection.close()
            self.attempts[number] += 1
        connections.close_all()

    def each_tries_again(self, times: int = 2) -> None:
        """Wait until every writer has begun and finished a batch after this moment."""
        seen = list(self.attempts)
        until = time.monotonic() + 20
        while any(now < then + times for now, then in zip(self.attempts, seen, strict=True)):
            if time.monotonic() > until:
                raise TimeoutError("A writer stands still.")
            time.sleep(0.001)

    def kill_somebody(self) -> None:
        """Terminate one writer's backend, wherever it is."""
        if self.pids:
            number = random.choice(list(self.pids))
            with psycopg.connect(cluster().url("owner", "postgres"), autocommit=True) as admin:
                admin.execute("SELECT pg_terminate_backend(%s)", [self.pids.pop(number)])


@contextmanager
def storm(world: World, cast: Company, writers: int, **more: Any) -> Iterator[Storm]:
    raging = Storm(world, cast, writers, more, attempts=[0] * writers)
    threads = [threading.Thread(target=raging.write, args=(n,), daemon=True) for n in range(writers)]
    for thread in threads:
        thread.start()
    try:
        yield raging
    finally:
        raging.stop.set()
        raging.go.set()
        for thread in threads:
            thread.join(20)


@contextmanager
def key_maker(world: World) -> Iterator[Callable[[], None]]:
    """A thread with the eraser's login that opens waiting streams when called."""
    asked, done, stop = threading.Event(), threading.Event(), threading.Event()
    faults: list[BaseException] = []

    def make_keys() -> None:
        world.sign_in("eraser")
        while True:
            asked.wait()
            asked.clear()
            if stop.is_set():
                connections.close_all()
                return
            try:
                streams.open_waiting()
            except BaseException as error:
                faults.append(error)
            done.set()

    thread = threading.Thread(target=make_keys, daemon=True)
    thread.start()

    def open_streams() -> None:
        done.clear()
        asked.set()
        assert done.wait(20)
        if faults:
            raise faults[0]

    try:
        yield open_streams
    finally:
        stop.set()
        asked.set()
        thread.join(10)


def admitted(person_id: UUID) -> set[UUID]:
    """The segment ids that the gate has let in about this person."""
    return set(Arrival.objects.filter(person_id=person_id).values_list("segment", flat=True))


def opened(world: World, segments: set[UUID]) -> list[dict[str, Any]]:
    """The events of these segments in the clear: the exporter opens them, in a thread with its login."""
    found: list[dict[str, Any]] = []
    faults: list[BaseException] = []
    streams_of = set(Arrival.objects.filter(segment__in=segments).values_list("stream", flat=True))

    def look() -> None:
        world.sign_in("exporter")
        try:
            wanted = {str(segment) for segment in segments}
            found.extend(event for event in vault.opened(list(streams_of)) if event["segment"] in wanted)
        except BaseException as error:
            faults.append(error)
        connections.close_all()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(30)
    if faults:
        raise faults[0]
    return found


def forget_admitted(world: World) -> None:
    """Empty the vault and what tells of it, as owner: a set that grows over all trials would slow the later ones."""
    with psycopg.connect(cluster().url("owner", world.main), autocommit=True) as owner:
        # One table at a time: a writer that is inside may hold one of the others.
        for statement in (
            "TRUNCATE capture_intake",
            "TRUNCATE capture_arrival",
            "SET ROLE vault_owner",
            "TRUNCATE vault.segment",
        ):
            owner.execute(statement)


Verb = Callable[[], Any]
