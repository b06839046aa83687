"""Everybody concerned is asked once, in their language; whoever asks learns a band and nothing else."""

from typing import Any

import pytest

from governance.audit.models import Entry
from governance.consents import asking, optouts
from governance.consents.models import Asking, ConsentEvent, ConsentRecord
from governance.consents.tasks import ask as carry_out
from governance.lib.refusals import Refused
from governance.people.models import Message, Person
from governance.purposes import lifecycle
from governance.purposes.models import Purpose
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import visit, words


def fresh(purpose: Purpose) -> Purpose:
    return Purpose.objects.get(pk=purpose.pk)


def asked() -> set[str]:
    return set(Message.objects.filter(code="consent_asked").values_list("person__name", flat=True))


def refused(cast: Cast, purpose: Purpose | None = None) -> str:
    try:
        asking.ask(purpose or fresh(cast.purpose), by=cast.dev)
    except Refused as no:
        return no.code
    return ""


class TestAsking:
    def test_everybody_who_works_there_is_asked_once_with_everything_off(self, cast: Cast) -> None:
        asking.ask(cast.purpose, by=cast.dev)
        with as_login("worker"):
            carry_out()
            carry_out()
        assert {"Asha Deshmukh", "Bela Fernandes", "Meera Iyer"} <= asked() and "Emil Brandt" not in asked()
        records = ConsentRecord.objects.filter(person=cast.bela)
        assert {r.status for r in records} == {
            "requested"
        } and records.count() == cast.purpose.signals.count()
        assert Message.objects.filter(person=cast.bela, code="consent_asked").count() == 1
        assert make.post(cast, make.event("N-1002"))["admitted"] == 0

    def test_the_event_says_who_asked_on_which_words_in_which_language(self, cast: Cast) -> None:
        asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)
        event = ConsentEvent.objects.filter(person=cast.asha).first()
        text = cast.purpose.published_notice().texts.get(language="hi")
        assert (event.by_kind, event.by_id, event.language, event.text_sha256) == (
            "controller", cast.dev.pk, "hi", text.sha256,
        )  # fmt: skip

    def test_who_agreed_or_opted_out_or_is_a_minor_is_left_alone(self, cast: Cast) -> None:
        make.consent(cast.asha, cast.purpose, "ui_event", language="hi", open_streams=False)
        optouts.opt_out(by=cast.bela)
        Person.objects.filter(pk=cast.rupa.pk).update(is_under_18=True)
        asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)
        assert not {"Asha Deshmukh", "Bela Fernandes", "Rupa Kadam"} & asked()

    def test_who_cannot_read_any_of_its_languages_is_not_asked(self, cast: Cast) -> None:
        Person.objects.filter(pk=cast.bela.pk).update(language="ta")
        asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)
        assert "Bela Fernandes" not in asked() and "Asha Deshmukh" in asked()

    def test_a_population_that_is_switched_off_is_not_asked(self, cast: Cast) -> None:
        optouts.opt_out_population(by=cast.rupa, entity=cast.software, act=make.act())
        asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)
        assert asked() == set()

    def test_it_stops_when_the_purpose_pauses_meanwhile(self, cast: Cast) -> None:
        row = asking.ask(cast.purpose, by=cast.dev)
        lifecycle.pause(fresh(cast.purpose), because="We look at something.", by=cast.dev)
        assert asking.carry_out(row.pk) == 0
        assert asked() == set() and Asking.objects.get().done_at

    def test_an_answer_is_the_persons_own(self, cast: Cast) -> None:
        asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)
        make.consent(cast.bela, cast.purpose, "ui_event")
        assert make.post(cast, make.event("N-1002"))["admitted"] == 1
        assert ConsentRecord.objects.get(person=cast.bela, signal="ui_event").status == "given"


class TestWhenNobodyIsAsked:
    def test_a_paused_purpose(self, cast: Cast) -> None:
        lifecycle.pause(fresh(cast.purpose), because="We look at something.", by=cast.dev)
        assert refused(cast) == "purpose_not_active"

    def test_one_that_does_not_rest_on_consent(self, cast: Cast) -> None:
        assert refused(cast, Purpose.objects.filter(asks_consent=False).first()) == "not_on_consent"

    def test_one_without_a_notice(self, cast: Cast) -> None:
        Purpose.objects.filter(asks_consent=False, state="active").update(asks_consent=True)
        assert refused(cast, Purpose.objects.filter(notices=None, state="active").first()) == "no_notice"

    def test_one_whose_words_nobody_there_can_read(self, cast: Cast) -> None:
        Person.objects.filter(employments__entity=cast.software).update(language="ta")
        assert refused(cast) == "no_text"

    def test_twice_at_once_and_twice_in_a_week(self, cast: Cast) -> None:
        row = asking.ask(cast.purpose, by=cast.dev)
        assert refused(cast) == "asking_now"
        asking.carry_out(row.pk)
        assert refused(cast) == "asked_lately"


