"""When everything is erased and read back, the person has a receipt of that: with every process at its own login."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from governance.audit import keys, sealer
from governance.audit.models import Entry
from governance.consents import iso27560, optouts, receipts, signing, stopping, verifying
from governance.consents.models import ConsentEvent, Receipt
from governance.lib import clock
from governance.retention.models import ErasureOrder
from tests.consents.signed import own_keys
from tests.consents.test_iso27560 import document, faults, unlisted
from tests.retention.conftest import Stage, founded, stage, store
from tests.visits import BACKEND, words

__all__ = ["founded", "stage", "store"]  # fixtures

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")


def stopped(stage: Stage) -> int:
    """The worker has been by."""
    stage.world.sign_in("worker")
    return stopping.issue_waiting()


def test_what_stopped_is_confirmed_once_and_signed(stage: Stage, settings: Any, tmp_path: Path) -> None:
    own_keys(settings, tmp_path)
    stage.consent("bela")
    order = stage.withdraw("bela")
    assert stopped(stage) == 0, "nothing is said to have stopped before it was read back"
    assert stage.carry_out(order) == "done"
    assert (stopped(stage), stopped(stage)) == (1, 0)
    row = Receipt.objects.get(kind="stopped")
    withdrawn = Receipt.objects.get(kind="withdrawn")
    assert row.person_id == stage.cast.bela.pk and sorted(row.events) == sorted(withdrawn.events)
    assert Entry.objects.get(pk=row.entry_id).facts["order"] == str(order.pk)

    stage.world.sign_in("exporter")  # the signer
    now = clock.now()
    sealer.seal(now, sign=keys.signer(settings.SECRETS, settings.CHECKPOINTS), home=settings.CHECKPOINTS)
    assert receipts.sign_waiting(now, sign=signing.signer(settings.SECRETS, settings.RECEIPT_KEYS, now)) == 3
    found = document(row)
    assert faults(found) == "" and unlisted(found) == set()
    assert found["x-in:stopped"]["dct:date"]["@value"] == iso27560.stamp(order.done_at)
    assert found["x-in:systemsReadBackEmpty"] == order.proofs.count() > 0

    stage.world.sign_in("web")
    row.refresh_from_db()
    client = Client()
    client.force_login(stage.cast.bela, backend=BACKEND)
    page = words(client.get(f"/me/receipts/{row.pk}/"))
    assert "Processing has stopped" in page and "is erased everywhere, and was read back" in page
    assert "You withdrew" not in page
    history = words(client.get("/me/history/"))
    assert "Clicks and form steps Processing stopped" in history and "Everything Processing" not in history
    with zipfile.ZipFile(io.BytesIO(client.get("/me/history/download/").content)) as mine:
        assert "<td>Processing stopped</td>" in mine.read("read.html").decode()
    assert row.number in history and withdrawn.number in history
    finding = verifying.check(row.jws)
    assert (
        finding.ok
        and order.number in finding.facts.values()
        and "Processing stopped" in finding.facts.values()
    )


def test_an_opt_out_is_confirmed_as_a_withdrawal_is(stage: Stage) -> None:
    stage.consent("asha")
    stage.world.sign_in("web")
    optouts.opt_out(by=stage.cast.asha)
    assert stage.carry_out(ErasureOrder.objects.get(person=stage.cast.asha)) == "done"
    assert stopped(stage) == 1
    row = Receipt.objects.get(person=stage.cast.asha, kind="stopped")
    assert {event["status"] for event in row.body["events"]} == {"withdrawn"} and len(row.events) == 2


@pytest.mark.parametrize("name", ["web", "worker", "eraser"])
def test_nobody_but_the_signer_writes_a_signature(stage: Stage, name: str) -> None:
    stage.consent("bela")
    stage.world.sign_in(name)
    with pytest.raises(Exception, match="permission denied"):
        Receipt.objects.update(jws="x")
    assert ConsentEvent.objects.exists()
