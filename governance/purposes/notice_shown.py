"""A notice as pages show it: languages and what each still lacks, what every law asks for, what publishing brings about."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.lib import languages
from governance.lib.dates import date_format
from governance.purposes import catalogue, elements, headings, rules_notice, words
from governance.purposes.models import Notice, NoticeText, PurposeVersion
from governance.purposes.rules_notice import NoticeFacts, TextFacts

TEN = 10


@dataclass(frozen=True)
class Tongue:
    """One language of a notice: who reads it, whether a text stands there, and what is wrong with it."""

    tag: str
    native: str
    called: str
    direction: str
    readers: str
    required: bool
    text: NoticeText | None
    state: str  # code for the pill
    word: str
    colour: str
    note: str
    stops: int
    advice: int

    @property
    def counts(self) -> bool:
        """Required, or written by somebody: demo text that nobody reads is folded away."""
        return self.required or self.state != "demo"


def readers(many: int) -> str:
    """How many of the people concerned read a language; never how few (rule of ten)."""
    if not many:
        return str(_("nobody concerned"))
    if many < TEN:
        return str(_("fewer than ten people"))
    return ngettext("%(n)d person", "%(n)d people", many) % {"n": many}


def tongues(notice: Notice, facts: NoticeFacts) -> list[Tongue]:
    """Required languages first, then those with a text; each once."""
    by_tag = {languages.canonical(text.language) or text.language: text for text in notice.texts.all()}
    tags = dict.fromkeys(
        [*facts.required, *(row.tag for row in languages.all() if row.tag in by_tag), *by_tag]
    )
    return [_tongue(tag, by_tag.get(tag), facts) for tag in tags]


def _tongue(tag: str, text: NoticeText | None, facts: NoticeFacts) -> Tongue:
    state, word, colour, note = _state(text, facts.texts.get(tag))
    found = facts.texts[tag].findings if tag in facts.texts else ()
    return Tongue(
        tag=tag, native=languages.native(tag), called=rules_notice.called(tag), direction=languages.direction(tag),
        readers=readers(facts.people.get(tag, 0)) if facts.people.get(tag, 1) else str(_("a language of this entity")), required=tag in facts.required, text=text,
        state=state, word=word, colour=colour, note=note,
        stops=sum(finding.stops for finding in found), advice=sum(not finding.stops for finding in found),
    )  # fmt: skip


def _state(text: NoticeText | None, facts: TextFacts | None) -> tuple[str, str, str, str]:
    """(code, word, colour, note) of the pill."""
    if text is None or facts is None:
        return "missing", _("no text"), "bad", ""
    if facts.is_demo:
        return "demo", _("demo text, not reviewed"), "warn", ""
    if facts.is_stale:
        return "stale", _("older than the English"), "warn", ""
    if not facts.is_reviewed:
        return "unread", _("not reviewed yet"), "warn", ""
    day = date_format(text.reviewed_on, "j M Y") if text.reviewed_on else ""
    return "approved", _("reviewed"), "good", f"{text.reviewed_by}, {day}"


def matrix(
    facts: NoticeFacts, asked: Mapping[str, list[elements.Asked]], wholes: Iterable[elements.Whole], on: Any
) -> list[dict[str, Any]]:
    """One row per thing that a law asks for: its citations per law, and per language whether it is there."""
    tags = columns(facts)
    rows = [
        {
            "heading": rules_notice.part_name(code), "code": code, "laws": laws(who, on),
            "cells": [_there(facts.texts.get(tag), code) for tag in tags],
        }
        for code, who in asked.items()
    ]  # fmt: skip
    for whole in wholes:
        cells = [_good(facts.texts.get(tag), whole.findings) for tag in tags]
        heading = catalogue.whole_heading(whole.code, words.reader())
        rows.append({"heading": heading, "code": "", "laws": laws(whole.asked, on), "cells": cells})
    return rows


def columns(facts: NoticeFacts) -> list[str]:
    """The languages that count: required ones, and what people would be shown besides."""
    usable = [tag for tag, text in facts.texts.items() if text.is_usable]
    return list(dict.fromkeys([*facts.required, *usable]))


def laws(who: Iterable[elements.Asked], on: Any) -> str:
    return words.citations([(row.provision, row.part) for row in who], on)


def _there(text: TextFacts | None, code: str) -> dict[str, Any]:
    if text is None:
        return {"good": False, "says": _("no text")}
    return {"good": code not in text.missing, "says": _("missing") if code in text.missing else _("there")}


def _good(text: TextFacts | None, codes: frozenset[str]) -> dict[str, Any]:
    if text is None:
        return {"good": False, "says": _("no text")}
    against = [finding for finding in text.findings if finding.code in codes]
    if any(finding.stops for finding in against):
        return {"good": False, "says": _("not so")}
    if against:
        return {
            "good": True,
            "says": ngettext("%(n)d advice", "%(n)d pieces of advice", len(against)) % {"n": len(against)},
        }
    return {"good": True, "says": _("nothing found")}


def findings(text: TextFacts | None) -> list[dict[str, Any]]:
    """What the lint found in one text, each with its place."""
    return [
        {"finding": finding, "part": rules_notice.part_name(finding.element), "stops": finding.stops}
        for finding in (text.findings if text else ())
    ]


@dataclass(frozen=True)
class Consequences:
    """What publishing brings about besides new words."""

    version: int  # of the register, which holds from then on; 0: none waits
    material: list[str]
    people: str

    @property
    def says(self) -> str:
        if not self.version:
            return str(_("The register stays as it is, and every consent goes on counting."))
        says = str(_("This also puts version %(version)s of the register in force.")) % {
            "version": self.version
        }
        if not self.material:
            return says
        changed = _("What changes materially: %(changes)s.") % {"changes": "; ".join(self.material)}
        asked = _(
            "Whoever had agreed is asked again: %(people)s concerned. Until then nothing more is recorded of them."
        )
        return f"{says} {changed} {asked % {'people': self.people}}"


def consequences(waiting: PurposeVersion | None, facts: NoticeFacts) -> Consequences:
    changed = [
        f"{headings.heading(change['field'])} ({change['cite']})"
        if change.get("cite")
        else headings.heading(change["field"])
        for change in (waiting.material if waiting else ())
    ]
    return Consequences(waiting.number if waiting else 0, changed, readers(sum(facts.people.values())))


PIECES = re.compile(r"\S+\s*|\s+")  # a word with what follows it: blanks by themselves would match everywhere


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """What became of a text, word by word: [("same" | "gone" | "new", words)]."""
    old, new = PIECES.findall(before), PIECES.findall(after)
    found: list[tuple[str, str]] = []
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(new[b1:b2])))
            continue
        found += [
            (name, said)
            for name, said in (("gone", "".join(old[a1:a2])), ("new", "".join(new[b1:b2])))
            if said
        ]
    return found
