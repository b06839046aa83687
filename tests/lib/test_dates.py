"""Days as a language writes them."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils import translation

from governance.lib.dates import date_format

DAY = date(2027, 5, 3)
MOMENT = datetime(2027, 5, 3, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("en", "j F Y", "3 May 2027"), ("de", "j F Y", "3. Mai 2027"), ("hi", "j F Y", "3 मई 2027"), ("ur", "j F Y", "3 مئی 2027"),
        ("de", "j M", "3. Mai"), ("de", "F Y", "Mai 2027"), ("de", "DATE_FORMAT", "3. Mai 2027"), ("en", "DATE_FORMAT", "3 May 2027"),
        ("de", "j. F Y", "3. Mai 2027"), ("ta-IN", "j M Y", "3 மே 2027"),
    ],
)  # fmt: skip
def test_in_german_the_day_has_its_point(language: str, written: str, said: str) -> None:
    with translation.override(language):
        assert date_format(DAY, written) == said
        assert Template(f'{{{{ day|date:"{written}" }}}}').render(Context({"day": DAY})) == said


def test_on_pages_too_where_no_pattern_is_named_or_nothing_stands() -> None:
    shown = Template('{{ day }}|{{ day|date }}|{{ moment|date:"j M Y, H:i" }}|{{ none|date:"j F Y" }}')
    context = Context({"day": DAY, "moment": MOMENT, "none": None})
    with translation.override("de"):
        assert shown.render(context) == "3. Mai 2027|3. Mai 2027|3. Mai 2027, 09:30|"
    with translation.override("ur"):
        assert shown.render(context) == "3 مئی 2027|3 مئی 2027|3 مئی 2027، 09:30|"


@pytest.mark.parametrize(
    ("language", "month", "long", "short"),
    [
        ("hi", 9, "3 सितंबर 2027", "3 सित 2027"), ("hi", 11, "3 नवंबर 2027", "3 नव 2027"), ("hi", 12, "3 दिसंबर 2027", "3 दिस 2027"),
        ("ur", 11, "3 نومبر 2027", "3 نومبر 2027"), ("ur", 12, "3 دسمبر 2027", "3 دسمبر 2027"),
        ("de", 12, "3. Dezember 2027", "3. Dez 2027"), ("en", 11, "3 November 2027", "3 Nov 2027"),
    ],
)  # fmt: skip
def test_months_are_spelt_as_people_spell_them(language: str, month: int, long: str, short: str) -> None:
    with translation.override(language):
        day = date(2027, month, 3)
        assert (date_format(day, "j F Y"), date_format(day, "j M Y")) == (long, short)
