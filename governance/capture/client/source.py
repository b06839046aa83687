"""Minimises at the source: what the policy does not name is dropped on this device, before anything is written or sent."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from governance.capture import minimise
from governance.capture.client.events import RawEvent
from governance.capture.client.poster import rfc3339

# What a declared field of the policy needs of an event: name → (where it stands on the wire, what is left of it here).
FROM_ELEMENT: dict[str, tuple[str, Callable[[str | None], str]]] = {
    "role": ("role", minimise.role), "element": ("id", minimise.identifier), "kind": ("type", minimise.kind),
}  # fmt: skip

SIGN = re.compile(r"[0-9a-f]{16}\Z")


def may_record(policy: Mapping[str, Any], event: RawEvent, at: datetime) -> bool:
    """Does the policy want this event at all? The gate asks the same again, and the person's own word besides."""
    if not policy["records"] or event.signal not in policy["signals"]:
        return False
    if event.application not in policy["applications"] or _never_application(policy, event.application):
        return False
    host = minimise.site(event.url)
    if event.url and (_never_host(policy, host) or not _listed(policy, host)):
        return False
    return _open(policy, at)


def _never_application(policy: Mapping[str, Any], name: str) -> bool:
    small = name.casefold()
    return any(word in small for word in policy["never"]["applications"])


def _never_host(policy: Mapping[str, Any], host: str) -> bool:
    parts = host.replace("-", ".").split(".")
    labels = policy["never"]["labels"]
    return _within(host, policy["never"]["sites"]) or any(part in labels for part in parts)


def _listed(policy: Mapping[str, Any], host: str) -> bool:
    sites = policy.get("sites", [])
    return not sites or _within(host, sites)


def _within(host: str, sites: Any) -> bool:
    return any(host == site or host.endswith("." + site) for site in sites)


def _open(policy: Mapping[str, Any], at: datetime) -> bool:
    """Within the programme's hours, and not after its last day, which a device without the portal would not hear of."""
    local = at.astimezone(ZoneInfo(policy["zone"]))
    if policy["ends_on"] and local.date().isoformat() > policy["ends_on"]:
        return False
    return not policy["hours"] or any(
        local.isoweekday() in row["days"]
        and time.fromisoformat(row["begins"]) <= local.time() < time.fromisoformat(row["ends"])
        for row in policy["hours"]
    )


def least(policy: Mapping[str, Any], event: RawEvent, at: datetime) -> dict[str, Any] | None:
    """The event as it leaves this device: time, user, signal, action, application and the declared fields, each in the
    least form. None: it is not wanted, and nothing of it is kept.

    The time stays what it is: the gate asks whether the person's yes was there at that moment, and only then cuts it down.
    """
    if not may_record(policy, event, at):
        return None
    declared = policy["signals"][event.signal]
    made: dict[str, Any] = {
        "at": rfc3339(round(at.timestamp() * 1_000_000)), "user": event.user, "signal": event.signal,
        "action": minimise.action(event.action) or "act", "application": event.application,
    }  # fmt: skip
    host = minimise.site(event.url)
    if host and "site" in declared:
        made["url"] = f"https://{host}/"
    element = {}
    for name, (key, cut) in FROM_ELEMENT.items():
        kept = cut(getattr(event.element, key)) if name in declared and event.element is not None else ""
        if kept:
            element[key] = kept
    if element:
        made["element"] = element
    for name in ("x", "y"):
        number = minimise.grid(getattr(event, name)) if name in declared else None
        if number is not None:
            made[name] = number
    if "window" in declared and SIGN.match(event.title):  # a title in words never leaves, whoever hands it in
        made["title"] = event.title
    if "keys" in declared and event.count is not None:
        made["count"] = minimise.keys(event.count)
    return made
