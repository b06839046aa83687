"""Statements that PostgreSQL plans once for a connection: for what programs ask many times a second."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

NEVER_BY_ITSELF = 2**30  # uses of a statement after which the driver would prepare it unasked


class Prepared(psycopg.Cursor[Any]):
    """Values travel beside the statement, never in it, and the statement is parsed and planned at its first use."""

    def run(self, statement: str, values: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
        return self.execute(statement, values, prepare=True).fetchall()  # type: ignore[arg-type]


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
