"""Many people in one folder at once: one walk for all of them and for all chunks, each shared file written anew once.

What is found of each is what would be found of them alone, chunk after chunk: whole files first, then rows, then text.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import translate
from pathlib import Path, PurePosixPath
from typing import Any

from governance.lib.connectors import Scope
from governance.retention.connectors import folder, rowfiles
from governance.retention.connectors.crowd import Crowd
from governance.retention.connectors.folder import Folder
from governance.retention.connectors.patterns import filled

Rule = Mapping[str, Any]


class Shared:
    """Which files hold many people, and by what rule: of this chunk of the map."""

    def __init__(self, data_map: Mapping[str, Any], chunk: str) -> None:
        rules = data_map.get("rows", ()) if chunk == "rows" else ()
        texts = data_map.get("text", ()) if chunk == "text" else ()
        self._rules = [(PurePosixPath(rule["files"]).parts, rule) for rule in rules]
        self._rules += [(PurePosixPath(pattern).parts, {"format": "text"}) for pattern in texts]

    def rules(self, parts: Sequence[str]) -> list[Rule]:
        return [rule for pattern, rule in self._rules if folder.fits(parts, pattern)]


class Owners:
    """Whose whole files they are, for these people; told by their place in `scopes`."""

    def __init__(self, data_map: Mapping[str, Any], scopes: Sequence[Scope]) -> None:
        self.scopes, self.crowd = scopes, Crowd([scope.identifiers for scope in scopes])
        self._own = data_map.get("own", ())
        self._patterns: dict[int, list[list[re.Pattern[str]]]] = {}

    def of(self, path: str, parts: Sequence[str]) -> Iterator[tuple[int, bool]]:
        """(whose, whether it was changed after their cut-off). Links and patterns with ** are not for here."""
        # "N-100*" would take N-1001 with it: the name has to hold the number as a whole.
        for i in self.crowd.named(os.path.splitext(parts[-1])[0]):
            if any(_is(parts, pattern) for pattern in self._of(i)):
                changed = folder.changed_at(path)
                if changed is not None:
                    yield i, changed > self.scopes[i].before.timestamp()

    def _of(self, i: int) -> list[list[re.Pattern[str]]]:
        if i not in self._patterns:
            patterns = (filled(pattern, self.scopes[i].identifiers) for pattern in self._own)
            self._patterns[i] = [
                [re.compile(translate(part)) for part in pattern.split("/")]
                for pattern in patterns
                if pattern
            ]
        return self._patterns[i]


def _is(parts: Sequence[str], pattern: Sequence[re.Pattern[str]]) -> bool:
    return len(parts) == len(pattern) and all(
        one.match(part) for part, one in zip(parts, pattern, strict=True)
    )


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
        """Each folder with those of its files that are nobody's own, or were changed too late to go."""
        owners = self._owners.get("own files")
        for one in folders:
            if erase:
                folder.sweep(one)
            gone = set()
            for name in one.files if owners else ():
                for i, later in owners.of(os.path.join(one.path, name), (*one.parts, name)) if owners else ():
                    place = self._places["own files"][i]
                    if later:
                        self.newer[place] += 1
                    else:
                        self.found[place] += 1
                        gone.add(name)
            if erase and gone:
                folder.unlink(os.path.join(one.path, name) for name in sorted(gone))
            yield one, [name for name in one.files if name not in gone]

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
