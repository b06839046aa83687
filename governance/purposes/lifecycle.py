"""A purpose runs, pauses and ends. Pausing and retiring are linear: once they have returned, the gate admits nothing."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import clock, locks
from governance.people.models import Person
from governance.purposes import gaps, judgement, judging, offered, rules, states
from governance.purposes.models import Purpose


def _step(purpose: Purpose, verb: str, **changed: Any) -> Purpose:
    """Lock before reading: admission shares the purpose's lock."""
    locks.exclusively(locks.purpose(purpose.pk))
    purpose = Purpose.objects.select_for_update().get(pk=purpose.pk)
    after = states.follow(states.PURPOSE, purpose.state, verb)
    Purpose.objects.filter(pk=purpose.pk).update(state=after, changed_at=Now(), **changed)
    purpose.refresh_from_db()
    return purpose


def _start(purpose: Purpose, verb: str, *, on: date | None, **changed: Any) -> Purpose:
    """Nothing starts that the rules do not let run on this day; what they said is kept, and the gate reads it."""
    locks.exclusively(locks.purpose(purpose.pk))
    purpose = Purpose.objects.select_related("entity").get(pk=purpose.pk)
    state = "approved" if verb == "resume" and purpose.state == "paused" else purpose.state
    rules.check_activate(state, purpose.asks_consent, purpose.published_notice() is not None)
    (found,) = judging.read([purpose], on or clock.law_date(purpose.entity.timezone))
    judgement.check_activate(found.judged)
    judging.keep(found, "activated")
    offered.project(found)
    return _step(purpose, verb, **changed)


@transaction.atomic
def activate(purpose: Purpose, *, by: Person, on: date | None = None) -> Purpose:
    """The purpose runs. One on consent needs a published notice first, and the rules must let it run."""
    purpose = _start(purpose, "activate", on=on)
    log.record("purpose.activated", by=by, about=purpose, version=purpose.version)
    return purpose


@transaction.atomic
def pause(purpose: Purpose, *, because: str, by: Person | None) -> Purpose:
    """Nothing more is admitted for this purpose from the commit on, and nobody is asked. `by` None: its verdict did it."""
    rules.check_because(because)
    purpose = _step(purpose, "pause", paused_because=because.strip()[:300])
    log.record("purpose.paused", by=by, about=purpose)
    return purpose


@transaction.atomic
def resume(purpose: Purpose, *, by: Person, on: date | None = None) -> Purpose:
    """It runs again, under the same conditions as at its start."""
    purpose = _start(purpose, "resume", on=on, paused_because="")
    log.record("purpose.resumed", by=by, about=purpose)
    return purpose


@transaction.atomic
def retire(purpose: Purpose, *, because: str, by: Person) -> Purpose:
    """It has ended for good; what was collected for it is no longer needed. An open draft of it is given up."""
    rules.check_because(because)
    purpose = _step(purpose, "retire", paused_because=because.strip()[:300])
    if purpose.version:
        versions = purpose.versions.filter(state__in=("draft", "in_review", "approved"))
        versions.update(state="discarded", changed_at=Now(), ended_at=Now())
    log.record("purpose.retired", by=by, about=purpose)
    return purpose


@transaction.atomic
def hand_over(purpose: Purpose, *, owner: Person, by: Person) -> Purpose:
    """Another person answers for it. Nobody is owner and DPO at once: the roles see to that."""
    there = owner.roles.in_force().filter(entity=purpose.entity_id).values_list("name", "unit_id")
    rules.check_owner({name for name, unit in there if unit in (None, purpose.unit_id)})
    Purpose.objects.filter(pk=purpose.pk).update(owner=owner, changed_at=Now())
    purpose.refresh_from_db()
    gaps.refresh(purpose, clock.law_date(purpose.entity.timezone))
    log.record("purpose.handed_over", by=by, about=purpose, owner=owner.pk)
    return purpose


@transaction.atomic
def set_review(purpose: Purpose, *, review_on: date, today: date, by: Person) -> Purpose:
    """It is looked at again by this day."""
    rules.check_review(review_on, today)
    Purpose.objects.filter(pk=purpose.pk).update(review_on=review_on, changed_at=Now())
    purpose.refresh_from_db()
    gaps.refresh(purpose, today)
    log.record("purpose.review_set", by=by, about=purpose, review_on=review_on)
    return purpose
