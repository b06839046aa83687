"""Draws one PDF in a process of its own: `python -I drawing.py`, a JSON order on standard input, the PDF on standard output.

Or, when the order names parts, files: each part in a fork of its own, two at a time, which leaves the PDF beside the
HTML that it was told, and a JSON file with its pages and bookmarks. A fork gives its memory back when it is done.

Or, when the order asks for a picture, its first page as a PNG: no document, and never kept.

It knows neither Django nor the database, has no secret in its environment, and fetches nothing but files of the two
folders that it was told. Exit codes: 0 drawn, 3 Pango is missing, 4 too much memory.
"""

import gc
import json
import logging
import os
import resource
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

NO_PANGO, NO_MEMORY = 3, 4
PIECE = 24  # signs of a word that are laid out to know how wide its first one is
TYPES = {".css": "text/css", ".ttf": "font/ttf", ".svg": "image/svg+xml", ".png": "image/png"}


def limit(memory: int, seconds: int) -> None:
    """`memory`: bytes of address space; `seconds`: of processor time. A file that it writes stays below 64 MiB."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the facts


class Refused(ValueError):
    """Not one of our own assets."""


def find(url: str, folders: dict[str, str]) -> Path:
    """The file of `asset:///<folder>/<path>`. Raises Refused for every other scheme, folder or path."""
    parts = urlsplit(url)
    if parts.scheme != "asset" or parts.netloc:
        raise Refused("Only asset:/// is fetched.")
    name, _, rest = unquote(parts.path).lstrip("/").partition("/")
    if name not in folders:
        raise Refused("There is no such folder of assets.")
    home = Path(folders[name]).resolve()
    path = (home / rest).resolve()
    if not path.is_relative_to(home) or not path.is_file() or path.suffix not in TYPES:
        raise Refused("There is no such asset.")
    return path


def fetcher(folders: dict[str, str]) -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Closed(URLFetcher):
        """No network, no files: our own style sheets and fonts. data: is refused too, it could hold anything."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            path = find(url, folders)
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": TYPES[path.suffix]})

    return Closed()


def measure_by_pieces() -> None:
    """The least width of a text that may break anywhere costs as much as the text is long.

    WeasyPrint lays out the whole rest of the text once for each sign, so that one word of some thousand signs in a
    column of unsaid width takes minutes: whoever may write a name could stop a report. What follows soon after a sign
    does not change how wide it is.
    """
    from weasyprint.layout import preferred

    of_the_whole = preferred.split_first_line

    def split(text: str, style: Any, context: Any, width: Any, *rest: Any, **more: Any) -> Any:
        if (
            width == 0
            and len(text) > PIECE
            and style["overflow_wrap"] == "anywhere"
            and style["hyphens"] != "auto"
        ):
            piece = text[:PIECE]
            found = of_the_whole(piece, style, context, width, *rest, **more)
            if (
                found[2] is not None and found[2] <= len(piece.encode()) // 2
            ):  # not cut inside what shapes the sign
                return found
        return of_the_whole(text, style, context, width, *rest, **more)

    preferred.split_first_line = split


def draw(order: dict[str, Any]) -> bytes:
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    made_at = datetime.fromisoformat(order["made_at"])
    fetch = fetcher(order["folders"])
    gc.freeze()  # the garbage of imports is never collected: a quarter less time
    gc.set_threshold(100_000, 50, 50)
    return HTML(string=order["html"], base_url="asset:///", url_fetcher=fetch).write_pdf(
        font_config=FontConfiguration(), attachments=attachments(order["attachments"], made_at), pdf_variant="pdf/a-3b", pdf_tags=True,
        pdf_identifier=bytes.fromhex(order["identifier"]),
    )  # fmt: skip


