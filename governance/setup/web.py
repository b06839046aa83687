"""The web process: granian before a WSGI application (decisions/0069)."""

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

Application = Callable[..., Iterable[bytes]]
WORKERS, THREADS = 2, 4
LAST_WORDS = 5  # seconds that an answer may still take when the process is asked to end
KEPT = 600  # seconds that a thread is kept idle, and with it its connection to the database; the longest that granian knows
END_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux' prctl(2)
# Of the request, also where the environment of the process has one of the same name.
OF_A_REQUEST = {
    "CONTENT_LENGTH", "CONTENT_TYPE", "GATEWAY_INTERFACE", "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "REMOTE_PORT",
    "REQUEST_METHOD", "SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE",
}  # fmt: skip


def command(
    port: int | str, *, app: str = "governance.wsgi", workers: int = WORKERS, threads: int = THREADS
) -> list[str]:
    """What starts it on 127.0.0.1."""
    told = {"--port": port, "--app": app, "--workers": workers, "--threads": threads}
    return [sys.executable, "-m", __name__, *(str(word) for pair in told.items() for word in pair)]


def load(module: str) -> Application:
    """The module's `application`, in a process that serves. It ends when the process that started it is no more."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(END_WITH_PARENT, signal.SIGTERM)
    application: Application = import_module(module).application
    return of_the_request_alone(application, set(os.environ))


def of_the_request_alone(application: Application, ours: set[str]) -> Application:
    """granian hands over the environment of the process with every request. Passwords stand in it; no page gets them."""
    hidden = tuple(ours - OF_A_REQUEST)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        for name in hidden:
            environ.pop(name, None)
        return application(environ, start_response)

    return answer


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m governance.setup.web",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--port", type=int, required=True, help="where it listens")
    parser.add_argument("--host", default="127.0.0.1", help="on which address of this machine")
    parser.add_argument("--app", default="governance.wsgi", help="the module that holds `application`")
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes: one for each core")
    parser.add_argument("--threads", type=int, default=THREADS, help="requests that each works on at once")
    asked = parser.parse_args(arguments)
    from granian import Granian  # here: `command` is asked for before the packages are there
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    server = Granian(
        asked.app, asked.host, asked.port, interface=Interfaces.WSGI, workers=asked.workers, blocking_threads=asked.threads,
        blocking_threads_idle_timeout=KEPT, http=HTTPModes.http1, websockets=False, log_level=LogLevels.error,
        respawn_failed_workers=True, workers_kill_timeout=LAST_WORDS,
    )  # fmt: skip
    server.serve(target_loader=load)


if __name__ == "__main__":
    main(sys.argv[1:])
