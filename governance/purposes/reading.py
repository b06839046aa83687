"""How hard a text is to read: sentences, words, syllables, and the years of school that two formulas ask for. Pure.

English: Flesch–Kincaid grade (Kincaid et al. 1975). German: first Wiener Sachtextformel (Bamberger and Vanecek 1984).
For other languages no formula is established; there the words per sentence are what is looked at (decisions/0025).
"""

import re
from collections.abc import Callable

# A full stop after a short abbreviation or before a digit or a small letter ends nothing: "Art. 6 Abs. 1 Buchst. a".
END = re.compile(r"(?<=[.!?।॥۔؟᱾᱿꯫])[\"“”»’)]*\s+(?=[^\sa-zäöüß\d])|\n+")
WORD = re.compile(r"[^\s\"“”„»«()\[\].,:;!?।॥۔؟᱾᱿꯫/–—-]+")
VOWELS = re.compile(r"[aeiouyäöüáéíóúàèêâîôû]+", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    return [part.strip() for part in END.split(text) if part and part.strip()]


def words(sentence: str) -> list[str]:
    return [word for word in WORD.findall(sentence) if any(c.isalnum() for c in word)]


def syllables(word: str, language: str) -> int:
    """Groups of vowels; in English a final silent e is none of its own."""
    groups = len(VOWELS.findall(word))
    if language == "en" and re.search(r"[^aeiouyl]e(?:s|d)?$", word, re.IGNORECASE) and groups > 1:
        groups -= 1
    return max(groups, 1)


def _counted(text: str, language: str) -> tuple[int, list[str], list[int]]:
    said = [found for sentence in sentences(text) if (found := words(sentence))]
    all_words = [word for sentence in said for word in sentence]
    return len(said), all_words, [syllables(word, language) for word in all_words]


def flesch_kincaid(text: str) -> float:
    """Years of school for an English text; 0 for an empty one."""
    count, said, heard = _counted(text, "en")
    if not said:
        return 0.0
    return max(0.0, 0.39 * len(said) / count + 11.8 * sum(heard) / len(said) - 15.59)


def wiener(text: str) -> float:
    """Years of school for a German text; 0 for an empty one."""
    count, said, heard = _counted(text, "de")
    if not said:
        return 0.0
    share = 100 / len(said)
    many = share * sum(n >= 3 for n in heard)
    long = share * sum(len(word) > 6 for word in said)
    one = share * sum(n == 1 for n in heard)
    return max(0.0, 0.1935 * many + 0.1672 * len(said) / count + 0.1297 * long - 0.0327 * one - 0.875)


FORMULAS: dict[str, Callable[[str], float]] = {"en": flesch_kincaid, "de": wiener}


def words_per_sentence(text: str) -> float:
    said = [len(words(sentence)) for sentence in sentences(text)]
    return sum(said) / len(said) if said else 0.0
