"""The DPO's office lets programs in, sees what they may and what was delivered, and ends them."""

import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from governance.audit.models import Entry
from governance.interfaces import clients, webhooks
from governance.interfaces.callers import hashed
from governance.interfaces.models import ApiClient, Delivery
from governance.lib.refusals import Refused
from tests.cast import Cast
from tests.interfaces.conftest import Make


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, "governance.people.signin.PersonBackend")
    return client


def asked(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "entity": str(cast.software.pk), "name": "Capture agent", "scopes": ["decisions", "events"], "purposes": [str(cast.purpose.pk)],
        "per_minute": "600",
    } | more  # fmt: skip


def test_the_dpo_lets_a_program_in_and_its_key_is_shown_once(cast: Cast) -> None:
    dpo = signed_in(cast.dev)
    page = dpo.post("/api-clients/new/", asked(cast))
    key = re.search(r"smi_[\w-]{40,}", page.content.decode())[0]
    row = ApiClient.objects.get()
    assert row.key_sha256 == hashed(key) and key not in str(ApiClient.objects.values())
    assert "no-store" in page["Cache-Control"]
    for place in ("/api-clients/", f"/api-clients/{row.pk}/"):
        assert key not in dpo.get(place).content.decode()
    assert key not in str(list(Entry.objects.values("facts")))
    answer = Client(headers={"Authorization": f"Bearer {key}"}).get("/api/v1/events")
    assert answer.status_code == 200


def test_the_page_of_a_program_says_how_it_asks_and_hands_out_the_client(cast: Cast, tmp_path: Path) -> None:
    dpo = signed_in(cast.dev)
    dpo.post("/api-clients/new/", asked(cast))
    row = ApiClient.objects.get()
    page = unescape(dpo.get(f"/api-clients/{row.pk}/").content.decode())
    signal = cast.purpose.signals.first().code
    assert f"purpose={cast.purpose.number}&signal={signal}" in page and "/api/v1/client.py" in page
    assert f'Sammati("http://testserver", key, purpose="{cast.purpose.number}")' in page
    (tmp_path / "sammati_client.py").write_bytes(Client().get("/api/v1/client.py").content)
    said = subprocess.run(
        [sys.executable, "-S", "-c", "from sammati_client import Sammati; print(Sammati('https://x.example', 'k', purpose='P-0001').purpose)"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.stdout.strip() == "P-0001", said.stderr
    clients.end(row, by=cast.dev)
    assert "sammati_client" not in dpo.get(f"/api-clients/{row.pk}/").content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"scopes": ["explain"]}, "Reasons come with answers"),
        ({"scopes": ["webhooks", "decisions"]}, "A webhook tells what happened"),
        ({"scopes": []}, "This field is required"),
        ({"scopes": ["everything"]}, "Select a valid choice"),
        ({"purposes": []}, "This field is required"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_let_in(
    cast: Cast, change: dict[str, Any], sentence: str
) -> None:
    page = signed_in(cast.dev).post("/api-clients/new/", asked(cast, **change))
    assert page.status_code == 400 and sentence in page.content.decode() and not ApiClient.objects.exists()


def test_a_purpose_of_another_entity_is_not_let_in_to(cast: Cast) -> None:
    page = signed_in(cast.dev).post("/api-clients/new/", asked(cast, purposes=[str(cast.purpose_de.pk)]))
    assert page.status_code == 400 and "of this entity" in page.content.decode()


def test_the_auditor_looks_and_changes_nothing_and_others_see_nothing(cast: Cast, program: Make) -> None:
    row = program("events").client
    webhook, _secret = webhooks.set_up(row, "https://example.com/", types=["consent.given"], by=cast.dev)
    pages = ["/api-clients/", f"/api-clients/{row.pk}/", f"/api-clients/webhooks/{webhook.pk}/"]
    for page in pages:
        assert signed_in(cast.arun).get(page).status_code == 200
        assert b"End it" not in signed_in(cast.arun).get(page).content
    for path in ("key/", "end/", "webhooks/new/"):
        assert signed_in(cast.arun).post(f"/api-clients/{row.pk}/{path}").status_code == 404
    for who in (cast.asha, cast.meera, cast.ira, cast.omar, cast.rupa):
        assert [signed_in(who).get(page).status_code for page in pages] == [403, 404, 404]
    assert ApiClient.objects.get().ended_at is None


def test_a_webhook_is_set_up_stopped_started_and_ended(cast: Cast, program: Make) -> None:
    row, dpo = program("events").client, signed_in(cast.dev)
    refused = dpo.post(
        f"/api-clients/{row.pk}/webhooks/new/",
        {"url": "https://user@example.com/", "types": ["consent.given"]},
    )
    assert refused.status_code == 400
    page = dpo.post(
        f"/api-clients/{row.pk}/webhooks/new/", {"url": "https://example.com/in", "types": ["consent.given"]}
    )
    assert "whsec_" in page.content.decode()
    webhook = row.webhooks.get()
    place = f"/api-clients/webhooks/{webhook.pk}/"
    body = {
        "type": "consent.given",
        "timestamp": "",
        "data": {"purpose": "P-0001", "person": str(cast.asha.pk)},
    }
    tried = [{"at": "2026-11-24T10:00:00+00:00", "status": 500, "code": "not_taken", "ms": 12}]
    delivery = Delivery.objects.create(
        webhook=webhook,
        position=7,
        type="consent.given",
        body=body,
        state="given_up",
        tries=tried,
        attempts=1,
    )
    assert "Given up" in dpo.get(place).content.decode()
    shown = dpo.get(f"/api-clients/deliveries/{delivery.pk}/").content.decode()
    assert "not_taken" in shown and str(cast.asha.pk) in shown and "Send again" in shown
    dpo.post(f"/api-clients/deliveries/{delivery.pk}/again/")
    assert Delivery.objects.get().state == "waiting"
    dpo.post(place + "stop/")
    webhook.refresh_from_db()
    assert not webhook.is_on and "stopped by hand" in dpo.get(place).content.decode()
    dpo.post(place + "start/")
    dpo.post(place + "end/")
    webhook.refresh_from_db()
    assert webhook.ended_at and Delivery.objects.get().state == "given_up"
    with pytest.raises(Refused):
        webhooks.send_again(delivery.pk, by=cast.dev)


def test_ending_a_program_closes_its_door(cast: Cast, program: Make) -> None:
    agent = program("events")
    signed_in(cast.dev).post(f"/api-clients/{agent.client.pk}/end/")
    assert agent.ask("get", "/api/v1/events").status_code == 401
    assert "Ended" in signed_in(cast.dev).get("/api-clients/").content.decode()
