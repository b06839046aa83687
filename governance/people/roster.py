"""The staff list: what a file would change (preview), and the change itself, whole or not at all.

Between the two lies a person's look at the preview, through which the file is carried (lib/carried.py).
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import carried, locks
from governance.lib.canonical import digest
from governance.lib.refusals import Refused
from governance.people import addresses, outside, rules, sheet
from governance.people.models import Employment, Entity, Person, Role, Site, Unit
from governance.people.sheet import Problem, Row

BATCH = 2000
OF_PERSON = ("name", "email", "language", "under_18")


@dataclass(frozen=True)
class Job:
    """An Employment in words and ids, as it is compared with a row."""

    pk: int
    entity: Any
    site: str
    unit: str
    country: str
    manager: str  # number
    employer: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Known:
    """A person who is in the portal already."""

    pk: Any
    name: str
    email: str
    language: str
    under_18: bool
    job: Job | None = None
    address_now: str = ""  # `email` is the one that is to come, where one waits


@dataclass(frozen=True)
class Change:
    """One row and what it does: kind new | changed | unchanged. `columns`: what is different."""

    row: Row
    kind: str
    columns: tuple[str, ...] = ()
    move: str = ""  # of the employment: "" | begin | correct | end | go_on
    starts_on: date | None = None  # of a new employment
    outsider: Any = None  # the id of who came from outside with this address, and is the same person


@dataclass(frozen=True)
class Preview:
    rows: int
    problems: tuple[Problem, ...]
    changes: tuple[Change, ...] = ()
    left: tuple[
        tuple[str, str], ...
    ] = ()  # (number, name) of people of these entities who are not in the file
    entities: tuple[Entity, ...] = ()
    raw: bytes = field(default=b"", repr=False)

    def count(self, kind: str) -> int:
        return sum(change.kind == kind for change in self.changes)

    @property
    def new(self) -> int:
        return self.count("new")

    @property
    def changed(self) -> int:
        return self.count("changed")

    @property
    def unchanged(self) -> int:
        return self.count("unchanged")

    @cached_property
    def digest(self) -> str:
        """Over the file and over what it would change today: if either moves, the look was at something else."""
        changes = [[c.row.number, c.kind, list(c.columns), c.move, c.starts_on, str(c.outsider)] for c in self.changes]  # fmt: skip
        return digest([digest(self.raw), changes, [number for number, _name in self.left]])


def read(raw: bytes, *, by: Person, on: date) -> Preview:
    """What this file would change; writes nothing. Raises Refused when it cannot be read as a whole."""
    rows, problems = sheet.rows_of(raw)
    mine = {e.pk: e for e in Entity.objects.filter(pk__in=by.entities_where("people.import"))}
    by_word = {word.casefold(): e for e in Entity.objects.all() for word in (e.code, e.name)}
    known = _known()
    holders = frozenset(
        Role.objects.in_force()
        .filter(name__in=[*rules.NEED_A_SECOND, "admin"])
        .values_list("person__number", flat=True)
    )
    problems += _unmatched(rows, known, by_word, mine)
    problems += _managers(rows, known)
    problems += _addresses(rows, known, holders)
    came = outside.here()
    problems += outside.faults(rows, known, came)
    if problems:
        return Preview(len(rows), tuple(sorted(problems, key=lambda p: (p.row, p.column))))
    compared = [_compare(row, known.get(row.number), by_word[row.entity.casefold()], on, came.get(row.email)) for row in rows]  # fmt: skip
    problems = [c for c in compared if isinstance(c, Problem)]
    if problems:
        return Preview(len(rows), tuple(problems))
    changes = tuple(c for c in compared if isinstance(c, Change))
    concerned = {by_word[row.entity.casefold()].pk for row in rows}
    there = {row.number for row in rows}
    left = tuple(
        (number, person.name) for number, person in sorted(known.items())
        if person.job and _is_open(person.job, on) and person.job.entity in concerned and number not in there
    )  # fmt: skip
    entities = tuple(e for pk, e in mine.items() if pk in concerned)
    return Preview(len(rows), (), changes, left, entities, raw)


def _is_open(job: Job, on: date) -> bool:
    return job.ends_on is None or job.ends_on >= on


def _known() -> dict[str, Known]:
    """Everybody with a number, with their latest employment."""
    latest: dict[Any, Job] = {}
    jobs = Employment.objects.order_by("starts_on", "pk").values_list(
        "person_id",
        "pk",
        "entity_id",
        "site__name",
        "unit__name",
        "country",
        "manager__number",
        "employer",
        "starts_on",
        "ends_on",
    )
    for person, pk, entity, site, unit, country, manager, employer, starts_on, ends_on in jobs.iterator(
        chunk_size=5000
    ):
        latest[person] = Job(
            pk, entity, site or "", unit or "", country, manager or "", employer, starts_on, ends_on
        )
    people = Person.objects.filter(number__isnull=False).values_list(
        "number", "pk", "name", "email", "language", "is_under_18"
    )
    to_come = addresses.waiting()
    return {
        number: Known(
            pk,
            name or "",
            to_come.get(pk, (email or "").lower()),
            language,
            under_18,
            latest.get(pk),
            (email or "").lower(),
        )
        for number, pk, name, email, language, under_18 in people.iterator(chunk_size=5000)
    }


def _unmatched(
    rows: list[Row], known: dict[str, Known], by_word: dict[str, Entity], mine: dict[Any, Entity]
) -> Iterable[Problem]:
    for row in rows:
        before = known.get(row.number)
        if before and before.job and before.job.entity not in mine:
            yield Problem(row.at, "number", _("This person belongs to an entity that you do not administer."))
        entity = by_word.get(row.entity.casefold())
        if entity is None:
            yield Problem(
                row.at, "entity", _("No entity has this code or name. Use one of those on the page Entities.")
            )
        elif entity.pk not in mine:
            yield Problem(
                row.at,
                "entity",
                _("You do not administer this entity. Leave its people to its own administrator."),
            )


def _managers(rows: list[Row], known: dict[str, Known]) -> Iterable[Problem]:
    """Managers that nobody is, and circles: walked once per person, over the file and what is there already."""
    above = {number: person.job.manager for number, person in known.items() if person.job}
    above |= {row.number: row.manager for row in rows}
    done: set[str] = set()
    circle: set[str] = set()
    for row in rows:
        if row.manager == row.number:
            yield Problem(
                row.at, "manager", _("Nobody is their own manager. Leave it empty, or name another number.")
            )
            continue
        if row.manager and row.manager not in above and row.manager not in known:
            yield Problem(row.at, "manager", _("No person with this number is in the file or in the portal."))
            continue
        path: dict[str, int] = {}
        step = row.number
        while step and step not in done:
            if step in path:
                circle |= set(list(path)[path[step] :])
                break
            path[step] = len(path)
            step = above.get(step, "")
        done |= set(path)
    for row in rows:
        if row.number in circle and row.manager != row.number:
            yield Problem(
                row.at,
                "manager",
                _("These managers lead in a circle. Somebody in it must have another manager or none."),
            )


def _addresses(rows: list[Row], known: dict[str, Known], holders: frozenset[str | None]) -> Iterable[Problem]:
    """An address that somebody else has; and addresses that are somebody's key to more than their own."""
    in_file = {row.number for row in rows}
    taken = {
        address
        for number, person in known.items()
        if number not in in_file
        for address in (person.email, person.address_now)
    }
    for row in rows:
        if row.email and row.email in taken:
            yield Problem(row.at, "email", _("Somebody else in the portal has this address."))
        before = known.get(row.number)
        # Whoever sets the address gets the reset link: four eyes gave the role, so two eyes may not move it.
        if before and row.number in holders and before.email != row.email:
            yield Problem(
                row.at,
                "email",
                _(
                    "This person holds a role that a second person has to agree to. End the role, change the address, give the role again."
                ),
            )


