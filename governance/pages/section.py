"""One part of the start page, as templates/pages/home.html prints it."""

from dataclasses import dataclass, field
from typing import Any

Cell = Any  # as templates/components/cell.html reads it


@dataclass
class Section:
    """One role's part: figures (stat components), one table, where the whole of it stands."""

    heading: str
    tiles: list[dict[str, Any]] = field(default_factory=list)
    caption: str = ""
    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    none: str = ""
    url: str = ""
    link: str = ""
    id: str = ""
    wide: bool = False  # a table that needs the whole breadth of the page
    more: list[dict[str, str]] = field(default_factory=list)  # {"text", "url"}: what the table does not show
    tables: list[dict[str, Any]] = field(default_factory=list)  # smaller ones beneath


def columns(*labels: str) -> list[dict[str, Any]]:
    return [{"label": label} for label in labels]
