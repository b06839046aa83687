"""Opt-outs: a no that beats every yes, of one person or of a population."""

from collections.abc import Collection
from datetime import time
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.consents import ledger, populations, rules, rules_populations, standing, streams
from governance.consents.models import OptOut, Stream
from governance.lib import clock, locks
from governance.lib.connectors import Scope
from governance.lib.nudge import nudge
from governance.people import notify
from governance.people.models import Entity, Person, Site, Unit
from governance.purposes.models import Purpose
from governance.retention import orders


def opt_out(
    *, by: Person, purpose: Purpose | None = None, signal: str = "", application: str = "", host: str = "", weekdays: Collection[int] = (),
    since: time | None = None, to: time | None = None,
) -> OptOut:  # fmt: skip
    """From the commit on nothing in this scope is admitted about this person; what is there is ordered to be erased.

    Without a purpose it is a no to everything. An application, a site or hours narrow what comes, and erase nothing: sealed
    segments cannot be searched for them. The hours are those of the zone in which the person works; the yes stays.
    """
    rules.check_hours(weekdays, since, to)
    host = rules.host(host)
    with standing.changing(by.pk):
        row = OptOut.objects.create(  # its `at` is the cut-off: the database's moment, after the lock
            person=by, purpose=purpose, signal=signal, application=application, host=host, by=by, weekdays=sorted(set(weekdays)),
            from_time=since, until_time=to,
        )  # fmt: skip
        if not row.is_narrow:
            ledger.end_because_of(row)  # otherwise lifting the no would bring an old yes back to life
            _order_erasure(by, row)
        log.record("opt_out.placed", by=by, about=row, purpose=purpose.pk if purpose else None, signal=signal)
        return row


def _order_erasure(person: Person, row: OptOut) -> None:
    with_key = Stream.objects.filter(person=person).exclude(state="destroyed")
    if row.purpose_id:
        with_key = with_key.filter(purpose_id=row.purpose_id)
    if row.signal:
        with_key = with_key.filter(signal=row.signal)
    concerned: dict[UUID, set[str]] = {}
    for purpose_id, signal in with_key.values_list("purpose_id", "signal"):
        concerned.setdefault(purpose_id, set()).add(signal)
    for purpose_id, signals in concerned.items():
        ids = streams.close(person.pk, purpose_id, signals)
        scope = Scope(person=person.pk, purpose=purpose_id, streams=tuple(ids), before=row.at)
        order = orders.raise_order(scope, because="opt_out.placed", because_id=row.pk)
        notify.tell(person, "opt_out_placed", purpose=purpose_id, order=order.pk)


def opt_out_population(
    *, by: Person, entity: Entity | None = None, site: Site | None = None, unit: Unit | None = None, country: str = "",
    purpose: Purpose | None = None, signal: str = "", act: rules_populations.Act = rules_populations.NONE,
) -> OptOut:  # fmt: skip
    """Nobody of this population is recorded from the commit on, whoever consented. Raises Refused.

    Takes the lock of the purpose (or of every admission, when no purpose is named), not everybody's own. What is on is
    ended one by one by a worker (following.py), which orders the erasure: lifting brings no old yes back to life.
    """
    part = site or unit
    entity = entity or (part.entity if part else None)
    if part is not None and entity is not None and part.entity_id != entity.pk:
        raise rules.Refused(rules._("That is no part of this entity."), code="not_concerned")
    role, everywhere = populations.speaks(by, entity, country)
    facts = rules_populations.Facts(
        role, bool(entity or country), everywhere, entity is None and bool(country), act
    )
    rules_populations.check_no(facts, clock.law_date(entity.timezone if entity else "UTC"))
    with transaction.atomic():
        locks.exclusively(locks.purpose(purpose.pk) if purpose else locks.everybody())
        row = OptOut.objects.create(
            entity=entity, site=site, unit=unit, country=country, purpose=purpose, signal=signal, by=by, said_as=role,
            document=act.document.strip(), act_number=act.number.strip(), act_on=act.on,
        )  # fmt: skip
        log.record(
            "opt_out.population_placed", by=by, about=row, purpose=purpose.pk if purpose else None, signal=signal, role=role,
        )  # fmt: skip
        nudge("consents.follow")
        return row


def lift(opt_out_id: UUID, *, by: Person, because: str = "") -> OptOut:
    """The opt-out has ended. Nothing is on by that alone: streams that it closed stay closed, consent is given anew.

    A person's own is lifted by that person, a population's by whoever may say it, with a reason. Raises Refused.
    """
    row = OptOut.objects.select_related("entity").get(pk=opt_out_id)
    with transaction.atomic():
        locks.exclusively(
            locks.person(row.person_id)
            if row.person_id
            else locks.purpose(row.purpose_id)
            if row.purpose_id
            else locks.everybody()
        )
        if row.person_id and row.person_id != by.pk:
            raise rules.Refused(rules._("Only the person can take this back."), code="not_theirs_to_say")
        if row.person_id is None:
            role, everywhere = populations.speaks(by, row.entity, row.country)
            rules_populations.check_lift(row.said_as, role, everywhere, because)
        changed = OptOut.objects.filter(pk=row.pk, lifted_at__isnull=True).update(
            lifted_at=Now(), lifted_by=by, lifted_because=because.strip()
        )
        if changed:
            log.record("opt_out.lifted" if row.person_id else "opt_out.population_lifted", by=by, about=row)
            if row.person_id is None:
                nudge("consents.follow")
        row.refresh_from_db()
        return row
