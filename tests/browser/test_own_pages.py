"""Objecting, feeling pressed, no to parts, and the kiosk in a browser: clear to axe-core, wide and narrow, without script."""

from datetime import time
from typing import Any

import pytest

from governance.consents import kiosk, objections, optouts, pressure
from governance.people.models import Person
from governance.purposes.models import Purpose
from tests.browser.conftest import Portal


@pytest.fixture
def heard(portal: Portal, django_db_blocker: Any) -> dict[str, str]:
    """Asha objected, Bela felt pressed and takes no part at weekends, Anil has a slip."""
    cast = portal.cast
    with django_db_blocker.unblock():
        leaks = Purpose.objects.get(name__startswith="Detect leaks", entity=cast.software)
        row = objections.object_to(leaks, by=Person.objects.get(pk=cast.asha.pk))
        report = pressure.report(cast.purpose, by=Person.objects.get(pk=cast.bela.pk))
        optouts.opt_out(by=cast.bela, application="Excel", weekdays=[6, 7], since=time(18), to=time(6))
        _slip, pin = kiosk.issue("N-1101", by=Person.objects.get(pk=cast.dev.pk))
    return {"objection": str(row.pk), "report": str(report.pk), "pin": pin}


def test_the_pages_are_clear(portal: Portal, walk: Any, heard: dict[str, str]) -> None:
    for who, paths in {
        "bela": ("/me/", "/me/opt-outs/", "/me/pressed/", "/me/history/"),
        "dev": (
            "/objections/",
            f"/objections/{heard['objection']}/",
            f"/pressed/{heard['report']}/",
            "/kiosk/slips/",
        ),
        "rupa": ("/pressed/",),
    }.items():
        for width in (1280, 390):
            with walk(who, width=width) as at:
                for path in paths:
                    at.go(path)
                    at.is_clear(name=f"{who} {path} {width}")


def test_without_script_one_objects_and_says_that_one_felt_pressed(portal: Portal, walk: Any) -> None:
    with walk("bela", width=390, script=False) as at:
        at.go("/me/")
        at.page.get_by_role("button", name="Object").first.click()
        at.sees("Your objection is received.")
        at.page.get_by_role("link", name="I felt pressed").click()
        at.page.get_by_role("button", name="Let them know").click()
        at.sees("It was heard")


def test_the_kiosk(portal: Portal, walk: Any, chromium: Any, heard: dict[str, str]) -> None:
    with walk("dev", width=900) as at:  # a window like every other; whoever was signed in is so no more
        at.go("/kiosk/")
        at.is_clear(name="waiting screen")
        at.page.get_by_label("Badge number").fill("N-1101")
        at.page.get_by_label("PIN from your slip").fill(heard["pin"])
        at.page.get_by_role("button", name="Begin").click()
        at.sees("I need more time")
        at.is_clear(name="kiosk")
        at.page.get_by_role("switch").first.check()
        at.page.get_by_role("button", name="Agree to what I switched on").click()
        at.sees("Your word is recorded")
        at.is_clear(name="code")
        at.page.get_by_role("link", name="Back to my choices").click()
        for name in ("No to parts", "What I said", "My requests"):
            at.page.get_by_role("link", name=name, exact=True).click()
            at.sees("this screen closes after")
            at.is_clear(name=f"kiosk: {name}")
            at.page.get_by_role("link", name="Back to my choices").click()
        at.page.get_by_role("button", name="I am done").click()
        at.sees("Hold your badge")
        at.go("/kiosk/choices/")
        at.sees("Hold your badge")
