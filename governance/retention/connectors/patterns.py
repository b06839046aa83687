"""Which names are one person's: a pattern with {number} or {email} in it, matched so that nobody else's are taken."""

import glob
import itertools
import re
from collections.abc import Mapping

from governance.retention.connectors.mentions import Mentions

PLACES = ("number", "email")
SIGNS = re.compile(r"\*\*|\*|\?|\{(?:number|email)\}")


def names_somebody(pattern: str) -> bool:
    """Does the pattern say whose a thing is?"""
    return any(f"{{{place}}}" in pattern for place in PLACES)


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
    """Is everything that begins as the pattern does the person's? Then no name has to be looked at by itself."""
    begin = beginning(pattern, identifiers)
    ends = re.fullmatch(r"[^*?]*\*{1,2}", pattern) is not None and all(identifiers.get(p) for p in PLACES if f"{{{p}}}" in pattern)  # fmt: skip
    return ends and all(mentions.stand_in(begin + end) for end in ENDS)


def beginning(pattern: str, identifiers: Mapping[str, str]) -> str:
    """The part before the first `*` or `?`, filled in: what a store can be asked for."""
    begin = re.split(r"[*?]", pattern, maxsplit=1)[0]
    for place in PLACES:
        begin = begin.replace(f"{{{place}}}", identifiers.get(place, ""))
    return begin


def is_mine(name: str, pattern: re.Pattern[str] | None, mentions: Mentions) -> bool:
    """ "N-100*" would take N-1001 with it: the name has to hold the number as a whole."""
    return pattern is not None and pattern.fullmatch(name) is not None and mentions.stand_in(name)
