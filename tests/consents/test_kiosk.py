"""People without e-mail decide at a kiosk: badge number and a slip, sixty seconds, a code instead of the choice."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from governance.audit.models import Entry
from governance.consents import kiosk
from governance.consents.models import (
    ConsentEvent,
    ConsentRecord,
    Objection,
    OptOut,
    Pause,
    PinSlip,
    PressureReport,
    Receipt,
)
from governance.lib.refusals import Refused
from governance.people.models import Message, Person
from governance.people.rules import PERMISSIONS
from governance.purposes.models import Purpose
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import visit, words


@pytest.fixture(autouse=True)
def nobody_tried_before() -> None:
    cache.clear()


@pytest.fixture
def worker(cast: Cast) -> Person:
    """Without e-mail, employed in Pune under Meera."""
    person = Person.objects.get(number="N-1101")
    assert not person.email
    return person


@contextmanager
def screen() -> Iterator[Client]:
    with as_login("web"):
        yield Client()


def enter(client: Client, number: str, pin: str) -> Any:
    return client.post("/kiosk/", {"number": number, "pin": pin}, follow=True)


def ticket(page: Any) -> dict[str, str]:
    """Of the first purpose on the screen."""
    found = re.findall(r'name="(purpose|notice|language)" value="([^"]+)"', page.content.decode())
    return dict(reversed(found))


class TestTheSlip:
    def test_it_comes_from_the_office_and_never_from_a_supervisor(self, cast: Cast, worker: Person) -> None:
        row, pin = kiosk.issue("N-1101", by=cast.dev)
        assert len(pin) == 8 and pin not in row.pin
        for who in ("meera", "omar", "rupa", "ira", "asha"):
            with pytest.raises(Refused):
                kiosk.issue("N-1101", by=getattr(cast, who))
        assert all("consents.issue_pin" not in codes for role, codes in PERMISSIONS.items() if role != "dpo")

    def test_a_supervisor_who_is_in_the_office_asks_a_colleague(self, cast: Cast, worker: Person) -> None:
        worker.employments.update(manager=cast.dev)
        with pytest.raises(Refused, match="supervisor"):
            kiosk.issue("N-1101", by=cast.dev)
        kiosk.issue("N-1101", by=cast.dara)

    def test_a_slip_of_somebody_who_came_to_lead_them_opens_nothing(self, cast: Cast, worker: Person) -> None:
        _row, pin = kiosk.issue("N-1101", by=cast.dev)
        worker.employments.update(manager=cast.dev)
        assert kiosk.open_with("N-1101", pin) is None
        worker.employments.update(manager=cast.meera)
        assert kiosk.open_with("N-1101", pin) == worker

    def test_a_new_one_makes_the_old_one_void(self, cast: Cast, worker: Person) -> None:
        _row, old = kiosk.issue("N-1101", by=cast.dev)
        _row, new = kiosk.issue("N-1101", by=cast.dev)
        assert kiosk.open_with("N-1101", old) is None or old == new
        assert kiosk.open_with("N-1101", new) == worker

    def test_five_wrong_tries_make_it_void_and_an_old_one_is(self, cast: Cast, worker: Person) -> None:
        _row, pin = kiosk.issue("N-1101", by=cast.dev)
        assert [kiosk.open_with("N-1101", "x") for _ in range(4)] == [None] * 4 and kiosk.open_with(
            "N-1101", pin
        )
        assert [kiosk.open_with("N-1101", "x") for _ in range(5)] == [None] * 5
        assert kiosk.open_with("N-1101", pin) is None
        _row, pin = kiosk.issue("N-1101", by=cast.dev)
        PinSlip.objects.filter(ended_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
        assert kiosk.open_with("N-1101", pin) is None

    def test_the_pin_stands_on_one_page_once_and_in_no_log(self, cast: Cast, worker: Person) -> None:
        with visit(cast.dev) as client:
            page = client.post("/kiosk/slips/", {"number": "N-1101"})
            pin = re.search(r'class="kiosk-code">(\d{4}) (\d{4})<', page.content.decode())
            assert pin is not None and "data-print hidden" in page.content.decode()
            assert pin[1] + pin[2] not in client.get("/kiosk/slips/").content.decode()
        assert kiosk.open_with("N-1101", pin[1] + pin[2]) == worker
        assert pin[1] + pin[2] not in str(list(Entry.objects.values_list("facts", flat=True)))
        assert Message.objects.filter(person=worker, code="pin_slip_issued").exists()

    def test_nobody_else_makes_one(self, cast: Cast, worker: Person) -> None:
        for who in ("meera", "omar", "rupa", "ira", "lata"):
            with visit(getattr(cast, who)) as client:
                assert client.post("/kiosk/slips/", {"number": "N-1101"}).status_code == 403


class TestAtTheScreen:
    @pytest.fixture
    def pin(self, cast: Cast, worker: Person) -> str:
        return kiosk.issue("N-1101", by=cast.dev)[1]

    def test_a_yes_and_a_withdrawal_and_a_code_instead_of_the_choice(self, cast: Cast, pin: str) -> None:
        with screen() as client:
            page = enter(client, "N-1101", pin)
            assert "My choices" in words(page) and "Anil" not in words(page) and "N-1101" not in words(page)
            page = client.post("/kiosk/choices/", ticket(page) | {"say": "give", "signals": ["ui_event"]})
            said = words(page)
            assert re.search(r"R-\d{4}-\d{6}", said) and "Withdraw" not in said and "Agree" not in said
            assert ConsentRecord.objects.on().count() == 1
            page = client.get("/kiosk/choices/")
            code = client.post("/kiosk/choices/", ticket(page) | {"say": "withdraw"})
        assert not ConsentRecord.objects.on().exists()
        assert (
            words(code).split("receipt. ")[1].split(" ", 1)[1] == said.split("receipt. ")[1].split(" ", 1)[1]
        )
        assert set(ConsentEvent.objects.values_list("method", flat=True)) == {"kiosk: switch, then button"}

    def test_one_signal_is_withdrawn_and_the_other_stays(self, cast: Cast, pin: str) -> None:
        with screen() as client:
            page = enter(client, "N-1101", pin)
            client.post(
                "/kiosk/choices/", ticket(page) | {"say": "give", "signals": ["ui_event", "app_usage"]}
            )
            record = ConsentRecord.objects.on().get(signal="ui_event")
            assert f"/kiosk/records/{record.pk}/withdraw/" in client.get("/kiosk/choices/").content.decode()
            assert re.search(r"R-\d{4}-\d{6}", words(client.post(f"/kiosk/records/{record.pk}/withdraw/")))
        assert set(ConsentRecord.objects.on().values_list("signal", flat=True)) == {"app_usage"}
        shown = ConsentEvent.objects.exclude(status="requested").values_list("evidence", flat=True)
        assert {one.split(":")[0] for one in shown} == {"pin_slip"}

    def test_nobody_elses_record_is_withdrawn_there(self, cast: Cast, pin: str) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
        record = ConsentRecord.objects.on().get(person=cast.bela)
        with screen() as client:
            enter(client, "N-1101", pin)
            assert client.post(f"/kiosk/records/{record.pk}/withdraw/").status_code == 404
        assert ConsentRecord.objects.on().exists()

    def test_pause_no_to_everything_and_pressed_are_one_press_and_look_alike(
        self, cast: Cast, pin: str
    ) -> None:
        seen = set()
        with screen() as client:
            enter(client, "N-1101", pin)
            for word, more in (
                ("pause", {"hours": "4"}),
                ("resume", {}),
                ("no", {}),
                ("no", {}),
                ("lift", {}),
                ("pressed", {}),
            ):
                page = client.post("/kiosk/say/", {"word": word} | more)
                assert page["Refresh"].startswith("60; url=/kiosk/")
                seen.add(words(page))
            client.post("/kiosk/say/", {"word": "sell"})
            client.post("/kiosk/say/", {"word": "pause", "hours": "99"})
        assert len(seen) == 1
        assert (
            Pause.objects.count() == 1
            and OptOut.objects.count() == 1
            and PressureReport.objects.get().person is None
        )
        assert not OptOut.objects.in_force().exists()

    def test_a_code_opens_its_own_receipt_and_no_other(self, cast: Cast, pin: str) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
        other = Receipt.objects.get(person=cast.bela)
        with screen() as client:
            page = enter(client, "N-1101", pin)
            client.post("/kiosk/choices/", ticket(page) | {"say": "give", "signals": ["ui_event"]})
            mine = Receipt.objects.exclude(pk=other.pk).get()
            page = words(client.get("/kiosk/codes/"))
            assert mine.number in page and other.number not in page and "Given" not in page
            page = words(client.post("/kiosk/codes/", {"number": mine.number.lower()}))
            assert "Consent" in page and "Given" in page and "Anil" not in page
            assert client.post("/kiosk/codes/", {"number": other.number}).status_code == 400
            client.get("/kiosk/")
            assert client.post("/kiosk/codes/", {"number": mine.number})["Location"] == "/kiosk/"

    def test_the_page_begins_with_the_answer_and_says_what_who_until_when_and_who_signs(
        self, cast: Cast, pin: str
    ) -> None:
        with screen() as client:
            page = words(enter(client, "N-1101", pin))
        first = page.index("Nothing is recorded about you.")
        assert first < page.index(cast.purpose.published_notice().texts.get(language="en").title)
        notice = cast.purpose.published_notice()
        for said in (
            "A sample row, as it would be kept", "Who gets it", "Until when", "A yes of today ends by itself on",
            f"Signed by {notice.published_by}",
        ):  # fmt: skip
            assert said in page, said

    def test_an_objection_is_one_press_and_looks_like_every_other(self, cast: Cast, pin: str) -> None:
        leaks = Purpose.objects.get(name__startswith="Detect leaks", entity=cast.software)
        with screen() as client:
            page = enter(client, "N-1101", pin).content.decode()
            assert "Detect leaks" in page and f'name="purpose" value="{leaks.pk}"' in page
            pause = client.post("/kiosk/say/", {"word": "pause", "hours": "1"})
            said = client.post("/kiosk/say/", {"word": "object", "purpose": str(leaks.pk)})
            assert words(said) == words(pause)
            for other in (cast.purpose.pk, cast.purpose_de.pk, "x"):
                assert (
                    client.post("/kiosk/say/", {"word": "object", "purpose": str(other)}).status_code == 404
                )
            assert "You objected on" in words(client.get("/kiosk/choices/"))
        assert Objection.objects.get().person.number == "N-1101"

    def test_no_word_for_the_one_before_stands_on_the_waiting_screen(self, cast: Cast, pin: str) -> None:
        with screen() as client:
            page = enter(client, "N-1101", pin)
            refused = client.post("/kiosk/choices/", ticket(page) | {"say": "withdraw"})
            assert refused.status_code == 302  # the sentence waits for the next page
            waiting = words(client.get("/kiosk/"))
            assert (
                "nothing to withdraw" not in waiting
                and "N-1101" not in waiting
                and "kiosk" not in client.session
            )
            assert "nothing to withdraw" not in words(client.get("/account/login/"))

    def test_messages_are_read_there(self, cast: Cast, pin: str, worker: Person) -> None:
        with screen() as client:
            assert "(1 new)" in words(enter(client, "N-1101", pin))
            assert "A paper slip" in words(client.get("/kiosk/news/"))
            assert "(0 new)" in words(client.get("/kiosk/choices/"))

    def test_a_no(self, cast: Cast, pin: str) -> None:
        with screen() as client:
            page = enter(client, "N-1101", pin)
            client.post("/kiosk/choices/", ticket(page) | {"say": "refuse"})
        assert set(ConsentRecord.objects.values_list("status", flat=True)) == {"refused"}

    def test_a_no_to_all_ends_what_was_switched_on_elsewhere_meanwhile(
        self, cast: Cast, pin: str, worker: Person
    ) -> None:
        with screen() as client:
            page = enter(client, "N-1101", pin)
            make.consent(worker, cast.purpose, "ui_event", open_streams=False)
            client.post("/kiosk/choices/", ticket(page) | {"say": "refuse"})
        assert not ConsentRecord.objects.on().filter(person=worker).exists()
        ended = ConsentEvent.objects.get(person=worker, status="withdrawn")
        assert ended.evidence.startswith("pin_slip:")

    def test_after_sixty_seconds_it_is_nobodys_turn(self, cast: Cast, pin: str) -> None:
        with screen() as client:
            page = enter(client, "N-1101", pin)
            assert page["Refresh"].startswith("60; url=/kiosk/")
            session = client.session
            session["kiosk"] = session["kiosk"] | {
                "until": (timezone.now() - timedelta(seconds=1)).isoformat()
            }
            session.save()
            answer = client.post("/kiosk/choices/", ticket(page) | {"say": "give", "signals": ["ui_event"]})
            assert answer.status_code == 302 and answer["Location"] == "/kiosk/"
        assert not ConsentRecord.objects.exists()

    def test_it_opens_no_other_page_and_the_waiting_screen_ends_it(self, cast: Cast, pin: str) -> None:
        with screen() as client:
            enter(client, "N-1101", pin)
            for path in ("/", "/me/", "/me/history/", "/people/messages/"):
                assert (
                    client.get(path).status_code == 302 and "/account/login/" in client.get(path)["Location"]
                )
            client.get("/kiosk/")
            assert client.get("/kiosk/choices/").status_code == 302

    def test_wrong_ones_learn_nothing_and_soon_have_to_wait(self, cast: Cast, pin: str) -> None:
        with screen() as client:
            answers = [enter(client, number, "00000000") for number in ("N-1101", "N-1102", "N-9999")]
            assert {words(a) for a in answers} == {words(answers[0])} and answers[0].status_code == 400
            again = [enter(client, "N-1102", "1").status_code for _ in range(6)]
        assert again[-1] == 429

    def test_another_purpose_and_another_verb_are_turned_away(self, cast: Cast, pin: str) -> None:
        with screen() as client:
            page = enter(client, "N-1101", pin)
            form = ticket(page)
            assert (
                client.post(
                    "/kiosk/choices/", form | {"purpose": str(cast.purpose_de.pk), "say": "give"}
                ).status_code
                == 404
            )
            assert client.post("/kiosk/choices/", form | {"purpose": "x", "say": "give"}).status_code == 404
            client.post("/kiosk/choices/", form | {"say": "sell", "signals": ["ui_event"]})
        assert not ConsentRecord.objects.exists()


class TestTheLanguage:
    @pytest.fixture
    def pin(self, cast: Cast, worker: Person) -> str:
        return kiosk.issue("N-1101", by=cast.dev)[1]

    def test_the_waiting_screen_offers_every_language_that_a_notice_may_have(self, cast: Cast) -> None:
        with screen() as client:
            page = client.get("/kiosk/").content.decode()
            assert all(f'value="{tag}"' in page for tag in ("hi", "de", "ur", "mr"))
            assert "More languages" in page and "Only notices may be in these yet" in page
            said = client.post("/kiosk/language/", {"language": "hi"})
            assert said["Location"] == "/kiosk/" and "sammati_language" not in said.cookies
            cookie = said.cookies["kiosk_language"]
            assert (cookie["path"], cookie["max-age"]) == (
                "/kiosk/",
                60,
            )  # no other page of this browser hears of it
            assert 'lang="hi"' in client.get("/kiosk/").content.decode()[:400]

    @pytest.mark.parametrize("how", ["done", "left alone", "too late"])
    def test_it_goes_with_whoever_chose_it(self, cast: Cast, pin: str, how: str) -> None:
        with screen() as client:
            client.post("/kiosk/language/", {"language": "hi"})
            page = enter(client, "N-1101", pin)
            assert 'lang="hi"' in page.content.decode()[:400]
            if how == "done":
                client.post("/kiosk/leave/")
            elif how == "too late":
                session = client.session
                session["kiosk"] = session["kiosk"] | {
                    "until": (timezone.now() - timedelta(seconds=1)).isoformat()
                }
                session.save()
                client.get("/kiosk/choices/")
            page = client.get("/kiosk/")
            assert 'lang="en"' in page.content.decode()[:400] and page["Content-Language"] == "en"
            assert "N-1101" not in words(page) and not client.cookies["kiosk_language"].value

    def test_who_chose_none_is_spoken_to_in_their_own(self, cast: Cast, pin: str, worker: Person) -> None:
        Person.objects.filter(pk=worker.pk).update(language="hi")
        with screen() as client:
            page = enter(client, "N-1101", pin).content.decode()
            assert 'lang="hi"' in page[:400] and 'name="language" value="hi"' in page

    def test_a_language_that_was_chosen_and_left_waits_no_longer_than_a_turn(self, cast: Cast) -> None:
        with screen() as client:
            assert "Refresh" not in client.get("/kiosk/")
            client.post("/kiosk/language/", {"language": "hi"})
            assert client.get("/kiosk/")["Refresh"] == "61; url=/kiosk/"
            client.post("/kiosk/language/", {"language": "no such"})
            assert 'lang="en"' in client.get("/kiosk/").content.decode()[:400]
