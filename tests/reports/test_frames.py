"""What a person keeps is said in their language, whole, and marked while nobody has reviewed it: notice, receipt, statement."""

import gettext as gettexts
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import override, to_locale

from governance.consents import optouts
from governance.lib import clock, languages
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.purposes.models import Notice
from governance.reports import press, reports, sheets, words
from governance.reports.kinds import KINDS
from governance.retention.models import ErasureOrder
from governance.retention.wording import BECAUSE
from governance.rights import requests
from governance.rights.models import Request
from tests import make, told
from tests.cast import Cast
from tests.house.test_sentences import in_code, in_template
from tests.reports import orders

FRAMES = sorted({code for code, _name in words.languages("receipt")} - set(words.WHOLE))
SAID_IN = (
    "governance/reports/kinds/receipt.py", "governance/reports/kinds/notice.py", "governance/reports/honest.py",
    "templates/pdf/receipt.html", "templates/pdf/notice.html", "templates/reports/receipt_body.html", "templates/reports/notice_body.html",
    "templates/pdf/parts/seal.html", "templates/pdf/parts/field.html",
)  # fmt: skip
MORE_SAID_IN = (
    "governance/reports/kinds/statement.py", "governance/reports/kinds/statement_words.py", "governance/capture/recorded.py",
    "governance/reports/kinds/evidence_bundle.py", "governance/reports/kinds/evidence_bundle_words.py",
    "templates/pdf/statement.html", "templates/pdf/evidence_bundle.html", "templates/pdf/base.html", "templates/reports/sheet_body.html",
    "templates/reports/statement_body.html", "templates/reports/evidence_bundle_body.html",
)  # fmt: skip
NOT_REVIEWED = "The fixed words of this document are a translation that nobody has reviewed yet."
RUNNING = {(None, "Law as in force on"), (None, "Page"), ("page 1 of 9", "of"), (None, "times of %(zone)s")}


def catalogue(language: str) -> dict[Any, str]:
    path = words.CATALOGUES / to_locale(language) / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as file:
        return dict(gettexts.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]


def sentences(*files: str) -> set[tuple[str | None, str]]:
    found = set(RUNNING)
    for name in files:
        path = Path(settings.BASE) / name
        found |= set(in_code(path) if path.suffix == ".py" else in_template(path))
    return found


def of_more() -> set[tuple[str | None, str]]:
    """Of statement and bundle too, with the codes that stand in their tables, and their names."""
    codes = [*BECAUSE.values(), *dict(ErasureOrder.STATES).values(), *dict(Request.RIGHTS).values()]
    with override("en"):
        named = {
            str(one)
            for one in (*codes, *(KINDS[kind].title for kind in words.FRAMED_IN), sheets.limits()["heading"])
        }
    return sentences(*SAID_IN, *MORE_SAID_IN) | {(None, text) for text in named}


def test_twelve_languages_of_the_eighth_schedule_have_frames() -> None:
    assert FRAMES == ["as", "bn", "gu", "kn", "ml", "mr", "ne", "or", "pa", "ta", "te", "ur"]
    assert [code for code, _name in words.languages("register")] == list(dict(words.languages()))
    assert set(dict(words.languages())) == set(words.WHOLE)


@pytest.mark.parametrize("language", FRAMES)
def test_a_frame_is_whole_and_keeps_its_blanks(language: str) -> None:
    has = catalogue(language)
    blanks = re.compile(r"%\(\w+\)s")
    missing = []
    wanted = of_more() if language in words.FRAMED_IN["statement"] else sentences(*SAID_IN)
    for context, text in sorted(wanted, key=str):
        name = text if context is None else f"{context}\x04{text}"
        there = has.get(name, "") or has.get((name, 1), "")  # type: ignore[call-overload]
        if not there:
            missing.append(text)
        assert sorted(blanks.findall(there)) == sorted(blanks.findall(text)) or not there, (text, there)
    assert missing == []
    script = languages.get(language).script  # type: ignore[union-attr]
    with override(language):
        months = {date_format(clock.now().replace(month=month, day=1), "F") for month in range(1, 13)}
    assert len(months) == 12 and not any(name.isascii() for name in months), (script, months)


