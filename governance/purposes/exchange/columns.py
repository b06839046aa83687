"""The workbook's sheets and columns: which field stands where, how it is written, and how a cell is read. A table.

A column of kind `code` shows the list's label and takes label or code; `codes`, `lines` and `countries` take one per
line. An empty cell means the field's usual value; “–” says that it is empty where the usual value is not.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from governance.purposes import lists
from governance.purposes.activity import COUNTRY, PERIOD, Contact, Item, Keep, Recipient, SystemPart
from governance.purposes.exchange import cells


class Unreadable(Exception):
    """A cell that says nothing this column can hold; the sentence says why and what fits."""

    def __init__(self, sentence: str) -> None:
        super().__init__("unreadable")
        self.sentence = sentence


@dataclass(frozen=True)
class Column:
    field: str
    heading: str
    kind: str = (
        "text"  # text, line, code, codes, lines, countries, country, day, yes_no, term, category, period
    )
    of: str = ""  # the list of a code
    width: int = 22
    usual: Any = ""

    def write(self, value: Any) -> Any:
        """What stands in the cell: text, or a day."""
        if self.kind == "yes_no":
            return "" if value == self.usual else ("yes" if value else "no")
        if value == self.usual:
            return ""
        if value in ("", (), None):
            return cells.NOTHING
        return WRITE.get(self.kind, _same)(self, value)

    def read(self, said: Any) -> Any:
        """The value of a cell. Raises Unreadable."""
        if said is None:
            return self.usual
        text = cells.as_text(said)
        if not text:
            return self.usual
        if text == cells.NOTHING and self.usual not in ("", ()):
            return ""
        return READ.get(self.kind, _text)(self, text)


def _same(column: Column, value: Any) -> Any:
    return value


def _text(column: Column, text: str) -> str:
    return text


def _code(column: Column, text: str) -> str:
    code = cells.code_of(column.of, text)
    if not code:
        raise Unreadable(unknown(text, cells.wordings(column.of)))
    return code


def _codes(column: Column, text: str) -> tuple[str, ...]:
    codes, wrong = cells.codes_of(column.of, text)
    if wrong:
        raise Unreadable(unknown(wrong[0], cells.wordings(column.of)))
    return codes


def unknown(said: str, known: Iterable[str] | Mapping[str, str]) -> str:
    """The sentence for a word that a list does not have, with those that look like it."""
    near = cells.nearest(said, known)
    sentence = _("“%(word)s” is not in the list.") % {"word": said[:60]}
    return f"{sentence} {_('Do you mean: %(words)s?') % {'words': '; '.join(near)}}" if near else sentence


def _country(column: Column, text: str) -> str:
    if not COUNTRY.fullmatch(text):
        raise Unreadable(_("Write the country as two capital letters, like IN or DE."))
    return text


def _countries(column: Column, text: str) -> tuple[str, ...]:
    return tuple(_country(column, part) for part in text.replace(",", " ").replace(";", " ").split())


def _day(column: Column, text: str) -> date:
    try:
        return date.fromisoformat(text[:10] if text[10:] == " 00:00:00" else text)
    except ValueError:
        raise Unreadable(_("Write the day as year-month-day, for example 2026-04-01.")) from None


def _yes_no(column: Column, text: str) -> bool:
    answer = {
        "yes": True,
        "y": True,
        "true": True,
        "1": True,
        "no": False,
        "n": False,
        "false": False,
        "0": False,
    }.get(text.casefold())
    if answer is None:
        raise Unreadable(_("Write yes or no."))
    return answer


def _term(column: Column, text: str) -> str:
    iri = lists.dpv(text)
    if not iri:
        near = cells.nearest(
            text.rpartition(":")[2].rpartition("#")[2],
            [cells.short_term(t).rpartition(":")[2] for t in lists.dpv_terms()],
        )
        sentence = _("“%(term)s” is no term of DPV 2.3.") % {"term": text[:60]}
        hint = (
            _("Do you mean: %(words)s?") % {"words": "; ".join(f"pd:{word}" for word in near)} if near else ""
        )
        raise Unreadable(f"{sentence} {hint}".strip())
    return iri


def _category(column: Column, text: str) -> str:
    known = lists.categories()
    folded = text.casefold()
    for code in known:
        if folded in (code.casefold(), lists.category(code, "en").casefold()):
            return code
    raise Unreadable(unknown(text, [*known, *(lists.category(code, "en") for code in known)]))


def _categories(column: Column, text: str) -> tuple[str, ...]:
    return tuple(
        _category(column, piece.strip())
        for piece in text.replace(";", "\n").replace(",", "\n").split("\n")
        if piece.strip()
    )


def _period(column: Column, text: str) -> str:
    if not PERIOD.fullmatch(text):
        raise Unreadable(_("“%(text)s” is no period. Write P30D, P12M or P7Y.") % {"text": text[:60]})
    return text


def _line(column: Column, text: str) -> str:
    return cells.one_line(text)


WRITE: dict[str, Callable[[Column, Any], Any]] = {
    "code": lambda column, value: cells.label(column.of, value),
    "codes": lambda column, value: cells.of_codes(column.of, value),
    "lines": lambda column, value: cells.of_entries(value),
    "countries": lambda column, value: ", ".join(value),
    "categories": lambda column, value: ", ".join(value),
    "term": lambda column, value: cells.short_term(value),
}
READ: dict[str, Callable[[Column, str], Any]] = {
    "code": _code, "codes": _codes, "lines": lambda column, text: cells.entries_of(text), "countries": _countries, "country": _country,
    "day": _day, "yes_no": _yes_no, "term": _term, "category": _category, "categories": _categories, "period": _period, "line": _line,
}  # fmt: skip

# --- The sheets ---------------------------------------------------------------------------------------------------

KEY = Column("key", "Activity", "line", width=12)  # the Number of the row on the first sheet
ROW = (
    Column("number", "Number", "line", width=10),
    Column("entity", "Entity", "line", width=10),
    Column("unit", "Department", "line"),
    Column("owner", "Owner (staff number)", "line", width=16),
    Column("review_on", "Next review", "day", width=12, usual=None),
)
# Only where they are asked for: an import makes drafts and sets neither.
STANDING = (
    Column("state", "State", "line", width=12),
    Column("version", "Version in force", "line", width=10),
)


def _many(field: str, heading: str, of: str) -> Column:
    return Column(field, heading, "codes", of, width=28, usual=())


def _lines(field: str, heading: str, width: int = 30) -> Column:
    return Column(field, heading, "lines", width=width, usual=())


ACTIVITY = (
    Column("name", "Name", "line", width=36),
    Column("function", "Business function", "code", "function"),
    Column("kind", "Kind", "code", "kind", usual="other"),
    Column("description", "Description", width=48),
    _lines("objectives", "Objectives"),
    Column("uses", "Uses it makes possible", width=30),
    _many("people", "People concerned", "people"),
    Column("people_note", "People concerned, note", width=30),
    Column("countries", "Countries of work", "countries", width=12, usual=()),
    _many("laws", "Laws, said outright", "law"),
    Column("basis_eu", "Ground, GDPR", "code", "basis_eu", width=30),
    Column("art9", "Condition of Art. 9", "code", "art9", width=30),
    Column("ground_in", "Ground, DPDP", "code", "ground_in", width=30),
    Column("limb_in", "Limb of s.7(i)", "code", "limb_in"),
    Column("ground_note", "Ground, note", width=36),
    Column("interests", "Legitimate interests", width=36),
    Column("interests_link", "Interests assessment"),
    Column("rights_note", "Rights, note", width=30),
    Column("transfers_note", "Transfers, note", width=36),
    Column("retention_note", "Retention, note", width=30),
    Column("policy_link", "Retention policy"),
    Column("policy_followed", "Retention policy followed", "answer", width=10),
    Column("policy_why_not", "Reasons for not following it", width=30),
    _many("security", "Security measures", "security"),
    Column("security_note", "Security measures, note", width=36),
    _lines("software", "Software"),
    Column("location", "Location of the data"),
    Column("automated", "Automated decisions", width=36),
    Column("art22", "Exception of Art. 22(2)", "code", "art22"),
    _many("effects", "Effects on people", "effect"),
    Column("ai_system", "AI system"),
    Column("ai_role", "Role under the AI Act", "code", "ai_role"),
    Column("ai_class", "Class under the AI Act", "code", "ai_class"),
    Column("worker_notice_on", "Workers told, AI Act Art. 26(7)", "day", width=12, usual=None),
    Column("training_allowed", "Training allowed", "yes_no", width=10, usual=False),
    _lines("datasets", "Datasets"),
    _lines("models", "Models"),
    Column("dpia", "Impact assessment", "code", "dpia"),
    Column("dpia_link", "Impact assessment, reference"),
    Column("works_note", "Works council and representatives", width=36),
    _many("circumstances", "Circumstances", "circumstance"),
    Column("contract_link", "Contract with processor"),
    Column("consent_link", "Record of consent"),
    Column("breach", "Breach occurred", "answer", width=10),
    Column("breach_link", "Record of the breach"),
    Column("schedule_1", "DPA 2018 Schedule 1 condition"),
)
ITEM = (
    Column("code", "Code", "line", width=18), Column("name", "Name", "line", width=30), Column("category", "Category", "category", width=10),
    Column("dpv", "DPV term", "term"), Column("sensitivity", "Sensitivity", "code", "sensitivity", width=16),
    Column("necessary", "Necessary", "yes_no", width=10, usual=True), Column("why", "Why it is needed", width=40),
    Column("source", "Source", "code", "source"), Column("captured", "Recorded on workstations", "yes_no", width=12, usual=False),
    _lines("fields", "Fields kept", 20), Column("mode", "Mode", "code", "mode", usual="event"),
    Column("form", "Form", "code", "form", usual="minimised"), _many("uses", "Used for", "use"),
    Column("origin", "Origin", "code", "origin", usual="fresh"), _many("safeguards", "Safeguards", "safeguard"),
)  # fmt: skip
RECIPIENT = (
    Column("name", "Name", "line", width=36), Column("kind", "Kind", "code", "recipient_kind", usual="internal"),
    Column("country", "Country", "country", width=8), Column("processor", "Processor (code)", "line"),
    Column("tool", "Transfer tool", "code", "tool", width=30), Column("assessed_on", "Transfer assessed on", "day", width=12, usual=None),
    Column("note", "Note", width=30),
)  # fmt: skip
KEEP = (
    Column("category", "Data", "line", width=30), Column("law", "Law or country", "line", width=10),
    Column("start_event", "Counted from", "code", "start_event", usual="collected"), Column("minimum", "At least", "period", width=10),
    Column("maximum", "At most", "period", width=10), Column("action", "Then", "code", "action", usual="erase"),
    Column("source", "Legal source", width=36), Column("applies_from", "Applies from", "day", width=12, usual=None),
)  # fmt: skip
SYSTEM = (Column("code", "System (code)", "line"), _lines("parts", "Tables, columns or paths"))
CONTACT = (Column("name", "Name", "line", width=36), Column("contact", "Contact", width=36))

PROCESSOR = (
    Column("code", "Code", "line"), Column("entity", "Entity", "line", width=10), Column("name", "Name", "line", width=36),
    Column("contact", "Contact", width=30), Column("country", "Country", "country", width=8), Column("contract", "Contract"),
    Column("contract_from", "Contract from", "day", width=12, usual=None), Column("contract_until", "Contract until", "day", width=12, usual=None),
    _many("clauses", "Clauses", "clause"), _lines("subprocessors", "Sub-processors (name, country, agreed on)", 36),
    Column("tool", "Transfer tool", "code", "tool", width=30), Column("assessed_on", "Transfer assessed on", "day", width=12, usual=None),
    Column("security_note", "Security, note", width=30),
)  # fmt: skip
MANDATE = (
    Column("number", "Number", "line", width=10), Column("entity", "Entity", "line", width=10),
    Column("controller_name", "Controller", "line", width=36), Column("controller_contact", "Contact", width=30),
    Column("controller_country", "Country", "country", width=8), Column("representative", "Representative", width=30),
    Column("dpo", "Data protection officer", width=30), Column("categories", "Categories of processing", width=40),
    _lines("subprocessors", "Sub-processors (name, country, agreed on)", 36), Column("countries", "Countries", "countries", width=12, usual=()),
    Column("safeguards", "Safeguards", width=30), _many("security", "Security measures", "security"),
    Column("security_note", "Security, note", width=30), Column("contract", "Contract"),
    Column("starts_on", "From", "day", width=12, usual=None), Column("ends_on", "Until", "day", width=12, usual=None),
)  # fmt: skip
DATA_SYSTEM = (
    Column("code", "Code", "line"), Column("entity", "Entity", "line", width=10), Column("name", "Name", "line", width=36),
    Column("kind", "Kind", "code", "system_kind", usual="other"), Column("holds", "What lies there", width=40),
    Column("country", "Country", "country", width=8), Column("owner", "Owner (staff number)", "line", width=16),
    Column("categories", "Categories of data", "categories", width=16, usual=()), _lines("parts", "Tables, columns or paths", 36),
)  # fmt: skip

ACTIVITIES = "Activities"
# sheet → (field of an Activity, its part, columns beside the key)
PARTS: dict[str, tuple[str, Any, tuple[Column, ...]]] = {
    "Items": ("items", Item, ITEM),
    "Recipients": ("recipients", Recipient, RECIPIENT),
    "Retention": ("keeps", Keep, KEEP),
    "Systems": ("systems", SystemPart, SYSTEM),
    "Joint controllers": ("joint_controllers", Contact, CONTACT),
}
# “Systems” says which an activity uses, “Data systems” is the register of them.
PARTIES = {"Processors": PROCESSOR, "Mandates": MANDATE, "Data systems": DATA_SYSTEM}
LISTS = "Lists"
SHEETS = (ACTIVITIES, *PARTS, *PARTIES, LISTS)


def columns_of(sheet: str, *, standing: bool = True) -> tuple[Column, ...]:
    if sheet == ACTIVITIES:
        return (*ROW, *ACTIVITY, *(STANDING if standing else ()))
    if sheet in PARTS:
        return (KEY, *PARTS[sheet][2])
    return PARTIES.get(sheet, ())


def _answer(column: Column, text: str) -> str:
    return "yes" if _yes_no(column, text) else "no"


READ["answer"] = _answer
