"""The worker representation sees what was agreed, where content went, and asks for a stop that is answered by a day."""

from datetime import date

import pytest
from django.utils import translation

from governance.audit.models import Entry
from governance.capture import stop_requests
from governance.capture.models import Programme, StopRequest
from governance.lib.refusals import Refused
from governance.people.models import Message
from tests.cast import Cast
from tests.visits import reading, visit, words

WHY = "Clicks are taken at the packing tables too, which nobody agreed to."
ANSWER = "You are right, the tables were never meant. It stops until they are off."


def test_the_answer_is_due_on_a_working_day() -> None:
    assert stop_requests.due_on(date(2026, 11, 24), "IN") == date(2026, 11, 27)
    assert stop_requests.due_on(date(2026, 11, 26), "DE") == date(2026, 11, 30)  # the 29th is a Sunday
    with translation.override("en"):
        assert stop_requests.left(date(2026, 11, 27), date(2026, 11, 28)) == "overdue"


def test_asked_on_the_page_answered_on_the_page(cast: Cast) -> None:
    for person in (cast.rupa, cast.dev):
        reading(person, "en")
    page = f"/programmes/{cast.programme.pk}/"
    with visit(cast.rupa) as browser:
        assert "Ask for a stop" in words(browser.get(page))
        asked = words(browser.get(f"{page}ask-for-a-stop/"))
        day = stop_requests.due_if_asked(cast.programme)
        assert f"answers in writing by {day.day} {day:%B %Y}." in asked
        assert browser.post(f"{page}ask-for-a-stop/", {"words": "No."}).status_code == 400
        assert browser.post(f"{page}ask-for-a-stop/", {"words": WHY}).status_code == 302
        shown = words(browser.get(page))
    assert WHY in shown and "days left" in shown and "not answered yet" in shown
    row = StopRequest.objects.get()
    assert Entry.objects.filter(
        code="programme.stop_asked", about_id=cast.programme.pk, by_id=cast.rupa.pk
    ).exists()
    for person in (cast.dev, cast.omar):
        assert Message.objects.filter(person=person, code="stop_asked").exists()
    with visit(cast.rupa) as browser:
        assert browser.post(
            f"/programmes/stops/{row.pk}/answer/", {"stop": "yes", "answer": ANSWER}
        ).status_code in (403, 404)
    with visit(cast.dev) as browser:
        assert (
            browser.post(f"/programmes/stops/{row.pk}/answer/", {"stop": "yes", "answer": ANSWER}).status_code
            == 302
        )
        assert ANSWER in words(browser.get(page))
    assert Programme.objects.get(pk=cast.programme.pk).state == "paused"
    assert Message.objects.filter(person=cast.rupa, code="stop_answered").exists()
    with pytest.raises(Refused):
        stop_requests.answer(row.pk, ANSWER, stop=False, by=cast.dara)


def test_one_request_waits_at_a_time(cast: Cast) -> None:
    first = stop_requests.ask(cast.programme, WHY, by=cast.rupa)
    assert stop_requests.ask(cast.programme, WHY + " Again.", by=cast.rupa).pk == first.pk


def test_a_manager_asks_for_no_stop_and_reads_of_none(cast: Cast) -> None:
    stop_requests.ask(cast.programme, WHY, by=cast.rupa)
    reading(cast.meera, "en")
    with visit(cast.meera) as browser:
        shown = words(browser.get(f"/programmes/{cast.programme.pk}/"))
        assert WHY not in shown and "Ask for a stop" not in shown
        assert browser.post(
            f"/programmes/{cast.programme.pk}/ask-for-a-stop/", {"words": WHY}
        ).status_code in (403, 404)


def test_where_content_went_stands_on_the_page_of_the_programme(cast: Cast) -> None:
    reading(cast.rupa, "en")
    with visit(cast.rupa) as browser:
        page = words(browser.get(f"/programmes/{cast.programme.pk}/"))
    assert "Nothing was asked for." in page.split("What was handed out, and to whom")[-1]


def test_differences_from_the_agreed_version_both_ways(cast: Cast) -> None:
    import msgspec

    from governance.capture import agreed_shown, deciding
    from governance.capture.terms import Application

    programme = Programme.objects.get(pk=cast.programme_de.pk)
    assert agreed_shown.compared(programme)["rows"] == []
    terms = deciding.terms_of(programme)
    more = msgspec.structs.replace(terms, applications=(*terms.applications[1:], Application("SAP")))
    deciding.set_terms(_paused(programme, cast), more, by=cast.omar)
    rows = agreed_shown.compared(Programme.objects.get(pk=programme.pk))["rows"]
    assert [(row[0]["word"], row[1]) for row in rows] == [
        ("taken, not agreed", "new application: SAP"), ("agreed, not taken", f"new application: {terms.applications[0].name}"),
    ]  # fmt: skip


def _paused(programme: Programme, cast: Cast) -> Programme:
    from governance.capture import programmes

    return programmes.pause(programme, by=cast.omar, because="a test")
