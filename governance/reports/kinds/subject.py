"""What a report is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from governance.people.models import Person


@dataclass(frozen=True)
class Subject:
    """`name`: a number or word for lists, never a person's name. `about`: the person who may always get the report."""

    name: str
    about: Person | None = None


def id_in(scope: Mapping[str, str], name: str) -> UUID:
    """The id that the scope names; one that fits nothing when it names none or nonsense."""
    try:
        return UUID(scope.get(name, ""))
    except ValueError:
        return uuid4()
