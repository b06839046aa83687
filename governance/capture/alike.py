"""A batch is read once, and its events are sorted by what they say beside their time: what is alike is judged once.

A form has few fields, and its events come again and again. Nothing here outlives its request.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Raw

from governance.capture.shapes import MAX_EVENTS, Count, Element, Event, Moment, Text, Word

NOTHING = Raw()
NULL = b"null"


class Sent(msgspec.Struct, gc=False):
    """shapes.Event as it is read: time, then what is compared, then the element, of which each wording is read once.

    gc=False: it holds texts, numbers and pieces of the body, so that it is never part of a circle.
    """

    at: Moment
    user: Word
    signal: Word
    action: Word
    application: Word
    url: Text | None = None
    x: float | None = None
    y: float | None = None
    count: Count | None = None
    title: Text | None = None
    element: Raw = NOTHING


class Told(Sent, forbid_unknown_fields=True, gc=False):
    """With the names that clients of UI logs send beyond them. What stands under these names is passed over, never read."""

    value: Raw = NOTHING
    content: Raw = NOTHING
    seconds: Raw = NOTHING
    hierarchy: Raw = NOTHING
    inner_text: Raw = NOTHING
    href: Raw = NOTHING
    html: Raw = NOTHING
    option: Raw = NOTHING
    checked: Raw = NOTHING
    task: Raw = NOTHING


class _Batch(msgspec.Struct):
    batch_id: UUID
    programme: Word
    device: Word
    events: Annotated[list[Sent], msgspec.Meta(max_length=MAX_EVENTS)]
    zone: Word | None = None


class _Known(_Batch):
    events: Annotated[list[Told], msgspec.Meta(max_length=MAX_EVENTS)]


class Alike(msgspec.Struct, gc=False):
    """Events of one batch that differ in nothing but their time."""

    event: Event  # one of them
    names: tuple[str, ...]  # of what they hold beyond what every event has, the element's left out
    inner: tuple[str, ...]  # of what their element holds
    count: int = 0


class Arrived(msgspec.Struct):
    """A batch as it was read. `order`: of each event, which of `alike` it is; `times`: when it was."""

    batch_id: UUID
    programme: str
    device: str
    zone: str
    alike: list[Alike]
    order: list[int]
    times: list[Any]
    whole: bool  # every name is one of those above, so that `alike` tells what was sent in excess


MORE = "more"  # stands in Alike.names for any name that no signal has
NAMES = ("url", "x", "y", "count", "title")
_known = msgspec.json.Decoder(_Known, strict=True).decode
_any = msgspec.json.Decoder(_Batch, strict=True).decode
_element = msgspec.json.Decoder(Element | None, strict=True).decode
_element_names = msgspec.json.Decoder(dict[str, Raw] | None).decode
_times = attrgetter("at")
_fields = msgspec.structs.astuple
WORDS = Told.__struct_fields__.index("element")
UNREAD = (NOTHING,) * (len(Told.__struct_fields__) - WORDS - 1)


def read(body: bytes) -> Arrived:
    """The batch of this body. Raises msgspec.ValidationError, DecodeError, UnicodeDecodeError, RecursionError."""
    body.decode()  # what is passed over is not looked at, also not whether it is UTF-8
    try:
        batch: Any = _known(body)
        whole = True
    except msgspec.ValidationError:  # another name; or no batch, which the next line says
        batch = _any(body)
        whole = False
    alike, order = _sorted(batch.events, _says_something if NULL in body else None)
    return Arrived(
        batch.batch_id, batch.programme, batch.device, batch.zone or "", alike, order, list(map(_times, batch.events)), whole
    )  # fmt: skip


def _sorted(
    events: list[Sent], filled: Callable[[tuple[Raw, ...]], bool] | None
) -> tuple[list[Alike], list[int]]:
    elements: dict[bytes, tuple[Element | None, tuple[str, ...]]] = {}
    known: dict[Any, int] = {}
    found: list[Alike] = []
    order: list[int] = []
    add, get = order.append, known.get
    for values in map(_fields, events):
        written, unread = bytes(values[WORDS]), values[WORDS + 1 :]
        more = bool(unread) and unread != UNREAD and (filled is None or filled(unread))
        key = (values[1:WORDS], written, more)
        number = get(key)
        if number is None:
            number = known[key] = len(found)
            if written not in elements:
                elements[written] = _read_element(written)
            found.append(_alike(values, more, *elements[written]))
        found[number].count += 1
        add(number)
    return found, order


def _alike(values: tuple[Any, ...], more: bool, element: Element | None, inner: tuple[str, ...]) -> Alike:
    at, user, signal, action, application, url, x, y, count, title = values[:WORDS]
    names = [name for name, value in zip(NAMES, values[5:WORDS], strict=True) if value is not None]
    if more:
        names.append(MORE)
    return Alike(
        Event(at, user, signal, action, application, url, element, x, y, count, title), tuple(names), inner
    )


def _read_element(written: bytes) -> tuple[Element | None, tuple[str, ...]]:
    if not written:
        return None, ()
    held = _element_names(written) or {}
    return _element(written), tuple(name for name, value in held.items() if bytes(value) != NULL)


def _says_something(unread: tuple[Raw, ...]) -> bool:
    """null says that there is nothing."""
    return any(value is not NOTHING and bytes(value) != NULL for value in unread)
