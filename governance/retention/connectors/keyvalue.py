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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import redis
from django.utils.translation import gettext_lazy as _

from governance.lib.connectors import Due, Erased, Residue, Scope, SystemAway
from governance.lib.refusals import Refused
from governance.retention.connectors import keyset, patterns, unpack
from governance.retention.connectors.keyset import KeySet
from governance.retention.connectors.keystore import (
    NAMES,
    RedisFault,
    Store,
    all_parts,
    as_text,
    entered,
    keys_like,
    listed,
    literal,
    moments_of,
    pages,
    parts,
    stream,
)
from governance.retention.connectors.mentions import Mentions

CHUNKS = ("own", "fields", "members", "entries")
WORDS = {
    "own": ({"keys"}, {"time"}),
    "fields": ({"keys", "field"}, set()),
    "members": ({"keys", "member"}, set()),
    "entries": ({"keys", "field", "is"}, set()),
}


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
        return Erased(done, method=_method(chunk))

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
            for page in listed(store, "*"):
                keys = [key for key in page if key not in newer]
                looked += len(keys)
                for key, hits in zip(keys, self._hits(store, keys, mentions, scope), strict=True):
                    if hits := mine[key] or hits:
                        where = _place(key, mentions)
                        found[where] = found.get(where, 0) + hits
        return Residue(sum(found.values()), tuple(sorted(found)), self._looked(looked))

    def _looked(self, keys: int) -> tuple[str, ...]:
        timeless = (rule["keys"] for rule in self.map.get("own", ()) if not rule.get("time"))
        return (
            f"{keys} keys with all their values",
            *(f"{one}: no time, so keys of every time were erased" for one in timeless),
        )

    def count_all(self, works: Sequence[tuple[Scope, str]]) -> list[int]:
        return self._of_all(works, lambda _store, _chunk, found: [len(own) for own in found])

    def erase_all(self, works: Sequence[tuple[Scope, str]]) -> list[Erased]:
        gone = self._of_all(works, keyset.remove)
        return [
            Erased(count, method=_method(chunk)) for count, (_scope, chunk) in zip(gone, works, strict=True)
        ]

    def residues(self, scopes: Sequence[Scope]) -> list[Residue]:
        """Each as `residue` would say it: everything is read once for all of them; who is mentioned, by themselves."""
        with self._open("read_url_env") as store:
            who, looked = KeySet(self.map, scopes).mentioned(store)
        clean = Residue(0, (), self._looked(looked))
        return [self.residue(scope) if i in who else clean for i, scope in enumerate(scopes)]

    def _of_all(
        self,
        works: Sequence[tuple[Scope, str]],
        act: Callable[[Store, str, list[list[keyset.Thing]]], list[int]],
    ) -> list[int]:
        """What `act` says of what is found of each work, chunk after chunk."""
        said = [0] * len(works)
        with self._open("url_env") as store:
            for chunk in dict.fromkeys(chunk for _scope, chunk in works):
                places = [i for i, work in enumerate(works) if work[1] == chunk]
                found = KeySet(self.map, [works[i][0] for i in places]).found(store, chunk)
                for i, count in zip(places, act(store, chunk, found), strict=True):
                    said[i] = count
        return said

    def export(self, scope: Scope) -> Iterator[Mapping[str, Any]]:
        with self._open("read_url_env") as store:
            for key, _what in self._found(store, scope, "own"):
                values = [part.decode("utf-8", "replace") for _at, part in parts(store, key)]
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
            for key in keys_like(store, rule["keys"]):
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
            begin = literal(patterns.beginning(rule["keys"], scope.identifiers))
            for page in listed(store, begin + "*"):
                keys = [
                    key
                    for key in dict.fromkeys(page)
                    if key not in seen and (all_are or patterns.is_mine(as_text(key), pattern, mentions))
                ]
                if rule.get("time"):
                    moments = moments_of(store, keys, rule["time"])
                    keys = [
                        key
                        for key, moment in zip(keys, moments, strict=True)
                        if (moment is not None and moment > scope.before) == later
                    ]
                seen.update(keys)
                yield from ((key, b"") for key in keys)

    def _hits(self, store: Store, keys: list[bytes], mentions: Mentions, scope: Scope) -> Iterator[int]:
        """Mentions in each key and in all it holds; what a stream got after the cut-off is left out."""
        for key, held in zip(keys, all_parts(store, keys), strict=True):
            hits = mentions.count(as_text(key))
            for at, part in held:
                if at is None or at <= scope.before:
                    hits += max(mentions.count(text) for text in unpack.texts(part))
            yield hits


def _method(chunk: str) -> str:
    return "keys unlinked" if chunk == "own" else f"{chunk} removed"


def _remove(store: Store, chunk: str, found: list[tuple[bytes, bytes]]) -> int:
    """How many went; many in one command."""
    if chunk == "own":
        keys = [key for key, _what in found]
        return sum(int(store.unlink(*some)) for some in pages(keys, NAMES))
    of_key: dict[bytes, list[bytes]] = {}
    for key, what in found:
        of_key.setdefault(key, []).append(what)
    return sum(
        _remove_from(store, chunk, key, some) for key, whats in of_key.items() for some in pages(whats)
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


def _fields(store: Store, key: bytes, text: str, scope: Scope) -> list[bytes]:
    pattern, mentions = patterns.mine(text, scope.identifiers, folders=False), Mentions(scope.identifiers)
    if pattern is None or store.type(key) != b"hash":
        return []
    return [name for name in store.hkeys(key) if patterns.is_mine(as_text(name), pattern, mentions)]


def _members(store: Store, key: bytes, text: str, scope: Scope) -> list[bytes]:
    pattern, mentions = patterns.mine(text, scope.identifiers, folders=False), Mentions(scope.identifiers)
    if pattern is None or store.type(key) not in (b"set", b"zset", b"list"):
        return []
    found = (part for _at, part in parts(store, key))
    return list(dict.fromkeys(part for part in found if patterns.is_mine(as_text(part), pattern, mentions)))


def _entries(store: Store, key: bytes, rule: Mapping[str, Any], scope: Scope) -> list[bytes]:
    wanted = scope.identifiers.get(rule["is"], "").casefold()
    if not wanted or store.type(key) != b"stream":
        return []
    return [
        entry
        for entry, values in stream(store, key)
        if as_text(values.get(rule["field"].encode(), b"")).strip().casefold() == wanted
        and entered(entry) <= scope.before
    ]


def _place(key: bytes, mentions: Mentions) -> str:
    """A key may itself be personal: then only its first word is told."""
    text = as_text(key)
    if not mentions.count(text):
        return text[:80]
    first = text.split(":", 1)[0]
    return f"{first}:*" if ":" in text and not mentions.count(first) else "keys"
