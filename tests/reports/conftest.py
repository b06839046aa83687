import re
import subprocess
from collections.abc import Callable
from html import unescape
from pathlib import Path
from shutil import which

import pytest

from governance.reports import paper, press
from governance.reports.models import Report


@pytest.fixture(autouse=True)
def no_waiting_for_the_sealer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "PATIENCE", 0.0)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """This test needs PDFs."""
    if paper.why_not():
        pytest.skip(paper.why_not())


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fast: nothing is drawn, as on a machine without Pango."""
    monkeypatch.setenv("SAMMATI_NO_PDF", "1")


def said(report: Report) -> str:
    """Everything the pages say, as one text."""
    assert report.facts is not None, report.fault
    html = re.sub(r"(?s)<head>.*?</head>", "", press.html_of(report, report.facts))
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


@pytest.fixture
def text_of(tmp_path: Path) -> Callable[[bytes], str]:
    """The text layer of a PDF."""
    if which("pdftotext") is None:
        pytest.skip("pdftotext (Debian: poppler-utils) is not on this machine.")

    def read(pdf: bytes) -> str:
        path = tmp_path / "report.pdf"
        path.write_bytes(pdf)
        shown = subprocess.run(
            ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
        )
        return shown.stdout

    return read
