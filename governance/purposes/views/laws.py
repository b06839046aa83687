"""What India and the EU ask of a purpose, side by side, with the citations as they stand on the day."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from governance.purposes import words
from governance.purposes.models import Purpose

# heading → law → provisions of the pack
SIDE_BY_SIDE: list[tuple[str, dict[str, list[str]]]] = [
    ("notice", {"IN": ["dpdp.s5", "dpdp.r3"], "EU": ["gdpr.13"]}),
    ("withdrawal", {"IN": ["dpdp.s6-4", "dpdp.s6-6"], "EU": ["gdpr.7-3"]}),
    ("erasure", {"IN": ["dpdp.s8-7"], "EU": ["gdpr.17-1-b"]}),
    ("floor", {"IN": ["dpdp.r8-3"], "EU": ["gdpr.17-3-b"]}),
    ("complaint", {"IN": ["dpdp.s13"], "EU": ["gdpr.13"]}),
    ("record", {"IN": [], "EU": ["gdpr.30"]}),
]


def columns() -> list[dict[str, Any]]:
    return [{"label": _("About")}, {"label": words.law("IN")}, {"label": words.law("EU")}]


def side_by_side(row: Purpose, on: date) -> list[list[Any]]:
    headings = {
        "notice": _("Telling people"), "withdrawal": _("Taking a yes back"), "erasure": _("Erasing"),
        "floor": _("Keeping although erasure was asked for"), "complaint": _("Complaints"), "record": _("This register"),
    }  # fmt: skip
    grounds = {
        code: ground.says for code, ground in zip(row.jurisdictions, words.grounds(row, on), strict=True)
    }
    table: list[list[Any]] = [[_("Ground"), *(_ground(row, grounds, code) for code in ("IN", "EU"))]]
    for key, by_law in SIDE_BY_SIDE:
        if key == "withdrawal" and not row.asks_consent:
            continue
        cells = []
        for code in ("IN", "EU"):
            ids = by_law[code] if code in row.jurisdictions else None
            if ids is None:
                cells.append(_("does not apply"))
            else:
                cells.append("; ".join(words.citation(i, on) for i in ids) or _("not asked for"))
        table.append([headings[key], *cells])
    return table


def _ground(row: Purpose, grounds: dict[str, str], code: str) -> str:
    if code not in row.jurisdictions:
        return _("does not apply")
    return grounds.get(code) or _("not recorded")
