"""Workers are woken at once, and not once for each of many rows."""

import time
from typing import Any

import pytest

from governance.lib import nudge


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    from celery import current_app

    heard: list[Any] = []
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://nowhere")
    monkeypatch.setattr(nudge, "_out", lambda task, args: heard.append((task, args)))
    monkeypatch.setattr(nudge, "_last", {})
    return heard


def test_the_first_goes_at_once_and_the_last_of_many_is_never_lost(told: list[Any]) -> None:
    for _ in range(50):
        nudge._send("capture.open_streams", ())
    assert told == [("capture.open_streams", ())]
    until = time.monotonic() + 10
    while len(told) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(nudge.BETWEEN * 2)
    assert told == [("capture.open_streams", ())] * 2


def test_other_tasks_and_those_that_name_something_wait_for_nobody(told: list[Any]) -> None:
    for task, args in (("a", ()), ("b", ()), ("c", (1,)), ("c", (2,)), ("c", (1,))):
        nudge._send(task, args)
    assert told == [("a", ()), ("b", ()), ("c", (1,)), ("c", (2,)), ("c", (1,))]


def test_after_a_while_the_next_goes_at_once_again(told: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudge, "BETWEEN", 0.0)
    nudge._send("a", ())
    nudge._send("a", ())
    assert told == [("a", ())] * 2
