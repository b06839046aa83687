"""The languages in which people are asked and told, their scripts and directions: data of packs/languages.toml. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from governance.lib import packs


@dataclass(frozen=True)
class Language:
    """`tag` is BCP 47. `instead_of`: the tag of the same language in its default script, when this is another one.

    `has_pages`: every page is translated; `has_own_pages`: at least those that a person meets who holds no office.
    `number`: place in the Eighth Schedule, 0 for none. `sentence`: that a page is not translated, in the language
    itself; empty where all are.
    """

    tag: str
    native: str
    names: dict[str, str]
    script: str  # ISO 15924
    script_name: str
    direction: str  # ltr, rtl
    font: str
    number: int
    has_pages: bool
    has_own_pages: bool
    instead_of: str
    sentence: str
    also: tuple[str, ...]

    @property
    def is_rtl(self) -> bool:
        return self.direction == "rtl"

    @property
    def is_scheduled(self) -> bool:
        return self.number > 0

    @property
    def base(self) -> str:
        return self.tag.partition("-")[0]

    def name(self, language: str = "en") -> str:
        """What a reader of this language calls it; English where nothing else is known."""
        return self.names.get(language.partition("-")[0].lower()) or self.names["en"]


@cache
def _table() -> dict[str, Language]:
    content = packs.load("languages").content
    return {tag: _language(tag, row, content["script"]) for tag, row in content["language"].items()}


def _language(tag: str, row: dict[str, Any], scripts: dict[str, Any]) -> Language:
    script = scripts[row["script"]]
    return Language(
        tag=tag, native=row["native"], names=row["names"], script=row["script"], script_name=script["name"],
        direction=script["direction"], font=row.get("font", script["font"]), number=row.get("scheduled", 0),
        has_pages=row.get("pages") is True, has_own_pages=bool(row.get("pages")), instead_of=row.get("instead_of", ""), sentence=row.get("sentence", ""),
        also=tuple(row.get("also", ())),
    )  # fmt: skip


@cache
def _spellings() -> dict[str, str]:
    """Every spelling that is understood, in lower case → the tag: "ks" → "ks-Arab", "gom" → "kok"."""
    known: dict[str, str] = {}
    for row in _table().values():
        known.update({also.lower(): row.tag for also in row.also})
        if not row.instead_of:
            known[row.base] = row.tag
            known[f"{row.base}-{row.script.lower()}"] = row.tag
    return known | {tag.lower(): tag for tag in _table()}


def all() -> list[Language]:
    """Every language in every script, those with translated pages first, then by the Eighth Schedule."""
    return list(_table().values())


def choices() -> list[Language]:
    """One line per language, in its default script: what a person chooses from."""
    return [row for row in all() if not row.instead_of]


def scheduled() -> list[Language]:
    """The languages of the Eighth Schedule in their order, each in its default script."""
    return sorted((row for row in all() if row.is_scheduled), key=lambda row: row.number)


def get(tag: str) -> Language | None:
    """The language of a tag, however it is spelt ("ks", "KS_arab", "de-AT"); None for one that is not in the list."""
    parts = tag.strip().replace("_", "-").lower().split("-")
    while parts:
        found = _spellings().get("-".join(parts))
        if found:
            return _table()[found]
        # A script that is not in the list is not the default one; a region is left off.
        if len(parts) > 1 and len(parts[-1]) == 4 and parts[-1].isalpha():
            return None
        parts.pop()
    return None


def canonical(tag: str) -> str:
    """The tag as it is stored; "" for a language that is not in the list."""
    found = get(tag)
    return found.tag if found else ""


def native(tag: str) -> str:
    """The language's own name; the tag itself where it is not in the list."""
    found = get(tag)
    return found.native if found else tag


def is_rtl(tag: str) -> bool:
    found = get(tag)
    return bool(found and found.is_rtl)


def direction(tag: str) -> str:
    return "rtl" if is_rtl(tag) else "ltr"


def same(one: str, other: str) -> bool:
    """The same language, in whichever script."""
    first, second = get(one), get(other)
    if first is None or second is None:
        return one.partition("-")[0].lower() == other.partition("-")[0].lower()
    return first.base == second.base


def best(tag: str, offered: Iterable[str]) -> str | None:
    """Which of the offered tags a reader of `tag` gets: the same text, its language in the default script, then in any.

    None when the language is not there at all: the caller shows another one and says so.
    """
    there = list(offered)
    if tag in there:
        return tag
    wanted = get(tag)
    if wanted is None:
        return None
    of_it = {found.tag: key for key in reversed(there) if (found := get(key)) and found.base == wanted.base}
    return of_it.get(wanted.tag) or of_it.get(wanted.instead_of) or next(iter(of_it.values()), None)


def of_pages(tag: str, *, own: bool = False) -> str:
    """The language in which a page is shown to who wants `tag`: that one where it is translated, else English.

    `own`: the page is one of those that a person meets who holds no office.
    """
    found = get(tag)
    return found.tag if found and (found.has_pages or (own and found.has_own_pages)) else "en"
