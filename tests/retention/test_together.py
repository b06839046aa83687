"""Orders that are due together are worked on as a set: each becomes what it would have become alone."""

import random
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.audit.models import Entry
from governance.lib.canonical import digest
from governance.lib.connectors import Erased, Scope, SystemAway
from governance.people.models import Message
from governance.retention import erasure, holds, orders, steering, together
from governance.retention.connectors.crowd import Crowd
from governance.retention.connectors.mentions import Mentions
from governance.retention.connectors.sql import SqlConnector
from governance.retention.models import Connection, ErasureOrder, Proof, Step
from tests.retention.conftest import FeatureStore, Stage

FOUND = {"vault": 0, "feature-store": 13, "team-files": 9, "portal": 0}


def two(stage: Stage) -> list[ErasureOrder]:
    return [stage.withdraw_without_capture(name) for name in ("asha", "bela")]


def work(stage: Stage, these: Sequence[ErasureOrder]) -> list[str]:
    stage.world.sign_in("eraser")
    together.carry_out([order.pk for order in these])
    for order in these:
        order.refresh_from_db()
    return [order.state for order in these]


def said(order: ErasureOrder) -> list[Any]:
    """What the proofs of an order say, but for moments and how many files there were."""
    return [
        (row.system.code, row.found_before, row.erased, row.found_after, row.not_erased, row.connector, row.method,
         [re.sub(r"^\d+ files", "files", place) for place in row.looked_at])
        for row in Proof.objects.filter(order=order).select_related("system").order_by("system__code")
    ]  # fmt: skip


def test_each_of_a_set_has_the_proofs_that_it_would_have_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("asha", "bela"):
        stage.consent(name)
    these = [stage.withdraw(name) for name in ("asha", "bela")]
    alone: list[Any] = []
    with monkeypatch.context() as patched:
        patched.setattr(erasure, "carry_out", alone.append)
        patched.setattr(erasure, "go_on", lambda claim, **_more: alone.append(claim))
        assert work(stage, these) == ["done", "done"] and alone == [], "nobody left the set"

    proofs = {p.system.code: p for p in Proof.objects.filter(order=these[1]).select_related("system")}
    assert {code: (p.found_before, p.erased) for code, p in proofs.items()} == {c: (n, n) for c, n in (FOUND | {"vault": 1}).items()}  # fmt: skip
    for proof in proofs.values():
        told = {name: getattr(proof, name) for name in (
            "found_before", "erased", "found_after", "not_erased", "looked_at", "connector", "method", "erased_at", "read_back_at")}  # fmt: skip
        named = {"order": these[1].pk, "number": these[1].number, "system": proof.system_id, "before": these[1].before}  # fmt: skip
        assert proof.digest == digest(named | told)
    assert said(these[0]) == said(these[1])
    for order in these:
        assert Entry.objects.filter(about_id=order.pk, code="system.proved").count() == 4
        assert Message.objects.filter(code="order_done", facts__order=str(order.pk)).count() == 1
        assert stage.store.rows_of(order.person) == 0
    assert stage.store.rows_of(stage.cast.emil) == 13

    # Everything again, and one by one: the proofs say the same.
    from governance.demo import systems as demo

    people = [stage.cast.people[name] for name in ("asha", "bela", "emil", "nisha")]
    demo.fill_store(stage.store.owner_url, people[:2])
    demo.fill_folder(stage.folder, people)
    stage.consent("asha")
    again = stage.withdraw("asha")
    assert stage.carry_out(again) == "done"
    assert said(again) == said(these[0])


def test_a_set_of_one_asks_less_than_the_order_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "SLOW", 600.0)  # whatever else this machine does
    monkeypatch.setattr(erasure, "LONG", 600.0)
    asha, bela = two(stage)
    stage.world.sign_in("eraser")
    with CaptureQueriesContext(connection) as together_:
        together.carry_out([asha.pk])
    with CaptureQueriesContext(connection) as alone:
        erasure.carry_out(bela.pk)
    assert set(ErasureOrder.objects.values_list("state", flat=True)) == {"done"}
    assert len(together_) < 0.75 * len(alone), f"{len(together_)} and {len(alone)}"


