"""Kill -9 of the signer after each of its steps: the document is handed out sealed, once, or not at all."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from governance.audit.models import Entry
from governance.people.models import Message
from governance.reports import press, reports, tasks, verifying
from governance.reports.models import Report, ReportFile
from tests.conftest import World
from tests.reports.test_sealing import blank

HERE = Path(__file__).parent
PLACES = ["key", "signed", "kept", "ready", "committed"]


@pytest.mark.parametrize("place", PLACES)
def test_a_signer_killed_at_any_step_loses_nothing_and_seals_nothing_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(press.paper, "draw", lambda *a, **k: blank())
    world.sign_in("web")
    cast = world.company()
    report = reports.ask("register", cast.software, by=cast.lata)
    world.sign_in("worker")
    press.make(report.pk)

    environ = world.environment("exporter") | {"PYTHONPATH": str(HERE.parents[1])}
    command = [sys.executable, str(HERE / "seal_and_die.py"), str(report.pk), place]
    killed = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]

    world.sign_in("exporter")
    assert Report.objects.get().state == ("ready" if place == "committed" else "signing")
    tasks.seal()  # as the timetable does
    tasks.seal()
    sealed = ReportFile.objects.get(report=report, kind="pdf")
    assert Report.objects.get().state == "ready"
    assert verifying.check(bytes(sealed.content), settings.SEALS).code == "sound"
    assert Entry.objects.filter(code="report.made", about_id=report.pk).count() == 1
    assert Message.objects.filter(code="report_ready").count() == 1
