"""Which names are one person's: a pattern with {number} or {email} in it, matched so that nobody else's are taken."""

import glob
import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from governance.retention.connectors.mentions import Mentions

PLACES = ("number", "email")
STORES_DATE = {"age": "store"}
SIGNS = re.compile(r"\*\*|\*|\?|\{(?:number|email)\}")


def names_somebody(pattern: str) -> bool:
    """Does the pattern say whose a thing is?"""
    return any(f"{{{place}}}" in pattern for place in PLACES)


def alone(data_map: Mapping[str, Any], word: str) -> dict[str, Any]:
    """The map with each pattern of "own" and "text" as it is: one may also stand there as {word: pattern}, and one of
    "own" with "age": "store" beside it."""
    return {
        part: [_alone(entry, word, part) for entry in said]
        if part in ("own", "text") and _is_list(said)
        else said
        for part, said in data_map.items()
    }


def _alone(entry: Any, word: str, part: str) -> Any:
    if not isinstance(entry, Mapping) or word not in entry:
        return entry
    left = {name: value for name, value in entry.items() if name != word}
    return entry[word] if not left or (part == "own" and left == STORES_DATE) else entry


def aged(data_map: Mapping[str, Any], word: str) -> list[str]:
    """The patterns of whole things whose age is the store's own date."""
    said = [one for one in data_map.get("own", ()) if isinstance(one, Mapping) and one.get("age") == "store"]
    return [one[word] for one in said if isinstance(one.get(word), str)]


def _is_list(said: Any) -> bool:
    return isinstance(said, Sequence) and not isinstance(said, str)


def are_texts(data_map: Mapping[str, Any]) -> bool:
    """Is every pattern of "own" and "text" one?"""
    said = [entry for part in ("own", "text") for entry in data_map.get(part, ())]
    return all(isinstance(entry, str) and entry for entry in said)


def mine(pattern: str, identifiers: Mapping[str, str], *, folders: bool) -> re.Pattern[str] | None:
    """What the names of this person's things look like; None when the person is not known by what the pattern asks.

    `*` is any text, within one folder where there are folders; `**` is any text; `?` one sign.
    """
    if any(f"{{{place}}}" in pattern and not identifiers.get(place) for place in PLACES):
        return None
    made, at = "", 0
    for sign in SIGNS.finditer(pattern):
        made += re.escape(pattern[at : sign.start()]) + _meaning(sign[0], identifiers, folders)
        at = sign.end()
    return re.compile(made + re.escape(pattern[at:]), re.DOTALL)


def filled(pattern: str, identifiers: Mapping[str, str]) -> str:
    """The pattern of a path with the person in it, each sign of theirs for itself; "" where they are not known so, or
    where what they are known by cannot be the name of a file."""
    for place in PLACES:
        value = identifiers.get(place, "")
        if value and not set("/\\\0") & set(value) and value not in (".", ".."):
            pattern = pattern.replace(f"{{{place}}}", glob.escape(value))
    return "" if "{" in pattern else pattern


def _meaning(sign: str, identifiers: Mapping[str, str], folders: bool) -> str:
    if sign.startswith("{"):
        return re.escape(identifiers[sign[1:-1]])
    inside = "[^/]" if folders and sign != "**" else "."
    return inside if sign == "?" else inside + "*"


# What may follow a number or an address and say that it is another: no way of going on may do that.
ENDS = ["".join(signs) for long in range(3) for signs in itertools.product("0a_.-+:/, ", repeat=long)]


def whole(pattern: str, identifiers: Mapping[str, str], mentions: Mentions) -> bool:
    """Is everything the person's that begins as the pattern does? Then a name that fits need not be looked at by itself."""
    if not all(identifiers.get(place) for place in PLACES if f"{{{place}}}" in pattern):
        return False
    begin = beginning(pattern, identifiers)
    return all(mentions.stand_in(begin + end) for end in ENDS)


def whole_name(pattern: str, identifiers: Mapping[str, str], mentions: Mentions) -> bool:
    """The same of the name of a file without its ending, where the pattern is one of paths.

    What follows a dot may be no part of the name, and a bracket is a sign of such a pattern.
    """
    last = pattern.rsplit("/", 1)[-1]
    return not set(".[") & set(beginning(last, identifiers)) and whole(last, identifiers, mentions)


def ends_open(pattern: str) -> bool:
    """Does everything fit that begins as the pattern does?"""
    return re.fullmatch(r"[^*?]*\*{1,2}", pattern) is not None


def beginning(pattern: str, identifiers: Mapping[str, str]) -> str:
    """The part before the first `*` or `?`, filled in: what a store can be asked for."""
    begin = re.split(r"[*?]", pattern, maxsplit=1)[0]
    for place in PLACES:
        begin = begin.replace(f"{{{place}}}", identifiers.get(place, ""))
    return begin


def is_mine(name: str, pattern: re.Pattern[str] | None, mentions: Mentions) -> bool:
    """ "N-100*" would take N-1001 with it: the name has to hold the number as a whole."""
    return pattern is not None and pattern.fullmatch(name) is not None and mentions.stand_in(name)
