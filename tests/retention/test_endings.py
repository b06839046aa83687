"""Somebody leaves, a purpose is retired: what the register keeps from that day on is ordered to go when the time is over."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.people.models import Employment
from governance.purposes.models import Purpose, RetentionRule
from governance.retention import endings
from governance.retention.models import ErasureOrder
from tests.cast import Cast

LEFT = date(2026, 3, 31)


@given(
    st.dates(date(2001, 1, 1), date(2080, 1, 1)),
    st.sampled_from(["P30D", "P1M", "P3Y"]),
    st.integers(-40, 40),
)
def test_a_period_is_over_once_and_for_good(ended: date, period: str, more: int) -> None:
    from governance.lib import deadlines

    last = deadlines.period(period, ended)
    assert endings.is_over(period, ended, last + timedelta(days=more)) == (more > 0)


def rule(cast: Cast, start: str, maximum: str = "P30D", law: str = "") -> RetentionRule:
    from governance.demo import systems as demo

    demo.register(cast)
    return RetentionRule.objects.create(
        purpose=cast.purpose, category="personnel file", jurisdiction=law, start_event=start, maximum=maximum
    )


def leaves(cast: Cast, name: str, on: date) -> None:
    Employment.objects.filter(person=cast.people[name]).update(starts_on=date(2020, 1, 1), ends_on=on)


def test_a_leavers_data_are_ordered_to_go_when_the_time_after_is_over_and_nobody_elses(cast: Cast) -> None:
    rule(cast, "employment_ended")
    leaves(cast, "asha", LEFT)
    assert endings.run(LEFT + timedelta(days=30)) == 0, "the thirtieth day is still hers"
    assert endings.run(LEFT + timedelta(days=31)) == 1
    assert endings.run(LEFT + timedelta(days=32)) == 0, "once"
    order = ErasureOrder.objects.get(because="employment.ended")
    assert (order.person, order.purpose, order.processed_until) == (cast.asha, cast.purpose, LEFT)
    assert order.before == datetime.combine(LEFT + timedelta(days=31), datetime.min.time(), UTC)


def test_a_purpose_whose_entry_names_no_system_still_lies_in_the_vault(cast: Cast) -> None:
    rule(cast, "employment_ended")
    cast.purpose.systems.clear()
    leaves(cast, "asha", LEFT)
    assert endings.run(LEFT + timedelta(days=31)) == 1


def test_who_came_back_has_not_left(cast: Cast) -> None:
    rule(cast, "employment_ended")
    leaves(cast, "asha", LEFT)
    job = Employment.objects.get(person=cast.asha)
    Employment.objects.create(
        person=cast.asha, entity=job.entity, country=job.country, starts_on=LEFT + timedelta(days=3)
    )
    assert endings.run(LEFT + timedelta(days=400)) == 0


@pytest.mark.parametrize(("law", "orders"), [("IN", 1), ("EU", 0), ("", 1)])
def test_a_rule_of_one_law_touches_nobody_under_another(cast: Cast, law: str, orders: int) -> None:
    rule(cast, "employment_ended", law=law)
    leaves(cast, "asha", LEFT)
    assert endings.run(LEFT + timedelta(days=31)) == orders


def test_what_a_retired_purpose_has_left_is_due_after_its_time(cast: Cast) -> None:
    from governance.consents.models import Stream
    from tests import make

    rule(cast, "purpose_ended", "P1M")
    make.consent(cast.asha, cast.purpose)
    stream = Stream.objects.filter(person=cast.asha).first()
    assert stream is not None
    Stream.objects.filter(pk=stream.pk).update(month=date(2026, 1, 1))
    assert endings.run(date(2026, 12, 1)) == 0, "it runs"
    Purpose.objects.filter(pk=cast.purpose.pk).update(
        state="retired", changed_at=datetime(2026, 6, 1, 12, tzinfo=UTC)
    )
    assert endings.run(date(2026, 7, 1)) == 0 and endings.run(date(2026, 7, 2)) == 1
    order = ErasureOrder.objects.get(because="purpose.ended")
    assert order.person == cast.asha and stream.pk in order.streams
