"""One open connection to a database that holds people's data: which rows are whose, and which are still to be worked on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from governance.lib.connectors import Scope
from governance.retention.connectors import sqlkinds
from governance.retention.connectors.mentions import ERASED, Mentions
from governance.retention.connectors.sqlmap import Entry

ANONYMOUS = "anon-"
# Everything of a schema that bears on how its tables are known here; one query, whatever their number.
FINGERPRINT = sa.text("""
    SELECT md5(coalesce(string_agg(concat_ws(',', c.oid, c.relname, a.attnum, a.attname, a.atttypid, a.atttypmod, k.indkey),
        ';' ORDER BY c.oid, a.attnum), ''))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_index k ON k.indrelid = c.oid AND k.indisprimary
    WHERE c.relnamespace = to_regnamespace(quote_ident(coalesce(:schema, current_schema())))
        AND c.relkind IN ('r', 'p', 'f', 'm') AND a.attnum > 0 AND NOT a.attisdropped
""")
# Login and schema → (fingerprint, the tables as they were found then).
_found: WeakKeyDictionary[sa.Engine, dict[str | None, tuple[str, sa.MetaData]]] = WeakKeyDictionary()


def known(connection: sa.Connection, schema: str | None) -> sa.MetaData:
    """The tables of the schema as they are now: what was found for an earlier order, if nothing has changed since.

    With the same tables come the same statements, which are then not worked out again. Where a database cannot say
    whether something changed, nothing is known beforehand.
    """
    if connection.dialect.name != "postgresql":
        return sa.MetaData()
    now = str(connection.scalar(FINGERPRINT, {"schema": schema}))
    connection.rollback()
    of_login = _found.setdefault(connection.engine, {})
    if schema not in of_login or of_login[schema][0] != now:
        of_login[schema] = now, sa.MetaData()
    return of_login[schema][1]


class Store:
    """One open connection and the tables as they are there."""

    def __init__(
        self,
        connection: sa.Connection,
        entries: Mapping[str, Entry],
        schema: str | None,
        metadata: sa.MetaData,
    ) -> None:
        self.connection, self.entries, self.schema, self._metadata = connection, entries, schema, metadata
        self.kind = connection.dialect.name

    def table(self, name: str) -> sa.Table:
        """Raises NoSuchTableError. The mapped tables are looked up together."""
        place = f"{self.schema}.{name}" if self.schema else name
        if place not in self._metadata.tables and name in self.entries:
            self._look_up(set(self.entries))
        if place in self._metadata.tables:
            return self._metadata.tables[place]
        table = sa.Table(
            name, self._metadata, autoload_with=self.connection, schema=self.schema, resolve_fks=False
        )
        self.connection.rollback()
        return table

    def know_all(self) -> None:
        """Every table of the schema is looked up together; one that cannot be read is left to table()."""
        if "names" not in self._metadata.info:
            self._look_up(None)
            there = sa.inspect(self.connection)
            # A materialized view is a copy: what was erased beneath it stays in it until it is refreshed.
            copies = (
                there.get_materialized_view_names(schema=self.schema) if self.kind == "postgresql" else []
            )
            # In one order for every Proof, however the database keeps them.
            self._metadata.info["names"] = [
                *sorted(there.get_table_names(schema=self.schema)),
                *sorted(copies),
            ]
            self.connection.rollback()

    def names(self) -> list[str]:
        """Of every table of the schema, and of every copy of one."""
        self.know_all()
        found: list[str] = self._metadata.info["names"]
        return found

    def _look_up(self, names: set[str] | None) -> None:
        self._metadata.reflect(
            self.connection, schema=self.schema, resolve_fks=False,
            only=(lambda name, _known: names is None or name in names),
        )  # fmt: skip
        self.connection.rollback()

    @contextmanager
    def begin(self) -> Iterator[None]:
        self.connection.rollback()  # end the transaction that a SELECT has opened by itself
        with self.connection.begin():
            yield

    def mine(self, entry: Entry, scope: Scope) -> sa.ColumnElement[bool]:
        """Rows of the person, collected until the cut-off."""
        return sa.and_(self._found(entry, scope), self.in_time(entry, scope.before))

    def _found(self, entry: Entry, scope: Scope) -> sa.ColumnElement[bool]:
        table = self.table(entry.name)
        if entry.through:
            above = self.entries[entry.through.table]
            keys = sa.select(self.table(above.name).c[entry.through.key]).where(self.mine(above, scope))
            return table.c[entry.through.column].in_(keys)
        value = scope.identifiers.get(entry.is_, "")
        if not value:
            return sa.false()
        column = table.c[entry.column]
        if entry.is_ == "email":
            return sa.func.lower(column) == value.lower()
        return sqlkinds.same(column, value, self.kind)

    def in_time(self, entry: Entry, before: datetime) -> sa.ColumnElement[bool]:
        """Collected until `before`; a row without a time is taken for old, one without a time column by the row above it."""
        if not entry.time:
            return sa.true()
        column = self.table(entry.name).c[entry.time]
        return sa.or_(sqlkinds.until(column, before, self.kind), sqlkinds.told(column, self.kind).is_(None))

    def still_there(self, entry: Entry, anonymise: bool = False) -> sa.ColumnElement[bool]:
        """For emptied and replaced fields: those that are not yet. A row that cannot lose its person is still there."""
        if anonymise and entry.anonymise is not None:
            table = self.table(entry.name)
            return sa.or_(sa.false(), *(_not_yet(table.c[name], way) for name, way in entry.anonymise))
        if entry.action == "erase":
            return sa.true()
        table = self.table(entry.name)
        if entry.action == "null":
            return sa.or_(*(table.c[name].is_not(None) for name in entry.columns))
        return sa.or_(*(table.c[name] != ERASED for name in entry.columns))

    def mentioned(self, entry: Entry, scope: Scope) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
        """(row, new texts) of every row whose text mentions the person."""
        mentions = Mentions(scope.identifiers)
        if not mentions:
            return
        table = self.table(entry.name)
        keys = [key.name for key in table.primary_key.columns]
        columns = [table.c[name] for name in dict.fromkeys([*keys, *entry.text])]
        coarse = sa.or_(*(likely(table.c[name], mentions) for name in entry.text))
        query = sa.select(*columns).where(coarse, self.in_time(entry, scope.before))
        for row in self.connection.execute(query).mappings():
            replaced = {name: mentions.replace(str(row[name] or "")) for name in entry.text}
            new = {name: text for name, (text, times) in replaced.items() if times}
            if new:
                yield dict(row), new


def in_ranges(table: sa.Table, kind: str) -> bool:
    """Can its rows be shared out by ranges of their key: does the database sort it as it compares it?"""
    keys = list(table.primary_key.columns)
    if len(keys) != 1 or kind not in ("postgresql", "sqlite"):
        return False
    kinds = (sa.Integer, sa.Uuid, sa.String, sa.Numeric) if kind == "postgresql" else (sa.Integer,)
    return isinstance(keys[0].type, kinds) and not isinstance(keys[0].type, (sa.CHAR, sa.Enum, sa.Float))


def _not_yet(column: sa.ColumnElement[Any], way: str) -> sa.ColumnElement[bool]:
    if way == "null":
        return column.is_not(None)
    if way == "replace":
        return sa.and_(column.is_not(None), column != ERASED)
    return sa.and_(column.is_not(None), sa.not_(sa.cast(column, sa.Text).startswith(ANONYMOUS)))


def likely(column: sa.ColumnElement[Any], mentions: Mentions) -> sa.ColumnElement[bool]:
    """A coarse condition in the database's own words; Mentions decides."""
    text = column if isinstance(column.type, sa.String) else sa.cast(column, sa.Text)
    return sa.or_(*(text.icontains(piece, autoescape=True) for piece in mentions.fragments()))
