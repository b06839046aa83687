"""Clips of worn cameras: nothing outside its zone and shift, nothing after a no, nothing half-written, one code for a choice."""

import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.db import connection
from django.test import Client as Browser

from governance.capture import clips_gone, deciding, gate, handouts, programmes, turned_away, vault
from governance.capture.api import parse
from governance.capture.gate import BatchRefused
from governance.capture.models import Arrival, Chunk, Clip, HandOut, Intake, Programme, TurnedAway
from governance.consents import ledger, optouts, pauses
from governance.demo.factory import Line
from governance.lib import clock
from governance.people.models import Employment, Person
from governance.retention.models import ErasureOrder
from tests import make
from tests.capture import worn
from tests.cast import Cast
from tests.conftest import as_login

FILM = b"\x00\x01film" * 300_000  # 1.8 MB: two chunks
SHORT = b"short film"


@pytest.fixture
def line(cast: Cast) -> Line:
    return worn.line(cast)


@pytest.fixture
def ready(cast: Cast, line: Line) -> Line:
    """Asha agreed and carries the camera."""
    worn.agree(line, cast.asha)
    worn.hand(line, cast.asha)
    return line


def set_terms(line: Line, **more: Any) -> None:
    terms = msgspec.structs.replace(deciding.terms_of(line.programme), **more)
    Programme.objects.filter(pk=line.programme.pk).update(**deciding.projected(terms))


def segments() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault.segment")
        return int(cursor.fetchone()[0])


def turned(line: Line, **more: Any) -> dict[str, int]:
    with as_login("web"):
        answer = worn.begin(line, worn.said(line, SHORT, **more))
    assert not answer["permitted"] and "permit" not in answer and not Clip.objects.exists()
    return answer["turned_away"]


def code_of(act: Any) -> str:
    with pytest.raises(BatchRefused) as refused:
        act()
    return str(refused.value.code)


def test_a_clip_comes_in_by_parts_and_only_the_exporter_puts_it_together(ready: Line) -> None:
    with as_login("web"):
        told = worn.begin(ready, worn.said(ready, FILM))
        assert told["permitted"] and told["chunks"] == 2
        first, second = worn.parts(FILM)
        assert worn.take(ready, told, 1, second)["whole"] is False
        assert worn.take(ready, told, 0, first)["whole"] is True
    assert segments() == Chunk.objects.count() == Arrival.objects.count() == 2
    assert sum(Arrival.objects.values_list("events", flat=True)) == 1
    stream = Clip.objects.get().stream
    events = sorted(vault.opened([stream]), key=lambda event: event["picture"]["number"])
    assert b"".join(b64decode(event["picture"]["content"]) for event in events) == FILM
    assert [set(event) for event in vault.opened([stream], pictures=False)] == [
        {"segment", "at", "application"}
    ]


def test_the_same_words_and_the_same_chunk_get_the_same_answer(ready: Line) -> None:
    body = worn.said(ready, SHORT)
    told = worn.begin(ready, body)
    assert worn.begin(ready, body) == told
    assert worn.take(ready, told, 0, SHORT) == worn.take(ready, told, 0, SHORT)
    assert segments() == 1 and Intake.objects.count() == 2
    other = json.dumps(json.loads(body) | {"zone": "elsewhere"}).encode()
    assert code_of(lambda: worn.begin(ready, other)) == "batch_reused"


@pytest.mark.parametrize(
    ("number", "part"), [(0, SHORT[:-1]), (0, b"other film"), (1, SHORT), (10**9, SHORT), (0, b"")]
)
def test_a_wrong_chunk_is_refused_and_nothing_of_it_is_written(ready: Line, number: int, part: bytes) -> None:
    told = worn.begin(ready, worn.said(ready, SHORT))
    assert code_of(lambda: worn.take(ready, told, number, part)) == "wrong_chunk"
    assert segments() == Arrival.objects.count() == Chunk.objects.count() == 0 and Intake.objects.count() == 1
    assert worn.take(ready, told, 0, SHORT)["whole"]


@pytest.mark.parametrize(
    "more", [{"length_ms": 1}, {"bytes": 11_000_000}, {"bytes": 2**30}, {"chunks": ["0" * 64] * 2}]
)
def test_a_clip_that_does_not_fit_itself_or_the_limits_is_refused(ready: Line, more: dict[str, Any]) -> None:
    assert code_of(lambda: worn.begin(ready, worn.said(ready, SHORT, **more))) == "wrong_clip"
    ends = (datetime.now(UTC) + timedelta(minutes=6)).isoformat()
    long = worn.said(ready, SHORT, ends_at=ends, length_ms=360_000)
    assert code_of(lambda: worn.begin(ready, long)) == "wrong_clip"


