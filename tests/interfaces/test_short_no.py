"""The short way to a withdrawal writes what the long way and the ledger write, to the letter, or writes nothing."""

import io
import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from governance.audit.models import Entry
from governance.capture import streams
from governance.consents import ledger, rules
from governance.consents.models import ConsentEvent, ConsentRecord, Receipt, Stream
from governance.interfaces import short, short_no
from governance.interfaces.models import Answered
from governance.people.models import Message, Person
from governance.retention import holds
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.conftest import World, as_login
from tests.interfaces.conftest import Make, Program
from tests.interfaces.test_short_yes import at_once, kiosk, shortly, used, yes

assert kiosk  # the fixture

PATH = "/api/v1/withdrawals"


def no(cast: Cast, person: str = "N-1001", **more: Any) -> dict[str, Any]:
    return {"person": person, "purpose": cast.purpose.number} | more


def withdrawn(agent: Program, body: Any, again: str = "", **more: Any) -> dict[str, Any] | None:
    said = body if isinstance(body, bytes) else json.dumps(body).encode()
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": PATH, "QUERY_STRING": "", "HTTP_HOST": "testserver", "CONTENT_LENGTH": str(len(said)),
        "HTTP_AUTHORIZATION": f"Bearer {agent.key}", "HTTP_IDEMPOTENCY_KEY": again or uuid4().hex, "wsgi.input": io.BytesIO(said), **more,
    }  # fmt: skip
    answer = short.no(environ)
    return json.loads(answer) if answer is not None else None


OWN = {
    "id", "record", "person", "by_id", "at", "number", "given_at", "expires_at", "ended_at", "closed_at", "opened_at", "event", "events", "body", "entry_id",
    "sha256", "job", "streams", "before", "because_id", "created_at", "try_after", "public_key", "facts", "notice",
}  # fmt: skip


def told(receipt: str) -> dict[str, Any]:
    """All that a withdrawal left, without what is another's each time: ids, numbers, moments."""
    row = Receipt.objects.get(number=receipt)
    events = list(ConsentEvent.objects.filter(pk__in=row.events).order_by("signal"))
    records = [event.record for event in events]
    order = ErasureOrder.objects.get(because_id__in=row.events)
    entry, raised = (
        Entry.objects.get(pk=row.entry_id),
        Entry.objects.get(code="order.raised", about_id=order.pk),
    )
    message = Message.objects.get(person=row.person, code="consent_withdrawn")
    theirs = list(
        Stream.objects.filter(person=row.person, signal__in=[event.signal for event in events]).order_by(
            "signal"
        )
    )
    left: dict[str, Any] = {}
    for n, one in enumerate((row, *events, *records, *theirs, order, message)):
        for field in one._meta.fields:
            if field.name not in OWN:
                left[f"{n} {type(one).__name__}.{field.name}"] = getattr(one, field.attname)
    left["body"] = {
        k: v
        for k, v in row.body.items()
        if k not in ("receipt", "person", "events", "log_entry", "erasure_order")
    }
    left["words"] = [{k: v for k, v in word.items() if k not in ("id", "at")} for word in row.body["events"]]
    left["entries"] = [
        (entry.code, entry.about_kind, entry.about_id, list(entry.facts)),
        (
            raised.code,
            raised.about_kind,
            raised.by_id,
            {k: v for k, v in raised.facts.items() if k != "because_id"},
        ),
    ]
    assert raised.pk < entry.pk and raised.facts["because_id"] == str(order.because_id) == str(events[0].pk)
    assert entry.facts == {"events": [str(pk) for pk in row.events], "order": str(order.pk)}
    assert (
        entry.by_id == row.person_id == order.person_id == message.person_id
        and row.body["erasure_order"] == order.number
    )
    assert message.facts == {"purpose": str(row.purpose_id), "order": str(order.pk)}
    assert all(r.ended_at == e.at == order.before == row.at for r, e in zip(records, events, strict=True))
    assert set(order.streams) == {s.pk for s in theirs} and all(s.closed_at == row.at for s in theirs)
    assert row.body["log_entry"] == entry.pk and row.body["receipt"] == row.number
    return left


@pytest.fixture
def on(cast: Cast) -> Cast:
    for person in (cast.asha, cast.bela, cast.omar):
        make.consent(person, cast.purpose, "ui_event", "app_usage", open_streams=False)
    with as_login("eraser"):
        streams.open_waiting()
    return cast


def test_three_ways_leave_the_same(on: Cast, program: Make) -> None:
    agent = used(program("decisions", "withdrawals.write"))
    with as_login("web"):
        said = withdrawn(agent, no(on))
        answer = agent.ask("post", PATH, no(on, "N-1002"), again="x")
        assert said is not None and answer.status_code == 201 and list(said) == list(answer.json())
        own = ledger.withdraw_purpose(on.purpose, by=on.omar, method=f"client:{agent.client.pk}")
    assert told(said["receipt"]) == told(answer.json()["receipt"]) == told(own.number)
    left = told(own.number)
    assert {v for k, v in left.items() if k.endswith("ConsentRecord.status")} == {"withdrawn"}
    assert {v for k, v in left.items() if k.endswith("Stream.state")} == {"closed"}
    assert own.person_id == on.omar.pk and Receipt.objects.get(number=own.number).sha256 == own.sha256
    assert said["kind"] == "withdrawn" and not ConsentRecord.objects.on().exists()