def _compare(
    row: Row, before: Known | None, entity: Entity, on: date, came: Person | None = None
) -> Change | Problem:
    if before is None:
        return Change(row, "new", sheet.COLUMNS, "begin", row.starts_on, came.pk if came else None)
    columns = [c for c in OF_PERSON if getattr(row, c) != getattr(before, c)]
    job = before.job
    if job is None:
        return Change(row, "changed", (*columns, "entity", "starts_on"), "begin", row.starts_on)
    there = {
        "site": job.site,
        "country": job.country,
        "manager": job.manager,
        "employer": job.employer,
        "unit": job.unit,
    }
    moved = [c for c, value in there.items() if getattr(row, c) != value] + (
        ["entity"] if entity.pk != job.entity else []
    )
    if not _is_open(job, on) and row.ends_on != job.ends_on:
        if row.starts_on <= (job.ends_on or on):
            return Problem(
                row.at,
                "starts_on",
                _("This person has left. To employ them again, give the day on which they start again."),
            )
        return Change(row, "changed", (*columns, *moved, "starts_on"), "begin", row.starts_on)
    if (
        row.starts_on > job.starts_on
        and (row.ends_on is None or row.starts_on <= row.ends_on)
        and (moved or job.ends_on is not None)
    ):
        return Change(row, "changed", (*columns, *moved, "starts_on"), "begin", row.starts_on)
    if moved and _is_open(job, on):
        # History is not overwritten: the old employment ends yesterday. What began today is a correction.
        move, start = ("begin", on) if job.starts_on < on else ("correct", None)
        return Change(row, "changed", (*columns, *moved), move, start)
    if row.ends_on != job.ends_on:
        return Change(row, "changed", (*columns, "ends_on"), "end" if row.ends_on else "go_on")
    return Change(row, "changed" if columns else "unchanged", tuple(columns))


