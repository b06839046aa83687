"""What follows from the events of a screen, made on the device: windows as signs, keys counted by the minute, sites visited.

Everything here is in the least form before anything is written: a title becomes a sign under a secret of this device, keys
are a number, a visit is a site and told once a quarter of an hour. Nothing is counted that the policy does not want.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from governance.capture import minimise
from governance.capture.client.events import RawEvent

TYPING = frozenset(
    {
        "edit",
        "edit_cell",
        "edit_range",
        "edit_field",
        "key",
        "press",
        "press_key",
        "enter_text",
        "insert_text",
    }
)
MINUTE = timedelta(minutes=1)

Wanted = Callable[[RawEvent, datetime], bool]


def quarter_of(at: datetime) -> datetime:
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


def minute_of(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


class Derived:
    """`wanted`: does the policy want this event now? `secret`: makes titles into signs that nobody without it can try out."""

    def __init__(self, wanted: Wanted, secret: Callable[[], bytes]) -> None:
        self._wanted, self._secret = wanted, secret
        self._front = ("", "")  # application and sign of the window in front
        self._visits: set[tuple[str, str, datetime]] = set()
        self._keys: dict[
            tuple[datetime, str], tuple[int, datetime]
        ] = {}  # (minute, application) → keys, the last of them

    def forget(self) -> None:
        """What was counted and not yet handed on is gone; how much it was is not said, it is no event yet."""
        self._front = ("", "")
        self._visits.clear()
        self._keys.clear()

    def of(self, event: RawEvent, at: datetime) -> Iterator[RawEvent]:
        """What this event of a screen tells beside itself. Keys are only counted: `counted` hands them on."""
        if event.signal != "ui_event":
            return
        seen: dict[str, Any] = {"application": event.application, "url": event.url, "user": event.user}
        title = event.title and RawEvent(signal="window_title", action="focus", title=event.title, **seen)
        if title and self._wanted(title, at):
            front = (event.application, minimise.hashed(self._secret(), event.title))
            if front != self._front:
                self._front = front
                yield RawEvent(signal="window_title", action="focus", title=front[1], **seen)
        visit = event.url and RawEvent(signal="site_visit", action="open", **seen)
        if visit and self._wanted(visit, at):
            known = (event.application, minimise.site(event.url), quarter_of(at))
            if known[1] and known not in self._visits:
                self._visits = {one for one in self._visits if one[2] == known[2]} | {known}
                yield visit
        typed = len(event.value) or 1
        if event.action in TYPING and self._wanted(
            RawEvent(signal="keystroke_counts", action="press", **seen), at
        ):
            minute = (minute_of(at), event.application)
            self._keys[minute] = (self._keys.get(minute, (0, at))[0] + typed, at)

    def counted(self, at: datetime, *, all_of_it: bool = False) -> Iterator[tuple[RawEvent, datetime]]:
        """Minutes that are over (or all of them), as counts in steps of ten; fewer than ten tell nothing and go.

        Each with the moment of its last key, which the gate asks about and does not keep: so whoever said no within the
        minute has said it about all of it.
        """
        over = [key for key in self._keys if all_of_it or key[0] + MINUTE <= at]
        for minute, application in sorted(over):
            number, last = self._keys.pop((minute, application))
            if count := minimise.keys(number):
                event = RawEvent(
                    signal="keystroke_counts", action="press", application=application, count=count
                )
                yield event, last
