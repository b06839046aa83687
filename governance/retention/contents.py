"""What each entry of a data map holds: its categories of data and the purposes they are for, else those of the whole system.

An entry (a table, a model, a pattern of files, objects or keys, a step of a service) may carry two words beside its own:

    {"table": "visits", …, "categories": ["AP"], "purposes": ["PA-0003"]}

A pattern of whole files or objects, or of text, stands as {"files": pattern} or {"keys": pattern} then. Connectors never see the two
words: where the data lie and what becomes of them does not depend on what they are called (decisions/0075).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused
from governance.purposes import lists
from governance.purposes.models import DataSystem, Purpose

WORDS = frozenset({"categories", "purposes"})
PARTS = ("tables", "models", "own", "rows", "text", "fields", "members", "entries", "steps")
CALLED = ("table", "model", "files", "keys", "name")  # the word of an entry that says where it lies


@dataclass(frozen=True)
class Content:
    """One entry of a map. Empty `categories` and `purposes`: as the system and the map say."""

    part: str
    place: str
    categories: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()  # numbers of entries of the register
    time: str = ""  # the column or field that says how old it is
    of_the_store: bool = False  # the store's own date does

    def is_in(self, chunk: str) -> bool:
        """Does a connector work on it in this chunk? By its name, or with all of its part: "own", "own files"."""
        return chunk in (self.place, self.part) or chunk.startswith(f"{self.part} ")


def of(spec: Mapping[str, Any]) -> tuple[Content, ...]:
    """The entries in the order of the map; nothing of what is no entry, which the connector refuses."""
    return tuple(_content(part, entry) for part, entry in _entries(spec))


def plain(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The map as a connector reads it."""
    return {
        part: [_bare(entry) for entry in said] if part in PARTS and isinstance(said, list) else said
        for part, said in spec.items()
    }


def check(spec: Mapping[str, Any], system: DataSystem, purpose: Purpose | None) -> None:
    """Raises Refused where an entry names a category that no list has, or a purpose that is none of this map."""
    for part, entry in _entries(spec):
        said = entry if isinstance(entry, Mapping) else {}
        if not all(_is_words(said.get(word, [])) for word in WORDS):
            raise Refused(
                _("“%(place)s”: categories and purposes are lists of codes and of numbers of entries."), code="map_wrong",
                place=_called(entry) or part,
            )  # fmt: skip
    named = of(spec)
    if unknown := unknown_in(named):
        raise Refused(
            _("No list knows these categories of data: %(unknown)s. There are: %(known)s."), code="unknown_category",
            unknown=", ".join(unknown), known=", ".join(lists.categories()),
        )  # fmt: skip
    numbers = {number for content in named for number in content.purposes}
    there = set(
        Purpose.objects.filter(entity=system.entity, number__in=numbers).values_list("number", flat=True)
    )
    if missing := sorted(numbers - there):
        raise Refused(
            _("The register has no entry %(missing)s."),
            code="unknown_purpose",
            missing=", ".join(missing),
        )
    for content in named:
        if purpose is not None and content.purposes and purpose.number not in content.purposes:
            raise Refused(
                _("“%(place)s” stands on the map of %(number)s, so it holds data of that purpose, too. Name it as well."),
                code="map_of_another", place=content.place, number=purpose.number,
            )  # fmt: skip


def unknown_in(contents: tuple[Content, ...]) -> list[str]:
    """Categories that are named there and are on no list: what was confirmed may be older than the list."""
    named = {code for content in contents for code in content.categories}
    return sorted(named - set(lists.categories()))


def categories(contents: tuple[Content, ...], chunk: str, system: DataSystem) -> list[str]:
    """Codes of what lies in this chunk, in the order of the list."""
    here = [content for content in contents if content.is_in(chunk)]
    named = {code for content in here for code in content.categories or system.categories}
    if not here:
        named = set(system.categories)
    return [code for code in lists.categories() if code in named]


def _entries(spec: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for part in PARTS:
        said = spec.get(part)
        yield from ((part, entry) for entry in said) if isinstance(said, list) else ()


def _content(part: str, entry: Any) -> Content:
    if not isinstance(entry, Mapping):
        return Content(part, str(entry))
    said = (tuple(entry[word]) if _is_words(entry.get(word)) else () for word in ("categories", "purposes"))
    return Content(part, _called(entry), *said, str(entry.get("time") or ""), entry.get("age") == "store")


def _called(entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return str(entry)
    return next((str(entry[word]) for word in CALLED if entry.get(word)), "")


def _bare(entry: Any) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    return {word: value for word, value in entry.items() if word not in WORDS}


def _is_words(said: Any) -> bool:
    return isinstance(said, list) and all(isinstance(word, str) and word for word in said)
