"""Whatever stands in a text of the facts, in any kind of report: it is printed as text, and stays on its page."""

import os
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pypdfium2
import pytest

from governance.lib.refusals import Refused
from governance.reports import bound, paper, press, words
from governance.reports.kinds import KINDS
from governance.reports.models import Report
from tests.cast import Cast
from tests.reports.test_every_kind import company, made
from tests.reports.test_paper import AT, TWIN, listener

__all__ = ["company", "listener"]
Path_ = tuple[Any, ...]
MARKUP = (
    '"\'><h1>CANARY</h1><script>x</script><img src="{there}/img"><link rel=stylesheet href="{there}/link">'
    '<style>@import url({there}/import); p {{ background: url("file:///etc/passwd") }}</style>{{{{ facts }}}}{{% debug %}}'
)
NIGHT = bool(os.environ.get("SAMMATI_NIGHT"))
# All of them by night: each text of each kind is tried.
EACH = tuple(KINDS) if NIGHT else ("processors", "steering", "programme", "evidence_bundle")
DRAWN = (
    ("processors", "programme", "evidence_bundle", "steering", "receipt", "ico")
    if NIGHT
    else ("programme", "evidence_bundle", "receipt")  # a register's rows, wide tables, one sheet
)
UNBREAKABLE = "Donaudampfschifffahrtsgesellschaft" * 6  # longer than any line that we print


def leaves(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The way to each text; of the rows of a list the first and the last stand for all."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list):
        for at in sorted({0, len(value) - 1}) if value else ():
            yield from leaves(value[at], (*path, at))


def put(facts: dict[str, Any], path: Path_, text: str) -> dict[str, Any]:
    changed = deepcopy(facts)
    inside = changed["content"]
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = text
    return changed


def sinks(report: Report) -> list[Path_]:
    """Texts that any words may stand in: codes, days and digests are refused by those who read them."""
    return [path for alike in shapes(report.facts).values() for path in shown(report, alike)]


def shapes(facts: dict[str, Any]) -> dict[Path_, list[Path_]]:
    """The ways that differ only in the row of a list: one template prints them all."""
    found: dict[Path_, list[Path_]] = {}
    for path in leaves(facts["content"]):
        found.setdefault(tuple(step for step in path if isinstance(step, str)), []).append(path)
    return found


def shown(report: Report, paths: list[Path_]) -> list[Path_]:
    """Those of these texts that are printed as they are. Asked of all together, and one by one only where that fails."""
    facts = report.facts
    for n, path in enumerate(paths):
        facts = put(facts, path, f"CANARY-{n}-7731")
    try:
        html = press.html_of(report, facts)
    except (Refused, LookupError, ValueError, TypeError, AttributeError):
        return [one for path in paths for one in shown(report, [path])] if len(paths) > 1 else []
    return [path for n, path in enumerate(paths) if f"CANARY-{n}-7731" in html]


@pytest.mark.django_db(databases=["default", "keys"])
def test_no_text_of_any_kind_becomes_markup_or_fetches_anything(
    company: Cast, undrawn: None, listener: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    there, heard = listener
    markup = MARKUP.format(there=there)
    seen, hostile = {}, {}
    for kind in EACH:
        report = made(kind, company, "en")
        assert report.facts is not None, (kind, report.fault)
        seen[kind] = sinks(report)
        facts = report.facts
        for path in seen[kind]:
            facts = put(facts, path, markup)
        html = hostile[kind] = press.html_of(report, facts)
        for raw in ("<script", "<img", "<link rel=stylesheet", "<style>@import", "<h1>CANARY"):
            assert raw not in html, (kind, raw)
        assert "&lt;script&gt;" in html and "{{ facts }}" in html and "{% debug %}" in html, kind
    assert min(map(len, seen.values())) >= 1 and sum(map(len, seen.values())) > 100, seen
    monkeypatch.delenv("SAMMATI_NO_PDF")
    if paper.why_not():
        return
    for kind in ("steering", "programme", "evidence_bundle") if NIGHT else ("evidence_bundle",):
        assert paper.draw(hostile[kind], twin=TWIN, made_at=AT).startswith(b"%PDF-")
    assert heard == []


@pytest.mark.django_db(databases=["default", "keys"])
def test_a_word_that_cannot_be_broken_stays_on_its_page(
    company: Cast, drawn: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMMATI_NO_PDF", "1")
    beyond = {}
    for kind in DRAWN:
        report = made(kind, company, "de")
        facts = report.facts
        for alike in shapes(facts).values():
            for path in shown(report, alike[:1]):  # a column is as narrow in its last row as in its first
                facts = put(facts, path, UNBREAKABLE)
        if bound.is_long(kind, facts):
            continue
        html = press.html_of(report, facts)
        monkeypatch.delenv("SAMMATI_NO_PDF")
        outside = list(off_the_page(paper.draw(html, twin=TWIN, made_at=AT)))
        monkeypatch.setenv("SAMMATI_NO_PDF", "1")
        if outside:
            beyond[kind] = outside[:3]
    assert not beyond


def test_a_word_of_thousands_of_signs_costs_as_much_as_it_is_long(drawn: None) -> None:
    """In a column of unsaid width it took minutes: whoever may write a name could keep a report from being made."""
    word = "x" * words.LONGEST
    row = f"<tr><th>{word}</th><td>{word}</td><td>x</td></tr>"
    sheet = '<link rel="stylesheet" href="asset:///pdf/report.css">'
    html = f'<html lang="en"><head><title>x</title>{sheet}</head><body><table class="data">{row}</table></body></html>'
    pdf = paper.draw(html, twin=TWIN, made_at=AT, seconds=40)  # of processor time; it needs about four
    assert not list(off_the_page(pdf))


def off_the_page(pdf: bytes) -> Iterator[tuple[int, float, float]]:
    """Page, left and right of every run of text that comes nearer to an edge than ten points."""
    for number, page in enumerate(pypdfium2.PdfDocument(pdf), 1):
        text = page.get_textpage()
        for n in range(text.count_rects()):
            left, _bottom, right, _top = text.get_rect(n)
            if left < 10 or right > page.get_width() - 10:
                yield number, left, right
