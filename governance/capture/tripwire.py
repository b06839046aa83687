"""A last look at the text that would be kept: what tells of health, a union or an identity trips it. Pure; says a code, never a value.

Numbers count only where their checksum holds (Aadhaar: Verhoeff; IBAN: ISO 7064; cards: Luhn) or their shape is theirs
alone (PAN), so that an order number does not trip it.
"""

import re
import unicodedata
from functools import cache
from typing import Any

from ahocorasick_rs import AhoCorasick

from governance.lib import packs

EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63})+")
PAN = re.compile(
    r"(?<![A-Z0-9])[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z](?![A-Z0-9])", re.IGNORECASE
)  # 4th sign: kind of holder
IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,30}", re.IGNORECASE)
DIGITS = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){11,18}(?![0-9])")
PHONE = re.compile(r"(?<![\w+])(?:\+[1-9](?:[ ()/-]{0,2}[0-9]){7,14}|0?[6-9][0-9]{4}[ -]?[0-9]{5})(?![0-9])")
SHORTEST = 9  # signs of the shortest number that counts: a telephone's, "+" and eight digits
KINDS = ("aadhaar", "pan", "iban", "card", "email", "phone", "health", "union")

_D = [[(i + j) % 5 if i < 5 and j < 5 else 0 for j in range(10)] for i in range(10)]
for _i in range(10):  # multiplication of the dihedral group of ten
    for _j in range(10):
        if _i < 5:
            _D[_i][_j] = (_i + _j) % 5 if _j < 5 else 5 + (_i + _j - 5) % 5
        else:
            _D[_i][_j] = 5 + (_i - 5 - _j) % 5 if _j < 5 else (_i - _j) % 5
_P = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
for _n in range(2, 8):
    _P.append([_P[_n - 1][_P[1][_k]] for _k in range(10)])


def verhoeff(digits: str) -> bool:
    check = 0
    for i, digit in enumerate(reversed(digits)):
        check = _D[check][_P[i % 8][int(digit)]]
    return check == 0


def luhn(digits: str) -> bool:
    total = 0
    for i, digit in enumerate(reversed(digits)):
        n = int(digit) * (2 if i % 2 else 1)
        total += n - 9 if n > 9 else n
    return total % 10 == 0


def iban(text: str) -> bool:
    turned = text[4:] + text[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


@cache
def _words() -> tuple[AhoCorasick, tuple[tuple[str, bool], ...]]:
    """The machine, and by number of its pattern: (kind, only as a whole word)."""
    content = packs.load("tripwire").content
    found = [
        (unicodedata.normalize("NFC", word.rstrip("*")), kind, not word.endswith("*"))
        for kind in ("health", "union") for words in content[kind].values() for word in words
    ]  # fmt: skip
    return AhoCorasick([word for word, _kind, _whole in found]), tuple(
        (kind, whole) for _word, kind, whole in found
    )


def _is_letter(text: str, at: int) -> bool:
    return 0 <= at < len(text) and unicodedata.category(text[at])[0] in "LM"


def look(text: str) -> str:
    """The first kind (of KINDS) that stands in the text, or ""."""
    if len(text) < 3:
        return ""
    if len(text) >= SHORTEST and any(map(str.isdigit, text)):
        ours = text if text.isascii() else "".join(str(unicodedata.digit(sign, sign)) for sign in text)
        number = _number(ours)  # of every script
        if number:
            return number
    if "@" in text and EMAIL.search(text):
        return "email"
    small = text.lower() if text.isascii() else unicodedata.normalize("NFC", text.casefold())
    machine, kinds = _words()
    for which, begins, ends in machine.find_matches_as_indexes(small, overlapping=True):
        kind, whole = kinds[which]
        if not _is_letter(small, begins - 1) and not (whole and _is_letter(small, ends)):
            return kind
    return ""


def _number(text: str) -> str:
    if PAN.search(text):
        return "pan"
    for match in IBAN.finditer(text):
        joined = re.sub(r"[ -]", "", match.group())
        if any(iban(joined[:length]) for length in range(15, min(len(joined), 34) + 1)):
            return "iban"
    for match in DIGITS.finditer(text):
        digits = re.sub(r"[ -]", "", match.group())
        if not digits.isascii():
            continue
        if len(digits) == 12 and digits[0] in "23456789" and verhoeff(digits):
            return "aadhaar"
        if 13 <= len(digits) <= 19 and luhn(digits):
            return "card"
    return "phone" if PHONE.search(text) else ""


def tripped(kept: dict[str, Any]) -> str:
    """The first kind in any text of a minimised event, or "". Times and numbers of pixels are no text."""
    for name, value in kept.items():
        if isinstance(value, str) and name != "at" and (kind := look(value)):
            return kind
    return ""
