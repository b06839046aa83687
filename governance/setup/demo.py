"""`./run demo`: from a bare machine to a company in the browser, or with --once to the job's figures."""

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from governance.setup import bucket, libraries, packages, servers, web
from governance.setup.environment import OWNER_READS, READS, SEED_READS, for_process
from governance.setup.locks import in_turn, only_one
from governance.setup.passwords import write_private
from governance.setup.places import CHECKOUT, Places
from governance.setup.processes import Supervisor, stop_survivors
from governance.setup.say import Problem, last_lines, step, tell
from governance.setup.stamps import Stamps, fingerprint

PYTHON = sys.executable
USUAL_PORT = 8000
OWN_LOGS = CHECKOUT / "governance" / "demo" / "logs"
CELERY = [PYTHON, "-m", "celery", "-A", "governance.celery"]
WORKER = [*CELERY, "worker", "--concurrency", "1", "-O", "fair", "--without-gossip", "--without-mingle"]
QUEUES = {"worker": "default", "eraser": "eraser", "exporter": "exporter,signer"}


def read_arguments(arguments: list[str], called_from: Path) -> argparse.Namespace:
    """The options of `./run demo`; raises Problem for a date or a file that cannot be used."""
    parser = argparse.ArgumentParser(
        prog="./run demo", description="A running Sammati with a believable company."
    )
    parser.add_argument(
        "--once", action="store_true", help="do the whole job in a throw-away folder, print figures"
    )
    parser.add_argument("--ui-log", metavar="FILE", help="a UI log of the Action Logger (with --once)")
    parser.add_argument("--mouse-log", metavar="DIR", help="mouse logs in Balabit's format (with --once)")
    parser.add_argument("--on", metavar="DATE", help="the law of this day, YYYY-MM-DD")
    parser.add_argument(
        "--relaunch", action="store_true",
        help="bring a stopped programme back as well, after the whole self-test: some minutes (with --once)",
    )  # fmt: skip
    parser.add_argument("--port", type=int, help=f"the port (default {USUAL_PORT}, else a free one)")
    asked = parser.parse_args(arguments)
    if (asked.ui_log or asked.mouse_log) and not asked.once:
        parser.error("--ui-log and --mouse-log go with --once")
    if asked.relaunch and not asked.once:
        parser.error(
            "--relaunch goes with --once; without it the programme comes back by itself after some minutes"
        )
    asked.ui_log = _existing(asked.ui_log, called_from, Path.is_file) or OWN_LOGS / "expenses.csv"
    asked.mouse_log = _existing(asked.mouse_log, called_from, Path.is_dir) or OWN_LOGS / "mouse"
    if asked.on:
        try:
            asked.on = date.fromisoformat(asked.on).isoformat()
        except ValueError:
            raise Problem(f"--on needs a day written like 2027-06-01, not '{asked.on}'.") from None
    return asked


def prepare(places: Places, *, also: Sequence[str] = ()) -> dict[str, str]:
    """Everything that is fetched and built is there; returns what our processes must be told about PDFs."""
    stamps = Stamps(places.var / "stamps")
    with in_turn(places.var / "setup.lock"):
        packages.python_packages(places, stamps, also=also)
        packages.front_end(places, stamps)
        return libraries.pango(places, stamps)


def run(arguments: list[str], places: Places, called_from: Path) -> int:
    """The demo until Ctrl-C, or once; returns the exit code."""
    asked = read_arguments(arguments, called_from)
    about_pdfs = prepare(places, also=["demo"])
    if not asked.once:
        with only_one(places.var / "lock", "Sammati"):
            return _serve(asked, places, about_pdfs)
    throwaway = Places(var=places.var / "once", build=places.build)
    with only_one(places.var / "once.lock", "./run demo --once"):
        clear(throwaway)
        return _serve(asked, throwaway, about_pdfs)


def clear(places: Places) -> None:
    """End what an earlier run left in this throw-away folder and remove it."""
    if places.var.exists():
        servers.stop_all(places)
        shutil.rmtree(places.var, ignore_errors=True)


