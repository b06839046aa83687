"""Tell a person something: a waiting Message in the transaction of what it tells of."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from governance.people.models import Message, Person

# For a verb that writes its message in one statement with all the rest.
PUT = """
INSERT INTO people_message (person_id, code, facts) SELECT %(told)s::uuid, %(told_code)s, %(told_facts)s::jsonb
"""


def values(person: UUID, code: str, /, **facts: Any) -> dict[str, Any]:
    """The values of PUT: the same message as tell() leaves."""
    return {
        "told": person,
        "told_code": code,
        "told_facts": json.dumps({k: str(v) for k, v in facts.items()}),
    }


def tell(person: Person, code: str, /, **facts: Any) -> Message:
    """The person finds this message in the portal. `facts` are ids, numbers and dates; the sentence is made on reading."""
    return Message.objects.create(person=person, code=code, facts={k: str(v) for k, v in facts.items()})


def tell_many(told: Sequence[tuple[Person, Mapping[str, Any]]], code: str) -> None:
    """The same message to many people, each with its facts: one statement."""
    Message.objects.bulk_create(
        Message(person=person, code=code, facts={k: str(v) for k, v in facts.items()})
        for person, facts in told
    )
