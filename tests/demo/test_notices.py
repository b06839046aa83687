"""The demo company's notice stands in all 24 languages, whole, in the right script, and says where nobody has reviewed it."""

import re

import pytest

from governance.demo import notices
from governance.lib import languages
from governance.people.models import Entity
from governance.purposes import catalogue
from tests.cast import Cast
from tests.lib.test_languages import of_script

PUNE = Entity(
    name="Nirmaan Software Pvt Ltd", address="14 Senapati Bapat Road, Pune", country="IN", contact_email="privacy@nirmaan.example",
    dpo_name="Dev Kulkarni", dpo_email="dpo@nirmaan.example", eu_representative="Nirmaan GmbH, München",
)  # fmt: skip
MUNICH = Entity(
    name="Nirmaan GmbH", address="Sonnenstraße 8, München", country="DE", contact_email="datenschutz@nirmaan.example",
    dpo_name="Dev Kulkarni", dpo_email="dpo@nirmaan.example",
)  # fmt: skip
TAGS = [row.tag for row in languages.choices()]
REVIEWED = {"en", "hi", "de", "ur"}


def test_every_language_is_there_once_and_four_are_reviewed() -> None:
    assert list(notices.texts(PUNE)) == TAGS
    assert set(notices.texts(PUNE, only_reviewed=True)) == REVIEWED
    assert {path.stem for path in notices.HERE.iterdir()} == set(TAGS), "no file that nobody reads"


@pytest.mark.parametrize("tag", TAGS)
def test_a_text_is_whole_and_in_its_own_script(tag: str) -> None:
    found = languages.get(tag)
    assert found is not None
    for entity in (PUNE, MUNICH):
        text, english = notices.texts(entity)[tag], notices.texts(entity)["en"]
        assert set(text["elements"]) == set(english["elements"]) and all(text["elements"].values())
        said = " ".join([text["title"], *text["elements"].values()])
        assert "{" not in said and "}" not in said
        assert entity.contact_email in text["elements"]["complaint"]
        # Names, laws, addresses and what stands on English buttons stay as they are; the rest is in the language's script.
        foreign = of_script(re.sub(r"[A-Za-zÀ-ÿ@.]+", "", said), found.script)
        assert foreign == set(), f"{tag}: {foreign}"
        assert sum(not c.isascii() for c in said) > (0.5 if found.script != "Latn" else 0) * len(said)


@pytest.mark.parametrize("tag", sorted(set(TAGS) - REVIEWED))
def test_a_text_that_nobody_reviewed_says_so_in_its_title(tag: str) -> None:
    text = notices.texts(PUNE)[tag]
    assert text["is_demo"] and not text["reviewed_by"] and text["reviewed_on"] is None
    assert ":" in text["title"][:60], "the mark stands before the title"
    if text["title"][0].isascii():
        assert text["title"].startswith("Demo text, not reviewed: ")


@pytest.mark.parametrize("tag", sorted(REVIEWED))
def test_a_reviewed_text_names_its_reviewer(tag: str) -> None:
    text = notices.texts(PUNE)[tag]
    assert text["reviewed_by"] and text["reviewed_on"] and not text["is_demo"]


def test_each_entity_complains_to_its_own_authority_and_names_its_representative() -> None:
    pune, munich = notices.texts(PUNE)["ta"]["elements"], notices.texts(MUNICH)["ta"]["elements"]
    assert "BayLDA" in munich["complaint"] and "BayLDA" not in pune["complaint"]
    assert "Nirmaan GmbH" in pune["representative"] and "representative" not in munich


@pytest.mark.parametrize("tag", TAGS)
def test_what_stands_over_the_parts_is_in_the_language_too(tag: str) -> None:
    found = languages.get(tag)
    assert found is not None
    for code in catalogue.ELEMENTS:
        heading = catalogue.heading(code, tag)
        assert heading and not of_script(heading.replace("EU", ""), found.script), f"{tag}: {code}: {heading}"
    for code in ("ui_event", "app_usage", "mouse_path"):
        assert not of_script(catalogue.signals()[code].title(tag), found.script), f"{tag}: {code}"


def test_a_heading_that_nobody_has_said_yet_is_in_english() -> None:
    assert catalogue.heading("purpose", "xx") == catalogue.heading("purpose", "en") == "Why"
    assert catalogue.heading("purpose", "ks") == catalogue.heading("purpose", "ks-Arab") != "Why"


def test_what_the_notice_says_is_never_recorded_is_in_no_list_of_applications(cast: Cast) -> None:
    assert "the clipboard" in cast.purpose.published_notice().texts.get(language="en").elements["data"]
    assert not any("clipboard" in name.lower() for name in cast.programme.applications)
