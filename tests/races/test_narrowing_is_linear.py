"""What holds, 1: once a narrowing verb has returned, nothing more is admitted. No clocks, sets only.

All writers post for the person who narrows; backends of writers are terminated meanwhile.
"""

import os
import random
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from governance.capture import programmes
from governance.consents import ledger, optouts
from governance.consents.models import ConsentRecord, Stream
from governance.people.models import Person
from tests import make
from tests.cast import Cast
from tests.conftest import World
from tests.races.storm import Storm, admitted, forget_admitted, key_maker, storm

TIMES = 1000 if os.environ.get("SAMMATI_NIGHT") else 200
WRITERS = 4

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(module_world: World) -> Iterator[tuple[World, Cast]]:
    module_world.sign_in("web")
    yield module_world, make.cast(colleagues=0)


def living(cast: Cast) -> ConsentRecord:
    return ConsentRecord.objects.get(person=cast.asha, ended_at__isnull=True, signal="ui_event")


def expire(cast: Cast) -> None:
    ConsentRecord.objects.filter(pk=living(cast).pk).update(expires_at=timezone.now())
    ledger.expire(living(cast).pk)


# name → (the verb, how to make everything as it was)
Verbs = dict[str, tuple[Callable[[Cast], Any], Callable[[Cast, Any], Any]]]
VERBS: Verbs = {
    "withdraw": (lambda c: ledger.withdraw(living(c).pk, by=c.asha), lambda c, done: None),
    "withdraw_purpose": (lambda c: ledger.withdraw_purpose(c.purpose, by=c.asha), lambda c, done: None),
    "revoke": (lambda c: ledger.revoke(living(c).pk, by=c.dev), lambda c, done: None),
    "expire": (expire, lambda c, done: None),
    "opt_out": (lambda c: optouts.opt_out(by=c.asha), lambda c, done: optouts.lift(done.pk, by=c.asha)),
    "opt_out_population": (
        lambda c: optouts.opt_out_population(by=c.rupa, unit=c.asha.employment.unit, purpose=c.purpose),
        lambda c, done: optouts.lift(done.pk, by=c.rupa),
    ),
    "opt_out_everybody": (
        lambda c: optouts.opt_out_population(by=c.rupa, entity=c.software),
        lambda c, done: optouts.lift(done.pk, by=c.rupa),
    ),
    "pause_programme": (
        lambda c: programmes.pause(c.programme, by=c.dev, because="race"),
        lambda c, done: programmes.start(c.programme, by=c.omar),
    ),
    "unbind": (lambda c: programmes.unbind(c.asha, c.device), lambda c, done: programmes.bind(c.asha, c.device)),
}  # fmt: skip


def make_asha_consent(cast: Cast, open_streams: Callable[[], None]) -> None:
    person = Person.objects.get(pk=cast.asha.pk)
    record = ConsentRecord.objects.filter(person=person, ended_at__isnull=True).first()
    if record is None or not Stream.objects.open().filter(event__record=record).exists():
        if record is not None:
            ledger.withdraw(record.pk, by=person)
        make.consent(person, cast.purpose, "ui_event", open_streams=False)
        open_streams()


@pytest.mark.parametrize("name", sorted(VERBS))
def test_once_the_verb_has_returned_nothing_more_is_admitted(place: tuple[World, Cast], name: str) -> None:
    world, cast = place
    narrow, restore = VERBS[name]
    asha = cast.asha.pk
    with storm(world, cast, WRITERS) as raging, key_maker(world) as open_streams:
        came_in = 0
        for trial in range(TIMES):
            if trial % 20 == 0:
                forget_admitted(world)
            make_asha_consent(cast, open_streams)
            before = len(admitted(asha))
            raging.go.set()
            _let_some_in(raging, asha, before)
            if trial % 5 == 0:
                raging.kill_somebody()
            done = narrow(cast)
            right_after = admitted(asha)
            raging.each_tries_again()
            assert admitted(asha) == right_after, (
                f"{name}: something was admitted after the verb had returned"
            )
            raging.go.clear()
            came_in += len(right_after) - before
            restore(cast, done)
        assert not raging.faults, raging.faults[:3]
        assert came_in >= TIMES, "the writers were not at it: the race was not run"


def _let_some_in(raging: Storm, asha: UUID, before: int) -> None:
    """Until the writers get something in; then a little longer, a different while in each trial."""
    for _ in range(2000):
        if len(admitted(asha)) > before:
            break
    else:
        raise TimeoutError(f"Nothing was admitted. {raging.faults[:3]}")
    for _ in range(random.randrange(4)):
        admitted(asha)
