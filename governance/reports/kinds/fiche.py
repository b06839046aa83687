"""One activity of the register on a sheet, in the order of the CNIL's record."""

from typing import Any

from django.utils.translation import gettext as _

from governance.people.models import Entity
from governance.purposes.exchange import fiche
from governance.purposes.models import Purpose
from governance.reports import words as say
from governance.reports.kinds.subject import Subject, id_in
from governance.reports.models import Report
from governance.reports.words import Frame

STATES = dict(Purpose.STATES)


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    purpose = _purpose(scope)
    return Subject(purpose.number) if purpose and purpose.entity_id == entity.pk else None


def settled(scope: dict[str, str]) -> bool:
    return True


def _purpose(scope: dict[str, str]) -> Purpose | None:
    rows = Purpose.objects.select_related("entity", "owner", "unit")
    return rows.filter(pk=id_in(scope, "purpose")).first()


def facts(report: Report) -> dict[str, Any]:
    """Raises LookupError when the purpose is gone."""
    purpose = _purpose(report.scope)
    if purpose is None:
        raise LookupError("purpose")
    return fiche.content(purpose)


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    name = content["activity"]["name"]
    title = _("Record of %(number)s") % {"number": content["number"]}

    def day(iso: str | None) -> str:
        return frame.moment(iso) if iso and "T" in iso else say.day(iso)

    return {
        "head": {"title": title, "kind": title, "subtitle": name, "prepared_for": ""},
        "number": content["number"],
        "name": name,
        "standing": str(STATES.get(content["state"], content["state"])),
        "sections": fiche.sections(content, day=day),
    }
