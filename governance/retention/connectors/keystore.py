"""What a Redis or Valkey says when it is asked: keys in pages, the parts of every kind of value, moments in them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from governance.retention.connectors import patterns
from governance.retention.connectors.rowfiles import as_moment

PAGE = 500  # values at once
NAMES = 5000  # and names of keys
SMALL = 64 * 1024  # bytes of a value that is read together with others
Store = Any  # a redis.Redis that answers in bytes; its own types say "bytes or str" everywhere


class RedisFault(Exception):
    """The store answered with an error: the class of it, never its message."""


def listed(store: Store, pattern: str) -> Iterator[list[bytes]]:
    """The keys that look so, as the store tells them, many at a time; one may be told twice."""
    cursor, page = store.scan(match=pattern, count=NAMES)
    while True:
        yield page
        if not int(cursor):
            return
        cursor, page = store.scan(cursor, match=pattern, count=NAMES)


def keys_like(store: Store, text: str) -> Iterator[bytes]:
    """The keys that this pattern fits; nobody stands in it."""
    pattern = patterns.mine(text, {}, folders=False)
    for page in listed(store, literal(patterns.beginning(text, {})) + "*"):
        yield from (key for key in page if pattern is not None and pattern.fullmatch(as_text(key)))


def asked(store: Store, command: str, keys: Sequence[bytes], *more: str) -> list[Any]:
    """The same asked of many keys, in few trips."""
    answers: list[Any] = []
    for some in pages(list(keys)):
        with store.pipeline(transaction=False) as many:
            for key in some:
                getattr(many, command)(key, *more)
            answers += many.execute()
    return answers


def pages(things: list[bytes], most: int = PAGE) -> Iterator[list[bytes]]:
    for first in range(0, len(things), most):
        yield things[first : first + most]


def stream(store: Store, key: bytes) -> Iterator[tuple[bytes, dict[bytes, bytes]]]:
    start = "-"
    while page := store.xrange(key, min=start, count=PAGE):
        yield from page
        start = f"({as_text(page[-1][0])}"


def entered(entry: bytes) -> datetime:
    return datetime.fromtimestamp(int(entry.split(b"-")[0]) / 1000, UTC)


def all_parts(store: Store, keys: list[bytes]) -> Iterator[Iterable[tuple[datetime | None, bytes]]]:
    """parts of each of these keys; so many at once as there may be large values among them."""
    for some in pages(keys):
        kinds = dict(zip(some, asked(store, "type", some), strict=True))
        strings = [key for key in some if kinds[key] == b"string"]
        sizes = zip(strings, asked(store, "strlen", strings), strict=True)
        small = [key for key, size in sizes if size <= SMALL]
        values = dict(zip(small, asked(store, "get", small), strict=True))
        for key in some:
            yield [(None, values[key] or b"")] if key in values else parts(store, key)


def parts(store: Store, key: bytes) -> Iterator[tuple[datetime | None, bytes]]:
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
        for entry, values in stream(store, key):
            for name, value in values.items():
                yield from ((entered(entry), name), (entered(entry), value))
    elif kind != b"none":  # gone since it was listed
        raise RedisFault("a kind that nobody knows")


def moments_of(store: Store, keys: list[bytes], field: str) -> list[datetime | None]:
    """ISO 8601 or seconds since 1970 in a field of each hash; None when there is none: the key counts as old."""
    hashes = [key for key, kind in zip(keys, asked(store, "type", keys), strict=True) if kind == b"hash"]
    told = dict(zip(hashes, asked(store, "hget", hashes, field), strict=True))
    return [moment(as_text(told.get(key) or b"")) for key in keys]


def moment(text: str) -> datetime | None:
    try:
        return as_moment(float(text))
    except ValueError:
        return as_moment(text)


def literal(text: str) -> str:
    """For SCAN: this text and nothing wider."""
    return "".join(f"\\{sign}" if sign in "*?[]^\\-" else sign for sign in text)


def as_text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
