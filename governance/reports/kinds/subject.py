"""What a report is about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from governance.people.models import Person


@dataclass(frozen=True)
class Subject:
    """`name`: a number or word for lists, never a person's name. `about`: the person who may always get the report.
    `tells`: where it is about nobody, whether this person may have it as one of those whom it concerns.
    `personal`: of a kind that roles get, but this one speaks of one person's decision: only that person gets it."""

    name: str
    about: Person | None = None
    tells: Callable[[Person], bool] | None = None
    personal: bool = False

    def is_for(self, person: Person) -> bool:
        return (self.about is not None and self.about.pk == person.pk) or bool(
            self.tells and self.tells(person)
        )


def id_in(scope: Mapping[str, str], name: str) -> UUID:
    """The id that the scope names; one that fits nothing when it names none or nonsense."""
    try:
        return UUID(scope.get(name, ""))
    except ValueError:
        return uuid4()
