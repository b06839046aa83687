"""The pages of a notice: from draft to published, and two people writing at once."""

import re
from typing import Any

import pytest

from governance.purposes import (
    activity,
    notice_facts,
    notice_shown,
    notices,
    rules_notice,
)
from governance.purposes.models import Notice
from tests.cast import Cast
from tests.purposes.drafts import (
    a_draft,
    a_material_change,
    today,
)
from tests.visits import visit, words


def fields(text: Any, **changed: str) -> dict[str, str]:
    said = {f"element_{code}": words_ for code, words_ in text.elements.items()}
    return said | {"title": text.title, "seen": text.sha256} | changed


def test_a_notice_goes_from_draft_to_published_on_its_pages(cast: Cast) -> None:
    with visit(cast.dev) as client:
        client.post(f"/register/{cast.purpose.pk}/new-notice/")
        draft = Notice.objects.get(purpose=cast.purpose, version=2)
        page = words(client.get(f"/register/notices/{draft.pk}/"))
        assert "The text in English was not reviewed by a person yet." in page
        english = draft.texts.get(language="en")
        form = fields(english, element_purpose="Something else now.")
        assert client.post(f"/register/notices/{draft.pk}/texts/en/", form).status_code == 302
        page = words(client.get(f"/register/notices/{draft.pk}/"))
        assert "The text in Hindi (हिन्दी) was made from an older English text." in page
        assert "Who has read it" in words(client.get(f"/register/notices/{draft.pk}/texts/en/"))
        assert "You wrote this text." in words(client.get(f"/register/notices/{draft.pk}/texts/en/"))
        for tag in ("hi", "de"):
            editor = client.get(f"/register/notices/{draft.pk}/texts/{tag}/")
            assert "<ins>" in editor.content.decode() and "Something else now." in words(editor)
            client.post(f"/register/notices/{draft.pk}/texts/{tag}/", fields(draft.texts.get(language=tag)))
    with visit(cast.dara) as client:
        for tag in ("en", "hi", "de"):
            seen = draft.texts.get(language=tag).sha256
            form = {"reviewer": "Kavita Joshi", "reviewed_on": str(today(cast)), "seen": seen}
            answer = client.post(f"/register/notices/{draft.pk}/texts/{tag}/review/", form, follow=True)
            assert "The review is recorded." in words(answer)
    with visit(cast.dev) as client:
        page = client.get(f"/register/notices/{draft.pk}/")
        assert "You cannot publish your own notice." in words(page) and "Before it is published" in words(
            page
        )
    with visit(cast.dara) as client:
        answer = client.post(f"/register/notices/{draft.pk}/publish/", follow=True)
        assert "Published. From now on" in words(answer)
    draft.refresh_from_db()
    assert draft.published_by == cast.dara
    assert draft.texts.get(language="hi").elements["why_ui_event"]


def test_a_part_that_a_law_asks_for_may_not_be_empty(cast: Cast) -> None:
    draft = a_draft(cast, rights="  ")
    with visit(cast.dev) as client:
        page = words(client.get(f"/register/notices/{draft.pk}/"))
    assert (
        "The text in English lacks: Your rights (DPDP Rules r.3(c)(ii)" in page
        and "GDPR Art. 13(2)(b)" in page
    )


def test_words_with_markup_are_refused_and_nothing_typed_is_lost(cast: Cast) -> None:
    draft = notices.new_version(cast.purpose, by=cast.dev)
    text = draft.texts.get(language="en")
    with visit(cast.dev) as client:
        form = fields(text, element_uses="<script>alert(1)</script>", element_rights="These words are new.")
        answer = client.post(f"/register/notices/{draft.pk}/texts/en/", form)
    page = answer.content.decode()
    assert answer.status_code == 200 and "is markup. A notice is plain text" in words(answer)
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page and "These words are new." in page
    assert draft.texts.get(language="en").sha256 == text.sha256


