"""A notice on paper in 24 languages: word for word, in its own font and direction, for those whom it tells."""

import io
import json
import os
from collections.abc import Iterator
from typing import Any

import pikepdf
import pytest

from governance.audit.models import Entry
from governance.lib import languages
from governance.lib.refusals import Refused
from governance.purposes.models import Notice
from governance.reports import press, reports
from governance.reports.models import Report, ReportFile
from tests import told
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said
from tests.visits import visit, words

TAGS = [row.tag for row in languages.choices()]
# By night all are drawn; by day the first of each script, for a script is a font and a direction.
DRAWN = (
    TAGS
    if os.environ.get("SAMMATI_NIGHT")
    else list({row.font: row.tag for row in languages.choices()[::-1]}.values())
)
FRAMES = set("hi de as bn gu kn ml mr ne or pa ta te ur".split())


@pytest.fixture
def notice(cast: Cast) -> Notice:
    return told.in_every_language(cast)


def document(notice: Notice, tag: str, by: Any) -> Report:
    report = reports.ask_for_notice(notice.texts.get(language=tag), by=by)
    orders.finish(report)
    assert report.state == "ready", report.fault
    return report


def fonts(pdf: bytes) -> dict[str, Any]:
    """Base name without the subset's tag → the font's dictionary, of every font in the file."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        found = [o for o in opened.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"]
        return {
            str(font["/BaseFont"]).split("+")[-1].lstrip("/"): _plain(font)
            for font in found
            if "/DescendantFonts" in font
        }


def _plain(font: pikepdf.Object) -> dict[str, Any]:
    descriptor = font["/DescendantFonts"][0]["/FontDescriptor"]
    return {"embedded": any(key in descriptor for key in ("/FontFile2", "/FontFile3"))}


def glyphs_drawn(pdf: bytes) -> Iterator[tuple[str, int]]:
    """(font, glyph id) of everything that the pages draw; every font of ours is written with two bytes a glyph."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            yield from _drawn(page, page)


def _drawn(holder: Any, owner: Any) -> Iterator[tuple[str, int]]:
    resources = owner.get("/Resources", {})
    known, now = resources.get("/Font", {}), ""
    for operands, operator in pikepdf.parse_content_stream(holder):
        kind = str(operator)
        if kind == "Tf":
            now = str(known[str(operands[0])]["/BaseFont"])
        elif kind == "Do" and resources["/XObject"][str(operands[0])].get("/Subtype") == "/Form":
            form = resources["/XObject"][str(operands[0])]
            yield from _drawn(form, form)
        elif kind in ("Tj", "TJ"):
            pieces = operands[0] if kind == "TJ" else [operands[0]]
            for piece in pieces:
                if isinstance(piece, pikepdf.String):
                    raw = bytes(piece)
                    for i in range(0, len(raw), 2):
                        yield now, int.from_bytes(raw[i : i + 2], "big")


def test_each_is_drawn_in_the_font_of_its_script_and_no_glyph_is_missing(
    cast: Cast, drawn: None, notice: Notice
) -> None:
    assert {languages.get(tag).font for tag in DRAWN} == {row.font for row in languages.choices()}  # type: ignore[union-attr]
    for tag in DRAWN:
        report = document(notice, tag, cast.bela)
        pdf = bytes(ReportFile.objects.get(report=report, kind="pdf").content)
        wanted = languages.get(tag).font.replace(" ", "-")  # type: ignore[union-attr]
        embedded = fonts(pdf)
        assert any(name.startswith(wanted) for name in embedded), f"{tag}: not among {sorted(embedded)}"
        assert all(font["embedded"] for font in embedded.values()), tag
        # The machine's own fonts play no part: else a notice would look different on another machine.
        assert all(name.startswith("Noto") for name in embedded), f"{tag}: {sorted(embedded)}"
        glyphs = list(glyphs_drawn(pdf))
        assert len(glyphs) > 500, tag
        assert [font for font, glyph in glyphs if glyph == 0] == [], f"{tag}: a glyph is missing (.notdef)"
        assert sum(wanted in font for font, _glyph in glyphs) > 0.4 * len(glyphs), tag


