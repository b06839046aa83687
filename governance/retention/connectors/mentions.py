"""How a person's number, name and e-mail are recognised in text: whole, in any case, with either order of the name."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cached_property

ERASED = "[erased]"
BETWEEN = r"[\s,._\-\u00a0]+"  # what may stand between the parts of a name
SHORT = 100  # letters: a text in which the pattern may as well be tried everywhere
SHORTEST = 3  # a one- or two-letter identifier would be found everywhere
# Letters beyond ASCII that are taken for one of ASCII where case does not matter, or become two when made small.
ALIKE = ("ı", "İ", "ſ", "\u212a")


class Mentions:
    """Looks for the identifiers of one person. `identifiers`: number, name, email; each may be missing.

    A number or an address counts only whole (N-100 is not found in N-1001); a full name also with its last part
    first. A first name alone is nobody's: it is not looked for.
    """

    def __init__(self, identifiers: Mapping[str, str]) -> None:
        self.identifiers = {
            kind: unicodedata.normalize("NFC", value.strip())
            for kind, value in identifiers.items()
            if value and len(value.strip()) >= SHORTEST
        }
        patterns = []
        if "number" in self.identifiers:
            patterns.append(_number(self.identifiers["number"]))
        if "email" in self.identifiers:
            patterns.append(rf"(?<![\w.+\-]){re.escape(self.identifiers['email'])}(?![\w\-]|\.\w)")
        parts = self.identifiers.get("name", "").split()
        for order in [parts, [parts[-1], *parts[:-1]]] if len(parts) > 1 else [parts]:
            if order:
                patterns.append(_whole(BETWEEN.join(map(re.escape, order))))
        self._alternatives = list(dict.fromkeys(patterns))
        # Beyond ASCII one letter may stand for another ("ı" for "i"): there the pattern alone decides.
        self.is_plain = bool(patterns) and all(value.isascii() for value in self.identifiers.values())
        self._begins = [value.lower() for kind, value in self.identifiers.items() if kind != "name"]
        # Of a name of two parts the longer one is looked for, which is the rarer: each way round it leads to the beginning.
        small = [part.lower() for part in parts]
        self._two = tuple(sorted(small, key=len)) if len(small) == 2 and small[0] != small[1] else ()
        self._begins += [] if self._two else dict.fromkeys((*small[:1], *small[-1:]))

    def __bool__(self) -> bool:
        return bool(self._alternatives)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Made when it is first asked: of many people few are in most texts."""
        return re.compile("|".join(self._alternatives), re.IGNORECASE)

    def fragments(self) -> list[str]:
        """Pieces of which at least one stands in every text that mentions the person, for a coarse first query."""
        whole = [value for kind, value in self.identifiers.items() if kind != "name"]
        longest = max(self.identifiers.get("name", "").split(), key=len, default="")
        pieces = [*whole, *([longest] if longest else [])]
        forms = [unicodedata.normalize(form, piece) for piece in pieces for form in ("NFC", "NFD")]
        return list(dict.fromkeys(forms))

    def count(self, text: str) -> int:
        return sum(1 for _span in self._spans(normal(text)))

    def stand_in(self, text: str) -> bool:
        """Is the person mentioned at all?"""
        text = normal(text)
        if len(text) < SHORT:
            return bool(self) and self.pattern.search(text) is not None
        return next(self._spans(text), None) is not None

    def replace(self, text: str) -> tuple[str, int]:
        """The text with every mention replaced by "[erased]", and how many there were."""
        composed = normal(text)
        spans = list(self._spans(composed))
        if not spans:
            return text, 0
        ends = [0, *(end for _start, end in spans)]
        between = [composed[end:start] for end, (start, _end) in zip(ends, spans, strict=False)]
        return ERASED.join([*between, composed[ends[-1] :]]), len(spans)

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the pattern matches, from left to right. It is tried only where a mention can begin: to try it at every
        letter of a long text takes a hundred times as long."""
        if not self:
            return
        if len(text) < SHORT or not self.is_plain or not is_plain(text):
            yield from (found.span() for found in self.pattern.finditer(text))
            return
        over = 0
        for place in self._beginnings(text.lower()):
            if place >= over and (found := self.pattern.match(text, place)):
                over = found.end()
                yield found.span()

    def _beginnings(self, small: str) -> list[int]:
        """Where a mention can begin, in ascending order."""
        found = {place for begin in self._begins for place in _places(small, begin)}
        if self._two:
            shorter, longer = self._two
            for place in _places(small, longer):
                # Between the two stands nothing that could be a part of the name: the nearest one before, or none.
                found |= {place, small.rfind(shorter, 0, place)}
        return sorted(found - {-1})


def is_plain(text: str) -> bool:
    """Does a letter of ASCII stand only for itself here, small or capital, and is the text as long in small letters?"""
    return text.isascii() or not any(letter in text for letter in ALIKE)


def normal(text: str) -> str:
    """With composed letters, as it is looked through."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _places(text: str, begin: str) -> Iterator[int]:
    place = text.find(begin)
    while place >= 0:
        yield place
        place = text.find(begin, place + 1)


def _whole(pattern: str) -> str:
    """Not inside a longer word; an underline is no letter here: N-1001_notes mentions N-1001."""
    return rf"(?<![^\W_]){pattern}(?![^\W_])"


def _number(number: str) -> str:
    if any(sign.isalpha() for sign in number):
        return _whole(re.escape(number))
    # Digits alone also stand in dates, amounts and telephone numbers.
    return rf"(?<![.,:/\-]){_whole(re.escape(number))}(?![.,:/\-]\d)"
