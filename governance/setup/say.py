"""How set-up speaks: sentences on stderr, so that stdout belongs to the command that was asked for."""

import contextlib
import sys
import time
from collections.abc import Iterator


class Problem(Exception):
    """Set-up cannot go on. The text says what is missing and what to do; it is shown as it stands."""


def tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Name a step before it starts and say how many seconds it took."""
    tell(f"· {what} …")
    begun = time.monotonic()
    yield
    tell(f"  done in {time.monotonic() - begun:.1f} s")


def last_lines(text: str, count: int = 80) -> str:
    """The end of a program's output, indented, for a failure sentence."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return "\n".join("    " + line for line in lines[-count:])
