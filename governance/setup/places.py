"""Where set-up keeps what it makes: all under the checkout, but for socket folders with short names."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
# A unix socket's path holds 107 bytes; the longest name put into the folder is ".s.PGSQL.5432".
LONGEST_SOCKET_FOLDER = 90


@dataclass(frozen=True)
class Places:
    """The folders of one running Sammati: `var` is its state, `build` what was built for all."""

    var: Path
    build: Path = CHECKOUT / "build"

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Places":
        """The folders that SAMMATI_VAR and SAMMATI_BUILD name, else those of the checkout."""
        return cls(
            var=Path(environ.get("SAMMATI_VAR") or CHECKOUT / "var").absolute(),
            build=Path(environ.get("SAMMATI_BUILD") or CHECKOUT / "build").absolute(),
        )

    @property
    def secrets(self) -> Path:
        return self.var / "secrets"

    @property
    def postgres(self) -> Path:
        return self.var / "pg"

    @property
    def broker(self) -> Path:
        return self.var / "valkey"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def temporary(self) -> Path:
        """TMPDIR of every process we start: what they spill can be searched; wiped at the next start."""
        return self.var / "tmp"

    @property
    def logins(self) -> Path:
        return self.var / "demo" / "logins.json"

    def make(self) -> None:
        for folder in (self.var, self.secrets, self.run, self.log, self.temporary, self.logins.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.secrets.chmod(0o700)


def socket_folder(run: Path) -> Path:
    """A private folder for sockets: `run`, or a short one in the temp folder where that path is too long.

    The short one is written down in `run/sockets`, so that the next start finds the servers that survived.
    """
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    if len(os.fsencode(run)) <= LONGEST_SOCKET_FOLDER:
        return run
    note = run / "sockets"
    if note.exists():
        folder = Path(note.read_text().strip())
        # The temp folder is everybody's: a folder of that name that is not ours is never used.
        if folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid in (os.geteuid(), 65534):
            return folder
    folder = Path(tempfile.mkdtemp(prefix="sammati-", dir=short_temp()))
    note.write_text(str(folder))
    return folder


def leave_socket_folder(run: Path) -> None:
    """Remove the short folder that `socket_folder` made, if it made one."""
    note = run / "sockets"
    if note.exists():
        shutil.rmtree(note.read_text().strip(), ignore_errors=True)
        note.unlink()


def short_temp() -> str:
    """The system's temp folder, or /tmp where TMPDIR is itself too deep for a socket."""
    folder = tempfile.gettempdir()
    return folder if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER - 20 else "/tmp"  # noqa: S108
