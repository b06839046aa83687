"""Reads a UI log of the Action Logger tool: each row is a UI event; typing and the use of applications
come on top."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from governance.capture.client.events import Element, OnUnreadable, RawEvent, Unreadable, tell
from governance.capture.client.table import header_of, rows

NEEDS = frozenset({"timestamp", "eventtype"})
_OTHER_NAMES = {
    "target.classname": "target.class",
    "target.tag": "target.tagname",
    "target.text": "target.innertext",
}
_CLICKS = frozenset(
    {"clicktextfield", "clickbutton", "clicklink", "clickcheckbox", "clickradiobutton", "clickfield"}
)
_EDITS = frozenset({"editfield", "editcell", "editrange"})
_CLIPBOARD = "os-clipboard"
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^0-9A-Za-z]+")


def is_action_log(path: Path) -> bool:
    """Does this file's header name the columns that every Action Logger log has? Raises UnreadableLog if
    it has none."""
    return set(header_of(path)) >= NEEDS


def action_of(event_type: str) -> str:
    """The tool's eventType as an action of the gate: the four ways to click are one `click`, `editField`
    is `edit`, everything else is written in snake case (`getCell` → `get_cell`)."""
    plain = event_type.strip().lower()
    if plain in _CLICKS:
        return "click"
    if plain == "editfield":
        return "edit"
    return "_".join(word.lower() for word in _WORD.split(event_type.strip()) if word)


def _moment(text: str) -> float:
    """UNIX time of an ISO 8601 time stamp (UTC if it names no zone) or of a number of (milli)seconds.
    Raises ValueError."""
    text = text.strip()
    try:
        number = float(text)
    except ValueError:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    if not 0 <= number < 1e14:
        raise ValueError("not a time")
    return number / 1000 if number > 1e11 else number


def _element(row: dict[str, str]) -> Element | None:
    element = Element(
        role=row.get("target.tagname", ""),
        id=row.get("target.id", ""),
        type=row.get("target.type", ""),
        name=row.get("target.name", ""),
        class_=row.get("target.class", ""),
    )
    return None if element == Element() else element


def _usage(application: str, person: str, row: int, since: float, until: float) -> RawEvent:
    return RawEvent(
        signal="app_usage",
        action="used",
        application=application,
        person=person,
        row=row,
        moment=since,
        seconds=round(max(until - since, 0.0), 3),
    )


def read_action_logger(path: Path, *, on_unreadable: OnUnreadable | None = None) -> Iterator[RawEvent]:
    """The events of a UI log, in its order.

    Every row is one `ui_event` with all that the log holds. A row that edits something and names its value is
    also one `typed_text` event. Each stretch of rows in one application is also one `app_usage` event: it
    follows the stretch's last row and says how long it was (`seconds`, from its first row to the next
    stretch's first row). The clipboard is not an application that somebody uses, so its rows end no stretch;
    a change of person does.

    `person` is the row's userID; a row without one (the clipboard) belongs to the person of the row before. A
    row without an application belongs to the application of the row before.

    Broken rows (no readable time stamp, no event type, quotes or fields that do not fit the header) go to
    `on_unreadable` and are otherwise left out; without it the first one raises UnreadableLog.
    """
    person, application = "", "unknown"
    used: tuple[str, str, int, float] | None = None  # application, person, first row, since
    moment = 0.0
    for line, found in rows(path, needs=NEEDS, on_unreadable=on_unreadable):
        row = {_OTHER_NAMES.get(name, name): text for name, text in found.items()}
        action = action_of(row.get("eventtype", ""))
        try:
            moment = _moment(row["timestamp"])
        except (ValueError, OverflowError):
            tell(Unreadable(path, line, "its time stamp is not a time"), on_unreadable)
            continue
        if not action:
            tell(Unreadable(path, line, "it names no event type"), on_unreadable)
            continue
        person = row.get("userid", "").strip() or person
        application = row.get("targetapp", "").strip() or application
        if application.lower() != _CLIPBOARD and (used is None or used[:2] != (application, person)):
            if used is not None:
                yield _usage(*used, until=moment)
            used = (application, person, line, moment)
        value, element = row.get("target.value", ""), _element(row)
        hierarchy = tuple(
            name for name in (row.get("target.workbookname", ""), row.get("target.sheetname", "")) if name
        )
        yield RawEvent(
            signal="ui_event",
            action=action,
            application=application,
            person=person,
            row=line,
            moment=moment,
            url=row.get("url", ""),
            element=element,
            hierarchy=hierarchy,
            value=value,
            content=row.get("content", ""),
            inner_text=row.get("target.innertext", ""),
            title=row.get("target.title", ""),
            href=row.get("target.href", ""),
            html=row.get("target.innerhtml", ""),
            option=row.get("target.option", ""),
            checked=row.get("target.checked", ""),
        )
        if value and row["eventtype"].strip().lower() in _EDITS:
            yield RawEvent(
                signal="typed_text",
                action=action,
                application=application,
                person=person,
                row=line,
                moment=moment,
                url=row.get("url", ""),
                element=element,
                hierarchy=hierarchy,
                value=value,
            )
    if used is not None:
        yield _usage(*used, until=moment)
