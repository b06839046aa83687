"""The demo's stopped programme comes back at a running portal: three people's browsers, the self-test, the eraser's checks."""

import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from django.db import connections

from governance import checks
from governance.audit.models import Entry
from governance.capture.models import Programme
from governance.demo import comeback, lives
from governance.demo.browser import Browser
from governance.incidents import relaunching
from governance.people.models import Person
from governance.selftest import probing
from governance.selftest.doors import doors
from governance.setup import web
from tests.conftest import World

pytestmark = pytest.mark.slow
PASSWORD = "amber-linen-raven-31"
CHECKOUT = Path(__file__).parents[2]


@contextmanager
def portal(world: World, log: Path) -> Iterator[str]:
    with closing(socket()) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with log.open("wb") as told:
        server = subprocess.Popen(
            web.command(port, workers=1, threads=2),
            env=world.environment("web") | {"SAMMATI_PLAIN_STATIC": "1"}, cwd=CHECKOUT, stdout=told, stderr=told,
        )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < until, log.read_text()[-2000:]
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def eraser(world: World) -> Iterator[None]:
    """The eraser's process, as far as it checks controls."""
    over = threading.Event()

    def work() -> None:
        world.sign_in("eraser")
        while not over.wait(0.3):
            relaunching.check_waiting({"grants": checks.differences_of_every_login})
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(30)


def test_it_comes_back_when_everything_is_shown_and_not_before(
    world: World, tmp_path: Path, monkeypatch: Any
) -> None:
    world.sign_in("owner")
    cast = world.company()
    for person in Person.objects.filter(pk__in=[cast.dev.pk, cast.leon.pk, cast.omar.pk]):
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    world.sign_in("web")
    lives.show(cast)
    relaunch = comeback.waiting()
    assert relaunch is not None and not comeback.is_probed(relaunch)

    with portal(world, tmp_path / "web.log") as url, eraser(world):

        @cache
        def someone(name: str) -> Browser:
            browser = Browser(url)
            browser.sign_in(f"{name.lower()}@nirmaan.example", PASSWORD)
            return browser

        monkeypatch.setattr(comeback, "TRIES", 1)
        with pytest.raises(LookupError, match="could not sign"):  # the self-test has not run since
            comeback.bring_back(relaunch, someone)
        assert Programme.objects.get(pk=relaunch.programme_id).state == "paused"

        some = [door for door in doors() if door.name.startswith(("incidents:", "capture:"))]
        run = probing.run_all(some)  # by day some addresses; ./run demo --once --relaunch tries them all
        assert run.tried == run.refused > 0
        assert comeback.is_probed(relaunch)
        programme = comeback.bring_back(relaunch, someone)

    assert programme.state == "running" and comeback.waiting() is None
    said = list(
        Entry.objects.filter(about_id=programme.pk, code__startswith="relaunch.")
        .order_by("id")
        .values_list("code", flat=True)
    )
    assert said.count("relaunch.signed") == 3 and said[-1] == "relaunch.done"
    states = sorted(Programme.objects.values_list("state", flat=True))
    assert states == ["paused", "paused", "running", "running", "running"], (
        "running, paused, stopped by an incident, and back"
    )
