"""Reads UI logs of other tools: XES (IEEE 1849), and CSV whose columns have one of the usual names."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from governance.capture.client.action_logger import action_of
from governance.capture.client.events import Element, OnUnreadable, RawEvent, Unreadable, UnreadableLog, tell
from governance.capture.client.table import header_of, rows

# What a field is called: the reference model for UI logs (Abb and Rehse 2022), XES extensions, and tools' own names.
NAMES: dict[str, tuple[str, ...]] = {
    "at": ("time:timestamp", "timestamp", "time", "time stamp", "datetime", "start_timestamp"),
    "action": ("action", "concept:name", "event", "eventtype", "event_type", "activity"),
    "application": ("application", "app", "targetapp", "ui:application", "process_name", "program"),
    "person": ("org:resource", "user", "userid", "user_id", "resource", "username"),
    "url": ("url", "ui:url", "browser_url"),
    "title": ("window_title", "window", "title", "ui:window", "browser_title", "tab_title"),
    "role": ("element_type", "ui:element_type", "role", "target.tagname", "tag_name"),
    "id": ("element_id", "ui:element", "target.id", "element", "id"),
    "type": ("input_type", "target.type"),
    "x": ("x", "mouse_x", "ui:x"),
    "y": ("y", "mouse_y", "ui:y"),
    "task": ("task", "case:concept:name", "case", "caseid"),
}
NEEDS = ("at", "action")
_PROLOGUE = 1 << 20  # what may stand before the root, comments and all


def is_ui_table(path: Path) -> bool:
    """Does this file's header name a time and an action? Raises UnreadableLog if it has no header."""
    header = set(header_of(path))
    return all(header & set(NAMES[name]) for name in NEEDS)


def is_xes(path: Path) -> bool:
    with path.open("rb") as file:
        return b"<log" in file.read(4096)


def _event(
    said: Mapping[str, str], row: int, path: Path, on_unreadable: OnUnreadable | None
) -> RawEvent | None:
    """One event of a row; None when it is broken and somebody was told."""
    found = {
        name: next((said[key].strip() for key in keys if said.get(key, "").strip()), "")
        for name, keys in NAMES.items()
    }
    action = action_of(found["action"])
    try:
        at = datetime.fromisoformat(found["at"])
        x, y = (round(float(found[name])) if found[name] else None for name in ("x", "y"))
    except (ValueError, OverflowError):
        tell(Unreadable(path, row, "its time or position cannot be read"), on_unreadable)
        return None
    if not action:
        tell(Unreadable(path, row, "it names no action"), on_unreadable)
        return None
    element = Element(role=found["role"], id=found["id"], type=found["type"])
    return RawEvent(
        signal="ui_event", action=action, application=found["application"] or "unknown", person=found["person"], row=row,
        moment=(at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp(), url=found["url"],
        element=None if element == Element() else element, x=x, y=y, task=found["task"], title=found["title"],
    )  # fmt: skip


def read_table(path: Path, *, on_unreadable: OnUnreadable | None = None) -> Iterator[RawEvent]:
    """The events of a CSV UI log, in its order. Broken rows go to `on_unreadable`; without it the first raises UnreadableLog."""
    if not is_ui_table(path):
        raise UnreadableLog(f"{path.name} has no column for a time or an action.")
    for line, row in rows(path, needs=frozenset(), on_unreadable=on_unreadable):
        event = _event(row, line, path, on_unreadable)
        if event is not None:
            yield event


def read_xes(path: Path, *, on_unreadable: OnUnreadable | None = None) -> Iterator[RawEvent]:
    """The events of an XES log, trace by trace; a trace's own name is the task. `row` counts events from 1.

    A document with a DOCTYPE is refused: XES needs none, and an entity can fill the memory.
    """
    with path.open("rb") as file:
        start = file.read(_PROLOGUE)
        if b"<!DOCTYPE" in start or b"<log" not in start:
            raise UnreadableLog(f"{path.name} is no XES log, or has a DOCTYPE, which no XES log needs.")
        file.seek(0)
        count, task, inside = 0, "", False
        try:
            for moment, node in ElementTree.iterparse(file, events=("start", "end")):  # noqa: S314  no DOCTYPE
                kind = node.tag.rsplit("}", 1)[-1]
                if moment == "start":
                    inside = inside or kind == "event"
                    task = "" if kind == "trace" else task
                elif kind == "event":
                    count, inside = count + 1, False
                    said = {str(c.get("key", "")).lower(): str(c.get("value", "")) for c in node}
                    event = _event({"case:concept:name": task} | said, count, path, on_unreadable)
                    node.clear()
                    if event is not None:
                        yield event
                elif kind == "trace":
                    node.clear()
                elif kind == "string" and not inside and node.get("key") == "concept:name":
                    task = str(node.get("value", ""))
        except ElementTree.ParseError:
            raise UnreadableLog(f"{path.name} is not well-formed XML.") from None
