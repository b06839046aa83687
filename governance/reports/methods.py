"""What a connector says of how it erased, in the reader's language: written down in English, a few words joined. Pure."""

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
ENDINGS = {
    ", by the application's own models": _("by the application’s own models"),
    ", older versions deleted": _("older versions deleted"),
}
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
