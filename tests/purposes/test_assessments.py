"""The value assessment of a data item: who decides, until when, and that nothing is recorded without one."""

from datetime import date, timedelta
from typing import Any

import pytest

from governance.audit.models import Entry
from governance.lib import clock
from governance.lib.deadlines import add_months
from governance.purposes import assessments
from governance.purposes.models import Assessment
from tests import make
from tests.cast import Cast
from tests.visits import visit, words


def today() -> date:
    return clock.law_date("Asia/Kolkata")


def form(**said: Any) -> dict[str, Any]:
    until = (today() + timedelta(days=100)).isoformat()
    return {
        "why_needed": "Order of steps.",
        "what_less": "Counts show none.",
        "justified": "yes",
        "until": until,
    } | said


def test_the_owner_writes_one_and_the_one_before_stays_readable(cast: Cast) -> None:
    with visit(cast.omar) as client:
        page = words(client.get(f"/register/{cast.purpose.pk}/assessments/ui_event/"))
        assert "This replaces the assessment of Omar Sheikh" in page
        answer = client.post(f"/register/{cast.purpose.pk}/assessments/ui_event/", form(), follow=True)
    page = words(answer)
    assert (
        "The assessment counts from today" in page
        and "Order of steps." in page
        and "1 earlier assessment" in page
    )
    living = cast.purpose.assessments.get(item="ui_event", ended_at__isnull=True)
    assert living.decided_by == cast.omar and living.decided_on == today()
    assert Entry.objects.filter(code="item.assessed", about_id=cast.purpose.pk, by_id=cast.omar.pk).exists()


def test_an_item_that_is_not_needed_is_not_recorded_any_more(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event", "app_usage")
    with visit(cast.omar) as client:
        client.post(f"/register/{cast.purpose.pk}/assessments/app_usage/", form(justified="no"))
    number = cast.asha.number
    assert make.post(cast, make.event(number), make.event(number, "app_usage"))["admitted"] == 1
    with visit(cast.asha) as client:
        assert client.get("/me/").status_code in (200, 302, 404)  # her page still opens


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"why_needed": " "}, "This cannot stay empty."),
        ({"what_less": ""}, "This cannot stay empty."),
        ({"justified": ""}, "Choose one."),
        ({"justified": "maybe"}, "Select a valid choice"),
        ({"until": "2020-01-01"}, "This day is past."),
        ({"until": "2099-01-01"}, "more than two years"),
        ({"until": ""}, "Give a day."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    cast: Cast, said: dict[str, str], sentence: str
) -> None:
    before = Assessment.objects.count()
    with visit(cast.omar) as client:
        answer = client.post(f"/register/{cast.purpose.pk}/assessments/ui_event/", form(**said))
    assert answer.status_code == 400 and sentence in words(answer)
    assert "Order of steps." in words(answer) or "why_needed" in said
    assert Assessment.objects.count() == before


def test_two_years_to_the_day_are_the_most(cast: Cast) -> None:
    last = add_months(today(), 24)
    with visit(cast.omar) as client:
        assert (
            client.post(
                f"/register/{cast.purpose.pk}/assessments/ui_event/", form(until=last.isoformat())
            ).status_code
            == 302
        )
        late = (last + timedelta(days=1)).isoformat()
        assert (
            client.post(f"/register/{cast.purpose.pk}/assessments/ui_event/", form(until=late)).status_code
            == 400
        )


def test_ending_one_takes_one_press_and_the_item_out(cast: Cast) -> None:
    living = cast.purpose.assessments.get(item="mouse_path", ended_at__isnull=True)
    with visit(cast.dev) as client:
        page = words(client.post(f"/register/assessments/{living.pk}/end/", follow=True))
    assert "Nothing more of this item is recorded" in page
    assert not cast.purpose.signals.filter(code="mouse_path").exists()
    assert assessments.end(living.pk, on=today(), by=cast.dev).ended_at  # a second press changes nothing
    assert Entry.objects.filter(code="item.assessment_ended", about_id=cast.purpose.pk).count() == 1


def test_who_may_read_and_who_may_decide(cast: Cast) -> None:
    living = cast.purpose.assessments.get(item="mouse_path", ended_at__isnull=True)
    for person, read, write in ((cast.omar, 200, 200), (cast.dev, 200, 200), (cast.arun, 200, 404), (cast.lata, 200, 404), (cast.rupa, 200, 404),
                                (cast.asha, 404, 404), (cast.ira, 404, 404)):  # fmt: skip
        with visit(person) as client:
            assert client.get(f"/register/{cast.purpose.pk}/assessments/").status_code == read
            assert client.get(f"/register/{cast.purpose.pk}/assessments/ui_event/").status_code == write
            if write == 404:
                assert client.post(f"/register/assessments/{living.pk}/end/").status_code == 404
    living.refresh_from_db()
    assert living.ended_at is None


def test_an_item_that_the_register_does_not_name_has_no_form(cast: Cast) -> None:
    with visit(cast.omar) as client:
        assert client.get(f"/register/{cast.purpose.pk}/assessments/typed_text/").status_code == 404
