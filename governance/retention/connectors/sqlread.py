"""Reading a database back: every mapped row again, then every text column of every table, mapped or not."""

from collections.abc import Mapping

import sqlalchemy as sa
from django.utils.translation import gettext as _

from governance.lib.connectors import Kept, Residue, Scope
from governance.retention.connectors import sqlkinds, sqlset
from governance.retention.connectors.mentions import Mentions
from governance.retention.connectors.sqlmap import Entry
from governance.retention.connectors.sqlstore import Store, likely

EVERY_BYTE = "every byte of the file and of its log"


class ReadBack:
    """Looks again, with the eyes of the reading login."""

    def __init__(
        self,
        store: Store,
        entries: Mapping[str, Entry],
        keep: Mapping[str, str],
        scope: Scope,
        schema: str | None,
    ) -> None:
        self.store, self.entries, self.keep, self.scope, self.schema = store, entries, keep, scope, schema
        self.mentions = Mentions(scope.identifiers)

    def look(self) -> Residue:
        """A row counts once, however many of its columns name the person; each place is told."""
        found: dict[str, int] = {}
        rows = 0
        kept: list[Kept] = []
        for entry in self.entries.values():
            if not entry.text:
                left = self._rows(entry)
                found |= {entry.name: left} if left else {}
                rows += left
        for name in self._names():
            columns, _blind = self._columns(name)
            hits, named = self._texts(name, columns)
            rows += named
            for column, count in hits.items():
                place = f"{name}.{column}"
                why = self.keep.get(place) or self.keep.get(name)
                if why:
                    kept.append(Kept(str(_("mentions")), place, why, count))
                else:
                    found[place] = count
        looked = self.looked()
        if not found:
            found |= self._bytes(looked)
            rows = sum(found.values())
        return Residue(rows, tuple(sorted(found)), tuple(looked), tuple(kept))

    def looked(self) -> list[str]:
        """Where was looked, for the Proof: the same for everybody."""
        lines: list[str] = []
        for name in self._names():
            columns, blind = self._columns(name)
            lines.append(f"{name} ({', '.join(columns)})" if columns else f"{name} (no text)")
            lines += [f"{name}.{column}: binary, not looked into" for column in blind]
        for entry in self.entries.values():
            if not self._has_time(entry):
                lines.append(f"{entry.name}: no time column, so rows of every time were erased")
        return lines

    def suspects(self, these: sqlset.Set) -> set[int]:
        """Whose data may be left, by place: somebody of whom a mapped row is there, or whom any text of any table mentions.

        A coarse look for many people at once, which takes too many rather than too few: rows that are kept, or that were
        collected after the cut-off, count here. Whoever is not among them was found nowhere.
        """
        found: set[int] = set()
        for entry in self.entries.values():
            if not entry.text:
                found |= {i for i, left in enumerate(these.count(entry)) if left}
        for name in self._names():
            table = self.store.table(name)
            columns = [table.c[column] for column in self._columns(name)[0]]
            likely = these.likely(columns) if columns else None
            if likely is None:
                continue
            query = sa.select(*(sa.cast(column, sa.Text) for column in columns)).where(likely)
            for texts in self.store.connection.execute(query.execution_options(yield_per=500)):
                found |= {i for text in texts for i in these.crowd.named(text or "")}
        return found

    def suspects_in_bytes(self, these: sqlset.Set) -> set[int] | None:
        """Whom no query shows any more, and the file still mentions; None where there is no file to look into."""
        return sqlkinds.named_in_bytes(self.store.connection.engine.url, these.crowd)

    def _bytes(self, looked: list[str]) -> dict[str, int]:
        """What no query shows any more may still stand in the file. Rows that stay are lawfully there."""
        hits = sqlkinds.in_bytes(self.store.connection.engine.url, self.mentions) if self.mentions else None
        if hits is None:
            return {}
        if any(self._hits(name, self._columns(name)[0], sa.true())[0] for name in self._names()):
            looked.append("the bytes of the file: not searched, what stays in it mentions the person")
            return {}
        looked.append(EVERY_BYTE)
        return {"bytes of the file": hits} if hits else {}

    def _names(self) -> list[str]:
        return self.store.names()

    def _rows(self, entry: Entry) -> int:
        rows = sa.select(sa.func.count()).select_from(self.store.table(entry.name))
        return int(
            self.store.connection.scalar(
                rows.where(
                    self.store.mine(entry, self.scope), self.store.still_there(entry, self.scope.anonymise)
                )
            )
            or 0
        )

    def _columns(self, name: str) -> tuple[list[str], list[str]]:
        """Columns that can hold text, and binary ones, which nobody can search."""
        texts, blind = [], []
        for column in self.store.table(name).columns:
            if isinstance(column.type, sa.LargeBinary):
                blind.append(column.name)
            elif not isinstance(
                column.type, (sa.Boolean, sa.DateTime, sa.Date, sa.Time, sa.Float, sa.Interval, sa.Uuid)
            ):
                texts.append(
                    column.name
                )  # also whole numbers and kinds that we do not know: a person's number may be one
        return texts, blind

    def _texts(self, name: str, columns: list[str]) -> tuple[dict[str, int], int]:
        """(mentions by column, rows with one that is not kept and that are not counted as the map's own already)."""
        if not self.mentions or not columns:
            return {}, 0
        entry = self.entries.get(name)
        return self._hits(name, columns, self._in_time_anywhere(entry) if entry else sa.true(), entry)

    def _hits(
        self, name: str, columns: list[str], due: sa.ColumnElement[bool], entry: Entry | None = None
    ) -> tuple[dict[str, int], int]:
        if not columns:
            return {}, 0
        table, hits, rows = self.store.table(name), dict.fromkeys(columns, 0), 0
        kept = {column for column in columns if self.keep.get(f"{name}.{column}") or self.keep.get(name)}
        query = sa.select(*(sa.cast(table.c[c], sa.Text).label(c) for c in columns), self._counted(entry))
        query = query.where(sa.or_(*(likely(table.c[c], self.mentions) for c in columns)), due)
        for *texts, counted in self.store.connection.execute(query.execution_options(yield_per=500)):
            named = {c for c, text in zip(columns, texts, strict=True) if self.mentions.count(text or "")}
            for column in named:
                hits[column] += 1
            rows += bool(named - kept) and not counted
        return {column: count for column, count in hits.items() if count}, rows

    def _counted(self, entry: Entry | None) -> sa.ColumnElement[int]:
        """1 for a row that the map finds and that should be gone: it has been counted."""
        if entry is None or entry.text:
            return sa.literal(0)
        left = sa.and_(
            self.store.mine(entry, self.scope), self.store.still_there(entry, self.scope.anonymise)
        )
        return sa.case((left, 1), else_=0)

    def _in_time_anywhere(self, entry: Entry) -> sa.ColumnElement[bool]:
        """Not among the rows that were collected after the cut-off, by their own time or that of the row above them."""
        if entry.time or not entry.through:
            return self.store.in_time(entry, self.scope.before)
        above = self.entries[entry.through.table]
        later = sa.select(self.store.table(above.name).c[entry.through.key]).where(
            sa.not_(self._in_time_anywhere(above))
        )
        column = self.store.table(entry.name).c[entry.through.column]
        return sa.or_(column.is_(None), column.not_in(later))

    def _has_time(self, entry: Entry) -> bool:
        return bool(entry.time) or bool(entry.through and self._has_time(self.entries[entry.through.table]))
