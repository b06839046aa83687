"""Rows in files and objects that say whose and how old they are come due by themselves, also where no database does."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache

from governance.lib.connectors import Due
from governance.retention import simulating, sweep
from governance.retention.connectors import folder, rowfiles
from governance.retention.connectors.files import FilesConnector
from governance.retention.connectors.s3 import S3Connector
from governance.retention.models import ErasureOrder
from tests.retention import at_hand
from tests.retention.conftest import Stage

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CSV: dict[str, Any] = {
    "files": "teams/*.csv",
    "format": "csv",
    "field": "person",
    "is": "number",
    "time": "at",
}


def test_the_oldest_row_of_each_decides_and_what_has_no_moment_brings_nothing() -> None:
    rows = [("N-1", NOW), ("N-1", NOW - timedelta(days=9)), (" N-2 ", NOW), ("", NOW - timedelta(days=99))]
    raw = (
        "person,at\n"
        + "".join(f"{number},{at.isoformat()}\n" for number, at in rows)
        + "N-3,long ago\nN-4,\n"
    )
    found = rowfiles.oldest(raw.encode(), CSV)
    assert found == {"N-1": NOW - timedelta(days=9), "N-2": NOW}
    assert rowfiles.due(found, NOW - timedelta(days=1)) == [Due(number="N-1")]
    assert rowfiles.due(found, NOW) == [Due(number="N-1"), Due(number="N-2")], "the last day is within"
    lines = "".join(
        json.dumps(row) + "\n" for row in ({"person": "N-5", "at": NOW.timestamp()}, ["no row"], {"at": 7})
    )
    assert rowfiles.oldest(lines.encode(), CSV | {"format": "jsonl"}) == {"N-5": NOW}


def test_a_folder_tells_who_is_due_and_is_read_once_for_all_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "teams").mkdir()
    for name, days in (("a", 40), ("b", 10)):
        (tmp_path / "teams" / f"{name}.csv").write_text(
            f"person,at\nN-{name},{(NOW - timedelta(days=days)).isoformat()}\n"
        )
    (tmp_path / "notes.txt").write_text("N-9 asked in 1999")
    connector = FilesConnector({"folder": str(tmp_path)}, {"rows": [CSV], "text": ["*.txt"]})
    read, original = [], folder.read
    monkeypatch.setattr(folder, "read", lambda path: read.append(path) or original(path))
    days = [NOW - timedelta(days=n) for n in (50, 30, 5)]
    assert [[one.number for one in connector.due(uuid4(), day)] for day in days] == [
        [],
        ["N-a"],
        ["N-a", "N-b"],
    ]
    assert len(read) == 2
    assert FilesConnector.tells_times({"rows": [CSV]}) and S3Connector.tells_times({"rows": [CSV]})
    timeless = {key: value for key, value in CSV.items() if key != "time"}
    for untold in ({}, {"rows": [timeless]}, {"rows": [CSV | {"is": "email"}]}, {"own": ["{number}*"]}):
        assert not FilesConnector.tells_times(untold) and not S3Connector.tells_times(untold)


def test_a_bucket_tells_by_what_its_objects_hold_now(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case, _store = at_hand.bucket(moto, monkeypatch)
    now = datetime.now(UTC)
    fresh = lambda: S3Connector(case.options, case.map)  # noqa: E731
    assert [one.number for one in fresh().due(uuid4(), now)] == ["N-1001", "N-1002"]
    assert fresh().due(uuid4(), now - timedelta(days=1)) == []
    for chunk in case.connector.chunks(case.scope):
        case.connector.erase(case.scope, chunk)
    assert [one.number for one in fresh().due(uuid4(), now)] == ["N-1002"], "what is gone comes due no more"


def test_what_lies_in_a_folder_alone_is_ordered_to_go_when_its_period_is_over(stage: Stage) -> None:
    stage.store.do("TRUNCATE sessions, features, notes")
    stage.world.sign_in("eraser")
    today = datetime.now(UTC).date()
    cache.clear()
    assert sweep.run(today) == 0
    old = (datetime.now(UTC) - timedelta(days=800)).isoformat()
    with (stage.folder / "teams" / "claims.csv").open("a") as table:
        table.write(f"N-2001,{old},open,9\n")
    assert sweep.run(today) == 0, "a folder is read once for a day's cut-off, not with every hourly sweep"
    cache.clear()  # and when the cache was emptied, or the next day
    assert sweep.run(today) >= 1
    order = ErasureOrder.objects.get(because="rule.due", person=stage.cast.emil)
    assert stage.carry_out(order) == "done"
    left = (stage.folder / "teams" / "claims.csv").read_text()
    assert old not in left, "the old row is gone"
    assert f"{stage.cast.emil.number}," in left, "and what is not over its period stays"
    stage.world.sign_in("eraser")
    cache.clear()
    assert sweep.run(today) == 0, "nothing of it comes due again"


def test_the_simulator_draws_a_folder_whose_rows_tell_their_age(stage: Stage) -> None:
    stage.world.sign_in("web")
    row = simulating.ask(stage.cast.purpose, law="IN", period="P30D", applies_from=None, by=stage.cast.dev)
    stage.world.sign_in("eraser")
    simulating.work_out(row.pk)
    row.refresh_from_db()
    seen = {entry["system"]: entry for entry in row.result["systems"]}
    files = seen[str(stage.systems["team-files"].pk)]
    assert files["state"] == "seen" and sum(files["then"]) > 0
    assert seen[str(stage.systems["portal"].pk)]["state"] == "no_times"
