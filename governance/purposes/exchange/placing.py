"""One entry against the company and the register: whose it is, who answers for it, and whether it is new or a change."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from governance.people.models import Entity, Person, Role, Unit
from governance.purposes import rules_change
from governance.purposes.activity import Activity, digest, plain, problems
from governance.purposes.exchange import cells, columns
from governance.purposes.exchange.cells import Entry
from governance.purposes.models import DataSystem, Processor, Purpose, PurposeVersion

NUMBER = re.compile(r"P-[0-9]{4,6}")
Wrong = list[tuple[str, str]]  # (column, sentence)
Known = Mapping[str, tuple[Purpose, list[PurposeVersion]]]


@dataclass(frozen=True)
class Placed:
    """An entry with its words resolved. `purpose` is None for a new one; `fields`: what would be different, material first."""

    entry: Entry
    kind: str  # new | changed | unchanged
    entity: Entity
    unit: Unit | None = None
    owner_id: UUID | None = None
    review_on: date | None = None
    purpose: Purpose | None = None
    version: PurposeVersion | None = None
    fields: tuple[str, ...] = ()
    material: tuple[str, ...] = ()
    activity_changes: bool = False


@dataclass
class Company:
    """All that entries are held against, read at once."""

    by: Person
    on: date
    mine: Mapping[str, Entity] = field(init=False)  # by code and name, folded
    all_: Mapping[str, Entity] = field(init=False)
    units: Mapping[tuple[Any, str], Unit] = field(init=False)
    my_entities: set[Any] = field(init=False)
    my_units: set[int] = field(init=False)
    systems: set[str] = field(init=False)
    left: set[str] = field(init=False)  # systems that were retired: only what names them already may
    processors: set[str] = field(init=False)
    people: dict[str, UUID] = field(init=False)
    owners: set[tuple[Any, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.my_entities = self.by.entities_where("purposes.import")
        self.my_units = self.by.units_where("purposes.import")
        everything = list(Entity.objects.all())
        self.all_ = {word.casefold(): e for e in everything for word in (e.code, e.name)}
        units = list(Unit.objects.all())
        reached = self.my_entities | {unit.entity_id for unit in units if unit.pk in self.my_units}
        self.mine = {word: e for word, e in self.all_.items() if e.pk in reached}
        self.units = {(unit.entity_id, unit.name.casefold()): unit for unit in units}
        self.systems = set(DataSystem.objects.living().values_list("code", flat=True))
        self.left = set(DataSystem.objects.filter(retired_at__isnull=False).values_list("code", flat=True))
        self.processors = set(Processor.objects.values_list("code", flat=True))

    def read_people(self, numbers: Iterable[str]) -> None:
        found = Person.objects.filter(number__in=set(numbers) - {""}, is_active=True).values_list(
            "number", "pk"
        )
        self.people = {number: pk for number, pk in found if number}
        held = Role.objects.in_force().filter(name="owner", person__in=self.people.values())
        self.owners = set(held.values_list("person_id", "entity_id"))

    def reaches(self, entity_id: Any, unit_id: Any) -> bool:
        return entity_id in self.my_entities or unit_id in self.my_units


def known(numbers: Iterable[str]) -> Known:
    """number → the purpose, and its versions that are open or in force, newest first."""
    wanted = {number for number in numbers if NUMBER.fullmatch(number)}
    rows = Purpose.objects.filter(number__in=wanted).select_related("entity", "unit").defer("search")
    purposes = {row.pk: row for row in rows}
    found: dict[Any, list[PurposeVersion]] = {pk: [] for pk in purposes}
    versions = PurposeVersion.objects.filter(purpose__in=purposes)
    for version in versions.exclude(state__in=("discarded", "superseded")).order_by("-number"):
        version.purpose = purposes[version.purpose_id]
        found[version.purpose_id].append(version)
    return {purposes[pk].number: (purposes[pk], listed) for pk, listed in found.items()}


def place(
    entry: Entry, company: Company, known: Known, *, entity: Entity | None, unit: Unit | None, absent: Iterable[str] = ()
) -> tuple[Placed | None, Wrong]:  # fmt: skip
    """The entry with its words resolved, and what is wrong with it. `entity` and `unit` are for rows that name none.

    For a number that is there, an empty department, owner or review leaves what stands there, and so do `absent` columns.
    """
    there, versions = known.get(entry.number, (None, []))
    named = {part.code for version in versions for part in version.activity.systems}
    wrong = list(_misfits(entry, company, named))
    if there is not None and not company.reaches(there.entity_id, there.unit_id):
        return None, [*wrong, ("Number", _("This number is taken. Leave it empty for a new activity."))]
    where = _entity(entry, company, there.entity if there else entity, wrong)
    if where is None:
        return None, wrong
    department = _unit(
        entry, company, where, there.unit if there else unit if where == entity else None, wrong
    )
    if not wrong and not company.reaches(where.pk, department.pk if department else None):
        wrong.append(("Department", _("You keep the register of some departments only. Write one of them.")))
    owner_id = _owner(entry, company, where, there, wrong) or (there.owner_id if there else None)
    review_on = entry.review_on or (there.review_on if there else None)
    if review_on and review_on <= company.on and not (there and there.review_on == review_on):
        sentence = _("The review date %(day)s is in the past. Write a later day, or none.")
        wrong.append(("Next review", sentence % {"day": review_on.isoformat()}))
    if there is None:
        return Placed(entry, "new", where, department, owner_id, review_on), wrong
    if where.pk != there.entity_id:
        sentence = _("%(number)s belongs to another entity. Leave the number empty for a new activity.")
        return None, [*wrong, ("Entity", sentence % {"number": there.number})]
    found = Placed(entry, "unchanged", where, department, owner_id, review_on, there)
    return _compare(found, versions, absent, wrong), wrong


def _misfits(entry: Entry, company: Company, named: set[str]) -> Iterator[tuple[str, str]]:
    """Codes that the company does not have. `named`: systems that the purpose of this number names already."""
    for part in entry.activity.systems:
        if part.code in company.left and part.code not in named:
            yield "Systems", _("The system “%(code)s” has left the register.") % {"code": part.code}
        elif part.code not in company.systems | company.left:
            yield "Systems", columns.unknown(part.code, sorted(company.systems))
    for recipient in entry.activity.recipients:
        if recipient.processor and recipient.processor not in company.processors:
            yield "Recipients", columns.unknown(recipient.processor, sorted(company.processors))


def _entity(entry: Entry, company: Company, otherwise: Entity | None, wrong: Wrong) -> Entity | None:
    if not entry.entity:
        if otherwise is None:
            wrong.append(("Entity", _("Write the code of the entity that is the controller.")))
        return otherwise
    word = entry.entity.casefold()
    if word in company.mine:
        return company.mine[word]
    if word in company.all_:
        sentence = _(
            "You do not keep the register of this entity. Leave it to its own data protection officer."
        )
        wrong.append(("Entity", sentence))
    else:
        codes = sorted({e.code for e in company.all_.values()})
        wrong.append(("Entity", columns.unknown(entry.entity, codes)))
    return None


def _unit(entry: Entry, company: Company, where: Entity, otherwise: Unit | None, wrong: Wrong) -> Unit | None:
    if not entry.unit:
        return otherwise
    found = company.units.get((where.pk, entry.unit.casefold()))
    if found is None:
        names = [unit.name for unit in company.units.values() if unit.entity_id == where.pk]
        wrong.append(("Department", columns.unknown(entry.unit, names)))
    return found


def _owner(entry: Entry, company: Company, where: Entity, there: Purpose | None, wrong: Wrong) -> UUID | None:
    """Art. 38(6) GDPR: roles keep the DPO from being an owner, so an owner must hold the role."""
    if not entry.owner:
        return None
    found = company.people.get(entry.owner)
    column = "Owner (staff number)"
    if found is None:
        wrong.append((column, _("No person has this staff number.")))
    elif (found, where.pk) not in company.owners and not (there and there.owner_id == found):
        sentence = _(
            "Only a programme owner of this entity can answer for an activity. Have the role given first."
        )
        wrong.append((column, sentence))
    return found


def _compare(
    placed: Placed, versions: list[PurposeVersion], absent: Iterable[str], wrong: Wrong
) -> Placed | None:
    """What would be different of the purpose that has this number."""
    there, activity = placed.purpose, placed.entry.activity
    assert there is not None
    shown = next((v for v in versions if v.state == "in_force"), None) or versions[0]
    open_ = next((v for v in versions if v.state != "in_force"), None)
    was = cells.settled(shown.activity)
    if kept := {name: getattr(was, name) for name in absent}:
        activity = activity.but(**kept)
        wrong += [(problem.path, problem.sentence) for problem in problems(activity)]
        placed = replace(placed, entry=replace(placed.entry, activity=activity))
    beside = tuple(
        name
        for name, before, now in (
            ("unit", there.unit_id, placed.unit.pk if placed.unit else None), ("owner", there.owner_id, placed.owner_id),
            ("review_on", there.review_on, placed.review_on),
        )
        if before != now
    )  # fmt: skip
    if activity == was or (open_ is not None and _says(open_, activity)):
        return replace(placed, kind="changed" if beside else "unchanged", version=shown, fields=beside)
    if why_not := _why_not(there, open_):
        wrong.append(("Number", why_not))
        return None
    found = rules_change.field_changes(plain(was), plain(activity))
    # A first draft binds nobody yet: nothing of it is material.
    material = tuple(change.field for change in found if change.material) if there.version else ()
    return replace(
        placed, kind="changed", version=open_ or shown, fields=(*(change.field for change in found), *beside),
        material=material, activity_changes=True,
    )  # fmt: skip


def _says(version: PurposeVersion, activity: Activity) -> bool:
    return version.sha256 == digest(activity) or cells.settled(version.activity) == activity


def _why_not(there: Purpose, open_: PurposeVersion | None) -> str:
    """Why a changed row cannot become a draft of this purpose."""
    if there.state == "retired":
        sentence = _("%(number)s was retired for good. Leave the number empty for a new activity.")
    elif open_ is not None and (there.version or open_.state != "draft"):
        sentence = _(
            "%(number)s has an open draft. Finish it or give it up first, so that nobody’s work is lost."
        )
    else:
        return ""
    return sentence % {"number": there.number}