def test_whatever_tells_a_choice_is_one_code(cast: Cast, line: Line) -> None:
    worn.hand(line, cast.asha)
    assert turned(line) == {"not_permitted": 1}  # never asked
    worn.agree(line, cast.asha)
    pause = pauses.pause(by=cast.asha, hours=1)
    assert turned(line) == {"not_permitted": 1}
    pauses.resume(pause.pk, by=cast.asha)
    optouts.opt_out(by=cast.asha)
    assert turned(line) == {"not_permitted": 1}


def test_bounds_of_the_programme_are_said_whatever_the_person_chose(cast: Cast, line: Line) -> None:
    worn.hand(line, cast.asha)  # who never agreed hears the same as who did
    assert turned(line, zone="canteen") == {"outside_zone": 1}
    assert turned(line, sound=True) == turned(line, blurred=False) == {"not_minimised": 1}
    assert turned(line, application="Tinder") == {"application_not_listed": 1}
    assert turned(line, signal="ui_event") == {"not_declared": 1}
    hour = (clock.now() + timedelta(hours=3)).strftime("%H:00")
    set_terms(line, shifts=(msgspec.structs.replace(worn.ALWAYS[0], begins=hour, ends=hour[:2] + ":01"),))
    assert turned(line) == {"outside_hours": 1}


def test_where_somebody_under_18_works_nothing_is_recorded_from_that_moment_on(
    ready: Line, cast: Cast
) -> None:
    told = worn.begin(ready, worn.said(ready, FILM))
    worn.take(ready, told, 0, worn.parts(FILM)[0])
    young = Person.objects.register(number="N-1990", is_under_18=True)
    Employment.objects.create(
        person=young, entity=cast.software, site=ready.site, country="IN", starts_on=clock.law_date()
    )
    assert code_of(lambda: worn.take(ready, told, 1, worn.parts(FILM)[1])) == "not_permitted"
    with as_login("web"):
        answer = worn.begin(ready, worn.said(ready, SHORT))
    assert answer["turned_away"] == {"zone_barred": 1}


def test_nobody_looked_at_the_zone_or_the_shift_bars_it(ready: Line) -> None:
    terms = deciding.terms_of(ready.programme)
    unseen = msgspec.structs.replace
    set_terms(ready, zones=(unseen(terms.zones[0], adults_only=False),))
    assert turned(ready) == {"zone_barred": 1}
    set_terms(ready, zones=terms.zones, shifts=(unseen(terms.shifts[0], adults_only=False),))
    assert turned(ready) == {"zone_barred": 1}


def test_without_the_camera_in_hand_nothing_is_taken(ready: Line) -> None:
    before = (clock.now() - timedelta(hours=1)).isoformat()
    early = worn.said(ready, SHORT, begins_at=before, ends_at=before[:17] + "59+00:00", length_ms=1)
    assert code_of(lambda: worn.begin(ready, early)) == "wrong_clip"
    told = worn.begin(ready, worn.said(ready, SHORT))
    handouts.take_back(HandOut.objects.get(), by=ready.steward)
    assert code_of(lambda: worn.take(ready, told, 0, SHORT)) == "not_permitted"
    with as_login("web"):
        assert worn.begin(ready, worn.said(ready, SHORT))["turned_away"] == {"nobody_bound": 1}


def test_a_withdrawal_between_two_chunks_stops_the_rest_and_erases_what_had_come(
    ready: Line, cast: Cast
) -> None:
    told = worn.begin(ready, worn.said(ready, FILM))
    worn.take(ready, told, 0, worn.parts(FILM)[0])
    ledger.withdraw_purpose(ready.purpose, by=cast.asha)
    assert code_of(lambda: worn.take(ready, told, 1, worn.parts(FILM)[1])) == "not_permitted"
    stream = Clip.objects.get().stream
    order = ErasureOrder.objects.get(person=cast.asha, purpose=ready.purpose)
    scope = order.scope()
    connector = vault.VaultConnector({}, {})
    with as_login("eraser"):
        for chunk in connector.chunks(scope):
            connector.erase(scope, chunk)
    assert segments() == Arrival.objects.count() == Chunk.objects.count() == Clip.objects.count() == 0
    assert code_of(lambda: worn.take(ready, told, 1, worn.parts(FILM)[1])) == "not_permitted"
    assert stream in scope.streams


