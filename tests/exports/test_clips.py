"""Filmed clips on their way out: asked, advised, agreed to twice, packed by the exporter, opened by the recipient alone."""

import json
import subprocess
import sys
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from governance.capture import streams
from governance.capture.models import Chunk
from governance.consents import ledger
from governance.demo import factory
from governance.demo.factory import Line
from governance.exports import asking, own, packing
from governance.exports.client import package
from governance.exports.models import Export
from governance.lib import clock
from tests.capture import worn
from tests.conftest import World
from tests.exports.conftest import Scene, again, set_scene
from tests.visits import BACKEND, reading, words

FILM = b"\x00\x01film" * 300_000  # 1.8 MB: two chunks


@pytest.fixture
def filmed(world: World) -> tuple[Scene, Line]:
    """Asha wore a camera and two clips of hers lie in the vault; signed in as the web."""

    world.sign_in("owner")
    cast = world.company()
    line = worn.line(cast)
    world.sign_in("web")
    scene = set_scene(cast, world)
    worn.agree(line, cast.asha, open_streams=False)
    worn.hand(line, cast.asha)
    scene.sign_in("eraser")
    streams.open_waiting()
    scene.sign_in("web")
    for content in (FILM, b"a short film"):
        told = worn.begin(line, worn.said(line, content))
        for number, part in enumerate(worn.parts(content)):
            worn.take(line, told, number, part)
    return scene, line


def asked(scene: Scene, line: Line) -> Export:
    today = clock.now().date()
    return asking.ask(
        line.programme, scene.recipient, why="To train the tool change agent; drawings did not suffice.",
        fields={factory.SIGNAL: ["picture"]}, since=today - timedelta(days=1), until=today, by=again(scene.bela),
    )  # fmt: skip


def packed(scene: Scene, line: Line) -> Export:
    export = asked(scene, line)
    asking.advise(export.pk, "Needed, and the least that does.", favourable=True, by=again(scene.cast.dev))
    asking.agree(export.pk, by=again(scene.cast.omar))
    asking.agree(export.pk, by=again(scene.cast.lata))
    scene.sign_in("exporter")
    packing.pack(export.pk)
    scene.sign_in("web")
    return Export.objects.to_open().get(pk=export.pk)


def sign_in(person: Any) -> Client:
    client = Client()
    client.force_login(reading(again(person), "en"), backend=BACKEND)
    return client


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, package.__file__, *arguments], cwd=home, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip


def test_from_the_page_of_who_asks_to_the_files_of_who_receives(
    filmed: tuple[Scene, Line], tmp_path: Path
) -> None:
    scene, line = filmed
    cast, today = scene.cast, clock.now().date()
    bela = sign_in(scene.bela)
    answer = bela.post(
        f"/exports/ask/{line.programme.pk}/",
        {
            "recipient": str(scene.recipient.pk), "why": "To train the tool change agent; drawings did not suffice.",
            "fields_chosen": [f"{factory.SIGNAL}.picture"], "since": f"{today:%Y-%m-%d}", "until": f"{today:%Y-%m-%d}",
        },
    )  # fmt: skip
    export = Export.objects.get()
    page = answer["Location"]
    sign_in(cast.dev).post(
        f"{page}advise/", {"favourable": "yes", "advice": "Needed, and the least that does."}
    )
    for person in (cast.omar, cast.lata):
        assert sign_in(person).post(f"{page}agree/").status_code == 302
    scene.sign_in("exporter")
    assert packing.pack(export.pk) == "ready"
    scene.sign_in("web")
    sealed = bela.post(f"{page}package/")
    whole = b"".join(sealed.streaming_content) if sealed.streaming else sealed.content  # type: ignore[attr-defined]
    assert b"\x01film\x00" not in whole and b"a short film" not in whole  # "film" alone comes by chance

    (tmp_path / "mine.key").write_text(b64encode(scene.private).decode())
    (tmp_path / "x.sammati").write_bytes(whole)
    done = run(tmp_path, "clips", "mine.key", "x.sammati", "clips")
    assert done.returncode == 0, done.stderr
    files = sorted((tmp_path / "clips").iterdir(), key=lambda file: file.stat().st_size)
    assert [file.read_bytes() for file in files] == [b"a short film", FILM]
    rows = [json.loads(line) for line in run(tmp_path, "open", "mine.key", "x.sammati").stdout.splitlines()]
    head = rows[-1]
    assert head["kind"] == "manifest" and (head["segments"], head["subjects"]) == (3, 1)
    assert set(rows[1]["event"]) == {"at", "application", "picture"}
    text = json.dumps(rows)
    for name in ("Asha", "N-1001", str(cast.asha.pk), "Sunil", "CAM-01"):
        assert name not in text, name
    where = words(sign_in(cast.asha).get("/me/where/"))
    assert export.number in where or "Model team, Pune" in where


