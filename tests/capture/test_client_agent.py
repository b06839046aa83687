"""The capture client on a device: it minimises before it keeps, keeps encrypted, sends once, shows itself, and wipes."""

import http.client
import io
import json
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.capture import programmes
from governance.capture.client import indicator as indicating
from governance.capture.client import source
from governance.capture.client.agent import Agent, Asked
from governance.capture.client.buffer import Buffer
from governance.capture.client.events import Element, RawEvent, Unreadable, UnreadableLog
from governance.capture.client.indicator import Indicator
from governance.capture.client.ui_log import read_table, read_xes
from governance.capture.models import Arrival, Wiped
from governance.consents import ledger
from tests import make
from tests.cast import Cast
from tests.conftest import as_login

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SECRET = "Priyanka Rao 9876543210"
POLICY: dict[str, Any] = {
    "programme": "CP-0001", "records": True, "signals": {"ui_event": ["site", "role", "element"], "app_usage": ["quarter"]},
    "applications": ["Chrome", "Excel"], "sites": ["claims.example"], "hours": [], "zone": "Asia/Kolkata", "sampling": 100,
    "ends_on": None, "never": {"applications": ["bitwarden"], "sites": ["mail.google.com"], "labels": ["bank"]},
    "limits": {"events": 1000, "bytes": 2097152, "forms": [], "encodings": []},
}  # fmt: skip


def click(**more: Any) -> RawEvent:
    told: dict[str, Any] = {
        "signal": "ui_event", "action": "click", "application": "Chrome", "url": f"https://claims.example/?q={SECRET}",
        "element": Element(role="BUTTON", id="submit", type="submit", name=SECRET), "x": 713, "y": 342, "value": SECRET,
        "title": SECRET, "inner_text": SECRET, "user": "N-1001",
    }  # fmt: skip
    return RawEvent(**(told | more))


class TestAtTheSource:
    def test_only_declared_fields_leave_the_device(self) -> None:
        assert source.least(POLICY, click(), AT) == {
            "at": "2026-11-24T10:00:00.000000Z", "user": "N-1001", "signal": "ui_event", "action": "click", "application": "Chrome",
            "url": "https://claims.example/", "element": {"role": "button", "id": "submit"},
        }  # fmt: skip

    @pytest.mark.parametrize(
        "more",
        [
            {"signal": "typed_text"}, {"application": "SAP"}, {"application": "Bitwarden"}, {"url": "https://mail.google.com/x"},
            {"url": "https://my-bank.example/"}, {"url": "https://other.example/"},
        ],
    )  # fmt: skip
    def test_what_the_policy_does_not_want_is_dropped(self, more: dict[str, Any]) -> None:
        assert source.least(POLICY, click(**more), AT) is None

    def test_nothing_while_the_programme_stands_still_or_outside_its_hours(self) -> None:
        assert source.least(POLICY | {"records": False}, click(), AT) is None
        night = POLICY | {"hours": [{"days": [2], "begins": "09:00", "ends": "15:00"}]}
        assert source.least(night, click(), AT) is None  # 15:30 in Pune
        assert source.least(night, click(), AT.replace(hour=9)) is not None

    @given(st.text("abcdefghijklmnopqrstuvwxyz ", min_size=24, max_size=60))
    @settings(max_examples=200, deadline=None)
    def test_no_word_of_free_text_is_kept(self, text: str) -> None:
        made = source.least(
            POLICY,
            click(
                url=f"https://claims.example/{text}",
                element=Element(id=text + " x", role=text, type=text),
                title=text,
                value=text,
            ),
            AT,
        )
        kept = json.dumps(made)
        assert not [word for word in text.split() if len(word) > 8 and word in kept]


