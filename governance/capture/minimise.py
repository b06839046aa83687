"""Minimisers: the least form of each signal, as pure functions of one event. Nothing of the input's free text passes.

Kept words are of closed sets or match an identifier's shape; every other field is dropped, not masked.
"""

import re
from collections.abc import Callable
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
    "window": (lambda e: e.title, partial(hashed, b"")),  # minimiser() puts the key in
}
OF_ELEMENT = ("role", "element", "kind")
COARSE_TIME = {"app_usage", "site_visit"}  # their time is the quarter of an hour, nothing finer
BY_MINUTE = {"keystroke_counts"}  # their time is the minute, and what was done is left out


def minimiser(
    signal: str, fields: tuple[str, ...], key: bytes = b"", sites: dict[str, str] | None = None
) -> Minimiser:
    """The function that cuts one event of this signal down to time, action, application and the declared fields.

    `sites`: address → site, where the caller has looked at addresses already and shares what it found.

    Every value that the client sent beyond them is gone after it. Made anew for each batch: it remembers what it has
    seen (a form has few different fields), and what was refused must not outlive its request, not even in memory.
    """
    keyed = FIELDS | {"window": (FIELDS["window"][0], partial(hashed, key))}
    of_element = [(name, *keyed[name]) for name in fields if name in OF_ELEMENT]
    getters: list[Any] = [
        (name, *keyed[name], sites if name == "site" and sites is not None else {}) for name in fields if name not in OF_ELEMENT
    ]  # fmt: skip
    elements: dict[tuple[Any, ...], Kept] = {}
    actions: dict[str, str] = {}

    def element(event: Any) -> Kept:
        """What is kept of its element: a form has few, and all of each is cut down once."""
        what = (event.element.role, event.element.id, event.element.type)
        known = elements.get(what)
        if known is None:
            looked = (
                (name, keep(value)) for name, look, keep in of_element if (value := look(event)) is not None
            )
            known = elements[what] = {name: kept for name, kept in looked if kept is not None and kept != ""}
        return known

    def cut(event: Any, kept: Kept) -> Kept:
        if of_element and event.element is not None:
            kept.update(element(event))
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

    def fine(event: Any) -> Kept:
        kept: Kept = {"at": event.at, "application": event.application}
        known = actions.get(event.action)
        if known is None:
            known = actions[event.action] = action(event.action)
        if known:
            kept["action"] = known
        return cut(event, kept)

    def coarse(event: Any) -> Kept:
        return cut(event, {"at": event.at.date(), "application": event.application})

    def by_minute(event: Any) -> Kept:
        return cut(event, {"at": event.at.replace(second=0, microsecond=0), "application": event.application})

    return coarse if signal in COARSE_TIME else by_minute if signal in BY_MINUTE else fine
