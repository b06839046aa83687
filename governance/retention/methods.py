"""What a connector says of how it erased and where it looked, in the reader's language. Pure.

It is written down in English, since a Proof's digest covers it; names of tables, columns and paths stay as they are.
"""

import re
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

WORDS = {
    "by hand, by a named person": _("by hand, by a named person"),
    "every version deleted": _("every version deleted"),
    "fields emptied": _("fields emptied"),
    "fields removed": _("fields removed"),
    "fields replaced by [erased]": _("fields replaced by [erased]"),
    "files deleted": _("files deleted"),
    "free text emptied": _("free text emptied"),
    "keys unlinked": _("keys unlinked"),
    "made anonymous: fields emptied, replaced or hashed": _("made anonymous: fields emptied, replaced or hashed"),
    "entries removed": _("entries removed"),
    "members removed": _("members removed"),
    "mentions replaced in free text": _("mentions replaced in free text"),
    "mentions replaced in text": _("mentions replaced in text"),
    "name, e-mail and number blanked": _("name, e-mail and number blanked"),
    "nothing to ask for": _("nothing to ask for"),
    "rows deleted": _("rows deleted"),
    "rows deleted, free text emptied": _("rows deleted, free text emptied"),
    "rows deleted, stream key destroyed": _("rows deleted, stream key destroyed"),
    "rows taken out of files": _("rows taken out of files"),
    "rows taken out of objects": _("rows taken out of objects"),
}  # fmt: skip
# Parts of a system, as their connectors name them. Tables, keys and steps keep the names that they have there.
PARTS = {
    "by hand": _("by hand"),
    "no stream": _("nothing was recorded"),
    "own files": _("files of the person alone"),
    "own objects": _("objects of the person alone"),
}
STREAM = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
ENDINGS = {
    ", by the application's own models": _("by the application’s own models"),
    ", older versions deleted": _("older versions deleted"),
}
# Of a place that was looked at: the English with its blanks, and the sentence. The longer of two that fit comes first.
PLACES: list[tuple[str, Any]] = [
    ("{n} files, every byte, as UTF-8, UTF-16 and escaped JSON, Parquet by its values",
     _("%(n)s files, every byte, as UTF-8, UTF-16 and escaped JSON, Parquet by its values")),
    ("{n} versions of objects, every byte", _("%(n)s versions of objects, every byte")),
    ("{n} keys with all their values", _("%(n)s keys with all their values")),
    ("{place}: no time, so keys of every time were erased", _("%(place)s: no time, so keys of every time were erased")),
    ("{place}: no time, so rows of every time were erased", _("%(place)s: no time, so rows of every time were erased")),
    ("{place}: no time column, so rows of every time were erased", _("%(place)s: no time column, so rows of every time were erased")),
    ("{place}: no time field, so rows of every time were erased", _("%(place)s: no time field, so rows of every time were erased")),
    ("{place}: text knows no times, so every mention was replaced", _("%(place)s: text knows no times, so every mention was replaced")),
    ("{place}: binary, not looked into", _("%(place)s: binary, not looked into")),
    ("{place} (no text)", _("%(place)s (no text)")),
    ("by hand: {n} found and erased; proof sha256 {digest}, seen by a second person",
     _("by hand: %(n)s found and erased; proof sha256 %(digest)s, seen by a second person")),
    ("every text and JSON column of {place} by id (name, e-mail and number were blanked before)",
     _("every text and JSON column of %(place)s by id (name, e-mail and number were blanked before)")),
    ("every text and JSON column of {place} by number, name and e-mail", _("every text and JSON column of %(place)s by number, name and e-mail")),
    ("vault.segment, capture_arrival and capture_clip by person and purpose", _("vault.segment, capture_arrival and capture_clip by person and purpose")),
    ("consents_objection by person and purpose", _("consents_objection by person and purpose")),
    ("stream_key by stream", _("stream_key by stream")),
    ("{n} kept sealed copies: not tried yet with the exporter's door", _("%(n)s kept sealed copies: not tried yet with the exporter’s door")),
    ("{n} kept sealed copies, tried with the exporter's door: {opened} opened",
     _("%(n)s kept sealed copies, tried with the exporter’s door: %(opened)s opened")),
    ("the object store by stream, every version and delete marker", _("the object store by stream, every version and delete marker")),
]  # fmt: skip
BLANKS = {"n": r"\d+", "opened": r"\d+", "place": r".+", "digest": r"\S+"}


def _shape(said: str) -> re.Pattern[str]:
    text = re.escape(said)
    for blank, form in BLANKS.items():
        text = text.replace(re.escape(f"{{{blank}}}"), f"(?P<{blank}>{form})")
    return re.compile(text)


_SHAPES = [(_shape(said), words) for said, words in PLACES]
ASKED = "asked for by "  # and the name of a request of HTTP


def told(said: str) -> str:
    """Each part in its words; a part that is not known stays as it was said."""
    return "; ".join(_part(part) for part in said.split("; ")) if said else ""


def _part(said: str) -> str:
    for ending, word in ENDINGS.items():
        if said.endswith(ending):
            return f"{_part(said.removesuffix(ending))}, {word}"
    if said.startswith(ASKED) and said not in WORDS:
        return gettext("asked for by %(request)s") % {"request": said.removeprefix(ASKED)}
    return str(WORDS.get(said, said))


def looked(place: str) -> str:
    """Where was looked, as one of `looked_at` of a Proof says it; a place that is a name alone stays as it is."""
    for shape, words in _SHAPES:
        if found := shape.fullmatch(place):
            return str(words) % found.groupdict()
    return place


def part(chunk: str) -> Any:
    """A part of a system, as a cell: of the vault the content of one key, with the end of its number."""
    if STREAM.fullmatch(chunk):
        return {"text": gettext("the content of one key"), "note": f"…{chunk[-6:]}"}
    return str(PARTS.get(chunk, chunk))
