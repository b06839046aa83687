"""What a client may record now, so that a good one stops at the source. Of the programme alone: nothing of any person."""

from functools import lru_cache
from typing import Any

import msgspec

from governance.capture import gate, limits
from governance.capture.gate import Sender
from governance.capture.shapes import ENCODINGS, FORMS, MAX_BYTES, MAX_EVENTS
from governance.lib import canonical, packs


def of(client: Sender) -> tuple[dict[str, Any], str]:
    """The whole policy of the client's programme, as it was when its key was looked up; and its tag. Not to be changed."""
    return _made(
        client.programme_number, tuple(tuple(one) if isinstance(one, list) else one for one in client.policy)
    )


@lru_cache(maxsize=64)
def _made(number: str, policy: tuple[Any, ...]) -> tuple[dict[str, Any], str]:
    """Made anew when anything of it is another: it follows from these values, and from the packs, alone."""
    running, applications, held, ends_on, sampling, hours, agreed, zone, declared, hosts, zones, shifts = (
        policy
    )
    fields = limits.agreed(msgspec.json.decode(declared or "{}"), msgspec.json.decode(agreed or "null"))
    listed = [name for name in applications if name not in held and not limits.denied_application(name)]
    never = packs.load("capture").content["deny"]
    made = {
        "programme": number,
        "records": bool(running),
        "signals": {code: list(names) for code, names in sorted(fields.items())} if running else {},
        "applications": sorted(listed) if running else [],
        "sites": sorted(msgspec.json.decode(hosts or "[]")),
        "hours": msgspec.json.decode(hours),
        "zone": zone,
        "sampling": sampling,
        "ends_on": ends_on.isoformat() if ends_on else None,
        **_worn(zones, shifts, msgspec.json.decode(declared or "{}"), msgspec.json.decode(agreed or "null")),
        "never": {
            kind: sorted({word for row in never for word in row[kind]})
            for kind in ("applications", "sites", "labels")
        },
        "limits": {
            "events": MAX_EVENTS,
            "bytes": MAX_BYTES,
            "forms": sorted(FORMS),
            "encodings": sorted(ENCODINGS),
            "offline_hours": packs.load("capture").content["offline"]["hours"],
        },
    }
    return made, f'"{canonical.digest(made)[:32]}"'


def _worn(zones: str | None, shifts: str | None, declared: Any, agreed: Any) -> dict[str, Any]:
    """Where and when a worn camera may record, and how large a clip may be; nothing where the programme has no zones."""
    if not zones:
        return {}
    clip = packs.load("worn").content["clip"]
    return {
        "clips": sorted(limits.agreed(declared, agreed, clips=True)),
        "zones": [zone.code for zone in gate.ZONES.decode(zones) if zone.adults_only],
        "shifts": [
            {"shift": one.code, "days": list(one.days), "begins": one.begins, "ends": one.ends}
            for one in gate.SHIFTS.decode(shifts or "[]")
            if one.adults_only
        ],
        "clip_limits": {name: clip[name] for name in ("seconds", "bytes", "chunk_bytes", "permit_minutes")},
    }


def matches(header: str, tag: str) -> bool:
    """Does If-None-Match name this tag?"""
    named = {one.strip().removeprefix("W/") for one in header.split(",")}
    return tag in named or "*" in named
