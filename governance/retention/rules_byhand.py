"""When a task by hand may be filed, and who may say that its proof is one."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused


@dataclass(frozen=True)
class TaskFacts:
    """One task and the person who acts on it."""

    owner: UUID
    filed_by: UUID | None
    accepted: bool
    by: UUID
    may_check: bool = False


def check_filing(facts: TaskFacts) -> None:
    if facts.accepted:
        raise Refused(_("This task is done. Nothing can be filed any more."), code="task_done")
    if facts.by != facts.owner:
        raise Refused(_("Only the person whose task this is files the proof."), code="not_your_task")
    if facts.filed_by is not None:
        raise Refused(_("Your proof is filed. A second person looks at it now."), code="already_filed")


def check_second(facts: TaskFacts) -> None:
    """Four eyes: who erased does not say that it was seen."""
    if facts.accepted:
        raise Refused(_("Somebody has accepted this proof already."), code="task_done")
    if facts.filed_by is None:
        raise Refused(_("No proof is filed yet."), code="nothing_filed")
    if facts.by == facts.filed_by:
        raise Refused(
            _("You filed this proof yourself. Ask another member of the DPO's office to look at it."),
            code="own_proof",
        )
    if not facts.may_check:
        raise Refused(_("Only the data protection officer looks at proofs."), code="not_the_dpo")


def is_patient(due: list[date], open_systems: int, today: date) -> bool:
    """Is every system that is still open waiting for a person whose days are not over?"""
    return open_systems > 0 and len(due) == open_systems and all(day >= today for day in due)