def pack(preview: Preview, *, by: Person) -> str:
    """The looked-at file for the way through the page. Raises Refused."""
    content = {"text": sheet.text_of(preview.raw), "digest": preview.digest}
    too_large = _("The file is too large to be confirmed in one go. Split it by entity.")
    return carried.pack("people.roster", content, by=by.pk, too_large=too_large)


def unpack(packed: str, *, by: Person) -> tuple[bytes, str]:
    """The file that was looked at, and the digest of what it would have changed then. Raises Refused."""
    content = carried.unpack("people.roster", packed, by=by.pk)
    return content["text"].encode(), content["digest"]


@transaction.atomic
def take_over(raw: bytes, *, by: Person, on: date, seen: str, end_missing: bool = False) -> Preview:
    """The portal knows exactly the people of this file, as the preview `seen` said. All or nothing; raises Refused.

    Employments that changed were ended the day before and begun anew; nobody was deleted. With `end_missing`, people of
    these entities who are not in the file have left today. Whoever got another address was told; it opens their account later.
    """
    locks.exclusively(locks.key("people", "roster"))
    outside.hold()
    preview = read(raw, by=by, on=on)
    if preview.problems or preview.digest != seen:
        raise Refused(
            _("Something changed since you looked. Look at the new preview, then confirm again."),
            code="preview_stale",
        )
    if end_missing or any(change.move for change in preview.changes):
        locks.exclusively(
            locks.everybody()
        )  # a job that ends narrows what may be recorded: no batch is inside
    people = _write_people(preview, by=by)
    ended = _write_jobs(preview, people, on=on)
    if end_missing:
        gone = [people[number].pk for number, _name in preview.left]
        ended += Employment.objects.filter(person__in=gone, ends_on__isnull=True, starts_on__lte=on).update(
            ends_on=on
        )
    log.record(
        "roster.imported", by=by, file_sha256=digest(raw), entities=[e.pk for e in preview.entities], rows=preview.rows,
        new=preview.new, changed=preview.changed, unchanged=preview.unchanged, ended=ended,
    )  # fmt: skip
    return preview


