"""How a person's number, name and e-mail are recognised in text: whole, in any case, with either order of the name."""

import re
import unicodedata
from collections.abc import Mapping

ERASED = "[erased]"
BETWEEN = r"[\s,._\-\u00a0]+"  # what may stand between the parts of a name
SHORTEST = 3  # a one- or two-letter identifier would be found everywhere


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
        self._pattern = re.compile("|".join(dict.fromkeys(patterns)), re.IGNORECASE) if patterns else None
        pieces = [piece.lower() for piece in self.fragments()]
        # Beyond ASCII one letter may stand for another ("ı" for "i"): there the pattern alone decides.
        self._pieces = pieces if all(piece.isascii() for piece in pieces) else []

    def __bool__(self) -> bool:
        return self._pattern is not None

    def fragments(self) -> list[str]:
        """Pieces of which at least one stands in every text that mentions the person, for a coarse first query."""
        whole = [value for kind, value in self.identifiers.items() if kind != "name"]
        longest = max(self.identifiers.get("name", "").split(), key=len, default="")
        pieces = [*whole, *([longest] if longest else [])]
        forms = [unicodedata.normalize(form, piece) for piece in pieces for form in ("NFC", "NFD")]
        return list(dict.fromkeys(forms))

    def count(self, text: str) -> int:
        if self._pattern is None or (self._pieces and text.isascii() and not self._likely(text.lower())):
            return 0
        return len(self._pattern.findall(unicodedata.normalize("NFC", text)))

    def stand_in(self, text: str) -> bool:
        """Is the person mentioned at all?"""
        if not text.isascii():
            return self.count(text) > 0
        if self._pattern is None or (self._pieces and not self._likely(text.lower())):
            return False
        return self._pattern.search(text) is not None

    def _likely(self, text: str) -> bool:
        return any(piece in text for piece in self._pieces)

    def replace(self, text: str) -> tuple[str, int]:
        """The text with every mention replaced by "[erased]", and how many there were."""
        if self._pattern is None:
            return text, 0
        if not self.count(text):
            return text, 0
        return self._pattern.subn(ERASED, unicodedata.normalize("NFC", text))


def _whole(pattern: str) -> str:
    """Not inside a longer word; an underline is no letter here: N-1001_notes mentions N-1001."""
    return rf"(?<![^\W_]){pattern}(?![^\W_])"


def _number(number: str) -> str:
    if any(sign.isalpha() for sign in number):
        return _whole(re.escape(number))
    # Digits alone also stand in dates, amounts and telephone numbers.
    return rf"(?<![.,:/\-]){_whole(re.escape(number))}(?![.,:/\-]\d)"
