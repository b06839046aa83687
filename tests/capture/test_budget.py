"""What watchers of a programme read: what the minimiser leaves, how much is kept as bands of ten people, and the stops."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.audit.models import Entry
from governance.capture import budget, deciding, kept, programmes, stops
from governance.capture.bands import WEEK, monday
from governance.capture.models import Arrival, Programme
from governance.lib import clock
from governance.people.models import Person
from governance.purposes import catalogue
from tests import make
from tests.cast import Cast
from tests.visits import visit, words

SECRETS = ("Maya", "Rao", "insured", "N-0000")


def page_for(cast: Cast, person: Person) -> str:
    Person.objects.filter(pk=person.pk).update(language="en")
    with visit(Person.objects.get(pk=person.pk)) as client:
        return words(client.get(f"/programmes/{cast.programme.pk}/"))


def arrive(cast: Cast, person: Person, day: date, size: int, events: int = 10) -> None:
    Arrival.objects.create(
        segment=uuid4(), stream=uuid4(), person=person, purpose=cast.purpose, signal="ui_event", day=day, events=events, bytes=size,
        last_at=clock.now(), admitted_at=clock.now(),
    )  # fmt: skip


def last_week() -> date:
    return monday(clock.now().date()) - WEEK


@pytest.fixture
def crowd(db: None) -> list[Person]:
    make.cast(colleagues=24)
    return list(Person.objects.filter(number__startswith="N-11").order_by("number"))


@pytest.fixture
def company(crowd: list[Person]) -> Any:
    programme = Programme.objects.select_related("purpose").get(number="CP-0001")
    people = {key: Person.objects.get(name__startswith=key.title()) for key in ("rupa", "omar", "dev")}
    return type("Company", (), {"programme": programme, "purpose": programme.purpose, **people})


def facts(programme: Programme) -> dict[str, dict[str, Any]]:
    return {entry.facts["week"]: entry.facts for entry in Entry.objects.filter(code=budget.CODE, about_id=programme.pk)}  # fmt: skip


class TestWhatIsKept:
    @pytest.mark.parametrize("code", [c for c, kind in catalogue.signals().items() if kind.fields])
    def test_the_made_up_event_loses_everything_that_names_somebody(self, code: str) -> None:
        left = str(kept.cut(code, catalogue.signals()[code].fields))
        assert not any(secret in left for secret in SECRETS)

    def test_the_page_shows_both_sides_to_those_who_watch(self, cast: Cast) -> None:
        for person in (cast.rupa, cast.omar, cast.dev):
            page = page_for(cast, person)
            assert "Before the minimiser" in page and "insured=Maya+Rao" in page and "claims.example" in page
            assert "left out, never stored" in page and "fields stay" in page
        assert "Before the minimiser" not in page_for(cast, cast.meera)

    def test_a_field_that_was_not_agreed_reads_as_left_out(self, cast: Cast) -> None:
        rows = {row[0]: row for row in kept.shown(cast.programme)[-1]["rows"]}
        assert rows["address of the page"][2] == "claims.example"
        narrow = msgspec.structs.replace(deciding.terms_of(cast.programme), signals={"ui_event": ("role",)})
        Programme.objects.filter(pk=cast.programme.pk).update(**deciding.projected(narrow))
        (table,) = kept.shown(Programme.objects.get(pk=cast.programme.pk))
        rows = {row[0]: row for row in table["rows"]}
        assert rows["address of the page"][2] == "left out, never stored"
        assert rows["kind of element"][2] == "button"


class TestBudget:
    def test_fewer_than_ten_make_no_figure(self, crowd: list[Person], company: Any) -> None:
        for person in crowd[:9]:
            arrive(company, person, last_week(), 5_000_000)
        budget.count()
        assert facts(company.programme)[last_week().isoformat()] == {
            "week": last_week().isoformat(), "fields": "", "bytes": "", "above": False, "most": budget.allowed(),
        }  # fmt: skip
        page = page_for(company, company.rupa)
        assert "No figure is shown" in page and "more than its budget" not in page

    def test_twelve_make_a_band_and_an_alert_above_the_budget(
        self, crowd: list[Person], company: Any
    ) -> None:
        for person in crowd[:12]:
            arrive(company, person, last_week() - WEEK, 300)
            arrive(company, person, last_week(), budget.allowed() + 1)
        assert budget.count() >= 2
        found = facts(company.programme)
        assert found[(last_week() - WEEK).isoformat()]["bytes"] == "200-499"
        assert [found[(last_week() - n * WEEK).isoformat()]["above"] for n in (1, 0)] == [False, True]
        page = page_for(company, company.rupa)
        assert "Last week this programme kept more than its budget" in page and "200–499" in page
        assert "200,001" not in page and "200001" not in page

    def test_a_counted_week_stays_whatever_is_erased(self, crowd: list[Person], company: Any) -> None:
        for person in crowd[:10]:
            arrive(company, person, last_week(), 1000)
        budget.count()
        before = page_for(company, company.dev).split("How much is kept")[1].split("Stops")[0]
        Arrival.objects.filter(person=crowd[0]).delete()
        assert budget.count() == 0
        assert page_for(company, company.dev).split("How much is kept")[1].split("Stops")[0] == before

    def test_this_week_is_not_counted_before_it_is_over(self, crowd: list[Person], company: Any) -> None:
        for person in crowd[:12]:
            arrive(company, person, clock.now().date(), 1000)
        budget.count()
        assert not any(week["bytes"] for week in facts(company.programme).values())
        budget.count(clock.now().date() + timedelta(days=7))
        assert facts(company.programme)[(last_week() + WEEK).isoformat()]["bytes"] == "1000-1999"

    @given(st.integers(0, 10**12))
    def test_a_band_holds_its_number_and_begins_with_one_two_or_five(self, number: int) -> None:
        low, high = (int(end) for end in budget.steps(number).split("-"))
        assert low <= number <= high and (low == 0 or str(low).rstrip("0") in {"1", "2", "5"})
        assert budget.steps(high + 1) != budget.steps(number) == budget.steps(low)

    @given(st.integers(0, 30), st.integers(0, 30))
    def test_ten_stand_behind_every_figure_and_ten_do_not(self, some: int, rest: int) -> None:
        day = date(2026, 11, 23)
        rows = [{"person_id": UUID(int=n), "day": day, "signal": "ui_event", "events": 1, "bytes": 9_000_000} for n in range(some)]  # fmt: skip
        said = budget.measure(rows, {"ui_event": 5}, some + rest, 1)
        assert bool(said["bytes"] or said["fields"] or said["above"]) == (some >= 10 and rest >= 10)


class TestStops:
    def test_from_the_pause_to_the_start_with_its_minutes(self, cast: Cast) -> None:
        assert "It has not been stopped so far." in page_for(cast, cast.rupa)
        programmes.pause(cast.programme, by=cast.dev, because="a look")
        assert "still stopped" in page_for(cast, cast.rupa)
        programmes.start(cast.programme, by=cast.omar)
        programmes.pause(cast.programme, by=None, because="over-collection")
        one, two = stops.of(cast.programme)
        assert one.to is not None and two.to is None and (one.by_machine, two.by_machine) == (False, True)
        page = page_for(cast, cast.rupa)
        assert "under a minute" in page and "the system itself" in page
        assert "Stops and how long" not in page_for(cast, cast.meera)

    def test_minutes_are_whole_and_a_stop_that_lasts_counts_until_now(self) -> None:
        since = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        assert stops.Stop(since, since + timedelta(minutes=61, seconds=59), True).minutes(since) == 61
        assert stops.Stop(since, None, True).minutes(since + timedelta(hours=2)) == 120
