"""A yes lapses by itself; a person hears of it once before, in the portal and by an e-mail that tells nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from governance.consents import following, ledger
from governance.consents.models import ConsentRecord
from governance.people import messages, notify, post
from governance.people.models import Message, Person
from tests import make
from tests.cast import Cast
from tests.conftest import as_login


@pytest.fixture
def given(cast: Cast) -> Cast:
    make.consent(cast.bela, cast.purpose, "ui_event", "app_usage", open_streams=False)
    return cast


def lapses_in(**span: Any) -> None:
    ConsentRecord.objects.update(expires_at=timezone.now() + timedelta(**span))


def told() -> int:
    return Message.objects.filter(code="consent_ends_soon").count()


def test_one_message_for_a_purpose_and_never_a_second(given: Cast) -> None:
    lapses_in(days=13)
    with as_login("worker"):
        assert [following.warn(), following.warn()] == [1, 0]
    assert told() == 1
    text = messages.shown(list(Message.objects.filter(code="consent_ends_soon")))[0].text
    assert given.purpose.number in text and "ends by itself on" in text


@pytest.mark.parametrize(("days", "expected"), [(15, 0), (14, 1), (1, 1), (-1, 0)])
def test_fourteen_days_before_and_not_sooner_or_too_late(given: Cast, days: int, expected: int) -> None:
    lapses_in(days=days)
    assert following.warn() == expected


def test_then_it_lapses_to_off_if_the_person_does_nothing(given: Cast) -> None:
    lapses_in(days=1)
    following.warn()
    lapses_in(seconds=-1)
    assert following.follow() == 2
    assert not ConsentRecord.objects.on().exists() and following.warn() == 0


def test_who_withdrew_is_not_told(given: Cast) -> None:
    lapses_in(days=3)
    ledger.withdraw_purpose(given.purpose, by=given.bela)
    assert following.warn() == 0


def test_a_new_yes_has_its_own_warning(given: Cast) -> None:
    lapses_in(days=3)
    following.warn()
    ledger.withdraw_purpose(given.purpose, by=given.bela)
    make.consent(given.bela, given.purpose, "ui_event", open_streams=False)
    lapses_in(days=3)
    assert following.warn() == 1 and told() == 2


class TestTheEMail:
    def test_it_says_that_there_is_news_and_not_which(self, given: Cast) -> None:
        lapses_in(days=3)
        following.warn()
        with as_login("worker"):
            assert [post.send_waiting(), post.send_waiting()] == [1, 0]
        letter = mail.outbox[0]
        assert letter.to == ["bela@nirmaan.example"]
        everything = f"{letter.subject} {letter.body}"
        assert given.purpose.number not in everything and "end" not in everything.lower().split()
        assert Message.objects.get(code="consent_ends_soon").sent_at is not None

    def test_every_kind_of_message_reads_the_same_from_outside(self, given: Cast) -> None:
        for code in sorted(post.BY_MAIL):
            notify.tell(given.bela, code)
        assert post.send_waiting() == len(post.BY_MAIL)
        assert len({(letter.subject, letter.body) for letter in mail.outbox}) == 1
        assert set(messages.SENTENCES) >= post.BY_MAIL

    def test_in_the_persons_language_where_there_is_one(self, given: Cast) -> None:
        assert post.letter("en") == post.letter("xx")

    def test_what_was_read_or_is_old_or_has_no_address_is_not_sent(self, given: Cast) -> None:
        notify.tell(given.bela, "consent_expired")
        messages.mark_read(given.bela)
        old = notify.tell(given.asha, "consent_expired")
        Message.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=4))
        notify.tell(Person.objects.get(number="N-1101"), "consent_expired")
        notify.tell(given.asha, "role_granted")
        assert post.send_waiting() == 0 and mail.outbox == []

    def test_a_server_that_is_away_loses_nothing(self, given: Cast, settings: Any) -> None:
        notify.tell(given.bela, "consent_expired")
        backend = settings.EMAIL_BACKEND
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        assert post.send_waiting() == 0 and Message.objects.get(code="consent_expired").sent_at is None
        settings.EMAIL_BACKEND = backend
        assert post.send_waiting() == 1
