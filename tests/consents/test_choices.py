"""My choices: the plain answer, everything off, one button each way, and the words that were really shown."""

from typing import Any

from django.utils import timezone

from governance.audit import sealer
from governance.audit.models import Entry
from governance.consents import optouts
from governance.consents.models import ConsentEvent, ConsentRecord, OptOut, Receipt
from governance.people.models import Employment, Person
from governance.purposes import catalogue, notices
from governance.purposes.models import Purpose
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.visits import ticket, visit, words

GIVE = "/me/purposes/{}/give/"


def give(client: Any, purpose: Purpose, *signals: str, **more: str) -> Any:
    form = ticket(client.get("/me/"), purpose) | more
    return client.post(GIVE.format(purpose.pk), form | {"signals": signals}, follow=True)


def test_bela_who_was_never_asked_reads_that_nothing_is_recorded(cast: Cast) -> None:
    with visit(cast.bela) as client:
        page = client.get("/me/")
    assert "Nothing is recorded about you." in words(page)
    assert page.content.decode().count('role="switch"') == 3
    assert "checked" not in page.content.decode()


def test_typed_text_and_screen_content_stand_there_without_a_switch(cast: Cast) -> None:
    with visit(cast.bela) as client:
        page = client.get("/me/")
    assert words(page).count("Never recorded in this programme") == len(catalogue.never_recorded()) == 6
    assert (
        'value="typed_text"' not in page.content.decode()
        and 'value="screen_content"' not in page.content.decode()
    )
    assert "out of proportion" in words(page)


def test_asha_agrees_to_two_signals_in_hindi_and_gets_a_receipt(cast: Cast) -> None:
    with visit(cast.asha) as client:
        answer = give(client, cast.purpose, "ui_event", "app_usage")
    receipt = Receipt.objects.get(person=cast.asha)
    assert receipt.number in words(answer)
    assert {e.signal for e in ConsentEvent.objects.filter(person=cast.asha)} == {"ui_event", "app_usage"}
    text = cast.purpose.published_notice().texts.get(language="hi")
    assert {(e.language, e.text_sha256) for e in ConsentEvent.objects.filter(person=cast.asha)} == {
        ("hi", text.sha256)
    }
    assert not ConsentRecord.objects.filter(person=cast.asha, signal="mouse_path").exists()


def test_the_language_that_was_chosen_for_the_notice_is_the_one_recorded(cast: Cast) -> None:
    with visit(cast.bela) as client:
        form = ticket(client.get("/me/?lang=de"), cast.purpose)
        client.post(GIVE.format(cast.purpose.pk), form | {"signals": ["ui_event"]})
    assert ConsentEvent.objects.get(person=cast.bela).language == "de"


