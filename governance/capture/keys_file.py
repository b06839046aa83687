"""Key-encryption keys as files: <month>.pub for the eraser, <month>.key for the exporter; a second of a month is <month>.2."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from governance.lib import clock, sealing
from governance.lib.deadlines import add_months


def month_name(day: date) -> str:
    return f"{day:%Y-%m}"


def make_kek(name: str, home: Path | None = None) -> None:
    """The pair of that name, if it is not there."""
    home = home or settings.KEY_HOME
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (home / f"{name}.key").exists():
        return
    pair = sealing.new_pair()
    for suffix, content in (("key", pair.private), ("pub", pair.public)):
        handle = os.open(home / f"{name}.{suffix}", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _order(name: str) -> tuple[str, int]:
    month, _dot, number = name.partition(".")
    return month, int(number or 1)


class FileKeys:
    def __init__(self) -> None:
        self.home = settings.KEY_HOME

    def prepare(self, day: date) -> None:
        """This month's and the next month's: with the eraser on another machine there is time to bring it the public half."""
        month = day.replace(day=1)
        for one in (month, add_months(month, 1)):
            make_kek(month_name(one), self.home)

    def new(self) -> str:
        month, number = _order(self.newest())
        this = month_name(clock.now().date())
        name = f"{this}.{number + 1}" if month == this else this
        make_kek(name, self.home)
        return name

    def newest(self) -> str:
        """This month's, or the newest before it. Next month's waits its turn."""
        this = month_name(clock.now().date())
        names = [path.name.removesuffix(".pub") for path in self.home.glob("*.pub")]
        found = sorted((name for name in names if _order(name)[0] <= this), key=_order)
        if not found:
            raise FileNotFoundError("There is no key-encryption key yet: run manage.py grants.")
        return found[-1]

    def made_at(self, kek: str) -> datetime:
        return datetime.fromtimestamp((self.home / f"{kek}.pub").stat().st_mtime, UTC)

    def wrap(self, stream: UUID, private: bytes) -> tuple[str, bytes]:
        kek = self.newest()
        return kek, sealing.seal((self.home / f"{kek}.pub").read_bytes(), private, _info(stream))

    def unwrap(self, kek: str, stream: UUID, wrapped: bytes) -> bytes:
        try:
            own = (self.home / f"{kek}.key").read_bytes()
        except FileNotFoundError:
            raise sealing.CannotOpen from None
        return sealing.unseal(own, wrapped, _info(stream))

    def can_open(self) -> bool:
        try:
            return bool((self.home / f"{self.newest()}.key").read_bytes())
        except OSError:
            return False

    def destroy(self, kek: str) -> None:
        """The files go. What a disk or a backup of the folder still holds is its administrator's to say."""
        for suffix in ("key", "pub"):
            (self.home / f"{kek}.{suffix}").unlink(missing_ok=True)


def _info(stream: UUID) -> bytes:
    return b"sammati stream key 1|" + stream.bytes
