"""Many people in one bucket at once: each listing is read once for all of them, each shared object written anew once.

What is found of each is what would be found of them alone: whole objects first, then rows, then text.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from governance.lib.connectors import Scope
from governance.retention.connectors import patterns, rowfiles, unpack
from governance.retention.connectors.bucket import Bucket, Version
from governance.retention.connectors.crowd import Crowd

Rules = Callable[[str, str], list[Mapping[str, Any]]]  # of a key, in a chunk


@dataclass
class Own:
    """One person's own objects: versions until the cut-off, later ones, unfinished uploads."""

    mine: list[Version] = field(default_factory=list)
    newer: list[Version] = field(default_factory=list)
    uploads: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Shared:
    """A version that holds some of them: its content without all of these, and how much went of each, by place."""

    version: Version
    new: bytes
    gone: Counter[int]


class ObjectSet:
    """Scopes of a set, told by their place."""

    def __init__(self, data_map: Mapping[str, Any], rules: Rules, scopes: Sequence[Scope]) -> None:
        self._own_patterns, self._rules, self._scopes = data_map.get("own", ()), rules, scopes
        self._crowd = Crowd([scope.identifiers for scope in scopes])

    def own(self, bucket: Bucket) -> list[Own]:
        found = [Own() for _scope in self._scopes]
        seen = set[tuple[int, Version]]()
        for pattern in self._own_patterns:
            wanted = [patterns.mine(pattern, scope.identifiers, folders=True) for scope in self._scopes]
            begin = re.split(r"[*?{]", pattern, maxsplit=1)[0]  # as the keys of all of theirs begin
            for version in bucket.versions(begin):
                for i in self._whose(version.key, wanted):
                    if (i, version) not in seen:
                        seen.add((i, version))
                        late = version.at > self._scopes[i].before
                        (found[i].newer if late else found[i].mine).append(version)
        everything = [
            [patterns.mine(pattern, scope.identifiers, folders=True) for scope in self._scopes]
            for pattern in self._own_patterns
        ]
        for key, upload, at in bucket.uploads() if everything else ():
            for i in {i for wanted in everything for i in self._whose(key, wanted)}:
                if at <= self._scopes[i].before:
                    found[i].uploads.append((key, upload))
        return found

    def shared(self, bucket: Bucket, chunk: str) -> Iterator[Shared]:
        for version in bucket.versions():
            rules = [] if version.marker else self._rules(version.key, chunk)
            if not rules:
                continue
            raw, gone = bucket.read(version), Counter[int]()
            for rule in rules:
                raw, some = rowfiles.without_all(raw, rule, self._scopes, self._crowd)
                gone.update(some)
            if gone.total():
                yield Shared(version, raw, +gone)

    def mentioned(self, bucket: Bucket) -> tuple[set[int], int]:
        """(who is mentioned anywhere under the prefix, whenever that came there; versions that were looked at)."""
        who, looked = set[int](), 0
        for version in bucket.versions():
            looked += 1
            who.update(self._crowd.named(version.key))
            for text in () if version.marker else unpack.texts(bucket.read(version)):
                who.update(self._crowd.named(text))
        for key, _upload, _at in bucket.uploads():
            who.update(self._crowd.named(key))
        return who, looked

    def _whose(self, key: str, wanted: Sequence[re.Pattern[str] | None]) -> Iterator[int]:
        for i in self._crowd.named(key):
            if patterns.is_mine(key, wanted[i], self._crowd.mentions[i]):
                yield i
