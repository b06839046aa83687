"""The offices without a register: entities, people, roles. Quicker than the whole cast, for tests that write entries."""

from dataclasses import dataclass
from typing import Any

import pytest

from governance.demo import company
from governance.people.models import Entity, Person
from governance.purposes import versions
from governance.purposes.activity import Activity, Item, Keep, Recipient
from governance.purposes.models import Purpose, PurposeVersion


@dataclass
class Office:
    software: Entity
    gmbh: Entity
    people: dict[str, Person]

    def __getattr__(self, name: str) -> Any:
        people = self.__dict__.get("people", {})
        if name in people:
            return people[name]
        raise AttributeError(name)

    def enter(self, said: Activity | None = None, **more: Any) -> Purpose:
        """A draft, written by Dev, for which Omar answers."""
        return versions.enter(
            self.software, said or ATTENDANCE, by=self.dev, owner=more.pop("owner", self.omar), **more
        )

    def hold(self, said: Activity | None = None, **more: Any) -> Purpose:
        """In force: Dev wrote it, Dara approved it."""
        purpose = self.enter(said, **more)
        return self.begin(purpose)

    def begin(self, purpose: Purpose) -> Purpose:
        """Hand in and approve what is open."""
        versions.submit(open_one(purpose).pk, by=self.dev)
        versions.approve(open_one(purpose).pk, by=self.dara)
        return Purpose.objects.get(pk=purpose.pk)

    def say(self, purpose: Purpose, **changes: Any) -> PurposeVersion:
        """Dev says these fields otherwise, in a draft."""
        draft = versions.draft(purpose, by=self.dev)
        return versions.save(draft.pk, draft.activity.but(**changes), revision=draft.revision, by=self.dev)


ATTENDANCE = Activity(
    name="Attendance", function="hr", kind="attendance", description="Who was at work when.", people=("employees",), countries=("IN",),
    ground_in="s7i", limb_in="employment",
    items=(Item(code="hours", name="Hours worked", category="ID", sensitivity="S1", source="person", why="To pay them."),),
    recipients=(Recipient(name="Payroll team"),), keeps=(Keep(category="hours", law="IN", maximum="P3Y"),), security=("access_control",),
)  # fmt: skip


def open_one(purpose: Purpose) -> PurposeVersion:
    return purpose.versions.get(state__in=("draft", "in_review", "approved"))


@pytest.fixture
def office(db: None) -> Office:
    software, gmbh = company.entities()
    return Office(software, gmbh, company.people(software, gmbh, colleagues=0))
