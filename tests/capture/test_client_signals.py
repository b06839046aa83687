"""Windows as signs, keys by the minute, sites by the quarter: made on the device, sent to a real portal over HTTP; offline,
encrypted and sent later; after a withdrawal wiped, with a receipt."""

import csv
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from governance.capture import streams, vault
from governance.capture.client.agent import Agent, over_http
from governance.capture.client.derived import Derived
from governance.capture.client.events import RawEvent
from governance.capture.client.indicator import Indicator
from governance.capture.client.source import least
from governance.capture.models import Arrival, Wiped
from governance.consents import ledger
from governance.demo import company, papers
from governance.setup import web
from tests import make
from tests.capture.test_client_agent import POLICY
from tests.conftest import World

AT = datetime(2026, 11, 24, 10, 7, 31, tzinfo=UTC)
TITLE = "Claim of Maya Rao, cancer treatment"
SIGNALS = {"window_title": ["window"], "keystroke_counts": ["keys"], "site_visit": ["site", "quarter"]}
WHOLE = POLICY | {"signals": POLICY["signals"] | SIGNALS}


def screen(action: str = "click", **more: Any) -> RawEvent:
    told = {
        "application": "Chrome",
        "url": "https://claims.example/of/Maya",
        "title": TITLE,
        "user": "N-1001",
    }
    return RawEvent(signal="ui_event", action=action, **(told | more))


class TestOnTheDevice:
    def derived(self, policy: dict[str, Any] = WHOLE, secret: bytes = b"k" * 32) -> Derived:
        from governance.capture.client.source import may_record

        return Derived(lambda event, at: may_record(policy, event, at), lambda: secret)

    def test_a_window_is_told_when_it_comes_to_the_front_and_only_as_a_sign(self) -> None:
        made = self.derived()
        told = [
            one
            for event in (screen(), screen(), screen(title="Inbox"), screen())
            for one in made.of(event, AT)
        ]
        signs = [one.title for one in told if one.signal == "window_title"]
        assert len(signs) == 3 and signs[0] == signs[2] != signs[1]
        kept = least(WHOLE, told[0], AT)
        assert kept == {
            "at": "2026-11-24T10:07:31.000000Z", "user": "N-1001", "signal": "window_title", "action": "focus",
            "application": "Chrome", "title": signs[0],
        }  # fmt: skip
        assert not [word for word in TITLE.split() if word.casefold() in json.dumps(kept)]
        other = next(self.derived(secret=b"o" * 32).of(screen(), AT))
        assert other.title != signs[0], "another device, or this one after a wipe, makes another sign"

    def test_a_title_in_words_never_leaves_whoever_hands_it_in(self) -> None:
        kept = least(
            WHOLE,
            RawEvent(signal="window_title", action="focus", application="Chrome", title=TITLE, user="N-1"),
            AT,
        )
        assert kept is not None and "title" not in kept

    def test_keys_are_a_number_of_a_minute_that_is_over_in_steps_of_ten(self) -> None:
        made = self.derived()
        for value in ("Maya Rao", "42.50", "a receipt of October"):
            list(made.of(screen("edit", value=value, application="Excel", url=""), AT))
        list(made.of(screen("edit", value="few", application="Chrome"), AT))
        assert list(made.counted(AT)) == [], "the minute is not over"
        (told,) = made.counted(AT + timedelta(minutes=1))
        event, last = told
        assert (event.application, event.count, last) == ("Excel", 30, AT)
        kept = least(WHOLE, event, last)
        assert kept is not None and kept["count"] == 30
        assert list(made.counted(AT + timedelta(hours=1))) == []

    def test_a_site_is_told_once_a_quarter_and_nothing_of_the_page(self) -> None:
        made = self.derived()
        times = [AT, AT + timedelta(minutes=3), AT + timedelta(minutes=9)]
        visits = [(one, at) for at in times for one in made.of(screen(title=""), at)]
        assert [at for _one, at in visits] == [times[0], times[2]]
        kept = least(WHOLE, *visits[0])
        assert kept is not None and kept["url"] == "https://claims.example/"
        assert "Maya" not in json.dumps(kept)

    @pytest.mark.parametrize(
        "more", [{"url": "https://my-bank.example/x"}, {"application": "Bitwarden"}, {"url": "https://mail.google.com/"}, {"application": "SAP"}]
    )  # fmt: skip
    def test_where_nothing_may_be_recorded_nothing_is_counted_either(self, more: dict[str, Any]) -> None:
        made = self.derived()
        assert list(made.of(screen("edit", value="a long secret", **more), AT)) == []
        assert list(made.counted(AT, all_of_it=True)) == []

    def test_what_the_policy_does_not_name_is_not_made(self) -> None:
        made = self.derived(POLICY)
        assert list(made.of(screen("edit", value="a long secret"), AT)) == []
        assert list(made.counted(AT, all_of_it=True)) == []


