"""What the fields of the register are called on pages, and how the outcomes of the rules read."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# Every field of an Activity, and the columns of a Purpose beside it. tests/purposes/test_list.py misses one that is not here.
FIELDS: dict[str, Any] = {
    "name": _("Name of the activity"),
    "function": _("Business function"),
    "kind": _("Kind of processing"),
    "description": _("What is done"),
    "objectives": _("Objectives"),
    "uses": _("What it makes possible"),
    "people": _("People concerned"),
    "people_note": _("About the people concerned"),
    "countries": _("Countries where they work"),
    "laws": _("Laws that apply"),
    "joint_controllers": _("Joint controllers"),
    "items": _("Data items"),
    "recipients": _("Recipients"),
    "transfers_note": _("Transfers to other countries"),
    "basis_eu": _("Ground under the GDPR"),
    "art9": _("Condition of Art. 9 GDPR"),
    "ground_in": _("Ground under the DPDP Act"),
    "limb_in": _("Which purpose of employment"),
    "ground_note": _("What the ground rests on"),
    "interests": _("Legitimate interests"),
    "interests_link": _("Assessment of the interests"),
    "rights_note": _("Rights of the people concerned"),
    "keeps": _("How long it is kept"),
    "retention_note": _("About retention"),
    "policy_link": _("Retention policy"),
    "policy_followed": _("Is the retention policy followed"),
    "policy_why_not": _("Why the retention policy is not followed"),
    "security": _("Security measures"),
    "security_note": _("About security"),
    "systems": _("Systems"),
    "software": _("Software"),
    "location": _("Where it lies"),
    "automated": _("Automated decisions"),
    "art22": _("Exception of Art. 22 GDPR"),
    "effects": _("Effects on people"),
    "ai_system": _("AI system"),
    "ai_role": _("Role under the AI Act"),
    "ai_class": _("Class under the AI Act"),
    "worker_notice_on": _("Workers were told of the AI system on"),
    "training_allowed": _("Training of AI is allowed"),
    "datasets": _("Data sets"),
    "models": _("Models"),
    "dpia": _("Impact assessment"),
    "dpia_link": _("Where the impact assessment is"),
    "works_note": _("Works council or representatives"),
    "circumstances": _("Circumstances"),
    "contract_link": _("Contract with the processor"),
    "consent_link": _("Record of consent"),
    "breach": _("Was there a breach"),
    "breach_link": _("Record of the breach"),
    "schedule_1": _("Condition of Schedule 1 DPA 2018 (UK)"),
    # columns of the Purpose and what lies beside it
    "entity": _("Controller"),
    "unit": _("Department"),
    "owner": _("Accountable owner"),
    "review_on": _("Next review"),
    "notice": _("Notice"),
    "assessments": _("Value assessments"),
    "evidence": _("Evidence"),
}


def heading(path: str) -> str:
    """What a field is called, for "items", "items[2].why" and "items.why" alike; the path itself where nobody named it."""
    name = re.split(r"[\[.]", path, maxsplit=1)[0]
    return str(FIELDS.get(name, path))


@dataclass(frozen=True)
class Verdict:
    word: Any
    colour: str  # of the pill component


VERDICTS: dict[str, Verdict] = {
    "ALLOW": Verdict(pgettext_lazy("verdict", "Allowed"), "good"),
    "NOTICE_OBJECT": Verdict(pgettext_lazy("verdict", "Notice and objection"), "good"),
    "OPT_IN": Verdict(pgettext_lazy("verdict", "Opt-in"), "note"),
    "EXPLICIT_OPT_IN": Verdict(pgettext_lazy("verdict", "Explicit opt-in"), "note"),
    "HOLD": Verdict(pgettext_lazy("verdict", "Hold"), "warn"),
    "REJECT_CONFIG": Verdict(pgettext_lazy("verdict", "Defined wrongly"), "bad"),
    "BLOCK": Verdict(pgettext_lazy("verdict", "Blocked"), "bad"),
}


def verdict(outcome: str) -> str:
    return str(VERDICTS[outcome].word) if outcome in VERDICTS else outcome


def verdict_cell(outcome: str, note: str = "") -> dict[str, str]:
    """A cell of the table component."""
    colour = VERDICTS[outcome].colour if outcome in VERDICTS else ""
    return {"state": outcome, "word": verdict(outcome), "colour": colour, "note": note}
