"""The forms of a batch: NDJSON, gzip, zstd, bombs, back-pressure, the policy; fuzzed: never a 500, nothing stored that was not admitted."""

import gzip
import json
import os
import random
import tracemalloc
import zlib
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.capture import api, programmes, wire
from governance.capture.gate import BatchRefused
from governance.capture.models import Arrival, Intake
from governance.capture.shapes import MAX_BYTES, zstandard
from tests import make
from tests.cast import Cast
from tests.conftest import as_login

NIGHT = bool(os.environ.get("SAMMATI_NIGHT"))
with_zstd = pytest.mark.skipif(zstandard is None, reason="zstandard is not installed")


def send(cast: Cast, body: bytes, **headers: str) -> Any:
    with as_login("web"):
        return Client().post(
            "/api/v1/batches", body, content_type=headers.pop("content_type", "application/json"),
            headers={"Authorization": f"Bearer {cast.keys[cast.programme.number]}", **headers},
        )  # fmt: skip


def ndjson(cast: Cast, *events: dict[str, Any]) -> bytes:
    head = {"batch_id": str(uuid4()), "programme": cast.programme.number, "device": cast.device.number}
    return "\n".join(json.dumps(row) for row in (head, *events)).encode()


def plain(cast: Cast, *events: dict[str, Any]) -> bytes:
    return make.batch(cast.programme.number, cast.device.number, list(events))


@pytest.fixture
def given_(cast: Cast) -> Cast:
    make.consent(cast.asha, cast.purpose, "ui_event")
    return cast


def test_a_line_for_each_event(given_: Cast) -> None:
    body = ndjson(given_, make.event("N-1001"), make.event("N-1002"))
    answer = send(given_, body + b"\n", content_type="application/x-ndjson")
    assert answer.status_code == 202
    assert answer.json()["admitted"] == 1 and answer.json()["turned_away"] == {"not_permitted": 1}
    again = send(
        given_, gzip.compress(body), content_type="application/x-ndjson", **{"Content-Encoding": "gzip"}
    )
    assert again.json()["admitted"] == 1 and Arrival.objects.count() == 1  # the same batch, packed


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (b'{"batch_id":"x"}', "wrong_shape"), (b"{", "not_json"),
        (b'HEAD\n{"a":1},{"b":2}', "not_json"), (b'HEAD\n1],"events":[', "not_json"), (b"HEAD", "empty_batch"),
        (b"HEAD\n[]", "wrong_shape"), (b"HEAD\n" + b"{}\n" * 5001, "too_large"), (b'{"events":[],"batch_id":"x"}', "wrong_shape"),
    ],
)  # fmt: skip
def test_lines_that_are_none_are_refused(cast: Cast, lines: bytes, code: str) -> None:
    answer = send(cast, lines.replace(b"HEAD", ndjson(cast)), content_type="application/x-ndjson")
    assert answer.json()["code"] == code and not Intake.objects.exists()


def test_a_packed_batch(given_: Cast) -> None:
    answer = send(given_, gzip.compress(plain(given_, make.event("N-1001"))), **{"Content-Encoding": "gzip"})
    assert answer.status_code == 202 and answer.json()["admitted"] == 1


@with_zstd
def test_a_batch_in_zstd(given_: Cast) -> None:
    packed = zstandard.ZstdCompressor().compress(plain(given_, make.event("N-1001")))
    assert send(given_, packed, **{"Content-Encoding": "zstd"}).json()["admitted"] == 1
    for bad in (packed[:-3], packed + b"x", b"x" + packed):
        assert send(given_, bad, **{"Content-Encoding": "zstd"}).json()["code"] == "not_unpacked"


def test_what_cannot_be_unpacked_is_refused(cast: Cast) -> None:
    packed = gzip.compress(plain(cast, make.event("N-1001")))
    for bad in (packed[:-9], packed + b"more", b"plain", zlib.compress(b"{}")):
        assert send(cast, bad, **{"Content-Encoding": "gzip"}).json()["code"] == "not_unpacked"
    for encoding in ("br", "deflate", "gzip, gzip", "x" * 50):
        answer = send(cast, packed, **{"Content-Encoding": encoding})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_encoding")
    assert not Intake.objects.exists()


@pytest.mark.parametrize("kind", ["gzip", pytest.param("zstd", marks=with_zstd)])
def test_a_bomb_is_never_unpacked_beyond_the_limit(cast: Cast, kind: str) -> None:
    huge = b" " * (256 * 1024 * 1024)
    bomb = gzip.compress(huge, 9) if kind == "gzip" else zstandard.ZstdCompressor().compress(huge)
    del huge
    assert len(bomb) < MAX_BYTES
    tracemalloc.start()
    with pytest.raises(BatchRefused) as refused:
        wire.unpack(bomb, kind)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.code == "too_large" and peak < 16 * 1024 * 1024
    assert send(cast, bomb, **{"Content-Encoding": kind}).status_code == 413


