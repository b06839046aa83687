"""What holds, 1, for clips: once a withdrawal, a pause or a return has returned, no chunk is admitted any more. Real logins."""

import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from governance.capture import clips, gate, handouts, programmes
from governance.capture.models import Chunk, HandOut
from governance.consents import ledger, pauses
from governance.consents.models import ConsentRecord
from governance.demo.factory import Line
from tests.capture import worn
from tests.cast import Cast
from tests.conftest import World
from tests.races.storm import key_maker

pytestmark = pytest.mark.slow
CHUNKS, WRITERS, TIMES = 24, 4, 8
FILM = b"z" * (CHUNKS * worn.PART)


@pytest.fixture(scope="module")
def place(module_world: World) -> Iterator[tuple[World, Cast, Line]]:
    module_world.sign_in("owner")
    cast = module_world.company()
    line = worn.line(cast)
    module_world.sign_in("web")
    yield module_world, cast, line


VERBS: dict[str, tuple[Callable[[Cast, Line], Any], Callable[[Cast, Line, Any], Any]]] = {
    "withdraw": (lambda c, line: ledger.withdraw_purpose(line.purpose, by=c.asha), lambda c, line, done: None),
    "pause": (lambda c, line: pauses.pause(by=c.asha, hours=1), lambda c, line, done: pauses.resume(done.pk, by=c.asha)),
    "take_back": (
        lambda c, line: handouts.take_back(HandOut.objects.living().get(), by=line.steward),
        lambda c, line, done: worn.hand(line, c.asha),
    ),
    "pause_programme": (
        lambda c, line: programmes.pause(line.programme, by=c.dev, because="race"),
        lambda c, line, done: programmes.start(line.programme, by=c.omar),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(VERBS))
def test_once_the_verb_has_returned_no_chunk_is_admitted(place: tuple[World, Cast, Line], name: str) -> None:
    world, cast, line = place
    narrow, restore = VERBS[name]
    came_in = stopped = 0
    with key_maker(world) as open_streams:
        for _trial in range(TIMES):
            if not HandOut.objects.living().exists():
                worn.hand(line, cast.asha)
            if not ConsentRecord.objects.filter(
                person=cast.asha, purpose=line.purpose, ended_at__isnull=True
            ).exists():
                worn.agree(line, cast.asha, open_streams=False)
            open_streams()
            told = worn.begin(line, worn.said(line, FILM))
            faults: list[str] = []
            answers = _all_at_once(world, line, told, faults)
            while not Chunk.objects.filter(clip__clip=told["clip_id"]).exists() and not faults:
                pass
            done = narrow(cast, line)
            right_after = Chunk.objects.filter(clip__clip=told["clip_id"]).count()
            for thread in answers:
                thread.join(30)
            assert not faults, faults[:3]
            assert Chunk.objects.filter(clip__clip=told["clip_id"]).count() == right_after, name
            came_in += right_after
            stopped += CHUNKS - right_after
            restore(cast, line, done)
    assert came_in >= TIMES and stopped >= TIMES, "the race was not run"


def _all_at_once(world: World, line: Line, told: dict[str, Any], faults: list[str]) -> list[threading.Thread]:
    """Writers that send every chunk of the clip, each its own share, as fast as they can."""
    part = FILM[: worn.PART]

    def send(share: range) -> None:
        world.sign_in("web")
        sender = gate.sender(line.key)
        for number in share:
            try:
                clips.take(UUID(told["clip_id"]), number, part, told["permit"], client=sender)
            except gate.BatchRefused as refused:
                if refused.code not in ("not_permitted", "programme_not_running"):
                    faults.append(str(refused.code))
            except Exception as error:
                faults.append(f"{type(error).__name__}: {error}")
                break
        connections.close_all()

    threads = [
        threading.Thread(target=send, args=(range(n, CHUNKS, WRITERS),), daemon=True) for n in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    return threads
