"""The register under the thirty headings of the ICO's template (United Kingdom), an activity after the other."""

from typing import Any

from django.utils.translation import gettext as _

from governance.people.models import Entity
from governance.purposes import activity as activities
from governance.purposes.exchange import ico, outgoing
from governance.purposes.models import Purpose
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds.register_words import STATES
from governance.reports.kinds.subject import Subject
from governance.reports.models import Report
from governance.reports.words import Frame


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    return Subject(entity.name) if not scope else None


def settled(scope: dict[str, str]) -> bool:
    return True


def facts(report: Report) -> dict[str, Any]:
    """Every activity of the entity that is not retired, cell by cell as the export has it."""
    purposes = (
        Purpose.objects.filter(entity=report.entity).exclude(state="retired")
        .select_related("entity", "unit", "owner").order_by("ordinal")
    )  # fmt: skip
    entries = outgoing.entries(purposes)
    return {
        "headings": list(ico.HEADINGS),
        "rows": [
            {
                "number": entry.number, "name": entry.activity.name, "state": entry.state, "version": entry.version,
                "cells": ico.row(entry.activity), "activity": activities.plain(entry.activity), "unit": entry.unit,
                "owner_number": entry.owner, "review_on": entry.review_on,
            }
            for entry in entries
        ],
        "laws": [say.provision("gdpr.30", report.law_on)],
    }  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    rows = content["rows"]
    return {
        "head": {"subtitle": frame.controller["name"]},
        "intro": [
            _("The register of %(entity)s under the headings of the record of processing activities that the ICO, the supervisory authority of the United Kingdom, publishes, in its order and its words.")
            % {"entity": frame.controller["name"]},
        ],
        "sections": [
            sheets.section(_("Activities"), tables=[sheets.table(
                _("In this table"), [_("Number"), _("Activity"), _("State"), _("Version")],
                [[row["number"], row["name"], str(STATES.get(row["state"], row["state"])), str(row["version"] or _("draft"))] for row in rows],
                none=_("The register is empty."),
            )]),
            *(
                sheets.section(f"{row['number']} {row['name']}", new_page=True, asked=True, facts=[
                    sheets.fact(heading, *([line for line in cell.splitlines() if line.strip()] or [_("not recorded")]))
                    for heading, cell in zip(content["headings"], row["cells"], strict=True)
                ])
                for row in rows
            ),
            sheets.limits(
                _("The ICO’s template has no column for grounds under Indian law, for the systems in which data lie, for AI or for why an item is needed. The purpose register has them."),
                _("Where two headings of the template ask the same, the same answer stands twice."),
            ),
            sheets.law(content["laws"], say.day(frame.law_on.isoformat())),
        ],
    }  # fmt: skip
