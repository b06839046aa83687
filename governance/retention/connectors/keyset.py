"""Many people in one Redis at once: the names of all keys are gone through once, what is theirs goes in few trips.

What is found of each is what would be found of them alone: chunk after chunk, each key, field, member or entry once.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from governance.lib.connectors import Scope
from governance.retention.connectors import keystore, patterns, unpack
from governance.retention.connectors.crowd import Crowd

Thing = tuple[bytes, bytes]  # key, and field, member or entry; empty for a whole key
Rule = Mapping[str, Any]
COMMANDS = {b"set": "srem", b"zset": "zrem", b"list": "lrem"}  # of what has members


class KeySet:
    """Scopes of a set, told by their place: what is each one's in a chunk, and who is mentioned at all."""

    def __init__(self, data_map: Mapping[str, Any], scopes: Sequence[Scope]) -> None:
        self._map, self._scopes = data_map, scopes
        self._crowd = Crowd([scope.identifiers for scope in scopes])

    def found(self, store: keystore.Store, chunk: str) -> list[list[Thing]]:
        """What is each one's until their cut-off."""
        of: list[dict[Thing, None]] = [{} for _scope in self._scopes]
        for rule in self._map.get(chunk, ()):
            for i, thing in self._own(store, rule) if chunk == "own" else self._shared(store, chunk, rule):
                of[i][thing] = None
        return [list(things) for things in of]

    def mentioned(self, store: keystore.Store) -> tuple[set[int], int]:
        """(who is mentioned anywhere in the database, whenever that came there; how many keys were looked at)."""
        who, looked = set[int](), 0
        for page in keystore.listed(store, "*"):
            looked += len(page)
            for key, parts in zip(page, keystore.all_parts(store, page), strict=True):
                who.update(self._crowd.named(keystore.as_text(key)))
                for _at, part in parts:
                    for words in unpack.texts(part):
                        who.update(self._crowd.named(words))
        return who, looked

    def _own(self, store: keystore.Store, rule: Rule) -> Iterator[tuple[int, Thing]]:
        wanted = self._wanted(rule["keys"])
        begin = re.split(r"[*?{]", rule["keys"], maxsplit=1)[0]  # as the names of all of theirs begin
        for page in keystore.listed(store, keystore.literal(begin) + "*"):
            theirs = [(key, i) for key in dict.fromkeys(page) for i in self._whose(key, wanted)]
            if rule.get("time"):
                keys = list(dict.fromkeys(key for key, _i in theirs))
                moments = dict(zip(keys, keystore.moments_of(store, keys, rule["time"]), strict=True))
                theirs = [
                    (key, i)
                    for key, i in theirs
                    if (at := moments[key]) is None or at <= self._scopes[i].before
                ]
            yield from ((i, (key, b"")) for key, i in theirs)

    def _shared(self, store: keystore.Store, chunk: str, rule: Rule) -> Iterator[tuple[int, Thing]]:
        for key in keystore.keys_like(store, rule["keys"]):
            kind = store.type(key)
            if chunk == "entries":
                found = self._entries(store, key, rule) if kind == b"stream" else iter(())
            elif chunk == "fields":
                found = self._named(store.hkeys(key), rule["field"]) if kind == b"hash" else iter(())
            else:
                parts = (part for _at, part in keystore.parts(store, key)) if kind in COMMANDS else ()
                found = self._named(parts, rule["member"])
            yield from ((i, (key, what)) for i, what in found)

    def _named(self, whats: Iterable[bytes], pattern: str) -> Iterator[tuple[int, bytes]]:
        wanted = self._wanted(pattern)
        yield from ((i, what) for what in whats for i in self._whose(what, wanted))

    def _entries(self, store: keystore.Store, key: bytes, rule: Rule) -> Iterator[tuple[int, bytes]]:
        by_word: dict[str, list[int]] = {}
        for i, scope in enumerate(self._scopes):
            if word := scope.identifiers.get(rule["is"], "").casefold():
                by_word.setdefault(word, []).append(i)
        field = rule["field"].encode()
        for entry, values in keystore.stream(store, key):
            for i in by_word.get(keystore.as_text(values.get(field, b"")).strip().casefold(), ()):
                if keystore.entered(entry) <= self._scopes[i].before:
                    yield i, entry

    def _wanted(self, pattern: str) -> list[re.Pattern[str] | None]:
        return [patterns.mine(pattern, scope.identifiers, folders=False) for scope in self._scopes]

    def _whose(self, name: bytes, wanted: Sequence[re.Pattern[str] | None]) -> Iterator[int]:
        said = keystore.as_text(name)
        for i in self._crowd.named(said):
            if patterns.is_mine(said, wanted[i], self._crowd.mentions[i]):
                yield i


def remove(store: keystore.Store, chunk: str, of: Sequence[Sequence[Thing]]) -> list[int]:
    """How many of each one's went; many commands in one trip. What two share goes with the first."""
    things = [(i, key, what) for i, own in enumerate(of) for key, what in own]
    keys = list(dict.fromkeys(key for _i, key, _what in things)) if chunk == "members" else []
    kinds = dict(zip(keys, keystore.asked(store, "type", keys), strict=True))
    gone = [0] * len(of)
    for first in range(0, len(things), keystore.PAGE):
        some = things[first : first + keystore.PAGE]
        with store.pipeline(transaction=False) as many:
            for _i, key, what in some:
                _ask_to_remove(many, chunk, kinds.get(key, b""), key, what)
            answers = many.execute()
        for (i, _key, _what), answer in zip(some, answers, strict=True):
            gone[i] += bool(answer)
    return gone


def _ask_to_remove(many: Any, chunk: str, kind: bytes, key: bytes, what: bytes) -> None:
    if chunk == "own":
        many.unlink(key)
    elif chunk == "fields":
        many.hdel(key, what)
    elif chunk == "entries":
        many.xdel(key, what)
    elif kind == b"list":
        many.lrem(key, 0, what)
    else:  # a key that is gone has no kind, and then nothing is removed
        getattr(many, COMMANDS.get(kind, "srem"))(key, what)
