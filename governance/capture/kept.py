"""What is kept of each event: one made-up event per signal, as a client has it and as the real minimiser leaves it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.capture import deciding, limits, minimise
from governance.capture.models import Programme
from governance.capture.shapes import Element, Event
from governance.lib.dates import date_format
from governance.purposes import catalogue, words

# What a client has of an event: name → (how it is read, what the minimiser may leave of it).
HAS = {
    "time": (lambda e: e.at, ("at", "quarter")),
    "user": (lambda e: e.user, ()),
    "action": (lambda e: e.action, ("action",)),
    "application": (lambda e: e.application, ("application",)),
    "url": (lambda e: e.url, ("site",)),
    "role": (lambda e: e.element.role, ("role",)),
    "element": (lambda e: e.element.id, ("element",)),
    "kind": (lambda e: e.element.type, ("kind",)),
    "x": (lambda e: e.x, ("x",)),
    "y": (lambda e: e.y, ("y",)),
    "keys": (lambda e: e.count, ("keys",)),
    "window": (lambda e: e.title, ("window",)),
}


def event(signal: str) -> Event:
    """The catalogue's example, with everything around it that a client could send."""
    sample = catalogue.signals()[signal].sample
    return Event(
        at=datetime(2026, 11, 24, 10, 40, 12, tzinfo=UTC), user="N-0000", signal=signal, action=sample.get("action", "click"),
        application=sample.get("application", "Chrome"), url="https://claims.example/?insured=Maya+Rao",
        element=Element(role="button", id="submit", type="submit"), x=713.0, y=342.0, count=42, title="Claim of Maya Rao",
    )  # fmt: skip


def cut(signal: str, fields: Sequence[str]) -> dict[str, Any]:
    """What the gate would seal of `event(signal)`."""
    return minimise.minimiser(signal, tuple(fields), b"of a made-up programme")(event(signal))


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return date_format(value, "j M Y, H:i:s")
    if hasattr(value, "isoformat"):
        return date_format(value, "j M Y")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _name(code: str) -> str:
    return {
        "user": _("person"),
        "url": _("address of the page"),
        "keys": _("keys pressed"),
        "window": _("title of the window"),
    }.get(code) or words.field(code)


def _after(code: str, left: dict[str, Any]) -> Any:
    if code == "user":
        return {"text": _("not in the row"), "note": _("the row is sealed with the person’s own key")}
    found = [_said(left[name]) for name in HAS[code][1] if name in left]
    return ", ".join(found) or _("left out, never stored")


def shown(programme: Programme) -> list[dict[str, Any]]:
    """One table for each signal that is declared and agreed: [{"title", "rows", "says"}]."""
    signals = {signal.code: signal for signal in programme.purpose.signals.all()}
    declared = {code: tuple(signal.fields) for code, signal in sorted(signals.items())}
    tables = []
    for code, fields in limits.agreed(declared, deciding.terms_of(programme).signals).items():
        made, left = event(code), cut(code, fields)
        rows = [[_name(name), _said(look(made)), _after(name, left)] for name, (look, _leaves) in HAS.items()]
        stays = sum(1 for name, (_look, leaves) in HAS.items() if any(one in left for one in leaves))
        says = _("%(after)s of %(before)s fields stay.") % {"after": stays, "before": len(HAS)}
        tables.append({"title": signals[code].title, "rows": rows, "says": says})
    for code in limits.agreed(declared, deciding.terms_of(programme).signals, clips=True):
        tables.append(
            {"title": signals[code].title, "rows": _clip(), "says": _("a clip, never single events")}
        )
    return tables


def _clip() -> list[list[Any]]:
    """What a camera has of a clip, and what is taken of it (rules_clips.judge)."""
    refused = _("a clip with sound, or that is not blurred, is refused whole")
    return [
        [
            _("picture"),
            _("faces, screens, hands and tools"),
            {"text": words.field("picture"), "note": refused},
        ],
        [_("sound"), _("if the microphone is on"), {"text": _("left out, never stored"), "note": refused}],
        [_("place"), _("zone of the line"), _("zone of the line")],
        [words.field("time"), _("beginning, end and length"), _("beginning, end and length")],
        [_("person"), _("who was handed the camera"), _after("user", {})],
    ]


def columns() -> list[dict[str, Any]]:
    return [{"label": _("Field")}, {"label": _("Before the minimiser")}, {"label": _("Kept")}]
