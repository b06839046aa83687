"""The attempt to open a copy of what was erased: the eraser keeps a sealed nothing, and only the exporter's door can try.

A copy of somebody's content would be content again. What decides whether a copy opens is the stream's key alone, so
the eraser seals a few bytes of its own to the same key before it destroys it. If the exporter, who may open everything,
cannot open these afterwards, nobody can open any copy of the stream. Neither process does the other's part.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now

from governance.audit import log
from governance.capture import gate, keys
from governance.capture.models import Opening
from governance.consents.models import Stream
from governance.lib import sealing
from governance.lib.connectors import SystemAway
from governance.lib.nudge import nudge

NOTHING = b"sammati: a kept copy of this stream"
NOWHERE = UUID(int=0)
GLANCE = 0.05  # seconds between two looks at the exporter's answer


def keep(streams: Iterable[UUID]) -> None:
    """A sealed copy of nothing is kept for each stream that ever had a key; the eraser can make it and not open it."""
    rows = Stream.objects.filter(pk__in=list(streams)).exclude(public_key=None)
    known = set(Opening.objects.filter(stream__in=list(streams)).values_list("stream", flat=True))
    Opening.objects.bulk_create(
        Opening(
            stream=stream, sealed=sealing.seal(bytes(public), NOTHING, gate.info(stream, NOWHERE, NOWHERE))
        )
        for stream, public in rows.values_list("pk", "public_key")
        if stream not in known
    )


def ask(streams: Iterable[UUID]) -> None:
    """Their keys are destroyed, so that the attempt may be made."""
    if Opening.objects.filter(stream__in=list(streams), asked_at__isnull=True).update(asked_at=Now()):
        nudge("capture.try_openings")


def try_waiting() -> int:
    """In the exporter: every copy that waits is tried with all that this process has; returns how many.

    A process that could open nothing at all would fail for the wrong reason: it tries nothing.
    """
    if not keys.can_open():
        return 0
    waiting = list(Opening.objects.filter(asked_at__isnull=False, tried_at__isnull=True))
    for row in waiting:
        try:
            opened = _opens(row)
        except SystemAway:  # it failed for the wrong reason: it stays untried
            continue
        if Opening.objects.filter(pk=row.pk, tried_at__isnull=True).update(opened=opened, tried_at=Now()):
            log.record("vault.copy_tried", about=row.stream, opened=opened)
    return len(waiting)


def _opens(row: Opening) -> bool:
    try:
        private = keys.private(row.stream)
        found = sealing.unseal(private, bytes(row.sealed), gate.info(row.stream, NOWHERE, NOWHERE))
    except (sealing.CannotOpen, OSError):  # the key, or the key that had wrapped it, is gone
        return False
    return found == NOTHING


@dataclass(frozen=True)
class Tried:
    kept: int = 0
    opened: int = 0
    untried: int = 0

    @property
    def failures(self) -> int:
        return self.opened + self.untried

    def said(self) -> tuple[str, ...]:
        """For the Proof: where was looked, in the words of the other places."""
        if not self.kept:
            return ()
        if self.untried:
            return (f"{self.untried} kept sealed copies: not tried yet with the exporter's door",)
        return (f"{self.kept} kept sealed copies, tried with the exporter's door: {self.opened} opened",)


def answered(streams: Iterable[UUID]) -> Tried:
    """What the exporter found, waited for so long as the settings say."""
    return together(answered_each(streams).values())


def answered_each(streams: Iterable[UUID]) -> dict[UUID, Tried]:
    """The same, stream by stream."""
    chosen = list(streams)
    until = time.monotonic() + settings.OPENING_SECONDS
    while True:
        asked = (
            Opening.objects.filter(stream__in=chosen, asked_at__isnull=False)
            if chosen
            else Opening.objects.none()
        )
        rows = list(asked.values_list("stream", "opened"))
        if all(opened is not None for _stream, opened in rows) or time.monotonic() >= until:
            break
        time.sleep(GLANCE)
    return {pk: together(_tried(opened) for stream, opened in rows if stream == pk) for pk in chosen}


def _tried(opened: bool | None) -> Tried:
    return Tried(1, int(opened is True), int(opened is None))


def together(tried: Iterable[Tried]) -> Tried:
    rows = list(tried)
    return Tried(
        sum(row.kept for row in rows), sum(row.opened for row in rows), sum(row.untried for row in rows)
    )
