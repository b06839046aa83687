"""From the click to the last event that is still admitted: measured by the verb itself while writers post at full rate."""

import os
from collections.abc import Iterator

import pytest

from governance.audit.models import Entry
from governance.capture import programmes
from governance.capture.models import Intake, Programme
from governance.lib import clock
from tests import make
from tests.cast import Cast
from tests.conftest import World
from tests.races.storm import admitted, key_maker, storm

TIMES = 200 if os.environ.get("SAMMATI_NIGHT") else 15
WRITERS = 8

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(module_world: World) -> Iterator[tuple[World, Cast]]:
    module_world.sign_in("web")
    yield module_world, module_world.company()


def test_the_last_event_comes_within_a_second_and_the_log_says_when(place: tuple[World, Cast]) -> None:
    world, cast = place
    make.consent(cast.asha, cast.purpose, open_streams=False)
    with key_maker(world) as open_streams:
        open_streams()
    times = []
    with storm(world, cast, WRITERS) as raging:
        raging.go.set()
        for _ in range(TIMES):
            raging.each_tries_again()
            programmes.pause(Programme.objects.get(pk=cast.programme.pk), by=cast.dev, because="a race")
            seen = admitted(cast.asha.pk)
            raging.each_tries_again()
            assert admitted(cast.asha.pk) == seen  # nothing after the verb has returned
            told = Entry.objects.filter(code="programme.paused", about_id=cast.programme.pk).latest("id")
            last = (
                Intake.objects.filter(client__programme=cast.programme, answer__admitted__gt=0)
                .order_by("-at").values_list("at", flat=True).first()
            )  # fmt: skip
            assert last is not None and last <= clock.now()
            times.append(told.facts["last_admitted_ms"])
            programmes.start(Programme.objects.get(pk=cast.programme.pk), by=cast.omar)
    assert not raging.faults
    assert any(times), "with eight writers some batch was always inside"
    assert sorted(times)[int(len(times) * 0.99)] < 1000
