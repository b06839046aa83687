"""What a report is about."""

from dataclasses import dataclass

from governance.people.models import Person


@dataclass(frozen=True)
class Subject:
    """`name`: a number or word for lists, never a person's name. `about`: the person who may always get the report."""

    name: str
    about: Person | None = None
