"""The docking station: what is turned away is never sent, what is let in arrives whole, and a retry counts once."""

import http.client
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from governance.capture import handouts, vault
from governance.capture.client.clips import ClipPoster, Filmed
from governance.capture.client.poster import BatchRefused, GateAway
from governance.capture.models import Clip, HandOut
from governance.consents import ledger
from governance.demo import factory, filming
from governance.demo.factory import Line
from governance.lib import clock
from tests.capture import worn
from tests.cast import Cast
from tests.conftest import as_login

FILM = b"\x00\x01film" * 300_000  # 1.8 MB: two chunks


class ThroughTheViews:
    """A connection that ends in the portal's own views, as the web's login; `lost`: answers that never arrive."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.lost = 0

    def request(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
        self.asked.append(path)
        told = dict(headers)
        kind = told.pop("Content-Type")
        with as_login("web"):
            self._answer: Any = Browser().generic(method, path, body, content_type=kind, headers=told)

    def getresponse(self) -> Any:
        if self.lost:
            self.lost -= 1
            raise http.client.RemoteDisconnected
        answer = self._answer
        answer.status, answer.read = answer.status_code, lambda: answer.content
        return answer

    def close(self) -> None:
        pass


@pytest.fixture
def line(cast: Cast) -> Line:
    made = worn.line(cast)
    worn.agree(made, cast.asha)
    worn.hand(made, cast.asha)
    return made


@pytest.fixture
def poster(line: Line) -> Iterator[ClipPoster]:
    with ClipPoster("http://portal", line.key, programme=line.programme.number, sleep=lambda s: None) as made:
        made._connection = ThroughTheViews()  # type: ignore[assignment]
        yield made


def filmed(content: bytes = FILM, **more: Any) -> Filmed:
    begins = clock.now() + timedelta(seconds=1)
    told = {
        "device": "CAM-01",
        "zone": "press-2",
        "begins_at": begins,
        "ends_at": begins + timedelta(seconds=9),
    }
    return Filmed(content=content, **(told | more))


def test_a_clip_arrives_whole_and_a_lost_answer_counts_once(poster: ClipPoster) -> None:
    poster._connection.lost = 2  # type: ignore[attr-defined]
    sent = poster.send(filmed())
    assert (sent.code, sent.chunks) == ("", 2) and sent.bytes_kept > len(FILM)
    clip = Clip.objects.get()
    parts = sorted((e["picture"] for e in vault.opened([clip.stream])), key=lambda part: part["number"])
    assert b"".join(b64decode(part["content"]) for part in parts) == FILM


def test_what_is_turned_away_is_never_sent(poster: ClipPoster, cast: Cast, line: Line) -> None:
    assert poster.send(filmed(zone="canteen")).code == "outside_zone"
    assert poster.send(filmed(sound=True)).code == "not_minimised"
    ledger.withdraw_purpose(line.purpose, by=cast.asha)
    assert poster.send(filmed()).code == "not_permitted"
    assert poster._connection.asked == ["/api/v1/clips"] * 3 and not Clip.objects.exists()  # type: ignore[attr-defined]


def test_a_refusal_in_the_middle_is_said_and_a_gate_that_is_away_too(
    poster: ClipPoster, cast: Cast, line: Line
) -> None:
    ask = poster._ask

    def and_take_back(path: str, *rest: Any) -> Any:
        if path.endswith("/1"):
            handouts.take_back(HandOut.objects.living().get(), by=line.steward)
        return ask(path, *rest)

    poster._ask = and_take_back  # type: ignore[method-assign]
    with pytest.raises(BatchRefused) as refused:
        poster.send(filmed())
    assert refused.value.code == "not_permitted"
    poster._connection.lost = 99  # type: ignore[attr-defined]
    with pytest.raises(GateAway):
        poster.send(filmed())


def test_the_demo_films_keeps_one_and_turns_two_away(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `./run demo` does it: Kavita's clip comes in, Imran was never asked, and in the tool store works an apprentice."""
    from governance.capture import streams

    line, people = factory.show(cast)
    streams.open_waiting()
    assert set(people) == set(factory.SHOWN) and HandOut.objects.living().count() == 2
    monkeypatch.setattr(ClipPoster, "__init__", _through(ClipPoster.__init__))
    docking = filming.Docking("http://portal", {"key": line.key, "programme": line.programme.number})
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr("governance.demo.filming.clock.now", lambda: later)
    docking.dock()
    assert docking.admitted == 1 and docking.turned_away == {"not_permitted": 1, "zone_barred": 1}
    docking.dock()  # not again so soon
    assert Clip.objects.get().person == people["kavita"]


def _through(init: Any) -> Any:
    def made(self: ClipPoster, *args: Any, **more: Any) -> None:
        init(self, *args, **more)
        self._connection = ThroughTheViews()  # type: ignore[assignment]

    return made
