"""Hunts for refused values in the bytes of everything that was written, and says where they were found,
never what."""

import hashlib
import hmac
import re
import secrets
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import ahocorasick_rs

from governance.demo import unpacked
from governance.demo.refused import RefusedValues, Wanted, refused_values
from governance.demo.spellings import is_machine_number, spellings

__all__ = ["Findings", "Found", "Hunter", "Place", "RefusedValues", "Wanted", "hunt", "refused_values"]

CHUNK = 8 * 1024 * 1024
AROUND = 256
"""Bytes kept on both sides of a find, to see what it lies in."""
MOST_PLACES = 5
WAL_NAME = re.compile(r"[0-9A-F]{24}(\.partial)?\Z")
WAL_PAGE = 8192
WAL_HEADER = 24
"""PostgreSQL writes a header of 24 bytes at the start of every page of its log, in the middle of whatever
crosses it (xlog_internal.h, XLogPageHeaderData)."""

Blob = tuple[str, bytes]
"""A name for bytes and the bytes: a decrypted segment, an answer, anything that is no file."""


@dataclass(frozen=True)
class Place:
    """Where a value was found: a path or blob name (with what was unpacked from it), the byte, and how it
    was spelt."""

    where: str
    offset: int
    spelling: str


@dataclass
class Found:
    """A value that was found: its label, a hash of it under the hunter's own key, how often, and the first
    places."""

    label: str
    digest: str
    times: int = 0
    places: list[Place] = field(default_factory=list)


@dataclass
class Findings:
    """What a search saw. Counts of values: `searched` were looked for; of these `not_distinctive` are words
    that were known before (their finds are no proof of anything and count nowhere else); `found` are the
    leaks.

    `coincidences`: finds that lay in a number of a machine (see spellings.is_machine_number). `unreadable`:
    files and folders that could not be searched, with the reason. `left_out`: what has no content (sockets,
    pipes, links, vanished files) by kind. `source_logs`: the logs themselves where they lay under a root.
    """

    searched: int
    not_distinctive: int
    found: list[Found] = field(default_factory=list)
    coincidences: int = 0
    files: int = 0
    bytes: int = 0
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    source_logs: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def leaks(self) -> int:
        """How many different values were found."""
        return len(self.found)

    @property
    def complete(self) -> bool:
        """Was everything there to search searched?"""
        return not self.unreadable


OnMatch = Callable[[int, str, int, bool], None]
"""Spelling number, where, byte offset, whether it lay in a machine's number."""


