"""Tell a person something: a waiting Message in the transaction of what it tells of."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

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


INSERT_MANY = """
INSERT INTO people_message (person_id, code, facts)
SELECT said.person, %s, said.facts::jsonb FROM unnest(%s::uuid[], %s::text[]) AS said (person, facts)
"""


def tell(person: Person, code: str, /, **facts: Any) -> Message:
    """The person finds this message in the portal. `facts` are ids, numbers and dates; the sentence is made on reading."""
    return Message.objects.create(person=person, code=code, facts={k: str(v) for k, v in facts.items()})


def tell_many(told: Sequence[tuple[Person, Mapping[str, Any]]], code: str) -> None:
    """The same message to many people, each with its facts: one statement."""
    if told:
        people = [person.pk for person, _facts in told]
        facts = [json.dumps({k: str(v) for k, v in said.items()}) for _person, said in told]
        with connection.cursor() as cursor:
            cursor.execute(INSERT_MANY, [code, people, facts])
