"""A device that is switched off and on while the portal is away: what was known is still known, and no longer than it may be."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from governance.capture import programmes
from governance.capture.client import source
from governance.capture.client.agent import Agent
from governance.capture.client.buffer import Buffer, Changed
from governance.capture.client.indicator import Indicator
from governance.capture.models import Arrival, Wiped
from governance.consents import ledger
from tests import make
from tests.capture.test_client_agent import AT, POLICY, Portal, click
from tests.capture.test_client_signals import Portal as RealPortal
from tests.capture.test_client_signals import log_of, opened, portal  # noqa: F401
from tests.cast import Cast

Said = dict[str, Any]
KEPT = 12  # of what the log's lines tell, as much as the policy wants


class Device:
    """The client's command on a device, as a process of its own each time."""

    def __init__(self, at: RealPortal, folder: Path) -> None:
        self.portal, self.folder, self.log = at, folder / "device", log_of(folder / "log.csv")

    def run(self, *more: str, user: str = "N-1001") -> tuple[Said, str]:
        """What it counted, and what it said to the person."""
        cast = self.portal.cast
        done = subprocess.run(
            [sys.executable, "-m", "governance.capture.client", "--url", self.portal.url, "--programme", cast.programme.number,
             "--device", cast.device.number, "--user", user, "--buffer", str(self.folder), "--language", "en", *more],
            env={"PATH": os.environ["PATH"], "SAMMATI_CLIENT_KEY": cast.keys[cast.programme.number]}, cwd=Path(__file__).parents[2],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout), done.stderr

    def record(self, **more: str) -> tuple[Said, str]:
        return self.run(str(self.log), **more)

    @property
    def kept(self) -> Path:
        (found,) = self.folder.glob("known-*")
        return found


@pytest.fixture
def device(portal: RealPortal, tmp_path: Path) -> Device:  # noqa: F811
    return Device(portal, tmp_path)


def test_switched_on_while_the_portal_is_away_it_goes_on_by_the_last_policy(
    device: Device,
) -> None:
    first, _said = device.record()
    assert first["admitted"] > 0 and first["waiting"] == 0
    before = sum(Arrival.objects.values_list("events", flat=True))
    content = device.kept.read_bytes()
    assert stat.S_IMODE(device.kept.stat().st_mode) == 0o600
    assert not [word for word in (b"CP-0001", b"N-1001", b"ui_event", b"Excel") if word in content]
    device.portal.stop()
    told, said = device.record()
    assert told["kept"] == KEPT and told["waiting"] >= told["kept"] and told["admitted"] == 0
    assert "waits encrypted on this device" in said
    again, _said = device.record()  # and switched off and on once more
    assert again["waiting"] > told["waiting"]
    device.portal.start()
    last, _said = device.record()
    assert last["waiting"] == 0
    assert sum(Arrival.objects.values_list("events", flat=True)) == before + last["admitted"]
    assert opened(device.portal), "and what waited opens like all else"


def test_a_pause_by_the_person_outlasts_restarts_and_a_broken_file(
    device: Device,
) -> None:
    device.record()
    counted = sum(Arrival.objects.values_list("events", flat=True))
    told, said = device.run("--pause")
    assert told["kept"] == told["waiting"] == 0 and "Paused by you" in said
    told, said = device.record()
    assert told["kept"] == 0 and "Paused by you" in said
    device.kept.write_bytes(b"x" * 90)
    told, _said = device.record()
    assert told["kept"] == 0
    device.portal.stop()
    told, _said = device.record()
    assert told["kept"] == told["waiting"] == 0
    told, said = device.run("--resume")
    assert "Recording" in said
    told, _said = device.record()
    assert told["kept"] == KEPT
    device.portal.start()
    told, _said = device.run("--pause")  # what waits is still sent
    assert told["waiting"] == 0 and told["admitted"] > 0
    assert sum(Arrival.objects.values_list("events", flat=True)) == counted + told["admitted"]


def test_a_withdrawal_that_was_heard_of_stays_a_no_after_a_restart_offline(
    device: Device,
) -> None:
    device.record()
    ledger.withdraw_purpose(device.portal.cast.purpose, by=device.portal.cast.asha)
    told, _said = device.record()
    assert told["admitted"] == 0 and told["wiped"] >= 0
    assert Wiped.objects.filter(person=device.portal.cast.asha).count() == 1
    device.portal.stop()
    told, said = device.record()
    assert told["kept"] == told["waiting"] == 0
    assert "you have not agreed" in said and not list(device.folder.glob("*.batch"))
    device.portal.start()
    told, _said = device.record()
    assert told["kept"] == KEPT, "and the portal is asked again as soon as it is there"


def test_a_changed_file_and_that_of_somebody_else_are_not_used_and_it_says_so(
    device: Device,
) -> None:
    device.record()
    whole = device.kept.read_bytes()
    device.portal.stop()
    device.kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    told, said = device.record()
    assert told["kept"] == 0 and "was changed, or is somebody else’s" in said
    assert "the portal cannot be reached, and it says what may be" in said
    device.kept.write_bytes(whole)
    told, said = device.record(user="N-1002")  # it was given for another: nothing is known of this one
    assert told["kept"] == 0 and "cannot be reached, and it says" in said
    mine, theirs = sorted(device.folder.glob("known-*"), key=lambda path: path.read_bytes() != whole)
    theirs.write_bytes(mine.read_bytes())
    told, said = device.record(user="N-1002")
    assert told["kept"] == 0 and "was changed, or is somebody else’s" in said
    told, said = device.record()
    assert told["kept"] == KEPT and "somebody else’s" not in said


