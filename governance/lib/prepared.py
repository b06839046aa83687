"""Statements that PostgreSQL plans once for a connection: for what programs ask many times a second."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg.adapt import Loader
from psycopg.pq import TransactionStatus

from governance.lib.line import Answer, Line, Plans

NEVER_BY_ITSELF = 2**30  # uses of a statement after which the driver would prepare it unasked


PLACE = re.compile(r"%(?:\((\w+)\)s|s|%)")


@lru_cache(1024)
def numbered(statement: str) -> tuple[str, tuple[str, ...] | None]:
    """The statement with $1, $2 … for %s or %(name)s, and the names in that order (None: by place). Found once, whatever its
    length: the driver looks through what is longer than 4,096 characters each time."""
    names: dict[str, int] = {}
    places = 0

    def number(found: re.Match[str]) -> str:
        nonlocal places
        if found[0] == "%%":
            return "%"
        if found[1]:
            return f"${names.setdefault(found[1], len(names) + 1)}"
        places += 1
        return f"${places}"

    text = PLACE.sub(number, statement)
    if names and places:
        raise ValueError("A statement names its values, or counts them.")
    return text, tuple(names) if names else None


def in_order(names: tuple[str, ...] | None, values: Sequence[Any] | Mapping[str, Any]) -> Sequence[Any]:
    """The values of `numbered`'s text, $1 first."""
    return values if names is None else [values[name] for name in names]  # type: ignore[call-overload, return-value]


