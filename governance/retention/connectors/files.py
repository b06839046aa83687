"""A folder of files: some belong to one person, some hold rows of many, some mention people in text.

Options: {"folder": path}, absolute or beneath SAMMATI_VAR. The map:

    {"own": ["people/{number}*"],          whole files of the person; {number} and {email} are filled in
     "rows": [{"files": "teams/*.csv", "format": "csv" | "jsonl" | "parquet", "field": "person",
               "is": "number", "time": "at"}],   rows that carry the number; without a time the cut-off cannot be kept
     "text": ["minutes/*.txt"]}            free text: the person becomes "[erased]"

A file is rewritten beside itself, synced and renamed over the old one, so that a crash leaves the one or the other.
Parquet needs the package pyarrow, also to read back a Parquet file that no map names (decisions/0049).
"""

import contextlib
import glob
import os
import stat
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
from governance.retention.connectors import rowfiles, unpack
from governance.retention.connectors.crowd import Crowd
from governance.retention.connectors.mentions import Mentions

CHUNKS = ("own files", "rows", "text")
UNFINISHED = ".sammati-unfinished-"
LARGEST = 512 * 1024 * 1024  # bytes; a larger file is a fault, never skipped in silence
TRIES = 5


class FileFault(Exception):
    """A file could not be worked on: too large, changed all the time, not readable. Its name is not told."""


