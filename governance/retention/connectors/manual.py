"""What no program reaches: paper, a vendor's portal, a drive in a drawer. A named person erases and files a proof.

Options are empty. The map:

    {"owner": "N-1005", "days": 14, "where": "cabinet 3, second floor", "do": "Shred the sheets of this person."}

Nothing is believed until a second person has looked at the proof; the order stays "partly" until then.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.connectors import Due, Erased, Residue, Scope
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.retention import byhand

CHUNK = "by hand"


class NobodyToAsk(Exception):
    """The person whom the map names has left: nobody has the task."""


class ManualConnector:
    """One chunk: the task. One thing is found until the task is accepted."""

    name = "manual"
    version = "1"
    needs_map = True
    last = False
    tells_times = False  # `due` finds nobody: what lies here goes with the orders of other systems

    def __init__(self, options: Mapping[str, Any], data_map: Mapping[str, Any]) -> None:
        self.system, self.map = UUID(options["system"]), data_map

    @classmethod
    def check_map(cls, data_map: Mapping[str, Any]) -> None:
        if set(data_map) != {"owner", "days", "where", "do"} or not all(data_map.values()):
            raise Refused(
                _("A task by hand has an owner's number, days, where it lies and what to do."),
                code="map_wrong",
            )
        if not isinstance(data_map["days"], int) or not 1 <= data_map["days"] <= 90:
            raise Refused(_("A task by hand is done within 1 to 90 days."), code="map_wrong")
        if not Person.objects.filter(number=data_map["owner"], is_active=True).exists():
            raise Refused(_("There is nobody with the owner's number."), code="no_such_person")

    def chunks(self, scope: Scope) -> list[str]:
        return [CHUNK]

    def count(self, scope: Scope, chunk: str) -> int:
        task = byhand.of(self.system, scope)
        return int(task is None or task.accepted_at is None)

    def erase(self, scope: Scope, chunk: str) -> Erased:
        """The task is with its owner; nothing is said to be erased."""
        owner = Person.objects.filter(number=self.map["owner"], is_active=True).first()
        if owner is None:
            raise NobodyToAsk
        byhand.ask(self.system, scope, owner=owner, days=self.map["days"])
        return Erased(0, method="by hand, by a named person")

    def residue(self, scope: Scope) -> Residue:
        task = byhand.of(self.system, scope)
        if task is None or task.accepted_at is None:
            until = f", due {task.due_on.isoformat()}" if task else ""
            return Residue(1, (f"a task by hand{until}",))
        return Residue(
            0, (), (f"by hand: {task.found} found and erased; proof sha256 {task.file_sha256}, seen by a second person",)
        )  # fmt: skip

    def export(self, scope: Scope) -> Iterator[Mapping[str, Any]]:
        yield {"where": self.map["where"]}

    def due(self, purpose: UUID, before: datetime) -> list[Due]:
        return []