class Prepared(psycopg.RawCursor[Any]):
    """Values travel beside the statement, never in it, and the statement is parsed and planned at its first use."""

    def say(self, statement: str, values: Any, **how: Any) -> None:
        text, names = numbered(statement)
        super().execute(text, in_order(names, values), prepare=True, **how)

    def run(self, statement: str, values: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
        self.say(statement, values)
        return self.fetchall()

    def do(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        """The same of a statement that answers nothing."""
        self.say(statement, values)


class Moment(BaseTzLoader):  # type: ignore[misc]  Django's own is not typed
    """A moment as PostgreSQL writes it, read by Python's own reader of ISO 8601; what that cannot read, as Django reads it."""

    timezone = UTC

    def __init__(self, oid: int, context: Any = None) -> None:
        Loader.__init__(self, oid, context)

    def load(self, data: Any) -> datetime:
        try:
            return datetime.fromisoformat(bytes(data).decode()).astimezone(UTC)
        except ValueError:
            # Before Christ, after the year 9999, infinity, or another form: the driver says it in its words.
            BaseTzLoader.__init__(self, 0, self.connection)
            return super().load(data)  # type: ignore[no-any-return]


class Kept:
    """Cursors of one connection that are at rest: each knows the values' types from the last time. One that is at work is
    not among them, so that what is asked meanwhile has another."""

    __slots__ = ("_at_rest", "driver", "plans")

    def __init__(self, driver: "psycopg.Connection[Any]") -> None:
        self.driver = driver
        self.plans = Plans(driver)
        self._at_rest: list[Prepared] = []

    def take(self) -> Prepared:
        return self._at_rest.pop() if self._at_rest else Prepared(self.driver)

    def give_back(self, cursor: Prepared) -> None:
        self._at_rest.append(cursor)


def _kept(here: Any) -> Kept:
    """Of Django's connection, which is open."""
    kept: Kept | None = here.__dict__.get("prepared")
    if kept is None or kept.driver is not here.connection:
        if here.timezone == UTC:  # from now on it reads moments so, for Django's own statements, too
            here.connection.adapters.register_loader("timestamptz", Moment)
        kept = here.__dict__["prepared"] = Kept(here.connection)
    return kept


class cursor:
    """On Django's connection of this thread, in its transaction if there is one; errors are Django's own.

    Nobody asks first whether a connection that has lain idle still lives: that is a round trip for each request. Who
    uses this must try again, with a Django cursor, when it does not. One may stand within another.
    """

    __slots__ = ("_before", "_cursor", "_driver", "_here", "kept")

    def __enter__(self) -> Any:
        self._here = here = connections[DEFAULT_DB_ALIAS]
        self._look(here)
        here.ensure_connection()
        self._driver = here.connection
        # Django has it off, and then the driver prepares nothing, asked or not.
        self._before, self._driver.prepare_threshold = self._driver.prepare_threshold, NEVER_BY_ITSELF
        self.kept = _kept(here)
        self._cursor = self._take()
        return self._cursor

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._driver.prepare_threshold = self._before
        if kind is not None:
            self._here.wrap_database_errors.__exit__(kind, error, trace)
        else:
            self._give_back()

    def _look(self, here: Any) -> None:
        pass

    def _take(self) -> Prepared:
        return self.kept.take()

    def _give_back(self) -> None:
        self.kept.give_back(self._cursor)


def at_once(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
    """The rows of one statement, by a cursor that the connection keeps.

    For what is asked everywhere and outside of requests, too: a connection that has lain idle is looked at first, as
    Django does. Errors are Django's own.
    """
    here = connections[DEFAULT_DB_ALIAS]
    if not here.in_atomic_block:  # whoever began the transaction has looked
        here.close_if_health_check_failed()
    here.ensure_connection()
    driver = here.connection
    kept = _kept(here)
    ours = kept.take()
    before, driver.prepare_threshold = driver.prepare_threshold, NEVER_BY_ITSELF
    try:
        rows = ours.run(statement, values)
        kept.give_back(ours)
        return rows
    except psycopg.Error:
        with here.wrap_database_errors:
            raise
    finally:
        driver.prepare_threshold = before


def alone(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
    """The rows of one statement that is a transaction of its own; in a transaction of Django's it is one of that.

    For the doors: nobody asks first whether a connection that has lain idle still lives, and who uses this must try again
    when it does not. Errors are Django's own.
    """
    here = connections[DEFAULT_DB_ALIAS]
    if here.in_atomic_block:
        return at_once(statement, values)
    here.ensure_connection()
    plans = _kept(here).plans
    plans.forget()
    text, names = numbered(statement)
    with here.wrap_database_errors:
        line = Line(plans)
        answer = Answer(line)
        line.begin()
        try:
            line.send(text, in_order(names, values), answer)
        finally:
            line.end()
        return answer.fetchall()


class Planned(Prepared):
    """As a cursor of Django's, for code that is handed one or the other: what it executes is prepared."""

    def execute(self, statement: Any, values: Any = (), **how: Any) -> "Planned":  # type: ignore[override]
        self.say(statement, values, **how)
        return self

    @property
    def cursor(self) -> "Planned":
        """The driver's own, as a cursor of Django's names it."""
        return self


class planned(cursor):
    """In a transaction of Django's, which has looked whether the connection still lives; errors are Django's own."""

    __slots__ = ()

    def _take(self) -> Prepared:
        return Planned(self._driver)

    def _give_back(self) -> None:
        pass

    def _look(self, here: Any) -> None:
        if not here.in_atomic_block:
            raise RuntimeError("Statements of a transaction need a transaction.")


class Rows(Protocol):
    """What a statement answers. A cursor has it, and so has what was read already."""

    def fetchall(self) -> list[Any]: ...


Ask = Callable[[str, Any], Rows]


def in_turn(cursor: Any) -> Ask:
    """Together.ask on a cursor that waits for each statement."""

    def ask(statement: str, values: Any) -> Rows:
        cursor.execute(statement, values)
        return _Read(cursor.fetchall())

    return ask


class _Read(list[Any]):
    def fetchall(self) -> list[Any]:
        return self


class Together:
    """The statements of one transaction, sent without waiting for one another's answers; only who reads waits."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def ask(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Rows:
        """Its rows can be fetched when they are wanted, and more be sent before; each statement has a snapshot of its own,
        taken when all that was sent before had been carried out."""
        answer = Answer(self._line)
        text, names = numbered(statement)
        self._line.send(text, in_order(names, values), answer)
        return answer

    def do(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        text, names = numbered(statement)
        self._line.send(text, in_order(names, values), None)

    def run(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """The rows, of a snapshot that was taken when all that was sent before had been carried out."""
        return self.ask(statement, values).fetchall()


@contextmanager
def together() -> Iterator[Together]:
    """A transaction on Django's connection of this thread, whose statements are prepared and sent together.

    Committed at the end of the block: when it is left, the commit has been heard of. Whatever is raised in it takes
    everything back. In a transaction of Django's it is a savepoint. Nothing that Django calls after a commit is called.
    """
    inside = connections[DEFAULT_DB_ALIAS].in_atomic_block
    begin, commit, back = (
        ("SAVEPOINT together", "RELEASE together", "ROLLBACK TO together")
        if inside
        else ("BEGIN", "COMMIT", "ROLLBACK")
    )
    here = connections[DEFAULT_DB_ALIAS]
    here.ensure_connection()
    kept = _kept(here)
    if not inside:
        kept.plans.forget()
    with here.wrap_database_errors:
        try:
            line = Line(kept.plans, lasting=not inside)
            line.begin()
            sender = Together(line)
            try:
                if inside and kept.driver.info.transaction_status == TransactionStatus.IDLE:
                    sender.do("BEGIN")  # as the driver does before the first statement of Django's
                sender.do(begin)
                yield sender
                sender.do(commit)
            except BaseException:
                with suppress(psycopg.Error):  # what went wrong is known already
                    line.end()
                raise
            line.end()
        except BaseException:
            if kept.driver.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
                line = Line(kept.plans, lasting=False)
                line.begin()
                Together(line).do(back)
                line.end()
            raise
