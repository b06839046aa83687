"""`./run demo --once` does the whole job: real processes, real logins, real log, and the last line says what came of it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"

pytestmark = pytest.mark.slow


NIGHT = os.environ.get("SAMMATI_NIGHT") == "1"


def once(*arguments: str, **more: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the last line's object, everything printed. The test run's own servers are not told of."""
    clean = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("SAMMATI_", "DJANGO_")) and not k.endswith("_URL")
    }
    ran = subprocess.run(
        ["./run", "demo", "--once", *arguments],
        cwd=ROOT,
        env=clean | more,
        capture_output=True,
        text=True,
        timeout=900 if NIGHT else 400,
        check=False,
    )
    try:
        return (
            ran.returncode,
            json.loads(ran.stdout.strip().splitlines()[-1]),
            ran.stdout + ran.stderr[-2000:],
        )
    except (IndexError, json.JSONDecodeError):
        pytest.fail(f"No result (code {ran.returncode}): {ran.stdout[-500:]} {ran.stderr[-2000:]}")


REAL = [
    "--ui-log",
    str(SHARED / "ui-logs" / "reimbursement.csv"),
    "--mouse-log",
    str(SHARED / "mouse-dynamics"),
]


def test_the_job_holds_under_todays_law() -> None:
    """On our own small logs; by night on the real ones (some 200,000 events), where they lie beside the checkout."""
    real = NIGHT and SHARED.exists()
    code, result, printed = once(*(REAL if real else []))
    assert code == 0, printed
    assert result["posted"] > (190_000 if real else 900)
    assert result["posted"] == result["admitted"] + sum(result["turned_away"].values())
    assert result["admitted"] > 0 and result["leaks"] == 0 and result["log_verified"]
    assert set(result["erased"]) == set(result["residue"]) >= {
        "vault", "feature-store", "team-files", "training-sets",
    }  # fmt: skip
    assert all(count > 0 for system, count in result["erased"].items() if system != "portal")
    assert not any(result["residue"].values())
    assert [Path(name).name for name in result["reports"]] == ["register.pdf", "certificate.pdf"]


@pytest.mark.night
@pytest.mark.skipif(not NIGHT, reason="a second company from scratch; by day see test_two_laws.py")
def test_the_job_holds_under_the_law_of_june_2027_and_a_leak_that_is_planted_at_its_end_is_found() -> None:
    code, result, printed = once("--on", "2027-06-01", SAMMATI_PLANT_A_LEAK="1")
    assert "broken" not in result, printed  # nothing else, and no leak before it was planted
    assert code != 0 and result["leaks"] == 1 and "planted.log" in printed, printed
    assert result["log_verified"] and not any(result["residue"].values())
    assert sorted(result["orders"].values()) == ["done", "restricted_hold", "retention_conflict"]
    assert result["erased"].get("vault", 0) == 0, (
        "rule 8(3): an Indian employee's rows are locked away, not erased"
    )
    assert result["erased"]["vault-de"] > 0, "an EU employee's rows are erased"


@pytest.mark.night
@pytest.mark.skipif(not NIGHT, reason="the whole self-test takes minutes; by day see test_comeback.py")
def test_a_programme_that_an_incident_stopped_comes_back() -> None:
    code, result, printed = once("--relaunch")
    assert code == 0, printed
    assert result["relaunched"].startswith("CP-") and "all refused" in printed
