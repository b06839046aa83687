"""Planned once for a connection: one within another, errors in Django's words, and the connection as it was before."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import (
    DatabaseError,
    DataError,
    OperationalError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)
from hypothesis import example, given
from hypothesis import strategies as st

from governance.audit import log
from governance.audit.models import Entry
from governance.lib import line, prepared
from tests.conftest import World
from tests.servers import cluster

pytestmark = pytest.mark.usefixtures("cast")


def planned() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return {row[0] for row in cursor.fetchall()}


def test_one_within_another_leaves_the_outer_one_planning() -> None:
    with transaction.atomic(), prepared.planned() as outer:
        with prepared.cursor() as inner:
            inner.run("SELECT 1 + %s::int", [1])
        log.record("test.thing", number=1)
        outer.execute("SELECT 2 + %s::int", [1])
        assert outer.fetchone() == (3,)
    assert connection.connection.prepare_threshold is None
    assert any("SELECT 1 +" in one for one in planned()) and any("SELECT 2 +" in one for one in planned())


def test_an_error_is_djangos_own_and_the_connection_is_as_before() -> None:
    with transaction.atomic():
        with pytest.raises(DataError), transaction.atomic(), prepared.planned() as cursor:
            cursor.run("SELECT 1 / %s::int", [0])
        assert connection.connection.prepare_threshold is None
        with pytest.raises(DataError), transaction.atomic():
            prepared.at_once("SELECT 1 / %s::int", [0])
        assert connection.connection.prepare_threshold is None
        log.record("test.after", number=2)
    assert Entry.objects.filter(code="test.after").count() == 1


def test_an_entry_is_named_by_its_id_and_says_what_it_was_given() -> None:
    number = log.record("test.thing", n=1, when=None, many=[1, "x"])
    entry = Entry.objects.get(pk=number)
    assert (entry.code, entry.by_id, entry.about_kind, entry.about_id) == ("test.thing", None, "", None)
    assert entry.facts == {"n": 1, "when": None, "many": [1, "x"]}
    assert any("INSERT INTO audit_entry" in one for one in planned())


def test_values_are_numbered_by_name_or_by_place() -> None:
    assert prepared.numbered("SELECT %(a)s, %(b)s::int, %(a)s, 5 %% 2") == (
        "SELECT $1, $2::int, $1, 5 % 2",
        ("a", "b"),
    )
    assert prepared.numbered("SELECT %s, %s") == ("SELECT $1, $2", None)
    with pytest.raises(ValueError):
        prepared.numbered("SELECT %s, %(a)s")
    long = "SELECT %(b)s::int - %(a)s::int" + " " * 5000
    with transaction.atomic(), prepared.cursor() as cursor:
        assert cursor.run(long, {"a": 1, "b": 3, "c": 9}) == [(2,)] == cursor.run(long, {"b": 3, "a": 1})


@given(
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)),
    st.sampled_from(["UTC", "Asia/Kolkata", "America/St_Johns"]),
)
@example(datetime(2026, 11, 30, 10, 0, 0, 500_000, tzinfo=UTC), "UTC")
def test_a_moment_is_read_as_it_was_whatever_the_zone_of_the_session(moment: datetime, zone: str) -> None:
    with transaction.atomic(), prepared.cursor() as cursor:
        cursor.run("SELECT set_config('TimeZone', %s, true)", [zone])
        ((found, none),) = cursor.run("SELECT %s::timestamptz, NULL::timestamptz", [moment])
        cursor.run("SELECT set_config('TimeZone', 'UTC', true)", [])
    assert found == moment and found.utcoffset() == timedelta(0) and none is None


@pytest.mark.parametrize("moment", ["infinity", "0044-03-15 12:00:00+00 BC", "12026-01-01 00:00:00+00"])
def test_a_moment_that_python_does_not_know_is_an_error(moment: str) -> None:
    with pytest.raises(DataError), transaction.atomic(), prepared.cursor() as cursor:
        cursor.run("SELECT %s::timestamptz", [moment])
    assert prepared.at_once("SELECT 1 + %s::int", [1]) == [(2,)]


def test_a_cursor_that_is_at_work_is_not_handed_out_and_one_at_rest_is() -> None:
    with transaction.atomic():
        with prepared.cursor() as outer:
            outer.do("SELECT n FROM generate_series(1, 3) n")
            with prepared.cursor() as inner:
                assert inner is not outer and inner.run("SELECT 7", []) == [(7,)]
            assert prepared.at_once("SELECT 8", []) == [(8,)]
            assert outer.fetchall() == [(1,), (2,), (3,)]
        with prepared.cursor() as again:
            assert again in (outer, inner)


def lone(act: Callable[[], None]) -> None:
    """On a connection of its own, outside of every transaction, as the doors of the web are."""

    def acts() -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as one:
        one.submit(acts).result()


def within(act: Callable[[], None]) -> None:
    """Within a transaction of Django's."""
    with transaction.atomic():
        act()


