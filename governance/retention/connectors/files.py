"""A folder of files: some belong to one person, some hold rows of many, some mention people in text.

Options: {"folder": path}, absolute or beneath SAMMATI_VAR. The map:

    {"own": ["people/{number}*"],          whole files of the person; {number} and {email} are filled in
     "rows": [{"files": "teams/*.csv", "format": "csv" | "jsonl" | "parquet", "field": "person",
               "is": "number", "time": "at"}],   rows that carry the number; without a time the cut-off cannot be kept
     "text": ["minutes/*.txt"]}            free text: the person becomes "[erased]"

A pattern may also stand as {"files": pattern}; of whole files with "age": "store", too: then a file is as old as its last
change, and a rule makes it due. Without that, whole files go with the orders that others bring.

A file is rewritten beside itself, synced and renamed over the old one, so that a crash leaves the one or the other.
Parquet needs the package pyarrow, also to read back a Parquet file that no map names (decisions/0049).
"""

import contextlib
import glob
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from governance.lib.connectors import Due, Erased, Kept, Residue, Scope, SystemAway
from governance.lib.refusals import Refused
from governance.retention.connectors import folder, known, patterns, rowfiles, unpack
from governance.retention.connectors.filesset import FileSet, Owners, Shared
from governance.retention.connectors.folder import Folder
from governance.retention.connectors.mentions import Mentions

METHODS = {
    "own files": "files deleted",
    "rows": "rows taken out of files",
    "text": "mentions replaced in text",
}
CHUNKS = tuple(METHODS)


class Linked(Exception):
    """A link to another folder, which a pattern may lead through."""