class TestBuffer:
    def test_nothing_of_it_can_be_read_on_the_disk(self, tmp_path: Path) -> None:
        buffer = Buffer(tmp_path / "b")
        buffer.put("id-1", 3, SECRET.encode())
        for path in (tmp_path / "b").iterdir():
            assert SECRET.encode() not in path.read_bytes()
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o700

    def test_a_restart_finds_it_in_order(self, tmp_path: Path) -> None:
        for number in range(12):
            Buffer(tmp_path).put(f"id-{number}", 1, str(number).encode())
        assert [body.decode() for _path, body in Buffer(tmp_path).waiting()] == [str(n) for n in range(12)]

    def test_an_exchanged_or_broken_file_does_not_open_and_goes(self, tmp_path: Path) -> None:
        buffer = Buffer(tmp_path)
        buffer.put("one", 1, b"first")
        buffer.put("two", 1, b"second")
        first, second = (path for path, _body in buffer.waiting())
        second.write_bytes(first.read_bytes())
        assert [body for _path, body in buffer.waiting()] == [b"first"] and len(buffer) == 1

    def test_after_a_wipe_a_copy_of_the_file_does_not_open_either(self, tmp_path: Path) -> None:
        buffer = Buffer(tmp_path)
        buffer.put("one", 4, b"first")
        ((path, _body),) = buffer.waiting()
        copy = path.read_bytes()
        assert buffer.wipe() == 4 and len(buffer) == 0
        path.write_bytes(copy)
        assert list(buffer.waiting()) == []