def test_what_is_never_whole_is_swept_after_its_minutes(ready: Line) -> None:
    told = worn.begin(ready, worn.said(ready, FILM))
    worn.take(ready, told, 0, worn.parts(FILM)[0])
    done = worn.begin(ready, worn.said(ready, SHORT))
    worn.take(ready, done, 0, SHORT)
    with as_login("eraser"):
        assert clips_gone.sweep(clock.now() + timedelta(minutes=15)) == 0
        assert clips_gone.sweep(clock.now() + timedelta(minutes=17)) == 1
    assert segments() == Arrival.objects.count() == Chunk.objects.count() == Clip.objects.count() == 1


def test_a_permit_is_of_one_clip_and_of_a_few_minutes(ready: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    told, other = (worn.begin(ready, worn.said(ready, SHORT)) for _ in range(2))
    assert code_of(lambda: worn.take(ready, told | {"permit": other["permit"]}, 0, SHORT)) == "wrong_permit"
    assert code_of(lambda: worn.take(ready, told | {"permit": "9.é"}, 0, SHORT)) == "wrong_permit"
    later = clock.now() + timedelta(minutes=16)
    monkeypatch.setattr("governance.capture.clips.clock.now", lambda: later)
    assert code_of(lambda: worn.take(ready, told, 0, SHORT)) == "permit_expired"


def test_a_clip_never_comes_in_a_batch_and_a_batch_knows_zone_and_shift(ready: Line) -> None:
    def post(**more: Any) -> dict[str, int]:
        event = make.event("N-1001", "worn_clip", application="Line camera")
        body = json.dumps(
            {
                "batch_id": str(uuid4()),
                "programme": ready.programme.number,
                "device": "CAM-01",
                "events": [event],
            }
            | more
        ).encode()
        return gate.admit(parse(body), body, client=gate.sender(ready.key))["turned_away"]

    assert post(zone="press-2") == {"not_declared": 1}


def test_counts_go_where_those_of_batches_go(ready: Line, cast: Cast) -> None:
    told = worn.begin(ready, worn.said(ready, SHORT))
    worn.take(ready, told, 0, SHORT)
    with as_login("web"):
        worn.begin(ready, worn.said(ready, SHORT, zone="canteen"))
    with as_login("worker"):
        turned_away.count()
    assert TurnedAway.objects.get(programme=ready.programme).code == "outside_zone"
    programmes.pause(ready.programme, by=cast.dev, because="test")
    assert code_of(lambda: worn.begin(ready, worn.said(ready, SHORT))) == "programme_not_running"


def test_a_clip_that_lost_a_part_goes_whole(ready: Line, cast: Cast) -> None:
    told = worn.begin(ready, worn.said(ready, SHORT))
    worn.take(ready, told, 0, SHORT)
    with as_login("eraser"):
        clips_gone.torn(list(Chunk.objects.values_list("segment", flat=True)))
    assert segments() == Arrival.objects.count() == Clip.objects.count() == 0


def test_over_http_the_answers_carry_one_code(ready: Line) -> None:
    def call(path: str, content: bytes, kind: str, **head: str) -> Any:
        with as_login("web"):
            return Browser().post(
                f"/api/v1/{path}", content, content_type=kind, headers={"Authorization": f"Bearer {ready.key}"} | head
            )  # fmt: skip

    answer = call("clips", worn.said(ready, SHORT), "application/json")
    assert answer.status_code == 202 and answer.json()["permitted"]
    told = answer.json()
    path = f"clips/{told['clip_id']}/chunks/0"
    assert call(path, SHORT, "application/octet-stream").json()["code"] == "wrong_permit"
    permit = {"Clip-Permit": told["permit"]}
    assert call(path, b"x", "application/octet-stream", **permit).status_code == 422
    whole = call(path, SHORT, "application/octet-stream", **permit)
    assert whole.status_code == 202 and whole.json()["whole"] is True
    assert call("clips", b"{}", "application/json").status_code == 422
    policy = Browser().get("/api/v1/policy", headers={"Authorization": f"Bearer {ready.key}"}).json()
    assert policy["zones"] == ["press-2"] and policy["clips"] == ["worn_clip"] and policy["signals"] == {}
    assert policy["clip_limits"]["chunk_bytes"] == 1048576
