"""Redis and Valkey: keys that are one person's, and fields, members and entries of keys that many share.

Options: {"url_env": NAME, "read_url_env": NAME}, each redis:// or rediss:// with a login, a password and a database
number; the second login may only read. The map:

    {"own": [{"keys": "session:{number}:*", "time": "at"}],   whole keys; `time` is a field of these hashes
     "fields": [{"keys": "scores:*", "field": "{number}"}],    a field of a hash
     "members": [{"keys": "seen:*", "member": "{number}"}],    a member of a set, sorted set or list
     "entries": [{"keys": "events", "field": "person", "is": "number"}]}   entries of a stream, by their own moment

Redis knows no times of its own but those of stream entries: keys without a `time` are erased whatever their age.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import redis
from django.utils.translation import gettext_lazy as _

from governance.lib.connectors import Due, Erased, Residue, Scope, SystemAway
from governance.lib.refusals import Refused
from governance.retention.connectors import patterns, unpack
from governance.retention.connectors.mentions import Mentions
from governance.retention.connectors.rowfiles import as_moment

CHUNKS = ("own", "fields", "members", "entries")
WORDS = {
    "own": ({"keys"}, {"time"}),
    "fields": ({"keys", "field"}, set()),
    "members": ({"keys", "member"}, set()),
    "entries": ({"keys", "field", "is"}, set()),
}
PAGE = 500  # values at once
NAMES = 5000  # and names of keys
SMALL = 64 * 1024  # bytes of a value that is read together with others
Store = Any  # a redis.Redis that answers in bytes; its own types say "bytes or str" everywhere


class RedisFault(Exception):
    """The store answered with an error: the class of it, never its message."""


class RedisConnector:
    """One chunk per kind of thing."""

    name = "redis"
    version = "1"
    needs_map = True
    last = False
    tells_times = False  # `due` finds nobody: what lies here goes with the orders of other systems

    def __init__(self, options: Mapping[str, Any], data_map: Mapping[str, Any]) -> None:
        self.options, self.map = options, data_map

    @classmethod
    def check_map(cls, data_map: Mapping[str, Any]) -> None:
        if not set(data_map) <= set(WORDS) or not any(data_map.values()):
            raise Refused(
                _("A map of keys names own keys, fields, members or entries, and nothing else."),
                code="map_wrong",
            )
        for kind, rules in data_map.items():
            needed, more = WORDS[kind]
            if any(not needed <= set(rule) or set(rule) - needed - more for rule in rules):
                raise Refused(_("“%(kind)s” needs other words."), code="map_wrong", kind=kind)
        taken = [rule["keys"] for rule in data_map.get("own", ())]
        taken += [rule["field"] for rule in data_map.get("fields", ())]
        taken += [rule["member"] for rule in data_map.get("members", ())]
        if not all(patterns.names_somebody(text) for text in taken):
            raise Refused(
                _("A key, field or member is erased only where it says whose it is."), code="map_takes_all"
            )

    def chunks(self, scope: Scope) -> list[str]:
        return [chunk for chunk in CHUNKS if self.map.get(chunk)]

    def count(self, scope: Scope, chunk: str) -> int:
        with self._open("url_env") as store:
            return sum(1 for _thing in self._found(store, scope, chunk))

    def erase(self, scope: Scope, chunk: str) -> Erased:
        with self._open("url_env") as store:
            done = _remove(store, chunk, list(self._found(store, scope, chunk)))
        return Erased(done, method="keys unlinked" if chunk == "own" else f"{chunk} removed")

    def residue(self, scope: Scope) -> Residue:
        """By the reading login: every key of the database with all that it holds, for the number, name and e-mail."""
        mentions = Mentions(scope.identifiers)
        found: dict[str, int] = {}
        looked = 0
        with self._open("read_url_env") as store:
            mine = Counter(
                key for chunk in self.chunks(scope) for key, _what in self._found(store, scope, chunk)
            )
            newer = {key for key, _what in self._own(store, scope, later=True)}
            for page in _listed(store, "*"):
                keys = [key for key in page if key not in newer]
                looked += len(keys)
                for key, hits in zip(keys, self._hits(store, keys, mentions, scope), strict=True):
                    if hits := mine[key] or hits:
                        where = _place(key, mentions)
                        found[where] = found.get(where, 0) + hits
        looked_at = [f"{looked} keys with all their values"]
        looked_at += [
            f"{rule['keys']}: no time, so keys of every time were erased"
            for rule in self.map.get("own", ())
            if not rule.get("time")
        ]
        return Residue(sum(found.values()), tuple(sorted(found)), tuple(looked_at))

    def export(self, scope: Scope) -> Iterator[Mapping[str, Any]]:
        with self._open("read_url_env") as store:
            for key, _what in self._found(store, scope, "own"):
                values = [part.decode("utf-8", "replace") for _at, part in _parts(store, key)]
                yield {"key": key.decode("utf-8", "replace"), "values": values}

    def due(self, purpose: UUID, before: datetime) -> list[Due]:
        return []

    @contextmanager
    def _open(self, which: str) -> Iterator[Store]:
        url = os.environ.get(self.options.get(which, ""), "")
        if not url:
            raise SystemAway("no address")
        store = redis.Redis.from_url(url, socket_timeout=60, socket_connect_timeout=10)
        try:
            yield store
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise SystemAway(type(error).__name__) from None
        except redis.RedisError as error:  # its message may carry the key
            raise RedisFault(type(error).__name__) from None
        finally:
            store.close()

    def _found(self, store: Store, scope: Scope, chunk: str) -> Iterator[tuple[bytes, bytes]]:
        """(key, field, member or entry id; empty for a whole key) of what is the person's until the cut-off."""
        if chunk == "own":
            yield from self._own(store, scope, later=False)
            return
        for rule in self.map.get(chunk, ()):
            for key in self._keys(store, rule["keys"]):
                if chunk == "fields":
                    yield from ((key, what) for what in _fields(store, key, rule["field"], scope))
                elif chunk == "members":
                    yield from ((key, what) for what in _members(store, key, rule["member"], scope))
                else:
                    yield from ((key, what) for what in _entries(store, key, rule, scope))

    def _own(self, store: Store, scope: Scope, *, later: bool) -> Iterator[tuple[bytes, bytes]]:
        mentions, seen = Mentions(scope.identifiers), set[bytes]()
        for rule in self.map.get("own", ()):
            pattern = patterns.mine(rule["keys"], scope.identifiers, folders=False)
            if pattern is None or (later and not rule.get("time")):
                continue
            begins = patterns.whole(rule["keys"], scope.identifiers, mentions)
            all_are = begins and patterns.ends_open(rule["keys"])
            begin = _literal(patterns.beginning(rule["keys"], scope.identifiers))
            for page in _listed(store, begin + "*"):
                keys = [
                    key
                    for key in dict.fromkeys(page)
                    if key not in seen and (all_are or patterns.is_mine(_text(key), pattern, mentions))
                ]
                if rule.get("time"):
                    moments = _moments(store, keys, rule["time"])
                    keys = [
                        key
                        for key, moment in zip(keys, moments, strict=True)
                        if (moment is not None and moment > scope.before) == later
                    ]
                seen.update(keys)
                yield from ((key, b"") for key in keys)

    def _keys(self, store: Store, text: str) -> Iterator[bytes]:
        pattern = patterns.mine(text, {}, folders=False)
        for page in _listed(store, _literal(patterns.beginning(text, {})) + "*"):
            yield from (key for key in page if pattern is not None and pattern.fullmatch(_text(key)))

    def _hits(self, store: Store, keys: list[bytes], mentions: Mentions, scope: Scope) -> Iterator[int]:
        """Mentions in each key and in all it holds; what a stream got after the cut-off is left out."""
        for key, parts in zip(keys, _all_parts(store, keys), strict=True):
            hits = mentions.count(_text(key))
            for at, part in parts:
                if at is None or at <= scope.before:
                    hits += max(mentions.count(text) for text in unpack.texts(part))
            yield hits