@pytest.fixture
def notice(cast: Cast) -> Notice:
    return told.in_every_language(cast)


def html(cast: Cast, notice: Notice, language: str) -> str:
    report = reports.ask_for_notice(notice.texts.get(language=language), by=cast.bela)
    orders.finish(report)
    return press.html_of(report, report.facts)


def test_an_urdu_document_runs_from_right_to_left_and_says_that_nobody_reviewed_its_frame(
    cast: Cast, undrawn: None, notice: Notice, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://sammati.example.org"
    page = html(cast, notice, "ur")
    assert f"{words.LRM}https://sammati.example.org/verify/{words.LRM}" in page, "its last slash stands last"
    assert '<html lang="ur" dir="rtl">' in page
    assert "اس اطلاع کے بارے میں" in page and "About this notice" not in page
    assert "جائزہ نہیں لیا" in page
    # "14 Senapati Bapat Road" is one run: without the mark its number would stand at the other end.
    assert "\N{LEFT-TO-RIGHT MARK}14 Senapati Bapat Road" in page


def test_where_nobody_translated_the_frame_it_is_english_and_says_so_in_the_persons_language(
    cast: Cast, undrawn: None, notice: Notice
) -> None:
    page = html(cast, notice, "brx")
    assert '<html lang="en" dir="ltr">' in page and "About this notice" in page
    assert escape(languages.get("brx").sentence) in page  # type: ignore[union-attr]
    assert escape(languages.get("ta").sentence) not in html(cast, notice, "ta")  # type: ignore[union-attr]


def test_a_receipt_speaks_the_language_in_which_the_person_was_asked(
    cast: Cast, undrawn: None, notice: Notice
) -> None:
    receipt = make.consent(cast.asha, cast.purpose, "ui_event", language="ta")
    report = reports.ask_for_receipt(receipt, by=cast.asha)
    assert report.language == "ta"
    orders.finish(report)
    page = press.html_of(report, report.facts)
    assert "ஒப்புதலின் ரசீது" in page and "Receipt of consent" not in page


def test_no_other_kind_is_made_in_a_language_that_has_only_frames(cast: Cast, undrawn: None) -> None:
    with pytest.raises(Refused) as refused:
        reports.ask("register", cast.software, by=cast.dev, language="ta")
    assert refused.value.code == "no_such_language"


@pytest.mark.parametrize("language", words.FRAMED_IN["statement"])
def test_statement_and_bundle_are_in_the_persons_language_and_no_english_sentence_is_left(
    cast: Cast, undrawn: None, language: str
) -> None:
    optouts.opt_out(by=cast.bela, signal="app_usage")
    requests.raise_request("access", "Please show me the notes", by=cast.bela)
    orders.withdrawn(cast, cast.bela)
    Person.objects.filter(pk=cast.bela.pk).update(language=language)
    report = reports.ask_for_statement(by=Person.objects.get(pk=cast.bela.pk))
    assert report.language == language
    orders.finish(report)
    bundle = reports.ask_for_bundle(cast.purpose, by=Person.objects.get(pk=cast.bela.pk))
    orders.finish(bundle)
    for made, heading in ((report, "Everything you ever said"), (bundle, "What happened when")):
        page = re.sub(
            r'(?s)<head>.*?</head>|<article class="told".*?</article>', "", press.html_of(made, made.facts)
        )
        text = unescape(re.sub(r"<[^>]+>", " ", page))
        for name in (cast.purpose.name, cast.purpose.told_name(language)[0]):  # its name is a fact
            text = text.replace(name, "")
        assert catalogue(language)[heading] in text
        assert catalogue(language)[NOT_REVIEWED] in text
        assert re.findall(r"(?:[A-Z][a-z]+|[a-z]{2,})(?: [a-z]{2,}){2,}", text) == [], made.kind
