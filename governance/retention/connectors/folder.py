"""A folder on a disk: its files by one walk, and how one of them is read, written anew and deleted so that it lasts."""

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

UNFINISHED = ".sammati-unfinished-"
LARGEST = 512 * 1024 * 1024  # bytes; a larger file is a fault, never skipped in silence
TRIES = 5


class FileFault(Exception):
    """A file could not be worked on: too large, changed all the time, not readable. Its name is not told."""


class Folder(NamedTuple):
    """One folder: where it lies, its names beneath the root, its regular files as they come, and whether a link leads
    out of it."""

    path: str
    parts: tuple[str, ...]
    files: list[str]
    linked: bool


def walk(root: str) -> Iterator[Folder]:
    """Each folder, the root first. Links are not followed: what they point to lies elsewhere and is another system.

    A folder is read to its end before it is handed out, so that its files may be deleted or replaced meanwhile.
    """
    waiting: list[tuple[str, tuple[str, ...]]] = [(root, ())]
    while waiting:
        path, parts = waiting.pop()
        files, beneath, linked = [], [], False
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False):
                        files.append(entry.name)
                    elif entry.is_dir(follow_symlinks=False):
                        beneath.append(entry.name)
                    elif entry.is_symlink():
                        linked = linked or os.path.isdir(entry.path)
        except OSError as error:
            raise FileFault(type(error).__name__) from None
        yield Folder(path, parts, files, linked)
        waiting += [(os.path.join(path, name), (*parts, name)) for name in sorted(beneath, reverse=True)]


def sweep(folder: Folder) -> None:
    """What a killed predecessor had half written."""
    stale = [name for name in folder.files if name.startswith(UNFINISHED)]
    for name in stale:
        folder.files.remove(name)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder.path, name))


def fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """As Path.match: from the right, part by part."""
    if not pattern:
        raise ValueError("empty pattern")
    if len(pattern) > len(parts):
        return False
    return all(fnmatchcase(*pair) for pair in zip(reversed(parts), reversed(pattern), strict=False))


def read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise FileFault("too large")
        return path.read_bytes()
    except OSError as error:
        raise FileFault(type(error).__name__) from None


def changed_at(name: str, within: int | None = None) -> float | None:
    """The moment of its last change; None where it is no file. `within`: the open folder that the name stands in."""
    try:
        told = os.lstat(name, dir_fd=within)
    except FileNotFoundError:
        return None
    return told.st_mtime if stat.S_ISREG(told.st_mode) else None


@contextlib.contextmanager
def opened(path: str) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield handle
    finally:
        os.close(handle)


def unlink_in(handle: int, names: Iterable[str]) -> None:
    """Of this open folder they are gone, and on the disk too: what is not there yet was not said to be erased."""
    for name in names:
        try:
            os.unlink(name, dir_fd=handle)
        except FileNotFoundError:
            continue
    os.fsync(handle)


def unlink(names: Iterable[str]) -> None:
    """The same of names in any folders; one sync a folder."""
    of_folder: dict[str, list[str]] = {}
    for name in names:
        path, _slash, own = name.rpartition("/")
        of_folder.setdefault(path, []).append(own)
    for path, files in of_folder.items():
        with opened(path) as handle:
            unlink_in(handle, files)


def rewrite(path: Path, change: Callable[[bytes], tuple[bytes, int]]) -> int:
    """Put the changed content in the file's place; begin again when somebody wrote to it meanwhile."""
    for _attempt in range(TRIES):
        seen = path.stat()
        new, times = change(read(path))
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
                with opened(str(path.parent)) as handle:
                    os.fsync(handle)
                return times
        finally:
            beside.unlink(missing_ok=True)
    raise FileFault("changed all the time")