class FilesConnector:
    """Three chunks: the person's own files, rows among others', mentions in text."""

    name = "files"
    version = "1"
    needs_map = True
    last = False
    alone = CHUNKS  # what a predecessor left half written is swept away first
    tells_times = False  # `due` finds nobody: what lies here goes with the orders of other systems

    def __init__(self, options: Mapping[str, Any], data_map: Mapping[str, Any]) -> None:
        self.root = (Path(settings.VAR) / options["folder"]).resolve()
        self.map = data_map

    @classmethod
    def check_map(cls, data_map: Mapping[str, Any]) -> None:
        if not set(data_map) <= {"own", "rows", "text"} or not any(data_map.values()):
            raise Refused(
                _("A map of files names own files, rows or text, and nothing else."), code="map_wrong"
            )
        for rule in data_map.get("rows", ()):
            wrong = {"files", "format", "field", "is"} - set(rule) or rule["format"] not in rowfiles.FORMATS
            if wrong or set(rule) - {"files", "format", "field", "is", "time"}:
                raise Refused(
                    _("Rows need files, a format (csv, jsonl, parquet), a field and what it holds."),
                    code="map_wrong",
                )
            rowfiles.check(rule)
        patterns = [
            *data_map.get("own", ()),
            *(rule["files"] for rule in data_map.get("rows", ())),
            *data_map.get("text", ()),
        ]
        if any(".." in pattern.split("/") or pattern.startswith("/") for pattern in patterns):
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
        self._sweep_unfinished()
        if chunk == "own files":
            mine, newer = self._own(scope)
            _unlink(mine)
            return Erased(len(mine), _newer(len(newer)), "files deleted")
        done = 0
        for path, _raw, rule, _times in self._shared(scope, chunk):
            done += _rewrite(path, partial(_without, rule=rule, scope=scope))
        return Erased(
            done, method="rows taken out of files" if chunk == "rows" else "mentions replaced in text"
        )

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
        for path in self._all():
            if str(path) in skip:
                continue
            files += 1
            raw = _read(path)
            for rule in self._rules(path, "rows"):
                raw = rowfiles.only_until(raw, rule, scope)
            hits = max(mentions.count(text) for text in unpack.texts(raw)) + mentions.count(path.name)
            if hits:
                # A name of a file may itself be personal; where many people's files lie, the folder is told.
                where = path.parent if mentions.count(path.name) else path
                found[str(where.relative_to(self.root))] = hits
        return Residue(sum(found.values()), tuple(sorted(found)), self._looked(files), _newer(len(newer)))

    def count_all(self, works: Sequence[tuple[Scope, str]]) -> list[int]:
        return self._of_all(works, self._count_all)

    def erase_all(self, works: Sequence[tuple[Scope, str]]) -> list[Erased]:
        """Each shared file is written anew once for all of them."""
        self._sweep_unfinished()
        return self._of_all(works, self._erase_all)

    def _of_all(
        self, works: Sequence[tuple[Scope, str]], act: Callable[[list[Scope], str], list[Any]]
    ) -> list[Any]:
        self._there()
        found: dict[int, Any] = {}
        for chunk in dict.fromkeys(chunk for _scope, chunk in works):
            places = [i for i, (_scope, its) in enumerate(works) if its == chunk]
            found |= dict(zip(places, act([works[i][0] for i in places], chunk), strict=True))
        return [found[i] for i in range(len(works))]

    def _count_all(self, scopes: list[Scope], chunk: str) -> list[int]:
        if chunk == "own files":
            return [len(mine) for mine, _newer in self._own_all(scopes)]
        counts: Counter[int] = Counter()
        crowd = Crowd([scope.identifiers for scope in scopes])
        for path in self._all():
            for rule in self._rules(path, chunk):
                counts += rowfiles.without_all(_read(path), rule, scopes, crowd)[1]
        return [counts[i] for i in range(len(scopes))]

    def _erase_all(self, scopes: list[Scope], chunk: str) -> list[Erased]:
        if chunk == "own files":
            own = self._own_all(scopes)
            _unlink([name for mine, _newer in own for name in mine])
            return [Erased(len(mine), _newer(len(newer)), "files deleted") for mine, newer in own]
        done: Counter[int] = Counter()
        crowd = Crowd([scope.identifiers for scope in scopes])
        method = "rows taken out of files" if chunk == "rows" else "mentions replaced in text"
        for path in self._all():
            for rule in self._rules(path, chunk):
                done += _rewrite_all(path, rule, scopes, crowd)
        return [Erased(done[i], method=method) for i in range(len(scopes))]

    def _own_all(self, scopes: list[Scope]) -> list[tuple[list[str], list[str]]]:
        """As _own of each; the folder is read once, and only whoever is named by some file is looked for by pattern."""
        crowd = Crowd([scope.identifiers for scope in scopes])
        named = {i for path in self._all() for i in crowd.named(path.stem)}
        return [self._own(scope) if i in named else ([], []) for i, scope in enumerate(scopes)]

    def residues(self, scopes: Sequence[Scope]) -> list[Residue]:
        """Each as `residue` would say it. Every file is read once for all of them, its rows after the cut-offs too; of
        whom something is found, by themselves."""
        self._there()
        crowd = Crowd([scope.identifiers for scope in scopes])
        found: set[int] = set()
        files = 0
        for path in self._all():
            files += 1
            for text in (path.name, path.stem, *unpack.texts(_read(path))):
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

    def due(self, purpose: UUID, before: datetime) -> list[Due]:
        return []

    def _there(self) -> None:
        if not self.root.is_dir():
            raise SystemAway("no folder")

    def _own(self, scope: Scope) -> tuple[list[str], list[str]]:
        """(files of the person until the cut-off, files changed after it). A file's time is that of its last change."""
        found: dict[str, float] = {}
        mentions = Mentions(scope.identifiers)
        for pattern in self.map.get("own", ()):
            for kind in ("number", "email"):
                value = scope.identifiers.get(kind, "")
                if (
                    f"{{{kind}}}" in pattern
                    and value
                    and not set("/\\\0") & set(value)
                    and value not in (".", "..")
                ):
                    pattern = pattern.replace(f"{{{kind}}}", rowfiles.literal(value))
            if "{" in pattern:
                continue
            for name in self._named(pattern):
                # "N-100*" would take N-1001 with it: the name has to hold the number as a whole.
                if mentions.stand_in(os.path.splitext(os.path.basename(name))[0]):
                    found |= _changed_at(name)
        moment = scope.before.timestamp()
        mine = sorted(name for name, changed in found.items() if changed <= moment)
        return mine, sorted(name for name, changed in found.items() if changed > moment)

    def _named(self, pattern: str) -> Iterator[str]:
        if "**" in pattern:  # glob would follow links to other folders there
            return map(str, self.root.glob(pattern))
        names = glob.iglob(pattern, root_dir=self.root, include_hidden=True)
        return (os.path.join(self.root, name) for name in names)

    def _shared(self, scope: Scope, chunk: str) -> Iterator[tuple[Path, bytes, Mapping[str, Any], int]]:
        """(file, its content, the rule, rows or mentions) of each file that holds the person."""
        for path in self._all():
            for rule in self._rules(path, chunk):
                raw = _read(path)
                if times := rowfiles.count(raw, rule, scope):
                    yield path, raw, rule, times

    def _rules(self, path: Path, chunk: str) -> list[Mapping[str, Any]]:
        relative = path.relative_to(self.root)
        if chunk == "text":
            return [{"format": "text"} for pattern in self.map.get("text", ()) if relative.match(pattern)]
        return [rule for rule in self.map.get("rows", ()) if relative.match(rule["files"])]

    def _all(self) -> Iterator[Path]:
        """Every file in the folder. Links are not followed: what they point to lies elsewhere and is another system."""
        for folder, folders, names in os.walk(self.root, onerror=_cannot):
            folders.sort()
            for name in sorted(names):
                path = Path(folder) / name
                if _is_file(path):
                    yield path

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

    def _sweep_unfinished(self) -> None:
        """What a killed predecessor had half written."""
        for folder, _folders, names in os.walk(self.root, onerror=_cannot):
            for name in names:
                if name.startswith(UNFINISHED):
                    (Path(folder) / name).unlink(missing_ok=True)


