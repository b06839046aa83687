"""Reads the rows of a log table (CSV as recording tools really write it) and says which rows cannot be
read."""

import codecs
import csv
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from governance.capture.client.events import OnUnreadable, Unreadable, UnreadableLog, tell

LONGEST_RECORD = 4 * 1024 * 1024
"""Characters in one record. More than that is a quote that nobody closed, not a record."""

_MOST_LINES_TO_MEND = 50
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(path: Path) -> str:
    """The encoding of a text file: by its byte order mark, else UTF-8 if the whole file is that, else
    cp1252."""
    decode = codecs.getincrementaldecoder("utf-8")("strict").decode
    with path.open("rb") as file:
        start = file.read(4)
        for mark, name in _BYTE_ORDER_MARKS:
            if start.startswith(mark):
                return name
        file.seek(0)
        try:
            while chunk := file.read(1 << 20):
                decode(chunk)
            decode(b"", True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _key(name: str) -> str:
    return name.strip().strip('"').lstrip("\ufeff").strip().lower()


def header_of(path: Path) -> list[str]:
    """The column names of a log, lower case, trimmed. Raises UnreadableLog for an empty file, OSError as
    open() does."""
    with path.open(encoding=encoding_of(path), errors="replace", newline="") as file:
        for line in file:
            if line.strip():
                return [_key(name) for name in next(csv.reader([line], delimiter=_delimiter(line)))]
            break
    raise UnreadableLog(f"{path.name} begins with no header line.")


class _Lines:
    """The lines of a file, one by one, with the lines of the present record remembered so that they can be
    read again."""

    def __init__(self, file: TextIO) -> None:
        self._file = iter(file)
        self._again: list[str] = []
        self.taken: list[str] = []
        self.record_line = 1
        self._size = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._file)
        self.taken.append(line)
        self._size += len(line)
        if self._size > LONGEST_RECORD and len(self.taken) > 1:
            raise csv.Error("a quote is not closed")
        return line

    def done(self, lines: int) -> None:
        """The record took this many of the taken lines; the others will be read again."""
        self._again.extend(reversed(self.taken[lines:]))
        self.record_line += lines
        self.taken = []
        self._size = 0


def _unquoted(inside: str) -> str:
    """What a quoted field says. Where quotes were not doubled at all, every quote is the value's own."""
    return inside.replace('""', '"') if '"' not in inside.replace('""', "") else inside


def _mend(text: str, delimiter: str) -> list[str] | None:
    """The fields of a record whose quotes are not doubled; None if its last quote is open.

    The Action Logger writes ranges as `"[["Main St";"Pune"]]"`: a quote ends its field only before a
    delimiter or the end of the record, and any other quote belongs to the value.
    """
    text = text.rstrip("\r\n")
    closing = re.compile(rf'"(?={re.escape(delimiter)}|\Z)')
    fields: list[str] = []
    at = 0
    while at <= len(text):
        if text.startswith('"', at):
            for found in closing.finditer(text, at + 1):
                inside = text[at + 1 : found.start()]
                doubled = (
                    len(inside) - len(inside.rstrip('"'))
                ) % 2  # this quote is the second half of a doubled one
                if not doubled or found.end() == len(text):
                    break
            else:
                return None
            fields.append(_unquoted(inside))
            at = found.end() + 1
        else:
            end = text.find(delimiter, at)
            end = len(text) if end < 0 else end
            fields.append(text[at:end])
            at = end + 1
    return fields


def _mended(lines: list[str], columns: int, delimiter: str) -> tuple[int, list[str]] | None:
    """How many of these lines make one record of `columns` fields, and its fields; None if none does."""
    for count in range(1, min(len(lines), _MOST_LINES_TO_MEND) + 1):
        fields = _mend("".join(lines[:count]), delimiter)
        if fields is not None and len(fields) == columns:
            return count, fields
    return None


@contextmanager
def _long_fields() -> Iterator[None]:
    """The default of 128 KiB is less than one innerHTML. It belongs to the whole process, so it is given back."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def rows(
    path: Path, *, needs: frozenset[str], on_unreadable: OnUnreadable | None = None
) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row as (line number, {column name in lower case: text}); a column the row does not have is absent
    or empty.

    Takes UTF-8 with or without a mark, UTF-16, cp1252; comma, semicolon or tab; any line ends; quoted line
    breaks; fields of any size; a header in any case. Rows may be shorter than the header (the rest is empty).
    A row that is longer, or whose quotes cannot be made out, is unreadable: it goes to `on_unreadable`, and
    reading goes on with the next line. Without `on_unreadable` the first such row raises UnreadableLog, as
    does a header without all of `needs`.
    """
    header = header_of(path)
    missing = sorted(needs - set(header))
    if missing:
        raise UnreadableLog(f"{path.name} has no column {', '.join(missing)}.")
    with path.open(encoding=encoding_of(path), errors="replace", newline="") as file:
        lines = _Lines(file)
        delimiter = _delimiter(next(lines))
        lines.done(1)
        while True:
            line = lines.record_line
            try:
                with _long_fields():
                    fields = next(csv.reader(lines, delimiter=delimiter, strict=True))
            except StopIteration:
                return
            except csv.Error:
                mended = _mended(lines.taken, len(header), delimiter)
                lines.done(mended[0] if mended else 1)
                if mended is None:
                    tell(Unreadable(path, line, "its quotes do not match"), on_unreadable)
                    continue
                fields = mended[1]
            else:
                lines.done(len(lines.taken))
            if not any(fields):
                continue
            if len(fields) > len(header) and any(fields[len(header) :]):
                tell(
                    Unreadable(path, line, f"it has {len(fields)} fields, the header {len(header)}"),
                    on_unreadable,
                )
                continue
            yield line, dict(zip(header, fields, strict=False))