def test_what_is_about_one_alone_keeps_nobody_else(stage: Stage) -> None:
    """A hold over one, in one system, and a database that puts one person's row back."""
    asha, bela = two(stage)
    stage.world.sign_in("web")
    matter = holds.open_matter(stage.cast.software, "A dispute", by=stage.cast.lata)
    hold = holds.place(
        because=matter, by=stage.cast.lata, on=stage.cast.asha, system=stage.systems["team-files"]
    )
    assert work(stage, [asha, bela]) == ["partly", "done"]
    assert set(Proof.objects.filter(order=asha).values_list("system__code", flat=True)) == {"feature-store", "vault", "portal"}  # fmt: skip
    steps = Step.objects.filter(order=asha, system=stage.systems["team-files"])
    assert set(steps.values_list("fault", flat=True)) == {"held"}
    assert hold.pk and any(
        b"N-1001" in path.read_bytes() for path in stage.folder.rglob("*") if path.is_file()
    )


def test_a_row_that_comes_back_leaves_its_own_order_partly(stage: Stage) -> None:
    these = two(stage)
    stage.store.do(
        "CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
        " INSERT INTO notes (body, written_at) VALUES ('left: N-1001', '2020-01-01'); RETURN OLD; END $$"
    )
    stage.store.do(
        "CREATE TRIGGER back AFTER DELETE ON sessions FOR EACH ROW WHEN (OLD.person_number = 'N-1001') EXECUTE FUNCTION back()"
    )
    stage.store.do("REVOKE UPDATE ON notes FROM store_eraser")
    stage.store.do("UPDATE notes SET body = 'nobody'")  # nothing to rewrite, until a row comes back
    assert work(stage, these) == ["partly", "done"]
    left = Step.objects.filter(order=these[0], system=stage.systems["feature-store"])
    assert any(row.residue or row.fault for row in left)
    assert not Proof.objects.filter(order=these[0], system=stage.systems["feature-store"]).exists()


def test_a_stop_in_the_middle_takes_one_out_of_the_set(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    asha, bela = two(stage)
    erase, stopped = SqlConnector.erase_all, []

    def meanwhile(self: SqlConnector, works: Sequence[tuple[Scope, str]]) -> list[Erased]:
        if not stopped:
            stopped.append(asha.pk)
            stage.world.sign_in("web")
            steering.pause(asha.pk, by=stage.cast.dev)
            stage.world.sign_in("eraser")
        return erase(self, works)

    monkeypatch.setattr(SqlConnector, "erase_all", meanwhile)
    monkeypatch.setattr(
        "governance.lib.locks.sharing", _nothing
    )  # the lock goes with the connection that signs in anew
    assert work(stage, [asha, bela]) == ["partly", "done"]
    assert asha.paused_at and not Proof.objects.filter(order=asha).exists()
    # What was under way in this system was ended; no other was touched for her.
    assert not Step.objects.filter(order=asha).exclude(system=stage.systems["feature-store"]).exists()
    assert any(b"N-1001" in path.read_bytes() for path in stage.folder.rglob("*") if path.is_file())


def test_a_system_that_answers_nobody_is_asked_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    these, asked = two(stage), []

    def away(self: SqlConnector, *_more: Any, **_words: Any) -> Any:
        asked.append(1)
        raise SystemAway("OperationalError")

    monkeypatch.setattr(SqlConnector, "open", away)
    assert work(stage, these) == ["partly", "partly"] and len(asked) == 1
    for order in these:
        assert Proof.objects.filter(order=order).count() == 3
        assert (
            Step.objects.filter(order=order, system=stage.systems["feature-store"]).exclude(fault="").exists()
        )


def test_a_systems_pace_is_kept(stage: Stage) -> None:
    these = two(stage)
    stage.world.sign_in("owner")
    Connection.objects.filter(system=stage.systems["feature-store"]).update(per_hour=3)
    assert work(stage, these) in (["done", "partly"], ["partly", "done"])
    begun = Step.objects.filter(system=stage.systems["feature-store"], began_at__isnull=False)
    assert begun.count() == 3


def test_much_that_nobody_asked_for_waits_for_two_people_and_the_rest_goes_on(
    stage: Stage, settings: Any
) -> None:
    settings.ERASURE_ROWS_ALONE = 25
    stage.world.sign_in("web")
    now = datetime.now(UTC)
    for _ in range(6):
        stage.store.do(
            "INSERT INTO sessions (person_number, workflow, started_at) VALUES ('N-1001', 'x', now() - interval '1 hour')"
        )
    these = [
        orders.raise_order(Scope(person.pk, stage.cast.purpose.pk, (), now), because="purpose.ended", because_id=uuid4())
        for person in (stage.cast.asha, stage.cast.bela)
    ]  # fmt: skip
    ErasureOrder.objects.filter(pk__in=[o.pk for o in these]).update(state="waiting")
    assert work(stage, these) == ["waiting", "done"]
    assert these[0].approval_wanted_at and not Step.objects.filter(order=these[0]).exists()


class _nothing:
    def __init__(self, *_more: Any) -> None: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *_more: Any) -> None: ...


