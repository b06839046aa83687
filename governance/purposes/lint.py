"""What is wrong with the words of a notice: each find with its place, from packs/lint.toml and a few structural checks. Pure.

It reads, it does not understand: a find that stops publishing is put otherwise, an advice may be left as it is.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

from governance.lib import languages, packs
from governance.purposes import reading
from governance.purposes.lint_words import SAYS, SUGGESTS

NAMES = ("controller", "joint", "representative", "contact")  # mostly names and addresses: not read for style
TITLE, ELEMENT = 300, 6000  # the longest that is kept, in characters
MARKUP = re.compile(
    r"<\s*[/!?]?\s*[a-z]|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});|javascript\s*:|\]\(\s*\w+:|\{%|\{\{", re.I
)
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they reorder what is read
HIDDEN = frozenset("\u200b\u2060\ufeff\u180e")  # not U+200C and U+200D: Indic scripts need the joiners
QUOTED = re.compile(r"“[^”]*”|„[^“”]*[“”]|\"[^\"]*\"|\S+@\S+|\bhttps?:\S+")
LATIN = re.compile(r"[A-Za-z][A-Za-z’'-]*(?:\s+[A-Za-z][A-Za-z’'-]*){2,}")
ENGLISH = frozenset(
    "the and of your you is are to will with for not that it we this what when which from has be".split()
)
SCRIPTS = {
    "Latn": "LATIN", "Deva": "DEVANAGARI", "Beng": "BENGALI", "Gujr": "GUJARATI", "Guru": "GURMUKHI", "Knda": "KANNADA",
    "Mlym": "MALAYALAM", "Mtei": "MEETEI", "Olck": "OL", "Orya": "ORIYA", "Taml": "TAMIL", "Telu": "TELUGU", "Arab": "ARABIC",
}  # fmt: skip


@dataclass(frozen=True)
class Text:
    """The words of a notice in one language, hashable: `elements` in the order in which they are told."""

    language: str
    title: str
    elements: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, language: str, title: str, elements: Mapping[str, str]) -> "Text":
        return cls(language, title, tuple((code, str(said)) for code, said in elements.items() if said))


@dataclass(frozen=True)
class Finding:
    """`element` "" is the text as a whole; `number` counts sentences from 1; `found` are the words that were found."""

    code: str
    severity: str  # stop: keeps the notice from being published; advice: may be left
    language: str
    element: str
    number: int = 0
    sentence: str = ""
    found: str = ""
    limit: int = 0
    cite: str = ""

    @property
    def stops(self) -> bool:
        return self.severity == "stop"

    @property
    def says(self) -> str:
        return str(SAYS[self.code]) % {"found": self.found, "limit": self.limit}

    @property
    def suggestion(self) -> str:
        return str(SUGGESTS[self.code]) % {"limit": self.limit}


@lru_cache(maxsize=4096)
def findings(text: Text, on: date, english: Text | None = None) -> tuple[Finding, ...]:
    """Everything that was found, what stops first; in each half by place."""
    found = [*unsafe(text), *_wordings(text, on), *_length(text), *_reading(text), *_scripts(text, english)]
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: not finding.stops))


def places(text: Text) -> Iterable[tuple[str, str]]:
    yield "title", text.title
    yield from text.elements


def unsafe(text: Text) -> Iterator[Finding]:
    """What is not even kept: markup, characters that nobody sees, a text without end."""
    for element, said in places(text):
        at = (text.language, element)
        if match := MARKUP.search(said):
            yield Finding("markup", "stop", *at, found=match.group()[:20])
        if any(c in BIDI for c in said):
            yield Finding("bidi", "stop", *at)
        if any(c in HIDDEN or _is_control(c) for c in said):
            yield Finding("hidden", "stop", *at)
        if len(said) > (limit := TITLE if element == "title" else ELEMENT):
            yield Finding("too_long", "stop", *at, found=str(len(said)), limit=limit)


def _is_control(c: str) -> bool:
    return (
        unicodedata.category(c) in ("Cc", "Cs", "Co") and c not in "\n\r\t"
    ) or "\U000e0000" <= c <= "\U000e007f"


@dataclass(frozen=True)
class Rule:
    """One row of the pack, its expressions compiled for one language."""

    code: str
    severity: str
    cite: str
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    only: frozenset[str]
    needs: bool
    inside: bool
    laws: tuple[tuple[str, re.Pattern[str]], ...]


@cache
def rules(language: str) -> tuple[Rule, ...]:
    base = language.partition("-")[0]
    made = []
    for code, row in packs.load("lint").content["rule"].items():
        patterns = _compiled([*row.get(base, ()), *row.get("any", ())])
        if patterns:
            made.append(
                Rule(
                    code, row["severity"], row.get("cite", ""), patterns, _compiled(row.get("unless", ())),
                    frozenset(row.get("only", ())), row.get("needs", False), row.get("inside", False),
                    tuple((law, *_compiled([expression])) for law, expression in row.get("laws", {}).items()),
                )
            )  # fmt: skip
    return tuple(made)


def _compiled(expressions: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(expression, re.IGNORECASE) for expression in expressions)


def _pack(name: str) -> dict[str, Any]:
    return packs.load("lint").content[name]


def _wordings(text: Text, on: date) -> Iterator[Finding]:
    for element, said in places(text):
        said = said.replace("'", "’")
        for rule in rules(text.language):
            if rule.only and element not in rule.only:
                continue
            if rule.needs:
                if not any(pattern.search(said) for pattern in rule.patterns):
                    yield Finding(
                        rule.code, rule.severity, text.language, element, sentence=said[:160], cite=rule.cite
                    )
                continue
            for number, sentence in enumerate(reading.sentences(said), start=1):
                if found := _find(rule, sentence, text.language, on):
                    yield Finding(
                        rule.code, rule.severity, text.language, element, number, sentence[:160], found[:60], cite=rule.cite
                    )  # fmt: skip


def _find(rule: Rule, sentence: str, language: str, on: date) -> str:
    """The words that the rule finds in this sentence and that nothing turns into their opposite; "" for none."""
    if any(pattern.search(sentence) for pattern in rule.unless):
        return ""
    if rule.laws and not any(
        not packs.binds(law, on) and pattern.search(sentence) for law, pattern in rule.laws
    ):
        return ""
    for pattern in rule.patterns:
        for match in pattern.finditer(sentence):
            if not _denied(rule, sentence, match, language):
                return match.group().strip()
    return ""


def _denied(rule: Rule, sentence: str, match: re.Match[str], language: str) -> bool:
    negations = set(_pack("negation").get(language.partition("-")[0], ()))
    near = reading.words(sentence[: match.start()])[-4:] + reading.words(sentence[match.end() :])[:2]
    if rule.inside:
        near += reading.words(match.group())
    return any(word.casefold() in negations for word in near)


def _limit(name: str, language: str) -> int:
    table = _pack("limits")[name]
    return int(table.get(language.partition("-")[0], table.get("other", 0)))


def _length(text: Text) -> Iterator[Finding]:
    at_most = int(_pack("limits")["title"])
    if at_most < len(text.title) <= TITLE:
        yield Finding(
            "long_title", "advice", text.language, "title", found=str(len(text.title)), limit=at_most
        )
    limit = _limit("sentence", text.language)
    for element, said in text.elements:
        if element in NAMES:
            continue
        for number, sentence in enumerate(reading.sentences(said), start=1):
            if (n := len(reading.words(sentence))) > limit:
                yield Finding(
                    "long_sentence", "advice", text.language, element, number, sentence[:160], str(n), limit
                )


def _reading(text: Text) -> Iterator[Finding]:
    said = "\n".join(words for code, words in text.elements if code not in NAMES)
    formula, grade = reading.FORMULAS.get(text.language.partition("-")[0]), _limit("grade", text.language)
    if formula is not None and (years := formula(said)) > grade:
        yield Finding("reading", "advice", text.language, "", found=f"{years:.0f}", limit=grade)
    most = _limit("average", text.language)
    if formula is None and (mean := reading.words_per_sentence(said)) > most:
        yield Finding("dense", "advice", text.language, "", found=f"{mean:.0f}", limit=most)


def _scripts(text: Text, english: Text | None) -> Iterator[Finding]:
    """Whether the text is in its language at all, and what was left in English."""
    if text.language == "en":
        return
    row = languages.get(text.language)
    script = row.script if row else "Latn"
    told = [(code, said) for code, said in text.elements if code not in NAMES]
    letters = [c for _code, said in told for c in QUOTED.sub(" ", said) if c.isalpha()]
    if letters and sum(unicodedata.name(c, "").startswith(SCRIPTS[script]) for c in letters) * 2 < len(
        letters
    ):
        yield Finding("wrong_script", "stop", text.language, "", found=row.script_name if row else script)
        return
    beside = dict(english.elements) if english else {}
    for code, said in told:
        if beside.get(code) == said and sum(word.islower() for word in reading.words(said)) >= 6:
            yield Finding("same_as_english", "stop", text.language, code, sentence=said[:160])
            continue
        for number, sentence in enumerate(reading.sentences(said), start=1):
            if left := _left_in_english(QUOTED.sub(" · ", sentence), script):
                yield Finding(
                    "untranslated", "advice", text.language, code, number, sentence[:160], left[:60]
                )


def _left_in_english(sentence: str, script: str) -> str:
    if script != "Latn":
        runs = (match.group() for match in LATIN.finditer(sentence))
        return next((run for run in runs if sum(word[0].islower() for word in run.split()) >= 2), "")
    known = [word for word in reading.words(sentence) if word.casefold() in ENGLISH]
    return " ".join(known) if len({word.casefold() for word in known}) >= 4 else ""
