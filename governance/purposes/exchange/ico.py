"""The register as the ICO's record of processing activities: a CSV file with its thirty headings, in its order.

What those columns cannot hold is lost there: number, entity, department, owner, review, countries of work, the ground
under the DPDP Act, circumstances, systems, AI, why an item is needed and how it is recorded. The workbook holds all.
What stands in a column and fits no list is kept as words, so that a file of somebody else loses nothing.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from governance.lib import packs
from governance.purposes import lists
from governance.purposes.activity import Activity
from governance.purposes.exchange import cells
from governance.purposes.exchange import ico_cells as say

# field → heading. The ICO's words; the order is the ICO's.
COLUMNS = {
    "function": "Business function",
    "purpose": "Purpose of processing",
    "joint": "Name and contact details of joint controller (if applicable)",
    "people": "Categories of individuals",
    "items": "Categories of personal data",
    "recipients": "Categories of recipients",
    "contract_link": "Link to contract with processor",
    "countries": "Names of third countries or international organisations that personal data are transferred to (if applicable)",
    "safeguards": "Safeguards for exceptional transfers of personal data to third countries or international organisations (if applicable)",
    "retention": "Retention schedule (if possible)",
    "security": "General description of technical and organisational security measures (if possible)",
    "basis": "Article 6 lawful basis for processing personal data",
    "art9": "Article 9 condition for processing special category data",
    "interests": "Legitimate interests for the processing (if applicable)",
    "interests_link": "Link to record of legitimate interests assessment (if applicable)",
    "rights": "Rights available to individuals",
    "automated": "Existence of automated decision-making, including profiling (if applicable)",
    "source": "The source of the personal data (if applicable)",
    "consent_link": "Link to record of consent",
    "location": "Location of personal data",
    "dpia_required": "DPIA required?",
    "dpia": "DPIA progress",
    "dpia_link": "Link to DPIA",
    "breach": "Has a personal data breach occurred?",
    "breach_link": "Link to record of personal data breach",
    "schedule_1": "DPA 2018 Schedule 1 Condition for processing",
    "basis_again": "GDPR Article 6 lawful basis for processing",
    "policy_link": "Link to retention and erasure policy document",
    "policy_followed": "Is personal data retained and erased in accordance with the policy document?",
    "policy_why_not": "Reasons for not adhering to the policy document (if applicable)",
}
HEADINGS = tuple(COLUMNS.values())
MEDIA = "text/csv; charset=utf-8"
PLAIN = {
    "contract_link": "contract_link", "interests": "interests", "interests_link": "interests_link", "rights": "rights_note",
    "consent_link": "consent_link", "location": "location", "dpia_link": "dpia_link", "breach_link": "breach_link",
    "schedule_1": "schedule_1", "policy_link": "policy_link", "policy_why_not": "policy_why_not",
}  # fmt: skip
DERIVED = {"countries": "transfers_note", "dpia_required": "description", "basis_again": "ground_note"}
YES_NO = {"yes": "Yes", "no": "No"}
SYNONYMS = {
    "in progress": "under_way",
    "started": "under_way",
    "complete": "done",
    "completed": "done",
    "not required": "not_needed",
    "n/a": "not_needed",
}
ARTICLE = r"(?:(?:uk )?gdpr )?(?:article |art\.? ?)?{} ?\({}\) ?\(([a-{}])\)(?: ?[-–:,] ?[a-z /]+)?"
BASIS, CONDITION = (
    re.compile(ARTICLE.format(*numbers), re.IGNORECASE) for numbers in ((6, 1, "f"), (9, 2, "j"))
)
OBJECTIVE, USES = "– ", "Makes possible: "
ITEM_LINE, USES_LINE = re.compile(r"[•*] "), re.compile(re.escape(USES))


def kept(activity: Activity) -> Activity:
    """What the thirty columns hold of an activity; the rest is as if never said."""
    a = cells.settled(activity)
    fields = (
        "name", "function", "description", "objectives", "uses", "people", "people_note", "joint_controllers", "recipients",
        "transfers_note", "basis_eu", "art9", "ground_note", "interests", "interests_link", "rights_note", "keeps", "retention_note",
        "policy_link", "policy_followed", "policy_why_not", "security", "security_note", "location", "automated", "art22", "dpia",
        "dpia_link", "contract_link", "consent_link", "breach", "breach_link", "schedule_1",
    )  # fmt: skip
    return Activity(
        **{name: getattr(a, name) for name in fields}, items=tuple(say.kept_item(item) for item in a.items)
    )


# --- Out ----------------------------------------------------------------------------------------------------------


def write(activities: Iterable[Activity]) -> bytes:
    """UTF-8 with a byte order mark, so that Excel shows every script; commas; one row per activity."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(HEADINGS)
    for activity in activities:
        rows.writerow([cells.guarded(cell) for cell in row(activity)])
    return text.getvalue().encode("utf-8-sig")


