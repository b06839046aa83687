"""Minimisers: the least form of each signal, as pure functions of one event. Nothing of the input's free text passes.

Kept words are of closed sets or match an identifier's shape; every other field is dropped, not masked.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

ROLES = {
    "input", "button", "a", "select", "option", "textarea", "form", "label", "checkbox", "radio", "cell", "range",
    "sheet", "tab", "page", "menu", "link", "image", "table", "row",
}  # fmt: skip
KINDS = {
    "text", "email", "tel", "number", "date", "time", "checkbox", "radio", "submit", "button", "password", "search",
    "url", "file", "range", "select-one", "select-multiple", "textarea", "reset", "hidden", "month", "week", "color",
}  # fmt: skip
# A cell (A2), a range (A2:C9), or a name that a programmer gave: no spaces, no @, at most 40 signs, at most 4 digits in
# a row, so that a telephone or account number in an id does not pass.
CELL = re.compile(r"[A-Z]{1,3}[0-9]{1,7}(:[A-Z]{1,3}[0-9]{1,7})?\Z")
IDENTIFIER = re.compile(r"(?=.{1,40}\Z)(?!.*[0-9]{5})[a-z]+([_-][a-z]+)*([_-]?[0-9]{1,4})*\Z")
HOST = re.compile(r"(?=.{1,100}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+\Z")
# An action is made of these words only: "select_worksheet" passes, a name that somebody put there does not.
VERBS = frozenset(
    "add back blur button cell checkbox click close combo copy create cut delete double down drag drop edit enter field"
    " focus form forward get go hover insert into key left link menu middle move navigate new open option options page"
    " paste press print radio range redo release reload remove rename right row save scroll select set sheet submit tab"
    " text to undo up used value window with workbook worksheet zoom".split()
)
GRID = 100  # pixels

Kept = dict[str, Any]
Minimiser = Callable[[Any], Kept]


def site(url: str | None) -> str:
    """The host of a URL, without port, path, query, fragment or user; "" when it has none."""
    if not url:
        return ""
    try:
        host = (urlsplit(url).hostname or "").lower().rstrip(".")  # "wiki.example." is the same site
    except ValueError:
        return ""
    return host if HOST.match(host) else ""


def grid(number: float | None) -> int | None:
    """A pixel position cut down to its cell of 100; None outside of any screen."""
    if number is None or not -100_000 < number < 100_000:
        return None
    return int(number // GRID) * GRID


def quarter(at: datetime) -> str:
    """The quarter of an hour, as HH:MM."""
    return f"{at.hour:02d}:{at.minute // 15 * 15:02d}"


def minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def role(word: str | None) -> str:
    word = (word or "").lower()
    return word if word in ROLES else ""


def kind(word: str | None) -> str:
    word = (word or "").lower()
    return word if word in KINDS else ""


def identifier(word: str | None) -> str:
    return word if word and (CELL.match(word) or IDENTIFIER.match(word)) else ""


def action(word: str) -> str:
    return word if VERBS.issuperset(word.split("_")) else ""


def keys(count: int) -> int:
    """How many keys within a minute, never which and never when between them; in steps of ten."""
    return min(max(count, 0), 1000) // 10 * 10


def hashed(key: bytes, title: str) -> str:
    """The same window is the same sign, and nobody without the key can try titles out; "" where there is no key."""
    plain = " ".join(title.casefold().split())
    return (
        blake2b(plain.encode("utf-8", "replace"), key=key, digest_size=8).hexdigest() if key and plain else ""
    )


FIELDS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    # name → (what of the event is looked at, what is kept of it)
    "site": (lambda e: e.url, site),
    "role": (lambda e: e.element and e.element.role, role),
    "element": (lambda e: e.element and e.element.id, identifier),
    "kind": (lambda e: e.element and e.element.type, kind),
    "x": (lambda e: e.x, grid),
    "y": (lambda e: e.y, grid),
    "quarter": (lambda e: e.at, quarter),
    "keys": (lambda e: e.count, keys),
    "picture": (lambda _e: None, lambda _v: None),  # comes as a clip (clips.py), never with an event
    "window": (lambda e: e.title, partial(hashed, b"")),  # still() puts the key in
}
COARSE_TIME = {"app_usage", "site_visit"}  # their time is the quarter of an hour, nothing finer
BY_MINUTE = {"keystroke_counts"}  # their time is the minute, and what was done is left out
OF_TIME = {"quarter"}  # fields that follow from the time alone


def still(
    signal: str, fields: tuple[str, ...], key: bytes = b"", known: Mapping[str, dict[Any, Any]] | None = None
) -> Minimiser:
    """The function that cuts one event of this signal down to application, action and those declared fields that do not
    follow from its time.

    `known`: field → value → what is kept of it, where the caller has looked at some already and shares what it found.

    Every value that the client sent beyond them is gone after it. Made anew for each batch: it remembers what it has
    seen (a form has few different fields), and what was refused must not outlive its request, not even in memory.
    """
    getters: list[tuple[str, Callable[[Any], Any], Callable[[Any], Any], dict[Any, Any]]] = []
    for name in fields:
        if name not in OF_TIME:
            look, keep = FIELDS[name]
            seen = (known or {}).get(name, {})
            getters.append((name, look, partial(hashed, key) if name == "window" else keep, seen))
    says_what = signal not in COARSE_TIME and signal not in BY_MINUTE

    def cut(event: Any) -> Kept:
        kept: Kept = {"application": event.application}
        if says_what and (word := action(event.action)):
            kept["action"] = word
        for name, look, keep, seen in getters:
            value = look(event)
            if value is None:
                continue
            try:
                value = seen[value]
            except KeyError:
                value = seen[value] = keep(value)
            if value is not None and value != "":
                kept[name] = value
        return kept

    return cut


def moments(signal: str, fields: tuple[str, ...]) -> dict[str, Callable[[datetime], Any] | None]:
    """What is kept of an event's time, by name: the function that cuts it down, or None where it stays as it is."""
    time: Callable[[datetime], Any] | None = None
    if signal in COARSE_TIME:
        time = datetime.date
    elif signal in BY_MINUTE:
        time = minute
    return {"at": time, **{name: FIELDS[name][1] for name in fields if name in OF_TIME}}


def minimiser(signal: str, fields: tuple[str, ...], key: bytes = b"") -> Minimiser:
    """The whole of it: what is kept of one event of this signal."""
    cut, times = still(signal, fields, key), moments(signal, fields)

    def whole(event: Any) -> Kept:
        of_time = {name: keep(event.at) if keep else event.at for name, keep in times.items()}
        return of_time | cut(event)

    return whole
