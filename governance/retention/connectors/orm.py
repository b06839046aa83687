"""The models of a Django project that Sammati's apps are mounted in: rows go through its own ORM, with its signals.

Options: {"database": alias, "read_url_env": NAME}. The alias is one of the project's DATABASES, with a login that can do
only what the map needs; the variable holds the address of a login that can only read the same database. The map:

    {"models": [{
        "model": "shop.Order",
        "find": {"lookup": "customer__number", "is": "number"}    as filter() takes it; is: number, email or name
              | {"text": ["remark"]},                             the person is mentioned in free text
        "time": "placed_at",              a lookup as well; without it the cut-off cannot be kept
        "action": "erase" | "null" | "replace",
        "fields": ["…"],                  for null and replace
        "anonymise": {"number": "hash"}   where a rule anonymises; {} where nothing in the row tells who it is
     }],
     "keep": {"shop.Price": "why", "shop.Order.total": "why"}     also tables and table.column without a model
    }

Nothing cascades in silence: a model whose rows would go along has to stand on the map, and a row to which something
still points that stays is left, and found again when reading back. That is done without the ORM, by another login.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import environ
from django.db import DatabaseError, InterfaceError, OperationalError, connections, models, transaction
from django.db.models import Q
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.utils.connection import ConnectionDoesNotExist

from governance.lib.connectors import Due, Erased, NobodyListed, Residue, Scope, SystemAway
from governance.retention.connectors import ormmap
from governance.retention.connectors.mentions import ERASED, Mentions
from governance.retention.connectors.ormmap import Entry
from governance.retention.connectors.ormread import Tables
from governance.retention.connectors.sql import CannotAnonymise, SqlConnector
from governance.retention.connectors.sqlstore import ANONYMOUS

BATCH = 500  # rows of one transaction


class OrmFault(Exception):
    """The database answered with an error: class and SQLSTATE, never its message."""


class DjangoConnector:
    """One chunk per mapped model, those that point to others first."""

    name = "django"
    version = "1"
    needs_map = True
    last = False
    anonymises = True

    def __init__(self, options: Mapping[str, Any], data_map: Mapping[str, Any]) -> None:
        self.alias, self.options = str(options.get("database", "")), options
        self.entries = ormmap.read(data_map) if data_map else {}
        self.keep = ormmap.keeps(data_map)
        self._salt = secrets.token_bytes(32)  # of one order's work, kept nowhere: no hash leads back

    @classmethod
    def check_map(cls, data_map: Mapping[str, Any]) -> None:
        ormmap.check(data_map)

    def chunks(self, scope: Scope) -> list[str]:
        return list(self.entries)

    def count(self, scope: Scope, chunk: str) -> int:
        entry = self.entries[chunk]
        if scope.anonymise and entry.anonymise is None and not entry.text:
            raise CannotAnonymise
        with self._open() as alias:
            return len(_found(entry, scope, alias))

    def named(self, scope: Scope, chunk: str, most: int) -> list[str]:
        """The keys of the rows that would be erased, for a dry run; by the reading login."""
        with self._reading() as alias:
            return [str(key) for key in _found(self.entries[chunk], scope, alias)[:most]]

    def erase(self, scope: Scope, chunk: str) -> Erased:
        entry, done = self.entries[chunk], 0
        with self._open() as alias:
            if connections[alias].vendor == "sqlite":  # what is deleted is overwritten in the file
                with connections[alias].cursor() as cursor:
                    cursor.execute("PRAGMA secure_delete = ON")
            if entry.text:
                done = _replace_mentions(entry, scope, alias)
            else:
                keys = _found(entry, scope, alias)
                for first in range(0, len(keys), BATCH):
                    done += self._batch(entry, scope, alias, keys[first : first + BATCH])
        if entry.text:
            return Erased(done, method="mentions replaced in free text")
        if scope.anonymise:
            return Erased(done, method="made anonymous: fields emptied, replaced or hashed")
        how = {"erase": "rows deleted", "null": "fields emptied", "replace": f"fields replaced by {ERASED}"}
        return Erased(done, method=f"{how[entry.action]}, by the application's own models")

    def residue(self, scope: Scope) -> Residue:
        """By the reading login: every mapped row again, then, past the ORM, every text column of every table of the
        database for the person's number, name and e-mail, whether a model knows it or not."""
        found: dict[str, int] = {}
        later: dict[str, set[Any]] = {}
        looked = []
        with self._reading() as alias:
            for entry in self.entries.values():
                if not entry.text and (left := len(_found(entry, scope, alias))):
                    found[entry.name] = left
                if entry.time:
                    later[entry.model._meta.db_table] = set(_found(entry, scope, alias, later=True))
                else:
                    looked.append(f"{entry.name}: no time, so rows of every time were erased")
        sql = SqlConnector({"read_url_env": self.options.get("read_url_env", "")}, {})
        with sql.open("read_url_env", anew=True) as store:
            read = Tables(store, self.keep, scope, self._sammatis(), later).look()
        found |= dict.fromkeys(read.where, 0)
        return Residue(
            sum(found.values()) + read.count, tuple(sorted(found)), (*read.looked_at, *looked), read.kept
        )

    def unclassified(self) -> frozenset[str]:
        """table.column of which this map does not say what becomes of it, whether a model knows it or not."""
        said: dict[str, set[str]] = {}
        whole = {entry.model._meta.db_table for entry in self.entries.values() if entry.action == "erase"}
        for entry in self.entries.values():
            meta, names = entry.model._meta, {*entry.fields, *entry.text, entry.lookup, entry.time}
            said[meta.db_table] = {
                str(field.column)
                for field in meta.concrete_fields
                if field.name in names or field.primary_key
            }
        ours, places = self._sammatis(), set()
        sql = SqlConnector({"read_url_env": self.options.get("read_url_env", "")}, {})
        with sql.open("read_url_env", anew=True) as store:
            for name in store.names():
                known = said.get(name, set())
                if name in ours or name in self.keep or name in whole:
                    continue
                places |= {
                    f"{name}.{column.name}"
                    for column in store.table(name).columns
                    if column.name not in known
                }
        return frozenset(places - set(self.keep))

    def export(self, scope: Scope) -> Iterator[Mapping[str, Any]]:
        with self._reading() as alias:
            for entry in self.entries.values():
                if not entry.text:
                    for row in _rows(entry, alias).filter(pk__in=_found(entry, scope, alias)).values():
                        yield {"table": entry.name, **row}

    def due(self, purpose: UUID, before: datetime) -> list[Due]:
        """People with rows older than `before`, by number; models without a time or a number are left out."""
        numbers: set[str] = set()
        with self._reading() as alias:
            for entry in self.entries.values():
                if entry.time and entry.is_ == "number":
                    old = _rows(entry, alias).filter(**{f"{entry.time}__lte": _moment(entry, before)})
                    numbers |= {
                        str(n) for n in old.values_list(entry.lookup, flat=True).distinct() if n is not None
                    }
        return [Due(number=n) for n in sorted(numbers) if n != ERASED and not n.startswith(ANONYMOUS)]

    def listed(self) -> Iterator[Mapping[str, str]]:
        """How this database knows people, each by number or e-mail, whatever the age of their rows."""
        by = [entry for entry in self.entries.values() if entry.is_ in ("number", "email")]
        if not by:
            raise NobodyListed
        with self._reading() as alias:
            for entry in by:
                values = _rows(entry, alias).order_by().values_list(entry.lookup, flat=True).distinct()
                for value in values.iterator():
                    if value is not None:
                        yield {entry.is_: str(value)}

    def _batch(self, entry: Entry, scope: Scope, alias: str, keys: list[Any]) -> int:
        """In one transaction; a row that something still needs is left, and only that one."""
        rows = _rows(entry, alias).filter(pk__in=keys)
        if scope.anonymise or entry.action != "erase":
            new = self._new(entry, scope)
            with transaction.atomic(using=alias):
                return rows.update(**new) if new else 0
        try:
            with transaction.atomic(using=alias):
                return _delete(entry, alias, rows)
        except (ProtectedError, RestrictedError, _TakesMore):
            if len(keys) == 1:
                return 0
        return sum(self._batch(entry, scope, alias, [key]) for key in keys)

    def _new(self, entry: Entry, scope: Scope) -> dict[str, str | None]:
        if not scope.anonymise:
            return dict.fromkeys(entry.fields, None if entry.action == "null" else ERASED)
        return {field: self._anonymous(field, way, scope) for field, way in entry.anonymise or ()}

    def _anonymous(self, field: str, way: str, scope: Scope) -> str | None:
        if way != "hash":
            return None if way == "null" else ERASED
        mixed = hmac.new(self._salt, f"{field}:{scope.person}".encode(), hashlib.sha256).hexdigest()
        return ANONYMOUS + mixed[:24]

    @contextmanager
    def _open(self) -> Iterator[str]:
        with _plainly():
            connections[self.alias].ensure_connection()
            yield self.alias

    @contextmanager
    def _reading(self) -> Iterator[str]:
        """A connection of its own, with the reading login, known to the ORM by a name of its own while it is open."""
        url = os.environ.get(self.options.get("read_url_env", ""), "")
        if not url:
            raise SystemAway("no address")
        alias = f"{self.alias}, read back {secrets.token_hex(4)}"
        with _plainly():
            like = connections[self.alias].settings_dict
            told = environ.Env.db_url_config(url)
            place = {key: told.get(key, "") for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
            place["HOST"] = told.get("OPTIONS", {}).get("host", "") or place["HOST"]
            connections.databases[alias] = {**like, **place, "CONN_MAX_AGE": 0}
            try:
                yield alias
            finally:
                connections[alias].close()
                del connections[alias]
                del connections.databases[alias]

    def _sammatis(self) -> frozenset[str]:
        """Tables in the same database that belong to Sammati: the connector of the portal looks after them."""
        with _plainly():
            here, own = (connections[alias].settings_dict for alias in (self.alias, "default"))
        same = all(here[key] == own[key] for key in ("ENGINE", "NAME", "HOST", "PORT"))
        return ormmap.sammatis() if same else frozenset(ormmap.FRAMEWORK)


class _TakesMore(Exception):
    """Deleting it would take rows along that no order named."""


def _delete(entry: Entry, alias: str, some: "models.QuerySet[Any]") -> int:
    """Through the ORM, as the application itself deletes, but never more than these rows and the links between them."""
    rows = list(some)
    collector = Collector(using=alias, origin=some)
    collector.collect(rows)
    own = {entry.model, *entry.model._meta.get_parent_list()}
    keys = {row.pk for row in rows}
    for model, taken in collector.data.items():
        if model not in own and not model._meta.auto_created and not issubclass(model, entry.model):
            raise _TakesMore
        if model is entry.model and {row.pk for row in taken} - keys:
            raise _TakesMore
    if any(not more.model._meta.auto_created and more.exists() for more in collector.fast_deletes):
        raise _TakesMore
    collector.delete()
    return len(rows)


def _rows(entry: Entry, alias: str) -> "models.QuerySet[Any]":
    # Not by the model's manager: many hide what they only marked as deleted, and mark instead of deleting.
    return models.QuerySet(model=entry.model, using=alias)


def _found(entry: Entry, scope: Scope, alias: str, *, later: bool = False) -> list[Any]:
    """The keys of the person's rows until the cut-off that are still to be worked on; or (`later`) of those after it."""
    if entry.text:
        return [row["pk"] for row, _new in _mentioned(entry, scope, alias, later=later)]
    wanted = scope.identifiers.get(entry.is_, "")
    if not wanted:
        return []
    exact = "iexact" if entry.is_ == "email" else "exact"
    try:
        rows = _rows(entry, alias).filter(
            _in_time(entry, scope.before, later), **{f"{entry.lookup}__{exact}": wanted}
        )
    except ValueError:  # letters, where the model has a whole number
        return []
    if not later:
        rows = rows.filter(_still_there(entry, scope.anonymise))
    # Compared once more: MySQL's usual collations take ü for u, one person's rows for another's.
    same = (
        (lambda found: found.lower() == wanted.lower())
        if exact == "iexact"
        else (lambda found: found == wanted)
    )
    pairs = rows.order_by("pk").values_list("pk", entry.lookup)
    return list(dict.fromkeys(key for key, found in pairs.iterator() if same(str(found))))


def _in_time(entry: Entry, before: datetime, later: bool = False) -> Q:
    if not entry.time:
        return ~Q(pk__in=[]) if not later else Q(pk__in=[])
    after = Q(**{f"{entry.time}__gt": _moment(entry, before)})
    return (
        after
        if later
        else Q(**{f"{entry.time}__lte": _moment(entry, before)}) | Q(**{f"{entry.time}__isnull": True})
    )


def _moment(entry: Entry, before: datetime) -> Any:
    """As the field holds it: a moment, a day, or whole seconds since 1970."""
    field = ormmap.final(entry.model, entry.time)
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return before.date()
    return int(before.timestamp()) if isinstance(field, models.IntegerField) else before


def _still_there(entry: Entry, anonymise: bool) -> Q:
    """For emptied and replaced fields: rows in which one of them is not yet."""
    ways = dict(entry.anonymise or ()) if anonymise else dict.fromkeys(entry.fields, entry.action)
    if not anonymise and entry.action == "erase":
        return Q()
    left = Q(pk__in=[])
    for field, way in ways.items():
        filled = Q(**{f"{field}__isnull": False})
        if way == "replace":
            filled &= ~Q(**{field: ERASED})
        elif way == "hash":
            filled &= ~Q(**{f"{field}__startswith": ANONYMOUS})
        left |= filled
    return left


def _mentioned(
    entry: Entry, scope: Scope, alias: str, *, later: bool = False
) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """(row, new texts) of every row whose text mentions the person."""
    mentions = Mentions(scope.identifiers)
    if not mentions:
        return
    rows = _rows(entry, alias).filter(_in_time(entry, scope.before, later))
    if connections[alias].vendor != "sqlite":  # there LIKE knows no capitals but A–Z: every row is looked at
        likely = Q(pk__in=[])
        for name in entry.text:
            for piece in mentions.fragments():
                likely |= Q(**{f"{name}__icontains": piece})
        rows = rows.filter(likely)
    for row in rows.values("pk", *entry.text).iterator():
        new = {name: mentions.replace(str(row[name] or "")) for name in entry.text}
        if changed := {name: text for name, (text, times) in new.items() if times}:
            yield row, changed


def _replace_mentions(entry: Entry, scope: Scope, alias: str) -> int:
    done, found = 0, list(_mentioned(entry, scope, alias))
    for first in range(0, len(found), BATCH):
        with transaction.atomic(using=alias):
            for row, new in found[first : first + BATCH]:
                # The old text in the condition: what somebody wrote meanwhile is not overwritten, but found next time.
                done += _rows(entry, alias).filter(**{name: row[name] for name in ("pk", *new)}).update(**new)
    return done


@contextmanager
def _plainly() -> Iterator[None]:
    """Raises SystemAway when the database does not answer; nothing that it says is passed on."""
    try:
        yield
    except ConnectionDoesNotExist:
        raise SystemAway("no database of this name") from None
    except (OperationalError, InterfaceError) as error:
        raise SystemAway(type(error).__name__) from None
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", "") or ""
        raise OrmFault(f"{type(error).__name__} {state}".strip()) from None
