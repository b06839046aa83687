"""Purpose register of one entity: Art. 30(1) GDPR, with the grounds of both laws beside each other."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.lib import packs
from governance.people.models import Entity
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds import register_facts, register_words
from governance.reports.kinds.subject import Subject
from governance.reports.models import Report
from governance.reports.words import Frame

FIGURES = {
    "activities": gettext_lazy("Activities in this register"),
    "active": gettext_lazy("Of these active"),
    "lacking": gettext_lazy("Of these with something not recorded"),
}


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    return Subject(entity.name) if not scope else None


def settled(scope: dict[str, str]) -> bool:
    return True


def facts(report: Report) -> dict[str, Any]:
    """Plain data of every activity of the entity, retired ones too."""
    activities = register_facts.of(report.entity, report.law_on, report.language)
    used = {ground["provision"]["id"] for a in activities for ground in a["grounds"]} | {"gdpr.30"}
    figures, asked = sheets.Figures(), f"Purpose: entity = {report.entity.code}"
    figures.add("activities", asked, len(activities))
    figures.add("active", f"{asked}, state = active", sum(a["state"] == "active" for a in activities))
    figures.add(
        "lacking",
        f"{asked}; the check of completeness names a gap, on this document’s law date",
        sum(bool(a["missing"]) for a in activities),
    )
    return {
        "activities": activities,
        "figures": figures.rows,
        "laws": [say.provision(key, report.law_on) for key in sorted(used)],
        "pack": {"name": "laws", "version": packs.load("laws").version, "sha256": packs.load("laws").sha256},
    }


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    return {
        "head": {"subtitle": _("Record of the processing activities of %(entity)s") % {"entity": frame.controller["name"]}},
        "intro": _(
            "This register lists every activity in which %(entity)s processes personal data, as it stood when the register was read. "
            "It holds what Article 30(1) GDPR asks for and the grounds under Indian and European law beside each other."
        ) % {"entity": frame.controller["name"]},
        **sheets.counted(content, FIGURES),
        "controller": controller_lines(frame.controller),
        "activities": [register_words.of(activity, frame) for activity in content["activities"]],
        "laws": say.law_rows(content["laws"]),
        "pack": _("Dates of entry into force: policy pack “%(name)s”, version %(version)s, SHA-256 %(sha256)s") % content["pack"],
    }  # fmt: skip


def controller_lines(controller: dict[str, Any]) -> dict[str, list[str]]:
    def line(*parts: str) -> list[str]:
        return [part for part in [", ".join(part for part in parts if part)] if part]

    return {
        "name": [controller["name"], *[text for text in controller["address"].splitlines() if text.strip()]],
        "contact": line(controller["contact_name"], controller["contact_email"]),
        "dpo": line(controller["dpo_name"], controller["dpo_email"]),
        "representative": [text for text in controller["eu_representative"].splitlines() if text.strip()],
        "joint": [],
    }
