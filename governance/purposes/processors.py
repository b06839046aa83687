"""Write the processor register: who processes for us under which contract, and for whom we process (Art. 30(2))."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import locks
from governance.people.models import Entity, Person
from governance.purposes import rules
from governance.purposes.models import Mandate, Processor


@transaction.atomic
def enter(entity: Entity, *, by: Person, **fields: Any) -> Processor:
    """The entity has this processor. Refused for an unknown clause or tool, a contract that ends before it begins."""
    rules.check_processor(fields)
    processor = Processor.objects.create(entity=entity, **fields)
    log.record("processor.entered", by=by, about=processor, processor=processor.code, contract=processor.contract)
    return processor


@transaction.atomic
def change(processor: Processor, *, by: Person, **fields: Any) -> Processor:
    processor = Processor.objects.select_for_update().get(pk=processor.pk)
    for name, value in fields.items():
        setattr(processor, name, value)
    rules.check_processor({name: getattr(processor, name) for name in rules.PROCESSOR})
    processor.changed_at = Now()
    processor.save()
    processor.refresh_from_db()
    log.record("processor.changed", by=by, about=processor, changed=sorted(fields))
    return processor


@transaction.atomic
def take_mandate(entity: Entity, *, by: Person, **fields: Any) -> Mandate:
    """The entity processes for this controller from now on (Art. 30(2))."""
    locks.exclusively(locks.key("number", "mandate"))
    last = Mandate.objects.aggregate(Max("number"))["number__max"] or "M-0000"
    mandate = Mandate.objects.create(entity=entity, number=f"M-{int(last[2:]) + 1:04d}", **fields)
    log.record("mandate.entered", by=by, about=mandate, number=mandate.number)
    return mandate


@transaction.atomic
def change_mandate(mandate: Mandate, *, by: Person, **fields: Any) -> Mandate:
    mandate = Mandate.objects.select_for_update().get(pk=mandate.pk)
    for name, value in fields.items():
        setattr(mandate, name, value)
    mandate.changed_at = Now()
    mandate.save()
    mandate.refresh_from_db()
    log.record("mandate.changed", by=by, about=mandate, changed=sorted(fields))
    return mandate