@dataclass
class Portal:
    """The web process, started and stopped as a cable is pulled; always the same address."""

    world: World
    log: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None
    cast: Any = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                web.command(self.port, workers=1, threads=2),
                env=self.world.environment("web") | {"SAMMATI_PLAIN_STATIC": "1"}, cwd=Path(__file__).parents[2], stdout=log, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=2).close()
                return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < until, self.log.read_text()[-2000:]
                time.sleep(0.2)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def client(self, buffer: Path, *files: Path) -> "tuple[int, dict[str, Any]]":
        """The command on a device, as a process of its own: (exit status, what it counted)."""
        key = self.cast.keys[self.cast.programme.number]
        done = subprocess.run(
            [sys.executable, "-m", "governance.capture.client", "--url", self.url, "--programme", self.cast.programme.number,
             "--device", self.cast.device.number, "--user", "N-1001", "--buffer", str(buffer), *map(str, files)],
            env={"PATH": os.environ["PATH"], "SAMMATI_CLIENT_KEY": key}, cwd=Path(__file__).parents[2],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stderr
        return done.returncode, json.loads(done.stdout)

    def agent(self, buffer: Path) -> Agent:
        return Agent(
            over_http(self.url, self.cast.keys[self.cast.programme.number]), programme=self.cast.programme.number,
            device=self.cast.device.number, user="N-1001", folder=buffer, indicator=Indicator(None, None),
        )  # fmt: skip


MORE = """
[[activity.items]]
code = "{code}"
name = "{code}"
category = "{category}"
dpv = "https://w3id.org/dpv/pd#Behavioural"
sensitivity = "S3"
source = "capture_client"
captured = true
fields = {fields}
form = "aggregated"
safeguards = ["allowlisted"]
why = "{why}"
"""
WHY = (
    "The agent has to learn when one window is left for another, on which of the listed sites a step is done, and how much there is "
    "to fill in; without it, it stops in the middle of a form."
)


def declaring_more(folder: Path) -> None:
    """The demo company's register, whose training purpose records windows, keys and sites as well."""
    folder.mkdir()
    shutil.copytree(
        company.HERE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py", "logs", "__pycache__")
    )
    text = (folder / "register.toml").read_text()
    first, mark, rest = text.partition('[[activity.items]]\ncode = "app_usage"')
    more = "".join(
        MORE.format(code=code, category={"window_title": "WT", "keystroke_counts": "KD", "site_visit": "BH"}[code], fields=json.dumps(fields), why=WHY)
        for code, fields in SIGNALS.items()
    )  # fmt: skip
    (folder / "register.toml").write_text(f"{first}{more.lstrip()}\n{mark}{rest}")


@pytest.fixture
def portal(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    declaring_more(tmp_path / "register")
    monkeypatch.setattr(company, "HERE", tmp_path / "register")
    monkeypatch.setattr(
        papers,
        "WHAT_LESS",
        dict.fromkeys(SIGNALS, f"Clicks alone were tried first, and did not suffice. {WHY}"),
    )
    made = Portal(world, tmp_path / "web.log", port)
    world.sign_in("web")
    made.cast = make.cast(colleagues=0)
    make.consent(made.cast.asha, made.cast.purpose, "ui_event", *SIGNALS, open_streams=False)
    world.sign_in("eraser")
    streams.open_waiting()
    world.sign_in("web")
    made.start()
    try:
        yield made
    finally:
        made.stop()


def log_of(path: Path) -> Path:
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(
            [
                "timestamp",
                "eventType",
                "userID",
                "targetApp",
                "url",
                "target.title",
                "target.id",
                "target.value",
            ]
        )
        for number in range(6):
            when = f"2026-11-24T10:00:0{number}Z"
            url, title = ("https://claims.example/of/Maya", TITLE) if number % 2 else ("", "Expenses of Maya")
            lines.writerow(
                [
                    when,
                    "editField",
                    "p1",
                    "Chrome" if number % 2 else "Excel",
                    url,
                    title,
                    "amount",
                    "Maya Rao 42",
                ]
            )
    return path


def opened(portal: Portal) -> list[dict[str, Any]]:
    portal.world.sign_in("exporter")
    try:
        return list(vault.opened(list(Arrival.objects.values_list("stream", flat=True).distinct())))
    finally:
        portal.world.sign_in("web")


def test_what_the_policy_wants_is_told_over_http_and_nothing_of_the_words(
    portal: Portal, tmp_path: Path
) -> None:
    status, told = portal.client(tmp_path / "device", log_of(tmp_path / "log.csv"))
    assert status == 0 and told["admitted"] > 0 and told["waiting"] == told["wiped"] == 0, told
    signals = set(Arrival.objects.values_list("signal", flat=True))
    assert signals == {"ui_event", *SIGNALS}
    events = opened(portal)
    windows = [event for event in events if "window" in event]
    keys = [event for event in events if "keys" in event]
    visits = [event for event in events if event.get("quarter")]
    assert len(windows) == 6 and len({event["window"] for event in windows}) == 2
    assert (
        sorted((event["application"], event["keys"]) for event in keys)[0] == ("Chrome", 30)
        and len(keys) == 2
    )
    assert {event["site"] for event in visits} == {"claims.example"} and len(visits) == 1
    everything = json.dumps(events).casefold()
    assert not [word for word in ("maya", "rao", "cancer", "expenses", "/of/") if word in everything]


def test_offline_it_lies_encrypted_and_a_restarted_client_sends_it_once(
    portal: Portal, tmp_path: Path
) -> None:
    device = tmp_path / "device"
    agent = portal.agent(device)
    assert agent.read_policy()
    portal.stop()
    assert agent.offer(screen("click", url="")) and agent.waiting == 2
    assert agent.send() == {"admitted": 0, "turned_away": 0} and agent.waiting == 2
    assert agent.indicator.state == "offline"
    lying = b"".join(path.read_bytes() for path in device.iterdir())
    assert b"window_title" not in lying and b"Maya" not in lying and b"N-1001" not in lying
    portal.start()
    status, told = portal.client(device, log_of(tmp_path / "log.csv"))
    assert status == 0 and told["waiting"] == 0
    assert told["admitted"] == sum(Arrival.objects.values_list("events", flat=True))
    assert len([event for event in opened(portal) if event.get("action") == "click"]) == 1
    again, _told = portal.client(device, log_of(tmp_path / "log.csv"))
    assert again == 0 and len([event for event in opened(portal) if event.get("action") == "click"]) == 1


def test_after_a_withdrawal_the_device_wipes_and_the_receipt_stands_in_the_portal(
    portal: Portal, tmp_path: Path
) -> None:
    device = tmp_path / "device"
    agent = portal.agent(device)
    agent.read_policy()
    portal.stop()
    for _round in range(3):
        agent.offer(screen("click", url=""))
        agent.send()
    waiting = agent.waiting
    signs = (device / "signs").read_bytes()
    copies = {path.name: path.read_bytes() for path in device.glob("*.batch")}
    assert waiting == 4 and len(copies) == 3  # three clicks, one change of window
    ledger.withdraw_purpose(portal.cast.purpose, by=portal.cast.asha)
    portal.start()
    status, told = portal.client(device, log_of(tmp_path / "log.csv"))
    assert status == 0 and told["admitted"] == 0 and told["waiting"] == 0 and told["wiped"] > 0
    row = Wiped.objects.get(person=portal.cast.asha)
    assert row.events == told["wiped"] and not Arrival.objects.exists()
    assert not list(device.glob("*.batch")) and not (device / "signs").exists()
    for name, content in copies.items():  # somebody kept the files: they do not open with what is there now
        (device / name).write_bytes(content)
    assert list(portal.agent(device)._buffer.waiting()) == []
    assert portal.agent(device)._buffer.signs() != signs
