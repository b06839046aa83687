"""A tally hides nothing: what was untrue is counted, told and fails; and the table of the bench adds up what runs told."""

import json
from pathlib import Path

import pytest

from tests.bench import faults
from tests.faults import tally


def test_what_is_untrue_is_counted_and_told_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "faults.jsonl"
    monkeypatch.setenv("SAMMATI_FAULTS", str(told))

    def untrue() -> None:
        raise AssertionError("something is left")

    with pytest.raises(AssertionError, match="something is left"), tally.kept("a run", 7) as one:
        one.killed["eraser"] += 3
        one.check(lambda: None, proofs=4)
        one.check(untrue, proofs=4)
    with pytest.raises(AssertionError), tally.kept("another") as one:
        one.killed.update({"eraser": 1, "PostgreSQL": 2})
        one.lost = 1
    with tally.kept("a third"):
        pass
    with pytest.raises(ZeroDivisionError), tally.kept("a fourth"):
        _ = 1 // 0
    lines = [json.loads(line) for line in told.read_text().splitlines()]
    lines, last = lines[:3], lines[3]
    assert last["failed"]
    assert [(line["orders"], line["residue"], line["lost"]) for line in lines] == [
        (2, 1, 0),
        (0, 0, 1),
        (0, 0, 0),
    ]
    assert [line["failed"] for line in lines] == [True, True, False]
    shown = {row.name: row for row in faults.rows(told.read_text())}
    assert shown["kill -9: eraser"].ours == 4 and shown["kill -9: PostgreSQL"].ours == 2
    assert shown["orders lost"].ours == 1 and shown["orders lost"].met is False
    assert shown["orders shown as done with something left"].met is False
    assert shown["runs that failed"].ours == 3
    assert shown["carried out against a hold"].met is True
    assert shown["kill -9 in the middle of an erasure"].met is False, "six are few"


def test_a_long_run_goes_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAMMATI_DEATHS", raising=False)
    monkeypatch.setenv("SAMMATI_NIGHT", "1")
    assert tally.deaths(40, 500) == 500
    monkeypatch.setenv("SAMMATI_DEATHS", "90")
    assert tally.deaths(40, 500) == 90
    monkeypatch.setenv("SAMMATI_SEED", "60101")
    assert tally.seed() == 60101