def row(activity: Activity) -> list[str]:
    """The thirty cells of one activity."""
    a = kept(activity)
    said = {name: getattr(a, field) for name, field in PLAIN.items()}
    said |= {
        "function": cells.label("function", a.function),
        "purpose": _purpose(a),
        "joint": "\n".join(say.lines(a.joint_controllers, say.say_contact, say.read_contact)),
        "people": say.joined(
            [cells.label("people", code) for code in a.people], a.people_note, _leads("people")
        ),
        "items": "\n".join(
            say.lines(
                tuple(msgspec.structs.replace(i, source="") for i in a.items), say.say_item, say.read_item
            )
        ),
        "recipients": "\n".join(say.lines(a.recipients, say.say_recipient, say.read_recipient)),
        "safeguards": "\n".join([*_safeguards(a), *([a.transfers_note] if a.transfers_note else [])]),
        "retention": say.joined(say.lines(a.keeps, say.say_keep, say.read_keep), a.retention_note, _is_keep),
        "security": say.joined(
            [cells.label("security", code) for code in a.security], a.security_note, _leads("security")
        ),
        "basis": _coded("basis_eu", a.basis_eu, a.ground_note, _basis_of),
        "art9": cells.label("art9", a.art9),
        "automated": _coded("art22", a.art22, a.automated, lambda line: cells.code_of("art22", line)),
        "source": say.say_sources(a),
        "dpia": cells.label("dpia", a.dpia),
        "breach": YES_NO.get(a.breach, a.breach),
        "policy_followed": YES_NO.get(a.policy_followed, a.policy_followed),
    }
    said |= {name: _derived(name, a) for name in DERIVED}
    return [said[name] for name in COLUMNS]


def _purpose(a: Activity) -> str:
    said = [OBJECTIVE + one for one in a.objectives]
    if a.uses:
        said.append(USES + a.uses if "\n" not in a.uses else msgspec.json.encode({"uses": a.uses}).decode())
    return f"{a.name}\n{about}" if (about := say.joined(said, a.description, _is_about)) else a.name


def _is_about(line: str) -> bool:
    return line.startswith((OBJECTIVE, USES)) or bool(_uses_of(line))


def _uses_of(line: str) -> str:
    """The uses that a line of JSON says."""
    try:
        found = msgspec.json.decode(line, type=dict[str, str]) if line.startswith("{") else {}
    except (msgspec.DecodeError, msgspec.ValidationError):
        return ""
    return found["uses"] if set(found) == {"uses"} else ""


def _coded(name: str, code: str, note: str, reads: Callable[[str], str]) -> str:
    """A label on the first line, then words."""
    said = [cells.label(name, code)] if code else []
    # A second line is never taken for a code, so that only a note without a code before it needs the mark.
    return say.joined(said, note, (lambda line: False) if said else (lambda line: bool(reads(line))))


def _leads(name: str) -> Callable[[str], bool]:
    return lambda line: bool(cells.codes_of(name, line)[0]) and not cells.codes_of(name, line)[1]


def _is_keep(line: str) -> bool:
    return bool(say.read_keep(line))


def _safeguards(a: Activity) -> list[str]:
    return [f"{cells.one_line(r.name)}: {cells.label('tool', r.tool)}" for r in a.recipients if r.tool]


