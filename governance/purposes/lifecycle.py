"""A purpose runs, pauses and ends. Pausing and retiring are linear: once they have returned, the gate admits nothing."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import locks
from governance.people.models import Person
from governance.purposes import rules, states
from governance.purposes.models import Purpose


def _step(purpose: Purpose, verb: str, **changed: Any) -> Purpose:
    """Lock before reading: admission shares the purpose's lock."""
    locks.exclusively(locks.purpose(purpose.pk))
    purpose = Purpose.objects.select_for_update().get(pk=purpose.pk)
    after = states.follow(states.PURPOSE, purpose.state, verb)
    Purpose.objects.filter(pk=purpose.pk).update(state=after, changed_at=Now(), **changed)
    purpose.refresh_from_db()
    return purpose


@transaction.atomic
def activate(purpose: Purpose, *, by: Person, on: date | None = None) -> Purpose:
    """The purpose runs. One on consent needs a published notice first."""
    rules.check_activate(purpose.state, purpose.asks_consent, purpose.published_notice() is not None)
    purpose = _step(purpose, "activate")
    log.record("purpose.activated", by=by, about=purpose, version=purpose.version)
    return purpose


@transaction.atomic
def pause(purpose: Purpose, *, because: str, by: Person) -> Purpose:
    """Nothing more is admitted for this purpose from the commit on, and nobody is asked."""
    rules.check_because(because)
    purpose = _step(purpose, "pause", paused_because=because.strip()[:300])
    log.record("purpose.paused", by=by, about=purpose)
    return purpose


@transaction.atomic
def resume(purpose: Purpose, *, by: Person, on: date | None = None) -> Purpose:
    """It runs again, under the same conditions as at its start."""
    purpose = _step(purpose, "resume", paused_because="")
    log.record("purpose.resumed", by=by, about=purpose)
    return purpose


@transaction.atomic
def retire(purpose: Purpose, *, because: str, by: Person) -> Purpose:
    """It has ended for good; what was collected for it is no longer needed."""
    rules.check_because(because)
    purpose = _step(purpose, "retire", paused_because=because.strip()[:300])
    log.record("purpose.retired", by=by, about=purpose)
    return purpose


@transaction.atomic
def hand_over(purpose: Purpose, *, owner: Person, by: Person) -> Purpose:
    """Another person answers for it. Nobody is owner and DPO at once: the roles see to that."""
    Purpose.objects.filter(pk=purpose.pk).update(owner=owner, changed_at=Now())
    purpose.refresh_from_db()
    log.record("purpose.handed_over", by=by, about=purpose, owner=owner.pk)
    return purpose


@transaction.atomic
def set_review(purpose: Purpose, *, review_on: date, today: date, by: Person) -> Purpose:
    """It is looked at again by this day."""
    rules.check_review(review_on, today)
    Purpose.objects.filter(pk=purpose.pk).update(review_on=review_on, changed_at=Now())
    purpose.refresh_from_db()
    log.record("purpose.review_set", by=by, about=purpose, review_on=review_on)
    return purpose
