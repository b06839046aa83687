"""The demo's client sends what the policy names, and a slip now and then; a day of it does not stop the programme."""

from itertools import cycle, islice

from governance.capture import excess, gate, overflow, policy
from governance.capture.api import parse
from governance.capture.client.action_logger import read_action_logger
from governance.capture.client.events import for_user
from governance.capture.client.poster import Poster
from governance.demo import at_source
from governance.lib import clock
from governance.management.commands.agent import AT, LOG
from tests.cast import Cast

ROUND = 4.0 + 0.05  # seconds between two rounds of the agent
EVENTS = 12  # per person and round


def test_the_demos_client_is_a_good_one_but_for_a_slip_now_and_then(cast: Cast) -> None:
    sender = gate.sender(cast.keys["CP-0001"])
    told, _tag = policy.of(sender)
    read = list(islice(cycle(read_action_logger(LOG, on_unreadable=lambda row: None)), 1000))
    declared = {code: tuple(fields) for code, fields in told["signals"].items()}

    def beyond(events: object) -> int:
        with Poster("http://localhost", "k", programme="CP-0001", device="PUNE-0041") as poster:
            body = poster._body("0" * 8 + "-0000-4000-8000-" + "0" * 12, [_plain(event) for event in events])  # type: ignore[attr-defined]
        return sum(excess.of(parse(body), body, declared).values())

    ours = beyond(at_source.cut(for_user(read, "N-1001"), told, clock.now()))
    assert 0 < ours <= len(read) / at_source.SLIP * 3
    assert beyond(for_user(read, "N-1001")) > 10 * ours, "as it was read it is full of what nobody declared"
    a_day = 24 * 3600 / ROUND * EVENTS * (len(AT["CP-0001"]) + 1) / len(read) * ours
    assert a_day < overflow.limits()["events"] / 2


def _plain(event: object) -> bytes:
    from governance.capture.client.events import body_without_time

    return body_without_time(event)  # type: ignore[arg-type]
