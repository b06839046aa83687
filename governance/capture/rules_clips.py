"""What of a clip is admitted, from what was said of it: the pure heart of clips.py, asked again at each chunk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from governance.capture import codes, rules, rules_worn
from governance.consents import decide
from governance.lib import packs

GLANCE = timedelta(seconds=30)  # hours in which a person takes no part last a minute at least
SLACK = timedelta(seconds=1)  # between length and the two times


@dataclass(frozen=True)
class Bounds:
    """Of one clip: packs/worn.toml."""

    seconds: int
    bytes: int
    chunk_bytes: int
    permit_minutes: int


def bounds() -> Bounds:
    row = packs.load("worn").content["clip"]
    return Bounds(row["seconds"], row["bytes"], row["chunk_bytes"], row["permit_minutes"])


def fits(said: Any, limits: Bounds) -> bool:
    """Do length, times, size and the number of chunks of what was said (clips.Clip) fit each other and the bounds?"""
    length = said.ends_at - said.begins_at
    return (
        timedelta(0) < length <= timedelta(seconds=limits.seconds)
        and abs(length - timedelta(milliseconds=said.length_ms)) <= SLACK
        and 0 < said.bytes <= limits.bytes
        and len(said.chunks) == -(-said.bytes // limits.chunk_bytes)
    )


def size_of(said: Any, number: int, limits: Bounds) -> int:
    """Bytes of the chunk of this number: all are full but the last."""
    last = len(said.chunks) - 1
    return limits.chunk_bytes if number < last else said.bytes - last * limits.chunk_bytes


def judge(
    said: Any, facts: rules.Facts, person: UUID | None, held: Sequence[rules_worn.Span]
) -> "decide.Verdict | str":
    """The verdict that lets it in, or the code that it is turned away with.

    `held`: when this person has had the camera. Bounds of the programme come before the person's word and are asked of
    everybody, so that their codes tell no choice; whatever does is `not_permitted`.
    """
    limits = facts.limits
    if refused := limits.application(said.application):
        return refused
    if said.signal not in facts.fields:
        return codes.NOT_DECLARED
    if said.application not in facts.applications:
        return codes.APPLICATION_NOT_LISTED
    if (
        person is None
        or person not in facts.bound
        or not any(s.covers(said.begins_at, said.ends_at) for s in held)
    ):
        return codes.NOBODY_BOUND
    if refused := limits.span(said.begins_at, said.ends_at):
        return refused
    if said.sound or not said.blurred:
        return codes.NOT_MINIMISED
    if limits.sampling < 100 and not limits.sampled(person, said.begins_at):
        return codes.NOT_SAMPLED
    return _word(said, facts, person) or codes.NOT_PERMITTED


def _word(said: Any, facts: rules.Facts, person: UUID) -> decide.Verdict | None:
    """The person's word on all of the clip, from its first to its last moment; None: not allowed."""
    if person in facts.limits.outside:
        return None
    verdict = decide.decide(facts.standing, person, said.signal, said.application, said.begins_at, facts.now)
    if not verdict.allowed or verdict.stream is None:
        return None
    grant = facts.standing.grants[person][said.signal]
    if grant.given_at is None or said.begins_at < grant.given_at:
        return None
    for pause in facts.standing.breaks.get(person, ()):
        if pause.since < said.ends_at and (pause.to is None or pause.to > said.begins_at):
            return None
    windows = decide.windows(facts.standing, person, said.signal, said.application)
    moment = said.begins_at
    while windows and moment <= said.ends_at:
        if any(window.covers(moment) for window in windows):
            return None
        moment += GLANCE
    return None if any(window.covers(said.ends_at) for window in windows) else verdict