def _derived(name: str, a: Activity) -> str:
    """Columns that say again what others say already."""
    if name == "countries":
        home = packs.load("laws").content["jurisdictions"]["EU"]
        return ", ".join(sorted({r.country for r in a.recipients if r.country and r.country not in home}))
    if name == "dpia_required":
        return {"": "", "not_needed": "No"}.get(a.dpia, "Yes")
    return cells.label("basis_eu", a.basis_eu) if a.art9 else ""


# --- In -----------------------------------------------------------------------------------------------------------


def read(cell_of: Mapping[str, str]) -> tuple[Activity, list[str]]:
    """The activity of one row (column name → text), and the headings whose words fit no list and were kept as a note."""
    said = {name: cells.tidy(cell_of.get(name, "")) for name in COLUMNS}
    fields: dict[str, Any] = {field: said[name] for name, field in PLAIN.items()}
    over: list[tuple[str, str]] = []  # (column, field that takes its words)
    fields |= _read_purpose(said["purpose"])
    fields["joint_controllers"] = tuple(
        one for line in _lines(said["joint"]) for one in say.read_contact(line)
    )
    for name, note in (("people", "people_note"), ("security", "security_note")):
        found, fields[note] = say.parted(said[name], _leads(name))
        fields[name] = tuple(code for line in found for code in cells.codes_of(name, line)[0])
    fields["recipients"] = tuple(
        one for line in _lines(said["recipients"]) for one in say.read_recipient(line)
    )
    found, fields["retention_note"] = say.parted(said["retention"], _is_keep)
    fields["keeps"] = tuple(keep for line in found for keep in say.read_keep(line))
    for name, field, note, reads in (
        ("basis", "basis_eu", "ground_note", _basis_of),
        ("automated", "art22", "automated", lambda line: cells.code_of("art22", line)),
    ):
        found, fields[note] = say.parted(said[name], lambda line, reads=reads: bool(reads(line)), at_most=1)  # type: ignore[misc]
        fields[field] = reads(found[0]) if found else ""
    for name, field, code, note in (
        ("function", "function", cells.code_of("function", said["function"]), "description"),
        ("art9", "art9", _condition_of(said["art9"]), "ground_note"),
        ("dpia", "dpia", _dpia_of(said["dpia"], said["dpia_required"]), "description"),
        ("breach", "breach", _yes_no_of(said["breach"]), "description"),
        ("policy_followed", "policy_followed", _yes_no_of(said["policy_followed"]), "description"),
    ):
        fields[field] = code
        if said[name] and not code:
            over.append((name, note))
    items = _apart([one for line in _lines(said["items"]) for one in say.read_item(line)])
    fields["items"] = say.read_sources(said["source"], items)
    a = Activity(**fields)
    if said["source"] and said["source"] != say.say_sources(a):
        over.append(("source", "description"))
    over += [(name, note) for name, note in DERIVED.items() if said[name] and not _says(name, said[name], a)]
    fields["transfers_note"] = _after(said["safeguards"], _safeguards(a))
    for name, note in over:
        fields[note] = "\n".join(part for part in (fields[note], f"{COLUMNS[name]}: {said[name]}") if part)
    return Activity(**fields), [COLUMNS[name] for name, _note in over]


def _says(name: str, text: str, a: Activity) -> bool:
    derived = _derived(name, a)
    same = {"basis_again": _basis_of, "dpia_required": _yes_no_of}.get(name)
    return text == derived or bool(same and derived and same(text) == same(derived))


