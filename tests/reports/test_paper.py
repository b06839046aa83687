"""Drawing fetches nothing but our own assets, and no text keeps it busy or makes it large."""

import io
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings

from governance.purposes import versions
from governance.purposes.activity import Activity
from governance.purposes.models import PurposeVersion
from governance.reports import drawing, paper, press
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said

TWIN = paper.Twin("facts.json", "the same facts", "{}")
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "http://127.0.0.1/x.css", "https://example.com/x.css", "data:text/css,*{}", "ftp://x/y.css",
        "asset:///etc/passwd", "asset:///pdf/../../manage.py", "asset:///pdf/%2e%2e/%2e%2e/manage.py", "asset://host/pdf/report.css",
        "asset:///pdf/", "asset:///pdf", "asset:///", "/etc/passwd", "", "asset:///fonts/../../../etc/passwd",
    ],
)  # fmt: skip
def test_nothing_but_our_own_assets_is_found(url: str) -> None:
    with pytest.raises(drawing.Refused):
        drawing.find(url, paper.folders())


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "secret.css").write_text("secret")
    (tmp_path / "a" / "link.css").symlink_to(tmp_path / "secret.css")
    with pytest.raises(drawing.Refused):
        drawing.find("asset:///a/link.css", {"a": str(tmp_path / "a")})


def test_our_own_style_sheet_and_fonts_are_found() -> None:
    assert drawing.find("asset:///pdf/report.css", paper.folders()).name == "report.css"


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    heard: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    server.server_close()


def test_hostile_markup_reads_no_file_and_calls_nobody(
    drawn: None, listener: tuple[str, list[str]], tmp_path: Path
) -> None:
    there, heard = listener
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>CANARY-7731</text></svg>')
    local = secret.as_uri()
    html = f"""<html><head><title>x</title>
    <style>@import url("{there}/import.css"); @import url("{local}");
    @font-face {{ font-family: x; src: url("{there}/font.ttf"), url("{local}"); }}
    body {{ background: url("{there}/bg.png"), url("{local}"); font-family: x; }}
    p::before {{ content: url("{local}") url("{there}/content.png"); }} li {{ list-style: url("{there}/li.png"); }}</style>
    <link rel="stylesheet" href="{there}/link.css"><link rel="attachment" href="{local}"><base href="{there}/"></head>
    <body><p>text</p><ul><li>one</li></ul><img src="{local}"><img src="{there}/img.png"><img src="relative.png">
    <object data="{local}"></object><embed src="{local}"><a rel="attachment" href="{local}">a</a>
    <svg><image href="{local}" width="9" height="9"/><use href="{local}#a"/><style>@import url("{there}/svg.css");</style></svg>
    </body></html>"""
    pdf = paper.draw(html, twin=TWIN, made_at=AT)
    assert heard == []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert list(opened.attachments) == ["facts.json"]
        streams = [item.read_bytes() for item in opened.objects if isinstance(item, pikepdf.Stream)]
    assert not any(b"CANARY" in stream for stream in streams)


HOSTILE = (
    '"><img src="file:///etc/hostname"><script>alert(1)</script><style>@import url(http://192.0.2.1/)</style>'
)


def test_texts_of_the_register_are_never_markup(cast: Cast, undrawn: None) -> None:
    versions.enter(
        cast.software,
        Activity(name=HOSTILE[:200], description=HOSTILE, security_note="{{ facts }}{% load i18n %}"),
        by=cast.dev,
    )
    report = orders.made("register", cast)
    html = press.html_of(report, report.facts)
    assert "<script" not in html and "<img" not in html and "<style" not in html
    assert "&lt;script&gt;" in html and "{{ facts }}" in said(report)


TEXTS = ["x" * 10_000_000, "न" * 300_000, "\x07\x1b[31m\ufffe", "a\u202eb" * 500, "\N{PILE OF POO}" * 1000]


def test_no_text_is_too_long_too_broad_or_too_strange_for_paper(cast: Cast, drawn: None) -> None:
    for n, text in enumerate(TEXTS):
        purpose = versions.enter(cast.software, Activity(name=f"Long {n}"), by=cast.dev)
        # Longer than anybody may write today: as an older version, or a database that was brought along, may hold it.
        row = PurposeVersion.objects.get(purpose=purpose)
        PurposeVersion.objects.filter(pk=row.pk).update(content=row.content | {"description": text})
    report = orders.made("register", cast)
    assert report.state == "ready", report.fault
    assert said(report).count("more characters stand in the attached file") == 2
    described = [a["says"]["description"] for a in report.facts["content"]["activities"]]
    assert all(text in described for text in TEXTS if len(text) > 10_000)


def test_a_drawing_that_takes_too_long_is_stopped(drawn: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "BEAT", 0.5)
    html = "<table>" + "<tr><td>a b c d<td>e f g h" * 60_000 + "</table>"
    with pytest.raises(paper.TooLong):
        paper.draw(html, twin=TWIN, made_at=AT, seconds=2)


def test_a_drawing_that_wants_too_much_memory_is_stopped(drawn: None) -> None:
    html = "<table>" + "<tr><td>a b c d<td>e f g h" * 20_000 + "</table>"
    with pytest.raises(paper.TooLarge):
        paper.draw(html, twin=TWIN, made_at=AT, memory=250 << 20)


def test_a_cancelled_report_stops_its_drawing(drawn: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "BEAT", 0.3)

    def gone() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        paper.draw("<table>" + "<tr><td>a<td>b" * 30_000, twin=TWIN, made_at=AT, alive=gone)


def test_the_child_is_told_no_secret(drawn: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spy = tmp_path / "spy.py"
    spy.write_text(
        "import os, sys; sys.stdin.read(); sys.stdout.write('%PDF-' + ' '.join(sorted(os.environ)))"
    )
    monkeypatch.setattr(paper, "DRAWING", spy)
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    told = set(paper.draw("", twin=TWIN, made_at=AT).decode().removeprefix("%PDF-").split())
    assert told <= {*paper.PASSED_ON, "TMPDIR", "LC_CTYPE"}


def test_a_table_of_fixed_columns_leaves_one_to_fill_its_width() -> None:
    """Where every column names a width, their padding comes on top, and the last one is printed into the margin."""
    wide, seen = [], 0
    for path in Path(settings.BASE, "templates").rglob("*.html"):
        for head in re.findall(
            r'(?s)<table[^>]*class="data fixed"[^>]*>.*?<thead><tr>(.*?)</tr>', path.read_text()
        ):
            cells = re.findall(r"<th[^>]*>", head)
            seen += 1
            if cells and all(re.search(r'class="[^"]*\bw\d', cell) for cell in cells):
                wide.append((path.name, head[:80]))
    assert seen > 5 and wide == []
