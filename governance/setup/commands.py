"""The smaller commands: test, bench, manage, stop."""

import os
import shutil
import signal
import subprocess
import sys
import time

from governance.setup import demo, libraries, locks, servers
from governance.setup.environment import READS, SEED_READS, for_process
from governance.setup.places import CHECKOUT, Places
from governance.setup.say import Problem, tell

# They look into the connected systems, which only the eraser has the logins of.
AS_ERASER = ("check_maps", "replay_erasures")
AS_OWNER = ("migrate", "grants", "makemigrations", "sqlmigrate", "showmigrations")


def test(arguments: list[str], places: Places) -> int:
    """Set up what tests need, then run pytest, whose plugin tests/servers.py starts the servers."""
    about_pdfs = demo.prepare(places, also=["dev"])
    environ = os.environ | about_pdfs
    if "--night" in arguments:
        environ["SAMMATI_NIGHT"] = "1"
        arguments = [argument for argument in arguments if argument != "--night"]
    if not _names_workers(arguments):
        # One more than there are cores: a third of their time tests wait for processes that they started.
        workers = (os.cpu_count() or 2) + 1
        arguments = ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder", *arguments]
    found = libraries.chromium()
    if found:
        environ["SAMMATI_CHROMIUM"] = found
    server = libraries.mariadb(places)
    if server:
        environ["SAMMATI_MARIADBD"] = server
    return _follow([sys.executable, "-m", "pytest", *arguments], environ)


def bench(arguments: list[str], places: Places) -> int:
    """The measurements, on throw-away servers that keep what they write as safely as real ones."""
    about_pdfs = demo.prepare(places, also=["dev"])
    throwaway = Places(var=places.var / "bench", build=places.build)
    with locks.only_one(places.var / "bench.lock", "./run bench"):
        demo.clear(throwaway)
        running = servers.start(throwaway, environ={}, for_tests=True)
        try:
            more = {**about_pdfs, **running.urls, "SAMMATI_BENCH": str(places.var / "bench.json")}
            environ = for_process("owner", running.urls, throwaway, more=more)
            return _follow([sys.executable, "-m", "tests.bench", *arguments], environ)
        finally:
            running.stop()
            shutil.rmtree(throwaway.var, ignore_errors=True)


def manage(arguments: list[str], places: Places) -> int:
    """manage.py as one process, with the running demo's servers or the same ones started for this command."""
    process, rest = who(arguments)
    about_pdfs = demo.prepare(places)
    os.umask(0o077)
    reads = SEED_READS if rest[:1] == ["seed"] else None
    held = locks.is_held(places.var / "lock")
    if held:
        # Another ./run holds the servers; starting them once more finds them running.
        urls = servers.start(places).urls | demo.own_systems(places)
        environ = for_process(process, urls, places, reads=reads, more=about_pdfs)
        return _follow([sys.executable, "manage.py", *rest], environ)
    with locks.only_one(places.var / "lock", "Sammati"):
        running = servers.start(places)
        try:
            environ = for_process(process, running.urls, places, reads=reads, more=about_pdfs)
            return _follow([sys.executable, "manage.py", *rest], environ)
        finally:
            running.stop()


def stop(places: Places) -> int:
    """End the running ./run of this folder as Ctrl-C would, then whatever else still runs from here."""
    stopped = []
    throwaways = [Places(var=places.var / name, build=places.build) for name in ("once", "bench")]
    for lock in (places.var / "lock", places.var / "once.lock", places.var / "bench.lock"):
        holder = locks.holder_of(lock)
        if locks.is_held(lock) and holder:
            os.kill(holder, signal.SIGINT)
            until = time.monotonic() + 60
            while locks.is_held(lock) and time.monotonic() < until:
                time.sleep(0.1)
            stopped.append(f"process {holder}")
    for folder in (places, *throwaways):
        if folder.var.exists():
            stopped += servers.stop_all(folder)
    tell(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running from this folder.")
    return 0


def who(arguments: list[str]) -> tuple[str, list[str]]:
    if arguments[:1] == ["--as"]:
        if len(arguments) < 2 or arguments[1] not in READS:
            raise Problem(f"--as needs one of {', '.join(READS)}.")
        return arguments[1], arguments[2:]
    command = arguments[0] if arguments else ""
    return "owner" if command in AS_OWNER else "eraser" if command in AS_ERASER else "web", arguments


def _names_workers(arguments: list[str]) -> bool:
    return any(argument.startswith(("-n", "--numprocesses")) or argument == "--pdb" for argument in arguments)


def _follow(command: list[str], environ: dict[str, str]) -> int:
    """Run in our terminal until it ends; Ctrl-C reaches it too, and we wait for its own clean-up."""
    child = subprocess.Popen(command, cwd=CHECKOUT, env=environ)
    try:
        return child.wait()
    except BaseException:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
        raise