def _serve(asked: argparse.Namespace, places: Places, about_pdfs: Mapping[str, str]) -> int:
    more = {**about_pdfs} | ({"SAMMATI_TODAY": asked.on} if asked.on else {})
    os.umask(0o077)  # whatever our processes write, only we may read
    places.make()
    for ended in stop_survivors(places.run):
        tell(f"  ended '{ended}', which an earlier run had left behind")
    shutil.rmtree(places.temporary, ignore_errors=True)
    places.temporary.mkdir(mode=0o700)
    door = listen(asked.port)
    port = door.getsockname()[1]
    running = None
    supervisor = Supervisor(places.run, places.log, CHECKOUT)
    try:
        with step("Starting the database, the broker and the company's bucket"):
            bucket.start(supervisor, places)
            running = servers.start(places)
            bucket.urls(supervisor, places)
            running.urls |= own_systems(places)
        fill(places, running, more)
        with step("Starting web, workers and timetable"):
            address = f"http://127.0.0.1:{port}"
            more = {"SAMMATI_URL": address, **more}  # printed on documents as the place to check them
            door.close()
            start_processes(supervisor, places, running.urls, more, port)
            wait_until_healthy(address, supervisor)
        if not asked.once:
            start_agent(supervisor, places, running.urls, more, address)
            start_selftest(supervisor, places, running.urls, more)
        if asked.relaunch:
            start_selftest(supervisor, places, running.urls, more, at_once=True)
        if asked.once:
            return tell_story(asked, places, running.urls, more, address, supervisor)
        welcome(address, places)
        while True:
            time.sleep(0.5)
            supervisor.check()
    finally:
        tell("· Stopping …")
        supervisor.stop()
        if running:
            running.stop()


def own_systems(places: Places) -> dict[str, str]:
    """Where the demo company's systems lie that are no database of ours: its doors' file, its bucket."""
    doors = f"sqlite:///{places.var / 'badges.db'}"
    return {"BADGES_URL": doors, "BADGES_READ_URL": doors, **bucket.known(places)}


def fill(places: Places, running: servers.Servers, more: Mapping[str, str]) -> None:
    """Tables, privileges, static files and the company are there; repeated when their code changed."""
    # These stamps lie beside the data, and go with it.
    stamps = Stamps((running.cluster.home if running.cluster else places.var) / "stamps")
    code = [CHECKOUT / "governance", CHECKOUT / "manage.py", CHECKOUT / "requirements.txt"]
    law_date = more.get("SAMMATI_TODAY", "")
    # A database given by URL may have been emptied since: then nothing is taken for done. Our own is known by
    # where its stamps lie; its URL names a folder for sockets, which may be another one at each start.
    where = f"{running.urls['OWNER_DATABASE_URL']} {time.time_ns()}" if running.databases_given else ""
    tables, static, company = (
        fingerprint(code, where),
        fingerprint([CHECKOUT / "static", places.build / "vendor", *code]),
        fingerprint(code, where, law_date),
    )
    if not stamps.holds("tables", tables):
        with step("Making the tables and granting each process its own"):
            manage(["migrate", "--no-input", "--verbosity", "0"], "owner", running.urls, places, more)
            manage(["grants"], "owner", running.urls, places, more)
        stamps.put("tables", tables)
    common = Stamps(places.build)
    if not (common.holds("static.stamp", static) and (places.build / "static" / "staticfiles.json").exists()):
        with step("Collecting the static files"), in_turn(places.build / "static.lock"):
            # Without the old manifest, the settings would choose a storage that writes none.
            told = {**more, "SAMMATI_MANIFEST_STATIC": "1"}
            manage(
                ["collectstatic", "--no-input", "--clear", "--verbosity", "0"],
                "web",
                running.urls,
                places,
                told,
            )
        common.put("static.stamp", static)
    if not (stamps.holds("company", company) and places.logins.exists()):
        with step("Filling the company"):
            printed = manage(["seed"], "web", running.urls, places, more, reads=SEED_READS)
            logins = next(
                (line for line in reversed(printed.splitlines()) if line.startswith(("{", "["))), ""
            )
            if not logins:
                raise Problem(
                    "`manage.py seed` printed no line of logins. This is a fault of Sammati itself."
                )
            write_private(places.logins, logins + "\n")
        stamps.put("company", company)


