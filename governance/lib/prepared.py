"""Statements that PostgreSQL plans once for a connection: for what programs ask many times a second."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg
from django.db import connection
from psycopg.pq import TransactionStatus

NEVER_BY_ITSELF = 2**30  # uses of a statement after which the driver would prepare it unasked


class Prepared(psycopg.Cursor[Any]):
    """Values travel beside the statement, never in it, and the statement is parsed and planned at its first use."""

    def run(self, statement: str, values: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
        return self.execute(statement, values, prepare=True).fetchall()  # type: ignore[arg-type]

    def do(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        """The same of a statement that answers nothing."""
        self.execute(statement, values, prepare=True)  # type: ignore[arg-type]


@contextmanager
def cursor() -> Iterator[Prepared]:
    """On Django's connection of this thread, in its transaction if there is one; errors are Django's own.

    Nobody asks first whether a connection that has lain idle still lives: that is a round trip for each request. Who
    uses this must try again, with a Django cursor, when it does not.
    """
    connection.ensure_connection()
    driver = connection.connection
    driver.prepare_threshold = (
        NEVER_BY_ITSELF  # Django has it off, and then the driver prepares nothing, asked or not
    )
    try:
        with connection.wrap_database_errors, Prepared(driver) as ours:
            yield ours
    finally:
        driver.prepare_threshold = None


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

    def __init__(self, driver: "psycopg.Connection[Any]") -> None:
        self._driver = driver

    def ask(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Rows:
        """Its rows can be fetched when they are wanted, and more be sent before; each statement has a snapshot of its own,
        taken when all that was sent before had been carried out."""
        cursor = Prepared(self._driver)
        cursor.do(statement, values)
        return cursor

    def do(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        Prepared(self._driver).do(statement, values)

    def run(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """The rows, of a snapshot that was taken when all that was sent before had been carried out."""
        return self.ask(statement, values).fetchall()


@contextmanager
def together() -> Iterator[Together]:
    """A transaction on Django's connection of this thread, whose statements are prepared and sent together.

    Committed at the end of the block: when it is left, the commit has been heard of. Whatever is raised in it takes
    everything back. In a transaction of Django's it is a savepoint. Nothing that Django calls after a commit is called.
    """
    connection.ensure_connection()
    driver, inside = connection.connection, connection.in_atomic_block
    begin, commit, back = (
        ("SAVEPOINT together", "RELEASE together", "ROLLBACK TO together")
        if inside
        else ("BEGIN", "COMMIT", "ROLLBACK")
    )
    driver.prepare_threshold = NEVER_BY_ITSELF
    try:
        with connection.wrap_database_errors:
            try:
                with driver.pipeline():
                    sender = Together(driver)
                    sender.do(begin)
                    yield sender
                    sender.do(commit)
            except BaseException:
                if driver.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
                    driver.execute(back)
                raise
    finally:
        driver.prepare_threshold = None
