"""Run as a process of its own with the web's environment: let a batch in and be killed -9 at one step of the gate.

Arguments: place, client key; the batch comes on standard input. The product knows nothing of this.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(place: str, key: str) -> None:
    import django

    django.setup()
    from django.conf import settings

    name = settings.DATABASES["default"]["NAME"]
    if not name.startswith("test_"):
        raise SystemExit(f"This kills itself in the middle of a batch; it does not do that to {name}.")
    from governance.capture import api, gate

    def then_die(original: Callable[..., Any], carried_out: bool = False) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            if carried_out:  # statements are sent together: this one waits until PostgreSQL has done them all
                args[0].__self__.run("SELECT 1")
            die()
            return result

        return wrapped

    body = sys.stdin.buffer.read()
    client = gate.sender(key)
    if place == "parsed":
        api.parse = then_die(api.parse)
    elif place == "sealed":
        gate.sealing.seal = then_die(gate.sealing.seal)
    elif place == "kept":
        gate._keep = then_die(gate._keep, carried_out=True)
    gate.admit(api.parse(body), body, client=client)
    if place == "committed":
        die()


main(sys.argv[1], sys.argv[2])