def test_each_says_every_word_in_its_direction_on_paper_and_in_the_twin(
    cast: Cast, undrawn: None, notice: Notice
) -> None:
    for text in notice.texts.all():
        tag, direction = text.language, languages.direction(text.language)
        report = document(notice, tag, cast.bela)
        html, read = press.html_of(report, report.facts), said(report)
        assert f'<article class="told" lang="{tag}" dir="{direction}">' in html
        assert f'<h1 class="told" lang="{tag}" dir="{direction}">' in html
        for part in (text.title, *text.elements.values()):
            assert " ".join(part.split()) in read, tag
        assert text.sha256 in read and report.number in read
        twin = json.loads(press.twin_of(report, report.facts))["facts"]["content"]
        assert twin["text"]["elements"] == text.elements and twin["text"]["sha256"] == text.sha256
        assert twin["text"]["direction"] == direction and twin["notice"]["version"] == notice.version
        assert {one["language"] for one in twin["texts"]} == set(TAGS)
        # The words around it are in the same language, where anybody translated them.
        assert report.language == (tag if tag in FRAMES else "en")


def test_those_whom_it_tells_keep_the_same_document_and_nobody_else_has_it(
    cast: Cast, undrawn: None, notice: Notice
) -> None:
    first = document(notice, "ta", cast.bela)
    assert reports.ask_for_notice(notice.texts.get(language="ta"), by=cast.asha).pk == first.pk
    assert first.about is None
    with visit(cast.ira) as client:  # she works there, so she is told; her role opens nothing more
        assert client.post(f"/reports/notice/{notice.pk}/ta").status_code == 302
    with visit(cast.emil) as client:
        assert client.post(f"/reports/notice/{notice.pk}/ta").status_code == 404
        for path in ("", "/read", "/json", "/pdf"):
            assert client.get(f"/reports/{first.pk}{path}").status_code == 404
    with pytest.raises(Refused) as refused:
        reports.ask_for_notice(notice.texts.get(language="ta"), by=cast.emil)
    assert refused.value.code == "may_not_request"


def test_one_press_on_the_page_leads_to_the_file(cast: Cast, undrawn: None, notice: Notice) -> None:
    with visit(cast.bela) as client:
        page = client.get(f"/register/notices/{notice.pk}/read/ur/")
        assert f'action="/reports/notice/{notice.pk}/ur"' in page.content.decode()
        asked = client.post(f"/reports/notice/{notice.pk}/ur")
    report = Report.objects.get(kind="notice")
    assert asked["Location"] == f"/reports/{report.pk}"
    orders.finish(report)
    with visit(cast.bela) as client:
        assert client.get(f"/reports/{report.pk}").status_code == 200
        read = client.get(f"/reports/{report.pk}/read")
        twin = client.get(f"/reports/{report.pk}/json")
    assert 'lang="ur" dir="rtl"' in read.content.decode()
    assert twin.status_code == 200 and twin["Content-Disposition"].endswith('-notice.json"')
    assert Entry.objects.filter(about_id=report.pk, code="report.downloaded", by_id=cast.bela.pk).exists()


def test_who_else_keeps_it_is_told_to_nobody_whom_it_tells(cast: Cast, undrawn: None, notice: Notice) -> None:
    report = document(notice, "en", cast.asha)
    with visit(cast.asha) as client:
        client.get(f"/reports/{report.pk}/json")
    with visit(cast.bela) as client:
        assert "Asha Deshmukh" not in words(client.get(f"/reports/{report.pk}"))
    with visit(cast.lata) as client:
        assert "Asha Deshmukh" in words(client.get(f"/reports/{report.pk}"))


def test_a_text_that_people_are_not_shown_is_not_printed(cast: Cast, undrawn: None) -> None:
    first = cast.purpose.published_notice()
    with visit(cast.dev) as client:
        assert client.post(f"/reports/notice/{first.pk}/ta").status_code == 404
    with pytest.raises(Refused) as refused:
        reports.ask_for_notice(first.texts.get(language="ta"), by=cast.dev)
    assert refused.value.code == "scope_missing"


def test_it_is_asked_for_where_it_stands_and_not_from_the_list_of_kinds(cast: Cast, undrawn: None) -> None:
    with visit(cast.lata) as client:
        assert "kind=notice" not in client.get("/reports/new").content.decode()