def picture(order: dict[str, Any]) -> bytes:
    """The first page as it would be printed, so many pixels wide."""
    import io

    import pypdfium2
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    html = HTML(string=order["html"], base_url="asset:///", url_fetcher=fetcher(order["folders"]))
    document = html.render(font_config=FontConfiguration())
    page = pypdfium2.PdfDocument(document.copy(document.pages[:1]).write_pdf())[0]
    told = io.BytesIO()
    page.render(scale=order["picture"] / page.get_width()).to_pil().save(told, "PNG", optimize=True)
    return told.getvalue()


def draw_parts(order: dict[str, Any]) -> int:
    """Every part that the order names lies drawn beside its HTML. Fonts and styles are read once, before the forks.

    The HTML may still be being written; a file named "stop" says that it will not come.
    """
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fetch, fonts, home, ours = (
        fetcher(order["folders"]),
        FontConfiguration(),
        Path(order["home"]),
        os.getppid(),
    )
    sheet = CSS(url="asset:///pdf/report.css", url_fetcher=fetch, font_config=fonts)
    gc.collect()
    gc.freeze()
    waiting, running, code = list(order["parts"]), set(), 0
    while (waiting or running) and not code:
        while waiting and len(running) < order["at_once"] and (home / f"{waiting[0]['name']}.html").exists():
            part = waiting.pop(0)
            pid = os.fork()
            if pid == 0:
                os._exit(_draw_part(part, order, fetch, sheet, fonts))
            running.add(pid)
        pid, status = os.waitpid(-1, os.WNOHANG) if running else (0, 0)
        if pid:
            running.discard(pid)
            code = os.waitstatus_to_exitcode(status)
        else:
            time.sleep(0.01)
        if (home / "stop").exists() or os.getppid() != ours:  # nobody waits for it any more
            code = 1
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    return code if code >= 0 else 128 - code


def _draw_part(part: dict[str, Any], order: dict[str, Any], fetch: Any, sheet: Any, fonts: Any) -> int:
    """In the fork. 0, or the exit code that says what was wanting."""
    from weasyprint import HTML

    home, name = Path(order["home"]), part["name"]
    made_at = datetime.fromisoformat(order["made_at"])
    gc.set_threshold(100_000, 50, 50)
    try:
        options: dict[str, Any] = {
            "stylesheets": [sheet], "pdf_variant": "pdf/a-3b", "pdf_tags": False, "full_fonts": True,
            "pdf_identifier": bytes.fromhex(part["identifier"]), "attachments": attachments(part["attachments"], made_at),
        }  # fmt: skip
        html = HTML(string=(home / f"{name}.html").read_text(), base_url="asset:///", url_fetcher=fetch)
        document = html.render(font_config=fonts, **options)
        starts = [[label, place[0]] for label, place, _below, _state in document.make_bookmark_tree()]
        (home / f"{name}.pdf").write_bytes(document.write_pdf(**options) or b"")
        told = home / f"{name}.told"
        told.write_text(json.dumps({"pages": len(document.pages), "starts": starts}))
        told.rename(home / f"{name}.json")
    except MemoryError:
        return NO_MEMORY
    except Exception:
        return 1
    return 0


def attachments(twins: list[dict[str, str]], made_at: datetime) -> list[Any]:
    from weasyprint import Attachment

    return [
        Attachment(
            string=twin["content"] if "content" in twin else Path(twin["file"]).read_text(), name=twin["name"], description=twin["description"],
            created=made_at, modified=made_at, relationship="Data",
        )
        for twin in twins
    ]  # fmt: skip


def main() -> int:
    order = json.load(sys.stdin)
    limit(order["memory"], order["seconds"])
    logging.disable(logging.CRITICAL)  # WeasyPrint's warnings quote what they could not read
    try:
        import weasyprint  # noqa: F401  opens Pango
    except OSError:
        return NO_PANGO
    measure_by_pieces()
    try:
        if "parts" in order:
            return draw_parts(order)
        drawn = picture(order) if "picture" in order else draw(order)
    except MemoryError:
        return NO_MEMORY
    sys.stdout.buffer.write(drawn)
    return 0


if __name__ == "__main__":
    sys.exit(main())
