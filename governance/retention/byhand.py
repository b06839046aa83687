"""Tasks by hand: made by an order, filed with a proof by their owner, accepted or sent back by a second person."""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import clock
from governance.lib.connectors import Scope
from governance.lib.nudge import nudge
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Person
from governance.purposes.models import DataSystem
from governance.purposes.rules_papers import kind_of_file
from governance.retention import rules_byhand
from governance.retention.models import ErasureOrder, ManualEvidence, ManualTask, Proof


def of(system_id: UUID, scope: Scope) -> ManualTask | None:
    """The task of this system for this scope, read anew."""
    return ManualTask.objects.filter(  # type: ignore[misc]  # None is IS NULL
        system_id=system_id, person_id=scope.person, purpose_id=scope.purpose, before=scope.before
    ).first()


@transaction.atomic
def ask(system_id: UUID, scope: Scope, *, owner: Person, days: int) -> ManualTask:
    """The owner has this task and was told; asking twice gives the same task."""
    existing = of(system_id, scope)
    if existing:
        return existing
    due_on = clock.law_date(DataSystem.objects.get(pk=system_id).entity.timezone) + timedelta(days=days)
    task = ManualTask.objects.create(
        system_id=system_id, person_id=scope.person, purpose_id=scope.purpose, before=scope.before,
        owner=owner, due_on=due_on,
    )  # fmt: skip
    log.record("task.made", about=task, system=system_id, owner=owner.pk, due_on=due_on)
    notify.tell(owner, "task_to_do", task=task.pk, until=due_on)
    return task


@transaction.atomic
def file(task_id: UUID, content: bytes, *, found: int, by: Person) -> ManualTask:
    """The proof is filed and waits for a second person. Raises Refused."""
    task = ManualTask.objects.select_for_update().get(pk=task_id)
    rules_byhand.check_filing(facts(task, by=by))
    task.file_type = kind_of_file(content)
    task.file_size, task.file_sha256 = len(content), hashlib.sha256(content).hexdigest()
    task.found, task.filed_by, task.filed_at, task.sent_back = found, by, clock.now(), ""
    task.save()
    ManualEvidence.objects.create(task=task, content=content)
    log.record("task.filed", by=by, about=task, sha256=task.file_sha256, found=found)
    return task


@transaction.atomic
def accept(task_id: UUID, *, by: Person) -> ManualTask:
    """A second person has looked: the proof's bytes are gone, its hash stays, and the orders that waited go on."""
    task = ManualTask.objects.select_for_update().get(pk=task_id)
    rules_byhand.check_second(facts(task, by=by))
    task.second_by, task.accepted_at = by, clock.now()
    task.save(update_fields=["second_by", "accepted_at"])
    ManualEvidence.objects.filter(task=task).delete()
    log.record("task.accepted", by=by, about=task, sha256=task.file_sha256)
    _go_on(task)
    return task


@transaction.atomic
def send_back(task_id: UUID, *, because: str, by: Person) -> ManualTask:
    """The proof proves nothing: it is gone, and its owner knows what is missing."""
    task = ManualTask.objects.select_for_update().get(pk=task_id)
    rules_byhand.check_second(facts(task, by=by))
    if because not in dict(ManualTask.SENT_BACK):
        raise Refused(_("Say what is missing."), code="no_reason")
    ManualEvidence.objects.filter(task=task).delete()
    log.record("task.sent_back", by=by, about=task, because=because, sha256=task.file_sha256)
    task.sent_back, task.filed_by, task.filed_at, task.found = because, None, None, None
    task.file_type, task.file_size, task.file_sha256 = "", None, ""
    task.save()
    notify.tell(task.owner, "task_sent_back", task=task.pk)
    return task


def _go_on(task: ManualTask) -> None:
    """Orders of this scope are tried again at once, also one that has called for somebody since."""
    waiting = ErasureOrder.objects.filter(  # type: ignore[misc]
        person_id=task.person_id, purpose_id=task.purpose_id, before=task.before
    )
    waiting.filter(state="partly").update(try_after=Now())
    waiting.filter(state="needs_attention").update(
        state="waiting", attempts=0, try_after=Now(), lease_until=None, fence=F("fence") + 1
    )
    nudge("retention.carry_out")


def in_time(order: ErasureOrder, systems: list[DataSystem]) -> bool:
    """Is nothing missing but people's work, and are their days not over?"""
    proved = set(Proof.objects.filter(order=order).values_list("system_id", flat=True))
    open_ones = [system.pk for system in systems if system.pk not in proved]
    due = ManualTask.objects.filter(  # type: ignore[misc]
        system__in=open_ones, person_id=order.person_id, purpose_id=order.purpose_id, before=order.before, accepted_at__isnull=True
    ).values_list("due_on", flat=True)  # fmt: skip
    return rules_byhand.is_patient(list(due), len(open_ones), clock.law_date(order.entity.timezone))


def facts(task: ManualTask, *, by: Person) -> rules_byhand.TaskFacts:
    return rules_byhand.TaskFacts(
        owner=task.owner_id, filed_by=task.filed_by_id, accepted=task.accepted_at is not None, by=by.pk,
        may_check=by.holds("retention.check_task", task.entity_id),
    )  # fmt: skip
