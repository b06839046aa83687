"""pytest plugin: a throw-away PostgreSQL and broker for the run, there before Django's settings are read.

Loaded by `-p tests.servers` (pyproject.toml), with and without xdist: the first process starts the
servers, the workers inherit their URLs. The pytest process is the owner; tests act as another login by SET
LOCAL ROLE or by `cluster().url("web", database)`. A test that kills a server starts one of its own.
"""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest

from governance.setup import libraries, servers
from governance.setup.environment import ALL_URLS, font_configuration
from governance.setup.places import CHECKOUT, Places, short_temp
from governance.setup.postgres import Cluster, found_cluster
from governance.setup.processes import born
from governance.setup.say import Problem

PREFIX = "sammati-test-"
INHERITED = "SAMMATI_TEST_SERVERS"  # the folder of the servers that the first process started


def folder() -> Path:
    """The throw-away SAMMATI_VAR of this run."""
    return Path(os.environ[INHERITED])


@cache
def cluster() -> Cluster:
    """The cluster of this run: its `url(login, database)` for every login, `psql(sql)` as its superuser.

    Found once in each process: looking for it starts two programs.
    """
    found = found_cluster(folder() / "pg", folder() / "secrets")
    assert found is not None
    found.for_tests, found.durable = True, False
    return found


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the servers and name them in the environment; later, the settings would have been read."""
    if os.environ.get(INHERITED) or any(
        name in early_config.invocation_params.args for name in ("-h", "--help")
    ):
        return
    clear_away_the_dead()
    places = Places(
        Path(tempfile.mkdtemp(prefix=PREFIX, dir=short_temp())), build=Places.of(os.environ).build
    )
    (places.var / "holder").write_text(f"{os.getpid()} {born(os.getpid())}")
    try:
        running = servers.start(places, environ={}, durable=False, for_tests=True)
    except Problem as problem:
        shutil.rmtree(places.var, ignore_errors=True)
        raise pytest.UsageError(f"The servers for the tests did not start. {problem}") from problem

    def end() -> None:
        running.stop()
        shutil.rmtree(places.var, ignore_errors=True)

    early_config.add_cleanup(end)
    for name in ALL_URLS:
        os.environ.pop(name, None)
    os.environ |= running.urls | {
        INHERITED: str(places.var),
        "SAMMATI_PROCESS": "owner",
        "SAMMATI_OPENING_SECONDS": "0",  # where no exporter runs beside the eraser
        "SAMMATI_VAR": str(places.var),
        "SAMMATI_BUILD": str(places.build),
        "SAMMATI_PLAIN_STATIC": "1",
        "FONTCONFIG_FILE": str(font_configuration(places)),
        "PYTHONPATH": str(CHECKOUT),
    }
    if not libraries.pango_in_this_process():
        os.environ.setdefault("SAMMATI_NO_PDF", "1")


def clear_away_the_dead() -> None:
    """Stop and remove the servers of earlier runs that were killed before they could."""
    for left in Path(short_temp()).glob(f"{PREFIX}*"):
        holder = left / "holder"
        if left.is_symlink() or left.stat().st_uid != os.geteuid() or not holder.exists():
            continue
        number, _, moment = holder.read_text().partition(" ")
        if number.isdigit() and born(int(number)) != moment:
            servers.stop_all(Places(left))
            shutil.rmtree(left, ignore_errors=True)
