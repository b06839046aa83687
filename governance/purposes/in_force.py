"""A version comes into force: what lists, the gate and the sweep read of a purpose is written anew from its activity."""

from datetime import date

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import clock, locks
from governance.people.models import Person
from governance.purposes import gaps, states, verdicts
from governance.purposes.activity import Activity, Keep, laws
from governance.purposes.models import (
    DataSystem,
    Notice,
    Processor,
    Purpose,
    PurposeVersion,
    RetentionRule,
)
from governance.purposes.policy.retention import length

SEARCHED = 200_000  # characters


def columns(activity: Activity) -> dict[str, object]:
    """The columns of a Purpose that follow from its activity alone. Pure."""
    return {
        "name": activity.name, "description": activity.description, "uses": activity.uses, "kind": activity.kind,
        "function": activity.function, "people_codes": list(activity.people), "countries": list(activity.countries),
        "jurisdictions": list(laws(activity)), "basis_eu": activity.basis_eu, "ground_in": activity.ground_in,
        "asks_consent": activity.asks_consent, "trains_ai": activity.trains_ai, "item_count": len(activity.items),
        "processor_codes": sorted({r.processor for r in activity.recipients if r.processor}),
        "recipient_countries": sorted({r.country for r in activity.recipients if r.country}),
        "longest": longest(activity.keeps),
    }  # fmt: skip


def longest(keeps: tuple[Keep, ...]) -> str:
    """The longest period that anything is kept; "" where nothing is recorded or one category has no end."""
    periods = [keep.maximum or keep.minimum for keep in keeps]
    return max(periods, key=length) if periods and all(periods) else ""


@transaction.atomic
def show(purpose: Purpose, activity: Activity) -> None:
    """The list shows this activity; nothing else reads it yet. For drafts of purposes with nothing in force."""
    processors = Processor.objects.filter(code__in={r.processor for r in activity.recipients if r.processor})
    words = [activity.name, activity.description, activity.uses, *(item.name for item in activity.items)]
    words += [recipient.name for recipient in activity.recipients] + [
        processor.name for processor in processors
    ]
    found = columns(activity)
    found["recipient_countries"] = sorted({*found["recipient_countries"], *(p.country for p in processors)})  # type: ignore[misc]
    on = clock.law_date(purpose.entity.timezone)
    found |= gaps.columns(gaps.find(purpose, activity, on, processors=processors))
    # A tsvector holds one megabyte at most; what stands beyond is read, but not found by its words.
    vector = SearchVector(Value(" ".join([purpose.number, *words])[:SEARCHED]), config="simple")
    Purpose.objects.filter(pk=purpose.pk).update(**found, search=vector, changed_at=Now())
    purpose.refresh_from_db()


@transaction.atomic
def begin(
    version: PurposeVersion, *, by: Person, notice: Notice | None = None, on: date | None = None
) -> Purpose:
    """From now on this version is what holds: signals, periods and systems are what it says, and no more.

    A signal or a field that it drops is refused by the gate from the commit on: the purpose's lock is taken first, and
    every admission shares it. With `notice` for a material change, consents to older notices count no more.
    The rules are asked on the day `on` (today): what they do not let run is not offered.
    """
    locks.exclusively(locks.purpose(version.purpose_id))
    purpose = Purpose.objects.select_for_update().get(pk=version.purpose_id)
    version = PurposeVersion.objects.select_for_update().get(pk=version.pk)
    after = states.follow(states.VERSION, version.state, "put_in_force")
    before = purpose.versions.filter(state="in_force").first()
    if before is not None:
        states.follow(states.VERSION, before.state, "replace")
        PurposeVersion.objects.filter(pk=before.pk).update(state="superseded", ended_at=Now())
    PurposeVersion.objects.filter(pk=version.pk).update(state=after, in_force_at=Now())
    activity = version.activity
    _rules(purpose, activity)
    # Only added: what was once kept in a system is still erased there when the register drops it.
    purpose.systems.add(*DataSystem.objects.filter(code__in=[part.code for part in activity.systems]))
    changes: dict[str, object] = {"version": version.number, "approved_by": version.approved_by}
    if notice is not None and version.material and before is not None:
        changes["asks_from_notice"] = notice.version
    Purpose.objects.filter(pk=purpose.pk).update(**changes)
    show(purpose, activity)
    log.record(
        "purpose.version_in_force", by=by, about=purpose, version=version.number, sha256=version.sha256,
        material=[change["field"] for change in version.material],
    )  # fmt: skip
    verdicts.settle(purpose, because="approved", on=on or clock.law_date(purpose.entity.timezone), by=by)
    purpose.refresh_from_db()
    return purpose


def _rules(purpose: Purpose, activity: Activity) -> None:
    """Rules that stay keep their row, because orders and logs name it."""
    living: list[object] = []
    for keep in activity.keeps:
        rule, _made = RetentionRule.objects.update_or_create(
            purpose=purpose, category=keep.category, jurisdiction=keep.law, start_event=keep.start_event, ended_at=None,
            defaults={
                "minimum": keep.minimum, "maximum": keep.maximum, "action": keep.action, "source": keep.source,
                "applies_from": keep.applies_from,
            },
        )  # fmt: skip
        living.append(rule.pk)
    purpose.retention_rules.living().exclude(pk__in=living).update(ended_at=Now())
