"""A document as a list of sections, which one template prints: sentences, figures with footnotes, facts, tables, bars. Pure.

A figure is stored with the question that gave it, so that "where does this number come from?" has an answer on paper.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from governance.reports import words as say

Section = dict[str, Any]


class Figures:
    """Collects, while the facts are read, every figure with its footnote, its question and its result."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def add(self, code: str, asked: str, result: int | str | None) -> None:
        """`asked`: the question in the words of the tables, without anybody's name. `result`: a count, or a band."""
        self.rows.append({"id": f"F{len(self.rows) + 1}", "code": code, "asked": asked, "result": result})


def section(heading: str, *, text: Iterable[str] = (), new_page: bool = False, **parts: Any) -> Section:
    """`parts`: figures, facts, tables, bars, asked (the labels are questions and need room)."""
    return {"heading": heading, "text": list(text), "new_page": new_page} | parts


def fact(label: str, *lines: str | None, mono: bool = False) -> dict[str, Any]:
    return {"label": label, "lines": [line for line in lines if line], "mono": mono}


def table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    none: str = "",
    numbers: Iterable[int] = (),
    together: bool = False,
) -> dict[str, Any]:
    """`none`: what is said instead of an empty table; `numbers`: which columns hold figures; `together`: on one page."""
    right = set(numbers)
    return {
        "caption": caption, "columns": [{"label": label, "num": i in right} for i, label in enumerate(columns)],
        "rows": [[{"text": cell, "num": i in right, "breaks": _breaks(cell)} for i, cell in enumerate(row)] for row in rows], "none": none,
        "together": together,
    }  # fmt: skip


def _breaks(text: str) -> bool:
    """A digest or the like, which has to break anywhere; words stay whole."""
    return any(len(word) > 24 for word in text.split())


def bars(caption: str, name: str, unit: str, rows: Iterable[tuple[str, int, str]]) -> dict[str, Any] | None:
    """A chart that is its own table. `rows`: label, length of the bar, what is printed beside it; None without rows."""
    found = [{"label": label, "value": value, "words": words} for label, value, words in rows]
    top = max((bar["value"] for bar in found), default=0) or 1
    return {"caption": caption, "note": "", "name": name, "unit": unit, "top": top, "bars": found} if found else None  # fmt: skip


def figures(rows: Iterable[dict[str, Any]], labels: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that have a label, in the order of the labels."""
    by_code = {row["code"]: row for row in rows}
    return [
        {"id": by_code[code]["id"], "label": str(label), "value": _value(by_code[code]["result"])}
        for code, label in labels.items()
        if code in by_code
    ]


def counted(content: dict[str, Any], labels: dict[str, Any]) -> dict[str, Any]:
    """`figures` and `sources` of a document that is no list of sections.

    Reports that were stored before figures had a source have them under "counts", and say no question.
    """
    rows = content.get("figures")
    if rows is None:
        before = content.get("counts", {})
        told = [{"id": "", "code": code, "result": result} for code, result in before.items()]
        return {"figures": figures(told, labels), "sources": None}
    return {"figures": figures(rows, labels), "sources": sources(rows)}


def sources(rows: Iterable[dict[str, Any]]) -> Section:
    """The last section of a document with figures: where each of them comes from."""
    return section(
        _("Where the figures come from"),
        text=[_("Each figure was counted once, when the facts were read. The question stands here as it was asked, with its answer.")],
        sources=[{"id": row["id"], "asked": row["asked"], "result": _value(row["result"])} for row in rows],
    )  # fmt: skip


def limits(*sentences: str) -> Section:
    return section(_("What this document does not say"), text=[one for one in sentences if one])


def law(rows: Iterable[dict[str, Any]], on: str) -> Section:
    told = [[row["provision"], row["standing"]] for row in say.law_rows(rows)]
    return section(
        _("Law"),
        tables=[
            table(
                _("Law that this document refers to"), [_("Provision"), _("On %(day)s") % {"day": on}], told
            )
        ],
    )


def _value(result: int | str | None) -> str:
    if result == "":
        return few()
    return say.number(result) or "" if isinstance(result, int) else str(result or "–")


def few() -> str:
    """What stands in the place of a figure behind which too few people stand."""
    return _("not shown: fewer than ten people, or fewer than ten others")


def period_name(period: dict[str, Any]) -> str:
    """ "1 October 2026 to 31 December 2026"."""
    return _("%(first)s to %(last)s") % {"first": say.day(period["first"]), "last": say.day(period["last"])}
