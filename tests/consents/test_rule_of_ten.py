"""The rule of ten, tried by somebody who subtracts: two groups, all of them, one withdrawal overnight, one answer more."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from governance.capture import bands
from governance.capture.models import Band
from governance.consents import asking, ledger, optouts, pauses
from governance.lib.bands import band
from governance.people.models import Employment, Person
from tests import make
from tests.cast import Cast
from tests.visits import visit, words

CURIOUS = ("meera", "omar", "rupa", "dev")


@pytest.fixture
def crowd(db: None) -> Cast:
    """Thirty-five people at the entity, twelve of whom take part."""
    cast = make.cast(colleagues=24)
    for number in range(1101, 1113):
        person = Person.objects.get(number=f"N-{number}")
        make.consent(person, cast.purpose, "ui_event", open_streams=False)
    bands.count()
    return cast


def seen(cast: Cast) -> dict[str, str]:
    """All that managers, owners, representatives and the office read about how many there are."""
    pages = {}
    for who in CURIOUS:
        with visit(getattr(cast, who)) as client:
            for path in ("/", "/programmes/", f"/programmes/{cast.programme.pk}/"):
                answer = client.get(path)
                pages[f"{who} {path}"] = (
                    words(answer) if answer.status_code == 200 else str(answer.status_code)
                )
            ask = client.get(f"/consents/ask/{cast.purpose.pk}/")
            pages[f"{who} ask"] = words(ask) if ask.status_code == 200 else str(ask.status_code)
    return pages


def test_a_band_is_shown_and_no_number(crowd: Cast) -> None:
    page = seen(crowd)[f"meera /programmes/{crowd.programme.pk}/"]
    assert "10–19" in page and "12" not in page.split("10–19")[0].split("Week")[0]


@pytest.mark.parametrize("word", ["withdraw", "opt_out", "pause", "refuse", "give"])
def test_one_word_overnight_changes_no_page_of_anybody_else(crowd: Cast, word: str) -> None:
    one, other = Person.objects.get(number="N-1101"), Person.objects.get(number="N-1120")
    notice = crowd.purpose.published_notice()
    before = seen(crowd)
    if word == "withdraw":
        ledger.withdraw_purpose(crowd.purpose, by=one)
    elif word == "opt_out":
        optouts.opt_out(by=one)
    elif word == "pause":
        pauses.pause(by=one)
    elif word == "refuse":
        ledger.refuse(crowd.purpose, ["ui_event"], by=other, notice=notice, language="en")
    else:
        make.consent(other, crowd.purpose, "ui_event", open_streams=False)
    bands.count(timezone.now().date())  # the timetable runs again within the same week
    assert {k: v for k, v in seen(crowd).items() if "dev" not in k} == {
        k: v for k, v in before.items() if "dev" not in k
    }


def test_all_of_them_and_all_but_nine_give_no_figure(crowd: Cast) -> None:
    for job in Employment.objects.filter(entity=crowd.software).exclude(
        person__number__in=[f"N-{n}" for n in range(1101, 1113)]
    )[:15]:
        make.consent(job.person, crowd.purpose, "ui_event", open_streams=False)
    bands.count(timezone.now().date() + timedelta(days=7))
    assert Band.objects.filter(programme=crowd.programme).order_by("-week").first().text == ""  # type: ignore[union-attr]


def test_no_page_narrows_its_figure_to_a_smaller_group(crowd: Cast) -> None:
    """Two groups that overlap cannot be subtracted where no group can be chosen."""
    with visit(crowd.meera) as client:
        plain = words(client.get(f"/programmes/{crowd.programme.pk}/"))
        for question in (
            "unit=1",
            "site=1",
            "manager=me",
            "person=N-1101",
            "signal=ui_event",
            "from=2026-01-01",
            "week=1",
        ):
            assert words(client.get(f"/programmes/{crowd.programme.pk}/?{question}")) == plain


def test_how_many_were_asked_is_a_band_that_no_answer_changes(crowd: Cast) -> None:
    asking.ask(crowd.purpose, by=crowd.dev)
    asking.carry_out(asking.waiting()[0])
    with visit(crowd.dev) as client:
        before = words(client.get(f"/consents/ask/{crowd.purpose.pk}/"))
        ledger.refuse(
            crowd.purpose, ["ui_event"], by=crowd.asha, notice=crowd.purpose.published_notice(), language="en"
        )
        make.consent(crowd.bela, crowd.purpose, "ui_event", open_streams=False)
        assert words(client.get(f"/consents/ask/{crowd.purpose.pk}/")) == before


@given(st.integers(0, 400), st.integers(0, 400))
def test_ten_stand_behind_every_figure_and_ten_do_not(some: int, rest: int) -> None:
    text = band(some, some + rest)
    if some < 10 or rest < 10:
        assert text == ""
    else:
        low, high = (int(part) for part in text.split("–"))
        assert low <= some <= high == low + 9


@given(st.integers(10, 400), st.integers(1, 9))
def test_what_a_group_has_more_than_one_within_it_is_never_a_figure(some: int, more: int) -> None:
    """Of two groups, one within the other, the difference of fewer than ten people is no number: bands are of ten."""
    inner, outer = band(some, some + 500), band(some + more, some + more + 500)
    steps = int(outer.split("–")[0]) - int(inner.split("–")[0])
    assert steps in (0, 10)
