"""A person reads everything that was taken of them; a manager the same as weekly bands, under the rule of ten."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from governance.audit.models import Entry
from governance.capture import bands, budget, tasks, weekly
from governance.capture.models import Arrival
from governance.lib import clock
from governance.people.models import Person
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import reading, visit, words


def test_under_the_rule_of_ten_there_is_no_line() -> None:
    names = [("ui_event", "Chrome", 12), ("ui_event", "Excel", 9), ("ui_event", "SAP", 30)]
    found = weekly.measure([("ui_event", 12, 340, 5600), ("app_usage", 9, 5, 5)], names, 34)
    assert found == {
        "ui_event": {"people": "10–19", "events": "200-499", "bytes": "5000-9999", "applications": ["Chrome"]}
    }


def test_a_manager_reads_the_week_as_bands(cast: Cast) -> None:
    reading(cast.meera, "en")
    week = bands.monday(clock.now().date()) - bands.WEEK
    people = list(Person.objects.filter(employments__entity=cast.software)[:3])
    for person in people:
        Arrival.objects.create(
            segment=uuid4(), stream=uuid4(), person=person, purpose=cast.purpose, signal="ui_event", day=week, events=40, bytes=900,
            applications={"Chrome": 40}, last_at=clock.now(), admitted_at=clock.now() - timedelta(days=7),
        )  # fmt: skip
    with as_login("worker"):
        assert weekly.count() == 2 and weekly.count() == 0
    with visit(cast.meera) as browser:
        page = words(browser.get(f"/programmes/{cast.programme.pk}/"))
    assert "What was taken, week by week" in page and "no figure" in page  # three are fewer than ten


def test_in_a_demo_of_a_day_to_come_the_week_before_that_day_is_over(cast: Cast, settings: Any) -> None:
    settings.TODAY = (bands.monday(clock.now().date()) + bands.WEEK).isoformat()
    make.consent(cast.bela, cast.purpose)
    make.post(cast, make.event("N-1002"))
    with as_login("worker"):
        tasks.count_bands()
    week = (bands.monday(clock.now().date())).isoformat()
    for code in (weekly.CODE, budget.CODE):
        assert Entry.objects.filter(about_id=cast.programme.pk, code=code, facts__week=week).exists(), code
    assert cast.programme.bands.get().week.isoformat() == settings.TODAY


def test_a_person_reads_days_signals_bytes_applications_and_the_last_batches(cast: Cast) -> None:
    reading(cast.bela, "en")
    make.consent(cast.bela, cast.purpose)
    for application in ("Chrome", "Excel"):
        make.post(
            cast,
            make.event("N-1002", application=application),
            make.event("N-1002", "app_usage", application=application),
        )
    with visit(cast.bela) as browser:
        page = words(browser.get("/me/"))
    assert "Kept by day and signal" in page and "Chrome, Excel" in page
    assert page.split("The last batches")[1].count(":") >= 2
