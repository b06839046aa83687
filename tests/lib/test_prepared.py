"""Planned once for a connection: one within another, errors in Django's words, and the connection as it was before."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DataError, connection, transaction
from hypothesis import example, given
from hypothesis import strategies as st

from governance.audit import log
from governance.audit.models import Entry
from governance.lib import prepared

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


def test_of_statements_that_go_together_each_hears_its_own_answer() -> None:
    for _ in range(3):  # the second time with cursors that have been used before
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
