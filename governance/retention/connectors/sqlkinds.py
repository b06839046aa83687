"""What differs from one kind of database to the next: the driver, how long to wait, how a moment is compared, bytes.

PostgreSQL, MySQL and MariaDB are reached by network. SQLite is a file: `sqlite:////srv/badges.db`; it is never made
when it is not there, a reading login opens it read-only, and what is deleted is overwritten in the file.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import CHAR

from governance.retention.connectors.crowd import Crowd
from governance.retention.connectors.mentions import Mentions

DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
# A TIMESTAMP of MySQL is told in the session's zone: ours is UTC.
MYSQL = {
    "connect_timeout": 10, "read_timeout": 300, "write_timeout": 300, "charset": "utf8mb4",
    "init_command": "SET SESSION time_zone = '+00:00', SESSION innodb_lock_wait_timeout = 60",
}  # fmt: skip
WAITS: Mapping[str, dict[str, Any]] = {
    "postgresql": {"connect_timeout": 10, "options": "-c statement_timeout=300000 -c lock_timeout=60000"},
    "mysql": MYSQL, "mariadb": MYSQL, "sqlite": {"timeout": 60},
}  # fmt: skip
MILLISECONDS = 100_000_000_000  # a larger number of seconds would lie in the year 5138
LARGEST = 512 * 1024 * 1024
LIMITS = (
    "mysql",
    "mariadb",
)  # can be told how many rows a DELETE or an UPDATE may take; a range of keys would lock all in it
STATEMENTS = 2000  # that are kept worked out: some for each table
PIECE, OVERLAP = 4 * 1024 * 1024, 4096


class TooLarge(Exception):
    """A database's file is too large to be looked through byte by byte: it is not taken for empty."""


@lru_cache(maxsize=64)
def engine(url: str, *, reading: bool) -> sa.Engine:
    """One for a login and process, so that the server is asked only once what it can do. It keeps no connection, and
    no value stands in an error."""
    parsed = sa.make_url(url)
    parsed = parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))
    kind = parsed.get_backend_name()
    if kind == "sqlite" and parsed.database:
        mode = "ro" if reading else "rw"
        parsed = parsed.set(
            database=f"file:{quote(str(file_of(parsed)))}", query={"mode": mode, "uri": "true"}
        )
    made = sa.create_engine(
        parsed,
        poolclass=sa.pool.NullPool,
        hide_parameters=True,
        connect_args=WAITS.get(kind, {}),
        query_cache_size=STATEMENTS,
    )
    if kind == "sqlite":
        sa.event.listen(made, "connect", _reading if reading else _writing)
    return made


def file_of(url: sa.URL) -> Path:
    """Where a database in a file lies."""
    return Path(unquote(str(url.database).removeprefix("file:")))


def _reading(connection: sqlite3.Connection, _record: Any) -> None:
    # SQLite's own lower() knows no letters but a–z.
    connection.create_function("lower", 1, lambda text: text.lower() if isinstance(text, str) else text)


def _writing(connection: sqlite3.Connection, record: Any) -> None:
    _reading(connection, record)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")


def until(column: sa.Column[Any], before: datetime, kind: str) -> sa.ColumnElement[bool]:
    """Collected at `before` or earlier. A column of whole numbers counts seconds (or milliseconds) since 1970.

    A text in SQLite is read as ISO 8601, with "T" or a blank and with or without a zone; one that is no moment is NULL.
    """
    if isinstance(column.type, sa.Integer):
        seconds = int(before.timestamp())
        return sa.case((column > MILLISECONDS, column <= seconds * 1000), else_=column <= seconds)
    if kind == "sqlite":
        moment = before.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{before.microsecond // 1000:03d}"
        return told(column, kind) <= sa.literal(moment, sa.String)
    naive = not getattr(column.type, "timezone", False)
    return column <= (before.astimezone(UTC).replace(tzinfo=None) if naive else before)


def told(column: sa.Column[Any], kind: str) -> sa.ColumnElement[Any]:
    """The moment as it can be compared; NULL where there is none."""
    if kind == "sqlite" and not isinstance(column.type, sa.Integer):
        return sa.func.strftime("%Y-%m-%d %H:%M:%f", column, type_=sa.String)
    return column


def same(column: sa.Column[Any], value: str, kind: str) -> sa.ColumnElement[bool]:
    """Exactly this text. MySQL's usual collations take ü for u and Ä for a: one person's rows for another's."""
    if not isinstance(column.type, sa.String):
        return sa.cast(column, sa.String) == value
    if kind in ("mysql", "mariadb"):
        return sa.and_(column == value, letters(column) == value)
    return column == value


def letters(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """In MySQL and MariaDB the text letter by letter, each standing for itself."""
    return sa.cast(column, CHAR(charset="utf8mb4")).collate("utf8mb4_bin")


def tidy(connection: sa.Connection) -> None:
    """After erasing: what SQLite has written beside the file goes into it, so that no old page is left there."""
    if connection.dialect.name == "sqlite":
        connection.rollback()
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.rollback()


def in_bytes(url: sa.URL, mentions: Mentions) -> int | None:
    """How often the bytes of the database's files mention the person; None where no file can be read."""
    if (pieces := _pieces(url)) is None:
        return None
    return sum(max(map(mentions.count, texts)) for texts in pieces)


def named_in_bytes(url: sa.URL, crowd: Crowd) -> set[int] | None:
    """Whom of many people these bytes mention; None where no file can be read."""
    if (pieces := _pieces(url)) is None:
        return None
    return {i for texts in pieces for text in texts for i in crowd.named(text)}


def _pieces(url: sa.URL) -> Iterator[tuple[str, str]] | None:
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    path = file_of(url)
    files = (path, *(path.with_name(path.name + more) for more in ("-wal", "-journal")))
    return (texts for file in files if file.exists() for texts in _texts(file))


def _texts(file: Path) -> Iterator[tuple[str, str]]:
    """Piece by piece, each overlapping the last; what stands in both is counted twice, which is no harm."""
    if file.stat().st_size > LARGEST:
        raise TooLarge
    rest = b""
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            raw = rest + piece
            yield raw.decode("utf-8", "replace"), raw.decode("latin-1")
            rest = raw[-OVERLAP:]
