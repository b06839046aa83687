"""Periods end when the laws say: the vectors of our own notes on Regulation 1182/71 and the General Clauses Act."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.lib import deadlines


@pytest.mark.parametrize(
    ("received", "months", "due"),
    [
        (date(2027, 1, 31), 1, date(2027, 3, 1)),  # 28 February is a Sunday
        (date(2027, 3, 31), 1, date(2027, 4, 30)),
        (date(2027, 1, 15), 1, date(2027, 2, 15)),
        (date(2027, 1, 15), 3, date(2027, 4, 15)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 25), 1, date(2026, 12, 28)),  # both days of Christmas, then a weekend
    ],
)
def test_a_month_of_european_law(received: date, months: int, due: date) -> None:
    assert deadlines.months_after(received, months, country="DE", in_eu=True) == due


def test_ninety_days_of_indian_law() -> None:
    assert deadlines.days_after(date(2027, 6, 1), 90) == date(2027, 8, 30)


def test_seventy_two_hours_run_through_the_weekend() -> None:
    friday = datetime(2027, 6, 4, 18, 30, tzinfo=UTC)
    assert deadlines.hours_after(friday, 72) == datetime(2027, 6, 7, 18, 30, tzinfo=UTC)


def test_a_year_from_the_processing() -> None:
    assert deadlines.period("P1Y", date(2027, 8, 10)) == date(2028, 8, 10)
    assert deadlines.period("P12M", date(2028, 2, 29)) == date(2029, 2, 28)
    assert deadlines.period("P30D", date(2027, 1, 31)) == date(2027, 3, 2)


@pytest.mark.parametrize("wrong", ["", "1Y", "P1W", "PT5H", "P-1D", "PY"])
def test_what_is_no_period_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="period"):
        deadlines.period(wrong, date(2027, 1, 1))


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 24), st.sampled_from(["DE", "FR", "IT"]))
def test_an_end_under_eu_law_is_never_early_and_never_on_a_closed_day(
    day: date, months: int, country: str
) -> None:
    end = deadlines.months_after(day, months, country=country, in_eu=True)
    assert end >= deadlines.add_months(day, months) and end.weekday() < 5
    assert (end - deadlines.add_months(day, months)).days <= 6
