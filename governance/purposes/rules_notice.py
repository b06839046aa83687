"""What keeps a notice from being written, reviewed or published: elements, languages, stale or unread texts, wording, one's own work."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.lib import languages
from governance.lib.refusals import Refused
from governance.purposes import catalogue, lint


@dataclass(frozen=True)
class TextFacts:
    """One text. `missing`: elements that a law asks for and that are empty."""

    language: str
    missing: tuple[str, ...] = ()
    is_reviewed: bool = False
    is_demo: bool = False
    is_stale: bool = False
    findings: tuple[lint.Finding, ...] = ()

    @property
    def is_usable(self) -> bool:
        return self.is_reviewed and not self.is_demo and not self.is_stale

    @property
    def stops(self) -> tuple[lint.Finding, ...]:
        return tuple(finding for finding in self.findings if finding.stops)


@dataclass(frozen=True)
class NoticeFacts:
    """`people`: canonical tag → how many of the people concerned speak it. `cites`: element → who asks for it, in one line."""

    published: bool = False
    texts: Mapping[str, TextFacts] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)
    cites: Mapping[str, str] = field(default_factory=dict)
    author: UUID | None = None  # who wrote the English text

    @property
    def required(self) -> tuple[str, ...]:
        """English, and every language of the people concerned (DPDP Act s.5(3); GDPR Art. 12(1), WP260)."""
        return tuple(dict.fromkeys(["en", *sorted(self.people)]))


def called(tag: str) -> str:
    """The language as the reader calls it: "Tamil", "Kashmiri (Devanagari)"."""
    row = languages.get(tag)
    return row.name(get_language() or "en") if row else f"“{tag}”"


def named(tag: str) -> str:
    """With its own name beside: "Tamil (தமிழ்)"."""
    native, said = languages.native(tag), called(tag)
    return said if native in (tag, said) else f"{said} ({native})"


@dataclass(frozen=True)
class Stop:
    """One thing that keeps a notice from being published, and the language in which it is to be put right."""

    code: str
    language: str
    sentence: Any
    facts: Mapping[str, Any]

    @property
    def says(self) -> str:
        return str(self.sentence) % self.facts

    def refused(self) -> Refused:
        return Refused(self.sentence, code=self.code, **self.facts)


def what_stops(facts: NoticeFacts) -> Iterator[Stop]:
    """Everything at once, so that it can be put right in one go."""
    if facts.published:
        yield Stop(
            "published",
            "",
            _("This version is published and stays as it is. Write a new version."),
            {"language": ""},
        )
        return
    absent = [language for language in facts.required if language not in facts.texts]
    if absent:
        said = ", ".join(named(language) for language in absent)
        yield Stop(
            "language_missing",
            absent[0],
            _("The notice has no text in: %(languages)s."),
            {"languages": said},
        )
    for language, text in sorted(facts.texts.items(), key=lambda pair: (pair[0] != "en", pair[0])):
        if language in facts.required or text.is_usable:
            yield from _of_text(text, facts)


def _of_text(text: TextFacts, facts: NoticeFacts) -> Iterator[Stop]:
    language = named(text.language)
    if text.missing:
        gaps = "; ".join(f"{part_name(code)} ({facts.cites[code]})" for code in text.missing)
        yield Stop(
            "element_missing", text.language, _("The text in %(language)s lacks: %(gaps)s."), {"language": language, "gaps": gaps}
        )  # fmt: skip
    if text.is_demo:
        yield Stop(
            "demo_text", text.language,
            _("The text in %(language)s is demo text, not reviewed. Write it anew and have it reviewed."), {"language": language},
        )  # fmt: skip
    elif text.is_stale:
        yield Stop(
            "stale_text", text.language,
            _("The text in %(language)s was made from an older English text. Bring it up to date."), {"language": language},
        )  # fmt: skip
    elif not text.is_reviewed:
        yield Stop(
            "not_reviewed", text.language, _("The text in %(language)s was not reviewed by a person yet."), {"language": language}
        )  # fmt: skip
    for finding in text.stops:
        yield Stop(
            "wording", text.language, _("The text in %(language)s: %(says)s"), {"language": language, "says": finding.says}
        )  # fmt: skip


def check_publish(facts: NoticeFacts, by: UUID | None = None) -> None:
    """A notice is published whole or not at all, and by somebody else than who wrote it."""
    for stop in what_stops(facts):
        raise stop.refused()
    if by is not None and by == facts.author:
        raise Refused(
            _("You cannot publish your own notice. Ask another member of the DPO’s office."), code="own_work"
        )


def check_write(published: bool) -> None:
    if published:
        raise Refused(
            _("This version is published and stays as it is. Write a new version."), code="published"
        )


def check_language(tag: str) -> None:
    if not languages.canonical(tag):
        raise Refused(
            _("“%(language)s” is not one of the languages of this portal. Choose one of the list."),
            code="no_such_language", language=tag,
        )  # fmt: skip


def check_words(text: lint.Text) -> None:
    """What is not even kept: markup, hidden characters, a text without end. Names the part."""
    for finding in lint.unsafe(text):
        raise Refused(
            "%(part)s: %(says)s %(suggestion)s",
            code=f"unsafe_{finding.code}", part=part_name(finding.element), says=finding.says, suggestion=finding.suggestion,
        )  # fmt: skip


def part_name(element: str, language: str = "") -> str:
    """How a part of a text is called on pages: its heading, or the signal whose reason it gives."""
    language = language or get_language() or "en"
    if element == "title":
        return str(_("Title"))
    if element in catalogue.ELEMENTS:
        return catalogue.heading(element, language)
    if element.startswith("why_"):
        return str(_("Why: %(signal)s")) % {"signal": signal_title(element.removeprefix("why_"), language)}
    return element or str(_("The text as a whole"))


def signal_title(code: str, language: str) -> str:
    kind = catalogue.signals().get(code)
    return kind.title(language) if kind else code


@dataclass(frozen=True)
class ReviewFacts:
    """`wrote`: who wrote these words; `author_name` theirs; `reviewer`: the name of who has read the text."""

    published: bool
    by: UUID
    wrote: UUID | None
    author_name: str
    reviewer: str
    reviewed_on: date
    today: date
    is_demo: bool = False
    is_stale: bool = False


def check_read(facts: ReviewFacts) -> None:
    """Who wrote a text neither reviews it nor enters that somebody did: two pairs of eyes on every language."""
    check_write(facts.published)
    if facts.is_demo:
        raise Refused(_("This is demo text. Write it anew before somebody reviews it."), code="demo_text")
    if facts.is_stale:
        raise Refused(
            _("This was made from an older English text. Bring it up to date before somebody reviews it."),
            code="stale_text",
        )
    if facts.by == facts.wrote:
        raise Refused(
            _("You wrote this text. Ask somebody else to review it, or to enter who did."), code="own_work"
        )
    if not facts.reviewer.strip():
        raise Refused(_("Say who has read the text."), code="no_reviewer")
    if facts.author_name and _plain(facts.author_name) in _plain(facts.reviewer):
        raise Refused(_("The author’s own name is no review. Somebody else has to read it."), code="own_name")
    if facts.reviewed_on > facts.today:
        raise Refused(
            _("The day of the review lies ahead. Enter the day on which it was read."), code="ahead"
        )


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
