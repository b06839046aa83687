"""A database reached with a login of its own: PostgreSQL, MySQL, SQLite and what else SQLAlchemy speaks.

Options: {"url_env": NAME, "read_url_env": NAME, "schema": optional}; what differs by kind stands in sqlkinds.py. The first login can do only what the map needs,
the second can only read. The map:

    {"tables": [{
        "table": "sessions",
        "find": {"column": "person_number", "is": "number"}      the person stands in the row (number, email or name)
              | {"through": {"column": "session_id", "table": "sessions", "key": "id"}}    in the row it points to
              | {"text": ["body"]},                              the person is mentioned in free text
        "time": "started_at",             when the row was collected; without it the cut-off cannot be kept
        "action": "erase" | "null" | "replace",
        "columns": ["…"],                 for null and replace: which columns
        "anonymise": {"person_number": "hash", "mood": "null"},   where a rule anonymises: what takes the person out of
                                          the row, by null, replace or hash; {} where nothing in the row tells who it is
     }],
     "keep": {"models": "why"}            a table, or "table.column", that stays, and why: it stands on the certificate
    }

`manage.py check_maps` fails on every column of which neither says anything.

Rows that another row points to go after it. Free text keeps its sentence and loses the person: "[erased]".
"""

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from governance.lib.connectors import Due, Erased, NobodyListed, Residue, Scope, SystemAway
from governance.retention.connectors import sqlkinds, sqlmap, sqlstore
from governance.retention.connectors.mentions import ERASED
from governance.retention.connectors.schema import Table
from governance.retention.connectors.sqlmap import Entry
from governance.retention.connectors.sqlread import EVERY_BYTE, ReadBack
from governance.retention.connectors.sqlset import Crowds, NotExact, Set
from governance.retention.connectors.sqlstore import ANONYMOUS, Store

PAGE = 100_000  # keys of the person's rows that are read at once
BATCH = 1000  # rows of one transaction where each key is a parameter of its own
WHOLE_BATCH = 100_000  # and where they are told by a condition alone: a fraction of a second of a lock
MENTIONS_BATCH = 100


