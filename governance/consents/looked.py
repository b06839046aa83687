"""Who was shown what a person chose and who relied on it, in words for that person: role, entity, day, page; the name only
of the DPO, whose name stands on every notice anyway, and of programs, with the company that runs them."""

from typing import Any

from django.db.models import Count, Max, Min
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.audit.models import Entry
from governance.consents import rules
from governance.consents.models import ConsentEvent
from governance.lib.dates import date_format
from governance.people.models import Entity, Person
from governance.people.rules import ROLES
from governance.purposes.models import Purpose
from governance.retention import reads
from governance.retention.models import ChoiceRead, ReadingProgram

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
    programs = _programs({row.reader_id for row in found if row.role == reads.PROGRAM})
    return [
        [
            date_format(timezone.localtime(row.at), "j M Y, H:i"), _who(row, readers, programs), str(entities[row.entity_id]) if row.entity_id in entities else "",
            str(WHAT.get(row.how, row.how)),
        ]
        for row in found
    ]  # fmt: skip


def _who(row: ChoiceRead, readers: dict[Any, Person], programs: dict[str, dict[str, str]]) -> Any:
    if row.role == reads.PROGRAM:
        return programs.get(str(row.reader_id), _("A program"))
    role = str(ROLES.get(row.role, _("Somebody whose role has ended")))
    return {"text": role, "note": str(readers[row.reader_id])} if row.reader_id in readers else role


def _programs(ids: set[Any]) -> dict[str, dict[str, str]]:
    """Client id → its name, with who runs it beneath."""
    rows = list(ReadingProgram.objects.filter(pk__in=ids))
    entities = Entity.objects.in_bulk({row.entity_id for row in rows})
    return {
        str(row.pk): {
            "text": row.name,
            "note": _("program, run by %(operator)s") % {"operator": row.operator or entities[row.entity_id]},
        }
        for row in rows
    }


def relied_columns() -> list[dict[str, Any]]:
    return [{"label": _("Who")}, {"label": _("Purpose")}, {"label": _("Times"), "num": True}, {"label": _("First")}, {"label": _("Last")}]  # fmt: skip


def relied(person: Person) -> list[list[Any]]:
    """Which programs said that they rely on a yes of this person, for components/table.html: the last to rely first."""
    given = ConsentEvent.objects.filter(person=person, status__in=rules.ENABLING)
    events = list(given.values_list("pk", "purpose_id", "at"))
    if not events:
        return []
    found = list(
        Entry.objects.filter(
            code="consent.relied_on", about_id__in={purpose for _pk, purpose, _at in events},
            at__gte=min(at for _pk, _purpose, at in events), facts__events__has_any_keys=[str(pk) for pk, _p, _at in events],
        )
        .annotate(client=KT("facts__client"))
        .values("client", "about_id")
        .annotate(times=Count("pk"), first=Min("at"), last=Max("at"))
        .order_by("-last")
    )  # fmt: skip
    programs = _programs({row["client"] for row in found})
    purposes = Purpose.objects.in_bulk({row["about_id"] for row in found})
    return [
        [
            programs.get(row["client"], _("A program")), str(purposes[row["about_id"]].number), row["times"],
            *(date_format(timezone.localtime(row[which]), "j M Y, H:i") for which in ("first", "last")),
        ]
        for row in found
    ]  # fmt: skip


def plain(person: Person) -> dict[str, Any]:
    """The same for machines."""
    return {
        "looked": [dict(zip(("at", "who", "entity", "what"), map(_text, row), strict=True)) for row in rows(person)],
        "relied": [dict(zip(("who", "purpose", "times", "first", "last"), map(_text, row), strict=True)) for row in relied(person)],
    }  # fmt: skip


def _text(cell: Any) -> Any:
    return f"{cell['text']} ({cell['note']})" if isinstance(cell, dict) else cell
