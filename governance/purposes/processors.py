"""Write the processor register: who processes for us under which contract, and for whom we process (Art. 30(2))."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import clock, locks
from governance.people.models import Entity, Person
from governance.purposes import gaps, parties, rules, verdicts
from governance.purposes.models import Mandate, Processor, Purpose

# What the rules read of a processor: a new address of its office judges nothing anew.
JUDGED = frozenset(
    {
        "country",
        "contract",
        "contract_from",
        "contract_until",
        "clauses",
        "subprocessors",
        "tool",
        "assessed_on",
    }
)


@transaction.atomic
def enter(entity: Entity, *, by: Person, **fields: Any) -> Processor:
    """The entity has this processor. Refused for an unknown clause or tool, a contract that ends before it begins."""
    rules.check_processor(fields)
    processor = Processor.objects.create(entity=entity, **fields)
    log.record(
        "processor.entered", by=by, about=processor, processor=processor.code, contract=processor.contract
    )
    return processor


@transaction.atomic
def change(processor: Processor, *, by: Person, seen: datetime | None = None, **fields: Any) -> Processor:
    """The entry says this now, and every purpose that names the processor lacks what it then lacks.

    `seen`: when the entry was last changed as the writer saw it. Refused when somebody changed it since.
    """
    processor = (
        Processor.objects.select_for_update(of=("self",)).select_related("entity").get(pk=processor.pk)
    )
    parties.check_seen(seen, processor.changed_at)
    changed = sorted(name for name, value in fields.items() if getattr(processor, name) != value)
    for name in changed:
        setattr(processor, name, fields[name])
    rules.check_processor({name: getattr(processor, name) for name in rules.PROCESSOR})
    processor.changed_at = Now()
    processor.save()
    processor.refresh_from_db()
    log.record("processor.changed", by=by, about=processor, changed=changed)
    if JUDGED.intersection(changed):
        _tell_purposes(processor, by=by)
    return processor


def _tell_purposes(processor: Processor, *, by: Person) -> None:
    """Whoever uses this processor lacks what its contract now lacks; what runs is judged again, and may stop."""
    for purpose in (
        Purpose.objects.filter(processor_codes__contains=[processor.code]).exclude(state="retired").select_related("entity")
    ):  # fmt: skip
        on = clock.law_date(purpose.entity.timezone)
        if purpose.state == "active":
            verdicts.settle(purpose, because="processor", on=on, by=by)
        else:
            gaps.refresh(purpose, on)


@transaction.atomic
def take_mandate(entity: Entity, *, by: Person, **fields: Any) -> Mandate:
    """The entity processes for this controller from now on (Art. 30(2))."""
    parties.check_mandate(fields)
    locks.exclusively(locks.key("number", "mandate"))
    last = Mandate.objects.aggregate(Max("number"))["number__max"] or "M-0000"
    mandate = Mandate.objects.create(entity=entity, number=f"M-{int(last[2:]) + 1:04d}", **fields)
    log.record("mandate.entered", by=by, about=mandate, number=mandate.number)
    return mandate


@transaction.atomic
def change_mandate(mandate: Mandate, *, by: Person, seen: datetime | None = None, **fields: Any) -> Mandate:
    """As `change`, of one for whom we process."""
    mandate = Mandate.objects.select_for_update().get(pk=mandate.pk)
    parties.check_seen(seen, mandate.changed_at)
    parties.check_mandate(fields)
    for name, value in fields.items():
        setattr(mandate, name, value)
    mandate.changed_at = Now()
    mandate.save()
    mandate.refresh_from_db()
    log.record("mandate.changed", by=by, about=mandate, changed=sorted(fields))
    return mandate
