"""The gate's judgement said plainly: every event read in full and looked at by itself, nothing remembered.

What the gate does faster has to come to the same (test_judged_alike.py). Written before it, and left as it was.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from governance.capture import codes, minimise, tripwire
from governance.capture.rules import Facts
from governance.capture.shapes import Batch
from governance.consents import decide

DECODE = msgspec.json.Decoder(Batch, strict=True)


def read(body: bytes) -> Batch | str:
    """The batch, or the code with which it is refused."""
    try:
        body.decode()
        batch = DECODE.decode(body)
    except msgspec.ValidationError as error:
        return "too_large" if "length <= 5000" in str(error) and "events" in str(error) else "wrong_shape"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "not_json"
    if not batch.events:
        return "empty_batch"
    if "\0" in batch.device or any("\0" in event.user for event in batch.events):
        return "wrong_shape"
    return batch


def cut(event: Any, fields: Sequence[str], key: bytes) -> dict[str, Any]:
    """What is kept of it, as JSON has it."""
    at = event.at
    if event.signal in minimise.COARSE_TIME:
        at = at.date()
    elif event.signal in minimise.BY_MINUTE:
        at = at.replace(second=0, microsecond=0)
    kept = {"at": at, "application": event.application}
    if event.signal not in minimise.COARSE_TIME | minimise.BY_MINUTE and (
        word := minimise.action(event.action)
    ):
        kept["action"] = word
    for name in fields:
        look, keep = minimise.FIELDS[name]
        if name == "window":
            keep = partial(minimise.hashed, key)
        value = look(event)
        if value is not None and (value := keep(value)) not in (None, ""):
            kept[name] = value
    told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(kept))
    return told


Piles = dict[UUID, dict[str, Any]]


def judge(events: Sequence[Any], facts: Facts) -> tuple[Piles, int, dict[str, int], dict[str, int]]:
    """({stream: person, signal, events, applications, last_at}, admitted, turned away, tripped)."""
    piles: Piles = {}
    turned: dict[str, int] = {}
    tripped: dict[str, int] = {}
    for event in events:
        code, verdict = _one(event, facts, tripped)
        if code:
            turned[code] = turned.get(code, 0) + 1
            continue
        person = facts.persons[event.user]
        empty = {
            "person": person,
            "signal": event.signal,
            "events": [],
            "applications": {},
            "last_at": event.at,
        }
        pile = piles.setdefault(verdict.stream, empty)
        pile["events"].append(cut(event, facts.fields[event.signal], facts.key))
        pile["applications"][event.application] = pile["applications"].get(event.application, 0) + 1
        pile["last_at"] = max(pile["last_at"], event.at)
    return piles, sum(len(pile["events"]) for pile in piles.values()), turned, tripped


def _one(event: Any, facts: Facts, tripped: dict[str, int]) -> tuple[str, Any]:
    person, limits = facts.persons[event.user], facts.limits
    if refused := limits.application(event.application):
        return refused, None
    if event.signal not in facts.fields:
        return codes.NOT_DECLARED, None
    if event.application not in facts.applications:
        return codes.APPLICATION_NOT_LISTED, None
    if person not in facts.bound:
        return codes.NOBODY_BOUND, None
    if event.url and (refused := limits.site(minimise.site(event.url))):
        return refused, None
    if refused := limits.span(event.at, event.at):
        return refused, None
    if limits.sampling < 100 and not limits.sampled(person, event.at):
        return codes.NOT_SAMPLED, None
    for name in ("element", "site"):
        if name in facts.fields[event.signal]:
            look, keep = minimise.FIELDS[name]
            value = look(event)
            if value and (kind := tripwire.look(keep(value))):
                key = f"{event.signal}.tripwire_{kind}"
                tripped[key] = tripped.get(key, 0) + 1
                return codes.SPECIAL_CATEGORY, None
    verdict = decide.decide(facts.standing, person, event.signal, event.application, facts.now, facts.now)
    if person in facts.limits.outside or not verdict.allowed or verdict.stream is None:
        return codes.NOT_PERMITTED, None
    given_at = facts.standing.grants[person][event.signal].given_at
    breaks = [
        *facts.standing.breaks.get(person, ()),
        *decide.windows(facts.standing, person, event.signal, event.application),
    ]
    sites = decide.sites(facts.standing, person, event.signal, event.application)
    if (
        given_at is None
        or event.at < given_at
        or any(one.covers(event.at) for one in breaks)
        or any(no.bars(minimise.site(event.url), event.at) for no in sites)
    ):
        return codes.NOT_PERMITTED, None
    return "", verdict
