"""A real portal in a real browser: fresh databases, granian as the web process, headless Chromium, axe-core.

Where Chromium is missing the walks are skipped with a sentence; `./run test` installs it when it may.
"""

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password

from governance.people.models import Person
from governance.setup import web
from governance.setup.places import CHECKOUT
from tests import make
from tests.cast import Cast
from tests.conftest import World

PASSWORD = "a long enough demo password"  # of throw-away people in a throw-away database
CHROMIUM = os.environ.get("SAMMATI_CHROMIUM") or "/usr/bin/chromium"
AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
CLEAR = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # what a change of theme can break
# A click may return while its page is still on the way: then axe would look at the page that is being left.
# A download begins like a page and never comes: the mark is taken back.
LEAVING = """addEventListener("beforeunload", () => {
    window.sammatiLeaving = true;
    setTimeout(() => { window.sammatiLeaving = false; }, 5000);
});"""
# What bears words on this page: element, classes, and the same of the two around it. Colours follow from these.
BEARERS = """() => {
    const said = e => e ? e.tagName + "." + [...e.classList].sort().join(".") : "";
    const bears = e => e.matches("input, select, textarea") || [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    return [...new Set([...document.querySelectorAll("body *")].filter(bears).map(
        e => [e, e.parentElement, e.parentElement.parentElement].map(said).join(" in ")))];
}"""
IN_DARK: set[str] = set()  # what was looked at in dark
NIGHT = bool(os.environ.get("SAMMATI_NIGHT"))
PATIENCE = 60.0  # seconds until the server answers; many share the machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(eq=False)
class Portal:
    """A running portal. `cast` is its company; `world` gives other logins in this process."""

    url: str
    cast: Cast
    world: World

    def eraser_opens_streams(self) -> None:
        """What the worker does within seconds: make the keys of waiting streams."""
        self.world.sign_in("eraser")
        try:
            make.streams.open_waiting()
        finally:
            self.world.sign_in("owner")

    def post(self, *events: dict[str, Any]) -> dict[str, Any]:
        """A batch to the gate over HTTP, as a capture client sends it."""
        body = make.batch(self.cast.programme.number, self.cast.device.number, list(events))
        key = self.cast.keys[self.cast.programme.number]
        request = urllib.request.Request(
            f"{self.url}/api/v1/batches",
            data=body,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def portal(
    module_world: World, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    """The company behind a web process that has only the web's login."""
    port = _free_port()
    told = tmp_path_factory.mktemp("portal") / "web.log"
    with django_db_blocker.unblock():
        module_world.sign_in("owner")
        cast = module_world.company()
        everybody = [person.pk for person in cast.people.values()]
        Person.objects.filter(pk__in=everybody).update(password=make_password(PASSWORD))
        with told.open("wb") as log:
            server = subprocess.Popen(
                web.command(port, workers=1),
                env=module_world.environment("web") | {"SAMMATI_PLAIN_STATIC": "1"}, cwd=CHECKOUT, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, server, told)
            yield Portal(url, cast, module_world)
        finally:
            server.terminate()
            server.wait(timeout=15)


def _wait_for(url: str, server: "subprocess.Popen[bytes]", told: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=2).close()
            return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.2)
    raise AssertionError(f"The web process did not answer:\n{told.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip(
            f"There is no Chromium at {CHROMIUM}: install it, or set SAMMATI_CHROMIUM, to walk the pages in a browser."
        )
    if not AXE.exists():
        pytest.skip("axe-core is not installed: ./run test brings it with the other front-end packages.")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="The Python package playwright is not installed."
    )
    os.environ.setdefault(
        "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
    )  # playwright keeps an event loop in this thread
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@dataclass
class Walk:
    """One person in one browser window. `complaints`: what the browser's console and the server complained of."""

    page: Any
    url: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def has_come(self) -> None:
        """The page that was asked for is there, whole. (Playwright's own waiting evaluates text, which our policy forbids.)"""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                if self.page.evaluate("!window.sammatiLeaving && document.readyState === 'complete'"):
                    return
            except Exception as error:  # the page went while it was asked
                if "context was destroyed" not in str(error) and "navigat" not in str(error):
                    raise
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{self.page.url} did not come")

    def is_clear(self, *, name: str = "") -> None:
        """axe-core finds nothing, in light and in dark; nothing runs out of the page; nothing was complained of.

        By day a page is looked at in dark where something on it was in dark on no page before; by night each is.
        """
        self.has_come()
        bearers = set(self.page.evaluate(BEARERS))
        again = bearers <= IN_DARK and not NIGHT
        self.page.evaluate(AXE.read_text())
        for theme, rules in (
            ("light", {"type": "tag", "values": CLEAR}),
            ("dark", {"type": "rule", "values": COLOURS}),
        )[: 1 if again else 2]:
            self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found = self.page.evaluate(
                "rules => axe.run({runOnly: rules, resultTypes: ['violations']})", rules
            )
            told = [
                f"{v['id']}: {v['help']} {[n['target'] for n in v['nodes']][:3]}" for v in found["violations"]
            ]
            assert told == [], f"{name or self.page.url} in {theme}: {told}"
        IN_DARK.update(bearers)
        wide, window = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window, f"{name or self.page.url} is {wide} wide in a window of {window}"
        assert self.complaints == []


@pytest.fixture
def walk(portal: Portal, chromium: Any) -> Any:
    """walk("asha", width=…, script=…): a context manager that gives her Walk, signed in by the sign-in page."""

    @contextmanager
    def begin(who: str, *, width: int = 1280, script: bool = True) -> Iterator[Walk]:
        context = chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
        context.add_init_script(LEAVING)
        page = context.new_page()
        page.set_default_timeout(30_000)
        walker = Walk(page, portal.url)
        page.on("console", lambda m: walker.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: walker.complaints.append(str(error)))
        try:
            page.goto(portal.url + "/account/login/")
            page.locator("input[name=login]").fill(f"{who}@nirmaan.example")
            page.locator("input[name=password]").fill(PASSWORD)
            page.locator("main button.btn-primary, form button.btn-primary").first.click()
            page.wait_for_url(lambda url: "/account/login" not in url)
            yield walker
        finally:
            context.close()

    return begin
