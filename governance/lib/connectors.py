"""The contract of everything that holds personal data: the contract that erases also shows, counts and reads back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Scope:
    """Whose data, of which purpose, and until when.

    `before` is a cut-off: what was collected after it stays, so that consent given again after a withdrawal is never
    erased with the old. `purpose` None means everything about the person. `streams` are the sealed streams concerned.
    """

    person: UUID
    purpose: UUID | None
    streams: tuple[UUID, ...]
    before: datetime
    identifiers: Mapping[str, str] = field(
        default_factory=dict
    )  # how other systems know the person: number, name, email
    anonymise: bool = False  # what tells who it is goes, the rest stays; else everything goes


@dataclass(frozen=True)
class Kept:
    """One thing that was found and not erased: on the certificate it stands in its own table."""

    what: str
    where: str
    why: str  # a sentence with its article, in force on the day or marked as applied voluntarily
    count: int = 0
    until: str = ""  # ISO date, or "" when nobody can say


@dataclass(frozen=True)
class Erased:
    count: int
    kept: tuple[Kept, ...] = ()
    method: str = ""


@dataclass(frozen=True)
class Residue:
    """What reading back found, by another connection and another query than the one that erased."""

    count: int
    where: tuple[str, ...] = ()  # tables, columns, files: places, never values
    looked_at: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()  # found, and lawfully or by the map's own reason left there


@dataclass(frozen=True)
class Due:
    """One person whose data in a system is older than a rule allows; known there by `person` or by `number`."""

    person: UUID | None = None
    number: str = ""
    streams: tuple[UUID, ...] = ()


class Connector(Protocol):
    """One system. Made with its options (the connection's, without secrets) and its data map."""

    name: str
    version: str
    needs_map: bool  # without a confirmed data map it cannot know what to look for
    # `at_work()`: where connections can be kept from one act to the next, the context in which they are.
    # `listed()`: how it knows people, as mappings of number or email, whatever their age; raises NobodyListed.
    # `periods(today)`, `keep_apart(period, streams)`, `drop_whole(period, streams)`: where what is over can go whole.
    # `anonymises: bool` where it can leave a row and take the person out of it; without it, it cannot.
    # `alone: tuple[str, …]`: chunks that write anew, as a whole, what holds other people too. Two workers there would each
    # put back what the other took out; so one at a time erases them, and nobody reads back meanwhile.
    # `count_all(works)`, `erase_all(works)` with works of (scope, chunk), of one purpose and of different people, and
    # `residues(scopes)`: where many can be worked on at once; each answer is the one that count, erase and residue would
    # give of it alone.
    last: bool  # holds what the other systems are searched by: erased only when all of them read back empty

    @classmethod
    def check_map(cls, data_map: Mapping[str, Any]) -> None:
        """Raises Refused when the map cannot be read."""

    def __init__(self, options: Mapping[str, Any], data_map: Mapping[str, Any]) -> None: ...
    def chunks(self, scope: Scope) -> list[str]:
        """The parts this system's work is split into; each is one journal row. Never empty."""

    def count(self, scope: Scope, chunk: str) -> int: ...
    def erase(self, scope: Scope, chunk: str) -> Erased: ...
    def residue(self, scope: Scope) -> Residue: ...
    def export(self, scope: Scope) -> Iterator[Mapping[str, Any]]: ...
    def due(self, purpose: UUID, before: datetime) -> list[Due]:
        """Whose data of this purpose was all or in part collected before; empty where the system knows no times."""


class NobodyListed(Exception):
    """The system cannot say whom it holds, so that nobody can be recognised there by a hash."""


class SystemAway(Exception):
    """The system did not answer or refused the login: the order is tried again, nothing is shown as done."""


def load(kind: str) -> type[Connector]:
    return import_string(settings.SAMMATI_CONNECTORS[kind])
