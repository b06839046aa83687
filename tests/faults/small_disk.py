"""A disk on which nothing more fits, without any privilege: from now on no file of these processes may grow beyond a size.

The write fails where a full disk would fail it (EFBIG in place of ENOSPC), and nothing else changes.
"""

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator

from governance.setup.postgres import Cluster

SEGMENT = (
    16 * 1024 * 1024
)  # of the WAL: what is in use can still be written, a table of that size cannot grow


def _processes(server: Cluster) -> list[int]:
    postmaster = server.pid()
    assert postmaster is not None
    shown = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True, check=False
    )
    return [postmaster, *map(int, shown.stdout.split())]


def fill(server: Cluster, most: int) -> None:
    """No file of this PostgreSQL grows beyond `most` bytes; 0: not even its WAL can be written."""
    for pid in _processes(server):
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def empty(server: Cluster) -> None:
    """There is space again."""
    for pid in _processes(server):
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextlib.contextmanager
def filled(server: Cluster, most: int) -> Iterator[None]:
    fill(server, most)
    try:
        yield
    finally:
        empty(server)


def fill_mine(most: int) -> None:
    """The same for this process; what it prints goes nowhere, or it would fail there."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def pad(server: Cluster, database: str, table: str, insert: str) -> None:
    """The table is as large as a segment of the WAL, and no page of it has room: `insert` adds a row of nearly a page."""
    while int(server.psql(f"SELECT pg_relation_size('{table}')", database)) < SEGMENT:
        server.psql(insert, database)
