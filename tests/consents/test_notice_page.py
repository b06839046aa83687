"""A notice as a page of its own: for those whom it tells and for readers of the register, in every language, to keep."""

import re
from typing import Any

import pytest

from governance.lib import languages
from governance.purposes.models import Notice
from tests import make, told
from tests.cast import Cast
from tests.visits import visit, words

TAGS = [row.tag for row in languages.choices()]
READ = "/register/notices/{}/read/{}/"


@pytest.fixture
def notice(cast: Cast) -> Notice:
    return told.in_every_language(cast)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_each_page_holds_every_word_in_its_direction_with_fingerprint_version_and_day(
    cast: Cast, notice: Notice
) -> None:
    with visit(cast.bela) as client:
        for text in notice.texts.all():
            tag, direction = text.language, languages.direction(text.language)
            page = client.get(READ.format(notice.pk, tag))
            html, said = page.content.decode(), words(page)
            assert page.status_code == 200
            assert f'<h1 lang="{tag}" dir="{direction}">' in html
            assert f'<div class="notice-text" lang="{tag}" dir="{direction}">' in html
            for part in (text.title, *text.elements.values()):
                assert squeezed(part) in said, tag
            assert text.sha256 in said and f"version {notice.version} of" in said
            assert 'class="sidenav' not in html and 'class="topbar' not in html, "without the portal's menu"
            for other in TAGS:
                assert f'lang="{other}"' in html and languages.native(other) in said
            assert '<html lang="en"' in html, "around the text the page speaks what it can"


def test_both_addresses_show_the_same_page(cast: Cast, notice: Notice) -> None:
    with visit(cast.bela) as client:
        by_purpose = client.get(f"/me/purposes/{cast.purpose.pk}/notice/?lang=ta")
        by_notice = client.get(READ.format(notice.pk, "ta"))
    assert words(by_purpose) == words(by_notice)


def test_an_earlier_version_stays_readable_and_says_so(cast: Cast, notice: Notice) -> None:
    first = cast.purpose.notices.get(version=1)
    make.consent(cast.bela, cast.purpose, "ui_event")
    with visit(cast.bela) as client:
        old = words(client.get(READ.format(first.pk, "en")))
        new = words(client.get(READ.format(notice.pk, "en")))
    assert "This is an earlier version, kept as it was shown." in old and "earlier version" not in new
    assert first.texts.get(language="en").sha256 in old


def test_a_language_without_a_text_is_shown_in_english_and_says_so(cast: Cast) -> None:
    first = cast.purpose.published_notice()
    with visit(cast.bela) as client:
        page = client.get(READ.format(first.pk, "ta"))
    assert (
        "There is no text in your language yet" in words(page)
        and '<h1 lang="en" dir="ltr">' in page.content.decode()
    )


def test_words_that_nobody_has_reviewed_are_for_readers_of_the_register_only(cast: Cast) -> None:
    first = cast.purpose.published_notice()
    assert first.texts.filter(language="ks-Arab", is_demo=True).exists()
    with visit(cast.bela) as client:
        assert "not reviewed yet" not in words(client.get(READ.format(first.pk, "ks-Arab")))
        assert first.texts.get(language="ks-Arab").title not in words(
            client.get(READ.format(first.pk, "ks-Arab"))
        )
    with visit(cast.dev) as client:
        page = client.get(READ.format(first.pk, "ks-Arab"))
    assert "This text was not reviewed yet: nobody is asked in it." in words(page)
    assert '<h1 lang="ks-Arab" dir="rtl">' in page.content.decode() and "Keep it as PDF" not in words(page)


def test_a_draft_is_read_by_the_register_and_by_nobody_else(cast: Cast) -> None:
    from governance.purposes import notices

    draft = notices.new_version(cast.purpose, by=cast.dev)
    with visit(cast.dev) as client:
        page = words(client.get(READ.format(draft.pk, "en")))
    assert "a draft" in page and "Keep it as PDF" not in page
    with visit(cast.bela) as client:
        assert client.get(READ.format(draft.pk, "en")).status_code == 404


OPENS = {"asha": 200, "bela": 200, "meera": 200, "dev": 200, "lata": 200, "arun": 200, "emil": 404}


def test_it_opens_for_those_whom_it_tells_and_those_who_read_the_register(cast: Cast) -> None:
    notice = cast.purpose.published_notice()
    for who, answer in OPENS.items():
        with visit(getattr(cast, who)) as client:
            assert client.get(READ.format(notice.pk, "en")).status_code == answer, who


def test_nonsense_in_the_address_is_not_found_or_english(cast: Cast) -> None:
    notice: Any = cast.purpose.published_notice()
    with visit(cast.bela) as client:
        assert '<h1 lang="en"' in client.get(READ.format(notice.pk, "<script>")).content.decode()
        assert client.get(READ.format(cast.purpose.pk, "en")).status_code == 404
        assert client.post(READ.format(notice.pk, "en")).status_code == 405