def _without(raw: bytes, *, rule: Mapping[str, Any], scope: Scope) -> tuple[bytes, int]:
    return rowfiles.without(raw, rule, scope)


def _rewrite_all(path: Path, rule: Mapping[str, Any], scopes: list[Scope], crowd: Crowd) -> Counter[int]:
    """The file is written anew once, without any of them; what went of each."""
    gone: Counter[int] = Counter()

    def change(raw: bytes) -> tuple[bytes, int]:
        nonlocal gone
        new, gone = rowfiles.without_all(raw, rule, scopes, crowd)
        return new, gone.total()

    return gone if _rewrite(path, change) else Counter()


def _unlink(names: Iterable[str]) -> None:
    folders = set()
    for name in names:
        folders.add(os.path.dirname(name))
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
    for folder in folders:
        _sync_folder(Path(folder))  # what is not on the disk yet was not said to be erased


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


def _cannot(error: OSError) -> None:
    raise FileFault(type(error).__name__)


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def _changed_at(name: str) -> dict[str, float]:
    """Name → moment of its last change; nothing where it is no file."""
    try:
        told = os.lstat(name)
    except FileNotFoundError:
        return {}
    return {name: told.st_mtime} if stat.S_ISREG(told.st_mode) else {}


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise FileFault("too large")
        return path.read_bytes()
    except OSError as error:
        raise FileFault(type(error).__name__) from None


def _rewrite(path: Path, change: Callable[[bytes], tuple[bytes, int]]) -> int:
    """Put the changed content in the file's place; begin again when somebody wrote to it meanwhile."""
    for _attempt in range(TRIES):
        seen = path.stat()
        new, times = change(_read(path))
        if not times:
            return 0
        beside = path.with_name(f"{UNFINISHED}{os.getpid()}")
        handle = os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(new)
                file.flush()
                os.fchmod(file.fileno(), stat.S_IMODE(seen.st_mode))
                if hasattr(os, "fchown") and os.geteuid() == 0:
                    os.fchown(file.fileno(), seen.st_uid, seen.st_gid)
                os.fsync(file.fileno())
            now = path.stat()
            if (now.st_mtime_ns, now.st_size, now.st_ino) == (seen.st_mtime_ns, seen.st_size, seen.st_ino):
                beside.replace(path)
                _sync_folder(path.parent)
                return times
        finally:
            beside.unlink(missing_ok=True)
    raise FileFault("changed all the time")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
