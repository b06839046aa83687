"""My choices without a mouse, and everything else a person does there: a break, no to parts, taking it all with them."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from governance.consents.models import ConsentRecord, OptOut, Pause
from governance.reports import paper, press, sealing
from governance.reports.models import Report
from tests.browser.conftest import Portal, Walk

# What stands in focus: shown to people by a line around it, or around the label that is drawn in its place.
SHOWN = """() => {
  const on = document.activeElement;
  const drawn = e => { const s = getComputedStyle(e); return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none'; };
  return [on, on.parentElement, on.nextElementSibling].some(e => e && drawn(e));
}"""
MOST = 200  # presses of Tab that a page may take


def tab_to(walker: Walk, selector: str, *, back: bool = False) -> int:
    """Tab until what the selector names has the focus; how many presses it took. Each stop on the way can be seen."""
    for presses in range(1, MOST + 1):
        walker.page.keyboard.press("Shift+Tab" if back else "Tab")
        if walker.page.evaluate("s => document.activeElement.matches(s)", selector):
            assert walker.page.evaluate(SHOWN), f"{selector} has the focus and nobody sees it"
            return presses
    raise AssertionError(f"{selector} is not reached in {MOST} presses of Tab")


@pytest.fixture
def fresh(portal: Portal) -> Portal:
    portal.world.sign_in("owner")
    return portal


class TestByHand:
    """In this order: each walk begins where the one before it ended."""

    def test_bela_gives_and_withdraws_with_the_keyboard_alone(self, fresh: Portal, walk: Any) -> None:
        number = fresh.cast.purpose.number
        with walk("bela") as her:
            page = her.page
            her.go("/me/")
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.getAttribute('href')").startswith("#"), (
                "the first stop skips the menu"
            )
            page.keyboard.press("Enter")
            to_switch = tab_to(her, f"input[form=give-{number}]")
            page.keyboard.press("Space")
            assert page.evaluate("document.activeElement.checked")
            to_button = tab_to(her, f"#give-{number} button")
            page.keyboard.press("Enter")
            page.wait_for_url("**/me/receipts/**")
            assert (
                ConsentRecord.objects.get(person=fresh.cast.bela, ended_at__isnull=True).signal == "ui_event"
            )
            her.go("/me/")
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            to_withdraw = tab_to(her, f"button[form^=withdraw-{number}]")
            page.keyboard.press("Enter")
            page.wait_for_url("**/me/receipts/**")
            # DPDP s.6(4), GDPR Art. 7(3): to withdraw is as easy as to give.
            assert to_withdraw + 1 <= to_switch + 1 + to_button + 1
        assert not ConsentRecord.objects.filter(person=fresh.cast.bela, ended_at__isnull=True).exists()

    def test_every_stop_of_the_page_can_be_left_again(self, fresh: Portal, walk: Any) -> None:
        """No trap: Tab goes through the whole page and out of it, and Shift+Tab back."""
        with walk("bela") as her:
            her.go("/me/")
            page = her.page
            seen: list[str] = []
            for _ in range(MOST):
                page.keyboard.press("Tab")
                at = page.evaluate(
                    "() => { const on = document.activeElement; if (on === document.body) return ''; window.n = window.n || 0;"
                    " on.dataset.stop = on.dataset.stop || String(++window.n); return on.dataset.stop; }"
                )
                if not at or (seen and at == seen[0]):
                    break
                seen.append(at)
            else:
                raise AssertionError("Tab never leaves the page")
            assert len(seen) == len(set(seen)) > 10
            tab_to(her, "[data-stop='3']", back=True)

    def test_a_break_begins_and_ends_with_one_press_each(self, fresh: Portal, walk: Any) -> None:
        with walk("bela") as her:
            her.go("/me/")
            assert not her.page.get_by_role("button", name="4 hours", exact=True).count(), (
                "there is nothing to pause"
            )
            her.page.locator(f"input[form=give-{fresh.cast.purpose.number}]").first.check()
            her.page.locator(f"#give-{fresh.cast.purpose.number} button").click()
            her.page.wait_for_url("**/me/receipts/**")
            her.go("/me/")
            her.page.get_by_role("button", name="4 hours", exact=True).click()
            her.go("/me/")
            her.sees("You paused recording until")
            her.is_clear(name="paused")
            assert Pause.objects.filter(person=fresh.cast.bela, ended_at__isnull=True).count() == 1
            her.page.get_by_role("button", name="Resume now").click()
            her.go("/me/")
            assert her.page.get_by_role("button", name="4 hours", exact=True).count() == 1
        assert not Pause.objects.filter(person=fresh.cast.bela, ended_at__isnull=True).exists()

    def test_no_to_a_part_is_said_and_ended(self, fresh: Portal, walk: Any) -> None:
        with walk("bela", width=390) as her:
            page = her.page
            her.go("/me/opt-outs/")
            page.get_by_role("button", name="Say no to this").click()
            her.sees("Choose a signal, an application, a site or hours.")
            her.complaints.clear()  # a browser counts the answer 400 as a fault
            her.is_clear(name="nothing chosen")
            page.locator("[name=signal]").select_option("app_usage")
            page.locator("[name=weekdays][value='6']").check()
            page.locator("[name=since]").fill("18:00")
            page.locator("[name=to]").fill("06:00")
            page.get_by_role("button", name="Say no to this").click()
            her.sees("Said no.")
            her.is_clear(name="said no to a part")
            row = OptOut.objects.in_force().get(person=fresh.cast.bela)
            assert (row.signal, row.weekdays) == ("app_usage", [6])
            page.get_by_role("button", name="End the opt-out").click()
            her.go("/me/opt-outs/")
            her.sees("Nothing: there is no opt-out of yours.")
        assert not OptOut.objects.in_force().filter(person=fresh.cast.bela).exists()

    def test_she_takes_her_history_and_her_statement_with_her(self, fresh: Portal, walk: Any) -> None:
        with walk("bela") as her:
            page = her.page
            her.go("/me/history/")
            her.is_clear(name="history")
            with page.expect_download() as taken:
                page.get_by_role("link", name="As data (JSON)").click()
            said = json.loads(Path(taken.value.path()).read_bytes())
            assert "withdrawn" in json.dumps(said)
            with page.expect_download() as taken:
                page.get_by_role("link", name="Take everything with you").click()
            with zipfile.ZipFile(io.BytesIO(Path(taken.value.path()).read_bytes())) as packed:
                assert packed.testzip() is None and any(name.endswith(".json") for name in packed.namelist())
            page.get_by_role("button", name="My statement as PDF").click()
            page.locator("progress").first.wait_for()
            self._the_press_runs(fresh)
            page.locator("a[href$='/pdf'], a[href$='/json']").first.wait_for()
            her.is_clear(name="statement, ready")
            which = "a[href$='/pdf']" if not paper.why_not() else "a[href$='/json']"
            with page.expect_download() as taken:
                page.locator(which).first.click()
            content = Path(taken.value.path()).read_bytes()
            assert content.startswith(b"%PDF-" if not paper.why_not() else b"{")
        row = Report.objects.get(kind="statement")
        assert row.about_id == fresh.cast.bela.pk

    def _the_press_runs(self, fresh: Portal) -> None:
        fresh.world.sign_in("worker")
        try:
            for report_id in Report.objects.waiting().pks():
                press.make(report_id)
            fresh.world.sign_in("exporter")
            for report_id in Report.objects.unsealed().pks():
                sealing.put_on(report_id)
        finally:
            fresh.world.sign_in("owner")