class TestTheFigure:
    def some_with_a_login(self, many: int) -> None:
        for n, person in enumerate(Person.objects.filter(name__isnull=False, email=None)[:many]):
            Person.objects.filter(pk=person.pk).update(email=f"c{n}@nirmaan.example")

    def test_few_are_no_figure(self, cast: Cast) -> None:
        asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)
        assert Asking.objects.get().band == ""

    def test_many_are_a_band(self, db: None) -> None:
        cast = make.cast(colleagues=24)
        asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)  # 11 with a login, 24 without
        assert Asking.objects.get().band == "10–19"

    def test_everybody_is_no_figure_either(self, db: None) -> None:
        cast = make.cast(colleagues=24)
        self.some_with_a_login(24)
        asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)
        assert Asking.objects.get().band == "", "fewer than ten were not asked"

    def test_the_log_names_nobody_who_was_asked(self, cast: Cast) -> None:
        asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)
        told = "".join(str(e.facts) for e in Entry.objects.filter(code__startswith="asking."))
        assert str(cast.bela.pk) not in told and str(cast.asha.pk) not in told


class TestThePage:
    def test_the_dpo_asks_with_one_button(self, cast: Cast) -> None:
        address = f"/consents/ask/{cast.purpose.pk}/"
        with visit(cast.dev) as client:
            page = client.get(address)
            assert "is not asked again for 6 months" in words(page) and "Ask them now" in words(page)
            answer = client.post(address, follow=True)
        assert "People are being asked." in words(answer) and "being asked" in words(answer)
        assert Asking.objects.get().by_id == cast.dev.pk

    def test_a_refusal_is_the_greyed_buttons_sentence(self, cast: Cast) -> None:
        lifecycle.pause(fresh(cast.purpose), because="We look at something.", by=cast.dev)
        address = f"/consents/ask/{cast.purpose.pk}/"
        with visit(cast.dev) as client:
            sentence = "This purpose is not running, so nobody is asked."
            assert sentence in words(client.get(address))
            assert sentence in words(client.post(address, follow=True))
        assert not Asking.objects.exists()

    def test_the_owner_asks_for_their_own_and_for_no_other(self, cast: Cast) -> None:
        with visit(cast.omar) as client:
            assert client.get(f"/consents/ask/{cast.purpose.pk}/").status_code == 200
        Purpose.objects.filter(pk=cast.purpose.pk).update(owner=cast.meera)
        with visit(cast.omar) as client:
            assert client.get(f"/consents/ask/{cast.purpose.pk}/").status_code == 404

    @pytest.mark.parametrize("who", ["asha", "meera", "lata", "arun", "ira", "rupa"])
    def test_nobody_else_asks(self, cast: Cast, who: str) -> None:
        with visit(getattr(cast, who)) as client:
            assert client.post(f"/consents/ask/{cast.purpose.pk}/").status_code == 404
        assert not Asking.objects.exists()

    def test_it_names_languages_and_no_people(self, cast: Cast) -> None:
        Person.objects.filter(pk=cast.bela.pk).update(language="ta")
        with visit(cast.dev) as client:
            page = words(client.get(f"/consents/ask/{cast.purpose.pk}/"))
        assert "for want of a text in their language" in page and "Bela" not in page


def test_the_question_stands_in_her_messages(cast: Cast, client: Any) -> None:
    asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)
    with visit(cast.bela) as her:
        page = words(her.get("/people/messages/"))
    assert f"You are asked for a yes or a no on {cast.purpose.number}." in page


def test_the_way_to_asking_stands_on_the_page_of_the_purpose_for_whoever_may(cast: Cast) -> None:
    address = f"/consents/ask/{cast.purpose.pk}/"
    for who, there in (("dev", True), ("omar", True), ("arun", False), ("lata", False)):
        with visit(getattr(cast, who)) as client:
            page = client.get(f"/register/{cast.purpose.pk}/")
            assert page.status_code == 200 and (f'href="{address}"' in page.content.decode()) is there, who
            assert (client.get(address).status_code == 200) is there, who
    lifecycle.pause(fresh(cast.purpose), because="We look at it again.", by=cast.dev)
    with visit(cast.dev) as client:
        assert address not in client.get(f"/register/{cast.purpose.pk}/").content.decode()
