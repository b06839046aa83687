"""Every character that people are told has a glyph: in the fonts of pages and in those of paper."""

import json
import re
from functools import cache

import pytest
from django.conf import settings
from fontTools.ttLib import TTFont

from governance.demo import notices
from governance.lib import languages
from governance.purposes import catalogue
from governance.setup import vendor
from tests.demo.test_notices import PUNE

FONTS = settings.BUILD / "vendor" / "fonts"
ON_PAPER = (settings.BASE / "static" / "pdf" / "report.css").read_text()
ON_PAGES = (settings.BASE / "static" / "css" / "fonts.css").read_text()
STACK = (settings.BASE / "static" / "css" / "sammati.css").read_text()
FACE = re.compile(
    r'@font-face \{[^}]*font-family: "([^"]+)"; font-weight: (\d+);[^}]*url\("([^"]+)"\)([^}]*)\}'
)
INVISIBLE = {"\u200c", "\u200d"}


def faces(css: str) -> list[tuple[str, str, str, str]]:
    """[(family, weight, file, rest)]."""
    return [(family, weight, url.rsplit("/", 1)[-1], rest) for family, weight, url, rest in FACE.findall(css)]


@cache
def drawn_by(file: str) -> frozenset[int]:
    return frozenset(TTFont(FONTS / file).getBestCmap())


def told(tag: str) -> set[str]:
    """Every character of what a person of this language may be shown."""
    text = notices.texts(PUNE)[tag]
    words = [text["title"], *text["elements"].values(), languages.native(tag)]
    words += [catalogue.heading(code, tag) for code in catalogue.ELEMENTS]
    words += [kind.title(tag) for kind in catalogue.signals().values()]
    found = languages.get(tag)
    assert found is not None
    return set("".join([*words, found.sentence])) - INVISIBLE - {" "}


def in_range(character: str, rest: str) -> bool:
    ranges = re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", rest)
    return any(int(a, 16) <= ord(character) <= int(b or a, 16) for a, b in ranges)


TAGS = [row.tag for row in languages.choices()]


@pytest.mark.parametrize("weight", ["400", "700"])
@pytest.mark.parametrize("tag", TAGS)
def test_paper_has_a_glyph_for_everything_in_the_languages_own_font(tag: str, weight: str) -> None:
    found = languages.get(tag)
    assert found is not None
    (file,) = [file for family, w, file, _ in faces(ON_PAPER) if (family, w) == (found.font, weight)]
    assert {c for c in told(tag) if ord(c) not in drawn_by(file)} == set()


@pytest.mark.parametrize("weight", ["400", "700"])
@pytest.mark.parametrize("tag", TAGS)
def test_pages_have_a_glyph_for_everything_and_the_browser_knows_where(tag: str, weight: str) -> None:
    missing = {
        c
        for c in told(tag)
        if not any(
            w == weight and in_range(c, rest) and ord(c) in drawn_by(file)
            for _family, w, file, rest in faces(ON_PAGES)
        )
    }
    assert missing == set()


def test_every_face_is_a_file_that_set_up_builds_and_stands_in_the_stack() -> None:
    built = {entry["to"].removeprefix("fonts/") for entry in json.loads(vendor.LIST.read_text())}
    for family, _weight, file, _rest in faces(ON_PAPER) + faces(ON_PAGES):
        assert file in built, file
        if family != "Noto Sans Mono":
            assert f'"{family}"' in STACK or family in STACK


def test_paper_has_one_file_for_a_family_and_weight() -> None:
    # Two files under one family and weight print wrong glyphs without a warning.
    names = [(family, weight) for family, weight, _file, _rest in faces(ON_PAPER)]
    assert len(names) == len(set(names))


def test_two_weights_of_each_are_built_and_no_more() -> None:
    built = [entry["to"] for entry in json.loads(vendor.LIST.read_text()) if entry["to"].startswith("fonts/")]
    assert all(re.search(r"(-400|-700|-Regular|-Bold)\.(woff2|ttf)$", name) for name in built)
    assert {path.name for path in FONTS.iterdir()} >= {name.removeprefix("fonts/") for name in built}


@pytest.mark.parametrize("css", [ON_PAPER, ON_PAGES], ids=["paper", "pages"])
def test_nastaliq_has_room_between_its_lines(css: str) -> None:
    for tag in ("ur", "ks-Arab"):
        heights = [
            float(height)
            for rule, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css)
            if re.search(rf'(:lang\({tag}\)|lang="{tag}")', rule)
            for height in re.findall(r"line-height: ([\d.]+)", body)
        ]
        assert heights and min(heights) >= 2.2


def test_the_fonts_are_free_to_pass_on() -> None:
    for package in {entry["from"].split("/files/")[0] for entry in json.loads(vendor.LIST.read_text())}:
        scope = "/".join(package.split("/")[:3])
        if "font" not in scope:
            continue
        about = json.loads((settings.BASE / scope / "package.json").read_text())
        assert "OFL-1.1" in about["license"], scope