class SqlConnector:
    """One chunk per mapped table, children first."""

    name = "sql"
    version = "1"
    needs_map = True
    last = False
    anonymises = True

    def __init__(self, options: Mapping[str, Any], data_map: Mapping[str, Any]) -> None:
        self.options = options
        # Without a map only the schema can be read, for a proposal.
        self.entries = sqlmap.read(data_map) if data_map else {}
        self.keep = sqlmap.keeps(data_map)
        self._kept: dict[str, sa.Connection] | None = None  # by login, while at work
        self._salt = secrets.token_bytes(32)  # of one order's work, kept nowhere: no hash leads back
        # The tables as they were found, by login, for the life of this connector: one order's work.
        self._tables: dict[str, sa.MetaData] = {}
        self._crowds: Crowds = {}
        self._counted: dict[tuple[Any, ...], int] = {}

    @classmethod
    def check_map(cls, data_map: Mapping[str, Any]) -> None:
        sqlmap.check(data_map)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Until the end of the block each login has one connection for all acts; otherwise each act has its own."""
        self._kept = {}
        try:
            yield
        finally:
            kept, self._kept = self._kept, None
            for connection in kept.values():
                connection.close()

    def chunks(self, scope: Scope) -> list[str]:
        return list(self.entries)

    def count(self, scope: Scope, chunk: str) -> int:
        if scope.anonymise and self.entries[chunk].anonymise is None and not self.entries[chunk].text:
            raise CannotAnonymise
        with self.open("url_env") as store:
            found = self._count(store, scope, self.entries[chunk])
        self._counted[scope.person, scope.purpose, scope.before, chunk] = found
        return found

    def named(self, scope: Scope, chunk: str, most: int) -> list[str]:
        """The keys of the rows that would be erased, for a dry run; by the reading login."""
        entry = self.entries[chunk]
        with self.open("read_url_env") as store:
            table = store.table(entry.name)
            keys = list(table.primary_key.columns)
            if not keys:
                return []
            if entry.text:
                rows = [tuple(row[key.name] for key in keys) for row, _new in store.mentioned(entry, scope)][
                    :most
                ]
            else:
                mine = sa.and_(store.mine(entry, scope), store.still_there(entry, scope.anonymise))
                rows = [
                    tuple(r)
                    for r in store.connection.execute(
                        sa.select(*keys).where(mine).order_by(*keys).limit(most)
                    )
                ]
        return [", ".join(str(value) for value in row) for row in rows]

    def erase(self, scope: Scope, chunk: str) -> Erased:
        entry = self.entries[chunk]
        with self.open("url_env") as store:
            if entry.text:
                done = self._erase_mentions(store, scope, entry)
            else:
                done = self._erase_rows(store, scope, entry)
            sqlkinds.tidy(store.connection)
        if scope.anonymise and not entry.text:
            return Erased(done, method="made anonymous: fields emptied, replaced or hashed")
        return Erased(done, method=_method(entry))

    def residue(self, scope: Scope) -> Residue:
        """By the reading login: every mapped row again, then every text column of every table of the schema for the
        person's number, name and e-mail, mapped or not. The tables are looked up anew: one of them may have grown."""
        with self.open("read_url_env", anew=True) as store:
            return ReadBack(store, self.entries, self.keep, scope, self.options.get("schema")).look()

    def count_all(self, works: Sequence[tuple[Scope, str]]) -> list[int]:
        return self._of_all(works, lambda these, entry: these.count(entry), self.count)

    def erase_all(self, works: Sequence[tuple[Scope, str]]) -> list[Erased]:
        def together(these: Set, entry: Entry) -> list[Erased]:
            gone = these.erase(entry)
            sqlkinds.tidy(these.store.connection)
            return [Erased(done, method=_method(entry)) for done in gone]

        return self._of_all(works, together, self.erase)

    def _of_all(
        self, works: Sequence[tuple[Scope, str]], together: Callable[[Set, Entry], list[Any]], alone: Callable[[Scope, str], Any]
    ) -> list[Any]:  # fmt: skip
        """What belongs to one table in one statement, where that says the same; in the order of `works`."""
        found: dict[int, Any] = {}
        for chunk in dict.fromkeys(chunk for _scope, chunk in works):
            places = [i for i, (_scope, its) in enumerate(works) if its == chunk]
            with self.open("url_env") as store:
                these = Set(store, [works[i][0] for i in places], self._crowds)
                with contextlib.suppress(NotExact):
                    if these.can(self.entries[chunk]):
                        found |= dict(zip(places, together(these, self.entries[chunk]), strict=True))
                        continue
            found |= {i: alone(*works[i]) for i in places}
        return [found[i] for i in range(len(works))]

    def residues(self, scopes: Sequence[Scope]) -> list[Residue]:
        """Each as `residue` would say it. Everybody is looked for in one pass; where somebody may be left, by themselves."""
        with self.open("read_url_env", anew=True) as store:
            these = Set(store, scopes, self._crowds)
            read = ReadBack(store, self.entries, self.keep, scopes[0], self.options.get("schema"))
            suspects, in_bytes = set(range(len(scopes))), None
            if all(these.can(entry) for entry in self.entries.values()):
                with contextlib.suppress(NotExact):
                    suspects, in_bytes = read.suspects(these), read.suspects_in_bytes(these)
                    suspects |= in_bytes or set()
            looked = (*read.looked(), *([] if in_bytes is None else [EVERY_BYTE]))
        return [
            self.residue(scope) if i in suspects else Residue(0, (), looked) for i, scope in enumerate(scopes)
        ]

    def tables(self, most: int) -> Mapping[str, Table]:
        """The schema as the reading login sees it, for a proposal of a map; `most` values of a column are looked at."""
        schema = self.options.get("schema")
        with self.open("read_url_env") as store:
            inspector = sa.inspect(store.connection)
            names = inspector.get_table_names(schema=schema)
            return {name: Table(inspector, store.connection, name, schema, most) for name in sorted(names)}

    def unclassified(self) -> frozenset[str]:
        """table.column of which this map does not say what becomes of it; a table's own key says nothing of a person."""
        with self.open("read_url_env") as store:
            places = set()
            for name in store.names():
                said = sqlmap.classified(self.entries[name]) if name in self.entries else frozenset()
                if said is None or name in self.keep:
                    continue
                table = store.table(name)
                own = {column.name for column in table.primary_key.columns} if name in self.entries else set()
                places |= {
                    f"{name}.{column.name}" for column in table.columns if column.name not in said | own
                }
            return frozenset(places - set(self.keep))

    def export(self, scope: Scope) -> Iterator[Mapping[str, Any]]:
        with self.open("read_url_env") as store:
            for entry in self.entries.values():
                if entry.text:
                    continue
                table = store.table(entry.name)
                for row in store.connection.execute(
                    sa.select(table).where(store.mine(entry, scope))
                ).mappings():
                    yield {"table": entry.name, **row}

    def due(self, purpose: UUID, before: datetime) -> list[Due]:
        """People with rows older than `before`, by number; tables without a time or a number are left out."""
        numbers: set[str] = set()
        with self.open("read_url_env") as store:
            for entry in self.entries.values():
                if entry.time and entry.column and entry.is_ == "number":
                    table = store.table(entry.name)
                    old = sa.select(table.c[entry.column]).where(
                        sqlkinds.until(table.c[entry.time], before, store.kind)
                    )
                    numbers.update(
                        str(number)
                        for number in store.connection.scalars(old.distinct())
                        if number is not None
                    )
        return [Due(number=number) for number in sorted(numbers) if number != ERASED]

    def listed(self) -> Iterator[Mapping[str, str]]:
        """How this system knows people, each by number or e-mail, whatever the age of their rows; for replay after a restore.

        Raises NobodyListed where the map finds people in no column of numbers or addresses.
        """
        by = [entry for entry in self.entries.values() if entry.column and entry.is_ in ("number", "email")]
        if not by:
            raise NobodyListed
        with self.open("read_url_env") as store:
            for entry in by:
                column = store.table(entry.name).c[entry.column]
                for value in store.connection.scalars(
                    sa.select(column).where(column.is_not(None)).distinct()
                ):
                    yield {entry.is_: str(value)}

    @contextmanager
    def open(self, which: str, *, anew: bool = False) -> Iterator[Store]:
        """With the tables as this connector found them, or as they are now (`anew`).

        Raises SystemAway when the system does not answer or refuses the login; nothing it says is passed on.
        """
        schema = self.options.get("schema")
        try:
            with self._connection(which) as connection:
                if anew or which not in self._tables:
                    self._tables[which] = sqlstore.known(connection, schema)
                yield Store(connection, self.entries, schema, self._tables[which])
        except (OperationalError, InterfaceError) as error:
            raise SystemAway(type(error.orig).__name__) from None
        except DBAPIError as error:
            # The driver's message may carry the row that it refused; only its class goes on.
            raise SqlFault(
                f"{type(error.orig).__name__} {getattr(error.orig, 'sqlstate', '') or ''}".strip()
            ) from None

    @contextmanager
    def _connection(self, which: str) -> Iterator[sa.Connection]:
        """The address is read from the environment each time; a kept connection that failed is not used again."""
        url = os.environ.get(self.options.get(which, ""), "")
        if not url:
            raise SystemAway("no address")
        engine = sqlkinds.engine(url, reading=which == "read_url_env")
        if self._kept is None:
            with engine.connect() as connection:
                yield connection
            return
        if which not in self._kept:
            self._kept[which] = engine.connect()
        connection = self._kept[which]
        try:
            yield connection
            connection.rollback()  # no snapshot and no lock from one act to the next
        except BaseException:
            self._kept.pop(which).close()
            raise

    def _count(self, store: Store, scope: Scope, entry: Entry) -> int:
        table = store.table(entry.name)
        if entry.text:
            return sum(1 for _row, _new in store.mentioned(entry, scope))
        rows = (
            sa.select(sa.func.count())
            .select_from(table)
            .where(store.mine(entry, scope), store.still_there(entry, scope.anonymise))
        )
        return int(store.connection.scalar(rows) or 0)

    def _erase_rows(self, store: Store, scope: Scope, entry: Entry) -> int:
        table = store.table(entry.name)
        mine = sa.and_(store.mine(entry, scope), store.still_there(entry, scope.anonymise))
        act: sa.Delete | sa.Update = sa.delete(table)
        if scope.anonymise:
            new = {column: self._anonymous(column, way, scope) for column, way in entry.anonymise or ()}
            if not new:
                return 0
            act = sa.update(table).values(new)
        elif entry.action != "erase":
            act = sa.update(table).values(
                dict.fromkeys(entry.columns, None if entry.action == "null" else ERASED)
            )
        # A target that puts rows back would keep us here for ever: no more than are there at the beginning.
        # What was counted a moment before, as each order does, is not counted again.
        left = self._counted.pop((scope.person, scope.purpose, scope.before, entry.name), 0)
        left = left or self._count(store, scope, entry)
        if left <= WHOLE_BATCH or not table.primary_key.columns:
            return self._act(store, act.where(mine)) if left else 0
        if sqlstore.in_ranges(table, store.kind):
            return sum(self._act(store, act.where(mine, part)) for part in _parts(store, table, mine))
        if store.kind in sqlkinds.LIMITS:
            some = act.where(mine).with_dialect_options(**{f"{store.kind}_limit": WHOLE_BATCH})
            return sum(self._act(store, some) for _part in range(0, left, WHOLE_BATCH))
        done, page = 0, self._keys(store, table, mine)
        while page and left > 0:
            gone = sum(self._act(store, act.where(mine, where)) for where in _batches(table, page))
            done, left = done + gone, left - len(page)
            page = self._keys(store, table, mine) if gone and left > 0 else []
        return done

    def _act(self, store: Store, act: sa.Delete | sa.Update) -> int:
        with store.begin():
            return max(store.connection.execute(act).rowcount, 0)

    def _keys(self, store: Store, table: sa.Table, mine: sa.ColumnElement[bool]) -> list[tuple[Any, ...]]:
        """Read once for many batches: each batch that looked for its own rows would walk over what the last one left dead."""
        rows = store.connection.execute(sa.select(*table.primary_key.columns).where(mine).limit(PAGE))
        return [tuple(row) for row in rows]

    def _anonymous(self, column: str, way: str, scope: Scope) -> str | None:
        """The same for all rows of one person in one order's work, so that they stay together; with nobody behind it."""
        if way != "hash":
            return None if way == "null" else ERASED
        return (
            ANONYMOUS
            + hmac.new(self._salt, f"{column}:{scope.person}".encode(), hashlib.sha256).hexdigest()[:24]
        )

    def _erase_mentions(self, store: Store, scope: Scope, entry: Entry) -> int:
        table, done = store.table(entry.name), 0
        keys = list(table.primary_key.columns)
        for some in _some(list(store.mentioned(entry, scope)), MENTIONS_BATCH):
            with store.begin():
                for row, new in some:
                    # The old text in the condition: what somebody wrote meanwhile is not overwritten, but found next time.
                    same = [table.c[name] == row[name] for name in (*[key.name for key in keys], *new)]
                    done += store.connection.execute(sa.update(table).where(*same).values(new)).rowcount
        return done


