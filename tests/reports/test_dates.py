"""Days are written as each language writes them, and no word of ours takes the place of a month's name."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation
from django.utils.formats import date_format

from governance.lib import packs
from governance.reports import dates, words


@pytest.mark.parametrize(("language", "name"), [("en", "May"), ("de", "Mai"), ("hi", "मई")])
def test_may_is_a_month_and_not_a_permission(language: str, name: str) -> None:
    with translation.override(language):
        assert date_format(date(2027, 5, 13), "F") == name


def test_german_numbers_its_days_with_a_point() -> None:
    at = datetime(2026, 3, 4, 14, 5, 9, tzinfo=UTC)
    with translation.override("de"):
        assert dates.day(at) == "4. März 2026" and dates.moment(at) == "4. März 2026, 14:05:09"
        assert words.day("2027-05-13") == "13. Mai 2027"
    with translation.override("en"):
        assert dates.day(at) == "4 March 2026" and dates.months(date(2026, 1, 1), at.date()) == "January – March 2026"  # fmt: skip
    with translation.override("hi"):
        assert dates.day(at) == "4 मार्च 2026"


@pytest.mark.parametrize("language", ["de", "hi"])
def test_the_text_of_every_provision_is_said_in_the_language_of_the_report(language: str) -> None:
    """They come from a policy pack, where no search of the sources finds them."""
    texts = {row.text for row in packs.provisions().values()}
    with translation.override(language):
        assert sorted(text for text in texts if translation.gettext(text) == text) == []
