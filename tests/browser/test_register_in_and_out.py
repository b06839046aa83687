"""The register comes in and goes out in a browser: each page clear to axe-core, in light and dark, wide and narrow."""

import os
from pathlib import Path
from typing import Any

import pytest

from governance.purposes.activity import Activity, Item
from governance.purposes.exchange import reading, sheets
from governance.purposes.exchange.cells import Entry
from tests.purposes.exchange.broken import table

PICTURES = os.environ.get("SAMMATI_PICTURES", "")  # a folder: then each page is kept as a picture too


def picture(walker: Any, name: str) -> None:
    if PICTURES:
        for theme in ("light", "dark"):
            walker.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            walker.page.screenshot(path=Path(PICTURES) / f"{name}-{theme}.png", full_page=True)


def payroll(n: int) -> Entry:
    items = (Item(code="salary", name="Salary", category="PAY"),)
    return Entry(0, Activity(name=f"Pay bonuses of kind {n}", items=items), number=str(n), entity="NSP")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_register_comes_in_and_goes_out(portal: Any, walk: Any, tmp_path: Path, width: int) -> None:
    portal.world.sign_in("owner")
    broken = tmp_path / "broken.csv"
    broken.write_bytes(
        table(
            {"location": "=1+1", "purpose": ""},
            {"recipients": "Samruddhi (processor, IN, code samrudhi)"},
            {"art9": "because"},
        )
    )
    good, there = tmp_path / "good.xlsx", portal.cast.purpose.shown_version().activity
    changed = Entry(
        0,
        there.but(description="Record even more", location=f"Pune {width}"),
        number=portal.cast.purpose.number,
    )
    good.write_bytes(
        sheets.write([payroll(n + width) for n in range(3)] + ([changed] if width == 1280 else []))
    )
    with walk("dev", width=width) as he:
        page = he.page
        he.go("/register/")
        page.get_by_role("link", name="Import", exact=True).click()
        he.is_clear(name="import")
        picture(he, f"import-{width}")
        page.locator("input[type=file]").set_input_files(broken)
        page.get_by_role("button", name="Look at it").click()
        he.sees("points have to be put right")
        he.is_clear(name="faults")
        picture(he, f"faults-{width}")
        page.locator("input[type=file]").set_input_files(good)
        page.get_by_role("button", name="Look at it").click()
        he.sees("Nothing is written yet")
        he.is_clear(name="preview")
        picture(he, f"preview-{width}")
        page.get_by_role("button", name="Import ").last.click()
        page.wait_for_url("**/register/import/done/**")
        he.is_clear(name="imported")
        picture(he, f"imported-{width}")
        he.go("/register/export/?entity=NSP")
        he.is_clear(name="export")
        picture(he, f"export-{width}")
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Export", exact=True).click()
        found = reading.read(Path(waiting.value.path()).read_bytes())
        assert f"Pay bonuses of kind {width}" in {entry.activity.name for entry in found.entries}
        he.go(f"/register/{portal.cast.purpose.pk}/fiche/")
        he.is_clear(name="fiche")
        picture(he, f"fiche-{width}")
        if PICTURES:
            page.emulate_media(media="print", color_scheme="light")
            page.screenshot(path=Path(PICTURES) / f"fiche-{width}-print.png", full_page=True)
