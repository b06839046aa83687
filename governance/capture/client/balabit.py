"""Reads a mouse log in the format of the Balabit data set: presses and turns are UI events, movement is a
mouse path."""

import re
from collections.abc import Iterator
from pathlib import Path

from governance.capture.client.events import OnUnreadable, RawEvent, Unreadable, UnreadableLog, tell
from governance.capture.client.table import header_of, rows

NEEDS = frozenset({"button", "state", "x", "y"})
APPLICATION = "Desktop"
"""These logs name no application: they were recorded on whole desktops."""

_MOVES = {"move": "move", "drag": "drag"}
_PRESSES = {"pressed": "press", "released": "release"}
_TURNS = {"up": "scroll_up", "down": "scroll_down"}
_FARTHEST = 1_000_000


def is_mouse_log(path: Path) -> bool:
    """Does this file's header name a button, its state and a position? Raises UnreadableLog if it has no
    header."""
    return set(header_of(path)) >= NEEDS


def mouse_files(path: Path) -> list[Path]:
    """The log itself, or all logs in a folder and its folders, in natural order (`user7` before `user12`).

    The published data set names its files `session_…` with no ending, other copies with `.csv`: every file
    counts whose name begins with no dot and whose header fits. Raises UnreadableLog if there is none.
    """
    if path.is_file():
        return [path]
    found = []
    for file in path.rglob("*"):
        if file.is_file() and not file.name.startswith("."):
            try:
                fits = is_mouse_log(file)
            except UnreadableLog:
                fits = False
            if fits:
                found.append(file)
    if not found:
        raise UnreadableLog(
            f"No mouse log lies in {path.name}. A mouse log has the columns {', '.join(sorted(NEEDS))}."
        )
    return sorted(
        found,
        key=lambda file: [
            (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", str(file))
        ],
    )


def _action(button: str, state: str) -> tuple[str, str] | None:
    """Signal and action of a row, None if the format has no such row."""
    if state in _MOVES:
        return "mouse_path", _MOVES[state]
    if state in _TURNS and button == "scroll":
        return "ui_event", _TURNS[state]
    if state in _PRESSES and button.isalnum() and button != "nobutton":
        return "ui_event", f"{_PRESSES[state]}_{button}"
    return None


def _position(text: str) -> int:
    number = float(text)
    if not -_FARTHEST <= number <= _FARTHEST:  # also refuses nan
        raise ValueError("no pixel")
    return round(number)


def read_balabit(path: Path, *, on_unreadable: OnUnreadable | None = None) -> Iterator[RawEvent]:
    """The events of one session, in its order: `ui_event` for press_left, release_left, scroll_up …,
    `mouse_path` for move and drag; `x` and `y` in pixels, `moment` in seconds since the session began (the
    client's clock where it is there), `person` the folder that the file lies in.

    Broken rows (a button or state that the format does not know, a position or time that is no number) go to
    `on_unreadable`; without it the first one raises UnreadableLog.
    """
    person = path.resolve().parent.name
    for line, row in rows(path, needs=NEEDS, on_unreadable=on_unreadable):
        kind = _action(row["button"].strip().lower(), row.get("state", "").strip().lower())
        if kind is None:
            tell(Unreadable(path, line, "its button and state are not of this format"), on_unreadable)
            continue
        try:
            x, y = _position(row.get("x", "")), _position(row.get("y", ""))
            moment = float(row.get("client timestamp") or row.get("record timestamp") or 0)
        except (ValueError, OverflowError):
            tell(Unreadable(path, line, "its position or time is not a number"), on_unreadable)
            continue
        signal, action = kind
        yield RawEvent(
            signal=signal,
            action=action,
            application=APPLICATION,
            person=person,
            row=line,
            moment=moment,
            x=x,
            y=y,
        )
