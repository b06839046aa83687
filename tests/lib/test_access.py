"""May they? One function, and its answers as a table."""

import pytest

from governance.lib.access import may
from governance.people.models import Person
from tests.cast import Cast


@pytest.mark.parametrize(
    ("who", "permission", "at_software", "at_gmbh"),
    [
        ("asha", "purposes.view", False, False), ("meera", "capture.view_programmes", True, False), ("dev", "purposes.edit", True, True),
        ("rupa", "purposes.view", True, False), ("ira", "people.view", True, True), ("ira", "purposes.view", False, False),
        ("omar", "capture.run", True, True), ("arun", "audit.view", True, True), ("lata", "audit.view", False, False),
        ("dev", "no.such_permission", False, False),
    ],
)  # fmt: skip
def test_a_role_counts_where_it_was_given(
    cast: Cast, who: str, permission: str, at_software: bool, at_gmbh: bool
) -> None:
    person = Person.objects.get(pk=getattr(cast, who).pk)
    assert may(person, permission, cast.purpose) is at_software
    assert may(person, permission, cast.purpose_de) is at_gmbh


def test_what_is_mine_is_mine_alone(cast: Cast) -> None:
    note = cast.asha.notes.create(code="x")
    assert may(cast.asha, "people.own_messages", note)
    for other in (cast.bela, cast.dev, cast.ira, cast.meera):
        assert not may(other, "people.own_messages", note)


def test_who_is_not_active_or_not_there_may_nothing(cast: Cast) -> None:
    from django.contrib.auth.models import AnonymousUser

    assert not may(AnonymousUser(), "pages.home") and not may(None, "pages.home")
    cast.dev.is_active = False
    assert not may(cast.dev, "purposes.view", cast.purpose)
