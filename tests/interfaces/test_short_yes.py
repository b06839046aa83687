"""The short way to a yes writes what the long way writes, to the letter, or writes nothing and leaves it to the long way."""

import io
import json
import threading
import time
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.cache import cache
from django.db import connection, connections

from governance.audit.models import Entry
from governance.consents import giving, ledger, rules, running
from governance.consents.models import ConsentEvent, ConsentRecord, Receipt, RunningProgramme, Stream
from governance.interfaces import clients, short, short_yes
from governance.interfaces.models import Answered
from governance.lib import locks, prepared
from governance.people.models import Employment, Person
from governance.purposes import lifecycle
from tests import make
from tests.cast import Cast
from tests.conftest import World, as_login
from tests.interfaces.conftest import Make, Program, yes
from tests.servers import cluster

PATH = "/api/v1/consents"


def shortly(agent: Program, body: Any, again: str = "", **more: Any) -> dict[str, Any] | None:
    said = body if isinstance(body, bytes) else json.dumps(body).encode()
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": PATH, "QUERY_STRING": "", "HTTP_HOST": "testserver", "CONTENT_LENGTH": str(len(said)),
        "HTTP_AUTHORIZATION": f"Bearer {agent.key}", "HTTP_IDEMPOTENCY_KEY": again or uuid4().hex, "wsgi.input": io.BytesIO(said), **more,
    }  # fmt: skip
    answer = short.yes(environ)
    if answer is None:
        assert environ["wsgi.input"].read() in (said, b"")  # the long way can read it
    return json.loads(answer) if answer is not None else None


def used(agent: Program) -> Program:
    """The day's first use of a key goes the long way, which writes it down."""
    agent.ask("get", "/api/v1/decisions?person=N-9999&purpose=P-0001&signal=ui_event")
    return agent


def told(receipt: str) -> dict[str, Any]:
    """All that a yes left, without what is another's each time: ids, numbers, moments."""
    row = Receipt.objects.get(number=receipt)
    event = ConsentEvent.objects.get(pk__in=row.events)
    record, stream, entry = event.record, Stream.objects.get(event=event), Entry.objects.get(pk=row.entry_id)
    own = {
        "id",
        "record",
        "person",
        "by_id",
        "at",
        "number",
        "given_at",
        "event",
        "body",
        "events",
        "entry_id",
        "sha256",
        "job",
        "replaces",
    }
    left: dict[str, Any] = {}
    for one in (row, event, record, stream):
        for field in one._meta.fields:
            if field.name not in own:
                left[f"{type(one).__name__}.{field.name}"] = getattr(one, field.attname)
    left["body"] = {
        k: v for k, v in row.body.items() if k not in ("receipt", "person", "events", "log_entry")
    }
    left["words"] = [{k: v for k, v in word.items() if k not in ("id", "at")} for word in row.body["events"]]
    left["entry"] = (entry.code, entry.about_kind, entry.about_id, entry.facts["signals"], list(entry.facts))
    assert (
        entry.by_id == row.person_id == event.person_id == event.by_id == record.person_id == stream.person_id
    )
    assert (
        entry.facts["events"]
        == [str(event.pk)]
        == [str(pk) for pk in row.events]
        == [row.body["events"][0]["id"]]
    )
    assert (
        record.given_at == event.at
        and row.body["log_entry"] == entry.pk
        and row.body["receipt"] == row.number
    )
    assert record.job == record.person.employment
    return left


def test_both_ways_leave_the_same(cast: Cast, program: Make) -> None:
    agent = used(program("consents.write"))
    with as_login("web"):
        said = shortly(agent, yes(cast, "N-1001"))
        answer = agent.ask("post", PATH, yes(cast, "N-1002")).json()
        assert said is not None and list(said) == list(answer)
        method = f"client:{agent.client.pk}"
        own = ledger.give(cast.purpose, ["ui_event"], by=cast.omar, notice=cast.purpose.published_notice(), language="en", method=method)  # fmt: skip
    assert told(said["receipt"]) == told(answer["receipt"]) == told(own.number)
    row = Receipt.objects.get(number=said["receipt"])
    assert (said["at"], said["sha256"], said["purpose"]) == (
        row.at.isoformat(),
        row.sha256,
        cast.purpose.number,
    )
    assert said["events"] == [str(pk) for pk in row.events] and said["kind"] == "given"