@pytest.fixture
def switched_on(cast: Cast, tmp_path: Path) -> Iterator[Any]:
    """Asha agreed to clicks; each call is a fresh start of her device, at a moment."""
    make.consent(cast.asha, cast.purpose, "ui_event")
    gate = Portal(cast)

    def start(later: timedelta = timedelta()) -> tuple[Agent, Portal]:
        agent = Agent(
            gate, programme=cast.programme.number, device=cast.device.number, user="N-1001", folder=tmp_path / "device",
            indicator=Indicator(None, None), now=lambda: datetime.now(UTC) + later,
        )  # fmt: skip
        return agent, gate

    return start


def test_away_it_records_for_as_many_hours_as_the_policy_says_and_no_longer(switched_on: Any) -> None:
    agent, gate = switched_on()
    assert agent.read_policy()
    assert agent._known.policy["limits"]["offline_hours"] == 24
    gate.away = True
    for hours, recorded in ((23, True), (25, False), (-1, False), (23, True)):
        agent, _gate = switched_on(timedelta(hours=hours))
        assert not agent.offer(click(url="")), "before the portal was asked nothing is recorded"
        assert not agent.read_policy()
        assert agent.offer(click(url="")) is recorded
        assert agent.indicator.state == ("offline" if recorded else "unknown")
        agent.send()
    running, _gate = switched_on()
    running.read_policy()
    running._now = lambda: datetime.now(UTC) + timedelta(hours=25)  # it was never switched off
    assert not running.offer(click(url="")) and running.indicator.state == "unknown"


def test_asked_with_its_tag_after_a_restart_and_the_answer_makes_it_fresh(switched_on: Any) -> None:
    agent, gate = switched_on()
    agent.read_policy()
    again, _gate = switched_on(timedelta(hours=20))
    told: list[int] = []
    ask = again._ask
    again._ask = lambda *what: (told.append((answer := ask(*what))[0]), answer)[1]
    assert again.read_policy() and told == [304]
    gate.away = True
    later, _gate = switched_on(timedelta(hours=43))
    later.read_policy()
    assert later.offer(click(url=""))


def test_a_stop_and_an_ended_key_outlast_a_restart(cast: Cast, switched_on: Any) -> None:
    agent, gate = switched_on()
    agent.read_policy()
    programmes.pause(cast.programme, by=cast.dev, because="a test")
    agent.read_policy()
    gate.away = True
    agent, _gate = switched_on()
    assert not agent.read_policy() and not agent.offer(click(url="")) and agent.indicator.state == "stopped"
    gate.away = False
    programmes.end_client(cast.device.client, by=cast.omar)
    agent.read_policy()
    gate.away = True
    agent, _gate = switched_on()
    agent.read_policy()
    assert not agent.offer(click(url="")) and agent.indicator.state == "unknown"


def test_a_receipt_that_was_owed_is_given_after_a_restart(cast: Cast, switched_on: Any) -> None:
    agent, _gate = switched_on()
    agent.read_policy()
    agent.offer(click(url=""))
    agent.send()
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    agent.offer(click(url=""))
    ask = agent._ask

    def cut(method: str, path: str, *rest: Any) -> Any:
        if path.endswith("wiped"):
            raise ConnectionResetError
        return ask(method, path, *rest)

    agent._ask = cut
    agent.send()
    assert not Wiped.objects.exists()
    agent, _gate = switched_on()
    agent.send()
    assert Wiped.objects.filter(person=cast.asha).count() == 1
    agent, _gate = switched_on()
    agent.send()
    assert Wiped.objects.filter(person=cast.asha).count() == 1


def test_somebody_who_said_no_has_nothing_held_back_when_the_portal_goes(
    cast: Cast, switched_on: Any, tmp_path: Path
) -> None:
    agent, gate = switched_on()
    agent.read_policy()
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    agent.offer(click(url=""))
    agent.send()
    assert agent.offer(click(url=""))  # only an answer can tell that they agreed again
    gate.away = True
    agent.send()
    assert agent.waiting == 0 and not list((tmp_path / "device").glob("*.batch"))
    assert not agent.offer(click(url="")) and agent.indicator.state == "stopped"


def test_after_the_programmes_last_day_nothing_is_recorded_without_the_portal_saying_so() -> None:
    ends = POLICY | {"ends_on": "2026-11-24"}
    assert source.least(ends, click(), AT) is not None
    assert source.least(ends, click(), AT.replace(hour=19)) is None  # past midnight in Pune


def test_what_is_kept_beside_the_buffer_goes_with_its_key(tmp_path: Path) -> None:
    buffer = Buffer(tmp_path)
    buffer.keep("known-x", b"something")
    copy = (tmp_path / "known-x").read_bytes()
    assert buffer.kept("known-x") == b"something" and buffer.kept("known-y") is None
    buffer.wipe()
    (tmp_path / "known-x").write_bytes(copy)
    with pytest.raises(Changed):
        buffer.kept("known-x")