def test_a_text_with_markup_that_got_in_another_way_is_shown_and_not_carried_out(cast: Cast) -> None:
    text = cast.purpose.published_notice().texts.get(language="en")
    text.elements = text.elements | {
        "uses": "<script>alert(1)</script>",
        "why_ui_event": "<img src=x onerror=1>",
    }
    text.title = "<b>bold</b>"
    text.save()
    with visit(cast.bela) as client:
        pages = [client.get("/me/"), client.get(f"/me/purposes/{cast.purpose.pk}/notice/")]
    with visit(cast.dev) as client:
        pages.append(client.get(f"/register/notices/{text.notice_id}/?lang=en"))
    for page in pages:
        html = page.content.decode()
        assert page.status_code == 200 and "alert(1)" in html
        assert "<script>alert" not in html and "<img src=x" not in html and "<b>bold" not in html


def test_who_keeps_second_is_shown_the_difference_and_loses_nothing(cast: Cast) -> None:
    draft = notices.new_version(cast.purpose, by=cast.dev)
    url, opened = f"/register/notices/{draft.pk}/texts/en/", draft.texts.get(language="en")
    with visit(cast.dara) as client:
        client.post(url, fields(opened, element_uses="Dara wrote this."))
    with visit(cast.dev) as client:
        answer = client.post(url, fields(opened, element_uses="Dev wrote that.", element_rights="And this."))
        page = words(answer)
        assert answer.status_code == 200 and "Dara Irani changed this text while you were writing." in page
        assert "Dev wrote that." in page and "And this." in page and "Dara" in page
        now = draft.texts.get(language="en")
        assert (
            now.elements["uses"] == "Dara wrote this." and f'value="{now.sha256}"' in answer.content.decode()
        )
        again = fields(opened, element_uses="Both wrote this.", element_rights="And this.", seen=now.sha256)
        assert client.post(url, again).status_code == 302
    assert draft.texts.get(language="en").elements["uses"] == "Both wrote this."


def test_two_who_keep_the_same_words_do_not_meet(cast: Cast) -> None:
    draft = notices.new_version(cast.purpose, by=cast.dev)
    url, opened = f"/register/notices/{draft.pk}/texts/en/", draft.texts.get(language="en")
    for person in (cast.dara, cast.dev):
        with visit(person) as client:
            assert client.post(url, fields(opened, element_uses="The same.")).status_code == 302


def test_a_review_of_words_that_have_changed_meanwhile_is_not_recorded(cast: Cast) -> None:
    draft = a_draft(cast, uses="Something.")
    seen = draft.texts.get(language="en").sha256
    a_draft(cast, uses="Something else.")
    with visit(cast.dara) as client:
        form = {"reviewer": "Kavita Joshi", "reviewed_on": str(today(cast)), "seen": seen}
        answer = client.post(f"/register/notices/{draft.pk}/texts/en/review/", form)
    assert (
        "Somebody changed this text since it was read." in words(answer)
        and "Kavita Joshi" in answer.content.decode()
    )
    assert not draft.texts.get(language="en").is_reviewed


def test_a_right_to_left_text_is_written_and_shown_from_the_right(cast: Cast) -> None:
    draft = notices.new_version(cast.purpose, by=cast.dev)
    with visit(cast.dev) as client:
        editor = client.get(f"/register/notices/{draft.pk}/texts/ur/").content.decode()
        page = client.get(f"/register/notices/{draft.pk}/?lang=ur").content.decode()
        assert client.get(f"/register/notices/{draft.pk}/texts/KS_arab/", follow=True).redirect_chain
    assert re.search(r'<textarea name="element_purpose"[^>]* lang="ur" dir="rtl"', editor)
    assert '<h3 class="h1" lang="ur" dir="rtl">' in page


def test_a_language_is_added_from_the_list_by_its_own_name(cast: Cast) -> None:
    draft = notices.new_version(cast.purpose, by=cast.dev)
    draft.texts.get(language="ta").delete()
    with visit(cast.dev) as client:
        page = client.get(f"/register/notices/{draft.pk}/").content.decode()
        assert '<option value="ta">தமிழ் · Tamil</option>' in page and '<option value="hi">' not in page
        answer = client.post(f"/register/notices/{draft.pk}/add-language/", {"language": "ta"})
        assert answer["Location"].endswith("/texts/ta/")
        answer = client.post(f"/register/notices/{draft.pk}/add-language/", {"language": "tlh"}, follow=True)
        assert "Choose one of the languages in the list." in words(answer)
        assert client.get(f"/register/notices/{draft.pk}/texts/tlh/").status_code == 404
        # Nothing is written until the text is kept:
        assert not draft.texts.filter(language="ta").exists()
        form = {"title": "பயிற்சி", "element_purpose": "ஏன்", "seen": ""}
        assert client.post(f"/register/notices/{draft.pk}/texts/ta/", form).status_code == 302
    assert draft.texts.get(language="ta").english_sha256 == draft.english.sha256


