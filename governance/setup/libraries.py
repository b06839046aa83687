"""What comes from the system's packages: Pango, which draws PDFs; Chromium and MariaDB for the tests."""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

from governance.setup.places import CHECKOUT, Places
from governance.setup.say import step, tell
from governance.setup.stamps import Stamps, fingerprint

PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
NO_PDF = {"SAMMATI_NO_PDF": "1"}
MARIADB = "mariadb-server-core"  # the server alone: nothing is started, no database of the machine is made
SBIN = "/usr/local/sbin:/usr/sbin"  # where Debian puts servers: not on everybody's PATH


def pango(places: Places, stamps: Stamps) -> dict[str, str]:
    """What our processes must be told about PDFs: nothing, where unpacked libraries lie, or NO_PDF.

    Never fails: without Pango everything but PDFs works, and a sentence says so.
    """
    mark = fingerprint([CHECKOUT / "requirements.txt"], sys.prefix)
    if stamps.holds("pango", mark) or draws({}):
        stamps.put("pango", mark)
        return {}
    root = places.var / "deb" / "root"
    unpacked = where_unpacked(root)
    if unpacked and draws(unpacked):
        return unpacked
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Installing Pango, which draws the PDFs (apt-get)"):
            install(*PANGO)
        if draws({}):
            stamps.put("pango", mark)
            return {}
    if shutil.which("apt-get") and shutil.which("dpkg-deb"):
        with step("Fetching Pango, which draws the PDFs, into var/deb"):
            unpack(places.var / "deb", PANGO)
        unpacked = where_unpacked(root)
        if unpacked and draws(unpacked):
            return unpacked
    tell(
        "  Pango is missing and could not be fetched, so there will be no PDFs; all else works. To have "
        "them: "
        f"apt-get install {' '.join(PANGO)}, then start again."
    )
    return dict(NO_PDF)


def draws(more: dict[str, str]) -> bool:
    """Whether WeasyPrint finds its libraries in a child process that is told this."""
    command = [sys.executable, "-c", "import weasyprint"]
    return subprocess.run(command, env=os.environ | more, capture_output=True, check=False).returncode == 0


def pango_in_this_process() -> bool:
    """Whether Pango would be found now: LD_LIBRARY_PATH was read when this process began."""
    try:
        ctypes.CDLL("libpango-1.0.so.0")
    except OSError:
        return False
    return True


def where_unpacked(root: Path) -> dict[str, str]:
    """The variables by which a child process finds libraries unpacked in this folder; empty without any."""
    folders = sorted({str(found.parent) for found in root.glob("usr/lib/**/lib*.so.*")})
    if not folders:
        return {}
    present = [folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
    return {"LD_LIBRARY_PATH": ":".join([*folders, *(folder for folder in present if folder not in folders)])}


def install(*names: str) -> bool:
    """apt-get as root, quietly, without what is merely recommended. False when it did not work.

    Nothing is taken away for it: a package that would push out one of the machine's own is not installed.
    """
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-remove", "--no-install-recommends", *names]):
        try:
            ran = subprocess.run(
                ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=60", *command],
                env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=900, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return False
    return ran.returncode == 0


def unpack(folder: Path, names: tuple[str, ...]) -> bool:
    """Without root: the packages and all they depend on, downloaded and unpacked into `<folder>/root`."""
    lists, cache, root = folder / "lists", folder / "cache", folder / "root"
    for path in (lists / "partial", cache / "archives" / "partial", root):
        path.mkdir(parents=True, exist_ok=True)
    ours = [
        "-qq",
        "-o",
        f"Dir::State::lists={lists}",
        "-o",
        f"Dir::Cache={cache}",
        "-o",
        "Debug::NoLocking=1",
    ]
    ours += ["-o", "APT::Sandbox::User=", "-o", "Dir::State::status=/var/lib/dpkg/status"]

    def apt(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [program, *ours, *arguments], cwd=cache / "archives", stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=900, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return subprocess.CompletedProcess([program], 1, "", "")

    if apt("apt-get", "update").returncode != 0:
        return False
    options = [
        "--recurse",
        "--no-recommends",
        "--no-suggests",
        "--no-conflicts",
        "--no-breaks",
        "--no-replaces",
    ]
    shown = apt("apt-cache", "depends", *options, "--no-enhances", "--no-pre-depends", *names)
    wanted = {line.strip() for line in shown.stdout.splitlines() if line and line[0] not in " <"}
    # The C library must be the machine's own: another one beside it would not even load.
    wanted = {
        name for name in wanted if not name.startswith(("libc6", "libgcc", "gcc-", "dpkg", "debconf", "perl"))
    }
    if shown.returncode != 0 or apt("apt-get", "download", *sorted(wanted)).returncode != 0:
        return False
    debs = sorted((cache / "archives").glob("*.deb"))
    return all(subprocess.run(["dpkg-deb", "-x", deb, root], check=False).returncode == 0 for deb in debs)


def chromium() -> str | None:
    """A Chromium for the browser tests; as root it is installed if missing. None: those tests are skipped."""
    named = os.environ.get("SAMMATI_CHROMIUM")
    if named:
        return named
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Installing Chromium for the browser tests (apt-get)"):
            install("chromium")
        found = shutil.which("chromium")
    if found is None:
        tell(
            "  No Chromium: the tests that walk the pages in a browser are skipped. To run them: install "
            "chromium."
        )
    return found


def mariadb(places: Places) -> str | None:
    """A MariaDB server for the connectors' tests: the machine's, else installed as root, else unpacked into var.

    None: those tests are skipped, and a sentence says so.
    """
    named = os.environ.get("SAMMATI_MARIADBD")
    if named:
        return named
    home = places.var / "deb-mariadb"
    found = _mariadbd(home)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Installing MariaDB for the connectors' tests (apt-get)"):
            install(MARIADB)
        found = _mariadbd(home)
    if found is None and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        with step("Fetching MariaDB for the connectors' tests into var/deb-mariadb"):
            unpack(home, (MARIADB,))
        found = _mariadbd(home)
    if found is None:
        tell(
            "  No MariaDB: the tests that erase in one are skipped. To run them: apt-get install "
            f"{MARIADB}, or name the server with SAMMATI_MARIADBD=/path/to/mariadbd."
        )
    return found


def _mariadbd(home: Path) -> str | None:
    """The machine's server, or the one unpacked in this folder."""
    unpacked = home / "root" / "usr" / "sbin" / "mariadbd"
    found = shutil.which("mariadbd", path=f"{os.environ.get('PATH', os.defpath)}:{SBIN}")
    return found or (str(unpacked) if unpacked.is_file() else None)
