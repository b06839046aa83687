"""Many people in one database at once: the questions and acts of sql.py, for a set, in one statement each.

What is asked is what is asked of one person; only who is meant is a list. Where that cannot be said exactly in one
statement (a row that belongs to a row by something that is no key, a column that is emptied and also finds the person),
`can` says no, and the connector works on them one by one. So it does where MySQL, MariaDB or SQLite take a value for
somebody's that is not written as theirs: NotExact. There free text is read whole and looked through here, because it
would take one search for each of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from governance.lib.connectors import Scope
from governance.retention.connectors import sqlkinds
from governance.retention.connectors.crowd import Crowd
from governance.retention.connectors.mentions import ERASED
from governance.retention.connectors.sqlmap import Entry
from governance.retention.connectors.sqlstore import Store

KINDS = ("postgresql", "mysql", "mariadb", "sqlite")
SIGNS = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
AT_ONCE = 50_000  # rows of one transaction
SEVERAL = 5  # people, from which on reading a whole table costs less than searching it for each
Crowds = dict[tuple[UUID, ...], Crowd]  # by whom is looked for


class NotExact(Exception):
    """A value was found that the database takes for somebody's, and that is written in another way."""


class Set:
    """Scopes of different people, in one open connection; told by their place in `scopes`."""

    def __init__(self, store: Store, scopes: Sequence[Scope], crowds: Crowds) -> None:
        self.store, self.scopes, self._crowds = store, scopes, crowds
        self.befores = sorted({scope.before for scope in scopes})

    @property
    def crowd(self) -> Crowd:
        """The same for every look at the same people; made when a text is to be looked through."""
        who = tuple(scope.person for scope in self.scopes)
        if who not in self._crowds:
            self._crowds[who] = Crowd([scope.identifiers for scope in self.scopes])
        return self._crowds[who]

    def can(self, entry: Entry) -> bool:
        kind = self.store.kind
        if kind not in KINDS or any(scope.anonymise for scope in self.scopes):
            return False
        if kind != "postgresql" and len(self.scopes) < SEVERAL:
            return False
        if entry.text:
            return bool(list(self.store.table(entry.name).primary_key.columns))
        *below, top = self._chain(entry)
        if kind in sqlkinds.LIMITS and top.is_ == "email":
            return False  # its lower() and = take one letter for another
        if entry.action != "erase" and top.column in entry.columns:
            return False  # afterwards nobody could say whose the row was
        keys = [
            [key.name for key in self.store.table(e.through.table).primary_key.columns] == [e.through.key]
            for e in below
            if e.through
        ]
        return all(keys)

    def count(self, entry: Entry) -> list[int]:
        if entry.text:
            found = Counter(i for _keys, _old, _new, people in self.mentioned(entry) for i in people)
            return [found[i] for i in range(len(self.scopes))]
        value, mine = self._mine(entry)
        tables = [self.store.table(one.name) for one in self._chain(entry)]
        query = sa.select(value, sa.func.count()).select_from(*tables).where(mine).group_by(value)
        found = {str(who): int(number) for who, number in self.store.connection.execute(query)}
        if not set(found) <= set(self._wanted(self._chain(entry)[-1])):
            raise NotExact
        return self._told(entry, found)

    def erase(self, entry: Entry) -> list[int]:
        """How many rows of each went, or lost what the map says."""
        if entry.text:
            return self._erase_mentions(entry)
        done: Counter[str] = Counter()
        for some in self._parts(self.count(entry)):
            these = Set(self.store, some, self._crowds)
            table = self.store.table(entry.name)
            act: Any = sa.delete(table)
            if entry.action != "erase":
                act = sa.update(table).values(
                    dict.fromkeys(entry.columns, None if entry.action == "null" else ERASED)
                )
            with self.store.begin():
                done.update(these._act(act, entry))
        return self._told(entry, done)

    def _act(self, act: Any, entry: Entry) -> Counter[str]:
        """How many rows of whom it took, by how they are known there."""
        if self.store.kind == "postgresql":
            value, mine = self._mine(entry)
            rows = self.store.connection.execute(act.where(mine).returning(value))
            return Counter(str(who) for (who,) in rows)
        counts = self.count(entry)
        mine = sa.or_(*(self._beneath(entry, before) for before in self.befores))
        taken = self.store.connection.execute(act.where(mine, self.store.still_there(entry))).rowcount
        if taken != sum(counts):  # then the journal's own counts, before and after, say how many
            return Counter()
        return Counter(dict(zip(self._wanted(self._chain(entry)[-1]), counts, strict=True)))

    def _beneath(self, entry: Entry, before: datetime) -> sa.ColumnElement[bool]:
        """Of those with this cut-off: the rows that they stand in, or that belong to such rows."""
        if entry.through:
            above = self.store.entries[entry.through.table]
            keys = sa.select(self.store.table(above.name).c[entry.through.key]).where(
                self._beneath(above, before)
            )
            found: sa.ColumnElement[bool] = self.store.table(entry.name).c[entry.through.column].in_(keys)
        else:
            known = [
                w for s, w in zip(self.scopes, self._wanted(entry), strict=True) if w and s.before == before
            ]
            found = self._one_of(entry, known)
        return sa.and_(found, self.store.in_time(entry, before))

    def mentioned(
        self, entry: Entry
    ) -> Iterator[tuple[tuple[Any, ...], dict[str, Any], dict[str, str], list[int]]]:
        """(key, old texts, new texts, who is mentioned) of each row of which somebody's cut-off takes the text."""
        crowd, table = self.crowd, self.store.table(entry.name)
        keys = list(table.primary_key.columns)
        likely = self.likely([table.c[name] for name in entry.text])
        if likely is None:
            return
        times = [
            self.store.in_time(entry, before).label(f"in_time_{i}") for i, before in enumerate(self.befores)
        ]
        query = sa.select(*keys, *(table.c[name].label(f"text_{name}") for name in entry.text), *times)
        for row in self.store.connection.execute(query.where(likely).execution_options(yield_per=500)):
            key, texts = tuple(row[: len(keys)]), row[len(keys) : len(keys) + len(entry.text)]
            in_time = dict(zip(self.befores, row[len(keys) + len(entry.text) :], strict=True))
            old = {name: text for name, text in zip(entry.text, texts, strict=True) if text is not None}
            new, people = {}, set()
            for name, text in old.items():
                changed = str(text)
                for i in crowd.named(changed):
                    if in_time[self.scopes[i].before]:
                        changed, times_named = crowd.mentions[i].replace(changed)
                        people |= {i} if times_named else set()
                if changed != text:
                    new[name] = changed
            if new:
                yield key, {name: old[name] for name in new}, new, sorted(people)

    def likely(self, columns: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[bool] | None:
        """A coarse condition for rows in one of whose texts somebody may be mentioned; None where nobody can be."""
        if self.store.kind != "postgresql":
            return sa.or_(*(column.is_not(None) for column in columns)) if self.crowd.fragments() else None
        patterns = self.patterns()
        # Of whole numbers only what is written in digits can be found.
        digits = [pattern for pattern in patterns if not pattern.strip("%-0123456789")]
        asked = [(c, digits if isinstance(c.type, sa.Integer) else patterns) for c in columns]
        some = [like_any(column, wanted) for column, wanted in asked if wanted]
        return sa.or_(*some) if some else None

    def patterns(self) -> list[str]:
        """For LIKE, against a text in PostgreSQL's own small letters."""
        pieces = self.crowd.fragments()
        if not pieces:
            return []
        lower = sa.text("SELECT lower(piece) FROM unnest(CAST(:pieces AS text[])) AS p (piece)")
        return [
            f"%{piece.translate(SIGNS)}%"
            for piece in self.store.connection.scalars(lower, {"pieces": pieces})
        ]

    def _erase_mentions(self, entry: Entry) -> list[int]:
        table, done = self.store.table(entry.name), Counter[int]()
        keys = list(table.primary_key.columns)
        rows = list(self.mentioned(entry))
        for columns in {tuple(new) for _key, _old, new, _people in rows}:
            # The old text in the condition: what somebody wrote meanwhile is not overwritten, but found next time.
            same = [key == sa.bindparam(f"key_{i}") for i, key in enumerate(keys)]
            same += [table.c[name] == sa.bindparam(f"old_{i}") for i, name in enumerate(columns)]
            act = sa.update(table).where(*same).values(
                {name: sa.bindparam(f"new_{i}") for i, name in enumerate(columns)}
            )  # fmt: skip
            mine = [row for row in rows if tuple(row[2]) == columns]
            values = [
                {f"key_{i}": part for i, part in enumerate(key)}
                | {f"old_{i}": old[name] for i, name in enumerate(columns)}
                | {f"new_{i}": new[name] for i, name in enumerate(columns)}
                for key, old, new, _people in mine
            ]
            with self.store.begin():
                changed = self.store.connection.execute(act, values).rowcount
            if changed == len(mine):  # else the journal's own counts, before and after, say how many
                done.update(i for *_row, people in mine for i in people)
        return [done[i] for i in range(len(self.scopes))]

    def _chain(self, entry: Entry) -> list[Entry]:
        """The table, the one it points to, …, and last the one in which the person stands."""
        found = [entry]
        while found[-1].through:
            found.append(self.store.entries[found[-1].through.table])
        return found

    def _mine(self, entry: Entry) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[bool]]:
        """(how the row's person is known, which rows are meant), over the tables of the chain."""
        chain = self._chain(entry)
        value = self._value(chain[-1])
        joined = [
            self.store.table(one.name).c[one.through.column]
            == self.store.table(one.through.table).c[one.through.key]
            for one in chain
            if one.through
        ]
        meant = []
        for before in self.befores:
            known = [
                w
                for s, w in zip(self.scopes, self._wanted(chain[-1]), strict=True)
                if w and s.before == before
            ]
            if known:
                meant.append(
                    sa.and_(
                        self._one_of(chain[-1], known), *(self.store.in_time(one, before) for one in chain)
                    )
                )
        return value, sa.and_(*joined, sa.or_(sa.false(), *meant), self.store.still_there(entry))

    def _value(self, top: Entry) -> sa.ColumnElement[Any]:
        """How the row's person is known, as it is compared with `_wanted`."""
        column = self.store.table(top.name).c[top.column]
        if top.is_ == "email":
            return sa.func.lower(column)
        if not isinstance(column.type, sa.String):
            return sa.cast(column, sa.String)
        return sqlkinds.letters(column) if self.store.kind in sqlkinds.LIMITS else column

    def _one_of(self, top: Entry, known: Sequence[str]) -> sa.ColumnElement[bool]:
        """In PostgreSQL as one parameter, whatever their number: the statement stays the same, and is worked out once."""
        value, column = self._value(top), self.store.table(top.name).c[top.column]
        if self.store.kind == "postgresql":
            return value == sa.any_(sa.literal(list(known), sa.ARRAY(sa.String)))
        # By the column as it is, an index helps; letter by letter it is exact.
        by_index = isinstance(column.type, sa.String) and top.is_ != "email"
        return sa.and_(column.in_(list(known)) if by_index else sa.true(), value.in_(list(known)))

    def _wanted(self, top: Entry) -> list[str]:
        known = [scope.identifiers.get(top.is_, "") for scope in self.scopes]
        return [value.lower() for value in known] if top.is_ == "email" else known

    def _told(self, entry: Entry, found: Mapping[str, int]) -> list[int]:
        return [found.get(value, 0) if value else 0 for value in self._wanted(self._chain(entry)[-1])]

    def _parts(self, counts: list[int]) -> Iterator[list[Scope]]:
        """So many people at once that no transaction takes very many rows; of whom there is something."""
        some: list[Scope] = []
        rows = 0
        for scope, count in zip(self.scopes, counts, strict=True):
            if count:
                if some and rows + count > AT_ONCE:
                    yield some
                    some, rows = [], 0
                some.append(scope)
                rows += count
        if some:
            yield some


def like_any(column: sa.ColumnElement[Any], patterns: Sequence[str]) -> sa.ColumnElement[bool]:
    """Does one of the patterns stand in it, whatever its letters' size? The text is made small once for all of them."""
    text = column if isinstance(column.type, sa.String) else sa.cast(column, sa.Text)
    some = sa.literal(list(patterns), sa.ARRAY(sa.Text))
    return sa.func.lower(text).op("LIKE", is_comparison=True)(sa.any_(some))
