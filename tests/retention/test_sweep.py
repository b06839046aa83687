"""Rules whose time has come raise orders by themselves, once; what the law kept long enough is erased."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from governance.consents.models import Stream
from governance.lib.deadlines import add_months
from governance.retention import rules, sweep
from governance.retention.models import ErasureOrder
from tests.retention.conftest import Stage


@pytest.mark.parametrize(
    ("maximum", "today", "last"),
    [
        ("P12M", date(2027, 11, 24), date(2026, 11, 23)), ("P30D", date(2026, 12, 1), date(2026, 10, 31)),
        ("P1M", date(2027, 3, 31), date(2027, 2, 28)), ("P1Y", date(2028, 2, 29), date(2027, 2, 28)),
    ],
)  # fmt: skip
def test_the_cut_off_is_never_early(maximum: str, today: date, last: date) -> None:
    from governance.lib.deadlines import period

    assert rules.cut_off(maximum, today) == last
    assert period(maximum, last) < today <= period(maximum, last + timedelta(days=1))


def test_a_year_after_the_month_of_collection_the_stream_is_ordered_to_go(stage: Stage) -> None:
    stage.consent("asha")
    stream = Stream.objects.filter(person=stage.cast.asha).first()
    assert stream is not None
    month_over = add_months(stream.month, 1)
    stage.world.sign_in("eraser")
    rows_too_new = month_over  # the store's rows are of today: not yet
    assert sweep.run(rows_too_new) == 0

    late = date(month_over.year + 1, month_over.month, 2)
    assert sweep.run(late) == 4, "asha's stream, and what the store still holds of the four"
    assert sweep.run(late) == 0 and sweep.run(late + timedelta(days=1)) == 0, "an order is raised once"
    orders = ErasureOrder.objects.filter(because="rule.due")
    order = orders.get(person=stage.cast.asha)
    assert set(order.streams) == set(
        Stream.objects.filter(person=stage.cast.asha).values_list("pk", flat=True)
    )
    assert order.before < datetime(late.year, late.month, late.day, tzinfo=UTC)
    assert order.processed_until < late - timedelta(days=364)


def test_rows_of_a_database_that_are_too_old_are_found_by_number(stage: Stage) -> None:
    stage.store.do(
        "UPDATE sessions SET started_at = started_at - interval '2 years' WHERE person_number IN ('N-2001', 'N-1002')"
    )
    stage.world.sign_in("eraser")
    today = datetime.now(UTC).date()
    sweep.run(today)
    found = set(
        ErasureOrder.objects.filter(because="rule.due").values_list("person__number", "purpose__entity__code")
    )
    # One order per person and purpose that the store serves; Bela's under Indian law begins when the Indian rule applies.
    assert ("N-2001", "NG") in found
    order = ErasureOrder.objects.get(person=stage.cast.emil, purpose=stage.cast.purpose_de)
    assert stage.carry_out(order) == "done"
    assert stage.store.ask("SELECT count(*) FROM sessions WHERE person_number = 'N-2001'") == 0
    assert stage.store.ask("SELECT count(*) FROM sessions WHERE person_number = 'N-1001'") == 3


def test_what_was_locked_away_is_erased_when_the_day_has_come(stage: Stage, settings: Any) -> None:
    settings.TODAY = "2027-06-01"
    stage.consent("asha")
    order = stage.withdraw("asha")
    assert order.state == "restricted_hold"
    stage.world.sign_in("eraser")
    sweep.run(date(2028, 5, 31))
    order.refresh_from_db()
    assert order.state == "restricted_hold"
    sweep.run(date(2028, 6, 1))
    order.refresh_from_db()
    assert order.state == "waiting"
    settings.TODAY = "2028-06-01"
    assert stage.carry_out(order) == "done"
    assert stage.store.ask("SELECT count(*) FROM sessions WHERE person_number = 'N-1001'") == 0


def test_a_month_of_the_vault_is_dropped_whole_only_when_nothing_is_in_it(stage: Stage) -> None:
    from django.db import connection

    from governance.capture import vault

    stage.consent("asha")
    stage.world.sign_in("eraser")
    with connection.cursor() as cursor:
        cursor.execute("SELECT vault.ensure_period('2020-03-15')")
    assert vault.drop_empty_periods(date(2020, 3, 31)) == []
    assert vault.drop_empty_periods(datetime.now(UTC).date()) == ["segment_2020_03"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault.segment WHERE person = %s", [stage.cast.asha.pk])
        assert cursor.fetchone()[0] == 1
