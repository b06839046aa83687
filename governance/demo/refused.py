"""Which values of a UI log the gate must refuse: what the leak hunter looks for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_plus, urlsplit

from governance.capture.client.action_logger import NEEDS
from governance.capture.client.events import OnUnreadable
from governance.capture.client.table import rows

SHORTEST = 6
"""Characters. Shorter values (`01`, `VIC`) stand in every file on earth."""

CONTENT = (
    "content",
    "target.value",
    "target.innertext",
    "target.text",
    "target.title",
    "target.innerhtml",
    "target.option",
)
ADDRESSES = ("url", "target.href")
INTERFACE = (
    "targetapp",
    "eventtype",
    "target.workbookname",
    "target.sheetname",
    "target.id",
    "target.class",
    "target.classname",
    "target.tagname",
    "target.tag",
    "target.type",
    "target.name",
)

_SEAMS = re.compile(r'[\t\r\n]+|\\[nrt]|"\s*[;,]\s*"?|[;,]\s*"|\[+"?|"?\]+|<[^<>]*>')
_EDGES = " \t\r\n\"'\u00a0"


@dataclass(frozen=True)
class Wanted:
    """A value to hunt for. `label` says where it came from without saying it (file, line, column; a canary's
    name).

    A `planted` value is random, so that finding it is always a leak; nothing makes it a known word.
    """

    value: str
    label: str
    planted: bool = False

    def __repr__(self) -> str:  # a value must not come into a log by way of a traceback
        return f"Wanted({self.label!r})"


def _pieces(text: str) -> Iterator[str]:
    """A value as a whole, and its parts where it is a range, several lines or a piece of HTML."""
    yield text
    yield from _SEAMS.split(text)


def _beyond_the_site(address: str) -> Iterator[str]:
    """What an address says beyond scheme and host: path, query, fragment, each whole and in parts, also
    decoded."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        yield address
        return
    if not parts.netloc:
        yield address  # javascript:…, mailto:…, a path alone: nothing of it is a site
    if parts.username or parts.password:
        yield parts.netloc.rpartition("@")[0]
    for whole in (parts.path, parts.query, parts.fragment):
        yield whole.strip("/")
        for part in re.split(r"[/&=;?]", whole):
            yield part
            yield unquote_plus(part)


def _site(address: str) -> str:
    try:
        return urlsplit(address.strip()).hostname or ""
    except ValueError:
        return ""


@dataclass(frozen=True)
class RefusedValues:
    """The values to hunt for, and all that the interface columns say (which the gate may keep)."""

    wanted: tuple[Wanted, ...]
    interface: frozenset[str]
    labels_left_out: int


def refused_values(logs: Iterable[Path], *, on_unreadable: OnUnreadable | None = None) -> RefusedValues:
    """Each value of six characters or more in the refused columns of these logs that is no label of the
    interface.

    Refused columns: content, target.value, target.innerText, target.title, target.innerHTML, target.option,
    and of url and target.href what lies beyond the site. Values are taken without the white space and quotes
    around them; of a range, of several lines and of HTML the parts are taken as well as the whole, so more is
    looked for than the columns hold, never less.

    A *label of the interface* is a value that, exactly and as a whole, also stands in an interface column of
    the same logs (targetApp, eventType, workbookName, sheetName, id, class, tagName, type, name) or is the
    host of a url. Nothing else is one: not the words on a button, not a number, not a value that looks
    harmless.

    Raises UnreadableLog as the reader does.
    """
    found: dict[str, str] = {}
    interface: set[str] = set()
    for log in logs:
        for line, row in rows(log, needs=NEEDS, on_unreadable=on_unreadable):
            interface.update(text.strip() for column in INTERFACE if (text := row.get(column, "")))
            for column in CONTENT:
                if text := row.get(column, ""):
                    for piece in _pieces(text):
                        found.setdefault(piece.strip(_EDGES), f"{log.name} line {line} {column}")
            for column in ADDRESSES:
                if text := row.get(column, ""):
                    interface.add(_site(text))
                    for piece in _beyond_the_site(text):
                        found.setdefault(piece.strip(_EDGES), f"{log.name} line {line} {column}")
    long_enough = {value: label for value, label in found.items() if len(value) >= SHORTEST}
    wanted = tuple(Wanted(value, label) for value, label in long_enough.items() if value not in interface)
    return RefusedValues(wanted, frozenset(interface - {""}), len(long_enough) - len(wanted))