PLACES = pytest.mark.parametrize("place", [lone, within])


@PLACES
def test_of_statements_that_go_together_each_hears_its_own_answer(place: Callable[..., None]) -> None:
    def act() -> None:
        for _ in range(3):  # the second time they are planned
            with prepared.together() as send:
                send.do("SELECT 1")
                first = send.ask("SELECT 2 + %s::int", [0])
                send.do("SELECT 'a', 'b'")
                second = send.ask("SELECT 3", ())
                send.do("SELECT 4")
                assert send.run("SELECT 5") == [(5,)]
                send.do("SELECT 6")
                assert second.fetchall() == [(3,)]
                assert send.run("SELECT 7, 8") == [(7, 8)]
                assert first.fetchall() == [(2,)]
        with pytest.raises(DataError), prepared.together() as send:
            send.do("SELECT 1 / %s::int", [0])
            send.do("SELECT 4")
        with prepared.together() as send:
            assert send.run("SELECT 9") == [(9,)]

    place(act)


@PLACES
def test_a_line_that_broke_is_left_and_the_connection_serves_on(place: Callable[..., None]) -> None:
    def act() -> None:
        with pytest.raises(DataError), prepared.together() as send:
            first = send.ask("SELECT 1 / %s::int", [0])
            send.do("SELECT 2")
            first.fetchall()
        with pytest.raises(KeyError), prepared.together() as send:  # nothing to do with the database
            send.do("SELECT 3")
            raise KeyError
        for _ in range(2):  # it was not planned the first time
            with pytest.raises(ProgrammingError), prepared.together() as send:
                send.do("SELECT of no such thing FROM nowhere")
        # Who goes on all the same commits nothing.
        with pytest.raises(OperationalError), prepared.together() as send:
            with suppress(psycopg.Error):
                send.run("SELECT 1 / %s::int", [0])
            send.do("SELECT 4")
        assert prepared.at_once("SELECT 1", []) == [(1,)]

    place(act)


def test_what_broke_is_taken_back_and_what_stood_around_it_stays() -> None:
    with transaction.atomic():
        log.record("test.before")
        with suppress(DataError), prepared.together() as send:
            send.do("SELECT set_config('test.inside', 'yes', true)")
            send.do("SELECT 1 / %s::int", [0])
        log.record("test.after")
        assert prepared.at_once("SELECT current_setting('test.inside', true)", []) in ([(None,)], [("",)])
    assert Entry.objects.filter(code__in=("test.before", "test.after")).count() == 2


@PLACES
def test_what_a_line_says_arrives_whatever_its_size_and_kind(place: Callable[..., None]) -> None:
    much = "ä" * 3_000_000  # more than a socket takes at once, both ways

    def act() -> None:
        with prepared.together() as send:
            asked = "SELECT %s::text, %s::int[], %s::bytea"
            answers = [send.ask(asked, [much, [1, 2], b"\0\1"]) for _ in range(3)]
            nothing = send.ask("SELECT %s::int WHERE false", [None])
            assert [answer.fetchall() for answer in answers] == [[(much, [1, 2], b"\0\1")]] * 3
            assert nothing.fetchall() == [] == nothing.fetchall()

    place(act)


