"""One value, one text: what stands in a cell of a spreadsheet, harmless there, and the same value when it is read again."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from hashlib import sha256
from typing import Any

from governance.purposes import lists
from governance.purposes.activity import Activity, load, plain

LONGEST = 32_767  # characters that a cell of Excel holds
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
FORMULA = "=+-@\t\r＝＋－＠"  # what spreadsheets take for the beginning of a formula
NOTHING = "–"  # said to be empty, where an empty cell means something else
ON_ONE_LINE = frozenset({"name", "code", "category", "processor", "law"})
SHORT = {"https://w3id.org/dpv/pd#": "pd:", "https://w3id.org/dpv#": "dpv:"}


@dataclass(frozen=True)
class Fault:
    """What is wrong and where. Row 1 is the first of the sheet; row 0 the sheet or file as a whole."""

    sheet: str
    row: int
    column: str
    sentence: Any


@dataclass(frozen=True)
class Entry:
    """One activity as a file has it. `entity`, `unit` and `owner` are still words: a code, a name, a staff number."""

    at: int
    activity: Activity
    number: str = ""
    entity: str = ""
    unit: str = ""
    owner: str = ""
    review_on: date | None = None
    state: str = ""
    version: int = 0


def tidy(text: str) -> str:
    """The text without what no cell can hold, and without space around it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text).strip()


def one_line(text: str) -> str:
    return " ".join(tidy(text).split())


def settled(activity: Activity) -> Activity:
    """The activity as a file gives it back: every text tidy, names and entries of lists on one line, nothing empty in lists."""
    return load(_settled(plain(activity)))


def _settled(value: Any) -> Any:
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, dict):
        return {
            key: one_line(one) if key in ON_ONE_LINE and isinstance(one, str) else _settled(one)
            for key, one in value.items()
        }
    if isinstance(value, (list, tuple)):
        found = [one_line(one) if isinstance(one, str) else _settled(one) for one in value]
        return [one for one in found if one and (not isinstance(one, dict) or any(one.values()))]
    return value


def guarded(text: str) -> str:
    """The text as it may stand in a CSV file: an apostrophe keeps it from being run as a formula."""
    return (
        f"'{text}"
        if text and (text[0] in FORMULA or (text[0] == "'" and text[1:2] in tuple(FORMULA + "'")))
        else text
    )


def unguarded(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] and text[1] in FORMULA + "'" else text


def of_entries(entries: Sequence[str]) -> str:
    """One entry per line; as JSON where lines would not give the same entries again."""
    text = "\n".join(entries)
    return text if entries_of(text) == tuple(entries) else json.dumps(list(entries), ensure_ascii=False)


def entries_of(text: str) -> tuple[str, ...]:
    if text.startswith("["):
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return tuple(found)
    return tuple(stripped for one in text.split("\n") if (stripped := one.strip()))


def of_codes(name: str, codes: Iterable[str]) -> str:
    return "\n".join(label(name, code) for code in codes)


def label(name: str, code: str) -> str:
    """The English label: a file reads the same whoever exports it."""
    return lists.label(name, code, "en") if code else ""


def codes_of(name: str, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(codes, pieces that the list does not know). Labels or codes, one per line or between semicolons or commas."""
    found = [_codes_in(name, line.strip(), ";,") for line in text.split("\n") if line.strip()]
    return tuple(code for codes, _wrong in found for code in codes), tuple(
        piece for _codes, wrong in found for piece in wrong
    )


def _codes_in(name: str, piece: str, marks: str) -> tuple[list[str], list[str]]:
    """Whole first: a label may hold the mark that separates others."""
    if code := code_of(name, piece):
        return [code], []
    if not marks:
        return [], [piece]
    found = [_codes_in(name, part.strip(), marks[1:]) for part in piece.split(marks[0]) if part.strip()]
    wrong = [one for _codes, unknown in found for one in unknown]
    if wrong and marks[0] == ",":
        return [], [piece]
    return [code for codes, _wrong in found for code in codes], wrong


@lru_cache(maxsize=8192)
def code_of(name: str, said: str) -> str:
    """lists.code_of, remembered: a file says the same few words thousands of times."""
    return lists.code_of(name, said)


def short_term(iri: str) -> str:
    """pd:Salary for its IRI; an IRI of no prefix stays whole."""
    return next((prefix + iri[len(base) :] for base, prefix in SHORT.items() if iri.startswith(base)), iri)


def nearest(said: str, known: Iterable[str] | Mapping[str, str]) -> list[str]:
    """Up to three of the known words that look like the one that was said; of a mapping, what they stand for."""
    shown = known if isinstance(known, Mapping) else {word: word for word in known}
    by_fold = {word.casefold(): meant for word, meant in shown.items()}
    found = get_close_matches(said.casefold()[:80], by_fold, n=6, cutoff=0.6)
    return list(dict.fromkeys(by_fold[word] for word in found))[:3]


def wordings(name: str) -> dict[str, str]:
    """Label, code, and label without its article → label, of every code of a list."""
    labels = {code: label(name, code) for code in lists.codes(name)}
    return {word: said for code, said in labels.items() for word in (said.partition(", ")[0], code, said)}


def code_from(name: str) -> str:
    """A code for a data item that has only a name: ascii, at most 40 characters, always the same."""
    ascii_ = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    code = re.sub(r"[^a-z0-9]+", "_", ascii_).strip("_")[:40].strip("_")
    return code or f"item_{sha256(name.encode()).hexdigest()[:8]}"


def day_of(value: Any) -> date | None:
    """The day for a day, a moment at midnight, or 2026-04-01. ValueError for what could be two days."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date) or value is None:
        return value
    text = str(value).strip()
    return date.fromisoformat(text) if text else None


def as_text(value: Any) -> str:
    """A cell as words: days as 2026-04-01, whole numbers without a point, yes and no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return (
            value.date().isoformat()
            if (value.hour, value.minute, value.second) == (0, 0, 0)
            else value.isoformat(" ")
        )
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return tidy(str(value))


def without_defaults(part: Any) -> Mapping[str, Any]:
    """The fields of a Part that say something, as plain values."""
    usual = dict(zip(type(part).__struct_fields__[::-1], type(part).__struct_defaults__[::-1], strict=False))
    return {
        name: value
        for name in type(part).__struct_fields__
        if (value := getattr(part, name)) != usual.get(name)
    }
