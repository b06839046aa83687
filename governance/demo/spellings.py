"""How a value may be spelt in bytes, and which finds are numbers of a machine rather than the value."""

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

LONG = 96
"""Characters. A longer value is hunted by three windows of it, so that a part of it is found as well."""
WINDOW = 64
FEWEST_BYTES = 6

_UUID = re.compile(rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\Z")
_HEX_RUN = re.compile(rb"[0-9a-fA-F]+\Z")
_HEX = frozenset(b"0123456789abcdefABCDEF")
_HEX_OR_DASH = _HEX | frozenset(b"-")
_DIGITS = frozenset(b"0123456789")


def windows(value: str) -> list[str]:
    """The value, or the beginning, middle and end of a long one."""
    if len(value) <= LONG:
        return [value]
    middle = (len(value) - WINDOW) // 2
    return [value[:WINDOW], value[middle : middle + WINDOW], value[-WINDOW:]]


def _base64(data: bytes) -> Iterator[bytes]:
    """The characters that these bytes alone decide, at each of the three places in a group of three bytes
    (RFC 4648, 4)."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + data)
        first = -(-before * 8 // 6)
        last = (before + len(data)) * 8 // 6
        yield text[first:last]
        yield text[first:last].translate(bytes.maketrans(b"+/", b"-_"))


def spellings(value: str) -> dict[bytes, str]:
    """Every byte string under which this value is hunted, with the name of the encoding.

    UTF-8; UTF-16 in both orders; escaped in JSON (with \\uXXXX and without); base64 of UTF-8 and of JSON at
    each alignment, standard and URL alphabet; hexadecimal; percent-encoded; escaped in HTML. The first name
    wins.
    """
    found: dict[bytes, str] = {}

    def add(name: str, data: bytes) -> None:
        if len(data) >= FEWEST_BYTES:
            found.setdefault(data, name)

    for text in windows(value):
        plain = text.encode("utf-8", "surrogatepass")
        escaped = [
            json.dumps(text, ensure_ascii=flag)[1:-1].encode("utf-8", "surrogatepass")
            for flag in (True, False)
        ]
        add("utf-8", plain)
        add("utf-16-le", text.encode("utf-16-le", "surrogatepass"))
        add("utf-16-be", text.encode("utf-16-be", "surrogatepass"))
        for data in escaped:
            add("json", data)
            add("json", re.sub(rb"\\u[0-9a-f]{4}", lambda code: b"\\u" + code[0][2:].upper(), data))
        for data in (plain, escaped[0]):
            for coded in _base64(data):
                add("base64", coded)
        add("hex", plain.hex().encode())
        add("hex", plain.hex().upper().encode())
        add("percent", quote(plain, safe="").encode())
        add("percent", quote_plus(plain).encode())
        add("html", html.escape(text).encode("utf-8", "surrogatepass"))
    return found


def _run(data: bytes, start: int, end: int, letters: frozenset[int]) -> tuple[int, int]:
    left, right = max(0, start - 200), min(len(data), end + 200)
    while start > left and data[start - 1] in letters:
        start -= 1
    while end < right and data[end] in letters:
        end += 1
    return start, end


def is_machine_number(data: bytes, start: int, end: int) -> bool:
    """Do the bytes found at data[start:end] lie by chance in a number that a machine made?

    A six-digit value stands somewhere in every few thousand hashes and time stamps. Only bytes that are
    hexadecimal digits throughout can be such a chance, and only inside: a UUID; 32 or more hexadecimal digits
    with a letter among them; digits after a decimal point that follows a digit (seconds); a whole number of
    ten digits or more (and the value shorter than that). Everything else is a find.
    """
    if not all(byte in _HEX_OR_DASH for byte in data[start:end]):
        return False
    first, last = _run(data, start, end, _HEX_OR_DASH)
    for at in range(max(first, end - 36), start + 1):
        if _UUID.match(data[at : at + 36]) and end <= at + 36:
            return True
    if not all(byte in _HEX for byte in data[start:end]):
        return False
    first, last = _run(data, start, end, _HEX)
    run = data[first:last]
    if len(run) >= 32 and _HEX_RUN.match(run) and not run.isdigit():
        return True
    if not all(byte in _DIGITS for byte in data[start:end]):
        return False
    first, last = _run(data, start, end, _DIGITS)
    if first >= 2 and data[first - 1 : first] == b"." and data[first - 2] in _DIGITS:
        return True
    return last - first >= 10 > end - start