def test_a_connection_that_was_cut_off_is_an_error_and_the_next_one_works(world: World) -> None:
    def act() -> None:
        with pytest.raises(OperationalError), prepared.together() as send:
            ((backend,),) = send.run("SELECT pg_backend_pid()")
            with psycopg.connect(cluster().url("owner", world.main), autocommit=True) as owner:
                owner.execute("SELECT pg_terminate_backend(%s)", [backend])
            send.run("SELECT 1")
        connection.close_if_unusable_or_obsolete()
        with prepared.together() as send:
            assert send.run("SELECT 2") == [(2,)]

    lone(act)


def test_plans_that_postgresql_was_told_to_forget_are_made_again() -> None:
    """The driver has it forget all after a rollback that it saw."""

    def act() -> None:
        for forget in ("DEALLOCATE ALL", "SELECT 1", "DISCARD PLANS", "DEALLOCATE ALL"):
            with connection.cursor() as cursor:
                cursor.execute(forget)
            with prepared.together() as send:  # said in one go
                first, second = send.ask("SELECT 1 + %s::int", [1]), send.ask("SELECT 2 + %s::int", [1])
                assert (second.fetchall(), first.fetchall()) == ([(3,)], [(2,)])
                assert send.run("SELECT 3 + %s::int", [1]) == [(4,)]
            with prepared.together() as send:  # nobody listens
                send.do("SELECT 4 + %s::int", [1])
            with connection.cursor() as cursor:
                cursor.execute(forget)
            with prepared.together() as send:
                send.do("SELECT 4 + %s::int", [1])
            with pytest.raises(KeyError), prepared.together() as send:
                assert send.run("SELECT 1 + %s::int", [2]) == [(3,)]
                raise KeyError
        assert len(prepared._kept(connections["default"]).plans.names) >= 4

    lone(act)


def test_a_connection_plans_only_so_many_statements() -> None:
    def act() -> None:
        for number in range(line.MOST + 5):
            with prepared.together() as send:
                assert send.run(f"SELECT {number} + %s::int", [1]) == [(number + 1,)]
        assert len(planned()) < 20 > len(prepared._kept(connections["default"]).plans.names)

    lone(act)


def test_one_statement_alone_is_answered_whatever_was_forgotten() -> None:
    def act() -> None:
        for forget in ("SELECT 1", "DEALLOCATE ALL", "SELECT 1"):
            assert prepared.alone("SELECT %(a)s::int + %(b)s::int", {"a": 1, "b": 2}) == [(3,)]
            assert prepared.alone("SELECT 1 WHERE %s::bool", [False]) == []
            with connection.cursor() as cursor:
                cursor.execute(forget)

    lone(act)
    with transaction.atomic():  # one of that
        assert prepared.alone("SELECT 1 + %s::int", [1]) == [(2,)]


def test_one_statement_alone_that_fails_says_so_and_the_next_is_answered() -> None:
    def act() -> None:
        for _ in range(2):
            with pytest.raises(DataError):
                prepared.alone("SELECT 1 / %s::int", [0])
            with pytest.raises(ProgrammingError):
                prepared.alone("SELECT of no such thing FROM nowhere", [])
            with pytest.raises(ProgrammingError):
                prepared.alone("SELECT %s", [object()])
            assert prepared.alone("SELECT 1 / %s::int", [1]) == [(1,)]

    lone(act)


def test_a_statement_that_failed_is_planned_anew() -> None:
    """Forgotten by itself in the middle of a transaction, or of a table that was changed: the next one is served."""

    def act() -> None:
        read = "SELECT * FROM changing WHERE %s::bool"
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE changing AS SELECT 1 AS one")
        with prepared.together() as send:
            assert send.run(read, [True]) == [(1,)]
        plans = prepared._kept(connections["default"]).plans
        (name,) = [name for (text, _types), name in plans.names.items() if "changing" in text]
        for change in (f"DEALLOCATE {name.decode()}", "ALTER TABLE changing ADD two int"):
            with psycopg.ClientCursor(connection.connection) as driver:
                driver.execute(change)
            with pytest.raises(DatabaseError), prepared.together() as send:
                send.run("SELECT 1")
                send.run(read, [True])
            with prepared.together() as send:
                assert send.run(read, [True])[0][0] == 1

    lone(act)
