"""The other half of the main job by day: the law of June 2027, and a leak that is planted. By night ./run demo does both."""

from pathlib import Path
from typing import Any

import pytest

from governance.demo.canaries import canaries
from governance.demo.leaks import Hunter
from governance.demo.story import Broken, Story
from governance.lib import clock
from governance.retention.models import Proof
from tests.demo.test_leaks import OURS
from tests.retention.conftest import Stage, founded, stage, store

__all__ = ["founded", "stage", "store"]


def test_under_the_law_of_june_2027_each_of_three_people_is_treated_by_their_own(
    stage: Stage, settings: Any
) -> None:
    settings.TODAY = "2027-06-01"
    ended = {}
    for name in ("asha", "emil", "nisha"):
        stage.consent(name)
        order = stage.withdraw(name)
        stage.carry_out(order)
        ended[name] = order
    assert {name: order.state for name, order in ended.items()} == {
        "asha": "restricted_hold", "emil": "done", "nisha": "retention_conflict",
    }  # fmt: skip
    proofs = {
        proof.system.code.removesuffix("-de"): proof for proof in Proof.objects.select_related("system")
    }
    assert {proof.order_id for proof in proofs.values()} == {ended["emil"].pk}, (
        "rule 8(3): an Indian employee's rows are locked away, not erased"
    )
    assert proofs["feature-store"].erased > 0 and not any(proof.found_after for proof in proofs.values())
    left = {name: stage.store.rows_of(stage.cast.people[name]) for name in ended}
    assert left["emil"] == 0 and left["asha"] == 13 and left["nisha"] > 0


def story(home: Path, settings: Any, **more: Any) -> Story:
    """As it stands before its last step: everything held so far, and what was written lies in `home`."""
    settings.VAR = home
    (home / "log").mkdir()
    (home / "log" / "web.log").write_text("2026-11-30 INFO a batch: 7 admitted, 2 turned away\n")
    told = Story("", {}, OURS, None, clock.law_date(), say=lambda words: None, **more)
    told.planted = list(
        canaries(programme="CP-0001", device="D-1", consenting="N-1", never_asked="N-2", key="k" * 30)
    )
    told.hunter = Hunter.for_logs([OURS], planted=[bird.wanted for bird in told.planted])
    told.log_verified = True
    return told


@pytest.mark.django_db
def test_a_leak_that_is_planted_at_its_end_is_found_and_the_job_does_not_hold(
    tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "clean").mkdir()
    clean = story(tmp_path / "clean", settings)
    clean.search()
    assert clean.found and clean.found.leaks == 0 and clean.found.files == 1 and clean.holds()

    (tmp_path / "planted").mkdir()
    planted = story(tmp_path / "planted", settings, plant_leak=True)
    planted.search()
    assert planted.found and planted.found.leaks == 1 and not planted.holds()
    assert "planted.log" in str(planted.found.found[0].places[0].where)
    with pytest.raises(Broken, match="before it was planted"):
        planted.search()