def test_a_retry_hears_the_same_answer_whichever_way_it_goes(cast: Cast, program: Make) -> None:
    agent, body = used(program("consents.write")), yes(cast)
    first = shortly(agent, body, again="a")
    assert first is not None and shortly(agent, body, again="a") is None
    again = agent.ask("post", PATH, body, again="a")
    assert again.json() == first and again["Idempotency-Replayed"] == "true" and again.status_code == 201
    other = agent.ask("post", PATH, yes(cast, "N-1002"), again="a")
    assert other.json()["code"] == "idempotency_key_reused"
    assert shortly(agent, yes(cast, "N-1002"), again="a") is None
    assert Answered.objects.count() == 1 and ConsentEvent.objects.filter(status="given").count() == 1
    agent.ask("post", PATH, yes(cast, "N-1002"), again="b")
    assert shortly(agent, yes(cast, "N-1002"), again="b") is None


def test_somebody_who_was_asked_or_had_ended_a_yes_goes_on_from_there(cast: Cast, program: Make) -> None:
    agent = used(program("consents.write"))
    make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    ended = ConsentRecord.objects.get(person=cast.asha, signal="ui_event")
    assert shortly(agent, yes(cast, "N-1001")) is not None
    new = ConsentRecord.objects.get(person=cast.asha, signal="ui_event", ended_at=None)
    assert new.replaces_id == ended.pk and new.number != ended.number and ended.ended_at is not None
    ledger.refuse(
        cast.purpose, ["ui_event"], by=cast.bela, notice=cast.purpose.published_notice(), language="en"
    )
    before = ConsentRecord.objects.get(person=cast.bela)
    assert shortly(agent, yes(cast, "N-1002")) is not None
    after = ConsentRecord.objects.get(person=cast.bela)
    assert after.pk == before.pk and after.number == before.number and after.status == "given" and after.is_on


