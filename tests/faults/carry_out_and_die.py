"""Run as a process of its own with the eraser's environment: carry an order out and be killed -9 at one place.

Arguments: order id, place, nth, when. `when` is "before" (the step's statements are done, its commit is not) or
"after" (committed). The product knows nothing of this: the steps are wrapped from outside.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID


def main(order_id: str, place: str, nth: int, when: str) -> None:
    import django

    django.setup()
    from django.conf import settings

    if os.environ.get("TEST_VAR"):
        settings.VAR = Path(os.environ["TEST_VAR"])
    name = settings.DATABASES["default"]["NAME"]
    if not name.startswith("test_"):
        raise SystemExit(f"This kills itself in the middle of an erasure; it does not do that to {name}.")
    from governance.retention import erasure

    arm(place, nth, when)
    print(erasure.carry_out(UUID(order_id)), flush=True)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(place: str, nth: int, when: str, strike: Callable[[], None] = die, only: type | None = None) -> None:
    """From now on this process dies the `nth` time that it passes `place`, or `strike` is done then.

    `only`: of the connectors, this one alone.
    """
    from django.db import transaction

    from governance.capture.vault import VaultConnector
    from governance.portal import PortalConnector
    from governance.retention import journal, journal_sets, lots
    from governance.retention.connectors.files import FilesConnector
    from governance.retention.connectors.sql import SqlConnector

    seen = 0

    def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen != nth:
                return original(*args, **kwargs)
            if when == "before":
                with transaction.atomic():
                    result = original(*args, **kwargs)
                    strike()
                return result
            result = original(*args, **kwargs)
            strike()
            return result

        return wrapped

    if place == "erase":  # between the act and the row that says so: the store has committed, we have not
        for connector in (VaultConnector, SqlConnector, FilesConnector, PortalConnector):
            if only in (None, connector):
                connector.erase = wrap(connector.erase)  # type: ignore[method-assign]
    elif place in ("erase_all", "residues"):
        for connector in (VaultConnector, SqlConnector, FilesConnector, PortalConnector):
            setattr(connector, place, wrap(getattr(connector, place)))
    elif place.startswith("set "):
        setattr(journal_sets, place[4:], wrap(getattr(journal_sets, place[4:])))
    elif place in ("share", "take", "end"):
        setattr(lots, place, wrap(getattr(lots, place)))
    elif place:
        setattr(journal, place, wrap(getattr(journal, place)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
