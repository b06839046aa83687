"""A door system that will not let go of a row: what becomes of an order that nobody can complete by force.

Its own trigger keeps whoever was in the server room. The order ends as partly done, with the row named, and is tried
again; the letter that asked for it is answered only when a person has looked.
"""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from governance.demo.company import Company
from governance.lib import clock
from governance.people.models import Person
from governance.purposes.models import DataSystem, Purpose
from governance.retention import systems
from governance.retention.models import ErasureOrder
from governance.rights import erasing, requests

FILE = "badges.db"
NAME = "Doors and badges"
TABLES = """
CREATE TABLE entries (id INTEGER PRIMARY KEY, person_number TEXT NOT NULL, door TEXT NOT NULL, at TEXT NOT NULL);
CREATE TRIGGER the_server_room_forgets_nobody BEFORE DELETE ON entries WHEN OLD.door = 'Server room'
BEGIN SELECT RAISE(IGNORE); END;
"""
DOORS = ("Main entrance", "Canteen", "Server room")
MAP = {
    "tables": [
        {
            "table": "entries",
            "find": {"column": "person_number", "is": "number"},
            "time": "at",
            "action": "erase",
        }
    ]
}


def fill(path: Path, people: list[Person]) -> None:
    """A file of its own, as such systems have; built anew."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript(TABLES)
        for person in people:
            for i, door in enumerate(DOORS):
                at = (datetime.now(UTC) - timedelta(days=100 + i)).isoformat(sep=" ", timespec="seconds")
                file.execute(
                    "INSERT INTO entries (person_number, door, at) VALUES (?, ?, ?)",
                    [person.number, door, at],
                )


def build(company: Company) -> ErasureOrder | None:
    """The door system is registered, connected and mapped, and somebody has asked by letter to be erased from it."""
    purpose = Purpose.objects.filter(name=NAME, entity=company.software).first()
    if purpose is None or DataSystem.objects.filter(code="badges").exists():
        return None
    here = Person.objects.filter(
        employments__entity=company.software, roles__isnull=True, consents__isnull=True
    )
    people = list(here.exclude(number=None).distinct().order_by("-number")[:3])
    fill(Path(settings.VAR) / FILE, people)
    system = DataSystem.objects.create(
        entity=company.software, code="badges", name="Door system", holds="Who opened which door, and when", country="IN"
    )  # fmt: skip
    systems.connect(
        system, "sql", {"url_env": "BADGES_URL", "read_url_env": "BADGES_READ_URL"}, by=company.dev
    )
    systems.confirm_map(system, purpose, MAP, by=company.dev)
    today = clock.law_date(company.software.timezone)
    asked = requests.receive(
        people[0],
        "erasure",
        "Please erase where I went.",
        channel="letter",
        received_on=today,
        by=company.dev,
    )
    return erasing.order_more(asked.pk, [purpose], by=company.dev)[0]