def test_a_full_process_says_when_to_come_again(cast: Cast) -> None:
    taken = 0
    while api.AT_ONCE.acquire(blocking=False):
        taken += 1
    try:
        answer = send(cast, plain(cast, make.event("N-1001")))
    finally:
        for _ in range(taken):
            api.AT_ONCE.release()
    assert (
        answer.status_code == 503 and answer.json()["code"] == "busy" and 1 <= int(answer["Retry-After"]) <= 3
    )
    assert send(cast, plain(cast, make.event("N-1001"))).status_code == 202


class TestPolicy:
    def get(self, cast: Cast, tag: str = "", key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {key or cast.keys[cast.programme.number]}"} | (
            {"If-None-Match": tag} if tag else {}
        )
        with as_login("web"):
            return Client().get("/api/v1/policy", headers=headers)

    def test_it_says_what_may_be_recorded_and_nothing_of_a_person(self, given_: Cast) -> None:
        before = self.get(given_)
        told = before.json()
        assert told["records"] and "ui_event" in told["signals"] and "Chrome" in told["applications"]
        assert told["limits"]["events"] == 5000 and "gzip" in told["limits"]["encodings"]
        make.consent(given_.bela, given_.purpose, "ui_event")
        assert self.get(given_)["ETag"] == before["ETag"]  # a choice changes nothing in it

    def test_a_client_that_has_it_hears_304_until_it_changes(self, cast: Cast) -> None:
        tag = self.get(cast)["ETag"]
        same = self.get(cast, tag)
        assert same.status_code == 304 and not same.content and same["ETag"] == tag
        programmes.pause(cast.programme, by=cast.dev, because="test")
        changed = self.get(cast, tag)
        assert (
            changed.status_code == 200
            and changed.json()["records"] is False
            and changed.json()["signals"] == {}
        )

    def test_every_answer_carries_it(self, given_: Cast) -> None:
        whole = send(given_, plain(given_, make.event("N-1001"))).json()["policy"]
        assert whole["etag"] == self.get(given_)["ETag"] and whole["records"]
        known = send(given_, plain(given_, make.event("N-1001")), **{"If-None-Match": whole["etag"]}).json()[
            "policy"
        ]
        assert known == {"etag": whole["etag"]}

    def test_a_stranger_gets_none(self, cast: Cast) -> None:
        assert self.get(cast, key="wrong").status_code == 401
        assert Client().get("/api/v1/policy").status_code == 401


def mangled(body: bytes, seed: int) -> bytes:
    """The same body with some bytes changed, cut out, doubled or added."""
    chance = random.Random(seed)
    wild = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        at, what = chance.randrange(len(wild) + 1), chance.randrange(4)
        if what == 0 and wild:
            wild[at % len(wild)] = chance.randrange(256)
        elif what == 1:
            del wild[at : at + chance.randint(1, 20)]
        elif what == 2:
            wild[at:at] = wild[at : at + 30]
        else:
            wild[at:at] = chance.choice(
                [b"\0", b"null", b"[", b"}", b"\xff", b'"', b"1e999", b"\\ud800", b"\n"]
            )
    return bytes(wild)


FORMS = ["application/json", "application/x-ndjson", "text/plain", ""]
CODINGS = ["", "gzip", "identity", "zstd", "br"]


@settings(
    max_examples=10_000 if NIGHT else 150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    seed=st.integers(0, 2**32),
    form=st.sampled_from(FORMS),
    coding=st.sampled_from(CODINGS),
    packed=st.booleans(),
    lines=st.booleans(),
    wild=st.booleans(),
)
def test_whatever_comes_it_is_never_a_500_and_only_the_admitted_is_stored(
    given_: Cast, seed: int, form: str, coding: str, packed: bool, lines: bool, wild: bool
) -> None:
    events = (make.event("N-1001", url="https://a.example/b"), make.event("N-1002", x=1))
    body = (ndjson if lines else plain)(given_, *events)
    body = mangled(body, seed) if wild else body
    body = gzip.compress(body) if packed else body
    body = mangled(body, seed + 1) if not wild else body
    before = sum(Arrival.objects.values_list("events", flat=True))
    answer = send(given_, body, content_type=form, **({"Content-Encoding": coding} if coding else {}))
    after = sum(Arrival.objects.values_list("events", flat=True))
    assert answer.status_code in (202, 400, 401, 404, 403, 409, 413, 415, 422), answer.status_code
    told = answer.json()
    assert after - before == (told["admitted"] if answer.status_code == 202 else 0)
    if answer.status_code != 202:
        assert set(told) == {"code", "detail"} and "a.example" not in answer.content.decode()
