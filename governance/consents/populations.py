"""A no for the people of an entity, a site, a department or a country: who may say it, whom it covers, who is told."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from governance.audit import log
from governance.consents import jobs
from governance.consents.models import OptOut, OptOutQuerySet
from governance.lib import countries, locks
from governance.lib.dates import date_format
from governance.people import notify
from governance.people.models import Employment, EmploymentQuerySet, Entity, Person
from governance.purposes.models import Purpose

PERMISSION = "consents.opt_out_population"
# The signals of a purpose to which such a no is in force for a person, by where they work today; "" is all of them.
BARRED = """
SELECT DISTINCT o.signal FROM consents_optout o JOIN people_employment e ON e.person_id = {person}
WHERE o.person_id IS NULL AND o.lifted_at IS NULL AND (o.purpose_id IS NULL OR o.purpose_id = {purpose})
  AND e.starts_on <= statement_timestamp()::date AND (e.ends_on IS NULL OR e.ends_on >= statement_timestamp()::date)
  AND (o.entity_id IS NULL OR o.entity_id = e.entity_id) AND (o.site_id IS NULL OR o.site_id = e.site_id)
  AND (o.unit_id IS NULL OR o.unit_id = e.unit_id) AND (o.country = '' OR o.country = e.country)
"""


def speaks(by: Person, entity: Entity | None, country: str = "") -> tuple[str, bool]:
    """(as what, for all of them): "representative", "dpo" or "".

    A country without an entity concerns everybody who works there, so it takes the role at every entity that employs
    somebody in it.
    """
    if entity is not None:
        concerned = {entity.pk}
    else:
        there = Employment.objects.current().filter(country=country)
        concerned = set(there.values_list("entity_id", flat=True))
    held = {role for role, at, unit in by.held if unit is None and at in concerned}
    role = next((role for role in ("representative", "dpo") if role in held), "")
    everywhere = bool(concerned) and concerned <= by.entities_where(PERMISSION)
    return role, everywhere


def covering(person: Person, purpose: Purpose | None = None) -> list[OptOut]:
    """Every no in force for people among whom this person works now, to this purpose (or to any)."""
    noes = OptOut.objects.in_force().of_populations().filter(_among(person)).order_by("at")
    if purpose is not None:
        noes = noes.filter(_to(purpose))
    return list(noes.select_related("entity", "site", "unit", "purpose"))


def _to(purpose: Purpose) -> Q:
    return Q(purpose=purpose) | Q(purpose__isnull=True)


def _among(person: Person) -> Q:
    found = Q(pk__in=[])
    for job in Employment.objects.current().filter(person=person):
        found |= (
            (Q(entity=job.entity_id) | Q(entity__isnull=True))
            & (Q(site=job.site_id) | Q(site__isnull=True))
            & (Q(unit=job.unit_id) | Q(unit__isnull=True))
            & (Q(country=job.country) | Q(country=""))
        )
    return found


def concerned(row: OptOut) -> "EmploymentQuerySet":
    """The jobs of everybody whom it covers."""
    zone = row.entity.timezone if row.entity else "UTC"
    people = Employment.objects.on(jobs.day_at(zone)).filter(person__is_active=True)
    for field, value in (
        ("entity", row.entity_id),
        ("site", row.site_id),
        ("unit", row.unit_id),
        ("country", row.country),
    ):
        if value:
            people = people.filter(**{field: value})
    return people


def where(row: OptOut) -> str:
    """ "Pune, Northstar Software"."""
    parts: Iterable[object] = (
        row.site or row.unit,
        countries.called(row.country),
        row.entity and row.entity.name,
    )
    return ", ".join(str(part) for part in parts if part)


def sentence(row: OptOut) -> str:
    """What stands on the page of whoever is covered."""
    told = {"where": where(row), "day": date_format(row.at, "j F Y"), "act": row.act_number}
    if row.said_as == "representative":
        return (
            _("Your works council said no for %(where)s since %(day)s (act %(act)s). That beats every yes; nothing is recorded.")
            % told
        )  # fmt: skip
    return (
        _("The company has switched this off where you work. That beats every yes; nothing is recorded.")
        + " "
        + _("For %(where)s since %(day)s.") % told
    )


def seen_by(person: Person) -> "OptOutQuerySet":
    """What stands or stood for people of the entities for which this person may speak, and for whole countries there."""
    entities = person.entities_where(PERMISSION)
    countries = Employment.objects.current().filter(entity__in=entities).values("country")
    rows = OptOut.objects.of_populations().filter(
        Q(entity__in=entities) | Q(entity__isnull=True, country__in=countries)
    )
    return rows.select_related("entity", "site", "unit", "purpose", "by", "lifted_by")


def tell_waiting() -> int:
    """Everybody concerned was told, once, that a no stands for them or was taken back; how many messages."""
    told = 0
    for field, code, due in (
        ("told_at", "population_no_placed", Q(lifted_at__isnull=True)),
        ("told_lifted_at", "population_no_lifted", Q(lifted_at__isnull=False, told_at__isnull=False)),
    ):
        waiting = OptOut.objects.of_populations().filter(due, **{f"{field}__isnull": True})
        for pk in waiting.values_list("pk", flat=True):
            told += _tell(pk, field, code)
    return told


@transaction.atomic
def _tell(pk: object, field: str, code: str) -> int:
    locks.exclusively(locks.key("telling", str(pk)))  # two workers: one message each
    row = (
        OptOut.objects.select_related("entity", "purpose").filter(pk=pk, **{f"{field}__isnull": True}).first()
    )
    if row is None:
        return 0
    people = Person.objects.filter(pk__in=concerned(row).values("person"), forgotten_at__isnull=True)
    for person in people:
        notify.tell(
            person, code, purpose=row.purpose_id or "", number=row.purpose.number if row.purpose else ""
        )
    OptOut.objects.filter(pk=pk).update(**{field: Now()})
    log.record("opt_out.population_told", about=row, message=code)
    return len(people)