class Portal:
    """The real gate, in this process; `away` is a cable that was pulled."""

    def __init__(self, cast: Cast) -> None:
        self.key, self.away, self.asked, self.lose_answers = cast.keys[cast.programme.number], False, 0, False

    def __call__(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Asked:
        if self.away:
            raise ConnectionRefusedError
        self.asked += 1
        with as_login("web"):
            answer = Browser().generic(
                method,
                path,
                body,
                content_type="application/json",
                headers={"Authorization": f"Bearer {self.key}", **headers},
            )
        if self.lose_answers:
            raise http.client.RemoteDisconnected
        return answer.status_code, answer.content, answer.headers.get("ETag", "")


Start = Callable[..., tuple[Agent, Portal, io.StringIO]]


@pytest.fixture
def start(cast: Cast, tmp_path: Path) -> Start:
    def begin(portal: Portal | None = None) -> tuple[Agent, Portal, io.StringIO]:
        portal, screen = portal or Portal(cast), io.StringIO()
        indicator = Indicator(tmp_path / "status.json", screen)
        agent = Agent(
            portal,
            programme=cast.programme.number,
            device=cast.device.number,
            user="N-1001",
            folder=tmp_path / "buffer",
            indicator=indicator,
        )
        return agent, portal, screen

    return begin


class TestAgent:
    def test_nothing_is_recorded_before_the_policy_is_read(self, cast: Cast, start: Start) -> None:
        agent, _portal, _screen = start()
        assert not agent.offer(click(url="")) and agent.waiting == 0 and agent.indicator.state == "stopped"

    def test_who_starts_it_offline_reads_that_the_portal_is_away_and_not_that_they_said_no(
        self, cast: Cast, start: Start
    ) -> None:
        make.consent(cast.asha, cast.purpose, "ui_event")
        agent, portal, screen = start()
        portal.away = True
        assert not agent.read_policy() and agent.indicator.state == "unknown"
        assert not agent.offer(click(url="")) and "the portal cannot be reached" in screen.getvalue()
        portal.away = False
        assert agent.read_policy() and agent.indicator.state == "recording"

    def test_offline_it_waits_and_then_counts_once(self, cast: Cast, start: Start) -> None:
        make.consent(cast.asha, cast.purpose, "ui_event")
        agent, portal, screen = start()
        assert agent.read_policy()
        portal.away = True
        assert agent.offer(click(url="")) and not agent.offer(click(url="", application="SAP"))
        assert agent.send() == {"admitted": 0, "turned_away": 0}
        assert agent.waiting == 1 and agent.indicator.state == "offline"
        again, _portal, _screen = start(portal)  # the machine was switched off and on
        portal.away, portal.lose_answers = False, True
        again.send()  # the gate took it, and the answer was lost
        portal.lose_answers = False
        assert again.send() == {"admitted": 1, "turned_away": 0} and again.waiting == 0
        assert Arrival.objects.count() == 1
        assert "waits encrypted on this device" in screen.getvalue()

    def test_the_policy_is_asked_with_its_tag_and_a_stop_reaches_the_device(
        self, cast: Cast, start: Start
    ) -> None:
        make.consent(cast.asha, cast.purpose, "ui_event")
        agent, _portal, _screen = start()
        assert agent.read_policy() and agent.read_policy()
        programmes.pause(cast.programme, by=cast.dev, because="a test")
        assert agent.read_policy() and agent.indicator.state == "stopped"
        assert not agent.offer(click(url=""))

    def test_pause_stops_recording_at_once_and_is_shown(
        self, cast: Cast, start: Start, tmp_path: Path
    ) -> None:
        agent, _portal, screen = start()
        agent.read_policy()
        agent.pause()
        assert not agent.offer(click(url=""))
        assert (
            json.loads((tmp_path / "status.json").read_text())["state"] == "paused"
            and "Paused by you" in screen.getvalue()
        )
        agent.resume()
        assert agent.offer(click(url="")) and agent.indicator.state == "recording"

    def test_a_withdrawal_wipes_the_device_and_the_gate_gets_a_receipt(
        self, cast: Cast, start: Start, tmp_path: Path
    ) -> None:
        make.consent(cast.asha, cast.purpose, "ui_event")
        agent, portal, _screen = start()
        agent.read_policy()
        portal.away = True
        for _ in range(3):
            agent.offer(click(url=""))
            agent.send()
        ledger.withdraw_purpose(cast.purpose, by=cast.asha)
        portal.away = False
        agent.send()
        assert (
            agent.waiting == 0 and agent.wiped == 2
        )  # the first was posted and turned away, two were never sent
        assert not list((tmp_path / "buffer").glob("*.batch"))
        row = Wiped.objects.get(person=cast.asha)
        assert row.events == 2 and Arrival.objects.count() == 0

    def test_a_no_to_one_signal_costs_nothing_of_what_was_agreed(self, cast: Cast, start: Start) -> None:
        make.consent(cast.asha, cast.purpose, "ui_event")
        agent, portal, _screen = start()
        agent.read_policy()
        portal.away = True
        for _ in range(3):
            assert agent.offer(click(url="")) and agent.offer(
                click(signal="mouse_path", action="move", url="", x=7, y=9)
            )
            agent.send()
        portal.away = False
        assert agent.send() == {"admitted": 3, "turned_away": 3}
        assert agent.wiped == 0 and not Wiped.objects.exists()

    def test_who_was_never_asked_is_not_written_about(self, cast: Cast, start: Start) -> None:
        agent, _portal, _screen = start()
        agent.read_policy()
        for _ in range(3):
            agent.offer(click(url=""))
            assert agent.send() == {"admitted": 0, "turned_away": 1}
        assert not Wiped.objects.exists() and agent.waiting == 0

    def test_a_no_after_a_yes_is_answered_with_a_receipt_once(self, cast: Cast, start: Start) -> None:
        make.consent(cast.asha, cast.purpose, "ui_event")
        agent, _portal, _screen = start()
        agent.read_policy()
        agent.offer(click(url=""))
        agent.send()
        ledger.withdraw_purpose(cast.purpose, by=cast.asha)
        for _ in range(3):
            agent.offer(click(url=""))
            agent.send()
        assert [row.events for row in Wiped.objects.all()] == [0], (
            "nothing was held back, and it says so once"
        )

    def test_a_clock_that_runs_ahead_loses_its_events_and_says_why(self, cast: Cast, start: Start) -> None:
        make.consent(cast.asha, cast.purpose, "ui_event")
        agent, _portal, _screen = start()
        agent.read_policy()
        agent._now = lambda: datetime.now(UTC) + timedelta(hours=1)
        for _ in range(2):
            agent.offer(click(url=""))
        assert agent.send() == {"admitted": 0, "turned_away": 0} and agent.waiting == 0
        assert agent.refused == {"bad_time": 2} and not Arrival.objects.exists()

    def test_an_ended_key_ends_the_recording(self, cast: Cast, start: Start) -> None:
        agent, _portal, _screen = start()
        agent.read_policy()
        programmes.end_client(cast.device.client, by=cast.omar)
        agent.read_policy()
        assert not agent.offer(click(url=""))


def test_the_client_needs_no_django() -> None:
    code = (
        "import sys; import governance.capture.client.agent, governance.capture.client.ui_log, governance.capture.client.__main__;"
        " sys.exit(any(name.split('.')[0] in ('django', 'psycopg') for name in sys.modules))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode
        == 0
    )


XES = """<?xml version="1.0"?><log xes.version="1.0" xmlns="http://www.xes-standard.org/"><string key="concept:name" value="log"/>
<trace><string key="concept:name" value="Claim"/>
<event><string key="concept:name" value="clickButton"/><date key="time:timestamp" value="2026-11-24T10:00:00+00:00"/>
<string key="org:resource" value="p1"/><string key="application" value="Chrome"/><string key="element_id" value="submit"/></event>
<event><string key="concept:name" value="Open form"/><date key="time:timestamp" value="not a time"/></event></trace></log>"""


class TestReaders:
    def test_xes(self, tmp_path: Path) -> None:
        log = tmp_path / "log.xes"
        log.write_text(XES)
        broken: list[Unreadable] = []
        (event,) = read_xes(log, on_unreadable=broken.append)
        assert (event.action, event.application, event.person, event.task) == (
            "click",
            "Chrome",
            "p1",
            "Claim",
        )
        assert event.element == Element(id="submit") and [row.line for row in broken] == [2]

    def test_an_entity_is_refused(self, tmp_path: Path) -> None:
        log = tmp_path / "log.xes"
        log.write_text('<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "aa">]><log>&a;</log>')
        with pytest.raises(UnreadableLog):
            list(read_xes(log))

    def test_a_table_with_usual_names(self, tmp_path: Path) -> None:
        log = tmp_path / "log.csv"
        log.write_text(
            "Timestamp;Activity;App;User;X;Y\n2026-11-24T10:00:00;Click;Excel;p1;10;20\n2026;;Excel;p1;;\n"
        )
        broken: list[Unreadable] = []
        (event,) = read_table(log, on_unreadable=broken.append)
        assert (event.action, event.application, event.x, event.y) == ("click", "Excel", 10, 20) and len(
            broken
        ) == 1

    def test_a_table_of_something_else_is_refused(self, tmp_path: Path) -> None:
        log = tmp_path / "log.csv"
        log.write_text("name,age\nA,3\n")
        with pytest.raises(UnreadableLog):
            list(read_table(log))


@pytest.mark.parametrize(("wanted", "language"), [("hi_IN.UTF-8", "hi"), ("de", "de"), ("en-IN", "en"), ("C", "en"), ("", "en"), ("fr", "en")])  # fmt: skip
def test_the_indicator_says_what_is_done_in_the_persons_language(
    wanted: str, language: str, tmp_path: Path
) -> None:
    screen, file = io.StringIO(), tmp_path / "status.json"
    indicator = Indicator(file, screen, language=wanted)
    for state in indicating.STATES:
        indicator.show(state)
        indicator.show(state)  # said once
        told = json.loads(file.read_text())
        assert (told["state"], told["language"]) == (state, language)
        assert screen.getvalue().splitlines()[-1] == told["says"]
    said = screen.getvalue().splitlines()
    assert len(set(said)) == len(said) == len(indicating.STATES)
    assert [line[0] for line in said] == ["●", "●", "○", "○", "○"], "recording or not is seen without reading"
    assert all(set(words) == set(indicating.STATES) for words in indicating.SAYS.values())