def test_another_key_opens_no_clip_and_a_changed_part_is_not_the_film(
    filmed: tuple[Scene, Line], tmp_path: Path
) -> None:
    scene, line = filmed
    export = packed(scene, line)
    asking.take(export.pk, by=again(scene.bela))
    (tmp_path / "other.key").write_text(b64encode(b"\1" * 32).decode())
    (tmp_path / "x.sammati").write_bytes(b"".join(asking.sealed(export)))
    done = run(tmp_path, "clips", "other.key", "x.sammati", "clips")
    assert done.returncode != 0 and not list((tmp_path / "clips").iterdir())
    picture = {
        "clip": str(line.programme.pk),
        "number": 0,
        "of": 1,
        "sha256": "0" * 64,
        "content": b64encode(b"x").decode(),
    }
    rows = [{"kind": "event", "event": {"picture": picture}}]
    with pytest.raises(ValueError, match="not the one that was filmed"):
        list(package.clips(rows, tmp_path))
    with pytest.raises(ValueError, match="Parts are missing"):
        list(package.clips([{"kind": "event", "event": {"picture": picture | {"of": 2}}}], tmp_path))


def test_a_clip_of_which_a_part_lies_outside_the_period_or_is_to_be_deleted_stays_whole_in_the_vault(
    filmed: tuple[Scene, Line],
) -> None:
    scene, line = filmed
    first = Chunk.objects.get(number=0, clip__chunks__number=1).segment
    scene.sign_in("owner")
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE vault_owner")
        cursor.execute(
            "UPDATE vault.segment SET admitted_at = admitted_at - interval '3 days' WHERE id = %s", [first]
        )
        cursor.execute("RESET ROLE")
    scene.sign_in("web")
    export = packed(scene, line)
    assert export.state == "ready" and export.manifest["segments"] == 1  # type: ignore[index]
    own.delete(line.purpose, "hour", by=again(scene.cast.asha))
    assert packed(scene, line).state == "failed", "nothing is left that may go out"


def test_somebody_with_many_clips_is_packed_group_by_group_and_a_no_in_between_ends_it(
    filmed: tuple[Scene, Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, line = filmed
    monkeypatch.setattr(packing, "GROUP", 1)  # one clip at once
    groups: list[int] = []
    person = packing._Work._person

    def counted(work: packing._Work, pk: Any, segments: list[packing.Lying]) -> Any:
        groups.append(len(segments))
        return person(work, pk, segments)

    monkeypatch.setattr(packing._Work, "_person", counted)
    export = packed(scene, line)
    assert groups == [2, 1], "a clip's parts stay together"
    head = export.manifest
    assert (
        export.state == "ready" and head and (head["subjects"], head["segments"], head["events"]) == (1, 3, 3)
    )

    def and_withdraw(work: packing._Work, pk: Any, segments: list[packing.Lying]) -> Any:
        lines = person(work, pk, segments)
        if len(segments) == 2:
            scene.sign_in("web")
            ledger.withdraw_purpose(line.purpose, by=again(scene.cast.asha))
            scene.sign_in("exporter")
        return lines

    monkeypatch.setattr(packing._Work, "_person", and_withdraw)
    assert packed(scene, line).state == "waiting", "thrown away, and begun anew without her"


def test_who_withdraws_before_the_packing_is_in_no_package(filmed: tuple[Scene, Line]) -> None:
    scene, line = filmed
    ledger.withdraw_purpose(line.purpose, by=again(scene.cast.asha))
    export = packed(scene, line)
    assert (export.state, export.ended_because) == ("failed", "nothing_allowed")