class FilesConnector:
    """Three chunks: the person's own files, rows among others', mentions in text."""

    name = "files"
    version = "1"
    needs_map = True
    last = False
    reads_to_tell = True  # how old rows are stands in the files alone
    alone = CHUNKS  # what a predecessor left half written is swept away first

    def __init__(self, options: Mapping[str, Any], data_map: Mapping[str, Any]) -> None:
        self.root = (Path(settings.VAR) / options["folder"]).resolve()
        self._aged = patterns.aged(data_map, "files")
        self.map = data_map = patterns.alone(data_map, "files")
        self._oldest: dict[str, datetime] | None = None  # read once for all the days that somebody asks about
        self._changed: dict[UUID, float] | None = None  # the oldest whole file of each, likewise
        self._shared_by = {chunk: Shared(data_map, chunk) for chunk in ("rows", "text")}
        self._known: dict[
            tuple[UUID, ...], Owners
        ] = {}  # for the life of this connector: the work on one set
        self._straight = not any("**" in pattern for pattern in data_map.get("own", ()))

    @classmethod
    def check_map(cls, data_map: Mapping[str, Any]) -> None:
        if not set(data_map) <= {"own", "rows", "text"} or not any(data_map.values()):
            raise Refused(
                _("A map of files names own files, rows or text, and nothing else."), code="map_wrong"
            )
        aged, data_map = patterns.aged(data_map, "files"), patterns.alone(data_map, "files")
        if not patterns.are_texts(data_map):
            raise Refused(
                _("Own files and text are named by patterns; own files may say “age”: “store” beside it."),
                code="map_wrong",
            )
        if any("**" in pattern for pattern in aged):
            raise Refused(
                _("Files whose age is the store's date are named without **: folder by folder."),
                code="map_age_needs_folders",
            )
        for rule in data_map.get("rows", ()):
            wrong = {"files", "format", "field", "is"} - set(rule) or rule["format"] not in rowfiles.FORMATS
            if wrong or set(rule) - {"files", "format", "field", "is", "time"}:
                raise Refused(
                    _("Rows need files, a format (csv, jsonl, parquet), a field and what it holds."),
                    code="map_wrong",
                )
            rowfiles.check(rule)
        named = [
            *data_map.get("own", ()),
            *(rule["files"] for rule in data_map.get("rows", ())),
            *data_map.get("text", ()),
        ]
        if any(".." in pattern.split("/") or pattern.startswith("/") for pattern in named):
            raise Refused(_("A pattern stays inside the folder."), code="map_leaves_folder")
        if any("{number}" not in pattern and "{email}" not in pattern for pattern in data_map.get("own", ())):
            raise Refused(
                _("Whole files are erased only where their name says whose they are."), code="map_takes_all"
            )

    def chunks(self, scope: Scope) -> list[str]:
        return list(CHUNKS)

    def count(self, scope: Scope, chunk: str) -> int:
        """Files, rows or mentions."""
        self._there()
        if chunk == "own files":
            return len(self._own(scope)[0])
        return sum(times for _path, _raw, _rule, times in self._shared(scope, chunk))

    def named(self, scope: Scope, chunk: str, most: int) -> list[str]:
        """The files that would be erased or rewritten, for a dry run."""
        if chunk == "own files":
            found = [Path(name) for name in self._own(scope)[0]]
        else:
            found = [path for path, *_rest in self._shared(scope, chunk)]
        return [path.relative_to(self.root).as_posix() for path in dict.fromkeys(found)][:most]

    def erase(self, scope: Scope, chunk: str) -> Erased:
        self._there()
        if chunk == "own files":
            return self.erase_all([(scope, chunk)])[0]
        for one in folder.walk(str(self.root)):
            folder.sweep(one)
        done = 0
        for path, _raw, rule, _times in self._shared(scope, chunk):
            done += folder.rewrite(path, partial(_without, rule=rule, scope=scope))
        return Erased(done, method=METHODS[chunk])

    def residue(self, scope: Scope) -> Residue:
        """Every file of the folder, byte by byte, for the number, name and e-mail; compressed ones unpacked.

        Rows collected after the cut-off are taken out before looking, and so are the person's own newer files.
        """
        self._there()
        mentions = Mentions(scope.identifiers)
        own, newer = self._own(scope)
        found: dict[str, int] = {}
        for name in own:
            place = str(Path(name).relative_to(self.root).parent / "*")
            found[place] = found.get(place, 0) + 1
        skip = {*own, *newer}
        files = 0
        for path, parts in self._all():
            if str(path) in skip:
                continue
            files += 1
            raw = folder.read(path)
            for rule in self._shared_by["rows"].rules(parts):
                raw = rowfiles.only_until(raw, rule, scope)
            hits = max(mentions.count(text) for text in unpack.texts(raw)) + mentions.count(path.name)
            if hits:
                # A name of a file may itself be personal; where many people's files lie, the folder is told.
                where = path.parent if mentions.count(path.name) else path
                found[str(where.relative_to(self.root))] = hits
        return Residue(sum(found.values()), tuple(sorted(found)), self._looked(files), _newer(len(newer)))

    def count_all(self, works: Sequence[tuple[Scope, str]]) -> list[int]:
        counts, _newer_ones = self._of_all(works, self.count, FileSet.count)
        return [counts[i] for i in range(len(works))]

    def erase_all(self, works: Sequence[tuple[Scope, str]]) -> list[Erased]:
        """Each shared file is written anew once for all of them."""

        def alone(scope: Scope, _chunk: str) -> int:
            mine, newer = self._own(scope)
            folder.unlink(mine)
            kept[scope.person] = _newer(len(newer))
            return len(mine)

        kept: dict[UUID, tuple[Kept, ...]] = {}
        gone, newer = self._of_all(works, alone, FileSet.erase)
        return [
            Erased(
                gone[i],
                kept.get(scope.person, ())
                if chunk == "own files" and scope.person in kept
                else _newer(newer[i]),
                METHODS[chunk],
            )
            for i, (scope, chunk) in enumerate(works)
        ]

    def _of_all(
        self, works: Sequence[tuple[Scope, str]], alone: Callable[[Scope, str], int], act: Callable[[FileSet, Iterable[Folder]], None]
    ) -> tuple[Counter[int], Counter[int]]:  # fmt: skip
        """(found of each, files of theirs that are newer), by place. One walk; where whole files may lie behind a link or
        ** they are looked for one by one."""
        self._there()
        if self._straight:
            with contextlib.suppress(Linked):
                together = self._set(works)
                act(together, self._walked())
                return together.found, together.newer
            self._straight = False
        found = Counter({i: alone(*work) for i, work in enumerate(works) if work[1] == "own files"})
        together = self._set([(scope, chunk) for scope, chunk in works if chunk != "own files"])
        act(together, folder.walk(str(self.root)))
        shared = [i for i, (_scope, chunk) in enumerate(works) if chunk != "own files"]
        return found + Counter({shared[i]: times for i, times in together.found.items()}), Counter()

    def _walked(self) -> Iterator[Folder]:
        for one in folder.walk(str(self.root)):
            if one.linked and self.map.get("own"):
                raise Linked
            yield one

    def _set(self, works: Sequence[tuple[Scope, str]]) -> FileSet:
        of_chunk: dict[str, list[Scope]] = {}
        for scope, chunk in works:
            of_chunk.setdefault(chunk, []).append(scope)
        owners = {chunk: self._owners(scopes) for chunk, scopes in of_chunk.items()}
        return FileSet(works, owners, self._shared_by)

    def _owners(self, scopes: Sequence[Scope]) -> Owners:
        who = tuple(scope.person for scope in scopes)
        if who not in self._known:
            self._known[who] = Owners(self.map, scopes)
        return self._known[who]

    def residues(self, scopes: Sequence[Scope]) -> list[Residue]:
        """Each as `residue` would say it. Every file is read once for all of them, its rows after the cut-offs too; of
        whom something is found, by themselves."""
        self._there()
        crowd = self._owners(scopes).crowd
        found: set[int] = set()
        files = 0
        for path, _parts in self._all():
            files += 1
            for text in (path.name, path.stem, *unpack.texts(folder.read(path))):
                found.update(crowd.named(text))
        looked = self._looked(files)
        return [
            self.residue(scope) if i in found else Residue(0, (), looked) for i, scope in enumerate(scopes)
        ]

    def export(self, scope: Scope) -> Iterator[Mapping[str, Any]]:
        for path in map(Path, self._own(scope)[0]):
            yield {"file": path.relative_to(self.root).as_posix(), "bytes": path.stat().st_size}
        for path, raw, rule, _times in self._shared(scope, "rows"):
            for row in rowfiles.rows_of(raw, rule, scope):
                yield {"file": path.relative_to(self.root).as_posix(), "row": row}

    @classmethod
    def tells_times(cls, data_map: Mapping[str, Any]) -> bool:
        return bool(rowfiles.dated(data_map.get("rows", ())) or patterns.aged(data_map, "files"))

    def due(self, purpose: UUID, before: datetime) -> list[Due]:
        """People with rows older than `before`, or with whole files whose age is that of their last change; the other whole
        files, and text, go with the orders that these bring."""
        if self._oldest is None or self._changed is None:
            self._there()
            self._oldest, self._changed = {}, {}
            owners = self._owners_of_aged()
            for one in folder.walk(str(self.root)):
                self._read_rows(one, self._oldest)
                for name, i in owners.within(one) if owners else ():
                    changed, person = folder.changed_at(f"{one.path}/{name}"), owners.scopes[i].person
                    if changed is not None:
                        self._changed[person] = min(changed, self._changed.get(person, changed))
        moment = before.timestamp()
        whole = [Due(person=pk) for pk, changed in self._changed.items() if changed <= moment]
        return [*rowfiles.due(self._oldest, before), *whole]

    def _read_rows(self, one: Folder, oldest: dict[str, datetime]) -> None:
        for name in sorted(one.files):
            for rule in rowfiles.dated(self._shared_by["rows"].rules((*one.parts, name))):
                for number, moment in rowfiles.oldest(folder.read(Path(one.path, name)), rule).items():
                    oldest[number] = min(moment, oldest.get(number, moment))

    def _owners_of_aged(self) -> Owners | None:
        """Whose whole files tell their age; a folder behind a link is none of this walk, and what lies there brings nothing."""
        return Owners({"own": self._aged}, known.scopes()) if self._aged else None

    def _there(self) -> None:
        if not self.root.is_dir():
            raise SystemAway("no folder")

    def _own(self, scope: Scope) -> tuple[list[str], list[str]]:
        """(files of the person until the cut-off, files changed after it). A file's time is that of its last change."""
        found: dict[str, float] = {}
        mentions = Mentions(scope.identifiers)
        for pattern in self.map.get("own", ()):
            filled = patterns.filled(pattern, scope.identifiers)
            all_are = patterns.whole_name(pattern, scope.identifiers, mentions)
            for name in self._named(filled) if filled else ():
                # "N-100*" would take N-1001 with it: the name has to hold the number as a whole.
                if all_are or mentions.stand_in(os.path.splitext(os.path.basename(name))[0]):
                    changed = folder.changed_at(name)
                    if changed is not None:
                        found[name] = changed
        moment = scope.before.timestamp()
        mine = sorted(name for name, changed in found.items() if changed <= moment)
        return mine, sorted(name for name, changed in found.items() if changed > moment)

    def _named(self, pattern: str) -> Iterator[str]:
        if "**" in pattern:  # glob would follow links to other folders there
            return map(str, self.root.glob(pattern))
        root = str(self.root)
        names = glob.iglob(pattern, root_dir=root, include_hidden=True)
        return (f"{root}/{name}" for name in names)

    def _shared(self, scope: Scope, chunk: str) -> Iterator[tuple[Path, bytes, Mapping[str, Any], int]]:
        """(file, its content, the rule, rows or mentions) of each file that holds the person."""
        for path, parts in self._all():
            for rule in self._shared_by[chunk].rules(parts):
                raw = folder.read(path)
                if times := rowfiles.count(raw, rule, scope):
                    yield path, raw, rule, times

    def _all(self) -> Iterator[tuple[Path, tuple[str, ...]]]:
        """Every file in the folder, with its names beneath it."""
        for one in folder.walk(str(self.root)):
            for name in sorted(one.files):
                yield Path(one.path, name), (*one.parts, name)

    def _looked(self, files: int) -> tuple[str, ...]:
        return (
            f"{files} files, every byte, as UTF-8, UTF-16 and escaped JSON, Parquet by its values",
            *self._timeless(),
        )

    def _timeless(self) -> list[str]:
        lines = [
            f"{rule['files']}: no time field, so rows of every time were erased"
            for rule in self.map.get("rows", ())
            if not rule.get("time")
        ]
        return lines + [
            f"{pattern}: text knows no times, so every mention was replaced"
            for pattern in self.map.get("text", ())
        ]


def _without(raw: bytes, *, rule: Mapping[str, Any], scope: Scope) -> tuple[bytes, int]:
    return rowfiles.without(raw, rule, scope)


def _newer(count: int) -> tuple[Kept, ...]:
    if not count:
        return ()
    return (
        Kept(
            str(_("the person's own files")),
            "own files",
            str(_("changed after the cut-off of this order")),
            count,
        ),
    )
