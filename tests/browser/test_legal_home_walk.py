"""Legal's home in a browser: a preview, the schedule, a search, what changed, several reports in one ZIP; a person's own list."""

from typing import Any

import pytest

from governance.audit import keys, sealer
from governance.lib import clock
from governance.purposes import versions
from governance.purposes.activity import Activity
from governance.reports import parcels, press, reports, sealing
from governance.reports.models import Parcel, Report
from tests import make
from tests.browser.conftest import Portal
from tests.browser.test_verify_walk import look
from tests.servers import folder


def made(portal: Portal, kind: str = "register", **more: Any) -> Report:
    """Asked for, drawn without a PDF or with one as this machine does, sealed, and in the log."""
    portal.world.sign_in("worker")
    try:
        report = reports.ask(kind, portal.cast.software, by=portal.cast.lata, **more)
        press.make(report.pk)
        portal.world.sign_in("exporter")
        sealing.put_on(report.pk)
        home = folder() / "legal-home"
        sealer.seal(clock.now(), sign=keys.signer(home, home), home=home)
    finally:
        portal.world.sign_in("owner")
    report.refresh_from_db()
    return report


@pytest.mark.parametrize("width", [1280, 390])
def test_legal_at_home(portal: Portal, walk: Any, monkeypatch: Any, width: int) -> None:
    monkeypatch.setenv("SAMMATI_NO_PDF", "1")  # what is looked at are pages
    first = made(portal)
    versions.enter(portal.cast.software, Activity(name=f"Brand new {width}"), by=portal.cast.dev)
    second = made(portal)
    with walk("lata", width=width) as legal:
        page = legal.page

        def shows(path: str, text: str, name: str) -> None:
            legal.go(path)
            legal.sees(text)
            legal.is_clear(name=name)
            look(page, f"{name}-{width}")

        legal.go("/reports/new?kind=register")
        page.get_by_role("button", name="Preview").click()
        legal.sees("What it would say now")
        legal.is_clear(name="preview")
        look(page, f"preview-{width}")
        shows("/reports/schedule", "Schedule of reports", "schedule-before")
        legal.go("/reports/schedule/new?kind=register")
        legal.is_clear(name="schedule-new")
        look(page, f"schedule-new-{width}")
        page.locator("select[name=every]").select_option("quarter" if width > 1000 else "year")
        page.get_by_label("Dev Kulkarni").check()
        page.get_by_role("button", name="Put it on the schedule").click()
        legal.sees("It is on the schedule.")
        look(page, f"schedule-{width}")
        shows(f"/reports/{second.pk}/changes", "1 new", "changes")
        shows(f"/reports/{second.pk}", "Kept until", "report")
        legal.go("/reports/")
        page.locator("input[name=words]").fill(first.number)
        page.get_by_role("button", name="Search").last.click()
        page.get_by_text("Show all").wait_for()
        legal.is_clear(name="library")
        look(page, f"library-{width}")
        legal.go("/reports/?kind=register")
        page.get_by_role("button", name="Take all of these away").click()
        legal.sees("waits for its signature")
        portal.world.sign_in("exporter")
        try:
            parcels.sign_waiting()
        finally:
            portal.world.sign_in("owner")
        page.reload()
        legal.sees("What the signed list names")
        legal.is_clear(name="parcel")
        look(page, f"parcel-{width}")
    assert Parcel.objects.filter(signed_at__isnull=False).exists()


def test_a_person_finds_their_own(portal: Portal, walk: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("SAMMATI_NO_PDF", "1")
    receipt = make.consent(portal.cast.bela, portal.cast.purpose, "ui_event", open_streams=False)
    own = reports.ask_for_receipt(receipt, by=portal.cast.bela)
    press.make(own.pk)
    with walk("bela", width=390) as bela:
        bela.go("/reports/own")
        bela.sees(own.number)
        bela.is_clear(name="own")
        look(bela.page, "own-390")
