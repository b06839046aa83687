"""Signing in by e-mail and password; a reset goes to the registered address and is shown to the person."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from governance.audit.models import Entry
from governance.people.models import Message, Person
from tests.cast import Cast
from tests.visits import reading, words

PASSWORD = "seven slow monsoon clouds"


@pytest.fixture
def dev(cast: Cast) -> Person:
    cache.clear()  # rate limits of the run before
    cast.dev.set_password(PASSWORD)
    cast.dev.save()
    return cast.dev


def test_the_right_password_opens_the_start_page(dev: Person, client: Client) -> None:
    answer = client.post("/account/login/", {"login": "dev@nirmaan.example", "password": PASSWORD})
    assert answer.status_code == 302 and answer["Location"] == "/"
    page = client.get("/")
    assert page.status_code == 200 and "Dev Kulkarni" in words(page)


def test_nobody_is_greeted_in_a_language_that_is_not_theirs(dev: Person, client: Client) -> None:
    reading(dev, "hi")
    english = {"Accept-Language": "en"}
    client.post("/account/login/", {"login": "dev@nirmaan.example", "password": PASSWORD}, headers=english)
    assert "Successfully" not in words(client.get("/", headers=english))
    client.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": PASSWORD[::-1], "password2": PASSWORD[::-1]},
        headers=english,
    )
    dev.refresh_from_db()
    assert dev.check_password(PASSWORD[::-1])
    assert "successfully" not in words(client.get("/", headers=english)).lower()


def test_the_wrong_one_does_not_and_does_not_say_which_part_was_wrong(dev: Person, client: Client) -> None:
    wrong = client.post("/account/login/", {"login": "dev@nirmaan.example", "password": "x" * 12}).content
    unknown = client.post("/account/login/", {"login": "who@nirmaan.example", "password": "x" * 12}).content
    sentences = [re.findall(rb'class="error-summary".*?</div>', page, re.S) for page in (wrong, unknown)]
    assert sentences[0] and sentences[0] == sentences[1]


def test_a_person_without_a_password_does_not_come_in_and_neither_does_a_leaver(
    dev: Person, client: Client
) -> None:
    Person.objects.filter(pk=dev.pk).update(is_active=False)
    for who in ("dev", "bela"):
        answer = client.post("/account/login/", {"login": f"{who}@nirmaan.example", "password": PASSWORD})
        assert answer.status_code == 200 and "_auth_user_id" not in client.session


def test_signing_up_is_closed(client: Client, db: None) -> None:
    page = client.post(
        "/account/signup/", {"email": "x@nirmaan.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert b"Accounts are not made here" in page.content and not Person.objects.exists()


def test_a_reset_goes_to_the_registered_address_and_is_shown(dev: Person, client: Client) -> None:
    client.post("/account/password/reset/", {"email": "dev@nirmaan.example"})
    assert [m.to for m in mail.outbox] == [["dev@nirmaan.example"]]
    link = re.search(r"http://testserver(/account/password/reset/key/\S+)", mail.outbox[0].body)
    assert link is not None
    page = client.get(link.group(1), follow=True)
    place = page.redirect_chain[-1][0]
    client.post(place, {"password1": PASSWORD + "!", "password2": PASSWORD + "!"})
    assert Message.objects.filter(person=dev, code="password_changed").exists()
    assert Entry.objects.filter(code="account.password_changed", about_id=dev.pk).exists()
    dev.refresh_from_db()
    assert dev.check_password(PASSWORD + "!")


def test_a_reset_does_not_say_whether_the_address_is_known(dev: Person, client: Client) -> None:
    known = client.post("/account/password/reset/", {"email": "dev@nirmaan.example"})
    unknown = client.post("/account/password/reset/", {"email": "nobody@nirmaan.example"})
    assert known["Location"] == unknown["Location"] and len(mail.outbox) == 1


def test_signing_out_needs_a_press(dev: Person, client: Client) -> None:
    client.force_login(dev, "governance.people.signin.PersonBackend")
    assert client.get("/account/logout/").status_code == 200 and "_auth_user_id" in client.session
    client.post("/account/logout/")
    assert "_auth_user_id" not in client.session