class Hunter:
    """Looks for many values at once in files and blobs.

    `source_logs` are the logs that the values come from: the files themselves are not searched (a copy of one
    is). One pass over the bytes finds all spellings (an Aho-Corasick automaton), so the time does not grow
    with the number of values. Not seen: what a database compressed inside a row (PostgreSQL's TOAST, over 2
    kB), a value cut in two by a TOAST chunk, and encrypted bytes; give those as blobs.
    """

    def __init__(
        self, wanted: Iterable[Wanted], *, source_logs: Iterable[Path] = (), key: bytes | None = None
    ) -> None:
        self._wanted = list({want.value: want for want in wanted}.values())
        self._key = key or secrets.token_bytes(32)
        self._source_logs = [path.resolve() for path in source_logs]
        self._source_hashes = {_hash_of(path) for path in self._source_logs}
        self._known: set[int] = set()
        owners: dict[bytes, list[tuple[int, str]]] = {}
        for number, want in enumerate(self._wanted):
            for spelt, name in spellings(want.value).items():
                owners.setdefault(spelt, []).append((number, name))
        self._owners = list(owners.values())
        self._lengths = [len(spelt) for spelt in owners]
        self._longest = max(self._lengths, default=1)
        self._automaton = (
            ahocorasick_rs.BytesAhoCorasick(list(owners), implementation=ahocorasick_rs.Implementation.DFA)
            if owners
            else None
        )

    @classmethod
    def for_logs(cls, logs: Sequence[Path], planted: Iterable[Wanted] = ()) -> "Hunter":
        """A hunter for the refused values of these UI logs and for planted ones, who knows what the
        interface columns say: a value inside such a text (`reimburse` in `reimbursement.xlsx`) is kept
        with it and is no find."""
        refused = refused_values(logs, on_unreadable=lambda broken: None)
        hunter = cls([*refused.wanted, *planted], source_logs=logs)
        hunter.learn(
            blobs=[("the interface columns", "\n".join(sorted(refused.interface)).encode("utf-8", "replace"))]
        )
        return hunter

    @property
    def known(self) -> int:
        """How many of the values are known words by now."""
        return len(self._known)

    def learn(self, roots: Iterable[Path] = (), blobs: Iterable[Blob] = ()) -> int:
        """Take every value that stands here in plain UTF-8 as a known word; return how many are known now.

        For what was there before the log was posted: the product's own files, the folders that will be
        searched as they are now, the interface columns of the log. Copies of the source logs are passed over,
        so that a log teaches nothing about itself. A planted value is never a known word; a number of a
        machine makes none.
        """
        before = Findings(0, 0)

        def note(spelling: int, where: str, offset: int, by_chance: bool) -> None:
            self._known.update(
                number
                for number, name in self._owners[spelling]
                if name == "utf-8" and not by_chance and not self._wanted[number].planted
            )

        self._walk(roots, blobs, before, note, teaching=True)
        return len(self._known)

    def search(self, roots: Iterable[Path], blobs: Iterable[Blob] = ()) -> Findings:
        """Search the names and the bytes of all files under these roots, what is packed in them, and these
        blobs."""
        started = time.monotonic()
        findings = Findings(searched=len(self._wanted), not_distinctive=len(self._known))
        found: dict[int, Found] = {}

        def note(spelling: int, where: str, offset: int, by_chance: bool) -> None:
            for number, name in self._owners[spelling]:
                want = self._wanted[number]
                if number in self._known:
                    continue
                if by_chance and not want.planted:
                    findings.coincidences += 1
                    continue
                hit = found.setdefault(number, Found(want.label, self._digest(want.value)))
                hit.times += 1
                if len(hit.places) < MOST_PLACES:  # the value may stand in the file's name
                    hit.places.append(Place(where.replace(want.value, "‹value›"), offset, name))

        self._walk(roots, blobs, findings, note, teaching=False)
        findings.found = [found[number] for number in sorted(found)]
        findings.seconds = round(time.monotonic() - started, 3)
        return findings

    def _digest(self, value: str) -> str:
        return hmac.new(self._key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]

    def _walk(
        self,
        roots: Iterable[Path],
        blobs: Iterable[Blob],
        findings: Findings,
        note: OnMatch,
        *,
        teaching: bool,
    ) -> None:
        for root in roots:
            for path, size in _files(root, findings):
                if not teaching:
                    self._scan(str(path).encode("utf-8", "surrogateescape"), f"{path} (its name)", note)
                if self._is_source(path, size, teaching):
                    findings.source_logs.append(str(path))
                    continue
                try:
                    with path.open("rb") as file:
                        self._search_file(path, file, findings, note)
                except FileNotFoundError:
                    findings.left_out["vanished"] += 1
                except OSError as error:
                    findings.unreadable.append((str(path), type(error).__name__))
        for name, data in blobs:
            findings.bytes += len(data)
            self._scan(data, name, note)
            if unpacked.is_packed(data[:1024]):
                self._search_inside(name, data, findings, note)

    def _is_source(self, path: Path, size: int, teaching: bool) -> bool:
        if path.resolve() in self._source_logs:
            return True
        # A copy of the log is a leak where it is searched for; in a baseline it must not teach its values.
        if not teaching or size not in {entry[0] for entry in self._source_hashes}:
            return False
        try:
            return _hash_of(path) in self._source_hashes
        except OSError:
            return False

    def _search_file(self, path: Path, file: BinaryIO, findings: Findings, note: OnMatch) -> None:
        findings.files += 1
        where = str(path)
        start = file.read(1024)
        file.seek(0)
        overlap = self._longest + AROUND
        buffer, base, fresh = b"", 0, 0
        while True:
            chunk = file.read(CHUNK)
            findings.bytes += len(chunk)
            buffer = buffer + chunk if buffer else chunk
            end = max(len(buffer) - overlap, fresh) if chunk else len(buffer)
            self._scan(buffer, where, note, base=base, fresh=fresh, end=end)
            if not chunk:
                break
            keep = max(0, end - AROUND)
            buffer, base, fresh = buffer[keep:], base + keep, end - keep
        if WAL_NAME.match(path.name):
            file.seek(0)
            self._search_borders(where, file, note)
        if unpacked.is_packed(start):
            if path.stat().st_size > unpacked.MOST_BYTES:
                findings.unreadable.append((where, "it is too large to unpack"))
                return
            file.seek(0)
            self._search_inside(where, file.read(), findings, note)

    def _search_inside(self, where: str, data: bytes, findings: Findings, note: OnMatch) -> None:
        try:
            for name, inside in unpacked.unpack(data):
                findings.bytes += len(inside)
                self._scan(inside, f"{where} ({name})", note)
        except unpacked.Packed as error:
            findings.unreadable.append((where, str(error)))

    def _search_borders(self, where: str, file: BinaryIO, note: OnMatch) -> None:
        """Values that cross a page of PostgreSQL's write-ahead log have a header in them: join what stands
        around it."""
        before = file.read(WAL_PAGE)
        offset = WAL_PAGE
        while page := file.read(WAL_PAGE):
            left = before[-self._longest :]
            joined = left + page[WAL_HEADER : WAL_HEADER + self._longest]
            self._scan(joined, where, note, base=offset - len(left), end=len(left), beyond=len(left))
            before, offset = page, offset + WAL_PAGE

    def _scan(
        self,
        data: bytes,
        where: str,
        note: OnMatch,
        *,
        base: int = 0,
        fresh: int = 0,
        end: int | None = None,
        beyond: int = 0,
    ) -> None:
        """Note each match that begins in data[fresh:end] and ends after `beyond`; `base` is the offset of
        data[0]."""
        if self._automaton is None:
            return
        last = len(data) if end is None else end
        for spelling, first, stop in self._automaton.find_matches_as_indexes(data, overlapping=True):
            if fresh <= first < last and stop > beyond:
                plain = any(name == "utf-8" for _, name in self._owners[spelling])
                note(spelling, where, base + first, plain and is_machine_number(data, first, stop))


