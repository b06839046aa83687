"""The commands of `./run`."""

import contextlib
import os
import resource
import signal
import sys
from pathlib import Path
from types import FrameType

from governance.setup.places import CHECKOUT, Places
from governance.setup.say import Problem, tell

HELP = """\
./run demo [--once [--relaunch]] [--ui-log FILE] [--mouse-log DIR] [--on DATE] [--port N]
                            a running Sammati with a believable company;
                            --once does the whole job in a throw-away folder and prints its figures
./run test [--night] [pytest's arguments]
                            everything that is tested
./run bench [NAME …]        the measurements, into var/bench.json
./run manage [--as PROCESS] COMMAND …
                            manage.py with one process's database (owner for migrate and grants, eraser for
                            check_maps and replay_erasures, else web)
./run stop                  stop what runs from this folder
./run lock                  write requirements*.txt and package-lock.json anew from *.in and package.json
"""


class Ended(BaseException):
    """SIGINT or SIGTERM came; `code` is what the shell expects."""

    def __init__(self, code: int) -> None:
        self.code = code


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit code. A Problem is told as its sentence, without a traceback."""
    places = Places.of(os.environ)
    called_from = Path(os.environ.get("SAMMATI_CALLED_FROM") or Path.cwd())
    command, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    os.chdir(CHECKOUT)
    # A core dump would hold what the gate refused.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    # By hand: a shell that starts us in the background sets SIGINT to be ignored, and Python would leave
    # it so.
    signal.signal(signal.SIGINT, _end)
    signal.signal(signal.SIGTERM, _end)
    try:
        return _dispatch(command, rest, places, called_from)
    except Problem as problem:
        tell(str(problem))
        return 1
    except Ended as ended:
        return ended.code


def _dispatch(command: str, rest: list[str], places: Places, called_from: Path) -> int:
    from governance.setup import commands, demo, packages, stamps

    match command:
        case "demo":
            return demo.run(rest, places, called_from)
        case "test":
            return commands.test(rest, places)
        case "bench":
            return commands.bench(rest, places)
        case "manage":
            return commands.manage(rest, places)
        case "stop":
            return commands.stop(places)
        case "lock":
            packages.lock(places, stamps.Stamps(places.var / "stamps"))
            return 0
        case "help" | "-h" | "--help":
            print(HELP, end="")
            return 0
    tell(f"There is no command '{command}'. There are these:\n{HELP}")
    return 2


def _end(number: int, frame: FrameType | None) -> None:
    # A second Ctrl-C must not break off the stopping, which ends by itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Ended(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
