"""Whoever is shown what somebody else chose is written down: in the log without the person, and in a row for the person.

The log is read by many, so its entry says who read how many choices; which, only the person finds on their own page.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from governance.audit import log
from governance.lib import clock
from governance.people.models import Person
from governance.retention import wording
from governance.retention.models import ChoiceRead, ErasureOrder, ReadingProgram

CODE = "choice.read"
PROGRAM = "program"
# Roles that are shown a choice, the one that answers for it first.
ROLES = ("dpo", "representative", "legal", "auditor")


def note(orders: Iterable[ErasureOrder], *, how: str, by: Person) -> None:
    """The causes of these orders are shown to `by` (`how`: order, orders). A cause that is nobody's choice, or that
    stays untold to this reader, is no read."""
    read: dict[UUID, list[tuple[UUID, Any]]] = defaultdict(list)
    for order in orders:
        if order.because not in wording.NOBODYS_CHOICE and wording.tells_cause(order, by):
            read[order.entity_id].append((order.person_id, order))
    for entity, shown in read.items():
        note_choices(shown, entity=entity, how=how, by=by)


def note_choices(shown: Iterable[tuple[UUID, Any]], *, entity: UUID, how: str, by: Person) -> None:
    """What these people chose is shown to `by`: one entry in the log, and a row for each person, once a day.

    `shown`: (person id, the row that shows it or None). Who looks at their own reads nobody's choice.
    """
    others = [(person, thing) for person, thing in shown if person != by.pk]
    if not others:
        return
    about = others[0][1] if len(others) == 1 else None
    log.record(CODE, by=by, about=about, entity=entity, how=how, choices=len(others))
    held = by.role_names()
    _keep(others, entity, how, by.pk, next((role for role in ROLES if role in held), ""))


def note_program(people: Iterable[UUID], *, client: UUID, entity: UUID, how: str) -> None:
    """A program was told where these people stand; its own entry in the log is the caller's."""
    _keep([(person, None) for person in people], entity, how, client, PROGRAM)


def know_program(client: UUID, *, entity: UUID, name: str, operator: str) -> None:
    """From now on people find this program by its name, with the company that runs it ("": the entity itself)."""
    ReadingProgram.objects.create(id=client, entity_id=entity, name=name, operator=operator)


def _keep(shown: list[tuple[UUID, Any]], entity: UUID, how: str, reader: UUID, role: str) -> None:
    today = clock.now().date()
    rows = [
        ChoiceRead(
            person_id=person, entity_id=entity, reader_id=reader, role=role, how=how, about_id=thing.pk if thing else None, day=today
        )
        for person, thing in shown
    ]  # fmt: skip
    ChoiceRead.objects.bulk_create(rows, ignore_conflicts=True)


def of(person: Person) -> list[ChoiceRead]:
    """Who was shown what this person chose, newest first."""
    return list(ChoiceRead.objects.filter(person_id=person.pk).order_by("-at", "-id")[:500])
