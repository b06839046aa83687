"""A batch is read once, and its events are sorted by what they say beside their time: what is alike is judged once.

A form has few fields, and its events come again and again. Nothing here outlives its request.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
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

    Of a sort's first event the element is read, and takes the place of its wording: from then on it is an Event.
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
    events: Annotated[list[Told], msgspec.Meta(max_length=MAX_EVENTS)]  # type: ignore[assignment]  each is a Sent


class _Element(Element, forbid_unknown_fields=True, rename={"class_": "class"}, gc=False):
    """With the names that clients send beyond. An element with another name is read by its names."""

    name: Raw = NOTHING
    class_: Raw = NOTHING


class Arrived(msgspec.Struct):
    """A batch as it was read. `order`: of each event, which of `alike` it is; `times`: when it was."""

    batch_id: UUID
    programme: str
    device: str
    zone: str
    alike: list[Event]  # one of each sort, with the time of the first
    counts: list[int]  # events of each sort
    names: list[
        tuple[str, ...]
    ]  # of each sort: what it holds beyond what every event has; an element's begin with a dot
    order: list[int]
    times: list[datetime]
    whole: bool  # every name is known here, so that `names` tells all that was sent in excess


MORE = "more"  # stands for names that no signal has
_known = msgspec.json.Decoder(_Known, strict=True).decode
_any = msgspec.json.Decoder(_Batch, strict=True).decode
_known_elements = msgspec.json.Decoder(list[_Element | None], strict=True).decode
_element = msgspec.json.Decoder(Element | None, strict=True).decode
_names = msgspec.json.Decoder(dict[str, Raw]).decode
_at = attrgetter("at")
_fields = msgspec.structs.astuple
WORDS = Told.__struct_fields__.index("element")
UNREAD = (NOTHING,) * (len(Told.__struct_fields__) - WORDS - 1)


def read(body: bytes) -> Arrived:
    """The batch of this body. Raises msgspec.ValidationError, DecodeError, UnicodeDecodeError, RecursionError."""
    if not body.isascii():
        body.decode()  # what is passed over is not looked at, also not whether it is UTF-8
    try:
        batch: Any = _known(body)
        whole = True
    except msgspec.ValidationError:  # another name; or no batch, which the next line says
        batch = _any(body)
        whole = False
    events = batch.events
    order, first, more = _sorted(events, NULL in body)
    wordings = [bytes(events[number].element) for number in first]
    elements = _elements(wordings)
    alike, names = [], []
    for number, beyond, written in zip(first, more, wordings, strict=True):
        event = events[number]
        element, held = elements[written]
        event.element = element
        alike.append(event)
        names.append(_held(event, beyond, held))
    counts = Counter(order)  # in the order in which the sorts were met
    return Arrived(
        batch.batch_id, batch.programme, batch.device, batch.zone or "", alike, list(counts.values()), names, order,
        list(map(_at, events)), whole,
    )  # fmt: skip


def _sorted(events: list[Sent], nulls: bool) -> tuple[list[int], list[int], list[bool]]:
    """Of each event its sort; of each sort its first event, and whether something stands under a name that is not read."""
    known: dict[Any, int] = {}
    order: list[int] = []
    first: list[int] = []
    beyond: list[bool] = []
    add, get = order.append, known.get
    for at, values in enumerate(map(_fields, events)):
        unread = values[WORDS + 1 :]
        more = unread != UNREAD and bool(unread)
        if more and nulls:
            more = any(map(_says_something, unread))
        key = (values[1:WORDS], bytes(values[WORDS]), more)
        number = get(key)
        if number is None:
            number = known[key] = len(first)
            first.append(at)
            beyond.append(more)
        add(number)
    return order, first, beyond


def _held(event: Any, more: bool, inner: tuple[str, ...]) -> tuple[str, ...]:
    names = inner
    if event.url is not None:
        names += ("url",)
    if event.x is not None:
        names += ("x",)
    if event.y is not None:
        names += ("y",)
    if event.count is not None:
        names += ("count",)
    if event.title is not None:
        names += ("title",)
    return (*names, MORE) if more else names


Read = tuple[Element | None, tuple[str, ...]]  # an element, and under which names it holds something


def _elements(wordings: Iterable[bytes]) -> dict[bytes, Read]:
    """Of each wording what it says; all are read together, where every name in them is known."""
    different = [written for written in dict.fromkeys(wordings) if written]
    found: dict[bytes, Read] = {b"": (None, ())}
    try:
        read = _known_elements(b"[" + b",".join(different) + b"]")
    except msgspec.ValidationError:
        return found | {written: _by_names(written) for written in different}
    for written, element in zip(different, read, strict=True):
        found[written] = (element, _held_in(element)) if element is not None else (None, ())
    return found


def _held_in(read: "_Element") -> tuple[str, ...]:
    found = [
        name
        for name, value in ((".role", read.role), (".id", read.id), (".type", read.type))
        if value is not None
    ]
    if _says_something(read.name) or _says_something(read.class_):
        found.append("." + MORE)
    return tuple(found)


def _by_names(written: bytes) -> Read:
    element = _element(written)
    if element is None:
        return None, ()
    return element, tuple(f".{name}" for name, value in _names(written).items() if _says_something(value))


def _says_something(value: Raw) -> bool:
    """null says that there is nothing."""
    return value is not NOTHING and bytes(value) != NULL
