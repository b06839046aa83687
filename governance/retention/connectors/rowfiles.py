"""Rows of CSV, JSON-lines and Parquet files: take out one person's, and leave every other as it was, to the byte in text."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.lib.connectors import Due, Scope
from governance.lib.refusals import Refused
from governance.retention.connectors import parquetfiles
from governance.retention.connectors.crowd import Crowd
from governance.retention.connectors.mentions import Mentions

Rule = Mapping[str, Any]
FORMATS = ("csv", "jsonl", "parquet")
LONG_AGO = 100_000_000_000  # a larger number of seconds would lie in the year 5138: it counts something finer


class NotReadable(Exception):
    """The file is not of the format that the map says: a fault, never a file without rows."""


def check(rule: Rule) -> None:
    """Raises Refused where this machine cannot read what the rule names."""
    if rule["format"] == "parquet" and not parquetfiles.is_installed():
        raise Refused(
            _(
                "Rows in Parquet files need the package pyarrow, and it is not installed here. Install it beside "
                "Sammati (pip install pyarrow), on every machine that erases, and try again."
            ),
            code="parquet_needs_package",
        )


def count(raw: bytes, rule: Rule, scope: Scope) -> int:
    """How many rows or mentions `without` would take."""
    if rule["format"] == "parquet":
        return _parquet(parquetfiles.count, raw, rule, scope)
    return without(raw, rule, scope)[1]


def without(raw: bytes, rule: Rule, scope: Scope) -> tuple[bytes, int]:
    """The content without the person's rows until the cut-off (or, in text, without the person), and how many went."""
    if rule["format"] == "parquet":
        return _parquet(parquetfiles.take_out, raw, rule, scope)
    if rule["format"] == "text":
        text, times = Mentions(scope.identifiers).replace(_text(raw))
        return (text.encode(_encoding(raw)), times) if times else (raw, 0)
    kept, gone = [], 0
    for piece, row in _rows(raw, rule):
        if row is not None and _is_theirs(row, rule, scope) and _until(row, rule, scope.before):
            gone += 1
        else:
            kept.append(piece)
    return ("".join(kept).encode(_encoding(raw)), gone) if gone else (raw, 0)


def without_all(raw: bytes, rule: Rule, scopes: Sequence[Scope], crowd: Crowd) -> tuple[bytes, Counter[int]]:
    """The same for many people, read once: what went of each, by their place in `scopes` and in the crowd."""
    gone: Counter[int] = Counter()
    if rule["format"] == "parquet":
        for i, scope in enumerate(scopes):
            raw, times = without(raw, rule, scope)
            gone[i] += times
        return raw, gone
    if rule["format"] == "text":
        text = _text(raw)
        for i in crowd.named(text):
            text, times = crowd.mentions[i].replace(text)
            gone[i] += times
        return (text.encode(_encoding(raw)), gone) if gone.total() else (raw, gone)
    known: dict[str, list[int]] = {}
    for i, scope in enumerate(scopes):
        if value := scope.identifiers.get(rule["is"], ""):
            known.setdefault(value.casefold(), []).append(i)
    kept = []
    for piece, row in _rows(raw, rule):
        value = row.get(rule["field"]) if row is not None else None
        people = known.get(str(value).strip().casefold(), []) if value is not None else []
        theirs = [i for i in people if row is not None and _until(row, rule, scopes[i].before)]
        if theirs:
            gone[theirs[0]] += 1
        else:
            kept.append(piece)
    return ("".join(kept).encode(_encoding(raw)), gone) if gone else (raw, gone)


def only_until(raw: bytes, rule: Rule, scope: Scope) -> bytes:
    """The content without the person's rows collected after the cut-off: what reading back has to look at."""
    if not rule.get("time"):
        return raw
    if rule["format"] == "parquet":
        return _parquet(parquetfiles.take_out, raw, rule, scope, later=True)[0]
    pieces = (
        piece
        for piece, row in _rows(raw, rule)
        if row is None or not _is_theirs(row, rule, scope) or _until(row, rule, scope.before)
    )
    return "".join(pieces).encode(_encoding(raw))


def rows_of(raw: bytes, rule: Rule, scope: Scope) -> Iterator[Mapping[str, Any]]:
    if rule["format"] == "parquet":
        yield from _parquet(parquetfiles.rows, raw, rule, scope)
        return
    for _piece, row in _rows(raw, rule):
        if row is not None and _is_theirs(row, rule, scope) and _until(row, rule, scope.before):
            yield row


