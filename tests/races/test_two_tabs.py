"""Two tabs say different things at the same moment: one truth in the ledger, an answer for each, nothing lost."""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from governance.consents import ledger, rebuilding, rules
from governance.consents.models import ConsentEvent, ConsentRecord, Receipt, Stream
from governance.people.models import Person
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.conftest import World
from tests.visits import BACKEND

TIMES = 200 if os.environ.get("SAMMATI_NIGHT") else 12

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(module_world: World) -> Iterator[tuple[World, Cast]]:
    module_world.sign_in("web")
    yield module_world, module_world.company()


def at_once(world: World, person: Person, *posts: tuple[str, dict[str, Any]]) -> list[int]:
    """Each post from a tab of its own, with a database login of its own, begun together; the answers' statuses."""
    ready, answers, faults = threading.Barrier(len(posts)), [0] * len(posts), []

    def tab(number: int, path: str, form: dict[str, Any]) -> None:
        try:
            world.sign_in("web")
            client = Client()
            client.force_login(Person.objects.get(pk=person.pk), backend=BACKEND)
            ready.wait(30)
            answers[number] = client.post(path, form).status_code
        except BaseException as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tab, args=(n, *post)) for n, post in enumerate(posts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if faults:
        raise faults[0]
    return answers


def test_giving_and_withdrawing_from_two_tabs_is_one_truth(place: tuple[World, Cast]) -> None:
    world, cast = place
    notice = cast.purpose.published_notice()
    assert notice is not None
    give = (
        f"/me/purposes/{cast.purpose.pk}/give/", {"notice": str(notice.pk), "language": "en", "signals": ["ui_event"]},
    )  # fmt: skip
    withdraw: tuple[str, dict[str, Any]] = (f"/me/purposes/{cast.purpose.pk}/withdraw/", {})
    ended = set()
    for trial in range(TIMES):
        if trial % 2 and not ConsentRecord.objects.on().filter(person=cast.asha).exists():
            make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
        answers = at_once(world, cast.asha, give, withdraw, give, withdraw)
        assert set(answers) == {302}
        mine = ConsentRecord.objects.filter(person=cast.asha)
        assert mine.filter(ended_at__isnull=True).count() <= 1
        assert [str(one) for one in rebuilding.check()] == []
        last = ConsentEvent.objects.filter(person=cast.asha).latest("at")
        on = mine.on().exists()
        assert on == (last.status in rules.ENABLING)
        assert Stream.objects.filter(person=cast.asha, state__in=("waiting", "open")).exists() == on
        ended.add(on)
    withdrawn = ConsentEvent.objects.filter(person=cast.asha, status="withdrawn")
    told = {event for row in Receipt.objects.filter(person=cast.asha) for event in row.events}
    assert (
        withdrawn.exists()
        and set(ConsentEvent.objects.filter(person=cast.asha).values_list("pk", flat=True)) <= told
    )
    assert ErasureOrder.objects.filter(person=cast.asha).exists()


def test_the_same_press_twice_is_one_word(place: tuple[World, Cast]) -> None:
    world, cast = place
    bela = Person.objects.get(pk=cast.bela.pk)
    make.consent(bela, cast.purpose, "ui_event", open_streams=False)
    record = ConsentRecord.objects.on().get(person=bela)
    assert at_once(world, bela, *[(f"/me/records/{record.pk}/withdraw/", {})] * 4) == [302] * 4
    assert ConsentEvent.objects.filter(record=record, status="withdrawn").count() == 1
    assert Receipt.objects.filter(person=bela, kind="withdrawn").count() == 1
    assert at_once(world, bela, *[("/me/opt-out/", {})] * 3) == [302] * 3
    with pytest.raises(rules.Refused):
        ledger.withdraw_purpose(cast.purpose_de, by=bela)
    assert rebuilding.check() == []
