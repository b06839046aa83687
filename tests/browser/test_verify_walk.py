"""A stranger checks a document in a browser, without an account and without script; legal reads the seal on its page."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from governance.reports import paper, press, reports, sealing
from governance.reports.models import Report, ReportFile
from tests.browser.conftest import Portal, Walk

SHOW = os.environ.get("SAMMATI_SHOW")  # a folder: pictures of what was walked through


def look(page: Any, name: str) -> None:
    if SHOW:
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=f"{SHOW}/{name}-{theme}.png", full_page=True)


@cache  # one document for all three walks
def sealed(portal: Portal) -> Report:
    portal.world.sign_in("worker")
    try:
        report = reports.ask("processors", portal.cast.software, by=portal.cast.lata)
        press.make(report.pk)
        portal.world.sign_in("exporter")
        sealing.put_on(report.pk)
    finally:
        portal.world.sign_in("owner")
    report.refresh_from_db()
    return report


@pytest.mark.parametrize("width", [1280, 390])
def test_a_stranger_checks_a_document(portal: Portal, chromium: Any, tmp_path: Path, width: int) -> None:
    if paper.why_not():
        pytest.skip(paper.why_not())
    report = sealed(portal)
    whole = bytes(ReportFile.objects.get(report=report, kind="pdf").content)
    files = {"whole": whole, "changed": whole[:2000] + bytes([whole[2000] ^ 1]) + whole[2001:]}
    for name, content in files.items():
        (tmp_path / f"{name}.pdf").write_bytes(content)
    if SHOW:
        Path(SHOW, "sealed.pdf").write_bytes(whole)
    plain = chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
    page = plain.new_page()
    for name, said in (("whole", "The seal holds"), ("changed", "Do not rely on it")):
        page.goto(f"{portal.url}/verify/")
        page.locator("input[name=document]").set_input_files(tmp_path / f"{name}.pdf")
        page.get_by_role("button", name="Check it").click()
        page.get_by_text(said).first.wait_for()
        look(page, f"{name}-{width}")
    plain.close()
    context = chromium.new_context(viewport={"width": width, "height": 900})
    walker = Walk(context.new_page(), portal.url)
    for name, path in (("verify", "/verify/"), ("seals", "/.well-known/sammati-seals/")):
        walker.go(path)
        walker.is_clear(name=name)
        look(walker.page, f"{name}-{width}")
    context.close()


def test_legal_reads_the_seal_on_the_page_of_the_report(portal: Portal, walk: Any) -> None:
    if paper.why_not():
        pytest.skip(paper.why_not())
    report = sealed(portal)
    with walk("lata") as lata:
        lata.go(f"/reports/{report.pk}")
        lata.sees("with its own key: shows that nothing changed since")
        lata.is_clear(name="report")
        look(lata.page, "report")
