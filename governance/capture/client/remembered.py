"""What the client knew before it was switched off, sealed beside the buffer: the last policy, a no, the receipts it owes; and the
person's pause."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from governance.capture.client.buffer import Buffer, Changed

HOURS = 24  # how long a policy is relied on away from the portal, where the policy itself does not say it
AHEAD = timedelta(
    minutes=5
)  # as far as clocks may differ; a moment further ahead means that one was set back
OFTEN = timedelta(minutes=1)  # a moment alone is not written more often than this


class Known(msgspec.Struct):
    """`policy` as the portal gave it, and at `given_at` said that it still holds; `said_no`: the gate's last word about the
    person was no; `let_in`: something was, since then; `owed`: receipts of wipes that the gate has not taken yet."""

    policy: dict[str, Any] | None = None
    etag: str = ""
    given_at: datetime | None = None
    said_no: bool = False
    let_in: bool = False
    owed: list[dict[str, Any]] = []

    def holds(self, now: datetime) -> bool:
        """May it be relied on at this moment? The gate decides again, of everything that arrives."""
        if self.policy is None or self.given_at is None:
            return False
        most = timedelta(hours=self.policy["limits"].get("offline_hours", HOURS))
        return -AHEAD <= now - self.given_at <= most


class Memory:
    """One file for a person at a device in a programme; its name is theirs, and it opens under no other name."""

    def __init__(self, buffer: Buffer, folder: Path, *, programme: str, device: str, user: str) -> None:
        whose = hashlib.sha256(msgspec.json.encode([programme, device, user])).hexdigest()[:32]
        self._buffer, self._name, self._pause = buffer, f"known-{whose}", folder / f"paused-{whose}"
        self._written: tuple[bytes, datetime | None] | None = None

    def read(self) -> Known:
        """What was known; nothing where nothing was kept. Raises Changed: the file is not what this client kept for this
        person, and nothing of it is used."""
        content = self._buffer.kept(self._name)
        if content is None:
            return Known()
        try:
            return msgspec.json.decode(content, type=Known)
        except msgspec.MsgspecError:
            raise Changed from None

    def write(self, known: Known) -> None:
        """It is on disk, sealed. Where only the moment is another, once a minute."""
        rest = msgspec.json.encode(msgspec.structs.replace(known, given_at=None))
        if self._written is not None and self._written[0] == rest and not self._is_later(known.given_at):
            return
        self._buffer.keep(self._name, msgspec.json.encode(known))
        self._written = rest, known.given_at

    def _is_later(self, at: datetime | None) -> bool:
        last = self._written[1] if self._written else None
        return at is not None and (last is None or abs(at - last) >= OFTEN)

    def forget(self) -> None:
        """The key was destroyed, so what lies there opens no more: it is written anew."""
        self._written = None

    @property
    def paused(self) -> bool:
        """A file without content: whoever breaks what is sealed does not undo a pause."""
        return self._pause.exists()

    def pause(self) -> None:
        self._pause.touch(mode=0o600)

    def resume(self) -> None:
        self._pause.unlink(missing_ok=True)