def _hash_of(path: Path) -> tuple[int, bytes]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").digest()


def _files(root: Path, findings: Findings) -> Iterator[tuple[Path, int]]:
    """All regular files at or under a root with their sizes; whatever else is there is counted or
    reported."""
    waiting: list[Path] = [root]
    while waiting:
        path = waiting.pop()
        try:
            facts = path.stat() if path is root else path.lstat()
            if stat.S_ISDIR(facts.st_mode):
                waiting.extend(sorted(path.iterdir(), reverse=True))
            elif stat.S_ISREG(facts.st_mode):
                yield path, facts.st_size
            else:
                findings.left_out[_kind(facts.st_mode)] += 1
        except FileNotFoundError:
            if path is root:
                findings.unreadable.append((str(path), "there is no such file or folder"))
            else:
                findings.left_out["vanished"] += 1
        except OSError as error:
            findings.unreadable.append((str(path), type(error).__name__))


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_ISSOCK(mode):
        return "socket"
    return "pipe" if stat.S_ISFIFO(mode) else "device"


def hunt(
    wanted: Iterable[Wanted],
    roots: Sequence[Path],
    blobs: Iterable[Blob] = (),
    *,
    baseline: Iterable[Path] = (),
    baseline_blobs: Iterable[Blob] = (),
    source_logs: Iterable[Path] = (),
) -> Findings:
    """Learn the baseline, then search: for callers that keep no hunter between the two."""
    hunter = Hunter(wanted, source_logs=source_logs)
    hunter.learn(baseline, baseline_blobs)
    return hunter.search(roots, blobs)
