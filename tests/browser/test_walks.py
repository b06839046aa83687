"""The main job as the people would do it: Asha agrees and withdraws, Bela says no, Lata asks for two PDFs."""

import re
from typing import Any

import pytest

from governance.capture import bands
from governance.consents.models import ConsentRecord
from governance.reports import paper, press, sealing
from governance.reports.models import Report
from governance.retention.models import ErasureOrder
from tests import make


@pytest.fixture
def fresh(portal: Any) -> Any:
    """The world's databases, reachable from the test itself."""
    portal.world.sign_in("owner")
    return portal


class TestWalks:
    """In this order: each walk begins where the one before it ended, as it does for people."""

    def test_asha_agrees_in_hindi_and_withdraws_with_one_press(self, fresh: Any, walk: Any) -> None:
        with walk("asha") as her:
            page = her.page
            her.go("/me/")
            her.is_clear(name="my choices, all off")
            switches = page.get_by_role("switch")
            assert switches.count() == 3 and not any(switches.nth(i).is_checked() for i in range(3))
            page.locator("details.unfold > summary").click()
            assert page.locator(".notice-text[lang=hi]").is_visible()
            page.locator("input[value=ui_event]").check()
            page.locator("input[value=app_usage]").check()
            her.is_clear(name="my choices, two switched on")
            page.locator("form[action$='/give/'] button").click()
            page.wait_for_url("**/me/receipts/**")
            her.is_clear(name="receipt")

            her.go("/me/")
            assert page.locator("[id^=state-][hx-get]").count() == 2  # starting
            fresh.eraser_opens_streams()
            page.locator("[id^=state-]:not([hx-get])").nth(1).wait_for()  # on, without loading the page again
            told = fresh.post(
                *[make.event("N-1001") for _ in range(7)],
                make.event("N-1001", "mouse_path"),
                make.event("N-1002"),
            )
            assert told["admitted"] == 7 and told["turned_away"] == {"not_permitted": 2}
            her.go("/me/")
            assert page.locator("figure.drawing").count() == 1
            her.is_clear(name="my choices, recorded")

            page.locator("button[form^=withdraw-]").first.click()  # one press, and it is said
            page.wait_for_url("**/me/receipts/**")
            her.is_clear(name="receipt of the withdrawal")
            told = fresh.post(make.event("N-1001"))
            assert told["admitted"] == 0
            page.locator(".reason a").first.click()
            her.is_clear(name="her own order")
            her.go("/me/history/")
            her.is_clear(name="history")
        record = ConsentRecord.objects.get(person=fresh.cast.asha, signal="ui_event")
        assert record.status == "withdrawn" and ErasureOrder.objects.filter(person=fresh.cast.asha).exists()

    def test_bela_says_no_on_a_phone_without_a_script(self, fresh: Any, walk: Any) -> None:
        with walk("bela", width=390, script=False) as her:
            page = her.page
            her.go("/me/")
            her.sees("Nothing is recorded about you.")
            page.get_by_role("switch", name="Mouse path").check()  # she changes her mind
            page.get_by_role("button", name="No to all").click()
            her.sees("You said no")
            her.go("/me/")
            page.get_by_role("switch", name="Clicks and form steps").check()
            page.get_by_role("button", name="Agree to what I switched on").click()
            her.sees("You agreed")
            her.go("/me/")
            page.get_by_role("button", name="Withdraw", exact=True).click()
            her.sees("You withdrew")
            her.go("/me/")
            page.get_by_role("button", name="Opt out of everything").click()
            her.sees("You have opted out.")
            page.get_by_role("button", name="End the opt-out").first.click()
            her.sees("The opt-out has ended.")

    def test_my_choices_hold_on_a_phone(self, fresh: Any, walk: Any) -> None:
        with walk("bela", width=360) as her:
            for path in ("/", "/me/", "/me/history/", f"/me/purposes/{fresh.cast.purpose.pk}/notice/"):
                her.go(path)
                her.is_clear(name=f"{path} on a phone")

    def test_who_reads_kashmiri_hears_what_is_not_translated_yet(self, fresh: Any, walk: Any) -> None:
        with walk("bela", width=390) as her:
            her.page.locator("details.popup summary").first.click()
            her.page.get_by_role("button", name="کٲشُر").click()
            her.sees("The pages are not translated into Kashmiri yet")
            for path in ("/", "/me/"):
                her.go(path)
                her.is_clear(name=f"{path}, for who reads Kashmiri")

    def test_the_dpo_publishes_a_new_version_and_reads_the_register(self, fresh: Any, walk: Any) -> None:
        with walk("dev") as him:
            page = him.page
            him.go("/register/")
            him.is_clear()
            page.get_by_role("link", name="P-0001").click()
            him.is_clear(name="a purpose")
            page.get_by_role("button", name="New version of the notice").click()
            him.sees("was not reviewed by a person yet.")
            him.is_clear(name="a draft")
            page.get_by_role("link", name=re.compile("Change.*English")).click()
            page.get_by_label("Title").fill("<b>Training</b>")
            page.get_by_role("button", name="Keep in the draft").click()
            him.sees("is markup. A notice is plain text")
            him.is_clear(name="a refused form")

    def test_the_manager_and_the_owner_see_the_programme_and_nobody_in_it(
        self, fresh: Any, walk: Any
    ) -> None:
        bands.count()
        for who in ("meera", "omar"):
            with walk(who) as them:
                them.go("/programmes/")
                them.is_clear()
                them.page.get_by_role("link", name="CP-0001").click()
                them.sees("no figure is shown")
                assert "Asha" not in them.page.locator("main").inner_text()
                them.is_clear(name=f"the programme, as {who}")

    def test_lata_asks_for_two_pdfs_and_takes_them_away(self, fresh: Any, walk: Any) -> None:
        with walk("lata") as her:
            page = her.page
            her.go("/reports/")
            her.is_clear()
            for kind in ("register", "certificate"):
                her.go("/reports/new")
                her.is_clear(name="which report")
                page.locator(f"a[href='?kind={kind}']").click()
                her.is_clear(name=f"asking for {kind}")
                page.get_by_role("button", name="Make the report").click()
                page.locator("progress").first.wait_for()
                her.is_clear(name="being made")
                self._the_press_runs(fresh)
                page.locator("a[download], a[href$='/json'], a[href$='/pdf']").first.wait_for()
                her.is_clear(name="ready")
                with page.expect_download() as taken:
                    page.locator(
                        "a[href$='/pdf']" if not paper.why_not() else "a[href$='/json']"
                    ).first.click()
                content = taken.value.path().read_bytes()
                assert content.startswith(b"%PDF-" if not paper.why_not() else b"{")
        with walk("meera") as somebody:
            answer = somebody.page.goto(f"{fresh.url}/reports/{Report.objects.first().pk}")
            assert answer.status == 404

    def _the_press_runs(self, fresh: Any) -> None:
        fresh.world.sign_in("worker")
        try:
            for report_id in Report.objects.waiting().pks():
                press.make(report_id)
            fresh.world.sign_in("exporter")
            for report_id in Report.objects.unsealed().pks():
                sealing.put_on(report_id)
        finally:
            fresh.world.sign_in("owner")


CLEARED: set[str] = set()  # pages that are the same for everybody are looked at once


@pytest.mark.parametrize("who", ["asha", "dev", "lata", "arun", "ira", "rupa"])
def test_every_page_of_the_menu_is_clear(portal: Any, walk: Any, who: str) -> None:
    with walk(who) as them:
        them.go("/")
        paths = them.page.eval_on_selector_all(
            ".sidenav.wide a", "links => links.map(a => a.getAttribute('href'))"
        )
        assert paths
        them.is_clear(name=f"the first page of {who}")
        for path in paths:
            if path not in CLEARED and path != "/":
                CLEARED.add(path)
                them.go(path)
                them.is_clear(name=f"{path} as {who}")