def _write_people(preview: Preview, *, by: Person) -> dict[str, Person]:
    """Everybody of the file, and everybody else with a number (they may be managers), by number."""
    people = {p.number: p for p in Person.objects.filter(number__isnull=False)}
    # Who has an address keeps it for a while after it was given to another: addresses.py.
    held = {(p.email or "").lower() for p in people.values()}
    new = [
        Person(
            number=c.row.number, name=c.row.name, email=None if c.row.email in held else c.row.email or None, language=c.row.language,
            is_under_18=c.row.under_18, password=UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30),
        )
        for c in preview.changes if c.kind == "new" and c.outsider is None
    ]  # fmt: skip
    came = {c.outsider: c.row for c in preview.changes if c.outsider is not None}
    taken_over = outside.employ(came, by=by)
    changed, moved = [], []
    for change in preview.changes:
        if change.kind != "changed" or not set(change.columns) & set(OF_PERSON):
            continue
        person, row = people[change.row.number], change.row
        person.name, person.language, person.is_under_18 = row.name, row.language, row.under_18
        if "email" in change.columns:
            moved.append((person, row.email))
        changed.append(person)
    Person.objects.bulk_update(changed, ["name", "language", "is_under_18"], batch_size=BATCH)
    Person.objects.bulk_create(new, batch_size=BATCH)
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=p, email=p.email, verified=True, primary=True) for p in new if p.email],
        batch_size=BATCH,
    )
    people |= {p.number: p for p in (*new, *taken_over)}
    late = [
        (people[c.row.number], c.row.email)
        for c in preview.changes
        if c.kind == "new" and c.row.email in held and c.row.email
    ]
    addresses.ask([*moved, *late], by=by)
    return people


def _write_jobs(preview: Preview, people: dict[str, Person], *, on: date) -> int:
    """Write the moves; the number of employments that ended."""
    by_word = {word.casefold(): e for e in preview.entities for word in (e.code, e.name)}
    sites = {(s.entity_id, s.name): s for s in Site.objects.all()}
    units = {(u.entity_id, u.name): u for u in Unit.objects.all()}
    jobs = [c for c in preview.changes if c.move]
    latest: dict[Any, Employment] = {}
    for job in Employment.objects.filter(
        person__in=[people[c.row.number].pk for c in jobs if c.kind != "new"]
    ).order_by("starts_on", "pk"):
        latest[job.person_id] = job
    begun, corrected, ended = [], [], 0
    for change in jobs:
        row, person = change.row, people[change.row.number]
        before = latest.get(person.pk)
        if change.move in ("end", "go_on") and before is not None:
            before.ends_on = row.ends_on
            corrected.append(before)
            ended += change.move == "end"
            continue
        entity = by_word[row.entity.casefold()]
        site = _named(Site, sites, entity, row.site, {"country": row.country})
        unit = _named(Unit, units, entity, row.unit, {})
        manager = people.get(row.manager)
        if change.move == "correct" and before is not None:
            before.entity, before.site, before.unit, before.manager = entity, site, unit, manager
            before.country, before.employer, before.ends_on = row.country, row.employer, row.ends_on
            corrected.append(before)
            continue
        start = change.starts_on or row.starts_on
        if before is not None and (before.ends_on is None or before.ends_on >= start):
            before.ends_on = start - timedelta(days=1)
            corrected.append(before)
            ended += 1
        begun.append(
            Employment(
                person=person, entity=entity, site=site, unit=unit, country=row.country, manager=manager,
                employer=row.employer, starts_on=start, ends_on=row.ends_on,
            )
        )  # fmt: skip
    Employment.objects.bulk_update(
        corrected, ["entity", "site", "unit", "manager", "country", "employer", "ends_on"], batch_size=BATCH
    )
    Employment.objects.bulk_create(begun, batch_size=BATCH)
    return ended


def _named(kind: Any, there: dict[Any, Any], entity: Entity, name: str, more: dict[str, Any]) -> Any:
    """The site or unit of this name at this entity; made when it is new."""
    if not name:
        return None
    if (entity.pk, name) not in there:
        there[entity.pk, name] = kind.objects.create(entity=entity, name=name, **more)
    return there[entity.pk, name]


def shown(changes: Iterable[Change], limit: int) -> list[Change]:
    """The first changes that change something; who came from outside before all others."""
    found = []
    for change in sorted(changes, key=lambda change: change.outsider is None):
        if change.kind != "unchanged":
            found.append(change)
            if len(found) == limit:
                break
    return found