def _read_purpose(text: str) -> dict[str, Any]:
    first, _, rest = text.partition("\n")
    name, more = first.strip(), ""
    if len(name) > 200:  # somebody else's file may have a paragraph here
        name, more = name[:199].rsplit(" ", 1)[0] + "…", name
    lines, description = say.parted(rest.strip("\n"), _is_about)
    uses = [
        line.removeprefix(USES) if line.startswith(USES) else _uses_of(line)
        for line in lines
        if not line.startswith(OBJECTIVE)
    ]
    return {
        "name": name, "objectives": tuple(line.removeprefix(OBJECTIVE).strip() for line in lines if line.startswith(OBJECTIVE)),
        "uses": "\n".join(uses), "description": "\n".join(part for part in (more, description) if part),
    }  # fmt: skip


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _apart(items: list[Any]) -> tuple[Any, ...]:
    """Two names of somebody else's file that give one code get two."""
    seen: dict[str, int] = {}
    found = []
    for item in items:
        n = seen[item.code] = seen.get(item.code, 0) + 1
        found.append(item if n == 1 else msgspec.structs.replace(item, code=f"{item.code[:36]}_{n}"))
    return tuple(found)


def _after(text: str, said: list[str]) -> str:
    """What stands after the lines that other columns say too."""
    lines = text.split("\n")
    return "\n".join(
        lines[len(said) :] if [line.strip() for line in lines[: len(said)]] == said else lines
    ).strip()


def _basis_of(text: str) -> str:
    return _listed("basis_eu", text, BASIS)


def _condition_of(text: str) -> str:
    return _listed("art9", text, CONDITION)


def _listed(name: str, text: str, article: re.Pattern[str]) -> str:
    """The code for a label, for its words without the article, or for the article; not for the bare letter."""
    wanted = text.strip().casefold()
    for code in lists.codes(name):
        label = cells.label(name, code).casefold()
        if wanted and wanted in (label, label.partition(", art.")[0]):
            return code
    match = article.fullmatch(text.strip())
    return match[1].lower() if match else ""


def _dpia_of(progress: str, required: str) -> str:
    if code := cells.code_of("dpia", progress) or SYNONYMS.get(progress.casefold(), ""):
        return code
    return "not_needed" if not progress and _yes_no_of(required) == "no" else ""


def _yes_no_of(text: str) -> str:
    return {"yes": "yes", "y": "yes", "no": "no", "n": "no", "none": "no"}.get(text.strip().casefold(), "")


# --- Headings -----------------------------------------------------------------------------------------------------


def column_of(heading: str) -> str:
    """Which of the thirty a heading is, whatever its case, its brackets or its abbreviation; "" for none."""
    wanted = _bare(heading)
    if not wanted:
        return ""
    for name, known in COLUMNS.items():
        if wanted == _bare(known):
            return name
    if heading.strip().endswith(("…", "...")):
        fits = [
            name for name, known in COLUMNS.items() if len(wanted) > 8 and _bare(known).startswith(wanted)
        ]
        return fits[0] if len(fits) == 1 else ""
    return OTHER_HEADINGS.get(wanted, "")


def _bare(heading: str) -> str:
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\(if (applicable|possible)\)", "", heading.casefold()))


# Wordings met in copies of the ICO's template.
OTHER_HEADINGS = {
    _bare(said): name
    for name, wordings in {
        "joint": ("Name and contact details of joint controller", "Joint controller"),
        "countries": ("Names of third countries or international organisations", "Third countries"),
        "safeguards": ("Safeguards for exceptional transfers",),
        "retention": ("Retention schedule", "Retention period"),
        "security": (
            "General description of technical and organisational security measures",
            "Security measures",
        ),
        "basis": ("Article 6 lawful basis", "Lawful basis"),
        "art9": ("Article 9 condition", "Article 9 basis for processing special category data"),
        "interests": ("Legitimate interests",),
        "interests_link": ("Link to record of legitimate interests assessment",),
        "automated": (
            "Existence of automated decision-making",
            "Existence of automated decision-making, including profiling",
        ),
        "source": ("Source of the personal data",),
        "dpia_required": ("Data Protection Impact Assessment required?",),
        "dpia": ("Data Protection Impact Assessment progress",),
        "dpia_link": ("Link to Data Protection Impact Assessment",),
        "schedule_1": (
            "DPA 2018 Schedule 1 Condition",
            "Data Protection Act 2018 Schedule 1 Condition for processing",
        ),
        "policy_why_not": (
            "Reasons for not adhering to retention and erasure policy document",
            "Reasons for not adhering",
        ),
    }.items()
    for said in wordings
}