CHANGES: list[dict[str, Any]] = [
    {"notice_version": 99}, {"text_sha256": "0" * 64}, {"language": "xx"}, {"signals": ["keystrokes"]}, {"signals": []}, {"person": "N-9999"},
    {"person": "N-2001"}, {"purpose": "P-9999"}, {"person": "' OR 1=1 --"}, {"person": "N-1001\0"}, {"by": "N-1002"}, {"text_sha256": None},
    {"notice_version": "1"}, {"signals": ["ui_event"] * 21}, {"person": "x" * 36}, {"signals": ["UI"]},
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_else_is_left_to_the_long_way_and_leaves_nothing(
    cast: Cast, program: Make, change: dict[str, Any]
) -> None:
    agent = used(program("consents.write"))
    entries = Entry.objects.count()
    assert shortly(agent, yes(cast) | change) is None
    for broken in (b"{", b"", b"[]", b"\xff", b'{"person":' + b"1" * 5000):
        assert shortly(agent, broken) is None
    assert (
        not ConsentEvent.objects.exists() and not Answered.objects.exists() and not Receipt.objects.exists()
    )
    assert Entry.objects.count() == entries


def test_who_may_not_say_it_or_be_asked_is_refused_the_long_way(cast: Cast, program: Make) -> None:
    agent, body = used(program("consents.write")), yes(cast)
    assert shortly(used(program("decisions", "withdrawals.write")), body) is None
    for more in ({"HTTP_AUTHORIZATION": "Bearer smi_x"}, {"HTTP_AUTHORIZATION": ""}, {"HTTP_IDEMPOTENCY_KEY": ""}, {"HTTP_HOST": "elsewhere.example"},
                 {"HTTP_IDEMPOTENCY_KEY": "x" * 201}, {"REQUEST_METHOD": "PUT"}, {"CONTENT_LENGTH": "x"}, {"CONTENT_LENGTH": ""}, {"QUERY_STRING": "a=b"}):  # fmt: skip
        assert shortly(agent, body, **more) is None, more
    old = agent.key
    agent.key = clients.renew_key(agent.client, by=cast.dev)
    used(agent)
    assert shortly(Program(agent.client, old), body) is None
    Person.objects.filter(pk=cast.asha.pk).update(is_under_18=True)
    assert shortly(agent, body) is None and agent.ask("post", PATH, body).json()["code"] == "under_18"
    Person.objects.filter(pk=cast.asha.pk).update(is_under_18=False)
    lifecycle.pause(cast.purpose, by=cast.dev, because="Checking.")
    assert shortly(agent, body) is None
    assert agent.ask("post", PATH, body).json()["code"] == "purpose_not_active"
    clients.end(agent.client, by=cast.dev)
    assert shortly(agent, body) is None
    assert not ConsentEvent.objects.exists() and not Answered.objects.exists()


def test_in_another_job_or_with_something_on_the_ledger_puts_it_in_order_first(
    cast: Cast, program: Make
) -> None:
    agent = used(program("consents.write"))
    make.consent(cast.asha, cast.purpose, "app_usage", open_streams=False)
    assert shortly(agent, yes(cast)) is None
    assert agent.ask("post", PATH, yes(cast)).status_code == 201
    Employment.objects.filter(person=cast.bela).update(ends_on="2026-01-01", starts_on="2025-01-01")
    assert shortly(agent, yes(cast, "N-1002")) is None
    assert agent.ask("post", PATH, yes(cast, "N-1002")).json()["code"] == "not_concerned"


def test_a_yes_of_somebody_whom_no_programme_takes_in_is_told_apart_and_writes_nothing(
    cast: Cast, program: Make
) -> None:
    agent = used(program("consents.write", "withdrawals.write"))
    one = {"purpose_id": cast.purpose.pk, "number": "CP-0900", "terms_sha256": "0" * 64}
    RunningProgramme.objects.filter(purpose=cast.purpose).delete()
    running.tell(UUID(int=1), **one, runs=True, people={"countries": ["FR"]})
    assert shortly(agent, yes(cast)) is None
    refused = agent.ask("post", PATH, yes(cast))
    assert refused.status_code == 409 and refused["Content-Type"] == "application/problem+json"
    assert (
        refused.json()["code"] == "not_about_them"
        and "No programme of this purpose" in refused.json()["detail"]
    )
    assert not ConsentEvent.objects.exists() and not Receipt.objects.exists()
    running.tell(UUID(int=2), **one | {"number": "CP-0901"}, runs=False, people={"countries": ["IN"]})
    assert shortly(agent, yes(cast)), "one that stands still takes her in, and may run tomorrow"
    running.tell(UUID(int=2), **one | {"number": "CP-0901"}, runs=False, ended=True)
    ended = agent.ask("post", "/api/v1/withdrawals", {"person": "N-1001", "purpose": cast.purpose.number})
    assert ended.status_code == 201, "a no is always written"
    running.tell(UUID(int=1), **one, runs=False, ended=True)
    assert shortly(agent, yes(cast, "N-1002")), "a purpose without a programme narrows nobody"


@pytest.fixture
def kiosk(world: World) -> tuple[Cast, Program]:
    cache.clear()
    world.sign_in("owner")
    made = make.cast()
    row, key = clients.let_in(
        made.software, "Kiosk", purposes=[made.purpose], scopes=["consents.write", "decisions"], by=made.dev, per_minute=100_000
    )  # fmt: skip
    world.sign_in("web")
    return made, used(Program(row, key))


def at_once(world: World, work: Any, count: int = 8) -> None:
    def one(number: int) -> None:
        try:
            world.sign_in("web")
            work(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_statements_are_planned_once_and_the_connection_is_as_before(
    world: World, kiosk: tuple[Cast, Program]
) -> None:
    made, agent = kiosk

    def ask(_number: int) -> None:
        for number in ("N-1001", "N-1002"):
            assert shortly(agent, yes(made, number))
            connections["default"].close_at = None  # the web process keeps its connections, too
        with connection.cursor() as cursor:
            cursor.execute("SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE '%%jsonb_to_recordset%%'")  # fmt: skip
            assert cursor.fetchall() == [(2,)]
        assert connection.connection.prepare_threshold is None
        done.append(True)

    done: list[bool] = []
    at_once(world, ask, 1)
    assert done


def test_eight_twins_and_eight_others_at_once_are_one_yes(world: World, kiosk: tuple[Cast, Program]) -> None:
    """Each goes the short way first, as in the web process; those that come late go the long way."""
    made, agent = kiosk
    body, answers, others = yes(made), [], []

    def ask(number: int) -> None:
        answers.append(
            shortly(agent, body, again="same") or agent.ask("post", PATH, body, again="same").json()
        )
        others.append(shortly(agent, body))

    at_once(world, ask)
    assert len(answers) == 8 and len({answer["receipt"] for answer in answers}) == 1
    assert others == [None] * 8
    assert ConsentEvent.objects.filter(status="given").count() == 1 == Receipt.objects.count()
    assert ConsentRecord.objects.count() == Stream.objects.count() == Entry.objects.filter(code="consent.given").count() == 1  # fmt: skip


def test_yes_and_withdrawal_at_once_leave_one_truth(world: World, kiosk: tuple[Cast, Program]) -> None:
    made, agent = kiosk
    said: list[Any] = []

    def work(number: int) -> None:
        if number % 2:
            said.append(shortly(agent, yes(made)))
            return
        try:
            ledger.withdraw_purpose(made.purpose, by=made.asha)
        except rules.Refused as refused:
            assert refused.code == "nothing_on"

    at_once(world, work, 12)
    told = [e.status for e in ConsentEvent.objects.order_by("at")]
    assert told == ["given", "withdrawn"] * (len(told) // 2) + ["given"] * (len(told) % 2), told
    assert told.count("given") == len([one for one in said if one])
    assert ConsentRecord.objects.on().count() == len(told) % 2


def test_what_is_raised_under_way_takes_everything_back(world: World, kiosk: tuple[Cast, Program]) -> None:
    """At the commit, in the middle, and by a lock that is not given: nothing stands, and the connection serves the next."""
    made, agent = kiosk
    body = yes(made)
    real = short_yes.WRITE
    for broken in (real.replace("%(client)s::uuid", "%(person)s::uuid"), real.replace("201,", "1/0,")):
        short_yes.WRITE = broken
        try:
            assert shortly(agent, body) is None
        finally:
            short_yes.WRITE = real
        assert (
            not ConsentRecord.objects.exists()
            and not Receipt.objects.exists()
            and not Answered.objects.exists()
        )
        assert not connection.in_atomic_block and connection.connection.autocommit
    connection.ensure_connection()
    connection.close_at = None  # the web process keeps its connections, too
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    held, go_on = threading.Event(), threading.Event()

    def hold(number: int) -> None:
        with prepared.together() as sender:
            sender.run("SELECT pg_advisory_xact_lock(%s)::text", [locks.person(made.asha.pk)])
            held.set()
            go_on.wait(20)

    other = threading.Thread(target=lambda: at_once(world, hold, 1))
    other.start()
    assert held.wait(20)
    assert shortly(agent, body) is None and not ConsentRecord.objects.exists()
    go_on.set()
    other.join()
    assert shortly(agent, body) is not None


def test_what_a_yes_reads_is_what_pages_and_lists_read(cast: Cast) -> None:
    """READ says in one statement what the house asks elsewhere in its own."""
    from governance.consents import jobs, running

    for person in (cast.asha, cast.bela, cast.omar):
        with prepared.cursor() as cursor:
            asked = giving.asked(person.pk, cast.purpose.pk, ["ui_event"], "hi")
            now = giving.facts(cursor.run(giving.READ, asked)[0], "hi")
        notice = cast.purpose.published_notice()
        job = jobs.current(person, cast.purpose)
        assert now.job == (job.pk if job else None) and now.programmes == running.now(cast.purpose.pk)
        assert (now.notice, now.notice_version) == (notice.pk, notice.version)
        usable = {text.language: text for text in notice.usable_texts()}
        assert now.text_is_usable is ("hi" in usable) and (
            now.text is None or now.text.sha256 == usable["hi"].sha256
        )
        assert now.declared == set(cast.purpose.signals.values_list("code", flat=True))
        assert now.purpose.entity.pk == cast.purpose.entity_id


def test_a_retry_by_the_long_way_meets_its_twin_and_hears_its_answer(
    world: World, kiosk: tuple[Cast, Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The short way holds the person's lock and wants the key; the long way holds the key and wants the lock. PostgreSQL
    ends one of them, and both hear of one yes."""
    made, agent = kiosk
    body, heard, real = yes(made), [], giving.said

    def long_way() -> None:
        try:
            world.sign_in("web")
            heard.append(agent.ask("post", PATH, body, again="same"))
        finally:
            connections.close_all()

    other = threading.Thread(target=long_way)

    def in_between(*args: Any, **more: Any) -> Any:
        monkeypatch.setattr(
            giving, "said", real
        )  # whom PostgreSQL ends is open: the long way may come here, too
        other.start()
        until = time.monotonic() + 20
        with psycopg.connect(cluster().url("owner", world.main), autocommit=True) as watcher:
            while not watcher.execute(
                "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            ).fetchone():
                assert time.monotonic() < until
                time.sleep(0.02)
        return real(*args, **more)

    monkeypatch.setattr(giving, "said", in_between)
    short_answer = shortly(agent, body, again="same")
    other.join(30)
    monkeypatch.setattr(giving, "said", real)
    (answer,) = heard
    assert answer.status_code in (200, 201), answer.content
    assert short_answer is None or short_answer["receipt"] == answer.json()["receipt"]
    assert Receipt.objects.count() == 1 == Entry.objects.filter(code="consent.given").count()
