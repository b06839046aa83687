"""Decide later: off, and not asked again for a while. And a consent that was none: ended, told, erased."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.consents import asking, later, ledger, rebuilding, rules
from governance.consents.models import ConsentEvent, ConsentRecord, Receipt
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.models import Message, Person
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.visits import ticket, visit, words


@pytest.fixture
def asked(cast: Cast) -> Cast:
    asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)
    return cast


def may_be_asked(cast: Cast, days: int = 0) -> bool:
    notice = cast.purpose.published_notice()
    standing = asking.standings(cast.purpose, notice, [cast.bela.pk])[cast.bela.pk]
    return rules.may_be_asked(standing, clock.law_date("Asia/Kolkata") + timedelta(days=days))


class TestLater:
    def test_it_is_one_press_beside_the_others_and_everything_stays_off(self, asked: Cast) -> None:
        with visit(asked.bela) as client:
            page = client.get("/me/")
            assert "Decide later" in words(page)
            said = client.post(
                f"/me/purposes/{asked.purpose.pk}/defer/", ticket(page, asked.purpose), follow=True
            )
            assert "You decide later" in words(said) and "Decide later" not in words(said)
            assert "Answer put off" in words(client.get("/me/history/"))
        records = ConsentRecord.objects.filter(person=asked.bela)
        assert set(records.values_list("status", flat=True)) == {"deferred"}
        assert make.post(asked, make.event("N-1002"))["admitted"] == 0
        assert rebuilding.check() == []

    def test_nobody_is_asked_again_before_the_time_and_then_they_may_be(self, asked: Cast) -> None:
        notice = asked.purpose.published_notice()
        later.defer(asked.purpose, by=asked.bela, notice=notice, language="en")
        assert not may_be_asked(asked) and not may_be_asked(asked, 85) and may_be_asked(asked, 95)

    def test_a_yes_can_follow_at_once(self, asked: Cast) -> None:
        later.defer(asked.purpose, by=asked.bela, notice=asked.purpose.published_notice(), language="en")
        make.consent(asked.bela, asked.purpose, "ui_event")
        assert make.post(asked, make.event("N-1002"))["admitted"] == 1

    def test_who_was_not_asked_has_nothing_to_put_off(self, cast: Cast) -> None:
        with visit(cast.bela) as client:
            page = client.get("/me/")
            assert "Decide later" not in words(page)
            client.post(f"/me/purposes/{cast.purpose.pk}/defer/", ticket(page, cast.purpose))
            assert client.post(f"/me/purposes/{cast.purpose_de.pk}/defer/", {}).status_code == 404
            client.post(f"/me/purposes/{cast.purpose.pk}/defer/", {})
        assert not ConsentEvent.objects.exists()


class TestNotValid:
    def test_it_ends_is_told_with_the_reason_and_erased(self, cast: Cast) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event", "app_usage")
        form = {"number": cast.bela.number, "purpose": str(cast.purpose.pk), "why": "pressed"}
        with visit(cast.dev) as client:
            page = client.post("/consents/not-valid/", form, follow=True)
            assert "Whatever this person had switched on" in words(page)
        assert make.post(cast, make.event("N-1002"))["admitted"] == 0
        receipt = Receipt.objects.get(kind="invalid")
        order = ErasureOrder.objects.get(person=cast.bela, because="consent.invalidated")
        assert receipt.body["erasure_order"] == order.number
        assert Message.objects.filter(person=cast.bela, code="consent_invalidated").count() == 1
        with visit(cast.bela) as client:
            page = words(client.get(f"/me/receipts/{receipt.pk}/"))
            assert "Your yes was found not valid" in page and "the person was pressed" in page
            assert "Your yes was found not valid on" in words(client.get("/me/"))
        assert rebuilding.check() == []

    def test_the_officer_reads_the_same_where_nothing_was_on_or_nobody_is(self, cast: Cast) -> None:
        said = set()
        make.consent(cast.asha, cast.purpose, "ui_event")
        for number in (cast.bela.number, cast.asha.number, "N-9999"):
            with visit(cast.dev) as client:
                form = {"number": number, "purpose": str(cast.purpose.pk), "why": "not_informed"}
                said.add(words(client.post("/consents/not-valid/", form, follow=True)))
        assert len(said) == 1

    @pytest.mark.parametrize("who", ["asha", "meera", "rupa", "lata", "arun", "ira", "omar"])
    def test_nobody_else_finds_that(self, cast: Cast, who: str) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event")
        with pytest.raises(Refused):
            later.invalidate(cast.bela, cast.purpose, "pressed", by=getattr(cast, who))
        with visit(getattr(cast, who)) as client:
            assert client.get("/consents/not-valid/").status_code == 403
        assert ConsentRecord.objects.on().exists()

    def test_a_reason_of_the_list_is_named(self, cast: Cast) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event")
        with pytest.raises(Refused):
            later.invalidate(cast.bela, cast.purpose, "because", by=cast.dev)
        assert ConsentRecord.objects.on().exists()


def test_every_event_says_the_version_in_force_and_what_shows_it(cast: Cast) -> None:
    asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)
    make.consent(cast.bela, cast.purpose, "ui_event")
    ledger.withdraw_purpose(cast.purpose, by=cast.bela)
    make.consent(cast.bela, cast.purpose, "app_usage")
    later.invalidate(Person.objects.get(pk=cast.bela.pk), cast.purpose, "pressed", by=cast.dev)
    events = ConsentEvent.objects.filter(person=cast.bela)
    cast.purpose.refresh_from_db()
    assert set(events.values_list("purpose_version", flat=True)) == {cast.purpose.version}
    kinds = {event.status: event.evidence.split(":")[0] for event in events}
    assert kinds == {
        "requested": "asking",
        "given": "notice_text",
        "withdrawn": "account",
        "invalidated": "office",
    }
    given = Receipt.objects.filter(kind="given").first()
    assert given is not None and given.body["events"][0]["purpose_version"] == cast.purpose.version
    assert ConsentRecord.objects.filter(purpose_version=cast.purpose.version).count() == 2
    assert timezone.now() > events[0].at
