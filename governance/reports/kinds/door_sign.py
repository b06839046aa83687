"""The sign at the doors of a zone where cameras are worn, as a document to print: one sheet in each language of the notice."""

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from governance.capture import deciding, sign
from governance.capture.models import Programme
from governance.people.models import Entity
from governance.reports import rules
from governance.reports.kinds.subject import Subject, id_in
from governance.reports.models import Report
from governance.reports.words import Frame


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    """One zone of a programme of this entity; whoever may see programmes may have its sign, which hangs for everybody."""
    programme, zone = _zone(scope)
    if (
        programme is None
        or zone is None
        or set(scope) != {"programme", "zone"}
        or programme.entity_id != entity.pk
    ):
        return None
    return Subject(
        f"{programme.number}, {zone.code}",
        tells=lambda person: person.holds(rules.FOR_A_ROLE["door_sign"], entity.pk),
    )


def settled(scope: dict[str, str]) -> bool:
    return True


def _zone(scope: dict[str, str]) -> tuple[Programme | None, Any]:
    rows = Programme.objects.select_related("purpose__entity", "entity")
    programme = rows.filter(pk=id_in(scope, "programme")).first()
    zones = deciding.terms_of(programme).zones if programme else ()
    return programme, next((zone for zone in zones if zone.code == scope.get("zone")), None)


def facts(report: Report) -> dict[str, Any]:
    """The sheets word for word. Raises LookupError when the zone is not one of the programme any more, or no sheet is written."""
    programme, zone = _zone(report.scope)
    sheets = sign.sheets(programme, zone) if programme and zone else []
    if programme is None or not sheets:
        raise LookupError("zone")
    return {
        "programme": {"number": programme.number, "name": programme.name},
        "zone": {"code": zone.code, "name": zone.name},
        "sheets": [asdict(sheet) for sheet in sheets],
    }  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    zone = content["zone"]["name"] or content["zone"]["code"]
    title = _("Sign for bystanders")
    return {
        "head": {"title": f"{title}: {zone}", "kind": title, "prepared_for": ""},
        "number": content["programme"]["number"],
        "sheets": content["sheets"],
    }