def manage(
    arguments: list[str],
    process: str,
    urls: Mapping[str, str],
    places: Places,
    more: Mapping[str, str],
    reads: tuple[str, ...] | None = None,
) -> str:
    """Run manage.py to the end as this process and return what it printed; raises Problem when it failed."""
    environ = for_process(process, urls, places, reads=reads, more=more)
    ran = subprocess.run(
        [PYTHON, "manage.py", *arguments], cwd=CHECKOUT, env=environ,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ran.returncode != 0:
        raise Problem(
            f"`manage.py {' '.join(arguments)}` failed (code {ran.returncode}):\n"
            f"{last_lines(ran.stderr or ran.stdout)}"
        )
    return ran.stdout


def start_processes(
    supervisor: Supervisor,
    places: Places,
    urls: Mapping[str, str],
    more: Mapping[str, str],
    port: int,
) -> None:
    """Web, the workers and the timetable, each with only its own database."""
    supervisor.start("web", web.command(port), for_process("web", urls, places, more=more))
    for process, queues in QUEUES.items():
        command = [*WORKER, "-Q", queues, "-n", f"{process}@sammati", "--loglevel", "warning"]
        supervisor.start(process, command, for_process(process, urls, places, more=more))
    # The press has a process of its own, with the worker's login: a long register holds up nothing else.
    press = [*WORKER, "-Q", "press", "-n", "press@sammati", "--loglevel", "warning"]
    supervisor.start("press", press, for_process("worker", urls, places, more=more))
    timetable = [
        *CELERY,
        "beat",
        "--schedule",
        str(places.run / "timetable"),
        "--pidfile=",
        "--loglevel",
        "warning",
    ]
    supervisor.start("beat", timetable, for_process("worker", urls, places, more=more))


def start_agent(
    supervisor: Supervisor, places: Places, urls: Mapping[str, str], more: Mapping[str, str], address: str
) -> None:
    """The capture client of the demo company: it posts for everybody, and the gate decides."""
    environ = for_process("web", urls, places, reads=SEED_READS, more=more)
    supervisor.start("agent", [PYTHON, "manage.py", "agent", "--base-url", address], environ)


def start_selftest(
    supervisor: Supervisor,
    places: Places,
    urls: Mapping[str, str],
    more: Mapping[str, str],
    *,
    at_once: bool = False,
) -> None:
    """Tries four times a day, with the web's login, to reach what nobody may reach."""
    command = [PYTHON, "manage.py", "selftest", "--every", str(6 * 3600)]
    command += ["--first", "0"] if at_once else []
    supervisor.start("selftest", command, for_process("web", urls, places, more=more))


def listen(port: int | None) -> socket.socket:
    """A listening socket on 127.0.0.1 that keeps the port for our web process, until it starts."""
    for wanted in [port] if port else [USUAL_PORT, 0]:
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError):
            door.close()
            continue
        door.listen()
        return door
    raise Problem(
        f"Port {port} is taken or not allowed. Name another with --port, or leave it out for a free one."
    )


def wait_until_healthy(address: str, supervisor: Supervisor, seconds: float = 90) -> None:
    """Return once the web answers 200 at /healthz; raise Problem when a process ended or the time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        supervisor.check()
        with (
            contextlib.suppress(OSError),  # of which URLError is one
            urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer,  # noqa: S310  our own address
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    told = supervisor.log / "web.log"
    raise Problem(
        f"The web did not become healthy in {seconds:.0f} s. The end of {told}:\n"
        f"{last_lines(told.read_text(errors='replace'))}"
    )


def tell_story(
    asked: argparse.Namespace,
    places: Places,
    urls: Mapping[str, str],
    more: Mapping[str, str],
    address: str,
    supervisor: Supervisor,
) -> int:
    """Run the whole job against the running processes; its stdout is ours, its exit code too."""
    command = [PYTHON, "manage.py", "story", "--base-url", address]
    command += ["--ui-log", str(asked.ui_log), "--mouse-log", str(asked.mouse_log)]
    command += ["--on", asked.on] if asked.on else []
    command += ["--relaunch"] if asked.relaunch else []
    told = {**more, "SAMMATI_STORY_LOGINS": str(places.logins)}
    # The story also plays the company's data team, which writes into the company's own stores.
    environ = for_process("exporter", urls, places, reads=(*READS["exporter"], *OWNER_READS), more=told)
    story = subprocess.Popen(
        command, cwd=CHECKOUT, env=environ, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        while story.poll() is None:
            time.sleep(0.1)
            supervisor.check()
    finally:
        if story.poll() is None:
            story.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                story.wait(5)
            story.kill()
            story.wait()
    return story.returncode


def welcome(address: str, places: Places) -> None:
    """Print the address and who can sign in with what."""
    print(f"\nSammati is running: {address}\n")
    logins = json.loads(places.logins.read_text())
    people = logins.get("people", logins) if isinstance(logins, dict) else logins
    entries = people.values() if isinstance(people, dict) else people
    for entry in entries:
        if isinstance(entry, dict):
            print("  " + "  ".join(str(value) for value in entry.values() if isinstance(value, str)))
    print(f"\nThe logins stand in {os.path.relpath(places.logins)}. Ctrl-C stops everything.", flush=True)


def _existing(name: str | None, called_from: Path, fits: object) -> Path | None:
    if name is None:
        return None
    path = (called_from / name).resolve()
    if not fits(path):  # type: ignore[operator]
        raise Problem(f"{path} does not exist or is not of the right kind. Check the path that you gave.")
    return path
