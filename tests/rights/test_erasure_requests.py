"""A request for erasure becomes orders; its clocks may be extended once, stand still, and bind a refusal."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from governance.consents.models import ConsentRecord
from governance.lib.refusals import Refused
from governance.people.models import Message
from governance.retention.models import ErasureOrder
from governance.rights import erasing, requests, rules
from governance.rights.models import Request
from tests import make
from tests.cast import Cast
from tests.visits import reading, visit, words


def test_asking_for_erasure_switches_off_and_orders_what_was_recorded_on_the_consent(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose)
    make.consent(cast.bela, cast.purpose)
    reading(cast.asha, "en")
    with visit(cast.asha) as client:
        client.post("/me/requests/new/", {"right": "erasure", "words": ""})
        mine = client.get("/me/requests/")
    asked = Request.objects.get()
    order = ErasureOrder.objects.get(person=cast.asha)
    assert list(asked.orders.all()) == [order] and order.state == "waiting" and order.purpose == cast.purpose
    assert not any(record.is_on for record in ConsentRecord.objects.filter(person=cast.asha))
    assert any(record.is_on for record in ConsentRecord.objects.filter(person=cast.bela)), "nobody else's"
    assert order.number in words(mine)
    with visit(cast.asha) as client:
        assert asked.number in words(client.get(f"/me/erasures/{order.pk}"))
    reading(cast.dev, "en")
    with visit(cast.dev) as client:
        assert order.number in words(client.get(reverse("rights:answer", args=[asked.pk])))
        page = client.get(f"/erasures/{order.pk}")
        assert (
            asked.number in words(page) and reverse("rights:answer", args=[asked.pk]) in page.content.decode()
        )


def test_an_order_that_is_open_already_is_linked_and_not_doubled(cast: Cast) -> None:
    from governance.consents import ledger

    make.consent(cast.asha, cast.purpose)
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    asked = requests.raise_request("erasure", by=cast.asha)
    assert ErasureOrder.objects.filter(person=cast.asha).count() == 1
    assert list(asked.orders.all()) == list(ErasureOrder.objects.filter(person=cast.asha))


def test_who_never_agreed_to_anything_has_no_order_and_the_officer_may_order_the_rest(cast: Cast) -> None:
    from governance.demo import systems as demo

    demo.register(cast)
    asked = requests.raise_request("erasure", by=cast.bela)
    assert not asked.orders.exists()
    with pytest.raises(Refused):
        erasing.order_more(asked.pk, [cast.purpose], by=cast.lata)
    with visit(cast.dev) as client:
        client.post(reverse("rights:order_more", args=[asked.pk]), {"purposes": [str(cast.purpose.pk)]})
    order = ErasureOrder.objects.get(person=cast.bela)
    assert (order.because, order.because_id) == ("request.erasure", asked.pk)
    assert list(asked.orders.all()) == [order] and cast.purpose not in erasing.others(asked)
    requests.answer(asked.pk, "Done.", by=cast.dev)
    with pytest.raises(Refused):
        erasing.order_more(asked.pk, [cast.purpose], by=cast.dev)


def test_a_letter_counts_from_the_day_it_came(cast: Cast) -> None:
    came = date(2026, 11, 10)
    with visit(cast.dara) as client:
        client.post(
            "/requests/received/",
            {
                "number": "N-2001",
                "right": "access",
                "channel": "letter",
                "received_on": "2026-11-10",
                "words": "Please.",
            },
        )
    asked = Request.objects.get()
    assert (asked.person, asked.channel, asked.logged_by) == (cast.emil, "letter", cast.dara)
    assert asked.due_on == rules.clock("access", frozenset({"EU"}), country="DE", received_on=came).due_on
    assert (
        asked.received_at.date() == came
        and Message.objects.filter(person=cast.emil, code="request_received").exists()
    )
    with pytest.raises(Refused, match="still to come"):
        requests.receive(cast.emil, "access", channel="email", received_on=date(2036, 1, 1), by=cast.dara)
    with pytest.raises(Refused):
        requests.receive(cast.emil, "access", channel="email", received_on=came, by=cast.lata)


@pytest.mark.parametrize(
    ("received", "extended"),
    [(date(2027, 1, 15), date(2027, 4, 15)), (date(2027, 11, 30), date(2028, 2, 29))],
)
def test_an_extension_ends_three_months_after_the_receipt(received: date, extended: date) -> None:
    clock = rules.extended("access", frozenset({"EU"}), country="DE", received_on=received)
    assert clock is not None and clock.due_on == extended


def test_no_indian_law_knows_an_extension_and_a_grievance_under_both_keeps_its_90_days() -> None:
    on = date(2027, 6, 1)
    assert rules.extended("grievance", frozenset({"IN"}), country="IN", received_on=on) is None
    both = rules.extended("grievance", frozenset({"EU", "IN"}), country="DE", received_on=on)
    assert both is not None and both.due_on == date(2027, 8, 30)


def test_an_extension_is_told_once_with_its_reason_and_a_refusal_gains_no_time(
    cast: Cast, settings: Any
) -> None:
    settings.TODAY = "2027-01-15"
    asked = requests.receive(
        cast.emil, "access", channel="email", received_on=date(2027, 1, 15), by=cast.dara
    )
    first = asked.due_on
    requests.extend(asked.pk, "complex", by=cast.dara)
    asked.refresh_from_db()
    assert (asked.first_due_on, asked.due_on, asked.extended_to) == (
        first,
        date(2027, 4, 15),
        date(2027, 4, 15),
    )
    assert Message.objects.filter(person=cast.emil, code="request_extended_complex").count() == 1
    with pytest.raises(Refused, match="twice"):
        requests.extend(asked.pk, "many", by=cast.dara)

    settings.TODAY = "2027-03-01"
    with pytest.raises(Refused) as refused:
        requests.answer(asked.pk, "No.", by=cast.dara, outcome="refused")
    assert refused.value.code == "too_late_to_refuse"
    requests.answer(asked.pk, "A part of it.", by=cast.dara, outcome="partly")
    reading(cast.emil, "en")
    with visit(cast.emil) as client:
        said = words(client.get("/me/requests/"))
    assert "Done in part" in said and "GDPR Art. 12(4), 77, 79" in said


def test_an_extension_after_the_first_month_comes_too_late(cast: Cast, settings: Any) -> None:
    settings.TODAY = "2027-03-01"
    asked = requests.receive(
        cast.emil, "access", channel="email", received_on=date(2027, 1, 15), by=cast.dara
    )
    with pytest.raises(Refused) as refused:
        requests.extend(asked.pk, "complex", by=cast.dara)
    assert refused.value.code == "too_late"


def test_the_clock_stands_still_until_the_person_has_shown_who_they_are(cast: Cast) -> None:
    asked = requests.raise_request("access", by=cast.emil)
    before = asked.due_on
    requests.ask_identity(asked.pk, by=cast.dara)
    with pytest.raises(Refused):
        requests.ask_identity(asked.pk, by=cast.dara)
    Request.objects.filter(pk=asked.pk).update(identity_asked_at=asked.received_at - timedelta(days=5))
    asked.refresh_from_db()
    assert asked.stands_still
    with visit(cast.dara) as client:
        assert client.get(reverse("rights:answer", args=[asked.pk])).status_code == 200
        client.post(reverse("rights:identity", args=[asked.pk]))
    asked.refresh_from_db()
    assert not asked.stands_still and asked.due_on == before + timedelta(days=5)


def test_an_answer_says_what_became_of_it(cast: Cast) -> None:
    asked = requests.raise_request("access", by=cast.bela)
    with pytest.raises(Refused) as refused:
        requests.answer(asked.pk, "Here.", by=cast.dev, outcome="forgotten")
    assert refused.value.code == "outcome_missing"


def test_the_clocks_of_requests_are_data_with_their_numbers() -> None:
    from governance.lib import packs

    pack = packs.load("clocks").content
    rows = [*pack["answer"], *pack["extend"], *pack["refuse"], *pack["identity"]]
    assert {row["code"] for row in rows} == {"CL-01", "CL-02", "CL-03", "CL-04", "CL-14"}
    provisions = packs.load("laws").content["provision"]
    assert all(row["provision"] in provisions for row in rows)