def test_what_was_agreed_to_starts_when_its_key_is_made(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
    with visit(cast.bela) as client:
        assert "Starting: the key is being made" in words(client.get("/me/"))
    make.streams.open_waiting()
    with visit(cast.bela) as client:
        assert "Starting" not in words(client.get("/me/"))


def test_the_first_line_counts_what_the_gate_let_in(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event")
    make.post(cast, *[make.event("N-1002") for _ in range(3)], make.event("N-1002", "mouse_path"))
    with visit(cast.bela) as client:
        page = words(client.get("/me/"))
    assert "clicks and form steps in Chrome, 3 events" in page
    assert "Events kept by signal" in page


def test_no_to_all_is_told_apart_from_never_asked(cast: Cast) -> None:
    with visit(cast.bela) as client:
        form = ticket(client.get("/me/"), cast.purpose)
        answer = client.post(f"/me/purposes/{cast.purpose.pk}/refuse/", form, follow=True)
    assert "You said no" in words(answer)
    assert set(ConsentRecord.objects.filter(person=cast.bela).values_list("status", flat=True)) == {"refused"}


def test_no_to_all_ends_what_another_tab_switched_on_meanwhile(cast: Cast) -> None:
    with visit(cast.bela) as client:
        form = ticket(client.get("/me/"), cast.purpose)
        give(client, cast.purpose, "ui_event")
        answer = client.post(f"/me/purposes/{cast.purpose.pk}/refuse/", form, follow=True)
    stands = dict(ConsentRecord.objects.filter(person=cast.bela).values_list("signal", "status"))
    assert stands == {"ui_event": "withdrawn", "app_usage": "refused", "mouse_path": "refused"}
    assert "You withdrew" in words(answer) and "Clicks and form steps" in words(answer)
    assert ErasureOrder.objects.filter(person=cast.bela).count() == 1
    assert not ConsentRecord.objects.on().filter(person=cast.bela).exists()


def test_nothing_chosen_is_fine_and_says_so(cast: Cast) -> None:
    with visit(cast.bela) as client:
        answer = give(client, cast.purpose)
    assert "leave everything off: both are fine" in words(answer)
    assert not ConsentRecord.objects.filter(person=cast.bela).exists()


def test_a_newer_notice_is_shown_before_anything_is_recorded(cast: Cast) -> None:
    with visit(cast.bela) as client:
        form = ticket(client.get("/me/"), cast.purpose)
    draft = notices.new_version(cast.purpose, by=cast.dev)
    today = timezone.now().date()
    for tag in ("en", "hi", "de"):
        text = draft.texts.get(language=tag)
        elements = text.elements | {
            "purpose": "Something else now." if tag == "en" else text.elements["uses"]
        }
        notices.write_text(draft, tag, title=text.title, elements=elements, by=cast.dev)
        notices.review_text(draft, tag, reviewer="Reena Roy", on=today, today=today, by=cast.dara)
    notices.publish(draft, by=cast.dara, on=today)
    with visit(cast.bela) as client:
        answer = client.post(GIVE.format(cast.purpose.pk), form | {"signals": ["app_usage"]}, follow=True)
        html = answer.content.decode()
        assert "The notice has changed since you opened the page." in words(answer)
        assert "Something else now." in words(answer) and "This is version 2 of the notice." in words(answer)
        assert html.count(" checked") == 1 and not ConsentRecord.objects.filter(person=cast.bela).exists()
        assert client.get("/me/").content.decode().count(" checked") == 0  # kept for one look only


def test_withdrawing_takes_one_press_and_shows_the_order(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event", "app_usage")
    record = ConsentRecord.objects.get(person=cast.bela, signal="ui_event")
    with visit(cast.bela) as client:
        answer = client.post(f"/me/records/{record.pk}/withdraw/", follow=True)
        again = client.post(f"/me/records/{record.pk}/withdraw/", follow=True)  # the other tab
    order = ErasureOrder.objects.get(person=cast.bela)
    assert "You withdrew" in words(answer) and order.number in words(answer)
    assert words(again) == words(answer)
    assert ConsentRecord.objects.get(person=cast.bela, signal="app_usage").is_on
    assert Entry.objects.filter(code="consent.withdrawn", by_id=cast.bela.pk).count() == 1


def test_everything_of_a_purpose_is_withdrawn_in_one_press(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event", "app_usage")
    with visit(cast.bela) as client:
        client.post(f"/me/purposes/{cast.purpose.pk}/withdraw/")
        page = words(client.get("/me/"))
    assert not any(record.is_on for record in ConsentRecord.objects.filter(person=cast.bela))
    assert "Nothing more is recorded about you." in page


def test_withdrawing_is_never_more_presses_than_giving(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event")
    with visit(cast.bela) as client:
        html = client.get("/me/").content.decode()
    assert (
        html.count('form="withdraw-') == 1
    )  # the button itself sends the form: no page asks "are you sure?"


def test_opting_out_of_everything_beats_a_grant_and_lifting_switches_nothing_on(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event")
    with visit(cast.bela) as client:
        client.post("/me/opt-out/")
        client.post("/me/opt-out/")  # twice is once: two tabs, one truth
        page = client.get("/me/")
        assert "You have been opted out of everything" in words(page)
        assert 'role="switch"' not in page.content.decode()
        row = OptOut.objects.get(person=cast.bela)
        client.post(f"/me/opt-out/{row.pk}/lift/")
        after = client.get("/me/")
    assert "Nothing more is recorded" in words(after) or "Nothing is recorded" in words(after)
    assert after.content.decode().count('role="switch"') == 3
    make.consent(cast.bela, cast.purpose, "ui_event")  # and a yes can be given anew
    assert ConsentRecord.objects.filter(person=cast.bela, ended_at__isnull=True, status="given").count() == 1


def test_who_is_covered_by_a_no_of_the_company_reads_that(cast: Cast) -> None:
    optouts.opt_out_population(by=cast.dev, entity=cast.software, purpose=cast.purpose)
    with visit(cast.bela) as client:
        page = client.get("/me/")
    assert "The company has switched this off where you work." in words(page)
    assert 'role="switch"' not in page.content.decode()


def test_somebody_under_18_reads_why_there_is_no_switch(cast: Cast) -> None:
    Person.objects.filter(pk=cast.bela.pk).update(is_under_18=True)
    with visit(cast.bela) as client:
        page = client.get("/me/")
        assert "Nobody under 18 is recorded, whoever agrees to it." in words(page)
        assert 'role="switch"' not in page.content.decode()
        form = {"notice": str(cast.purpose.published_notice().pk), "language": "en", "signals": ["ui_event"]}
        client.post(GIVE.format(cast.purpose.pk), form)
    assert not ConsentRecord.objects.filter(person=cast.bela).exists()


def test_a_purpose_that_does_not_run_says_so_and_keeps_the_way_out(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event")
    Purpose.objects.filter(pk=cast.purpose.pk).update(state="paused")
    with visit(cast.bela) as client:
        page = words(client.get("/me/"))
    assert "This purpose is not running now." in page
    assert "Withdraw everything for this purpose" in page


def test_a_purpose_of_another_company_is_not_there(cast: Cast) -> None:
    with visit(cast.bela) as client:
        form = {
            "notice": str(cast.purpose_de.published_notice().pk),
            "language": "en",
            "signals": ["ui_event"],
        }
        assert client.post(GIVE.format(cast.purpose_de.pk), form).status_code == 404
        assert client.get(f"/me/purposes/{cast.purpose_de.pk}/notice/").status_code == 404


def test_who_has_left_the_company_can_still_withdraw_but_not_agree(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event")
    Employment.objects.filter(person=cast.bela).update(ends_on="2025-01-01")
    with visit(cast.bela) as client:
        page = client.get("/me/")
        assert "This purpose does not concern you." in words(page)
        assert "Withdraw everything for this purpose" in words(page)


def test_asking_for_what_is_never_recorded_is_refused_in_words(cast: Cast) -> None:
    with visit(cast.bela) as client:
        answer = give(client, cast.purpose, "typed_text")
    assert "This is never recorded, so nobody can agree to it." in words(answer)


def test_a_form_that_is_not_ours_is_told_to_read_again(cast: Cast) -> None:
    with visit(cast.bela) as client:
        answer = client.post(
            GIVE.format(cast.purpose.pk), {"notice": "x", "signals": ["ui_event"]}, follow=True
        )
    assert "The page was not sent completely." in words(answer)


def test_an_order_that_the_law_keeps_open_is_shown_with_its_reason(cast: Cast, settings: Any) -> None:
    settings.TODAY = "2027-06-01"
    make.consent(cast.bela, cast.purpose, "ui_event")
    with visit(cast.bela) as client:
        client.post(f"/me/purposes/{cast.purpose.pk}/withdraw/")
        page = words(client.get("/me/"))
    order = ErasureOrder.objects.get(person=cast.bela)
    assert order.state == "restricted_hold" and order.number in page
    assert "nobody may use it" in page and "DPDP Rules r.8(3)" in page and "Kept at the longest until" in page
    assert "applied voluntarily" not in page  # on that day it binds


def test_another_persons_record_receipt_and_opt_out_are_not_there(cast: Cast) -> None:
    receipt = make.consent(cast.asha, cast.purpose, "ui_event", language="hi")
    record = ConsentRecord.objects.get(person=cast.asha)
    for someone in (cast.bela, cast.meera, cast.dev, cast.ira):
        with visit(someone) as client:
            assert client.get(f"/me/receipts/{receipt.pk}/").status_code == 404
            assert client.get(f"/me/receipts/{receipt.pk}/data/").status_code == 404
            assert client.post(f"/me/records/{record.pk}/withdraw/").status_code == 404
    record.refresh_from_db()
    assert record.is_on


def test_nobodies_are_sent_to_sign_in(cast: Cast, client: Any) -> None:
    for path in ("/me/", "/me/history/", f"/me/purposes/{cast.purpose.pk}/notice/"):
        assert client.get(path).status_code == 302
    assert client.post(GIVE.format(cast.purpose.pk)).status_code == 403


def test_history_names_the_exact_words_of_every_answer(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event")
    with visit(cast.bela) as client:
        client.post(f"/me/purposes/{cast.purpose.pk}/withdraw/")
        page = words(client.get("/me/history/"))
    event = ConsentEvent.objects.get(person=cast.bela, status="given")
    assert "Notice version 1, English" in page and event.text_sha256 in page
    assert page.count("Clicks and form steps") == 2


def test_the_receipt_gains_its_proof_when_the_log_is_sealed(cast: Cast, tmp_path: Any) -> None:
    receipt = make.consent(cast.bela, cast.purpose, "ui_event")
    with visit(cast.bela) as client:
        assert "Recorded, being sealed" in words(client.get(f"/me/receipts/{receipt.pk}/"))
    sealer.seal(timezone.now(), sign=lambda digest: ("k1", b"s"), home=tmp_path)
    with visit(cast.bela) as client:
        assert "Sealed in the log" in words(client.get(f"/me/receipts/{receipt.pk}/?part=seal"))
        data = client.get(f"/me/receipts/{receipt.pk}/data/").json()
    assert data["proof"]["position"] and data["receipt"]["receipt"] == receipt.number
    assert "Bela" not in str(data)
