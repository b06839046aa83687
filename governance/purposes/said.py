"""Everything that an Activity says, as labels and sentences for a page; an empty field stays empty, never left out."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from governance.lib.dates import date_format
from governance.purposes import activity as activities
from governance.purposes import headings, lists, words
from governance.purposes.activity import Activity, Item, Keep, Recipient

Fact = dict[str, Any]  # as components/facts.html reads it


def facts(said: Activity) -> list[Fact]:
    """Every field of the activity in its order, with its heading."""
    return [fact(said, field) for field in activities.FIELDS]


def fact(said: Activity, field: str) -> Fact:
    """One field with its heading: {"label", "value"} or {"label", "lines"}."""
    value = getattr(said, field)
    label = headings.heading(field)
    if field in LINES:
        return {"label": label, "lines": [LINES[field](part) for part in value]}
    if field in activities.ONE:
        return {"label": label, "value": lists.label(activities.ONE[field], value) if value else ""}
    if field in activities.MANY:
        return {"label": label, "lines": [lists.label(activities.MANY[field], code) for code in value]}
    if isinstance(value, tuple):
        return {"label": label, "lines": [str(part) for part in value]}
    return {"label": label, "value": _plain(value)}


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return date_format(value, "j F Y")
    return {"yes": _("yes"), "no": _("no")}.get(value, str(value or ""))


def item(part: Item) -> Fact:
    """Name; what kind of data, how sensitive, from where; why it is needed."""
    kind = [
        lists.category(part.category) if part.category else "",
        lists.label("sensitivity", part.sensitivity) if part.sensitivity else "",
        lists.label("source", part.source) if part.source else "",
        "" if part.necessary else _("not needed"),
        ", ".join(words.field(f) for f in part.fields),
        part.why,
    ]
    return {"text": part.name, "note": " · ".join(filter(None, kind))}


def recipient(part: Recipient) -> Fact:
    tool = lists.label("tool", part.tool) if part.tool else ""
    about = [lists.label("recipient_kind", part.kind), part.country, part.processor, tool, part.note]
    return {"text": part.name, "note": " · ".join(filter(None, about))}


def keep(part: Keep) -> Fact:
    """The category; at least and at most how long from what, then what, by whose law."""
    minimum, maximum = words.period(part.minimum), words.period(part.maximum)
    about = [
        words.law(part.law) if part.law else "",
        _("at least %(period)s") % {"period": minimum} if minimum else "",
        _("at most %(period)s") % {"period": maximum} if maximum else "",
        _("counted from: %(event)s") % {"event": lists.label("start_event", part.start_event)},
        lists.label("action", part.action),
        part.source,
        _("applied from %(day)s") % {"day": date_format(part.applies_from, "j F Y")}
        if part.applies_from
        else "",
    ]
    return {"text": part.category, "note": " · ".join(filter(None, about))}


LINES: dict[str, Any] = {
    "items": item,
    "recipients": recipient,
    "keeps": keep,
    "joint_controllers": lambda part: {"text": part.name, "note": part.contact},
    "systems": lambda part: {"text": part.code, "note": ", ".join(part.parts)},
}
