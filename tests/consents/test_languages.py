"""The whole interface speaks Hindi and German: every sentence, none guessed, none with a broken place in it."""

import ast
import gettext
import re
from pathlib import Path
from typing import Any

import pytest

from tests import make
from tests.cast import Cast
from tests.visits import visit, words

LOCALE = Path(__file__).resolve().parents[2] / "governance" / "locale"
SPOKEN = pytest.mark.parametrize("language", ["hi", "de"])
PLACES = re.compile(r"%\(\w+\)[sd]")


def entries(language: str) -> list[dict[str, Any]]:
    """[{"context", "id", "plural", "texts"}] of the .po file, which is what people edit."""
    found = []
    for block in (LOCALE / language / "LC_MESSAGES" / "django.po").read_text().split("\n\n")[1:]:
        assert "fuzzy" not in block, f"guessed: {block}"
        parts: dict[str, str] = {}
        key = ""
        for line in block.splitlines():
            if match := re.match(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) (".*")$', line):
                key = match.group(1)
                parts[key] = ast.literal_eval(match.group(2))
            elif line.startswith('"'):
                parts[key] += ast.literal_eval(line)
        if parts.get("msgid"):
            texts = [text for name, text in parts.items() if name.startswith("msgstr")]
            found.append(
                {
                    "context": parts.get("msgctxt"),
                    "id": parts["msgid"],
                    "plural": parts.get("msgid_plural"),
                    "texts": texts,
                }
            )
    return found


@SPOKEN
def test_no_sentence_is_left_in_english(language: str) -> None:
    assert [entry["id"] for entry in entries(language) if not all(entry["texts"])] == []


@SPOKEN
def test_every_place_in_a_sentence_is_filled(language: str) -> None:
    broken = [
        (entry["id"], text)
        for entry in entries(language)
        for n, text in enumerate(entry["texts"])
        if (
            PLACES.findall(text)
            and sorted(PLACES.findall(text)) != sorted(PLACES.findall(entry["plural"] or entry["id"]))
        )
        # One of something may be said without its number, as in English.
        or (
            not PLACES.findall(text)
            and PLACES.findall(entry["id"] if n == 0 else entry["plural"] or entry["id"])
        )
    ]
    assert broken == []


@SPOKEN
def test_what_is_served_is_what_was_written(language: str) -> None:
    """The compiled file stands beside its source in the repository: no tool is needed to run the portal."""
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in entries(language):
        if entry["plural"]:
            assert compiled.ngettext(entry["id"], entry["plural"], 2) == entry["texts"][1]
        elif entry["context"]:
            assert compiled.pgettext(entry["context"], entry["id"]) == entry["texts"][0]
        else:
            assert compiled.gettext(entry["id"]) == entry["texts"][0]


@pytest.mark.parametrize("path", ["/", "/me/", "/me/history/", "/me/requests/"])
def test_asha_reads_her_pages_in_hindi(cast: Cast, path: str) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event", language="hi")
    make.post(cast, make.event("N-1001"))
    with visit(cast.asha) as client:
        answer = client.get(path)
    # Words of the register stand as somebody entered them, and the page says in which language that is.
    answer.content = re.sub(
        r'<(\w+)[^>]* lang="en"[^>]*>.*?</\1>', "", answer.content.decode(), flags=re.DOTALL
    ).encode()
    page = words(answer)
    names = {  # of companies, people, programs and laws; what is data stays as it was written
        "Sammati", "Nirmaan", "Software", "Pvt", "Ltd", "Language", "English", "Deutsch", "Asha", "Deshmukh", "Dev", "Kulkarni", "Dara", "Irani",
        "Chrome", "DPDP", "GDPR", "CNIL", "SAN", "Act", "Art", "Agent", "Senapati", "Bapat", "Road", "Pune", "India", "JSON", "GmbH", "Sonnenstra", "nchen", "Germany",
    }  # fmt: skip
    latin = set(re.findall(r"[A-Za-z]{4,}", re.sub(r"\S+@\S+|[0-9a-f]{12,}\S*", "", page)))
    english = {
        "Train",
        "agent",
        "reimbursement",
        "workflow",
        "Receipt",
    }  # the purpose's own name stands as it was entered
    assert (
        latin
        - names
        - english
        - {"name", "action", "click", "move", "button", "submit", "claims", "example", "Excel", "time"}
        == set()
    )


def test_the_sentence_about_time_keeps_its_zone(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event", language="hi")
    make.post(cast, make.event("N-1001"))
    with visit(cast.asha) as client:
        page = words(client.get("/me/"))
    assert "से रिकॉर्ड हो रहा है" in page and "1 घटना" in page
