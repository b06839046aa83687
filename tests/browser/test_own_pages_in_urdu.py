"""Every page about oneself, read in Urdu: from right to left, clear to axe-core, wide and narrow, and no sentence in English."""

import os
import re
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from governance.consents import kiosk, objections, optouts
from governance.people.models import Person
from governance.purposes.models import Purpose
from tests.browser.conftest import Portal, Walk
from tests.visits import reading

SHOTS = os.environ.get("SAMMATI_SHOTS", "")  # a folder: pictures of every page, in light and dark
PAGES = (
    "/", "/me/", "/me/history/", "/me/opt-outs/", "/me/pressed/", "/me/where/", "/me/content/", "/me/requests/", "/me/requests/new/",
    "/me/nominees/", "/me/for-others/", "/people/messages/", "/account/", "/account/password/change/", "/reports/own", "/verify/",
    "/.well-known/sammati-seals/", "/nowhere/", "/register/",
)  # fmt: skip
# One of these is in every English sentence, and in no name, citation or command.
ENGLISH = re.compile(r"\b(the|is|are|of|you|your|and|to|not|nothing|for|was|this|what|it|no)\b")
# In a list to choose from a purpose without a notice in Urdu goes by its name in the register; a certificate by its own.
NAMED = re.compile(r"P-\d{4} |.*\(self-made\)$")
READ = """() => {
    const found = [];
    const ours = node => node.closest("[lang]").lang === "ur" && !node.closest("script, style");
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        if (ours(walker.currentNode.parentElement)) found.push(walker.currentNode.nodeValue);
    }
    for (const name of ["aria-label", "title", "placeholder", "data-label", "alt"]) {
        for (const node of document.querySelectorAll(`[${name}]`)) if (ours(node)) found.push(node.getAttribute(name));
    }
    return found;
}"""


def is_urdu(at: Walk, name: str) -> None:
    at.has_come()
    page = at.page
    # The tools of the page are folded away; what is folded elsewhere is read too.
    page.evaluate("document.querySelectorAll('details:not(.popup)').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.lang + document.documentElement.dir") == "urrtl", name
    said = [text.strip() for text in page.evaluate(READ) if ENGLISH.search(text)]
    assert [text for text in said if not NAMED.match(text)] == [], name
    at.is_clear(name=name)
    if SHOTS:
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.screenshot(path=Path(SHOTS) / f"{name}-{theme}.png", full_page=True)


@pytest.fixture
def reader(portal: Portal, django_db_blocker: Any) -> str:
    """Asha reads Urdu, objected and takes no part at weekends; Anil has a slip, and reads it too. Returns the PIN."""
    cast = portal.cast
    with django_db_blocker.unblock():
        asha = reading(Person.objects.get(pk=cast.asha.pk), "ur")
        reading(Person.objects.get(number="N-1101"), "ur")
        if not asha.objections.exists():
            objections.object_to(
                Purpose.objects.get(name__startswith="Detect leaks", entity=cast.software), by=asha
            )
            optouts.opt_out(by=asha, application="Excel", weekdays=[6, 7], since=time(18), to=time(6))
        _slip, pin = kiosk.issue("N-1101", by=Person.objects.get(pk=cast.dev.pk))
    return pin


def named(path: str) -> str:
    return path.strip("/").replace("/", "-") or "home"


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_about_oneself(portal: Portal, walk: Any, reader: str, width: int) -> None:
    with walk("asha", width=width) as at:
        for path in PAGES:
            at.go(path)
            at.complaints.clear()  # a page that is not there, or not open, is complained of by the browser
            is_urdu(at, f"{named(path)}-{width}")


def test_a_yes_is_given_and_withdrawn_in_urdu(portal: Portal, walk: Any, reader: str) -> None:
    number = portal.cast.purpose.number
    with walk("asha", width=390) as at:
        page = at.page
        at.go("/me/")
        assert page.locator(".notice-text[lang=ur]").count(), "the notice that a translator has read"
        page.locator(f"input[form=give-{number}]").first.check()
        page.locator(f"#give-{number} button").click()
        page.wait_for_url("**/me/receipts/**")
        is_urdu(at, "receipt")
        portal.eraser_opens_streams()
        at.go("/me/")
        is_urdu(at, "switched-on")
        page.locator(f"button[form^='withdraw-{number}']").first.click()
        page.wait_for_url("**/me/receipts/**")
        is_urdu(at, "receipt-of-withdrawal")
        for path in ("/me/history/", "/people/messages/", "/me/"):
            at.go(path)
            is_urdu(at, f"{named(path)}-afterwards")
        page.locator("a[href*='/me/erasures/']").first.click()
        page.wait_for_url("**/me/erasures/**")
        is_urdu(at, "order")


def test_the_kiosk_in_urdu(portal: Portal, walk: Any, reader: str) -> None:
    with walk("dev", width=900) as at:
        at.go("/kiosk/")
        at.page.get_by_role("button", name="اُردُو").first.click()
        is_urdu(at, "kiosk-waiting")
        at.page.locator("[name=number]").fill("N-1101")
        at.page.locator("[name=pin]").fill(reader)
        at.page.get_by_role("button", name="شروع کریں").click()
        at.sees("مجھے اور وقت چاہیے")
        is_urdu(at, "kiosk")
        at.page.get_by_role("switch").first.check()
        at.page.get_by_role("button", name="میں نے جو چالو کیا اس پر رضامندی دیں").click()
        at.sees("آپ کی بات درج ہو گئی")
        is_urdu(at, "kiosk-code")
