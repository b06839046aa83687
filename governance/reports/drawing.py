"""Draws one PDF in a process of its own: `python -I drawing.py`, a JSON order on standard input, the PDF on standard output.

It knows neither Django nor the database, has no secret in its environment, and fetches nothing but files of the two
folders that it was told. Exit codes: 0 drawn, 3 Pango is missing, 4 too much memory.
"""

import gc
import json
import logging
import resource
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

NO_PANGO, NO_MEMORY = 3, 4
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


def draw(order: dict[str, Any]) -> bytes:
    from weasyprint import HTML, Attachment
    from weasyprint.text.fonts import FontConfiguration

    made_at = datetime.fromisoformat(order["made_at"])
    fetch = fetcher(order["folders"])
    attachments = [
        Attachment(
            string=twin["content"], name=twin["name"], description=twin["description"],
            created=made_at, modified=made_at, relationship="Data",
        )
        for twin in order["attachments"]
    ]  # fmt: skip
    gc.freeze()  # the garbage of imports is never collected: a quarter less time
    gc.set_threshold(100_000, 50, 50)
    return HTML(string=order["html"], base_url="asset:///", url_fetcher=fetch).write_pdf(
        font_config=FontConfiguration(), attachments=attachments, pdf_variant="pdf/a-3b", pdf_tags=True,
        pdf_identifier=bytes.fromhex(order["identifier"]),
    )  # fmt: skip


def main() -> int:
    order = json.load(sys.stdin)
    limit(order["memory"], order["seconds"])
    logging.disable(logging.CRITICAL)  # WeasyPrint's warnings quote what they could not read
    try:
        import weasyprint  # noqa: F401  opens Pango
    except OSError:
        return NO_PANGO
    try:
        pdf = draw(order)
    except MemoryError:
        return NO_MEMORY
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