TABLES = [
    {"table": "staff", "find": {"column": "email", "is": "email"}, "action": "null", "columns": ["phone"]},
    {"table": "visit", "find": {"through": {"column": "staff_id", "table": "staff", "key": "id"}}, "time": "at", "action": "erase"},
    {"table": "badge", "find": {"through": {"column": "code", "table": "staff", "key": "code"}}, "action": "erase"},
    {"table": "desk", "find": {"column": "number", "is": "number"}, "time": "at", "action": "replace", "columns": ["number"]},
    {"table": "memo", "find": {"text": ["title", "body"]}, "time": "at", "action": "replace"},
]  # fmt: skip


def filled(store: FeatureStore, dice: random.Random, people: list[dict[str, str]], start: datetime) -> None:
    for statement in (
        "DROP TABLE IF EXISTS visit, badge, desk, memo, staff",
        "CREATE TABLE staff (id bigserial PRIMARY KEY, code text, email text, phone text)",
        "CREATE TABLE visit (id bigserial PRIMARY KEY, staff_id bigint REFERENCES staff, at timestamptz)",
        "CREATE TABLE badge (id bigserial PRIMARY KEY, code text)",
        "CREATE TABLE desk (id bigserial PRIMARY KEY, number text, at timestamptz)",
        "CREATE TABLE memo (id bigserial PRIMARY KEY, title text, body text, at timestamptz)",
    ):
        store.do(statement)
    for i, person in enumerate(people):
        store.do("INSERT INTO staff (code, email, phone) VALUES (%s, %s, '1')", f"c{i % 4}", dice.choice([str.upper, str.lower])(person["email"]))  # fmt: skip
        for _ in range(dice.randrange(4)):
            at = start + timedelta(days=dice.randrange(-5, 6))
            store.do("INSERT INTO visit (staff_id, at) VALUES (%s, %s)", i + 1, at)
            store.do(
                "INSERT INTO desk (number, at) VALUES (%s, %s)", person["number"], dice.choice([at, None])
            )
            other = dice.choice(people)
            words = [
                person["name"],
                other["number"],
                other["email"].upper(),
                person["number"] + "9",
                "100%",
                "a_b\\c",
            ]
            store.do("INSERT INTO memo (title, body, at) VALUES (%s, %s, %s)", dice.choice(words), " met ".join(dice.sample(words, 3)), at)  # fmt: skip
        store.do("INSERT INTO badge (code) VALUES (%s)", f"c{i % 4}")


def contents(store: FeatureStore) -> list[Any]:
    return [
        store.ask(f"SELECT array_agg(t::text ORDER BY t::text) FROM {table['table']} t") for table in TABLES
    ]