def test_how_few_read_a_language_is_not_shown(cast: Cast) -> None:
    with visit(cast.dev) as client:
        page = words(client.get(f"/register/notices/{cast.purpose.published_notice().pk}/"))
    assert "fewer than ten people" in page and "nobody concerned" in page
    assert [notice_shown.readers(n) for n in (0, 9, 10)] == [
        "nobody concerned",
        "fewer than ten people",
        "10 people",
    ]


def test_published_words_are_not_written_any_more(cast: Cast) -> None:
    notice = cast.purpose.published_notice()
    before = notice.texts.get(language="en").sha256
    with visit(cast.dev) as client:
        answer = client.post(f"/register/notices/{notice.pk}/texts/en/", {"title": "Other"}, follow=True)
    assert "This version is published and stays as it is." in words(answer)
    assert notice.texts.get(language="en").sha256 == before


def test_only_who_keeps_the_register_writes_in_it(cast: Cast) -> None:
    notice = cast.purpose.published_notice()
    for reader in (cast.arun, cast.lata, cast.rupa):
        with visit(reader) as client:
            assert client.get(f"/register/notices/{notice.pk}/").status_code == 200
            assert client.post(f"/register/{cast.purpose.pk}/new-notice/").status_code == 404
            assert client.post(f"/register/notices/{notice.pk}/publish/").status_code == 404
            assert client.get(f"/register/notices/{notice.pk}/texts/en/").status_code == 404
            assert client.post(f"/register/notices/{notice.pk}/texts/en/review/").status_code == 404
    with visit(
        cast.omar
    ) as client:  # answers for the purpose: writes, and somebody of the DPO's office publishes
        client.post(f"/register/{cast.purpose.pk}/new-notice/")
        draft = Notice.objects.get(purpose=cast.purpose, version=2)
        assert client.get(f"/register/notices/{draft.pk}/texts/en/").status_code == 200
        assert client.post(f"/register/notices/{draft.pk}/publish/").status_code == 404


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("a b c", "a x c", [("same", "a "), ("gone", "b "), ("new", "x "), ("same", "c")]),
        ("a", "a", [("same", "a")]), ("", "a", [("new", "a")]), ("a", "", [("gone", "a")]), ("", "", []),
    ],
)  # fmt: skip
def test_what_changed_in_a_text_is_marked_word_by_word(
    before: str, after: str, marked: list[tuple[str, str]]
) -> None:
    assert notice_shown.changes(before, after) == marked


def test_the_pages_say_both_laws_of_the_day(cast: Cast, settings: Any) -> None:
    with visit(cast.dev) as client:
        url = f"/register/notices/{cast.purpose.published_notice().pk}/"
        assert "DPDP Rules r.3(c)(i) (applied voluntarily, in force from 13 May 2027)" in words(
            client.get(url)
        )
        settings.TODAY = "2027-06-01"
        page = words(client.get(url))
    assert "DPDP Rules r.3(c)(i), GDPR Art. 13(2)(c)" in page and "applied voluntarily" not in page


def test_rules_are_asked_where_there_is_no_text_at_all() -> None:
    facts = rules_notice.NoticeFacts(people={"hi": 3})
    assert [stop.code for stop in rules_notice.what_stops(facts)] == ["language_missing"]
    assert facts.required == ("en", "hi")


def test_activity_is_what_the_notice_tells_of(cast: Cast) -> None:
    notice = cast.purpose.published_notice()
    assert notice_facts.told(notice).number == notice.purpose_version == 1
    a_material_change(cast)
    assert (
        notice_facts.told(Notice.objects.get(pk=notice.pk)).number == 1
    )  # what was told stays what was told
    assert notice_facts.told(notices.new_version(cast.purpose, by=cast.dev)).number == 2
    assert activity.laws(notice_facts.told(notice).activity) == ("IN", "EU")
