"""At the kiosk as on one's own pages: a no to a part, all that was ever said, and requests; typed text waits for whoever is slow."""

import re

import pytest
from django.core.cache import cache

from governance.consents import kiosk, optouts, said
from governance.consents.models import ConsentRecord, OptOut, Receipt
from governance.people.models import Person
from governance.retention.models import ErasureOrder
from governance.rights import requests
from governance.rights.models import Request
from tests.cast import Cast
from tests.consents.test_kiosk import enter, screen, ticket
from tests.visits import words


@pytest.fixture
def worker(cast: Cast) -> Person:
    cache.clear()
    return Person.objects.get(number="N-1101")


@pytest.fixture
def pin(cast: Cast, worker: Person) -> str:
    return kiosk.issue("N-1101", by=cast.dev)[1]


def test_a_no_to_one_signal_is_one_press_and_beats_a_later_yes(cast: Cast, pin: str) -> None:
    with screen() as client:
        page = enter(client, "N-1101", pin)
        form = {"purpose": str(cast.purpose.pk), "signal": "ui_event"}
        assert 'form="no-ui_event' in page.content.decode()
        pause = client.post("/kiosk/say/", {"word": "pause", "hours": "1"})
        said = client.post("/kiosk/parts/", form)
        assert words(said) == words(pause) and said["Refresh"].startswith("60; url=/kiosk/")
        row = OptOut.objects.in_force().get()
        assert (row.person.number, row.purpose, row.signal) == ("N-1101", cast.purpose, "ui_event")
        choices = client.get("/kiosk/choices/")
        assert 'value="ui_event"' not in choices.content.decode().split('id="no-ui_event')[0]
        assert client.post("/kiosk/parts/", {"purpose": str(cast.purpose_de.pk)}).status_code == 400
        living = client.get("/kiosk/parts/")
        assert f"/kiosk/parts/{row.pk}/lift/" in living.content.decode()
        lifted = client.post(f"/kiosk/parts/{row.pk}/lift/")
        assert words(lifted) == words(pause)
    assert not OptOut.objects.in_force().exists()


def test_nobody_elses_no_is_ended_there(cast: Cast, pin: str) -> None:
    row = optouts.opt_out(by=cast.bela)
    with screen() as client:
        enter(client, "N-1101", pin)
        assert client.post(f"/kiosk/parts/{row.pk}/lift/").status_code == 404
    assert OptOut.objects.in_force().filter(pk=row.pk).exists()


def test_hours_are_filled_in_and_kept_when_more_time_is_asked_for(cast: Cast, pin: str) -> None:
    with screen() as client:
        enter(client, "N-1101", pin)
        half = {
            "purpose": str(cast.purpose.pk),
            "weekdays": ["6", "7"],
            "since": "18:00",
            "host": "not a host",
        }
        page = client.post("/kiosk/parts/", half | {"more": "1"})
        shown = page.content.decode()
        assert page.status_code == 200 and page["Refresh"].startswith("60;")
        assert 'value="18:00"' in shown and "not a host" in shown and shown.count(" checked") == 2
        assert not OptOut.objects.exists()
        assert client.post("/kiosk/parts/", half).status_code == 400
        client.post("/kiosk/parts/", half | {"host": "", "to": "06:00"})
    row = OptOut.objects.get()
    assert row.weekdays == [6, 7] and row.is_narrow


def test_everything_they_ever_said_is_there_by_day_and_code_and_unfolds(
    cast: Cast, pin: str, worker: Person
) -> None:
    with screen() as client:
        page = enter(client, "N-1101", pin)
        client.post("/kiosk/choices/", ticket(page) | {"say": "give", "signals": ["ui_event"]})
        for _turn in range(12):
            client.post("/kiosk/say/", {"word": "pause", "hours": "1"})
            client.post("/kiosk/say/", {"word": "resume"})
        first = client.get("/kiosk/said/").content.decode()
        last = client.get("/kiosk/said/?page=2").content.decode()
    everything = said.by(worker)
    assert first.count("<details") + last.count("<details") == len(everything) > 20
    assert str(Receipt.objects.get().number) in last
    told = re.sub(r"<details.*?</details>", "", first + last, flags=re.DOTALL)
    assert "Given" not in told and "Paused" not in told and "Anil" not in told
    assert "Given" in last and "Pause ended" in first


def test_a_request_is_made_there_and_its_clock_and_answer_are_read(
    cast: Cast, pin: str, worker: Person
) -> None:
    with screen() as client:
        enter(client, "N-1101", pin)
        typed = {"right": "correction", "words": "My line is line 4."}
        kept = client.post("/kiosk/requests/", typed | {"more": "1"})
        assert "My line is line 4." in kept.content.decode() and not Request.objects.exists()
        assert client.post("/kiosk/requests/", {"right": "correction"}).status_code == 400
        page = client.post("/kiosk/requests/", typed, follow=True)
        row = Request.objects.get()
        assert (row.person, row.right, row.channel) == (worker, "correction", "portal")
        assert f"Your request {row.number} is received. You get an answer by" in words(page)
        told = re.sub(r"<(details|form).*?</\1>", "", page.content.decode(), flags=re.DOTALL)
        assert row.number in told and "line 4" not in told
        requests.answer(row.pk, "Line 4 it is.", by=cast.dev, outcome="granted")
        assert "Line 4 it is." in client.get("/kiosk/requests/").content.decode()
        client.post(
            "/kiosk/choices/",
            ticket(client.get("/kiosk/choices/")) | {"say": "give", "signals": ["ui_event"]},
        )
        client.post("/kiosk/requests/", {"right": "erasure"})
    assert not ConsentRecord.objects.on().filter(person=worker).exists()
    assert ErasureOrder.objects.filter(person=worker).exists()


@pytest.mark.parametrize("path", ["parts", "said", "requests"])
def test_none_of_it_opens_outside_of_their_minute(cast: Cast, path: str) -> None:
    with screen() as client:
        assert client.get(f"/kiosk/{path}/")["Location"] == "/kiosk/"
