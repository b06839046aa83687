"""The demo's capture client drops at the source what the policy does not name, as a good one does; but now and then an event goes
out as it was read, so that the pages show what the gate makes of that."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from governance.capture.client import source
from governance.capture.client.events import Element, RawEvent

SLIP = 50  # every so manieth event: a day's excess stays a tenth of what would stop the programme (packs/capture.toml)


def cut(
    events: Iterable[RawEvent], policy: Mapping[str, Any], now: datetime, begun: int = 0
) -> Iterator[RawEvent]:
    """The events as they are sent. `begun`: how many were read before, so that slips come at their turn."""
    for number, event in enumerate(events, begun + 1):
        if number % SLIP == 0:
            yield event
        elif (made := source.least(policy, event, now)) is not None:
            yield _again(event, made)


def _again(event: RawEvent, made: Mapping[str, Any]) -> RawEvent:
    """What is left, in the form in which the poster takes events."""
    return RawEvent(
        signal=event.signal, action=made["action"], application=event.application, person=event.person, row=event.row,
        moment=event.moment, user=event.user, url=made.get("url", ""), element=Element(**made["element"]) if "element" in made else None,
        x=made.get("x"), y=made.get("y"), count=made.get("count"), title=made.get("title", ""),
    )  # fmt: skip
