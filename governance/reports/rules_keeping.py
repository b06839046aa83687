"""How long a report is kept, and what keeps it longer. Pure.

The periods are dated data (packs/reports.toml). Where no row covers a kind, or a legal hold may cover the report, it is
kept: deleting is what cannot be undone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.lib import deadlines, packs


@dataclass(frozen=True)
class Keeping:
    """`rule`: id of the row, "" where none covers the kind. `until`: the last day, None where nobody has said one."""

    rule: str
    until: date | None
    why: str = ""
    source: str = ""

    def is_over(self, today: date) -> bool:
        return self.until is not None and today > self.until


def of(
    kind: str, country: str, ready_on: date, today: date, rows: Iterable[Mapping[str, Any]] | None = None
) -> Keeping:
    """The rule of this day for a report of this kind, of an entity in this country, that was ready on that day."""
    known = packs.load("reports").content["row"] if rows is None else rows
    fits = [row for row in known if row["from"] <= today and _fits(row, kind, country)]
    if not fits:
        return Keeping("", None)
    row = max(fits, key=lambda row: (kind in row["kinds"], row["country"] != "*", row["from"]))
    return Keeping(row["id"], deadlines.period(row["keep"], ready_on), row["why"], row["source"])


def _fits(row: Mapping[str, Any], kind: str, country: str) -> bool:
    if kind not in row["kinds"] and "*" not in row["kinds"]:
        return False
    return row["country"] in ("*", country) or (row["country"] == "EU" and country in _europe())


def _europe() -> list[str]:
    return list(packs.load("laws").content["jurisdictions"]["EU"])


@dataclass(frozen=True)
class HoldFacts:
    """A hold in force over something of the report's entity; ids as text, "" where it names none."""

    person: str
    purpose: str


def holds(hold: HoldFacts, *, about: str, purpose: str) -> bool:
    """Whether the hold may cover a report about this person ("": about many) and purpose ("": about more than one).

    A report about many may speak of the one whom the hold names, so it is kept too.
    """
    return (not hold.person or not about or hold.person == about) and (
        not hold.purpose or not purpose or hold.purpose == purpose
    )
