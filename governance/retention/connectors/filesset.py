"""Many people in one folder at once: one walk for all of them and for all chunks, each shared file written anew once.

What is found of each is what would be found of them alone, chunk after chunk: whole files first, then rows, then text.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path, PurePosixPath
from typing import Any

from governance.lib.connectors import Scope
from governance.retention.connectors import folder, patterns, rowfiles
from governance.retention.connectors.crowd import Crowd
from governance.retention.connectors.folder import Folder
from governance.retention.connectors.mentions import Mentions

Rule = Mapping[str, Any]
FEW = 3  # people, for each of whom the names of a folder are gone through


class Shared:
    """Which files hold many people, and by what rule: of this chunk of the map."""

    def __init__(self, data_map: Mapping[str, Any], chunk: str) -> None:
        rules = data_map.get("rows", ()) if chunk == "rows" else ()
        texts = data_map.get("text", ()) if chunk == "text" else ()
        self._rules = [(PurePosixPath(rule["files"]).parts, rule) for rule in rules]
        self._rules += [(PurePosixPath(pattern).parts, {"format": "text"}) for pattern in texts]

    def rules(self, parts: Sequence[str]) -> list[Rule]:
        return [rule for pattern, rule in self._rules if folder.fits(parts, pattern)]


@dataclass(frozen=True)
class Pattern:
    """One pattern of whole files with one person in it."""

    above: tuple[re.Pattern[str], ...]  # of the folders, from the root
    name: re.Pattern[str]
    all_are: bool  # whatever it fits is theirs; else the name has to hold the number as a whole

    @classmethod
    def of(cls, pattern: str, identifiers: Mapping[str, str], mentions: Mentions) -> "Pattern | None":
        filled = patterns.filled(pattern, identifiers)
        if not filled:
            return None
        *above, name = (re.compile(translate(part)) for part in filled.split("/"))
        return cls(tuple(above), name, patterns.whole_name(pattern, identifiers, mentions))

    def leads_to(self, parts: Sequence[str]) -> bool:
        return len(parts) == len(self.above) and all(
            one.match(part) for part, one in zip(parts, self.above, strict=True)
        )


class Owners:
    """Whose whole files they are, for these people; told by their place in `scopes`. Not for patterns with **."""

    def __init__(self, data_map: Mapping[str, Any], scopes: Sequence[Scope]) -> None:
        self.scopes, self.crowd = scopes, Crowd([scope.identifiers for scope in scopes])
        self._own = data_map.get("own", ())
        self._patterns: dict[int, list[Pattern]] = {}

    def within(self, one: Folder) -> Iterator[tuple[str, int]]:
        """(file, whose) of this folder. A file may be two people's."""
        if len(self.scopes) <= FEW:
            for i in range(len(self.scopes)):
                yield from ((name, i) for name in self._of_one(one, i))
            return
        for name in one.files:
            for i in self.crowd.named(os.path.splitext(name)[0]):
                if any(p.name.match(name) and p.leads_to(one.parts) for p in self._of(i)):
                    yield name, i

    def _of_one(self, one: Folder, i: int) -> Iterable[str]:
        mine = [pattern for pattern in self._of(i) if pattern.leads_to(one.parts)]
        found = dict.fromkeys(name for p in mine if p.all_are for name in filter(p.name.match, one.files))
        for name in dict.fromkeys(
            name for p in mine if not p.all_are for name in filter(p.name.match, one.files)
        ):
            # "N-100*" would take N-1001 with it: the name has to hold the number as a whole.
            if name not in found and self.crowd.mentions[i].stand_in(os.path.splitext(name)[0]):
                found[name] = None
        return found

    def _of(self, i: int) -> list[Pattern]:
        if i not in self._patterns:
            made = (
                Pattern.of(text, self.scopes[i].identifiers, self.crowd.mentions[i]) for text in self._own
            )
            self._patterns[i] = [pattern for pattern in made if pattern]
        return self._patterns[i]


class FileSet:
    """Works of (scope, chunk): of each, by its place, what is there (`count`) or what went (`erase`)."""

    def __init__(
        self, works: Sequence[tuple[Scope, str]], owners: Mapping[str, Owners], shared: Mapping[str, Shared]
    ) -> None:  # fmt: skip
        """`owners`: by chunk, of the scopes of its works in their order."""
        self.found: Counter[int] = Counter()
        self.newer: Counter[int] = Counter()
        self._owners = owners
        self._places = {
            chunk: [i for i, (_scope, its) in enumerate(works) if its == chunk] for chunk in owners
        }
        self._shared = {chunk: of for chunk, of in shared.items() if chunk in owners}

    def count(self, folders: Iterable[Folder]) -> None:
        for one, files in self._left(folders, erase=False):
            for name in files:
                if rules := self._rules((*one.parts, name)):
                    _raw, gone = self._without(folder.read(Path(one.path, name)), rules)
                    self.found += gone

    def erase(self, folders: Iterable[Folder]) -> None:
        for one, files in self._left(folders, erase=True):
            for name in files:
                if rules := self._rules((*one.parts, name)):
                    self._rewrite(Path(one.path, name), rules)

    def _left(self, folders: Iterable[Folder], *, erase: bool) -> Iterator[tuple[Folder, list[str]]]:
        """Each folder with those of its files that may be shared: nobody's own, or changed too late to go."""
        owners = self._owners.get("own files")
        for one in folders:
            if erase:
                folder.sweep(one)
            own = list(owners.within(one)) if owners else []
            gone = self._own(one, own, owners.scopes, erase=erase) if owners and own else set()
            yield one, [name for name in one.files if name not in gone] if self._shared else []

    def _own(
        self, one: Folder, own: Sequence[tuple[str, int]], scopes: Sequence[Scope], *, erase: bool
    ) -> set[str]:
        """Which of these files are old enough to go, and, with `erase`, are gone."""
        befores, places = [scope.before.timestamp() for scope in scopes], self._places["own files"]
        gone, mine, newer = set(), [], []
        with folder.opened(one.path) as handle:
            for name, i in own:
                changed = folder.changed_at(name, handle)
                if changed is not None and changed > befores[i]:
                    newer.append(places[i])
                elif changed is not None:
                    mine.append(places[i])
                    gone.add(name)
            self.newer.update(newer)
            self.found.update(mine)
            if erase and gone:
                folder.unlink_in(handle, gone)
        return gone

    def _rules(self, parts: Sequence[str]) -> list[tuple[str, Rule]]:
        return [(chunk, rule) for chunk, shared in self._shared.items() for rule in shared.rules(parts)]

    def _without(self, raw: bytes, rules: Sequence[tuple[str, Rule]]) -> tuple[bytes, Counter[int]]:
        """The content without all of them, rule after rule; what went of each."""
        gone: Counter[int] = Counter()
        for chunk, rule in rules:
            owners = self._owners[chunk]
            raw, some = rowfiles.without_all(raw, rule, owners.scopes, owners.crowd)
            for i, times in some.items():
                gone[self._places[chunk][i]] += times
        return raw, gone

    def _rewrite(self, path: Path, rules: Sequence[tuple[str, Rule]]) -> None:
        gone: Counter[int] = Counter()

        def change(raw: bytes) -> tuple[bytes, int]:
            nonlocal gone
            raw, gone = self._without(raw, rules)
            return raw, gone.total()

        if folder.rewrite(path, change):
            self.found += gone
