"""Who was shown what a person chose, in words for that person: role, entity, day, page; the name only of the DPO, whose
name stands on every notice anyway."""

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.people.models import Entity, Person
from governance.people.rules import ROLES
from governance.retention import reads
from governance.retention.models import ChoiceRead

WHAT = {
    "orders": gettext_lazy("The list of erasure orders, with the cause of yours"),
    "order": gettext_lazy("An erasure order of yours, with its cause"),
    "objections": gettext_lazy("The list of objections, with yours"),
    "objection": gettext_lazy("Your objection"),
    "pressures": gettext_lazy("The list of those who felt pressed, with your report"),
    "pressure": gettext_lazy("Your report that you felt pressed"),
    "optouts": gettext_lazy("The register of opt-outs and objections, with yours"),
    "name": gettext_lazy("Your name, behind your number"),
    "record": gettext_lazy("What you had switched on, as a program asks for it"),
    "records": gettext_lazy("What everybody had switched on, as an auditor’s program asks for it"),
    "events": gettext_lazy("That something of yours changed, as programs are told"),
}


def columns() -> list[dict[str, Any]]:
    return [{"label": _("When")}, {"label": _("Who")}, {"label": _("At")}, {"label": _("What they saw")}]


def rows(person: Person) -> list[list[Any]]:
    """For components/table.html, newest first."""
    found = reads.of(person)
    readers = Person.objects.in_bulk({row.reader_id for row in found if row.role == "dpo"})
    entities = Entity.objects.in_bulk({row.entity_id for row in found})
    return [
        [
            date_format(timezone.localtime(row.at), "j M Y, H:i"), _who(row, readers), str(entities[row.entity_id]) if row.entity_id in entities else "",
            str(WHAT.get(row.how, row.how)),
        ]
        for row in found
    ]  # fmt: skip


def _who(row: ChoiceRead, readers: dict[Any, Person]) -> Any:
    if row.role == reads.PROGRAM:
        return _("A program")
    role = str(ROLES.get(row.role, _("Somebody whose role has ended")))
    return {"text": role, "note": str(readers[row.reader_id])} if row.reader_id in readers else role