def dated(rules: Sequence[Rule]) -> list[Rule]:
    """Those by which rows tell whose they are, by number, and how old: they come due by themselves."""
    return [rule for rule in rules if rule.get("time") and rule.get("is") == "number"]


def oldest(raw: bytes, rule: Rule) -> dict[str, datetime]:
    """Number → the moment of its oldest row. Rows whose moment cannot be read bring nothing due."""
    if rule["format"] == "parquet":
        try:
            rows: Iterator[Any] = iter(
                list(
                    parquetfiles.rows(
                        raw, rule["field"], rule["time"], lambda _value: True, lambda _value: True
                    )
                )
            )
        except parquetfiles.Broken as error:
            raise NotReadable from error
    else:
        rows = (row for _piece, row in _rows(raw, rule))
    found: dict[str, datetime] = {}
    for row in rows:
        moment = as_moment(row.get(rule["time"])) if row is not None else None
        number = str(row.get(rule["field"]) or "").strip() if row is not None else ""
        if number and moment is not None and moment <= found.get(number, moment):
            found[number] = moment
    return found


def due(known: Mapping[str, datetime], before: datetime) -> list[Due]:
    return [Due(number=number) for number, moment in sorted(known.items()) if moment <= before]


def _parquet(act: Callable[..., Any], raw: bytes, rule: Rule, scope: Scope, *, later: bool = False) -> Any:
    """The act on the person's rows until the cut-off, or (`later`) on those after it."""
    try:
        done = act(
            raw, rule["field"], rule.get("time", ""), lambda value: _names(value, rule, scope),
            lambda value: _old(value, scope.before) is not later,
        )  # fmt: skip
        return list(done) if isinstance(done, Iterator) else done
    except parquetfiles.Broken as error:
        raise NotReadable from error


def _is_theirs(row: Mapping[str, Any], rule: Rule, scope: Scope) -> bool:
    return _names(row.get(rule["field"]), rule, scope)


def _names(value: Any, rule: Rule, scope: Scope) -> bool:
    wanted = scope.identifiers.get(rule["is"], "")
    return bool(wanted) and value is not None and str(value).strip().casefold() == wanted.casefold()


def _until(row: Mapping[str, Any], rule: Rule, before: datetime) -> bool:
    return not rule.get("time") or _old(row.get(rule["time"]), before)


def _old(value: Any, before: datetime) -> bool:
    moment = as_moment(value)
    return moment is None or moment <= before


def _rows(raw: bytes, rule: Rule) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """(the exact text of a row with its line end, the row); None for headings and empty lines."""
    text = _text(raw)
    return _json_lines(text) if rule["format"] == "jsonl" else _csv(text, rule)


def _json_lines(text: str) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    for line in io.StringIO(text, newline=""):
        if not line.strip():
            yield line, None
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise NotReadable from error
        yield line, row if isinstance(row, dict) else None


def _csv(text: str, rule: Rule) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """Rows may run over several lines inside quotes; so the reader is fed line by line and what it ate is one row."""
    eaten: list[str] = []

    def feed() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            eaten.append(line)
            yield line

    heading: list[str] | None = None
    try:
        dialect = csv.Sniffer().sniff(text[:4096], ",;\t|") if text.strip() else csv.excel
    except csv.Error:
        dialect = csv.excel
    reader = csv.reader(feed(), delimiter=dialect.delimiter)
    for cells in reader:
        piece = "".join(eaten)
        eaten.clear()
        if heading is None:
            heading = [cell.strip().lstrip("\ufeff") for cell in cells]
            if rule["field"] not in heading or (rule.get("time") and rule["time"] not in heading):
                raise NotReadable
            yield piece, None
        else:
            yield piece, dict(zip(heading, cells, strict=False)) if cells else None


def _encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16-le" if raw.startswith(b"\xff\xfe") else "utf-16-be"
    return "utf-8"


def _text(raw: bytes) -> str:
    try:
        return raw.decode(_encoding(raw))
    except UnicodeDecodeError as error:
        raise NotReadable from error


def as_moment(value: Any) -> datetime | None:
    """ISO 8601, or seconds (or milli-, micro-, nanoseconds) since 1970; a time without a zone is UTC.

    None when it is no time: the row counts as old.
    """
    try:
        if isinstance(value, (int, float)):
            for _finer in range(3):
                value = value / 1000 if value > LONG_AGO else value
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(str(value))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
