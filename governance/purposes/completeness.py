"""What an entry of the register still lacks, field by field, and which provision asks for it. Pure.

Only what applies is asked for: an entry without transfers needs no safeguard. The rows stand in requirements.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.lib import packs
from governance.lib.dates import date_format
from governance.purposes.activity import Activity
from governance.purposes.entry import Beside, Entry
from governance.purposes.requirements import HOUSE, ICO, REQUIREMENTS, Requirement

LAWS: dict[str, Any] = {
    "EU": _("GDPR and AI Act"),
    "IN": _("DPDP Act and Rules"),
    ICO: _("ICO’s template (UK)"),
    HOUSE: _("House rule"),
}


@dataclass(frozen=True)
class Missing:
    """One thing that is not recorded. `field`: of an Activity, or entity, owner, review_on, notice, assessments."""

    code: str
    field: str
    law: str  # a key of LAWS
    cite: str
    sentence: Any


def missing(activity: Activity, beside: Beside, *, on: date) -> list[Missing]:
    """Everything that a law which applies, or the house, asks for and that is not there; laws cited as of the day."""
    entry = Entry(activity, beside)
    return [as_missing(row, on) for row in asked(entry) if not row.there(entry)]


def score(activity: Activity, beside: Beside) -> dict[str, tuple[int, int]]:
    """Law → (how much of what it asks for is there, how much it asks for); laws that ask for nothing are left out."""
    entry = Entry(activity, beside)
    found: dict[str, tuple[int, int]] = {}
    for row in asked(entry):
        have, wanted = found.get(row.law, (0, 0))
        found[row.law] = (have + bool(row.there(entry)), wanted + 1)
    return {law: found[law] for law in LAWS if law in found}


def asked(entry: Entry) -> Iterator[Requirement]:
    """The requirements that apply to this entry."""
    held = entry.laws
    for row in REQUIREMENTS:
        applies = row.law == HOUSE or (entry.in_uk if row.law == ICO else row.law in held)
        if applies and row.wanted(entry):
            yield row


def as_missing(row: Requirement, on: date) -> Missing:
    return Missing(row.code, row.field, row.law, cite(row, on), row.sentence)


def cite(row: Requirement, on: date) -> str:
    """The provision with its part, in the reader's language, marked where it does not bind yet on this day."""
    if not row.provision:
        return ""
    provision = packs.provisions()[row.provision]
    cited = provision.cite + row.part
    if on >= provision.from_:
        return cited
    day = date_format(provision.from_, "j F Y")
    return gettext("%(cite)s (applied voluntarily, in force from %(day)s)") % {"cite": cited, "day": day}


def of_code(code: str, on: date) -> Missing | None:
    """A stored finding (Purpose.missing) in words; None for one that the table does not have any more."""
    return next((as_missing(row, on) for row in REQUIREMENTS if row.code == code), None)
