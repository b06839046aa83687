"""What people are told: elements of both laws, their languages, stale and unread texts, four eyes, publishing whole or not at all."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.audit.models import Entry
from governance.consents import offers
from governance.lib.refusals import Refused
from governance.people.models import Employment
from governance.purposes import (
    notice_facts,
    notices,
    versions,
)
from governance.purposes.activity import Activity, Item, Recipient
from governance.purposes.models import Notice, Purpose
from tests.cast import Cast
from tests.purposes.drafts import (
    a_draft,
    a_material_change,
    read_by,
    read_by_other,
    refusal,
    speaks,
    today,
    translated,
)
from tests.visits import visit, words

TODAY, PHASE_3 = date(2026, 11, 24), date(2027, 6, 1)
CONSENT = Activity(name="T", basis_eu="a", ground_in="s6", items=(Item(code="c", name="C", source="person"),))
ELSEWHERE = CONSENT.but(items=(Item(code="c", name="C", source="third_party"),))
PAYROLL = Activity(
    name="P", basis_eu="c", ground_in="s7i", items=(Item(code="c", name="C", source="person"),)
)
ABROAD = (Recipient(name="Cloud", kind="processor", country="US"),)


def test_english_and_the_languages_of_the_people_concerned_are_required(cast: Cast) -> None:
    facts = notice_facts.read(cast.purpose.published_notice(), today(cast))
    assert facts.required == ("en", "hi")
    speaks(cast.bela, "ta")
    assert notice_facts.read(cast.purpose.published_notice(), today(cast)).required == ("en", "hi", "ta")
    speaks(cast.bela, "ks")  # in its default script
    assert "ks-Arab" in notice_facts.read(cast.purpose.published_notice(), today(cast)).required
    Employment.objects.filter(person=cast.bela).update(ends_on="2025-01-01")  # leavers are not asked
    assert notice_facts.read(cast.purpose.published_notice(), today(cast)).required == ("en", "hi")


def test_who_works_in_another_country_or_department_is_not_concerned(cast: Cast) -> None:
    told = cast.purpose.shown_version().activity
    everybody = notice_facts.speakers([cast.software.pk])
    assert set(notice_facts.people(cast.purpose, told, everybody)) == {"en", "hi"}
    assert notice_facts.people(cast.purpose, told.but(countries=("DE",)), everybody) == {}
    assert (
        notice_facts.people(cast.purpose, told.but(basis_eu="f", ground_in="s7i"), everybody) == {}
    )  # nobody is asked


def test_a_language_without_a_text_keeps_the_notice_back_and_is_named(cast: Cast) -> None:
    draft = a_draft(cast, purpose="Something else now.")
    translated(cast, draft, "hi", "de")
    read_by(cast, draft, "en")
    draft.texts.get(language="kn").delete()
    speaks(cast.bela, "kn")
    refused = refusal(cast, draft)
    assert refused.code == "language_missing" and "Kannada (ಕನ್ನಡ)" in refused.sentence


def test_demo_text_in_a_required_language_is_refused_by_name(cast: Cast) -> None:
    speaks(cast.bela, "ta")
    draft = notices.new_version(cast.purpose, by=cast.dev)
    read_by_other(cast, draft)
    refused = refusal(cast, draft)
    assert (
        refused.code == "demo_text" and "Tamil (தமிழ்)" in refused.sentence and "demo text" in refused.sentence
    )


def test_demo_text_is_not_made_good_by_a_review_alone(cast: Cast) -> None:
    draft = notices.new_version(cast.purpose, by=cast.dev)
    with pytest.raises(Refused, match="Write it anew"):
        read_by(cast, draft, "ta")
    text = draft.texts.get(language="ta")
    notices.write_text(draft, "ta", title="பயிற்சி", elements=text.elements, by=cast.dev)
    read_by(cast, draft, "ta")
    assert draft.texts.get(language="ta").is_usable(draft.english)


def test_a_language_that_nobody_concerned_reads_stops_nothing_and_is_shown_to_nobody(cast: Cast) -> None:
    draft = a_draft(cast, purpose="Something else now.")
    translated(cast, draft, "hi", "de")
    read_by(cast, draft, "en")
    published = notices.publish(draft, by=cast.dara, on=today(cast))
    assert {text.language for text in published.usable_texts()} == {"en", "hi", "de"}
    assert published.texts.filter(language="ta").exists()
    assert published.text_for("ta").language == "en"
    shown = offers.words(cast.purpose, "ta")
    assert shown is not None and not shown.in_their_language


def test_a_stale_translation_is_flagged_and_nobody_is_asked_in_it(cast: Cast) -> None:
    draft = a_draft(cast, retention="Six months.")
    read_by(cast, draft, "en")
    hindi = draft.texts.get(language="hi")
    assert hindi.is_reviewed and hindi.is_stale(draft.english) and not hindi.is_usable(draft.english)
    assert draft.text_for("hi").language == "en"
    assert refusal(cast, draft).code == "stale_text"
    with pytest.raises(Refused, match="older English"):
        read_by(cast, draft, "hi")
    kept = notices.write_text(draft, "hi", title=hindi.title, elements=hindi.elements, by=cast.dev)
    assert (
        not kept.is_stale(draft.english) and not kept.is_reviewed
    )  # made from the present English, to be read again
    read_by(cast, draft, "hi")
    notices.publish(draft, by=cast.dara, on=today(cast))


def test_a_new_version_keeps_what_its_translations_were_made_from_and_who_read_them(cast: Cast) -> None:
    draft = notices.new_version(cast.purpose, by=cast.dev)
    before = {text.language: text for text in cast.purpose.published_notice().texts.all()}
    for text in draft.texts.all():
        assert text.english_sha256 == before[text.language].english_sha256
        assert text.is_reviewed == (before[text.language].is_reviewed and text.language != "en")
        assert text.is_demo == before[text.language].is_demo
    read_by_other(cast, draft)
    assert notices.publish(
        draft, by=cast.dara, on=today(cast)
    ).published_at  # nothing changed: nothing to translate


def test_putting_the_english_back_makes_its_translations_good_again(cast: Cast) -> None:
    draft = a_draft(cast, retention="Six months.")
    english = cast.purpose.published_notice().english
    notices.write_text(draft, "en", title=english.title, elements=english.elements, by=cast.dev)
    assert not draft.texts.get(language="hi").is_stale(Notice.objects.get(pk=draft.pk).english)


def test_facts_for_the_rules_engine(cast: Cast) -> None:
    facts = notices.notice_facts_for_rules(cast.purpose)
    assert facts.people_languages == {"en", "hi"} and facts.approved_languages == {"en", "hi", "de", "ur"}
    assert not facts.missing_elements and not facts.waives_a_right and not facts.names_us_a_registered_role
    fresh = versions.enter(cast.software, CONSENT, by=cast.dev)
    assert notices.notice_facts_for_rules(fresh).missing_elements >= {"data", "withdraw", "contact"}
    speaks(cast.bela, "ta")
    assert notices.notice_facts_for_rules(cast.purpose).people_languages == {"en", "hi", "ta"}


def test_what_a_published_text_should_not_have_said_is_told_to_the_rules(cast: Cast) -> None:
    """A notice of before the lint: a waiver, a reserved name, a part left out."""
    text = cast.purpose.published_notice().texts.get(language="en")
    text.elements = {k: v for k, v in text.elements.items() if k != "uses"} | {
        "rights": "You waive your right to complain.", "controller": "Our Consent Manager, as set out in your contract."
    }  # fmt: skip
    text.save()
    facts = notices.notice_facts_for_rules(cast.purpose)
    assert facts.waives_a_right and facts.names_us_a_registered_role and facts.inside_other_document
    assert facts.missing_elements == {"uses"}
    assert facts.approved_languages == {"en"}  # the others were made from another English


def test_facts_of_many_purposes_take_as_many_queries_as_of_one(cast: Cast) -> None:
    purposes = list(Purpose.objects.select_related("entity"))
    activities = {p.pk: p.shown_version().activity for p in purposes}
    with CaptureQueriesContext(connection) as seen:
        found = notice_facts.facts_for_rules(purposes, activities)
    assert len(found) == len(purposes) and len(seen) <= 4


def test_who_reads_a_language_without_an_approved_text_is_not_asked_until_they_choose_another(
    cast: Cast,
) -> None:
    speaks(cast.bela, "ta")
    with visit(cast.bela) as client:
        page = client.get("/me/")
        html = page.content.decode()
        assert "no approved text of this notice in தமிழ்" in words(page) and 'role="switch"' not in html
        assert (
            all(f'href="?lang={tag}#' in html for tag in ("en", "hi", "de")) and 'href="?lang=ta#' not in html
        )
        assert client.get("/me/?lang=en").content.decode().count('role="switch"') == 3
        form = {"notice": str(cast.purpose.published_notice().pk), "language": "ta", "signals": ["ui_event"]}
        answer = client.post(f"/me/purposes/{cast.purpose.pk}/give/", form, follow=True)
    assert "There is no notice in this language that you could agree to." in words(answer)


# --- two pairs of eyes -------------------------------------------------------------------------------------------


def test_nobody_reviews_what_they_wrote_nor_enters_that_somebody_did(cast: Cast) -> None:
    draft = a_draft(cast, uses="Something.")
    with pytest.raises(Refused, match="You wrote this text"):
        notices.review_text(
            draft, "en", reviewer="Lata Menon", on=today(cast), today=today(cast), by=cast.dev
        )
    with pytest.raises(Refused, match="own name is no review"):
        notices.review_text(
            draft, "en", reviewer="dev  KULKARNI, DPO", on=today(cast), today=today(cast), by=cast.dara
        )
    with pytest.raises(Refused, match="lies ahead"):
        notices.review_text(
            draft, "en", reviewer="Lata Menon", on=date(2999, 1, 1), today=today(cast), by=cast.dara
        )
    text = notices.review_text(
        draft, "en", reviewer="Lata Menon", on=today(cast), today=today(cast), by=cast.dara
    )
    assert text.reviewed_by == "Lata Menon"
    entry = Entry.objects.filter(code="notice.text_reviewed").latest("id")
    assert (
        entry.by_id == cast.dara.pk
        and entry.facts["sha256"] == text.sha256
        and "Lata" not in str(entry.facts)
    )


def test_changing_a_word_takes_the_review_away_and_keeping_the_same_words_does_not(cast: Cast) -> None:
    draft = a_draft(cast, uses="Something.")
    read_by(cast, draft, "en")
    text = draft.texts.get(language="en")
    notices.write_text(draft, "en", title=text.title, elements=text.elements, by=cast.dara)
    text.refresh_from_db()
    assert text.is_reviewed and text.author == cast.dev
    notices.write_text(
        draft, "en", title=text.title, elements=text.elements | {"uses": "Other."}, by=cast.dara
    )
    text.refresh_from_db()
    assert not text.is_reviewed and text.author == cast.dara


def test_nobody_publishes_their_own_notice(cast: Cast) -> None:
    draft = a_draft(cast, purpose="Something else now.")
    read_by(cast, draft, "en")
    translated(cast, draft, "hi", "de")
    assert refusal(cast, draft, by=cast.dev).sentence == (
        "You cannot publish your own notice. Ask another member of the DPO’s office."
    )
    assert notices.publish(draft, by=cast.dara, on=today(cast)).published_by == cast.dara


def test_wording_that_stops_is_refused_with_its_reason(cast: Cast) -> None:
    draft = a_draft(cast, rights="You waive your right to complain.")
    translated(cast, draft, "hi", "de")
    read_by(cast, draft, "en")
    refused = refusal(cast, draft)
    assert refused.code == "wording" and "give up a right" in refused.sentence


@pytest.mark.parametrize("words_", ["<script>alert(1)</script>", "pay\u202eslip", "&#60;b&#62;"])
def test_markup_is_not_even_kept_whichever_way_it_comes(cast: Cast, words_: str) -> None:
    draft = notices.new_version(cast.purpose, by=cast.dev)
    before = draft.texts.get(language="en").sha256
    with pytest.raises(Refused) as refused:
        notices.write_text(draft, "en", title="T", elements={"purpose": words_}, by=cast.dev)
    assert refused.value.code.startswith("unsafe_")
    assert draft.texts.get(language="en").sha256 == before
    with pytest.raises(Refused):
        notices.draft(cast.purpose, {"en": {"title": words_, "elements": {}}}, by=cast.dev)


def test_an_unknown_language_is_refused(cast: Cast) -> None:
    draft = notices.new_version(cast.purpose, by=cast.dev)
    with pytest.raises(Refused, match="not one of the languages"):
        notices.write_text(draft, "tlh", title="T", elements={}, by=cast.dev)


# --- publishing and the register ---------------------------------------------------------------------------------


def test_publishing_puts_the_waiting_version_of_the_register_in_force(cast: Cast) -> None:
    a_material_change(cast)
    assert Purpose.objects.get(pk=cast.purpose.pk).version == 1
    draft = a_draft(cast, recipients="Also Cloud Inc.", transfers="To Cloud Inc in India.")
    read_by(cast, draft, "en")
    translated(cast, draft, "hi", "de")
    with visit(cast.dara) as client:
        page = words(client.get(f"/register/notices/{draft.pk}/"))
    assert "puts version 2 of the register in force" in page and "Whoever had agreed is asked again" in page
    published = notices.publish(draft, by=cast.dara, on=today(cast))
    purpose = Purpose.objects.get(pk=cast.purpose.pk)
    assert (published.purpose_version, purpose.version, purpose.asks_from_notice) == (2, 2, published.version)


def test_a_notice_that_is_refused_leaves_the_register_as_it_was(cast: Cast) -> None:
    a_material_change(cast)
    draft = a_draft(cast, recipients="")  # what the new version makes necessary is left out
    read_by(cast, draft, "en")
    assert refusal(cast, draft).code == "element_missing"
    purpose = Purpose.objects.get(pk=cast.purpose.pk)
    assert (purpose.version, purpose.asks_from_notice) == (1, 0)
    assert not Entry.objects.filter(code="notice.published", about_id=draft.pk).exists()


def test_published_words_stay_and_their_hashes_are_in_the_log(cast: Cast) -> None:
    notice = cast.purpose.published_notice()
    logged = Entry.objects.get(code="notice.published", about_id=notice.pk).facts["hashes"]
    assert logged == {text.language: text.compute_hash() for text in notice.texts.all()}
    for change in (
        lambda: notices.write_text(notice, "en", title="T", elements={}, by=cast.dev),
        lambda: notices.review_text(notice, "en", reviewer="R", on=TODAY, today=TODAY, by=cast.dara),
        lambda: notices.publish(notice, by=cast.dara, on=TODAY),
    ):
        with pytest.raises(Refused, match="published and stays"):
            change()
