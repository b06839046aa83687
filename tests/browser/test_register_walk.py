"""The register written by its people: an activity enters, is written, reviewed, started, changed; two write at once."""

import os
from pathlib import Path
from typing import Any

import pytest

from governance.purposes.models import Purpose

SHOTS = os.environ.get("SAMMATI_SHOTS", "")  # a folder: pictures of every page, in light, dark and on a phone


def picture(walker: Any, name: str) -> None:
    walker.is_clear(name=name)
    if not SHOTS:
        return
    page = walker.page
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.screenshot(path=Path(SHOTS) / f"{name}-{theme}.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=Path(SHOTS) / f"{name}-phone.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture
def fresh(portal: Any) -> Any:
    portal.world.sign_in("owner")
    return portal


def save(page: Any, label: str = "Save") -> None:
    page.get_by_role("button", name=label, exact=True).click()


class TestRegister:
    """In this order: each walk begins where the one before it ended."""

    def test_dev_enters_an_activity_and_hands_it_in(self, fresh: Any, walk: Any) -> None:
        with walk("dev") as him:
            page = him.page
            him.go("/register/new/")
            picture(him, "new")
            page.get_by_label("Entity and department").select_option("NSP")
            page.get_by_label("Name of the activity").fill("Time clock")
            page.get_by_label("Kind of processing").select_option("attendance")
            page.get_by_label("Staff number of the accountable owner").fill("N-1030")
            page.get_by_role("button", name="Enter it").click()
            him.sees("Only a programme owner of this entity")
            picture(him, "new-refused")
            page.get_by_label("Staff number of the accountable owner").fill("N-1010")
            page.get_by_role("button", name="Enter it").click()
            page.wait_for_url("**/edit/")
            picture(him, "sections-empty")
            page.get_by_role("link", name="What and why").click()
            page.get_by_label("What is done").fill("Who came when, and who left when.")
            save(page)
            page.get_by_role("link", name="People concerned").click()
            page.get_by_label("Employees", exact=True).check()
            page.get_by_label("Countries where they work").fill("India")
            save(page)
            him.sees("is no country code")
            picture(him, "people-refused")
            page.get_by_label("Countries where they work").fill("IN")
            save(page)
            page.get_by_role("link", name="Data items").click()
            picture(him, "items-empty")
            page.get_by_role("link", name="Add a data item").click()
            page.get_by_label("Name", exact=True).fill("Hours worked")
            page.get_by_label("Why it is needed").fill("To pay them.")
            page.get_by_label("Kind of data").select_option("ID")
            page.get_by_label("Where it comes from").select_option("other_system")
            picture(him, "item-new")
            save(page)
            page.get_by_role("link", name="All sections").click()
            page.get_by_role("link", name="Grounds").click()
            page.locator("input[name=ground_in][value=s7i]").check()
            page.locator("input[name=limb_in][value=employment]").check()
            picture(him, "grounds")
            save(page)
            page.get_by_role("link", name="Who gets the data").click()
            page.get_by_label("Name", exact=True).fill("Payroll team")
            save(page, "Save and add another row")
            page.get_by_label("Name", exact=True).nth(1).fill("Factory inspectorate")
            page.get_by_label("Kind of recipient").nth(1).select_option("authority")
            picture(him, "recipients")
            save(page)
            him.sees("Kept in the draft of version 1.")
            picture(him, "sections")
            page.get_by_role("button", name="Hand in for review").click()
            him.sees("You cannot approve what you wrote yourself.")
            picture(him, "in-review-author")

    def test_dara_reads_it_and_approves(self, fresh: Any, walk: Any) -> None:
        with walk("dara") as her:
            page = her.page
            her.go(f"/register/{self._clock().pk}/")
            page.get_by_role("link", name="Read and approve").click()
            picture(her, "review")
            page.get_by_role("button", name="Send back").click()
            her.sees("Write what should be changed.")
            picture(her, "send-back-refused")
            page.get_by_label("A note to the approval").fill("Agrees with the standing orders.")
            page.get_by_role("button", name="Approve this version").click()
            her.sees("This entry is approved and does not run yet.")
            picture(her, "approved")

    def test_omar_starts_pauses_and_resumes_it(self, fresh: Any, walk: Any) -> None:
        with walk("omar") as him:
            page = him.page
            him.go(f"/register/{self._clock().pk}/")
            page.get_by_role("button", name="Activate").click()
            him.sees("The purpose is active.")
            page.locator("details.more > summary").click()
            page.locator("details.more").get_by_role("link", name="Pause").click()
            picture(him, "pause")
            page.get_by_label("Why").fill("The clock is being repaired.")
            page.get_by_role("button", name="Pause now").click()
            him.sees("“The clock is being repaired.”")
            picture(him, "paused")
            page.get_by_role("button", name="Resume").click()
            him.sees("The purpose runs again.")
        assert self._clock().state == "active"

    def test_two_write_at_once_and_nothing_is_lost(self, fresh: Any, walk: Any) -> None:
        here = f"/register/{self._clock().pk}/edit/retention/"
        with walk("dev") as him, walk("dara") as her:
            him.go(here)
            her.go(here)
            her.page.get_by_label("About retention").fill("As long as wages can be claimed.")
            save(her.page)
            picture(her, "before-saving-cosmetic")
            her.page.get_by_role("button", name="Save it in the draft").click()
            her.sees("Kept in the draft of version 2.")
            page = him.page
            page.get_by_label("Which data").fill("hours")
            page.get_by_label("At most").fill("P3Y")
            page.get_by_label("About retention").fill("Three years, by the wage act.")
            save(page)
            him.sees("Somebody else changed the same while you were writing.")
            him.complaints.clear()  # a browser counts the answer 409 as a fault
            picture(him, "clash")
            page.get_by_label("Theirs stays").check()
            save(page)
            him.sees("This is a material change")
            picture(him, "before-saving-material")
            page.get_by_role("button", name="Save it in the draft").click()
            him.sees("Kept in the draft of version 2.")
            picture(him, "sections-changed")
        said = self._clock().versions.get(number=2).activity
        assert said.retention_note == "As long as wages can be claimed." and said.keeps[0].maximum == "P3Y"

    def test_versions_are_compared_and_given_up(self, fresh: Any, walk: Any) -> None:
        with walk("arun") as him:
            him.go(f"/register/{self._clock().pk}/")
            him.page.get_by_role("link", name="Compare two versions").click()
            him.sees("The data stay longer.")
            picture(him, "compare")
        with walk("dev") as him:
            him.go(f"/register/{self._clock().pk}/")
            him.page.get_by_role("link", name="Give this version up").click()
            picture(him, "give-up")
            him.page.get_by_role("button", name="Give it up").click()
            him.sees("Version 2 is given up.")
            picture(him, "entry")

    def test_a_section_is_written_on_a_phone_without_a_script(self, fresh: Any, walk: Any) -> None:
        with walk("dev", width=390, script=False) as him:
            page = him.page
            him.go(f"/register/{self._clock().pk}/edit/systems/")
            page.get_by_label("Where it lies").fill("Gate 2")
            save(page)
            page.get_by_role("button", name="Save it in the draft").click()
            him.sees("Kept in the draft of version 3.")
            page.get_by_role("button", name="Hand in for review").click()
            him.sees("Version 3 waits for review.")

    def _clock(self) -> Purpose:
        return Purpose.objects.get(name="Time clock")
