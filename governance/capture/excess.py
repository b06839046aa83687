"""What a client sends beyond what is declared, counted by signal and field: never a value, a person or a client's word.

Counted over all that arrives, whoever it is about, so that a count tells nothing about a choice. Names that clients made
up are all counted as "unknown". Two things are sent with every event and not counted: what always stays (time, user,
signal, action, application), and the address of a page, of which only the host is ever kept, where the site is declared.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from governance.capture import tripwire
from governance.capture.alike import Arrived
from governance.purposes import catalogue

UNKNOWN = "unknown"
TRIPWIRE = "tripwire_"  # before a kind of tripwire.KINDS, in the place of a field
ALWAYS = frozenset({"at", "user", "signal", "action", "application", "element"})
# What a key on the wire carries, in the catalogue's words.
CARRIES = {"url": "site", "x": "x", "y": "y", "count": "keys", "title": "window"}
ELEMENT_CARRIES = {"role": "role", "id": "element", "type": "kind"}

Shape = tuple[
    bytes, tuple[str, ...], tuple[str, ...]
]  # signal as sent, keys of the event, keys of its element


class Sent(msgspec.Struct):
    """A batch with the names of what each event holds; the values are never decoded."""

    events: list[dict[str, msgspec.Raw]]


DECODE = msgspec.json.Decoder(Sent)
ELEMENT = msgspec.json.Decoder(dict[str, msgspec.Raw] | None)
WORD = msgspec.json.Decoder(str)


def of(batch: Arrived, body: bytes, declared: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """{"typed_text": 3, "ui_event.x": 12, "ui_event.unknown": 7}: events with a signal, or a field, beyond `declared`.

    `declared` maps a signal to its fields. Only where a client made up names of its own the body is read again.
    """
    if not batch.whole:
        return of_body(body, declared)
    sent: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for event, names, events in zip(batch.alike, batch.names, batch.counts, strict=True):
        sent[event.signal, names] += events
    found: Counter[str] = Counter()
    for (signal, names), events in sent.items():
        inner = [name[1:] for name in names if name[0] == "."]
        for key in _beyond(signal, [name for name in names if name[0] != "."], inner, declared):
            found[key] += events
    return dict(found)


def of_body(body: bytes, declared: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """The same of any batch whose body was read already, whatever its names are."""
    found: Counter[str] = Counter()
    for (signal, names, inner), events in Counter(_shapes(body)).items():
        for key in _beyond(WORD.decode(signal), names, inner, declared):
            found[key] += events
    return dict(found)


def _shapes(body: bytes) -> Iterator[Shape]:
    names = _filled if b"null" in body else tuple  # null says that there is nothing
    elements: dict[bytes, tuple[str, ...]] = {}  # a form has few, and they come again and again
    for event in DECODE.decode(body).events:
        element = event.get("element")
        inner: tuple[str, ...] = ()
        if element is not None:
            known = elements.get(written := bytes(element))
            if known is None:
                held = ELEMENT.decode(element)
                known = elements[written] = names(held) if held else ()
            inner = known
        yield bytes(event["signal"]), names(event), inner


def _filled(things: Mapping[str, msgspec.Raw]) -> tuple[str, ...]:
    return tuple(name for name, value in things.items() if bytes(value) != b"null")


def _beyond(code: str, names: Iterable[str], inner: Iterable[str], declared: Mapping[str, Any]) -> set[str]:
    if code not in declared:
        return {code if code in catalogue.signals() else UNKNOWN}
    sent = {CARRIES.get(name, UNKNOWN) for name in names if name not in ALWAYS}
    sent |= {ELEMENT_CARRIES.get(name, UNKNOWN) for name in inner}
    return {f"{code}.{field}" for field in sent if field not in declared[code]}


@cache
def known_fields() -> frozenset[str]:
    """Every field that the catalogue has, and the kinds of the tripwire: no other name is ever counted."""
    tripwires = {f"{TRIPWIRE}{kind}" for kind in tripwire.KINDS}
    return frozenset(field for kind in catalogue.signals().values() for field in kind.fields) | tripwires


def split(key: str) -> tuple[str, str]:
    """(signal, field) of a key of `of`; no field where the signal itself is not declared. What is no such key is unknown."""
    signal, _, field = key.partition(".")
    return (
        signal if signal in catalogue.signals() else UNKNOWN,
        field if not field or field in known_fields() else UNKNOWN,
    )
