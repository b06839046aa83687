"""Facts on paper: hands finished HTML to a child process that draws it, within limits of memory and time."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

DRAWING = Path(__file__).with_name("drawing.py")
MEMORY = 2 << 30  # bytes of address space; a register of 1,000 activities needs half of it
SECONDS = 300
BEAT = 5.0  # seconds between two signs of life
NO_PANGO, NO_MEMORY = 3, 4  # exit codes of drawing.py
# All that the child is told: where its libraries and fonts are. No database, no secret.
PASSED_ON = (
    "PATH",
    "LD_LIBRARY_PATH",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
    "XDG_CACHE_HOME",
    "LANG",
    "LC_ALL",
)
NO_PDF = _(
    "PDFs cannot be made on this machine: Pango, the library that draws them, is missing. "
    "The page and the JSON file hold the same facts. To have PDFs, ask your administrator to install "
    "libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0, and start again."
)


class CannotDraw(Exception):
    """The child gave up or was stopped: too long, too much memory, or a fault of its own."""


class TooLong(CannotDraw):
    pass


class TooLarge(CannotDraw):
    pass


class NoPango(CannotDraw):
    """This machine draws no PDFs; everything else works."""


@dataclass(frozen=True)
class Twin:
    """The machine-readable file inside the PDF."""

    name: str
    description: str
    content: str


def why_not() -> str:
    """The sentence that says why no PDF is made here; "" when PDFs are made."""
    return str(NO_PDF) if os.environ.get("SAMMATI_NO_PDF", "") not in ("", "0") else ""


def folders() -> dict[str, str]:
    """What asset:///<name>/… leads to: the style sheets of print, and the fonts that set-up built."""
    return {"pdf": str(settings.BASE / "static" / "pdf"), "fonts": str(settings.BUILD / "vendor" / "fonts")}


def draw(
    html: str,
    *,
    twin: Twin,
    also: Twin | None = None,
    made_at: datetime,
    alive: Callable[[], None] = lambda: None,
    seconds: int = SECONDS,
    memory: int = MEMORY,
) -> bytes:
    """The PDF (PDF/A-3b, tagged) of this page with its twin inside, and the JSON-LD beside it where there is one. The same arguments give the same bytes.

    `alive` is called every few seconds; what it raises stops the child. Raises CannotDraw.
    """
    if why_not():
        raise NoPango
    order = {
        "html": html,
        "folders": folders(),
        "made_at": made_at.isoformat(),
        "identifier": sha256(html.encode()).hexdigest()[:32],
        "attachments": [vars(one) for one in (twin, also) if one],
        "memory": memory,
        "seconds": seconds,
    }
    with folder() as home:
        return run(DRAWING, order, home, alive=alive, seconds=seconds)


def picture(html: str, *, width: int = 900, seconds: int = 20, memory: int = MEMORY) -> bytes:
    """The first page of this HTML as a PNG, so many pixels wide. Raises CannotDraw; TooLong after so many seconds."""
    if why_not():
        raise NoPango
    order = {"html": html, "folders": folders(), "picture": width, "memory": memory, "seconds": seconds}
    with folder() as home:
        return run(DRAWING, order, home, seconds=seconds, wants=b"\x89PNG")


@contextmanager
def folder() -> Iterator[Path]:
    """A child's own folder: WeasyPrint unpacks fonts there, and a child that is killed clears nothing away."""
    with tempfile.TemporaryDirectory(prefix="sammati-paper-") as home:
        yield Path(home)


def run(
    script: Path,
    order: dict[str, Any],
    home: Path,
    *,
    alive: Callable[[], None] = lambda: None,
    seconds: int = SECONDS,
    wants: bytes = b"%PDF-",
) -> bytes:
    """What this script says to this order, in a process of its own that is told no secret. Raises CannotDraw."""
    environ = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {"TMPDIR": str(home)}
    child = subprocess.Popen(
        [sys.executable, "-I", str(script)], env=environ, cwd=home, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        return _wait(child, json.dumps(order).encode(), alive, seconds, wants)
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)  # with the forks that it may have
        child.kill()
        child.wait()


def _wait(
    child: "subprocess.Popen[bytes]", order: bytes, alive: Callable[[], None], seconds: int, wants: bytes
) -> bytes:
    waited, told = 0.0, order or None
    while True:
        try:
            pdf, _nothing = child.communicate(told, timeout=BEAT)
            break
        except subprocess.TimeoutExpired:
            waited, told = waited + BEAT, None
            alive()
            if waited > seconds:
                raise TooLong from None
    if child.returncode == NO_PANGO:
        raise NoPango
    if child.returncode == NO_MEMORY:
        raise TooLarge
    if child.returncode in (-24, -9):  # SIGXCPU, SIGKILL: the limit of time, or the machine's memory
        raise TooLong
    if child.returncode != 0 or not pdf.startswith(wants):
        raise CannotDraw
    return pdf
