"""The frame: language, appearance, health, and refusals that reach the person as a sentence."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from governance.consents import ledger
from governance.lib.refusals import Refused
from governance.pages.middleware import came_from, refusals_become_sentences
from governance.people.models import Person
from tests.cast import Cast
from tests.visits import visit


def test_the_portal_speaks_the_persons_language(cast: Cast) -> None:
    with visit(cast.asha) as client:
        assert b'<html lang="hi"' in client.get("/").content


def test_a_language_chosen_on_this_device_comes_first(cast: Cast) -> None:
    with visit(cast.asha) as client:
        client.post("/language", {"language": "en", "next": "/"})
        assert b'<html lang="en"' in client.get("/").content


def test_a_language_that_the_interface_does_not_have_falls_back(cast: Cast) -> None:
    Person.objects.filter(pk=cast.bela.pk).update(language="sat")
    with visit(cast.bela) as client:
        assert b'<html lang="en"' in client.get("/").content


def test_nobody_signed_in_costs_no_query(client: Client, db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        client.get("/account/inactive/")
    with django_assert_num_queries(1):  # the database answers: that is the question
        assert client.get("/healthz").content == b"ok"


def test_health_says_away_and_no_more_when_the_database_is_gone(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        from django.db import OperationalError

        raise OperationalError("host=secret user=secret")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", gone)
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"away")


def test_appearance_is_kept_on_the_device_and_leads_nowhere_else(client: Client, db: None) -> None:
    answer = client.post("/appearance", {"theme": "dark", "next": "https://evil.example/"})
    assert answer["Location"] == "/" and client.cookies["sammati_appearance"].value == "dark"
    assert b'data-bs-theme="dark"' in client.get("/account/login/").content
    client.post("/appearance", {"theme": "<script>", "next": "/account/login/"})
    assert client.cookies["sammati_appearance"].value == "dark"
    assert client.get("/appearance").status_code == 405


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_going_back_never_leaves_the_portal(there: str) -> None:
    assert came_from(RequestFactory().post("/x", headers={"Referer": there}), there) == "/"


def refuse(request: HttpRequest) -> HttpResponse:
    raise AssertionError


def say(request: HttpRequest) -> HttpResponse:
    answer = refusals_become_sentences(refuse).process_exception(
        request, Refused("Not %(what)s.", code="no", what="today")
    )  # type: ignore[attr-defined]
    assert answer is not None
    return answer


def test_a_refused_post_goes_back_with_the_sentence(cast: Cast) -> None:
    notice = cast.purpose.published_notice()
    ledger.refuse(cast.purpose, ["ui_event"], by=cast.bela, notice=notice, language="en")
    with visit(cast.ira) as client:
        role = cast.dev.roles.first()
        client.post(f"/people/roles/{role.pk}/end/")
        other = client.post(
            f"/people/{cast.ira.pk}/grant/",
            {"role": "owner", "entity": cast.software.pk},
            headers={"Referer": "http://testserver/people/"},
        )
    assert other.status_code == 409 and b"You cannot give a role to yourself" in other.content


def test_a_machine_hears_a_code_and_a_person_a_page() -> None:
    make = RequestFactory()
    answer = say(make.post("/api/v1/x"))
    assert answer.status_code == 409 and b'"code": "no"' in answer.content and b"Not today." in answer.content
    assert say(make.get("/x")).status_code == 409


def test_htmx_is_sent_back_whole(cast: Cast) -> None:
    from django.contrib.messages.storage.fallback import FallbackStorage

    request = RequestFactory().post("/x", headers={"Referer": "http://testserver/people/"})
    request.session, request.htmx = {}, True  # type: ignore[attr-defined,assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    answer = say(request)
    assert answer.status_code == 204 and answer["HX-Redirect"] == "http://testserver/people/"
    assert [str(m) for m in get_messages(request)] == ["Not today."]


def test_another_error_is_left_alone() -> None:
    seen = refusals_become_sentences(refuse).process_exception(RequestFactory().post("/x"), ValueError("x"))  # type: ignore[attr-defined]
    assert seen is None


def test_the_law_date_of_a_demo_stands_on_every_page(cast: Cast, settings: Any) -> None:
    settings.TODAY = "2027-06-01"
    with visit(cast.bela) as client:
        assert "the law of 1 June 2027" in client.get("/").content.decode()
