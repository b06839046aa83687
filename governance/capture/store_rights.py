"""Whether this process's key to the object store may do its part there and no more; tried at every start."""

from dataclasses import dataclass

from governance.capture import blobs
from governance.lib.connectors import SystemAway

PART = {"web": {"put"}, "exporter": {"get"}, "eraser": {"list", "delete"}}
# What each key has to be refused, in words for who runs the portal.
WORDS = {"put": "put objects", "get": "read objects", "list": "list objects", "delete": "delete objects"}


@dataclass(frozen=True)
class Found:
    """`beyond`: what it may do and must not; `missing`: what it must and may not; `away`: why nothing is known."""

    beyond: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    away: str = ""


def look(process: str) -> Found:
    """The store's own answers to this process's key. Where all lies in PostgreSQL there is nothing to find."""
    part = PART.get(process, set())
    try:
        store = blobs.store()
        if store is None:
            return Found()
        may = {name for name, allowed in store.tries().items() if allowed}
    except SystemAway as error:
        if not part and str(error) == "no credentials":
            return Found()  # a worker has no key, and needs none
        return Found(away=str(error))
    return Found(
        _said(may - part), _said(part - may - {"get"})
    )  # what is not there cannot be got: see tries()


def _said(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(WORDS[name] for name in names))
