"""The list of languages is the Eighth Schedule with English and German, and every spelling finds its language."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.lib import languages

# The Eighth Schedule: number, tag, native name, script, direction.
SCHEDULE = """
1  as       অসমীয়া       Beng ltr
2  bn       বাংলা        Beng ltr
3  brx      बर'_(बोड़ो)    Deva ltr
4  doi      डोगरी        Deva ltr
5  gu       ગુજરાતી       Gujr ltr
6  hi       हिन्दी         Deva ltr
7  kn       ಕನ್ನಡ        Knda ltr
8  ks-Arab  کٲشُر        Arab rtl
9  kok      कोंकणी        Deva ltr
10 mai      मैथिली        Deva ltr
11 ml       മലയാളം      Mlym ltr
12 mni-Mtei ꯃꯩꯇꯩꯂꯣꯟ      Mtei ltr
13 mr       मराठी        Deva ltr
14 ne       नेपाली        Deva ltr
15 or       ଓଡ଼ିଆ        Orya ltr
16 pa       ਪੰਜਾਬੀ       Guru ltr
17 sa       संस्कृतम्      Deva ltr
18 sat-Olck ᱥᱟᱱᱛᱟᱲᱤ      Olck ltr
19 sd-Arab  سنڌي        Arab rtl
20 ta       தமிழ்        Taml ltr
21 te       తెలుగు       Telu ltr
22 ur       اُردُو        Arab rtl
"""
ROWS = [line.split() for line in SCHEDULE.strip().splitlines()]
TAGS = [row.tag for row in languages.all()]
# How characters of a script are named in Unicode.
CALLED = {
    "Latn": "LATIN", "Deva": "DEVANAGARI", "Beng": "BENGALI", "Gujr": "GUJARATI", "Guru": "GURMUKHI", "Knda": "KANNADA", "Mlym": "MALAYALAM",
    "Mtei": "MEETEI MAYEK", "Olck": "OL CHIKI", "Orya": "ORIYA", "Taml": "TAMIL", "Telu": "TELUGU", "Arab": "ARABIC",
}  # fmt: skip


def of_script(text: str, script: str) -> set[str]:
    """The letters of the text that belong to another script."""
    return {c for c in text if c.isalpha() and not unicodedata.name(c).startswith(CALLED[script])}


@pytest.mark.parametrize("row", ROWS, ids=[row[1] for row in ROWS])
def test_a_scheduled_language_stands_in_the_list_as_the_schedule_has_it(row: list[str]) -> None:
    number, tag, native, script, direction = row
    found = languages.get(tag)
    assert found is not None and found.is_scheduled
    assert (str(found.number), found.native, found.script, found.direction) == (
        number, native.replace("_", " "), script, direction,
    )  # fmt: skip


def test_the_schedule_has_twenty_two_and_people_choose_from_twenty_four() -> None:
    assert [row.tag for row in languages.scheduled()] == [row[1] for row in ROWS]
    assert {row.tag for row in languages.choices()} == {row[1] for row in ROWS} | {"en", "de"}
    assert {row.tag for row in languages.all() if row.instead_of} == {"ks-Deva", "sd-Deva", "mni-Beng"}


@pytest.mark.parametrize("tag", TAGS)
def test_a_language_is_written_in_its_own_script(tag: str) -> None:
    found = languages.get(tag)
    assert found is not None and found.tag == tag
    assert of_script(found.native, found.script) == set()
    assert of_script(found.sentence, found.script) == set()
    assert found.has_pages == (not found.sentence), "it says that it is not translated only where it is not"
    assert found.has_own_pages or not found.has_pages
    assert {"en", "hi", "de"} <= set(found.names)


@pytest.mark.parametrize(
    ("spelt", "tag"),
    [
        ("ks", "ks-Arab"), ("KS_arab", "ks-Arab"), ("ks-IN", "ks-Arab"), ("ks-deva-IN", "ks-Deva"), ("sd", "sd-Arab"), ("mni", "mni-Mtei"),
        ("sat", "sat-Olck"), ("gom", "kok"), ("ory", "or"), ("de-AT", "de"), ("en-GB", "en"), ("HI", "hi"), (" ta ", "ta"), ("hi-Deva", "hi"),
    ],
)  # fmt: skip
def test_every_spelling_finds_its_language(spelt: str, tag: str) -> None:
    assert languages.canonical(spelt) == tag


@pytest.mark.parametrize("spelt", ["", "xx", "Hindi", "fr", "ta-Arab", "-", "zz-Deva", "<script>", "en-Arab"])
def test_what_is_not_in_the_list_is_no_language(spelt: str) -> None:
    assert languages.get(spelt) is None and languages.canonical(spelt) == "" and not languages.is_rtl(spelt)
    assert languages.native(spelt) == spelt


def test_direction_follows_the_script_and_not_the_language() -> None:
    assert {tag for tag in TAGS if languages.is_rtl(tag)} == {"ur", "ks-Arab", "sd-Arab"}
    assert languages.direction("ks") == "rtl" and languages.direction("ks-Deva") == "ltr"


@pytest.mark.parametrize(
    ("wanted", "offered", "got"),
    [
        ("ta", ["en", "ta"], "ta"), ("ta", ["en", "hi"], None), ("de-AT", ["en", "de"], "de"), ("ks-Deva", ["ks-Arab", "ks-Deva"], "ks-Deva"),
        ("ks-Deva", ["en", "ks-Arab"], "ks-Arab"), ("ks-Arab", ["ks-Deva", "en"], "ks-Deva"), ("mni", ["mni-Beng", "mni-Mtei"], "mni-Mtei"),
        ("ks-Arab", ["ks"], "ks"), ("xx", ["xx", "en"], "xx"), ("xx", ["en"], None), ("en", [], None),
    ],
)  # fmt: skip
def test_who_asks_gets_their_language_in_their_script_if_it_is_there(
    wanted: str, offered: list[str], got: str | None
) -> None:
    assert languages.best(wanted, offered) == got


@given(st.sampled_from(TAGS), st.lists(st.sampled_from(TAGS), unique=True))
def test_the_best_is_always_one_of_those_offered_and_of_the_same_language(
    wanted: str, offered: list[str]
) -> None:
    got = languages.best(wanted, offered)
    assert got is None or (got in offered and languages.same(got, wanted))
    assert (got is not None) == any(languages.same(tag, wanted) for tag in offered)
    if wanted in offered:
        assert got == wanted


@given(st.text(max_size=40))
def test_no_text_breaks_the_list(text: str) -> None:
    found = languages.get(text)
    assert found is None or found.tag in TAGS
    assert languages.of_pages(text) in {"en", "hi", "de"}
    assert languages.of_pages(text, own=True) in {"en", "hi", "de", "ur"}


def test_a_language_may_have_only_the_pages_about_oneself() -> None:
    assert (languages.of_pages("ur"), languages.of_pages("ur", own=True)) == ("en", "ur")
    assert {languages.of_pages("hi"), languages.of_pages("hi", own=True)} == {"hi"}
    assert languages.of_pages("ks", own=True) == "en"
