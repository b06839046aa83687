"""What bystanders are told: the sign at the door of a zone and the words to say aloud, from the facts of the programme."""

from dataclasses import dataclass
from typing import Any

from django.utils import translation

from governance.capture import deciding, worn_shown
from governance.capture.models import Programme
from governance.lib import languages, packs
from governance.lib.dates import date_format


@dataclass(frozen=True)
class Sheet:
    """One language. `read`: somebody who speaks it has read the words."""

    language: str
    native: str
    direction: str
    title: str
    lines: tuple[str, ...]
    spoken: str
    read: bool


def sheets(row: Programme, zone: Any) -> list[Sheet]:
    """For one zone (terms.Zone), in each language of the published notice in which the words are written."""
    written = packs.load("worn").content["sign"]
    notice = row.purpose.published_notice()
    found = []
    for text in notice.usable_texts() if notice else []:
        words = written.get(languages.best(text.language, written) or "")
        if words is None:
            continue
        said = _facts(row, zone, text)
        known = languages.get(text.language)
        found.append(
            Sheet(
                text.language, languages.native(text.language), known.direction if known else "ltr", words["title"],
                tuple(line.format(**said) for line in words["lines"]), words["spoken"].format(**said), words["read"],
            )
        )  # fmt: skip
    return found


def unwritten(row: Programme) -> list[str]:
    """Languages of the notice in which nobody has written the sign yet, by their own names."""
    written = packs.load("worn").content["sign"]
    notice = row.purpose.published_notice()
    texts = notice.usable_texts() if notice else []
    return [languages.native(text.language) for text in texts if not languages.best(text.language, written)]


def _facts(row: Programme, zone: Any, text: Any) -> dict[str, str]:
    terms = deciding.terms_of(row)
    with translation.override(text.language):
        when = "; ".join(worn_shown.hours(shift) for shift in terms.shifts if shift.adults_only)
        until = date_format(row.ends_on, "j F Y") if row.ends_on else ""
    return {
        "who": row.entity.name, "what": text.title, "zone": zone.name or zone.code, "when": when, "until": until,
        "contact": f"{row.entity.contact_name}, {row.entity.contact_email}",
    }  # fmt: skip
