"""A yes counts for what people were told: after a material change nothing is taken until they decide again (EU-48)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from governance.audit.models import Entry
from governance.consents import counting, decide, following, jobs, ledger, optouts, rules
from governance.consents.models import ConsentEvent, ConsentRecord, Stream
from governance.consents.tasks import follow
from governance.lib.refusals import Refused
from governance.people.models import Message
from governance.purposes import lifecycle, rules_change
from governance.purposes.models import Purpose
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.consents import register
from tests.visits import ticket, visit, words


def fresh(purpose: Purpose) -> Purpose:
    return Purpose.objects.get(pk=purpose.pk)


def verdict(cast: Cast, person: Any, signal: str = "ui_event") -> str:
    from django.db import connection

    now = timezone.now()
    with connection.cursor() as cursor:
        standing = decide.read(cursor, jobs.about(fresh(cast.purpose), now), [signal], [person.pk], now)
    return decide.decide(standing, person.pk, signal, "Chrome", now, now).code


def nothing(answer: dict[str, Any]) -> bool:
    return answer["admitted"] == 0 and answer["turned_away"] == {"not_permitted": 1}


@pytest.fixture
def changed(cast: Cast) -> Cast:
    """Asha and Bela had agreed; then somebody new gets the data."""
    make.consent(cast.asha, cast.purpose, "ui_event", "app_usage", language="hi")
    make.consent(cast.bela, cast.purpose, "ui_event")
    register.change_materially(cast, fresh(cast.purpose))
    return cast


class TestAMaterialChange:
    def test_it_stops_the_next_batch_before_any_task_has_run(self, changed: Cast) -> None:
        assert nothing(make.post(changed, make.event("N-1001")))
        assert verdict(changed, changed.asha) == "stale_consent"

    def test_a_cosmetic_change_stops_nothing(self, cast: Cast) -> None:
        make.consent(cast.asha, cast.purpose, "ui_event", language="hi")
        register.approve(cast, fresh(cast.purpose), security_note="The door has another lock.")
        assert make.post(cast, make.event("N-1001"))["admitted"] == 1
        assert counting.over() == {}

    def test_a_new_notice_without_a_change_stops_nothing(self, cast: Cast) -> None:
        make.consent(cast.asha, cast.purpose, "ui_event", language="hi")
        register.tell(cast, fresh(cast.purpose))
        assert make.post(cast, make.event("N-1001"))["admitted"] == 1

    def test_until_the_notice_is_published_the_old_version_and_the_old_yes_hold(self, cast: Cast) -> None:
        make.consent(cast.asha, cast.purpose, "ui_event", language="hi")
        register.approve(cast, fresh(cast.purpose), objectives=("something new",))
        assert make.post(cast, make.event("N-1001"))["admitted"] == 1

    def test_bela_reads_what_changed_and_since_when(self, changed: Cast) -> None:
        with visit(changed.bela) as client:
            page = client.get("/me/")
        assert "This changed on" in words(page) and "Somebody new gets the data, or elsewhere." in words(page)
        assert "Nothing is recorded until you decide again." in words(page)
        assert "That does not count any more, so this is off." in words(page)
        assert page.content.decode().count('role="switch"') == 3
        assert "checked" not in page.content.decode()

    def test_the_reason_is_in_the_readers_language_and_not_in_the_authors(self, changed: Cast) -> None:
        with override("hi"):
            why = str(rules_change.FIELDS["recipients"].why)
        with visit(changed.asha) as client:
            assert why in words(client.get("/me/"))

    def test_the_first_line_does_not_say_that_it_is_on(self, changed: Cast) -> None:
        with visit(changed.bela) as client:
            assert "You have switched on" not in words(client.get("/me/"))

    def test_a_yes_to_the_new_words_counts_at_once(self, changed: Cast) -> None:
        with visit(changed.bela) as client:
            form = ticket(client.get("/me/"), changed.purpose)
            client.post(f"/me/purposes/{changed.purpose.pk}/give/", form | {"signals": ["ui_event"]})
        make.streams.open_waiting()
        assert make.post(changed, make.event("N-1002"))["admitted"] == 1
        record = ConsentRecord.objects.get(person=changed.bela)
        assert record.status == "renewed" and record.notice.version == 2
        assert record.notice.purpose_version == 2, "it points at the version of the register that was shown"


class TestTheTimetable:
    def test_it_ends_the_yes_and_tells_her_and_erases_nothing_yet(self, changed: Cast) -> None:
        with as_login("worker"):
            follow()
        event = ConsentEvent.objects.get(person=changed.bela, status="expired")
        assert (event.by_kind, event.method) == ("system", "notice_superseded")
        assert not Stream.objects.filter(person=changed.bela, state__in=("open", "waiting")).exists()
        assert not ErasureOrder.objects.filter(person=changed.bela).exists()
        told = Message.objects.get(person=changed.bela, code="consent_superseded")
        assert told.facts["until"] == str(rules.erase_on(jobs.day_at("Asia/Kolkata", event.at)))
        entry = Entry.objects.filter(code="consent.expired").first()
        assert entry is not None and "Bela" not in str(entry.facts)

    def test_one_message_for_one_purpose_however_many_signals(self, changed: Cast) -> None:
        assert following.follow() == 3 and following.follow() == 0
        assert Message.objects.filter(person=changed.asha, code="consent_superseded").count() == 1

    def test_who_decides_nothing_for_28_days_has_it_erased(self, changed: Cast) -> None:
        following.follow()
        assert following.erase_unrenewed() == 0
        ConsentRecord.objects.to_renew().update(erase_on=jobs.day_at("Asia/Kolkata") - timedelta(days=1))
        with as_login("worker"):
            follow()
        order = ErasureOrder.objects.get(person=changed.asha)
        streams = Stream.objects.filter(person=changed.asha).values_list("pk", flat=True)
        assert set(order.streams) == set(streams) and order.because == "consent.expired"
        assert Message.objects.filter(person=changed.asha, code="consent_not_renewed").count() == 1
        assert following.erase_unrenewed() == 0, "ordered once"

    def test_a_day_before_that_nothing_is_erased(self, changed: Cast) -> None:
        following.follow()
        ConsentRecord.objects.to_renew().update(erase_on=jobs.day_at("Asia/Kolkata"))
        assert following.erase_unrenewed() == 0

    def test_who_agrees_again_keeps_what_was_recorded(self, changed: Cast) -> None:
        following.follow()
        make.consent(changed.bela, fresh(changed.purpose), "ui_event")
        old, new = ConsentRecord.objects.filter(person=changed.bela).order_by("number")
        assert (old.status, new.status, new.replaces_id) == ("expired", "given", old.pk)
        assert old.erase_on is None and not ErasureOrder.objects.filter(person=changed.bela).exists()
        assert make.post(changed, make.event("N-1002"))["admitted"] == 1

    def test_who_agrees_to_one_of_two_has_the_other_erased(self, changed: Cast) -> None:
        following.follow()
        make.consent(changed.asha, fresh(changed.purpose), "ui_event", language="hi")
        ConsentRecord.objects.to_renew().update(erase_on=jobs.day_at("Asia/Kolkata") - timedelta(days=1))
        following.erase_unrenewed()
        order = ErasureOrder.objects.get(person=changed.asha)
        kept = Stream.objects.filter(person=changed.asha, signal="ui_event").values_list("pk", flat=True)
        assert not set(order.streams) & set(kept)

    @pytest.mark.parametrize("swept", [True, False])
    def test_a_no_to_the_new_words_erases_at_once(self, changed: Cast, swept: bool) -> None:
        if swept:
            following.follow()
        with visit(changed.bela) as client:
            form = ticket(client.get("/me/"), changed.purpose)
            answer = client.post(f"/me/purposes/{changed.purpose.pk}/refuse/", form, follow=True)
        assert "You said no" in words(answer)
        order = ErasureOrder.objects.get(person=changed.bela)
        assert order.purpose_id == changed.purpose.pk and order.streams
        assert not ConsentRecord.objects.to_renew().filter(person=changed.bela).exists()

    def test_an_opt_out_meanwhile_orders_once(self, changed: Cast) -> None:
        following.follow()
        optouts.opt_out(by=changed.bela)
        ConsentRecord.objects.to_renew().update(erase_on=jobs.day_at("Asia/Kolkata") - timedelta(days=1))
        following.erase_unrenewed()
        assert ErasureOrder.objects.filter(person=changed.bela).count() == 1

    def test_what_lapsed_after_a_year_is_erased_at_once(self, cast: Cast) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event")
        ConsentRecord.objects.update(expires_at=timezone.now())
        with as_login("worker"):
            follow()
        assert ConsentRecord.objects.get().ended_because == "lapsed"
        assert ErasureOrder.objects.filter(person=cast.bela).exists()

    def test_what_lapsed_can_be_given_anew_before_the_timetable_comes(self, cast: Cast) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event")
        ConsentRecord.objects.update(expires_at=timezone.now())
        make.consent(cast.bela, cast.purpose, "ui_event")
        assert [r.status for r in ConsentRecord.objects.order_by("number")] == ["expired", "given"]


class TestPurposesThatStop:
    def test_a_retired_purpose_ends_every_yes_and_orders_the_erasure(self, cast: Cast) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event")
        lifecycle.retire(fresh(cast.purpose), because="The agent is trained.", by=cast.dev)
        with as_login("worker"):
            follow()
        event = ConsentEvent.objects.get(person=cast.bela, status="revoked")
        assert (event.by_kind, event.method) == ("controller", "purpose_retired")
        assert ErasureOrder.objects.filter(person=cast.bela).exists()
        with visit(cast.bela) as client:
            page = words(client.get("/me/"))
        assert "This purpose has ended for good." in page and "The company ended this on" in page

    def test_a_paused_purpose_takes_nothing_and_keeps_every_yes(self, cast: Cast) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event")
        lifecycle.pause(fresh(cast.purpose), because="We look at something.", by=cast.dev)
        following.follow()
        assert ConsentRecord.objects.get().is_on
        lifecycle.resume(fresh(cast.purpose), by=cast.dev)
        assert make.post(cast, make.event("N-1002"))["admitted"] == 1

    def test_nobody_agrees_while_it_is_paused(self, cast: Cast) -> None:
        lifecycle.pause(fresh(cast.purpose), because="We look at something.", by=cast.dev)
        with pytest.raises(Refused) as refused:
            make.consent(cast.bela, cast.purpose, "ui_event")
        assert refused.value.code == "purpose_not_active"


class TestASignalThatIsNotOffered:
    def test_what_the_register_drops_ends_and_is_erased(self, cast: Cast) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event", "mouse_path")
        register.drop(cast, fresh(cast.purpose), "mouse_path")
        with visit(cast.bela) as client:
            assert "This is not recorded any more, of anybody." in words(client.get("/me/"))
        with as_login("worker"):
            follow()
        assert ConsentRecord.objects.get(signal="mouse_path").ended_because == "signal_dropped"
        assert ConsentRecord.objects.get(signal="ui_event").is_on
        order = ErasureOrder.objects.get(person=cast.bela)
        assert set(order.streams) == set(
            Stream.objects.filter(signal="mouse_path").values_list("pk", flat=True)
        )

    def test_what_the_rules_hold_for_now_waits_and_says_so(self, cast: Cast) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event", "mouse_path")
        cast.purpose.signals.filter(code="mouse_path").delete()  # as purposes/offered.py does, under the lock
        following.follow()
        assert ConsentRecord.objects.get(signal="mouse_path").is_on
        with visit(cast.bela) as client:
            page = words(client.get("/me/"))
        assert "the rules do not allow it. Your yes waits; you can withdraw it." in page
        assert make.post(cast, make.event("N-1002", "mouse_path"))["turned_away"] == {"not_declared": 1}

    def test_nobody_agrees_to_it(self, cast: Cast) -> None:
        cast.purpose.signals.filter(code="mouse_path").delete()
        with pytest.raises(Refused) as refused:
            make.consent(cast.bela, cast.purpose, "mouse_path")
        assert refused.value.code == "not_declared"


def test_the_ledger_refuses_words_that_nobody_answers_for(cast: Cast) -> None:
    notice = cast.purpose.published_notice()
    notice.texts.filter(language="de").update(reviewed_by="", reviewed_on=None)
    with pytest.raises(Refused) as refused:
        ledger.give(cast.purpose, ["ui_event"], by=cast.bela, notice=notice, language="de")
    assert refused.value.code == "no_notice"
