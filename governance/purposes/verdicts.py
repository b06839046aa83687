"""A verdict takes effect: the list shows it, items that may not run leave the gate, a purpose that may not run is paused."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from governance.lib import clock, locks
from governance.people import notify
from governance.people.models import Entity, Person
from governance.purposes import gaps, judgement, judging, lifecycle, offered
from governance.purposes.judging import Read
from governance.purposes.models import Evaluation, Purpose
from governance.purposes.policy import Outcome, packs

CHUNK = 500
FRESH = timedelta(hours=2)  # so long after a change of the controller, entries are asked anew what they lack


@transaction.atomic
def settle(purpose: Purpose, *, because: str, on: date, by: Person | None = None) -> Read:
    """The purpose is judged on this day and what follows has happened. Narrowing is linear: the lock comes first.

    `because`: draft, approved, activated, daily, evidence, override, assessment. `by` None: the day did it, nobody.
    """
    locks.exclusively(locks.purpose(purpose.pk))
    fresh = Purpose.objects.select_for_update(of=("self",)).select_related("entity").get(pk=purpose.pk)
    could_run = fresh.verdict in ("", *(o.name for o in Outcome if o.may_run))
    (found,) = judging.read([fresh], on)
    judging.keep(found, because)
    judged = found.judged
    gaps.refresh(fresh, on, judged.activity)
    if fresh.version:
        lost = offered.project(found)
        if fresh.state == "active" and judged.stops and not judged.is_owed:
            lifecycle.pause(fresh, because=judgement.sentence_of(judged), by=by)
            _tell(fresh, "purpose_held")
        elif fresh.state == "active" and lost and because == "daily":
            _tell(fresh, "purpose_narrowed", items=len(lost))
        elif fresh.state == "active" and could_run and not judged.outcome.may_run:
            _tell(fresh, "purpose_flagged")
    return found


def judge_all(entity: Entity, on: date) -> int:
    """Every purpose of the entity that has not ended is judged for this day. Idempotent; returns how many verdicts moved.

    What the rules said holds as long as facts and pack are the same and no day has passed on which something turns: such
    purposes are only marked as looked at, so that a thousand of them take about a second.
    """
    moved = 0
    for purposes in _chunks(entity):
        last = {
            row.purpose_id: row
            for row in Evaluation.objects.filter(purpose__in=purposes).order_by("purpose_id", "-id").distinct("purpose_id")
            .only("purpose", "on", "facts_sha256", "pack_sha256", "version")
        }  # fmt: skip
        found = judging.read(purposes, on)
        same = {read.purpose.pk for read in found if _is_same(read, last.get(read.purpose.pk))}
        Purpose.objects.filter(pk__in=same).exclude(verdict_on=on).update(verdict_on=on)
        for read in found:
            # Rows of retention have days of their own, and a pack of their own: a verdict that stands says nothing of them.
            if read.purpose.pk in same and judging.conflicts(read.judged) != read.purpose.retention_conflicts:
                judging.show(read)
            if read.purpose.pk not in same:
                settle(read.purpose, because="daily", on=on)
                moved += 1
    if entity.told_changed_at is not None and clock.now() - entity.told_changed_at < FRESH:
        for purpose in (
            Purpose.objects.filter(entity=entity).exclude(state="retired").select_related("entity")
        ):
            gaps.refresh(purpose, on)
    return moved


def _is_same(read: Read, last: Evaluation | None) -> bool:
    seen_on = read.purpose.verdict_on
    if last is None or seen_on is None or not read.purpose.verdict:
        return False
    judged = read.judged
    return (
        (last.facts_sha256, last.version) == (judged.facts.sha256, read.number)
        and last.pack_sha256 == packs.default().sha256
        and not judged.turns_between(min(last.on, seen_on), judged.on)
    )


def _chunks(entity: Entity) -> Iterator[list[Purpose]]:
    rows = Purpose.objects.filter(entity=entity).exclude(state="retired").select_related("entity")
    rows = rows.only(
        "id",
        "name",
        "unit",
        "entity__country",
        "entity__dpo_name",
        "entity__languages",
        "verdict",
        "verdict_on",
        "state",
        "version",
        "retention_conflicts",
    ).order_by("ordinal")
    found: list[Purpose] = []
    for purpose in rows.iterator(chunk_size=CHUNK):
        found.append(purpose)
        if len(found) == CHUNK:
            yield found
            found = []
    if found:
        yield found


def judge_many(purposes: Iterable[UUID], on: date) -> None:
    """The list shows a verdict for these new entries: for an import, which settles nothing because nothing runs yet."""
    for read in judging.read(Purpose.objects.filter(pk__in=list(purposes)).select_related("entity"), on):
        judging.show(read)


def _tell(purpose: Purpose, code: str, **facts: object) -> None:
    """The owner and the data protection officers of the entity or department."""
    dpos = Person.objects.filter(
        Q(roles__unit__isnull=True) | Q(roles__unit=purpose.unit_id),
        roles__name="dpo", roles__entity=purpose.entity_id, roles__ended_at__isnull=True, is_active=True,
    )  # fmt: skip
    told = {person.pk: person for person in dpos.distinct()}
    if purpose.owner is not None:
        told[purpose.owner.pk] = purpose.owner
    for person in told.values():
        notify.tell(person, code, number=purpose.number, purpose=purpose.pk, **facts)
