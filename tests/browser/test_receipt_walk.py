"""A receipt in the browser: it waits for its signature without being loaded anew, and then hands out the signed file."""

import os
from pathlib import Path
from typing import Any

import pytest

from governance.audit import keys, sealer
from governance.consents import receipts, signing
from governance.lib import clock
from tests.consents.signed import own_keys

PICTURES = os.environ.get("SAMMATI_PICTURES")  # a folder, for people who want to look


def picture(page: Any, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def the_signer_has_been_by(portal: Any, settings: Any) -> int:
    portal.world.sign_in("exporter")
    try:
        now = clock.now()
        sealer.seal(now, sign=keys.signer(settings.SECRETS, settings.CHECKPOINTS), home=settings.CHECKPOINTS)
        return receipts.sign_waiting(now, sign=signing.signer(settings.SECRETS, settings.RECEIPT_KEYS, now))
    finally:
        portal.world.sign_in("owner")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_receipt_gains_its_signature_while_she_looks(
    portal: Any, walk: Any, settings: Any, tmp_path: Path, width: int
) -> None:
    own_keys(settings, tmp_path)
    who = "bela" if width == 390 else "asha"
    with walk(who, width=width) as her:
        page = her.page
        her.go("/me/")
        page.locator("input[value=ui_event]").check()
        page.locator("form[action$='/give/'] button").click()
        page.wait_for_url("**/me/receipts/**")
        her.is_clear(name="receipt, being signed")
        picture(page, f"receipt-{width}-waiting")
        assert the_signer_has_been_by(portal, settings) >= 1
        page.locator("#seal:not([hx-get])").wait_for()
        her.is_clear(name="receipt, signed")
        picture(page, f"receipt-{width}-dark")
        page.emulate_media(color_scheme="light")
        picture(page, f"receipt-{width}-light")
        with page.expect_download() as begun:
            page.locator("a[href$='/signed/']").click()
        assert begun.value.suggested_filename.endswith(".jws")
        assert Path(begun.value.path()).read_text().count(".") == 2
