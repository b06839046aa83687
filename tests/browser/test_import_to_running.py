"""From a spreadsheet to people who are asked: an activity is imported, papered, approved, told in three scripts, started.

Then Bela, who reads Urdu, reads it from right to left.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from governance.demo import notices
from governance.lib import clock
from governance.people.models import Person
from governance.purposes import judging, rules_papers
from governance.purposes.activity import SystemPart
from governance.purposes.exchange import sheets
from governance.purposes.exchange.cells import Entry
from governance.purposes.models import DataSystem, Evidence, Notice, Purpose
from governance.purposes.policy import packs
from tests import make
from tests.browser.conftest import Portal, Walk

SHOTS = os.environ.get("SAMMATI_SHOTS", "")  # a folder: pictures of every page, in light, dark and on a phone
NAME = "Train the travel agent"
SCRIPTS = ("en", "hi", "ur")  # Latin, Devanagari, Arabic

SYSTEM = {
    "code": "travel-store", "entity": "NSP", "name": "Travel store", "kind": "warehouse", "holds": "Steps of claims", "country": "IN",
    "owner": "N-1010", "categories": ("CL",), "parts": ("claims.step", "claims.application"),
}  # fmt: skip


def looked_at(walker: Walk, name: str) -> None:
    """axe-core finds nothing; with SAMMATI_SHOTS set, people can look too."""
    walker.is_clear(name=name)
    if not SHOTS:
        return
    page = walker.page
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.screenshot(path=Path(SHOTS) / f"{name}-{theme}.png", full_page=True)
    before = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=Path(SHOTS) / f"{name}-phone.png", full_page=True)
    page.set_viewport_size(before)


@pytest.fixture
def fresh(portal: Portal) -> Iterator[Portal]:
    portal.world.sign_in("owner")
    yield portal


def brought() -> Purpose:
    return Purpose.objects.select_related("entity").get(name=NAME)


class TestFromImportToAsking:
    """In this order: each walk begins where the one before it ended."""

    def test_dev_imports_a_workbook(self, fresh: Portal, walk: Any, tmp_path: Path) -> None:
        Person.objects.filter(pk=fresh.cast.bela.pk).update(language="ur")
        version = fresh.cast.purpose.shown_version()
        lies = SystemPart(code="travel-store", parts=("claims.step", "claims.application"))
        activity = version.activity.but(name=NAME, systems=(*version.activity.systems, lies))
        file = tmp_path / "register.xlsx"
        file.write_bytes(
            sheets.write([Entry(2, activity, number="1", entity="NSP", owner="N-1010")], systems=[SYSTEM])
        )
        with walk("dev") as him:
            page = him.page
            him.go("/register/import/")
            page.locator("input[type=file]").set_input_files(file)
            page.get_by_role("button", name="Look at it").click()
            him.sees("Nothing is written yet")
            looked_at(him, "preview")
            page.get_by_role("button", name="Import 1 activity").click()
            page.wait_for_url("**/register/import/done/**")
            looked_at(him, "imported")
            page.get_by_role("link", name=brought().number, exact=True).click()
            him.sees("What is missing")
            looked_at(him, "entry")
        assert brought().state == "draft"

    def test_dev_files_a_paper_and_omar_says_why_an_item_is_needed(
        self, fresh: Portal, walk: Any, tmp_path: Path
    ) -> None:
        paper = tmp_path / "dpia.txt"
        paper.write_text("Data protection impact assessment. Remaining risk: low. Approved.")
        row = brought()
        with walk("dev") as him:
            him.go(f"/register/{row.pk}/evidence/new/?kind=dpia")
            him.page.locator("[name=kind]").select_option("dpia")
            him.page.locator("[name=file]").set_input_files(paper)
            him.page.locator("[name=signer]").fill("Dev Kulkarni, data protection officer")
            him.page.locator("[name=signed_on]").fill("2026-10-06")
            looked_at(him, "evidence")
            him.page.locator("main form button.btn-primary").click()
            him.sees("Signed by Dev Kulkarni")
        with walk("omar") as him:
            him.go(f"/register/{row.pk}/assessments/ui_event/")
            him.page.locator("[name=why_needed]").fill("The agent has to learn which step follows which.")
            him.page.locator("[name=what_less]").fill(
                "Counting clicks would not show their order. Pictures would show more."
            )
            him.page.locator("[name=justified][value=yes]").check()
            looked_at(him, "assessment")
            him.page.locator("main form button.btn-primary").click()
            him.sees("The agent has to learn which step follows which.")
        assert Evidence.objects.filter(purpose=row, kind="dpia").exists()
        make.papers(row, dpo=fresh.cast.dev, owner=fresh.cast.omar)  # the rest of them, by the same verbs

    def test_dev_hands_it_in_and_dara_approves(self, fresh: Portal, walk: Any) -> None:
        here = f"/register/{brought().pk}/"
        with walk("dev") as him:
            him.go(here)
            him.page.get_by_role("button", name="Hand in for review").click()
            him.sees("waits for a second member of the DPO’s office")
        with walk("dara") as her:
            her.go(here)
            her.page.get_by_role("link", name="Read and approve").click()
            looked_at(her, "review")
            her.page.get_by_role("button", name="Approve this version").click()
            her.sees("This entry is approved and does not run yet.")

    def test_dev_writes_the_notice_in_three_scripts(self, fresh: Portal, walk: Any) -> None:
        said = notices.texts(brought().entity)
        with walk("dev") as him:
            page = him.page
            him.go(f"/register/{brought().pk}/")
            page.get_by_role("button", name="Write the notice").click()
            page.wait_for_url("**/register/notices/**")
            him.sees("The notice has no text in")
            draft = page.url
            for tag in SCRIPTS:
                page.goto(f"{draft.rstrip('/')}/texts/{tag}/")
                page.locator("[name=title]").fill(said[tag]["title"])
                for code, words in said[tag]["elements"].items():
                    field = page.locator(f"[name=element_{code}]")
                    if field.count():
                        field.fill(words)
                if tag != "hi":
                    looked_at(him, f"text-{tag}")
                page.get_by_role("button", name="Keep in the draft").click()
                him.sees("The text is kept in the draft.")
            him.sees("was not reviewed by a person yet.")
            looked_at(him, "draft")

    def test_dara_enters_who_has_read_them_and_publishes(self, fresh: Portal, walk: Any) -> None:
        notice = Notice.objects.get(purpose=brought())
        with walk("dara") as her:
            page = her.page
            for tag in SCRIPTS:
                her.go(f"/register/notices/{notice.pk}/texts/{tag}/")
                page.locator("[name=reviewer]").fill("Kavita Joshi, translator")
                page.get_by_role("button", name="Record the review").click()
                her.sees("The review is recorded.")
            her.sees("Every part is there, in every language")
            looked_at(her, "ready")
            page.get_by_role("button", name="Publish").click()
            her.sees("Published. From now on people are shown this version.")
        notice.refresh_from_db()
        assert notice.published_at is not None

    def test_omar_starts_it_and_the_people_are_asked_in_their_language(
        self, fresh: Portal, walk: Any
    ) -> None:
        row = brought()
        wants = judging.judge(row, clock.law_date("Asia/Kolkata")).evaluation
        assert not {m.kind for m in wants.missing} & set(rules_papers.fileable(packs.default()))
        with walk("omar") as him:
            him.go(f"/register/{row.pk}/")
            him.page.get_by_role("button", name="Activate").click()
            him.sees("The purpose is active.")
            looked_at(him, "active")
        assert brought().state == "active"

    @pytest.mark.parametrize("width", [1280, 390])
    def test_bela_reads_it_from_right_to_left(self, fresh: Portal, walk: Any, width: int) -> None:
        row = brought()
        with walk("bela", width=width) as her:
            page = her.page
            her.go("/me/")
            for fold in page.locator("details.unfold > summary").all():
                fold.click()
            words = page.locator(".notice-text[lang=ur]").first
            assert words.get_attribute("dir") == "rtl" and words.is_visible()
            assert words.evaluate("e => getComputedStyle(e).direction") == "rtl"
            assert words.evaluate("e => getComputedStyle(e).textAlign") in ("start", "right")
            looked_at(her, f"choices-ur-{width}")
            her.go(f"/me/purposes/{row.pk}/notice/")
            assert page.locator("[dir=rtl]").first.is_visible()
            looked_at(her, f"notice-ur-{width}")
            her.go("/me/")
            page.locator(f"input[form=give-{row.number}]").first.check()
            looked_at(her, f"switched-ur-{width}")
            page.locator(f"#give-{row.number} button").click()
            page.wait_for_url("**/me/receipts/**")
            looked_at(her, f"receipt-ur-{width}")
            her.go("/me/")
            page.locator(f"button[form^='withdraw-{row.number}']").first.click()
            page.wait_for_url("**/me/receipts/**")

    def test_where_it_lies_who_decides_and_by_which_rules_are_pages_too(
        self, fresh: Portal, walk: Any
    ) -> None:
        """On a phone, where a wide table would run out of the page; the menu's own pages are looked at wide elsewhere."""
        width = 390
        system, entity = DataSystem.objects.get(code="travel-store"), fresh.cast.software
        for who, paths in {
            "dev": {
                "systems": "/register/systems/", "system": f"/register/systems/{system.pk}/", "system-new": "/register/systems/new/",
                "system-change": f"/register/systems/{system.pk}/change/", "system-retire": f"/register/systems/{system.pk}/retire/",
                "packs": "/register/packs/", "govstack": "/api-clients/govstack/", "entity": f"/people/entities/{entity.pk}/",
            },
            "ira": {"entities": "/people/entities/", "entity-change": f"/people/entities/{entity.pk}/change/", "entity-new": "/people/entities/new/"},
        }.items():  # fmt: skip
            with walk(who, width=width) as them:
                for name, path in paths.items():
                    them.go(path)
                    looked_at(them, f"{name}-{width}")
