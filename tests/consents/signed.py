"""A receipt that is recorded, sealed and signed as in earnest, with keys of this test's own."""

from pathlib import Path
from typing import Any

from governance.audit import keys, sealer
from governance.consents import receipts, signing
from governance.consents.models import Receipt
from governance.lib import clock
from tests.conftest import as_login


def seal(settings: Any) -> None:
    """The log's sealer has been by."""
    with as_login("exporter"):
        sealer.seal(
            clock.now(), sign=keys.signer(settings.SECRETS, settings.CHECKPOINTS), home=settings.CHECKPOINTS
        )


def sign(settings: Any) -> int:
    """The signer has been by, with the rights of its login."""
    now = clock.now()
    with as_login("exporter"):
        return receipts.sign_waiting(now, sign=signing.signer(settings.SECRETS, settings.RECEIPT_KEYS, now))


def signed(receipt: Receipt, settings: Any) -> Receipt:
    seal(settings)
    sign(settings)
    receipt.refresh_from_db()
    assert receipt.jws
    return receipt


def own_keys(settings: Any, home: Path) -> None:
    settings.SECRETS, settings.CHECKPOINTS, settings.RECEIPT_KEYS = home / "s", home / "c", home / "r"