@pytest.mark.parametrize("seed", range(4))
def test_a_database_ends_as_if_each_had_been_worked_on_alone(
    store: FeatureStore, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut-offs that differ, texts that name several, rows found by what is no key, columns that also find the person."""
    monkeypatch.setenv("DOOR", store.owner_url)
    dice, start = random.Random(seed), datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
    people = [
        {"number": f"N-{i}", "name": f"Zoë{'é' * (i % 2)} Bench{i}", "email": f"z_{i}@x.example"}
        for i in range(1, 9)
    ]
    scopes = [
        Scope(uuid4(), None, (), start + timedelta(days=dice.randrange(-2, 3)), one) for one in people[:6]
    ]
    connector = SqlConnector({"url_env": "DOOR", "read_url_env": "DOOR"}, {"tables": TABLES})
    ends, counts = [], []
    for way in ("alone", "together"):
        filled(store, random.Random(seed), people, start)
        found: list[Any] = []
        with connector.at_work():
            for chunk in connector.chunks(scopes[0]):
                works = [(scope, chunk) for scope in scopes]
                before = [connector.count(*one) for one in works]
                assert connector.count_all(works) == before
                done = (
                    connector.erase_all(works)
                    if way == "together"
                    else [connector.erase(*one) for one in works]
                )
                left = connector.count_all(works)
                assert left == [connector.count(*one) for one in works]
                found.append((chunk, left, [one.method for one in done]))
            read = connector.residues(scopes)
            assert read == [connector.residue(scope) for scope in scopes]
        ends.append(contents(store))
        counts.append((found, read))
    assert ends[0] == ends[1] and counts[0] == counts[1]


def test_a_crowd_finds_whom_each_would_have_found() -> None:
    dice = random.Random(7)
    known = [
        {"number": number, "name": name, "email": email}
        for number, name, email in [
            ("N-1", "Asha Rao", "asha@x.example"), ("N-10", "Rao Asha Devi", "a@x.example"), ("1001", "Ümit Ilgaz", "umit@x.example"),
            ("100", "Bo", ""), ("N-100", "İnci Şahin", "inci@x.example"), ("", "", ""), ("N-2", "asha rao", "ASHA@x.example.org"),
        ]
    ]  # fmt: skip
    crowd, each = Crowd(known), [Mentions(one) for one in known]
    pieces = [value for one in known for value in one.values() if value]
    pieces += ["RAO, ASHA", "n-1", "N-1_x", "1001.5", "ümi̇t ilgaz", "INCI SAHIN", " ", "-", ".", "x", "ılgaz"]
    for _ in range(3000):
        text = dice.choice(["", " ", ", ", "-"]).join(dice.choices(pieces, k=dice.randrange(1, 6)))
        text += dice.choice(["", "." * 100])
        assert crowd.named(text) == [i for i, one in enumerate(each) if one.count(text)], text


def test_a_mention_is_found_wherever_its_pattern_alone_would_find_it() -> None:
    """Only where a mention can begin is the pattern tried: that must leave out nothing."""
    dice = random.Random(11)
    known = [
        {"number": "N-1", "name": "Asha Rao", "email": "asha@x.example"}, {"number": "1001", "name": "Kim Sik", "email": "kim.sik@x.example"},
        {"number": "N-10", "name": "Rao Asha Devi"}, {"name": "Bo"}, {"number": "111"}, {"name": "Zoë Ünal", "email": "zoe@x.example"}, {},
    ]  # fmt: skip
    pieces = [value for one in known for value in one.values()]
    pieces += ["RAO, ASHA", "n-1", "1001.5", "11111", "Kım", "ſik", "\u212aim sik", "Zoe\u0308", "İ", "é", "–", "x", "_", "@", "devi rao-asha"]  # fmt: skip
    for _ in range(5000):
        text = dice.choice(["", " ", ", ", "-"]).join(dice.choices(pieces, k=dice.randrange(1, 7)))
        text += dice.choice(["", "." * 100])  # a long text is looked through in another way than a short one
        composed = unicodedata.normalize("NFC", text)
        for one in map(Mentions, known):
            hits = one.pattern.findall(composed) if one else []
            assert one.count(text) == len(hits) and one.stand_in(text) == bool(hits), (text, one.identifiers)
            replaced = one.pattern.subn("[erased]", composed) if hits else (text, 0)
            assert one.replace(text) == replaced
