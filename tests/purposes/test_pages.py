"""The register's pages: what each role sees of it, and a notice from draft to published with every refusal in words."""

from typing import Any

from governance.purposes import catalogue, register
from governance.purposes.models import Notice, Purpose
from tests.cast import Cast
from tests.visits import visit, words


def test_the_register_lists_what_runs_at_my_entities(cast: Cast) -> None:
    with visit(cast.dev) as client:
        page = words(client.get("/register/"))
        assert "5 purposes" in page and "P-0001" in page and "version 1" in page
        assert "1 purpose" in words(client.get("/register/?q=salaries"))
        assert "No purpose matches" in words(client.get("/register/?state=retired"))
        assert "5 purposes" in words(
            client.get("/register/?state=nonsense")
        )  # a mistyped filter is no filter
    with visit(cast.rupa) as client:  # represents Pune only
        assert "P-0002" not in words(client.get("/register/"))
        assert client.get(f"/register/{cast.purpose_de.pk}/").status_code == 404
    for nobody in (cast.bela, cast.meera, cast.ira):
        with visit(nobody) as client:
            assert client.get("/register/").status_code == 403
            assert client.get(f"/register/{cast.purpose.pk}/").status_code == 404


def test_a_purpose_shows_everything_and_gaps_as_not_recorded(cast: Cast) -> None:
    with visit(cast.arun) as client:
        page = words(client.get(f"/register/{Purpose.objects.get(name='Pay salaries').pk}/"))
    assert "not recorded" in page and "Samruddhi Payroll Services LLP" in page and "7 years" in page
    assert "No notice yet" not in page  # this purpose does not ask


def test_both_laws_are_cited_as_they_stand_on_the_day(cast: Cast, settings: Any) -> None:
    with visit(cast.dev) as client:
        assert "DPDP Act s.6(4) (applied voluntarily, in force from 13 May 2027)" in words(
            client.get(f"/register/{cast.purpose.pk}/")
        )
        settings.TODAY = "2027-06-01"
        page = words(client.get(f"/register/{cast.purpose.pk}/"))
    assert "applied voluntarily" not in page and "DPDP Act s.6(4)" in page and "GDPR Art. 7(3)" in page


def test_a_notice_goes_from_draft_to_published_and_says_what_is_missing(cast: Cast) -> None:
    with visit(cast.dev) as client:
        client.post(f"/register/{cast.purpose.pk}/new-notice/")
        draft = Notice.objects.get(purpose=cast.purpose, version=2)
        page = words(client.get(f"/register/notices/{draft.pk}/"))
        assert "was not reviewed by a person yet." in page
        client.post(f"/register/notices/{draft.pk}/publish/")
        draft.refresh_from_db()
        assert draft.published_at is None
        for text in draft.texts.all():
            form = {f"element_{code}": words_ for code, words_ in text.elements.items()}
            form |= {"title": text.title, "reviewed_by": "Kavita Joshi", "reviewed_on": "2026-11-01"}
            assert (
                client.post(f"/register/notices/{draft.pk}/texts/{text.language}/", form).status_code == 302
            )
        assert "Published. From now on" in words(
            client.post(f"/register/notices/{draft.pk}/publish/", follow=True)
        )
    draft.refresh_from_db()
    assert draft.published_by == cast.dev
    assert draft.texts.get(language="hi").elements["why_ui_event"]  # what the form does not show is kept


def test_a_part_that_the_law_asks_for_may_not_be_empty(cast: Cast) -> None:
    draft = register.new_version(cast.purpose, by=cast.dev)
    text = draft.texts.get(language="en")
    elements = {code: words_ for code, words_ in text.elements.items() if code != "rights"}
    register.write_text(draft, "en", title=text.title, elements=elements, by=cast.dev)
    with visit(cast.dev) as client:
        page = words(client.get(f"/register/notices/{draft.pk}/"))
    assert "lacks: " in page or "not reviewed" in page
    with visit(cast.dev) as client:
        for other in ("de", "hi"):
            row = draft.texts.get(language=other)
            form = {
                f"element_{code}": words_
                for code, words_ in row.elements.items()
                if code in catalogue.ELEMENTS
            }
            client.post(
                f"/register/notices/{draft.pk}/texts/{other}/",
                form | {"title": row.title, "reviewed_by": "K", "reviewed_on": "2026-11-01"},
            )
        assert "The text in “en” lacks: Your rights" in words(
            client.post(f"/register/notices/{draft.pk}/publish/", follow=True)
        )


def test_a_review_has_a_person_and_a_day(cast: Cast) -> None:
    draft = register.new_version(cast.purpose, by=cast.dev)
    with visit(cast.dev) as client:
        page = client.post(f"/register/notices/{draft.pk}/texts/en/", {"title": "T", "reviewed_by": "K"})
    assert "A review has a person and a day" in words(page)


def test_published_words_are_not_written_any_more(cast: Cast) -> None:
    notice = cast.purpose.published_notice()
    before = notice.texts.get(language="en").sha256
    with visit(cast.dev) as client:
        answer = client.post(f"/register/notices/{notice.pk}/texts/en/", {"title": "Other"}, follow=True)
    assert "This version is published and stays as it is." in words(answer)
    assert notice.texts.get(language="en").sha256 == before


def test_only_who_keeps_the_register_writes_in_it(cast: Cast) -> None:
    notice = cast.purpose.published_notice()
    for reader in (cast.omar, cast.arun, cast.lata, cast.rupa):
        with visit(reader) as client:
            assert client.get(f"/register/{cast.purpose.pk}/").status_code == 200
            assert client.post(f"/register/{cast.purpose.pk}/new-notice/").status_code == 404
            assert client.post(f"/register/notices/{notice.pk}/publish/").status_code == 404
            assert client.get(f"/register/notices/{notice.pk}/texts/en/").status_code == 404


def test_a_purpose_on_consent_is_not_active_without_a_notice(cast: Cast) -> None:
    fresh = register.enter(
        cast.software,
        by=cast.dev,
        name="New",
        description="d",
        people_concerned="p",
        jurisdictions=["IN"],
        asks_consent=True,
    )
    with visit(cast.dev) as client:
        assert "Publish a notice first" in words(client.get(f"/register/{fresh.pk}/"))
        client.post(f"/register/{fresh.pk}/activate/")
    fresh.refresh_from_db()
    assert fresh.state == "draft"
