"""A preview shows the first page as it would be printed: a picture of real facts, for those who may see them, kept by nobody."""

import base64
import io
import re
from typing import Any

import pytest
from PIL import Image

from governance.lib.access import may
from governance.reports import paper, previewing
from governance.reports.models import Report, ReportFile
from tests.cast import Cast
from tests.visits import visit

PICTURE = re.compile(r'<img src="data:image/png;base64,([^"]+)"')


def asked(person: Any, cast: Cast, kind: str = "register") -> Any:
    with visit(person) as client:
        said = {"entity": cast.software.pk, "language": "en", "preview": "1"}
        return client.post(f"/reports/new?kind={kind}", said)


def dark(picture: Image.Image, box: tuple[int, int, int, int]) -> int:
    """How many points in it are ink."""
    return sum(picture.crop(box).convert("L").histogram()[:90])


def test_the_first_page_is_shown_and_nothing_is_kept(cast: Cast, drawn: None) -> None:
    before = Report.objects.count()
    answer = asked(cast.lata, cast)
    (found,) = PICTURE.findall(answer.content.decode())
    picture = Image.open(io.BytesIO(base64.b64decode(found)))
    assert picture.format == "PNG" and picture.width == 900
    assert 1.40 < picture.height / picture.width < 1.43, "a sheet of A4"
    assert dark(picture, (0, 0, picture.width, picture.height)) > 5_000, "the cover has words on it"
    assert "no-store" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
    assert Report.objects.count() == before and not ReportFile.objects.exists()
    assert "First page of" in answer.content.decode()


def test_it_is_drawn_from_the_facts_of_now(cast: Cast, drawn: None) -> None:
    def page() -> str:
        return PICTURE.findall(asked(cast.lata, cast).content.decode())[0]

    one = page()
    cast.software.name = "An Entirely Different Company Ltd"
    cast.software.save()
    assert page() != one


def test_who_may_not_ask_sees_no_picture(cast: Cast, drawn: None) -> None:
    for person in (cast.arun, cast.asha, cast.ira):
        assert not may(person, "reports.request")
        answer = asked(person, cast)
        assert answer.status_code == 403 and b"data:image/png" not in answer.content


def test_a_page_that_takes_too_long_is_told_in_words(
    cast: Cast, drawn: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_long(html: str) -> bytes:
        return real(html, memory=paper.MEMORY, seconds=1, width=900)

    real = paper.picture
    monkeypatch.setattr(paper, "picture", too_long)
    monkeypatch.setattr(paper, "BEAT", 0.5)
    text = asked(cast.lata, cast).content.decode()
    if "data:image/png" not in text:  # a fast machine draws it in a second
        assert "takes too long to draw" in text
    assert "What it would say now" in text


def test_one_is_drawn_at_a_time(cast: Cast, drawn: None) -> None:
    assert previewing._drawing.acquire(blocking=False)
    try:
        text = asked(cast.lata, cast).content.decode()
    finally:
        previewing._drawing.release()
    assert "Another preview is being drawn" in text and "data:image/png" not in text
    assert "data:image/png" in asked(cast.lata, cast).content.decode()


def test_without_pango_the_words_are_shown(cast: Cast, undrawn: None) -> None:
    text = asked(cast.lata, cast).content.decode()
    assert "What it would say now" in text and "data:image/png" not in text and "PDFs cannot be made" in text


def test_the_child_fetches_nothing_and_keeps_its_limit(drawn: None) -> None:
    html = '<html><body><img src="http://127.0.0.1:9/x.png"><img src="file:///etc/passwd"><p>Words</p></body></html>'
    assert paper.picture(html, width=300).startswith(b"\x89PNG")
    with pytest.raises(paper.CannotDraw):
        paper.picture("<p>word</p>" * 200_000, seconds=1)