def _listed(store: Store, pattern: str) -> Iterator[list[bytes]]:
    """The keys that look so, as the store tells them, many at a time; one may be told twice."""
    cursor, page = store.scan(match=pattern, count=NAMES)
    while True:
        yield page
        if not int(cursor):
            return
        cursor, page = store.scan(cursor, match=pattern, count=NAMES)


def _asked(store: Store, command: str, keys: Sequence[bytes], *more: str) -> list[Any]:
    """The same asked of many keys, in few trips."""
    answers: list[Any] = []
    for some in _pages(list(keys)):
        with store.pipeline(transaction=False) as many:
            for key in some:
                getattr(many, command)(key, *more)
            answers += many.execute()
    return answers


def _remove(store: Store, chunk: str, found: list[tuple[bytes, bytes]]) -> int:
    """How many went; many in one command."""
    if chunk == "own":
        keys = [key for key, _what in found]
        return sum(int(store.unlink(*some)) for some in _pages(keys, NAMES))
    of_key: dict[bytes, list[bytes]] = {}
    for key, what in found:
        of_key.setdefault(key, []).append(what)
    return sum(
        _remove_from(store, chunk, key, some) for key, whats in of_key.items() for some in _pages(whats)
    )


def _remove_from(store: Store, chunk: str, key: bytes, whats: list[bytes]) -> int:
    if chunk == "fields":
        return int(store.hdel(key, *whats))
    if chunk == "entries":
        return int(store.xdel(key, *whats))
    kind = store.type(key)
    if kind == b"set":
        return int(store.srem(key, *whats))
    if kind == b"zset":
        return int(store.zrem(key, *whats))
    # A list may hold a member many times: they are found, and erased, as one.
    return sum(bool(store.lrem(key, 0, what)) for what in whats)


