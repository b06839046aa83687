"""Long registers are drawn in parts and bound: numbers, contents and bookmarks run through, and the same facts give the same bytes."""

import io
from typing import Any

import pikepdf
import pytest

from governance.lib import clock
from governance.reports import bound, paper, press, reprinting, shelf
from governance.reports.models import Report, ReportFile
from tests.cast import Cast
from tests.reports import orders


@pytest.fixture
def cut_small(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> list[list[str]]:
    """Two activities a part, and more than ten pages are long. Returns which parts were drawn, run by run."""
    monkeypatch.setattr(bound, "SIZE", 2)
    monkeypatch.setattr(bound, "MOST_WHOLE", 10)
    monkeypatch.setattr(bound, "PROBED", 0)
    monkeypatch.setattr(shelf, "home", lambda: tmp_path / "pages")
    drawn: list[list[str]] = []
    run = paper.run

    def spy(script: Any, order: dict[str, Any], *args: Any, **more: Any) -> bytes:
        drawn.append([part["name"] for part in order.get("parts", [])] if script == paper.DRAWING else [])
        return run(script, order, *args, **more)

    monkeypatch.setattr(paper, "run", spy)
    return drawn


SHELF: dict[str, bytes] = {}  # name → page, as the first register that this module draws leaves them


@pytest.fixture
def shelved(cast: Cast, drawn: None, cut_small: list[list[str]]) -> None:
    """A register like the next one was made before: its activities lie on the shelf. Drawn once for all tests."""
    if not SHELF:
        orders.made("register", cast)
        SHELF.update(on_the_shelf())
    shelf.home().mkdir(exist_ok=True)
    for name, content in SHELF.items():
        (shelf.home() / name).write_bytes(content)
    cut_small.clear()


def on_the_shelf() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in shelf.home().iterdir()}


def opened(report: Report) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(bytes(ReportFile.objects.get(report=report, kind="pdf").content)))


def test_a_bound_register_is_one_document(cast: Cast, drawn: None, cut_small: list[list[str]]) -> None:
    report = orders.made("register", cast)
    assert report.state == "ready", report.fault
    SHELF.update(on_the_shelf())
    names = [a["says"]["name"] for a in report.facts["content"]["activities"]]
    assert cut_small[0] == [f"part{at}" for at in range(0, len(names), 2)]
    with opened(report) as pdf:
        assert set(pdf.attachments) == {f"{report.number}.json", f"{report.number}.jsonld"}
        assert b'pdfaid:part="3"' in pdf.Root.Metadata.read_bytes()
        assert "/MarkInfo" not in pdf.Root and "/StructTreeRoot" not in pdf.Root, "it claims no tags"
        assert len(pdf.pages) == report.pages > 10
        with pdf.open_outline() as outline:
            rows = list(outline.root)
            assert [row.title for row in rows] == ["About this register", "Activities", *names, "Law"]
            places = [pdf.pages.index(pikepdf.Page(row.destination[0])) for row in rows]
        assert places == sorted(places) and len(set(places)) == len(places), "every activity begins a page"
        notes = [note.Dest for page in pdf.pages for note in page.get("/Annots", []) if "/Dest" in note]
        named = [str(dest) for dest in notes if isinstance(dest, pikepdf.String)]
        assert named == ["F1", "F2", "F3"], "a figure leads to where it comes from"
        known = pdf.Root.Names.Dests.Names
        assert set(named) <= {str(known[at]) for at in range(0, len(known), 2)}
        links = [dest[0] for dest in notes if isinstance(dest, pikepdf.Array)]
        assert [pdf.pages.index(pikepdf.Page(link)) for link in links] == places[2:-1]
        labels = pdf.Root.PageLabels.Nums
        assert (int(labels[0]), str(labels[1].S), int(labels[2]), str(labels[3].S)) == (
            0,
            "/r",
            places[2],
            "/D",
        )
        programs = [
            font.DescendantFonts[0].FontDescriptor.FontFile2.objgen
            for page in pdf.pages[places[2] : places[-1]]
            for name, font in page.Resources.Font.items()
            if name != "/Num"
        ]
        assert len(set(programs)) <= 3, "regular, bold and mono, once each"


def test_numbers_are_printed_on_every_page(cast: Cast, shelved: None, text_of: Any) -> None:
    report = orders.made("register", cast)
    pages = text_of(bytes(ReportFile.objects.get(report=report, kind="pdf").content)).split("\f")[
        : report.pages
    ]
    with opened(report) as pdf:
        first = int(pdf.Root.PageLabels.Nums[2])
    total = report.pages - first
    for at, page in enumerate(pages[first:], 1):
        assert f"{at}/{total}" in page and report.number in page and "Law as in force on" in page


def test_an_unchanged_register_is_not_drawn_again_and_is_the_same_anew(
    cast: Cast, shelved: None, cut_small: list[list[str]]
) -> None:
    second = orders.made("register", cast)
    assert cut_small[0] == ["front", "law", "frame"], "the activities lay on the shelf"
    cut_small.clear()
    assert reprinting.compare(second).same, "every page drawn anew gives the same bytes"
    assert "part0" in cut_small[0] and "contents" in cut_small[1]
    with opened(second) as pdf:
        assert len(pdf.pages) == second.pages > 10
    assert on_the_shelf() == SHELF


def test_a_page_on_the_shelf_that_was_touched_is_not_used(
    cast: Cast, shelved: None, cut_small: list[list[str]]
) -> None:
    for path in shelf.home().iterdir():
        path.write_bytes(path.read_bytes()[:-9] + b"\n%%EOF  \n")
    second = orders.made("register", cast)
    assert second.state == "ready" and "part0" in cut_small[0]
    assert on_the_shelf() == SHELF, "each was drawn again, and is the same"


def test_two_hundred_pages_stay_one_tagged_document(
    cast: Cast, drawn: None, cut_small: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bound, "MOST_WHOLE", 200)
    monkeypatch.setattr(bound, "PROBED", 3)
    report = orders.made("register", cast)
    with opened(report) as pdf:
        assert pdf.Root.MarkInfo.Marked
    assert cut_small == [["sample"], []], (
        "some activities told that it is short; no part was drawn for nothing"
    )


def test_where_some_activities_tell_that_it_is_long_each_part_is_drawn_once(
    cast: Cast, drawn: None, cut_small: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bound, "PROBED", 3)
    report = orders.made("register", cast)
    assert report.pages > 10
    parts = [name for names in cut_small for name in names if name.startswith("part")]
    assert parts == ["part0", "part2", "part4"]


def test_who_waits_sees_how_many_pages_are_drawn(cast: Cast, undrawn: None) -> None:
    report = Report.objects.get(pk=orders.made("register", cast).pk)
    Report.objects.filter(pk=report.pk).update(state="pages", fence=7)
    press._tell(press.Claim(report.pk, 7), 50, 200)
    report.refresh_from_db()
    assert (report.pages, report.pages_about, report.progress) == (50, 200, 51)


def test_pages_that_nobody_used_for_long_go(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setattr(shelf, "home", lambda: tmp_path / "pages")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-")
    for key in ("old", "new"):
        shelf.put(key, tmp_path / "a.pdf", {"pages": 1, "starts": []})
    long_ago = clock.now().timestamp() - 101 * 86_400
    os.utime(shelf.home() / "old", (long_ago, long_ago))
    shelf.tidy()
    assert shelf.take("old", tmp_path / "b.pdf") is None
    assert shelf.take("new", tmp_path / "b.pdf") == {"pages": 1, "starts": []}
