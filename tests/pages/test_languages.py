"""Everybody finds their language in the switch; where the pages are not in it, they say so in both and stay honest."""

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import formats, timezone, translation

from governance.lib import languages
from governance.people.models import Person
from tests import told
from tests.cast import Cast
from tests.visits import visit, words

TAGS = [row.tag for row in languages.choices()]
LOCALE = settings.BASE / "governance" / "locale"


def head(page: Any) -> str:
    match = re.search(r"<html[^>]*>", page.content.decode())
    assert match is not None
    return match.group()


def test_the_pages_speak_exactly_the_languages_that_have_a_catalogue() -> None:
    there = {path.name for path in LOCALE.iterdir() if (path / "LC_MESSAGES" / "django.mo").exists()}
    assert {row.tag for row in languages.all() if row.has_own_pages} == there | {"en"}


def test_the_switch_lists_every_language_by_its_own_name_and_in_its_own_direction(cast: Cast) -> None:
    with visit(cast.bela) as client:
        page = unescape(client.get("/").content.decode())
    found = re.findall(
        r'<button name="language" value="([^"]+)" lang="([^"]+)" dir="(\w+)"[^>]*>([^<]+)</button>', page
    )
    assert [(value, lang) for value, lang, _dir, _name in found] == [(tag, tag) for tag in TAGS]
    for tag, _lang, direction, name in found:
        assert (name, direction) == (languages.native(tag), languages.direction(tag))
    assert page.count('aria-current="true"') == 1


def test_a_page_says_what_it_is_really_written_in(cast: Cast) -> None:
    with visit(cast.bela) as client:
        for found in languages.choices():
            assert client.post("/language", {"language": found.tag, "next": "/me/"})["Location"] == "/me/"
            shown = found.tag if found.has_own_pages else "en"
            for path in ("/", "/me/", "/me/history/", "/account/", "/nowhere/"):
                page = client.get(path)
                html = page.content.decode()
                way = languages.direction(shown)
                assert f'<html lang="{shown}" dir="{way}"' in head(page), f"{found.tag} {path}"
                assert page["Content-Language"] == shown
                if found.has_own_pages:
                    assert 'class="untranslated"' not in html
                    continue
                assert f"The pages are not translated into {found.name()} yet" in words(page), found.tag
                assert found.sentence in words(page)
                assert f'<p lang="{found.tag}" dir="{found.direction}">' in html


def test_urdu_is_on_the_pages_about_oneself_and_the_work_of_an_office_says_that_it_is_not(cast: Cast) -> None:
    sentence = languages.get("ur").sentence  # type: ignore[union-attr]
    for person in (cast.bela, cast.dev):
        Person.objects.filter(pk=person.pk).update(language="ur")
    with visit(cast.bela) as client:
        for path in ("/", "/me/", "/people/messages/", "/register/", "/register/systems/"):
            page = client.get(path)
            assert '<html lang="ur" dir="rtl"' in head(page) and sentence not in words(page), path
            assert "جائزہ نہیں لیا" in words(page), "nobody has reviewed these words, and the page says so"
    with visit(cast.dev) as client:
        for path in ("/me/", "/me/history/", "/account/", "/people/messages/", "/verify/"):
            page = client.get(path)
            assert '<html lang="ur" dir="rtl"' in head(page) and sentence not in words(page), path
        for path in ("/", "/register/", "/erasures/", "/requests/", "/me/datasets/"):
            page = client.get(path)
            assert '<html lang="en" dir="ltr"' in head(page) and sentence in words(page), path
            assert "This page is not translated into Urdu yet; those about yourself are." in words(page)


@pytest.mark.parametrize("tag", TAGS)
def test_nothing_breaks_in_a_language_of_which_django_knows_nothing(tag: str) -> None:
    with translation.override(tag):
        assert translation.get_language_bidi() == languages.is_rtl(tag)
        assert translation.ngettext("%(n)d day", "%(n)d days", 2)
        assert formats.date_format(timezone.now(), "j F Y, H:i") and formats.number_format(1234.5)
        assert translation.get_language_info(tag)["name_local"] == languages.native(tag)


def test_the_notice_comes_in_the_language_that_was_chosen(cast: Cast) -> None:
    told.in_every_language(cast)
    Person.objects.filter(pk=cast.bela.pk).update(language="ks")
    with visit(cast.bela) as client:
        # The person's own language counts until another is chosen on this device.
        assert 'class="notice-text" lang="ks-Arab" dir="rtl"' in client.get("/me/").content.decode()
        for tag in TAGS:
            client.post("/language", {"language": tag})
            page = client.get("/me/").content.decode()
            assert f'<div class="notice-text" lang="{tag}" dir="{languages.direction(tag)}">' in page, tag
            assert f'name="language" value="{tag}"' in page, (
                "and this is the language that the consent will name"
            )


def test_a_stranger_is_greeted_in_the_language_of_their_browser(client: Client, db: None) -> None:
    hindi = client.get("/account/login/", headers={"Accept-Language": "fr, hi-IN;q=0.8, en;q=0.5"})
    assert '<html lang="hi"' in head(hindi) and "Accept-Language" in hindi["Vary"]
    tamil = client.get("/account/login/", headers={"Accept-Language": "ta, en;q=0.5"})
    assert '<html lang="en"' in head(tamil) and "The pages are not translated into Tamil yet" in words(tamil)
    assert '<html lang="en"' in head(
        client.get("/account/login/", headers={"Accept-Language": "fr, x;;q=, *"})
    )


@pytest.mark.parametrize("chosen", ["xx", "", "<script>", "../../etc", "fr"])
def test_a_language_that_is_not_in_the_list_changes_nothing(client: Client, db: None, chosen: str) -> None:
    answer = client.post("/language", {"language": chosen, "next": "https://evil.example/"})
    assert answer["Location"] == "/" and settings.LANGUAGE_COOKIE_NAME not in client.cookies
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zz"
    assert '<html lang="en"' in head(client.get("/account/login/"))


def test_the_choice_outlives_the_visit(client: Client, db: None) -> None:
    client.post("/language", {"language": "sd"})
    cookie = client.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie.value == "sd-Arab" and int(cookie["max-age"]) > 300 * 24 * 3600 and cookie["httponly"]