def _pages(things: list[bytes], most: int = PAGE) -> Iterator[list[bytes]]:
    for first in range(0, len(things), most):
        yield things[first : first + most]


def _fields(store: Store, key: bytes, text: str, scope: Scope) -> list[bytes]:
    pattern, mentions = patterns.mine(text, scope.identifiers, folders=False), Mentions(scope.identifiers)
    if pattern is None or store.type(key) != b"hash":
        return []
    return [name for name in store.hkeys(key) if patterns.is_mine(_text(name), pattern, mentions)]


def _members(store: Store, key: bytes, text: str, scope: Scope) -> list[bytes]:
    pattern, mentions = patterns.mine(text, scope.identifiers, folders=False), Mentions(scope.identifiers)
    if pattern is None or store.type(key) not in (b"set", b"zset", b"list"):
        return []
    found = (part for _at, part in _parts(store, key))
    return list(dict.fromkeys(part for part in found if patterns.is_mine(_text(part), pattern, mentions)))


def _entries(store: Store, key: bytes, rule: Mapping[str, Any], scope: Scope) -> list[bytes]:
    wanted = scope.identifiers.get(rule["is"], "").casefold()
    if not wanted or store.type(key) != b"stream":
        return []
    return [
        entry
        for entry, values in _stream(store, key)
        if _text(values.get(rule["field"].encode(), b"")).strip().casefold() == wanted
        and _entered(entry) <= scope.before
    ]


def _stream(store: Store, key: bytes) -> Iterator[tuple[bytes, dict[bytes, bytes]]]:
    start = "-"
    while page := store.xrange(key, min=start, count=PAGE):
        yield from page
        start = f"({_text(page[-1][0])}"


def _entered(entry: bytes) -> datetime:
    return datetime.fromtimestamp(int(entry.split(b"-")[0]) / 1000, UTC)


def _all_parts(store: Store, keys: list[bytes]) -> Iterator[Iterable[tuple[datetime | None, bytes]]]:
    """_parts of each of these keys; so many at once as there may be large values among them."""
    for some in _pages(keys):
        kinds = dict(zip(some, _asked(store, "type", some), strict=True))
        strings = [key for key in some if kinds[key] == b"string"]
        sizes = zip(strings, _asked(store, "strlen", strings), strict=True)
        small = [key for key, size in sizes if size <= SMALL]
        values = dict(zip(small, _asked(store, "get", small), strict=True))
        for key in some:
            yield [(None, values[key] or b"")] if key in values else _parts(store, key)


def _parts(store: Store, key: bytes) -> Iterator[tuple[datetime | None, bytes]]:
    """(moment where there is one, bytes) of all that a key holds. A kind that is not known is a fault, never skipped."""
    kind = store.type(key)
    if kind == b"string":
        yield None, store.get(key) or b""
    elif kind == b"hash":
        for name, value in store.hscan_iter(key, count=PAGE):
            yield from ((None, name), (None, value))
    elif kind == b"set":
        yield from ((None, part) for part in store.sscan_iter(key, count=PAGE))
    elif kind == b"zset":
        yield from ((None, part) for part, _score in store.zscan_iter(key, count=PAGE))
    elif kind == b"list":
        for start in range(0, store.llen(key), PAGE):
            yield from ((None, part) for part in store.lrange(key, start, start + PAGE - 1))
    elif kind == b"stream":
        for entry, values in _stream(store, key):
            for name, value in values.items():
                yield from ((_entered(entry), name), (_entered(entry), value))
    elif kind != b"none":  # gone since it was listed
        raise RedisFault("a kind that nobody knows")


def _moments(store: Store, keys: list[bytes], field: str) -> list[datetime | None]:
    """ISO 8601 or seconds since 1970 in a field of each hash; None when there is none: the key counts as old."""
    hashes = [key for key, kind in zip(keys, _asked(store, "type", keys), strict=True) if kind == b"hash"]
    told = dict(zip(hashes, _asked(store, "hget", hashes, field), strict=True))
    return [_moment(_text(told.get(key) or b"")) for key in keys]


def _moment(text: str) -> datetime | None:
    try:
        return as_moment(float(text))
    except ValueError:
        return as_moment(text)


def _literal(text: str) -> str:
    """For SCAN: this text and nothing wider."""
    return "".join(f"\\{sign}" if sign in "*?[]^\\-" else sign for sign in text)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _place(key: bytes, mentions: Mentions) -> str:
    """A key may itself be personal: then only its first word is told."""
    text = _text(key)
    if not mentions.count(text):
        return text[:80]
    first = text.split(":", 1)[0]
    return f"{first}:*" if ":" in text and not mentions.count(first) else "keys"