def _method(entry: Entry) -> str:
    if entry.text:
        return "mentions replaced in free text"
    return {"erase": "rows deleted", "null": "fields emptied", "replace": f"fields replaced by {ERASED}"}[
        entry.action
    ]


def _some(rows: list[Any], most: int) -> Iterator[list[Any]]:
    for first in range(0, len(rows), most):
        yield rows[first : first + most]


def _parts(store: Store, table: sa.Table, mine: sa.ColumnElement[bool]) -> Iterator[sa.ColumnElement[bool]]:
    """Conditions that share the rows out by their key, so many to each; of the keys only where a part ends is read.

    Each batch that looked for its own rows would walk over what the last one left dead.
    """
    key, ends = table.primary_key.columns[0], []
    end = sa.select(key).where(mine).order_by(key).offset(WHOLE_BATCH - 1).limit(1)
    found = store.connection.scalar(end)
    while found is not None:
        ends.append(found)
        found = store.connection.scalar(end.where(key > found))
    for i, last in enumerate(ends):
        yield sa.and_(key > ends[i - 1], key <= last) if i else key <= last
    yield key > ends[-1] if ends else sa.true()


def _batches(table: sa.Table, page: list[tuple[Any, ...]]) -> Iterator[sa.ColumnElement[bool]]:
    """Conditions that meet these keys, so many at a time."""
    keys = list(table.primary_key.columns)
    for some in _some(page, BATCH):
        yield sa.tuple_(*keys).in_(some) if len(keys) > 1 else keys[0].in_([row[0] for row in some])


class CannotAnonymise(Exception):
    """The map does not say how a row of this table loses its person."""


class SqlFault(Exception):
    """The system answered with an error: class and SQLSTATE, never its message."""
