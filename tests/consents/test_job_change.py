"""A yes belongs to the job in which it was given (G10): it ends with the job, on the entity's day, and not later."""

from datetime import date, timedelta
from typing import Any

import pytest

from governance.consents import following, jobs
from governance.consents.models import ConsentEvent, ConsentRecord, Stream
from governance.consents.tasks import follow
from governance.people import roster, sheet
from governance.people.models import Employment, Message, Person, Unit
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import visit, words

TODAY = jobs.day_at("Asia/Kolkata")
YESTERDAY = TODAY - timedelta(days=1)


def job_of(person: Person) -> Employment:
    return Employment.objects.get(person=person, ends_on=None)


def move(person: Person, *, on: date = TODAY, **elsewhere: Any) -> Employment:
    """As the staff list writes it: the old job ends the day before, the new one begins."""
    old = job_of(person)
    Employment.objects.filter(pk=old.pk).update(ends_on=on - timedelta(days=1))
    same = {
        "entity": old.entity, "site": old.site, "unit": old.unit, "country": old.country, "manager": old.manager,
        "employer": old.employer,
    }  # fmt: skip
    return Employment.objects.create(person=person, starts_on=on, **(same | elsewhere))


def admitted(cast: Cast) -> int:
    return make.post(cast, make.event("N-1002"))["admitted"]


@pytest.fixture
def given(cast: Cast) -> Cast:
    make.consent(cast.bela, cast.purpose, "ui_event")
    assert admitted(cast) == 1
    return cast


class TestTheDecision:
    """Before any timetable has come."""

    def test_who_left_yesterday_is_not_recorded_today(self, given: Cast) -> None:
        Employment.objects.filter(person=given.bela).update(ends_on=YESTERDAY)
        assert admitted(given) == 0

    def test_on_the_last_day_the_yes_still_counts(self, given: Cast) -> None:
        Employment.objects.filter(person=given.bela).update(ends_on=TODAY)
        assert admitted(given) == 1

    @pytest.mark.parametrize(
        ("zone", "counts"), [("Pacific/Kiritimati", False), ("Etc/GMT+12", True)], ids=["ahead", "behind"]
    )
    def test_the_day_is_that_of_the_entity(self, given: Cast, zone: str, counts: bool) -> None:
        """There are 26 hours between the two: on the day that the one has, the other has not begun or has ended."""
        given.software.timezone = zone
        given.software.save()
        last = jobs.day_at("Etc/GMT+12")
        Employment.objects.filter(person=given.bela).update(ends_on=last)
        assert admitted(given) == int(counts)

    @pytest.mark.parametrize("what", ["unit", "country", "employer", "entity"])
    def test_another_job_is_another_question(self, given: Cast, what: str) -> None:
        new = {
            "unit": Unit.objects.create(entity=given.software, name="Pune finance"),
            "country": "DE", "employer": "Samruddhi Staffing", "entity": given.gmbh,
        }[what]  # fmt: skip
        move(given.bela, **{what: new})
        assert admitted(given) == 0

    def test_another_manager_or_desk_is_the_same_job(self, given: Cast) -> None:
        move(given.bela, manager=given.omar, site=None)
        assert admitted(given) == 1 and following.follow() == 0

    def test_a_correction_of_the_staff_list_ends_nothing(self, given: Cast) -> None:
        Employment.objects.filter(person=given.bela).update(
            unit=Unit.objects.create(entity=given.software, name="Pune finance")
        )
        assert admitted(given) == 1

    def test_a_job_that_begins_tomorrow_changes_nothing_today(self, given: Cast) -> None:
        move(given.bela, on=TODAY + timedelta(days=1), country="DE")
        assert admitted(given) == 1

    def test_those_who_run_the_client_hear_the_same_code(self, given: Cast) -> None:
        Employment.objects.filter(person=given.bela).update(ends_on=YESTERDAY)
        assert make.post(given, make.event("N-1002"))["turned_away"] == {"not_permitted": 1}


class TestTheTimetable:
    def test_it_ends_the_yes_closes_the_stream_and_orders_the_erasure(self, given: Cast) -> None:
        Employment.objects.filter(person=given.bela).update(ends_on=YESTERDAY)
        with as_login("worker"):
            follow()
        event = ConsentEvent.objects.get(person=given.bela, status="expired")
        assert (event.by_kind, event.method) == ("system", "job_changed")
        order = ErasureOrder.objects.get(person=given.bela, purpose=given.purpose)
        assert order.because_id == event.pk and order.streams
        assert not Stream.objects.filter(person=given.bela, state__in=("open", "waiting")).exists()
        assert Message.objects.filter(person=given.bela, code="consent_job_changed").count() == 1
        assert following.follow() == 0

    def test_it_leaves_everybody_else_alone(self, given: Cast) -> None:
        make.consent(given.asha, given.purpose, "ui_event", language="hi")
        Employment.objects.filter(person=given.bela).update(ends_on=YESTERDAY)
        assert following.follow() == 1
        assert ConsentRecord.objects.get(person=given.asha).is_on


def test_a_yes_in_the_new_job_ends_the_old_one_first(given: Cast) -> None:
    """So what was recorded in the old job is erased, also when she is quicker than the timetable."""
    move(given.bela, country="DE")
    make.consent(given.bela, given.purpose, "ui_event")
    old, new = ConsentRecord.objects.filter(person=given.bela).order_by("number")
    assert (old.ended_because, new.status) == ("job_changed", "given") and new.job == job_of(given.bela)
    assert ErasureOrder.objects.filter(person=given.bela).count() == 1
    assert admitted(given) == 1


def test_who_has_left_reads_it_and_may_withdraw_at_once(given: Cast) -> None:
    Employment.objects.filter(person=given.bela).update(ends_on=YESTERDAY)
    with visit(given.bela) as client:
        page = words(client.get("/me/"))
        assert "It ended with that job, so nothing is recorded." in page
        assert "Withdraw everything for this purpose" in page
        following.follow()
        page = words(client.get("/me/"))
    assert "with your earlier job." in page


def test_on_the_last_day_the_page_is_still_there(given: Cast) -> None:
    Employment.objects.filter(person=given.bela).update(ends_on=TODAY)
    with visit(given.bela) as client:
        assert "On since" in words(client.get("/me/"))


def leaver(cast: Cast, on: date) -> bytes:
    """Bela's line of the staff list, with the day on which she left."""
    job = job_of(cast.bela)
    line = {
        "number": cast.bela.number, "name": cast.bela.name, "email": cast.bela.email, "language": cast.bela.language,
        "entity": "NSP", "site": job.site.name, "unit": job.unit.name, "country": job.country, "manager": job.manager.number,
        "employer": job.employer, "starts_on": job.starts_on.isoformat(), "ends_on": on.isoformat(), "under_18": "no",
    }  # fmt: skip
    columns = [str(column) for column in sheet.COLUMNS]
    return (",".join(columns) + "\n" + ",".join(str(line.get(c, "")) for c in columns) + "\n").encode()


def test_the_import_of_a_leaver_stops_the_recording(given: Cast) -> None:
    ira = Person.objects.get(pk=given.ira.pk)
    raw = leaver(given, YESTERDAY)
    seen = roster.read(raw, by=ira, on=TODAY)
    assert not seen.problems, seen.problems
    roster.take_over(raw, by=ira, on=TODAY, seen=seen.digest)
    assert admitted(given) == 0
    assert following.follow() == 1
