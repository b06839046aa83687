"""Statements that PostgreSQL plans once for a connection: for what programs ask many times a second."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

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


class Planned(Prepared):
    """As a cursor of Django's, for code that is handed one or the other: what it executes is prepared."""

    def execute(self, statement: Any, values: Any = None, **how: Any) -> "Planned":
        super().execute(statement, values, **({"prepare": True} | how))
        return self

    @property
    def cursor(self) -> "Planned":
        """The driver's own, as a cursor of Django's names it."""
        return self


@contextmanager
def planned() -> Iterator[Planned]:
    """In a transaction of Django's, which has looked whether the connection still lives; errors are Django's own."""
    if not connection.in_atomic_block:
        raise RuntimeError("Statements of a transaction need a transaction.")
    driver = connection.connection
    driver.prepare_threshold = NEVER_BY_ITSELF
    try:
        with connection.wrap_database_errors, Planned(driver) as ours:
            yield ours
    finally:
        driver.prepare_threshold = None


class Together:
    """The statements of one transaction, sent without waiting for one another's answers; only who reads waits."""

    def __init__(self, driver: "psycopg.Connection[Any]") -> None:
        self._driver = driver

    def do(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        Prepared(self._driver).do(statement, values)

    def run(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """The rows, of a snapshot that was taken when all that was sent before had been carried out."""
        return Prepared(self._driver).run(statement, values)


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
