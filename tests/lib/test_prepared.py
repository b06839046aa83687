"""Planned once for a connection: one within another, errors in Django's words, and the connection as it was before."""

import pytest
from django.db import DataError, connection, transaction

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
