"""What the client sends: one event as it was read from a log, and whose it is said to be."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

_encode = msgspec.json.Encoder().encode


class Element(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, rename={"class_": "class"}):
    """The part of a screen that was acted on, as the recording tool named it (no content)."""

    role: str = ""
    id: str = ""
    type: str = ""
    name: str = ""
    class_: str = ""


class RawEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a log, unminimised.

    `person` is whom the log names (a user id, a folder), `row` the line it came from and `moment` its time in
    seconds (UNIX time where the log has dates, else since the session began). These three are never sent.
    `user` is the person number that the gate will read; it is empty until `for_user` or `in_turn` sets it.
    `x`, `y` are pixels, `seconds` a duration, `count` keys pressed within a minute.
    """

    signal: str
    action: str
    application: str
    person: str = ""
    row: int = 0
    moment: float = 0.0
    user: str = ""
    url: str = ""
    element: Element | None = None
    hierarchy: tuple[str, ...] = ()
    x: int | None = None
    y: int | None = None
    seconds: float | None = None
    count: int | None = None
    value: str = ""
    content: str = ""
    inner_text: str = ""
    title: str = ""
    href: str = ""
    html: str = ""
    option: str = ""
    checked: str = ""
    task: str = ""


_NOT_SENT = ("person", "row", "moment")
_SENT = tuple(name for name in RawEvent.__struct_fields__ if name not in _NOT_SENT)


def body_without_time(event: RawEvent) -> bytes:
    """The event as a JSON object, without `at` (the poster puts that in front when it sends). Empty fields
    are left out."""
    if not event.user:
        raise ValueError("This event has no person number yet. Give it one with for_user().")
    fields = {name: getattr(event, name) for name in _SENT}
    return _encode(
        {name: value for name, value in fields.items() if value is not None and value != "" and value != ()}
    )


@dataclass(frozen=True)
class Unreadable:
    """A row that could not be read: its file and line, and why. Never what stood in it."""

    path: Path
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.path.name}, line {self.line}: {self.why}"


class UnreadableLog(ValueError):
    """The file is not a log of this format at all, or a row is broken and nobody asked to be told of
    broken rows."""


OnUnreadable = Callable[[Unreadable], None]


def tell(broken: Unreadable, on_unreadable: OnUnreadable | None) -> None:
    """Hand a broken row to whoever counts them; without one, stop: a row is never lost in silence.

    Raises UnreadableLog when `on_unreadable` is None.
    """
    if on_unreadable is None:
        raise UnreadableLog(str(broken))
    on_unreadable(broken)


def for_user(events: Iterable[RawEvent], number: str) -> Iterator[RawEvent]:
    """All these events as those of one person, whoever the log names. `number` is a person number
    (N-1001)."""
    for event in events:
        yield msgspec.structs.replace(event, user=number)


def in_turn(events: Iterable[RawEvent], numbers: Sequence[str]) -> Iterator[RawEvent]:
    """The persons whom the log names, in order of appearance, dealt in turn to `numbers`."""
    dealt: dict[str, str] = {}
    for event in events:
        number = dealt.setdefault(event.person, numbers[len(dealt) % len(numbers)])
        yield msgspec.structs.replace(event, user=number)


def deal(
    files: Iterable[Path],
    users: Sequence[str],
    *,
    person: Callable[[Path], Hashable] = lambda path: path.parent,
) -> Iterator[tuple[Path, str]]:
    """Each file with the person number it is posted for: each file's person, in order of appearance, in turn.

    Whose file it is says `person`: by default the folder (mouse logs: all sessions of `user7/` are one
    person's). `person=lambda path: path` deals file by file.
    """
    dealt: dict[Hashable, str] = {}
    for path in files:
        yield path, dealt.setdefault(person(path), users[len(dealt) % len(users)])
