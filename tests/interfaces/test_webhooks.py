"""Programs are told what happened: signed, ids only, tried again, and never into a private network."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone

from governance.audit.models import Entry
from governance.consents import ledger, objections, optouts, pauses
from governance.interfaces import clients, deliveries, happenings, rules, sending, webhooks
from governance.interfaces.models import Delivery, Webhook
from governance.lib.refusals import Refused
from governance.purposes.models import Purpose
from governance.retention import reads
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.interfaces.conftest import Make


@dataclass
class Receiver:
    """A real server that keeps what it is sent and answers as it is told."""

    port: int = 0
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    took: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.took.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    settings.WEBHOOK_LOCAL = frozenset({f"127.0.0.1:{made.port}"})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


Hook = Callable[..., tuple[Webhook, str]]


@pytest.fixture
def hook(cast: Cast, program: Make, receiver: Receiver) -> Hook:
    def set_up(*types: str, **more: Any) -> tuple[Webhook, str]:
        return webhooks.set_up(
            program("events", **more).client, receiver.url, types=types or rules.TYPES, by=cast.dev
        )

    return set_up


def deliver() -> int:
    with as_login("worker"):
        return deliveries.deliver()


def test_a_receiver_is_told_of_a_yes_and_its_end_in_order(
    cast: Cast, hook: Hook, receiver: Receiver, sealed: Callable[[], None]
) -> None:
    hook("consent.given", "consent.withdrawn")
    receipt = make.consent(cast.asha, cast.purpose, "ui_event")
    assert deliver() == 0  # not before it is sealed
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    sealed()
    assert deliver() == 2 and deliver() == 0
    told = [json.loads(body) for _headers, body in receiver.took]
    assert sorted(one["type"] for one in told) == ["consent.given", "consent.withdrawn"]
    given = next(one for one in told if one["type"] == "consent.given")
    assert given["data"] | {"position": 0} == {
        "position": 0, "purpose": cast.purpose.number, "person": str(cast.asha.pk), "signals": ["ui_event"],
        "events": [str(receipt.events[0])],
    }  # fmt: skip
    assert b"Asha" not in receiver.took[0][1] and b"N-1001" not in receiver.took[0][1]
    row = Delivery.objects.get(type="consent.given")
    assert (row.state, row.attempts, row.last["status"]) == ("delivered", 1, 204)


def test_the_signature_is_that_of_standard_webhooks(
    cast: Cast, hook: Hook, receiver: Receiver, sealed: Callable[[], None]
) -> None:
    webhook, secret = hook("consent.given")
    make.consent(cast.asha, cast.purpose, "ui_event")
    sealed()
    deliver()
    headers, body = receiver.took[0]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    assert (
        headers["webhook-signature"]
        == "v1," + base64.b64encode(hmac.digest(key, said, hashlib.sha256)).decode()
    )
    assert webhooks.renew_secret(webhook, by=cast.dev) != secret
    assert secret not in str(Webhook.objects.values()) and secret not in str(Entry.objects.values("facts"))


def test_a_program_hears_of_its_own_purposes_and_its_own_entity_only(
    cast: Cast, hook: Hook, receiver: Receiver, sealed: Callable[[], None]
) -> None:
    hook(entity=cast.gmbh, purposes=[cast.purpose_de])
    make.consent(cast.asha, cast.purpose, "ui_event")
    optouts.opt_out(by=cast.asha)  # of everything, of somebody who does not work there
    optouts.opt_out_population(by=cast.rupa, entity=cast.software, act=make.act())
    sealed()
    assert deliver() == 0
    optouts.opt_out(by=cast.emil)
    sealed()
    assert deliver() == 1 and json.loads(receiver.took[0][1])["data"]["person"] == str(cast.emil.pk)


def test_a_refusal_is_told_to_nobody(cast: Cast, hook: Hook, sealed: Callable[[], None]) -> None:
    hook()
    ledger.refuse(
        cast.purpose, ["ui_event"], by=cast.asha, notice=cast.purpose.published_notice(), language="en"
    )
    sealed()
    assert deliver() == 0


def test_pause_and_opt_out_are_one_event_that_tells_no_choice(
    cast: Cast, program: Make, sealed: Callable[[], None]
) -> None:
    out = optouts.opt_out(by=cast.asha, purpose=cast.purpose, signal="ui_event")
    optouts.lift(out.pk, by=cast.asha)
    pauses.resume(pauses.pause(by=cast.bela, purpose=cast.purpose).pk, by=cast.bela)
    sealed()
    told = program("events").ask("get", "/api/v1/events?limit=500").json()["events"]
    assert {one["type"] for one in told} == {"permission.changed"} and len(told) == 4
    assert {frozenset(one["data"]) for one in told} == {frozenset({"position", "purpose", "person"})}
    assert {row.how for row in reads.of(cast.asha)} == {"events"}  # and each sees that a program was told


def test_an_objection_is_told_as_a_restriction(cast: Cast, program: Make, sealed: Callable[[], None]) -> None:
    leaks = Purpose.objects.get(name__startswith="Detect leaks", entity=cast.software)
    agent = program("events", purposes=[leaks])
    first = objections.object_to(leaks, by=cast.bela)
    objections.decide(first.pk, upheld=False, answer="The law asks for it.", by=cast.dev)
    second = objections.object_to(leaks, "There is news.", by=cast.bela)
    objections.decide(second.pk, upheld=True, by=cast.dev)
    sealed()
    told = agent.ask("get", "/api/v1/events?limit=500").json()["events"]
    types = [one["type"] for one in told if one["type"].startswith("restriction")]
    assert types == ["restriction.on", "restriction.off", "restriction.on", "restriction.final"]
    assert all("reasons" not in str(one) and "news" not in str(one) for one in told)
    assert (
        program("events", purposes=[cast.purpose]).ask("get", "/api/v1/events?limit=500").json()["events"]
        == []
    )


def test_what_happened_before_the_webhook_was_there_is_not_sent(
    cast: Cast, hook: Hook, sealed: Callable[[], None]
) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    Entry.objects.filter(code="consent.given").get()
    webhook, _secret = hook()
    Webhook.objects.filter(pk=webhook.pk).update(made_at=timezone.now() + timedelta(seconds=1))
    sealed()
    assert deliver() == 0


def test_a_receiver_that_fails_is_tried_again_later_each_time(
    cast: Cast, hook: Hook, receiver: Receiver, sealed: Callable[[], None]
) -> None:
    hook("consent.given")
    make.consent(cast.asha, cast.purpose, "ui_event")
    sealed()
    receiver.status = 500
    assert deliver() == 1 and deliver() == 0  # not before its time
    waits = []
    for _ in rules.WAITS:
        row = Delivery.objects.get()
        assert row.state == "waiting" and row.last["code"] == "not_taken"
        waits.append((row.next_at - timezone.now()).total_seconds())
        Delivery.objects.update(next_at=timezone.now() - timedelta(seconds=1))
        assert deliver() == 1
    assert waits == sorted(waits)
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("given_up", len(rules.WAITS) + 1) and len(row.tries) <= 10
    receiver.status = 200
    webhooks.send_again(row.pk, by=cast.dev)
    assert deliver() == 1 and Delivery.objects.get().state == "delivered"
    assert len({headers["webhook-id"] for headers, _body in receiver.took}) == 1


def test_a_redirect_is_not_followed(
    cast: Cast, hook: Hook, receiver: Receiver, sealed: Callable[[], None]
) -> None:
    hook("consent.given")
    make.consent(cast.asha, cast.purpose, "ui_event")
    sealed()
    receiver.status, receiver.headers = 302, {"Location": f"http://127.0.0.1:{receiver.port}/elsewhere"}
    deliver()
    assert len(receiver.took) == 1 and Delivery.objects.get().last["code"] == "redirected"


def test_a_receiver_that_is_gone_is_not_asked_again(
    cast: Cast, hook: Hook, receiver: Receiver, sealed: Callable[[], None]
) -> None:
    webhook, _secret = hook("consent.given")
    make.consent(cast.asha, cast.purpose, "ui_event")
    sealed()
    receiver.status = 410
    deliver()
    webhook.refresh_from_db()
    assert (webhook.is_on, webhook.stopped_because) == (False, "gone")
    Delivery.objects.update(next_at=timezone.now() - timedelta(hours=1))
    assert deliver() == 0
    receiver.status = 200
    webhooks.start(webhook, by=cast.dev)
    assert deliver() == 1


def test_a_late_sender_settles_nothing(cast: Cast, hook: Hook, sealed: Callable[[], None]) -> None:
    hook("consent.given")
    make.consent(cast.asha, cast.purpose, "ui_event")
    sealed()
    deliveries.collect()
    slow = deliveries.claim()[0]
    Delivery.objects.update(next_at=timezone.now())
    quick = deliveries.claim()[0]
    assert quick.fence == slow.fence + 1
    row = Delivery.objects.select_related("webhook").get()
    deliveries.settle(slow, row, sending.Sent(200, "", 1))
    assert Delivery.objects.get().state == "waiting"
    deliveries.settle(quick, row, sending.Sent(200, "", 1))
    assert Delivery.objects.get().state == "delivered"


def test_a_done_erasure_is_told_with_the_orders_number(
    cast: Cast, program: Make, sealed: Callable[[], None]
) -> None:
    from governance.audit import log
    from governance.retention.models import ErasureOrder

    make.consent(cast.asha, cast.purpose, "ui_event")
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    order = ErasureOrder.objects.get(person=cast.asha)
    log.record(
        "order.done", about=order, proofs=[], systems=1, attempt=1, not_searched=[]
    )  # as journal.settle does
    sealed()
    told = program("events").ask("get", "/api/v1/events?limit=500").json()["events"]
    done = next(one for one in told if one["type"] == "order.done")
    assert done["data"]["order"] == order.number and done["data"]["person"] == str(cast.asha.pk)


def test_an_ended_program_is_told_nothing_more(
    cast: Cast, hook: Hook, receiver: Receiver, sealed: Callable[[], None]
) -> None:
    webhook, _secret = hook("consent.given")
    make.consent(cast.asha, cast.purpose, "ui_event")
    sealed()
    deliveries.collect()
    clients.end(webhook.client, by=cast.dev)
    assert deliver() == 0 and not receiver.took and Delivery.objects.get().state == "given_up"


def test_events_come_by_cursor_without_gaps_or_doubles(
    cast: Cast, program: Make, sealed: Callable[[], None]
) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    make.consent(cast.bela, cast.purpose, "ui_event")
    make.consent(cast.emil, cast.purpose_de, "ui_event")
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    sealed()
    agent, found, after = program("events"), [], 0
    while True:
        page = agent.ask("get", f"/api/v1/events?after={after}&limit=3").json()
        found += [(one["type"], one["data"]["person"]) for one in page["events"]]
        after = page["next"]
        if not page["more"]:
            break
    asha, bela = str(cast.asha.pk), str(cast.bela.pk)
    assert sorted(found) == sorted(
        [("consent.given", asha), ("consent.given", bela), ("consent.withdrawn", asha)]
    )
    assert happenings.after(after, 10) == ([], after)


URLS = [
    ("http://example.com/", "not_https"), ("ftp://example.com/", "not_https"), ("https://", "bad_url"), ("nonsense", "bad_url"),
    ("https://user:pass@example.com/", "bad_url"), ("https://example.com/#a", "bad_url"), ("https://example.com:22/", "bad_port"),
    ("https://exa mple.com/", "bad_url"), ("https://example.com\\@127.0.0.1/", "bad_url"), ("https://example.com:99999/", "bad_url"),
    ("https://example.com/" + "a" * 500, "bad_url"), ("https://[::1", "bad_url"), ("http://127.0.0.1/", "not_https"),
    ("https://exämple.com/", "bad_url"), ("https://example.com/\r\nHost: x", "bad_url"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "code"), URLS)
def test_an_address_that_no_webhook_may_have_is_refused(url: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.target(url, local=frozenset())
    assert refused.value.code == code


PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "2002:7f00:1::", "2001:0:53aa:64c::1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_into_a_private_network_is_refused(address: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_address(address)
    assert refused.value.code == "private_address"


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822", "::ffff:8.8.8.8"]
)
def test_the_public_internet_is_not_refused(address: str) -> None:
    rules.check_address(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0x7f000001", "2130706433", "127.1"])
def test_nothing_is_sent_to_this_machine_however_it_is_spelt(host: str) -> None:
    sent = sending.post(f"https://{host}:8443/", b"{}", {})
    assert sent.code in ("private_address", "no_such_host") and sent.status is None


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(sending.socket, "getaddrinfo", lambda *a, **k: found)
    assert sending.post("https://example.com/", b"{}", {}).code == "private_address"


def test_a_program_without_the_scope_gets_no_webhook(cast: Cast, program: Make, receiver: Receiver) -> None:
    with pytest.raises(Refused) as refused:
        webhooks.set_up(program("decisions").client, receiver.url, types=["consent.given"], by=cast.dev)
    assert refused.value.code == "scope_missing"