def test_one_signal_is_withdrawn_and_the_other_stays(on: Cast, program: Make) -> None:
    agent = used(program("decisions", "withdrawals.write"))
    with as_login("web"):
        said = withdrawn(agent, no(on, signal="app_usage"))
        own = ledger.withdraw(ConsentRecord.objects.get(person=on.bela, signal="app_usage").pk, by=on.bela, method=f"client:{agent.client.pk}")  # fmt: skip
    assert said is not None and told(said["receipt"]) == told(own.number)
    left = ConsentRecord.objects.on().filter(person__in=(on.asha, on.bela)).values_list("signal", flat=True)
    assert list(left) == ["ui_event", "ui_event"]
    open_ones = Stream.objects.open().filter(person__in=(on.asha, on.bela)).values_list("signal", flat=True)
    assert list(open_ones) == ["ui_event", "ui_event"]


def test_a_retry_and_a_second_withdrawal_hear_the_first_ones_receipt(on: Cast, program: Make) -> None:
    agent = used(program("decisions", "withdrawals.write"))
    first = withdrawn(agent, no(on), again="a")
    entries, number = Entry.objects.count(), ErasureOrder.objects.latest("created_at").number
    assert first is not None and withdrawn(agent, no(on), again="a") is None
    again = agent.ask("post", PATH, no(on), again="a")
    assert again.json() == first and again["Idempotency-Replayed"] == "true"
    assert withdrawn(agent, no(on), again="b") is None
    assert agent.ask("post", PATH, no(on), again="b").json() == first
    assert Entry.objects.count() == entries and ConsentEvent.objects.filter(status="withdrawn").count() == 2
    next_one = ledger.withdraw_purpose(on.purpose, by=on.bela).body["erasure_order"]
    assert int(next_one[-6:]) == int(number[-6:]) + 1, "what changed nothing takes no number"


def test_what_a_hold_keeps_is_told_the_long_way(on: Cast, program: Make) -> None:
    agent = used(program("decisions", "withdrawals.write"))
    holds.place(because=holds.open_matter(on.software, "A dispute", by=on.lata), by=on.lata, on=on.asha)
    assert withdrawn(agent, no(on)) is None and not ConsentEvent.objects.filter(status="withdrawn").exists()
    with as_login("web"):
        assert agent.ask("post", PATH, no(on)).status_code == 201
    order = ErasureOrder.objects.get(person=on.asha)
    assert order.state == "held" and order.reasons
    assert Message.objects.get(person=on.asha, code="order_held").facts["order"] == str(order.pk)
    assert not ConsentRecord.objects.on().filter(person=on.asha).exists()


CHANGES: list[dict[str, Any]] = [
    {"person": "N-9999"}, {"person": "N-2001"}, {"purpose": "P-9999"}, {"person": "' OR 1=1 --"}, {"person": "N-1001\0"}, {"by": "N-1002"},
    {"signal": ""}, {"signal": "mouse_path"}, {"signal": 1}, {"person": "x" * 36}, {"person": None},
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_else_is_left_to_the_long_way_and_leaves_nothing(on: Cast, program: Make, change: dict[str, Any]) -> None:  # fmt: skip
    agent = used(program("decisions", "withdrawals.write"))
    entries = Entry.objects.count()
    assert withdrawn(agent, no(on) | change) is None
    assert withdrawn(agent, b"{") is None and withdrawn(agent, no(on), HTTP_IDEMPOTENCY_KEY="") is None
    assert withdrawn(used(program("decisions", "consents.write")), no(on)) is None
    assert (
        Entry.objects.filter(code__startswith="consent.withdrawn").count() == 0
        and not Answered.objects.exists()
    )
    assert (
        ConsentRecord.objects.on().count() == 6
        and not ErasureOrder.objects.exists()
        and Entry.objects.count() <= entries + 3
    )


def test_what_is_raised_under_way_takes_everything_back(world: World, kiosk: tuple[Cast, Program]) -> None:
    made, agent = kiosk
    clients_scopes(agent)
    make.consent(made.asha, made.purpose, "ui_event", open_streams=False)
    real = short_no.WRITE
    for broken in (real.replace("%(client)s::uuid", "%(person)s::uuid"), real.replace("201,", "1/0,")):
        short_no.WRITE = broken
        try:
            assert withdrawn(agent, no(made)) is None
        finally:
            short_no.WRITE = real
        assert ConsentRecord.objects.on().count() == 1 and not ErasureOrder.objects.exists() and not Answered.objects.exists()  # fmt: skip
        assert not connection.in_atomic_block and connection.connection.autocommit
    assert withdrawn(agent, no(made)) is not None and not ConsentRecord.objects.on().exists()


def clients_scopes(agent: Program) -> None:
    agent.client.scopes = ["consents.write", "withdrawals.write", "decisions"]
    agent.client.save(update_fields=["scopes"])


def test_yes_and_no_at_once_by_every_way_leave_one_truth(world: World, kiosk: tuple[Cast, Program]) -> None:
    made, agent = kiosk
    clients_scopes(agent)
    said: list[str] = []

    def work(number: int) -> None:
        if number % 3 == 0:
            said.extend(["given"] if shortly(agent, yes(made)) else [])
        elif number % 3 == 1:
            said.extend(["withdrawn"] if withdrawn(agent, no(made)) else [])
        else:
            before = Receipt.objects.filter(kind="withdrawn").count()
            try:
                ledger.withdraw_purpose(made.purpose, by=Person.objects.get(pk=made.asha.pk))
            except rules.Refused as refused:
                assert refused.code == "nothing_on" and before == 0

    at_once(world, work, 15)
    events = [e.status for e in ConsentEvent.objects.order_by("at")]
    assert events == ["given", "withdrawn"] * (len(events) // 2) + ["given"] * (len(events) % 2), events
    assert events.count("given") == said.count("given") > 0 and said.count("withdrawn") <= events.count(
        "withdrawn"
    )
    assert ConsentRecord.objects.on().count() == len(events) % 2
    assert (
        ErasureOrder.objects.count()
        == events.count("withdrawn")
        == Receipt.objects.filter(kind="withdrawn").count()
    )
