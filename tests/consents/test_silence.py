"""After a no nobody is asked again for six months (G6, EU-37); the person may switch it on whenever they like."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.consents import asking, ledger, optouts, rules
from governance.consents.models import ConsentRecord
from governance.lib.refusals import Refused
from governance.people.models import Message
from tests import make
from tests.cast import Cast
from tests.visits import visit, words

TODAY = date(2026, 11, 23)


def standing(**more: Any) -> rules.Standing:
    usual: dict[str, Any] = {
        "employed_there": True, "under_18": False, "can_sign_in": True, "opted_out": False, "has_text": True,
        "switched_on": False, "asked": False, "said_on": None,
    }  # fmt: skip
    return rules.Standing(**usual | more)


@pytest.mark.parametrize(
    ("what", "may"),
    [
        ({}, True),
        ({"employed_there": False}, False),
        ({"under_18": True}, False),
        ({"can_sign_in": False}, False),
        ({"opted_out": True}, False),
        ({"has_text": False}, False),
        ({"switched_on": True}, False),
        ({"asked": True}, False),
        ({"said_on": TODAY}, False),
        ({"said_on": date(2026, 5, 23)}, False),  # six months end with this day
        ({"said_on": date(2026, 5, 22)}, True),
    ],
)
def test_who_may_be_asked(what: dict[str, Any], may: bool) -> None:
    assert rules.may_be_asked(standing(**what), TODAY) is may


def test_six_months_from_the_end_of_august_end_with_february() -> None:
    assert rules.silent_until(date(2026, 8, 31)) == date(2027, 2, 28)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 400))
def test_nobody_is_asked_within_six_months_of_a_no(said: date, days: int) -> None:
    today = said + timedelta(days=days)
    if rules.may_be_asked(standing(said_on=said), today):
        assert days > 180


@given(
    st.fixed_dictionaries(
        {name: st.booleans() for name in ("under_18", "opted_out", "switched_on", "asked")}
    ),
    st.sampled_from(["under_18", "opted_out", "switched_on", "asked"]),
)
def test_one_more_reason_not_to_ask_never_makes_anybody_askable(some: dict[str, bool], more: str) -> None:
    assert not rules.may_be_asked(standing(**some | {more: True}), TODAY)


def test_every_span_of_the_pack_holds_on_every_day_of_the_laws_that_cite_it() -> None:
    for name, least in (("silence", "P6M"), ("lapse", "P12M"), ("renewal", "P28D"), ("between", "P7D")):
        assert rules.span(name, date(2018, 5, 25)) == rules.span(name, TODAY) == least


def _no(cast: Cast) -> None:
    ledger.refuse(
        cast.purpose, ["ui_event"], by=cast.bela, notice=cast.purpose.published_notice(), language="en"
    )


def _withdrawal(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
    ledger.withdraw_purpose(cast.purpose, by=cast.bela)


def _opt_out_taken_back(cast: Cast) -> None:
    optouts.lift(optouts.opt_out(by=cast.bela, purpose=cast.purpose).pk, by=cast.bela)


@pytest.mark.parametrize("said", [_no, _withdrawal, _opt_out_taken_back], ids=lambda f: f.__name__.strip("_"))
def test_nobody_who_said_no_gets_a_question(cast: Cast, said: Any) -> None:
    said(cast)
    Message.objects.all().delete()
    asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)
    assert not Message.objects.filter(person=cast.bela).exists()
    assert not ConsentRecord.objects.filter(person=cast.bela, status="requested").exists()
    assert Message.objects.filter(person=cast.asha, code="consent_asked").exists()


def test_the_ledger_itself_refuses_nothing_that_the_person_wants(cast: Cast) -> None:
    """A no yesterday, a yes today: theirs to say."""
    _no(cast)
    assert make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False).kind == "given"


def test_she_reads_until_when_nobody_asks_her(cast: Cast) -> None:
    _no(cast)
    with visit(cast.bela) as client:
        page = words(client.get("/me/"))
    assert "You said no. Nobody asks you about this again until after" in page


def test_a_question_after_the_silence_is_one_question(cast: Cast) -> None:
    _no(cast)
    record = ConsentRecord.objects.get(person=cast.bela)
    ledger.request(cast.bela, cast.purpose, by=cast.dev, notice=cast.purpose.published_notice(), text=None)
    record.refresh_from_db()
    assert record.status == "requested"
    with pytest.raises(Refused):
        ledger.request(
            cast.bela, cast.purpose, by=cast.dev, notice=cast.purpose.published_notice(), text=None
        )
