"""As whom PostgreSQL runs. It refuses root, and anybody whose number has no name: they climb down a rung."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def namespace() -> tuple[str, ...]:
    """The command that runs another one in a user namespace, as a user whom /etc/passwd knows."""
    # initdb looks its user's name up; on a minimal system not even 1000 has one, but daemon (1) does.
    known = next((entry for entry in pwd.getpwall() if entry.pw_uid not in (0, 65534)), None)
    uid, gid = (known.pw_uid, known.pw_gid or 1) if known else (1000, 1000)
    return ("unshare", "--user", f"--map-user={uid}", f"--map-group={gid}", "--")


@dataclass(frozen=True)
class Rung:
    """How a server program is started: as ourselves, in a user namespace, or as nobody."""

    name: str  # "self", "namespace" or "nobody"
    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def run(self, command: Sequence[str | Path], **options: object) -> subprocess.CompletedProcess[str]:
        """Run to the end and return the result with its output as text; a failure raises nothing."""
        options |= self.identity()
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [*self.prefix, *map(str, command)], capture_output=True, text=True, check=False, **options
        )

    def identity(self) -> dict[str, Any]:
        """What `subprocess` must be told to become that user."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give this file or folder to whom the server runs as."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def choose(*, euid: int, has_name: bool, may_unshare: Callable[[], bool]) -> Rung:
    """An ordinary user: as ourselves. Root or a nameless number: in a user namespace, where one is allowed.

    Root without namespaces: as nobody. A nameless number: as ourselves, and initdb will say why not.
    """
    if euid != 0 and has_name:
        return Rung("self")
    if may_unshare():
        return Rung("namespace", prefix=namespace())
    if euid != 0:
        return Rung("self")
    try:
        nobody = pwd.getpwnam("nobody")
        return Rung("nobody", uid=nobody.pw_uid, gid=nobody.pw_gid)
    except KeyError:
        return Rung("nobody", uid=65534, gid=65534)


def here() -> Rung:
    """The rung for this process on this machine."""
    return choose(euid=os.geteuid(), has_name=has_name(os.geteuid()), may_unshare=may_unshare)


def has_name(uid: int) -> bool:
    """Whether /etc/passwd or its like knows this number."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def may_unshare() -> bool:
    """Whether a user namespace can be had here; in many containers it cannot."""
    if shutil.which("unshare") is None:
        return False
    command = [*namespace(), "sh", "-c", "test $(id -u) -ne 0"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def open_to_all(path: Path) -> bool:
    """Whether somebody who is neither owner nor in the group can walk to this folder."""
    return all(part.exists() and part.stat().st_mode & 0o001 for part in (path, *path.parents))
