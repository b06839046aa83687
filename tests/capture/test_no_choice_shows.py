"""What was turned away because of a choice shows nobody's: tried by posting events around one withdrawal overnight."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from governance.capture import bands, programmes, turned_away
from governance.capture.code_words import CODES
from governance.capture.models import Band, TurnedAway
from governance.consents import ledger
from governance.people.models import Person
from tests import make
from tests.cast import Cast
from tests.visits import visit, words

WHO = ("omar", "dev", "rupa")


def pages(cast: Cast) -> dict[str, str]:
    found = {}
    for who in WHO:
        with visit(getattr(cast, who)) as client:
            found[who] = words(client.get(f"/programmes/{cast.programme.pk}/"))
    return found


def refused_so_far(cast: Cast) -> int:
    return sum(
        TurnedAway.objects.filter(programme=cast.programme, code="not_permitted").values_list(
            "count", flat=True
        )
    )


def next_week(cast: Cast) -> None:
    """The timetable of next Monday, for what was refused this week."""
    bands.count(timezone.now().date() + timedelta(days=7))


@pytest.fixture
def crowd(db: None) -> Cast:
    """Twenty-six people at one device, twelve of whom take part."""
    cast = make.cast(colleagues=24)
    for number in range(1101, 1125):
        programmes.bind(Person.objects.get(number=f"N-{number}"), cast.device)
    for number in range(1101, 1113):
        make.consent(Person.objects.get(number=f"N-{number}"), cast.purpose, "ui_event", open_streams=False)
    return cast


def test_one_withdrawal_overnight_changes_no_page(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    make.post(cast, *[make.event("N-1002")] * 3)
    turned_away.count()
    bands.count()
    before = pages(cast)
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    make.post(cast, *[make.event("N-1001")] * 41)
    turned_away.count()
    bands.count()
    assert refused_so_far(cast) == 44
    assert pages(cast) == before
    assert all("no figure of what was not permitted" in before[who] for who in ("omar", "dev"))
    assert (
        "No event was refused for another reason" in before["omar"] and "not_permitted" not in before["omar"]
    )


def test_of_few_people_no_week_has_a_figure(cast: Cast) -> None:
    make.post(cast, *[make.event("N-1002")] * 137)
    turned_away.count()
    next_week(cast)
    assert refused_so_far(cast) == 137
    assert Band.objects.get(programme=cast.programme).not_permitted == ""
    assert not any(re.search(r"\b137\b|100–999", page) for page in pages(cast).values())


def test_of_enough_people_the_week_is_a_wide_band_that_one_withdrawal_does_not_move(crowd: Cast) -> None:
    make.post(crowd, *[make.event(f"N-{n}") for n in range(1113, 1125) for _ in range(12)])
    turned_away.count()
    next_week(crowd)
    before = pages(crowd)
    assert all("100–999 " in page and not re.search(r"\b144\b", page) for page in before.values())
    assert "100–999 events were not permitted" in before["dev"]
    ledger.withdraw_purpose(crowd.purpose, by=Person.objects.get(number="N-1101"))
    make.post(crowd, *[make.event("N-1101")] * 12)
    turned_away.count()
    next_week(crowd)
    assert refused_so_far(crowd) == 156 and pages(crowd) == before
    Band.objects.all().delete()  # and were it counted anew, it would say the same
    next_week(crowd)
    assert Band.objects.get(programme=crowd.programme).not_permitted == "100–999"


def test_what_depends_on_no_choice_is_still_shown_by_day(cast: Cast) -> None:
    make.post(cast, *[make.event("N-1001", "typed_text")] * 17, make.event("N-1001", application="Tinder"))
    turned_away.count()
    for who, page in pages(cast).items():
        with override(getattr(cast, who).language):
            assert str(CODES["not_declared"]) in page and " 17 " in page, who


@given(st.integers(0, 10**9))
def test_every_count_lies_in_its_step(events: int) -> None:
    low, high = (int(part) for part in bands.tenfold(events).split("–"))
    assert low <= events <= high and (high == 9 or high + 1 == low * 10)
