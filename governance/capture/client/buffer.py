"""What waits for the gate lies encrypted on disk: one file a batch, one key beside them, all for this user alone."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY, NONCE = 32, 12
ENDING = ".batch"


class Changed(Exception):
    """A file does not open: it was changed, or exchanged, or was sealed under a key that is gone."""


class Buffer:
    """Batches in the order in which they were put. A file is bound to its name: renamed or exchanged it does not open.

    `folder` is made with mode 0700, the key file with 0600. AES-256-GCM, a nonce of its own for each batch.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._key_file, self._signs_file = folder / "key", folder / "signs"
        self._key = self._read_key()

    def _read_key(self) -> bytes:
        if self._key_file.exists():
            self._key_file.chmod(0o600)
            key = self._key_file.read_bytes()
            if len(key) == KEY:
                return key
        key = secrets.token_bytes(KEY)
        self._write(self._key_file, key)
        return key

    def signs(self) -> bytes:
        """The secret under which titles become signs on this device; another one after a wipe."""
        if not self._signs_file.exists():
            self._write(self._signs_file, secrets.token_bytes(KEY))
        return self._signs_file.read_bytes()

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        """Whole or not at all, on the disk before this returns."""
        draft = path.with_name(f".{path.name}.new")
        door = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(door, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    def put(self, batch_id: str, events: int, body: bytes) -> None:
        """The batch is on disk, sealed; a restart finds it."""
        last = max((int(path.name.split("-", 1)[0]) for path in self._files()), default=0)
        name = f"{last + 1:012d}-{events}-{batch_id}{ENDING}"
        self.keep(name, body)

    def keep(self, name: str, content: bytes) -> None:
        """The file of this name is on disk, sealed."""
        nonce = secrets.token_bytes(NONCE)
        self._write(self._folder / name, nonce + AESGCM(self._key).encrypt(nonce, content, name.encode()))

    def kept(self, name: str) -> bytes | None:
        """What was kept under this name; None where there is nothing. Raises Changed."""
        try:
            sealed = (self._folder / name).read_bytes()
            return AESGCM(self._key).decrypt(sealed[:NONCE], sealed[NONCE:], name.encode())
        except FileNotFoundError:
            return None
        except (InvalidTag, ValueError):
            raise Changed from None

    def _files(self) -> list[Path]:
        return sorted(path for path in self._folder.glob(f"*{ENDING}") if not path.name.startswith("."))

    def __len__(self) -> int:
        return len(self._files())

    @property
    def events(self) -> int:
        return sum(int(path.name.split("-", 2)[1]) for path in self._files())

    def waiting(self) -> Iterator[tuple[Path, bytes]]:
        """(file, body), the oldest first. What does not open any more (another key, a broken disk) is removed: it could
        never be sent."""
        for path in self._files():
            try:
                body = self.kept(path.name)
            except Changed:
                self.done(path)
                continue
            if body is not None:
                yield path, body

    @staticmethod
    def done(path: Path) -> None:
        path.unlink(missing_ok=True)

    def wipe(self) -> int:
        """Nothing of it can be read any more: the key is destroyed first, then the files. How many events there were."""
        events = self.events
        self._signs_file.unlink(missing_ok=True)  # what was a sign before means nothing afterwards
        size = self._key_file.stat().st_size
        self._write(self._key_file, bytes(size))
        self._key_file.unlink()
        for path in self._files():
            self.done(path)
        self._key = self._read_key()
        return events
