"""Facts into finished sentences, in the language that is active: dates with their zone, countries, laws and their standing.

Pure: no query, no clock. What is longer than paper bears is cut with a visible mark; the twin holds it whole.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unicodedata import bidirectional
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language, gettext, ngettext, to_locale
from django.utils.translation import gettext_lazy as _

from governance.lib import countries, packs
from governance.lib.languages import direction
from governance.lib.languages import get as language_of
from governance.purposes import catalogue
from governance.reports import codes, dates, honest, signs

CATALOGUES = Path(__file__).parent / "locale"
WHOLE = ("en", "hi", "de")  # every kind is said in them, and somebody answers for the words
FRAMED = ("notice", "receipt")  # what a person keeps: said in every language that has a catalogue
# And these, in the languages whose catalogues say more.
FRAMED_IN = dict.fromkeys(("statement", "evidence_bundle"), ("bn", "ta", "ur"))
LRM = "\N{LEFT-TO-RIGHT MARK}"
LONGEST = 6_000  # characters of one text on paper
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
LAWS = {"IN": _("India: DPDP Act, 2023 and DPDP Rules, 2025"), "EU": _("European Union: GDPR")}
SIGNED_OFF = {
    "dpo": _("Data protection officer"),
    "legal": _("Legal"),
    "auditor": _("Auditor"),
    "owner": _("Programme owner"),
    "representative": _("Worker representative"),
}


@dataclass(frozen=True)
class Frame:
    """What every sentence of a report shares."""

    zone: ZoneInfo
    language: str
    law_on: date
    controller: dict[str, Any]

    def moment(self, iso: str | None) -> str:
        """ "23 November 2026, 14:05:09 (IST, UTC+05:30)"; "" when there is none."""
        if not iso:
            return ""
        local = datetime.fromisoformat(iso).astimezone(self.zone)
        offset = local.strftime("%z")
        name = local.tzname() or ""
        shown = f"UTC{offset[:3]}:{offset[3:]}"
        zone = f"{name}, {shown}" if name[:1].isalpha() and name != "UTC" else (name or shown)
        return f"{dates.moment(local)} ({zone})"

    def minute(self, iso: str | None) -> str:
        """The same without seconds and zone, for tables whose head names the zone."""
        return dates.short_moment(datetime.fromisoformat(iso).astimezone(self.zone)) if iso else ""

    @property
    def zone_name(self) -> str:
        return str(self.zone.key)


def frame(report: dict[str, Any]) -> Frame:
    return Frame(
        ZoneInfo(report["timezone"]),
        report["language"],
        date.fromisoformat(report["law_on"]),
        report["controller"],
    )


def day(iso: str | None) -> str:
    return dates.day(date.fromisoformat(iso)) if iso else ""


def month(iso: str) -> str:
    return dates.month(date.fromisoformat(iso))


def country(code: str) -> str:
    return countries.called(code)


def countries_of_laws(codes: Iterable[str]) -> list[str]:
    return [str(LAWS.get(code, code)) for code in codes]


def number(value: int | None) -> str | None:
    return None if value is None else f"{value:,}".replace(",", "\u202f")


def languages(kind: str = "") -> list[tuple[str, Any]]:
    """The languages in which this kind, or every kind, is made."""
    return [
        (code, language_name(code))
        for code, _name in settings.LANGUAGES
        if code in WHOLE
        or code in FRAMED_IN.get(kind, ())
        or (kind in FRAMED and (CATALOGUES / to_locale(code)).is_dir())
    ]


def spoken(language: str, kind: str = "") -> str:
    """The language, its base, or English: the first in which this kind is made."""
    known = dict(languages(kind))
    return next((code for code in (language, language.split("-")[0]) if code in known), "en")


def instead(told: str, language: str) -> dict[str, str] | None:
    """What is said, in the language `told` in which somebody was spoken to, where the words around it are English."""
    found = language_of(told)
    if language != "en" or found is None or not found.sentence:
        return None
    return {"language": found.tag, "direction": found.direction, "sentence": found.sentence}


def language_name(code: str) -> str:
    """What a reader of the active language calls it, or what it calls itself; the tag where it is not in the list."""
    found = language_of(code)
    if found is None:
        return code
    reader = (get_language() or "en").partition("-")[0]
    return found.name(reader) if reader in WHOLE else found.native


def signal_title(code: str, language: str) -> str:
    kind = catalogue.signals().get(code)
    return kind.title(language) if kind else code


def place_in_log(proof: dict[str, Any] | None) -> list[str]:
    """Where the log has an entry, as one line; empty while it is being sealed."""
    if proof is None:
        return []
    said = gettext("leaf %(index)s of %(size)s under checkpoint %(number)s")
    leaf = said % {"index": proof["index"] + 1, "size": proof["size"], "number": proof["checkpoint"]}
    return [f"{number(proof['position'])} · {leaf}"]


# --- Laws ---------------------------------------------------------------------------------------------------------


def provision(provision_id: str, on: date) -> dict[str, Any]:
    """A provision as plain data, with its standing on this day."""
    row = packs.provisions()[provision_id]
    return {
        "id": row.id, "law": row.law, "cite": row.cite, "text": row.text, "from": row.from_.isoformat(),
        "until": row.until.isoformat() if row.until else None, "in_force": row.in_force(on),
    }  # fmt: skip


def find_provision(text: str) -> str | None:
    """The provision that a free text begins with ("DPDP s.6", "GDPR 6(1)(a)", "Art. 30(1)"), the longest that fits."""
    wanted = _bare(text)
    fits = [
        (len(_bare(row.cite)), key)
        for key, row in packs.provisions().items()
        if wanted.startswith(_bare(row.cite))
    ]
    return max(fits)[1] if fits else None


def is_exactly(text: str, provision_id: str) -> bool:
    """False where the text names a subsection that the pack does not: then the pack lends its date, not its heading."""
    rest = _bare(text)[len(_bare(packs.provisions()[provision_id].cite)) :]
    return not rest.startswith("(") or rest.startswith(("(appliedvoluntarily", "(nolonger"))


def _bare(text: str) -> str:
    return re.sub(r"\b(Act|Rules|Article|Art|section)\b\.?|[\s,]", "", text).lower()


def standing(row: dict[str, Any]) -> str:
    """ "in force since …", or "applied voluntarily, in force from …": texts cite only law in force on the day."""
    since = day(row["from"])
    if row["in_force"]:
        return gettext("in force since %(day)s") % {"day": since}
    return gettext("applied voluntarily, in force from %(day)s") % {"day": since}


def cited(row: dict[str, Any]) -> str:
    return row["cite"] if row["in_force"] else f"{row['cite']} ({standing(row)})"


def law_rows(rows: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {"provision": f"{row['cite']}: {gettext(row['text'])}", "standing": standing(row)} for row in rows
    ]


# --- The page -----------------------------------------------------------------------------------------------------


def paper(
    facts: dict[str, Any], kind: Any, facts_sha256: str, version: str, *, whole: dict[str, Any] | None = None, on_paper: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """The whole context of a template, for paper and page alike. Call with the report's language active.

    `whole`: the facts of the whole document where `facts` are those of a part; `on_paper`: signs that our fonts lack are
    marked, and named in the box of the seal; a browser has fonts of its own.
    """
    report = facts["report"]
    shared = frame(report)
    content = kind.words(facts["content"], shared)
    controller = report["controller"]
    roles = [str(SIGNED_OFF[role]) for role in report["asked_by_roles"] if role in SIGNED_OFF]
    head = {
        "title": str(kind.title),
        "kind": str(kind.title),
        "subtitle": "",
        "number": report["number"],
        "language": report["language"],
        "direction": direction(report["language"]),
        "entity": {"name": controller["name"], "address": controller["address"], "country": "" if _ends_with_country(controller) else country(controller["country"])},
        "prepared_for": ", ".join(roles),
        "law_date": day(report["law_on"]),
        "times": gettext("times of %(zone)s") % {"zone": shared.zone_name},
        "read_at": shared.moment(report["read_at"]),
        "read_at_iso": report["read_at"],
        "template_version": version,
        "facts_sha256": facts_sha256,
    }  # fmt: skip
    head |= content.pop("head", {})
    seal = _seal(report, facts_sha256) | {
        "lacking": signs.named(signs.lacking(whole or facts)) if on_paper else "",
        "unreviewed": gettext("The fixed words of this document are a translation that nobody has reviewed yet.") if report["language"] not in WHOLE else "",
    }  # fmt: skip
    shown = {"report": printable(head, on_paper=on_paper), "facts": printable(content, on_paper=on_paper)}
    if head["direction"] == "rtl":
        shown = _kept_in_line(shown)
    return shown | {"report": shown["report"] | {"seal": seal}}


def _seal(report: dict[str, Any], facts_sha256: str) -> dict[str, Any]:
    """What the paper says of its seal, and the way to check it."""
    page = report.get("verify_at", "")
    return {
        "sentence": honest.on_paper(report["controller"], bool(report.get("own_seal", True))),
        "own": bool(report.get("own_seal", True)), "code": codes.short(facts_sha256),
        "page": f"{LRM}{page}{LRM}" if page and direction(report["language"]) == "rtl" else page,  # else its last slash stands in front
        "squares": codes.squares(codes.address(page, report["number"], facts_sha256)) if page else None,
    }  # fmt: skip


def _ends_with_country(controller: dict[str, Any]) -> bool:
    """Addresses often name the country themselves; then it is not printed twice."""
    names = (
        str(countries.COUNTRIES.get(controller["country"], "")),
        controller["country"],
        {"IN": "India", "DE": "Germany"}.get(controller["country"], ""),
    )
    return any(name and controller["address"].rstrip(" .").endswith(name) for name in names)


def printable(value: Any, *, on_paper: bool = True) -> Any:
    """Every text without control characters, not longer than paper bears, and with a mark for what no font draws."""
    if isinstance(value, dict):
        return {key: printable(one, on_paper=on_paper) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(one, on_paper=on_paper) for one in value]
    if isinstance(value, str):
        text = _cut(UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value))
        return signs.marked(text) if on_paper else text
    return value


def _kept_in_line(value: Any) -> Any:
    """For a page that runs from right to left: a text that begins in the other direction, such as an address, keeps its
    first number and its last full stop."""
    if isinstance(value, dict):
        return {key: _kept_in_line(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_kept_in_line(one) for one in value]
    if isinstance(value, str):
        strong = next((way for sign in value if (way := bidirectional(sign)) in ("L", "R", "AL")), "")
        return f"{LRM}{value}{LRM}" if strong == "L" and " " in value else value
    return value


def _cut(text: str) -> str:
    rest = len(text) - LONGEST
    if rest <= 0:
        return text
    told = ngettext(
        "[cut here: %(count)s more character stands in the attached file]",
        "[cut here: %(count)s more characters stand in the attached file]", rest,
    )  # fmt: skip
    return f"{text[:LONGEST]} … {told % {'count': number(rest)}}"
