"""The entry of the register in sections, as the page shows it and as it is edited."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Section:
    code: str  # in URLs and anchors
    title: Any
    fields: tuple[str, ...]  # of an Activity; every field stands in exactly one section
    help: Any = ""


SECTIONS: tuple[Section, ...] = (
    Section("about", _("What and why"), ("name", "function", "kind", "description", "objectives", "uses")),
    Section(
        "people", _("People concerned"), ("people", "people_note", "countries", "laws", "joint_controllers"),
        _("Whose data these are, where they work, and who else answers for it."),
    ),
    Section("items", _("Data items"), ("items",), _("One row for each thing that is known of a person. What a capture client may send is chosen from the catalogue.")),
    Section(
        "grounds", _("Grounds"), ("basis_eu", "art9", "ground_in", "limb_in", "ground_note", "interests", "interests_link", "rights_note"),
        _("Each law has its own list; fill in the one that applies, or both. A ground is fixed before the start and not exchanged later."),
    ),
    Section("recipients", _("Who gets the data"), ("recipients", "transfers_note")),
    Section(
        "retention", _("How long"), ("keeps", "retention_note", "policy_link", "policy_followed", "policy_why_not"),
        _("One row for each category under each law. A period reads P30D, P12M or P7Y. The sweep erases by these rows."),
    ),
    Section("security", _("Security"), ("security", "security_note")),
    Section("systems", _("Where it lies"), ("systems", "software", "location"), _("Systems are those that erasure reaches; name tables, columns or paths of each.")),
    Section(
        "machines", _("Machines that decide, and AI"),
        ("automated", "art22", "effects", "ai_system", "ai_role", "ai_class", "worker_notice_on", "training_allowed", "datasets", "models"),
    ),
    Section("assessments", _("Assessments and representatives"), ("dpia", "dpia_link", "works_note"), _("References only. The signed papers are filed as evidence.")),
    Section("circumstances", _("Circumstances that change the verdict"), ("circumstances",), _("Tick what is so. The rules of both laws read it.")),
    Section("other", pgettext_lazy("section of the register", "Other columns"), ("contract_link", "consent_link", "breach", "breach_link", "schedule_1"), _("What the template of the ICO asks for besides.")),
)  # fmt: skip
BY_CODE = {section.code: section for section in SECTIONS}
SECTION_OF = {field: section.code for section in SECTIONS for field in section.fields}

# Rows of their own: field → what heads the part of the page that edits it.
ROWS = {
    "joint_controllers": _("Joint controllers"), "recipients": _("Recipients"), "keeps": _("Periods"), "systems": _("Systems"),
}  # fmt: skip
