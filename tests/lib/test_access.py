"""May they? One function, and its answers as a table."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.lib.access import may
from governance.people.models import Person
from governance.purposes.models import Purpose, PurposeUserObjectPermission
from tests.cast import Cast


@pytest.mark.parametrize(
    ("who", "permission", "at_software", "at_gmbh"),
    [
        ("asha", "purposes.view", False, False), ("meera", "capture.view_programmes", True, False), ("dev", "purposes.edit", True, True),
        ("rupa", "purposes.view", True, False), ("ira", "people.view", True, True), ("ira", "purposes.view", False, False),
        ("omar", "capture.run", True, True), ("arun", "audit.view", True, True), ("lata", "audit.view", False, False),
        ("dev", "no.such_permission", False, False), ("dara", "purposes.approve", True, True), ("omar", "purposes.view", True, True),
        ("omar", "purposes.approve", False, False), ("lata", "purposes.edit", False, False), ("arun", "purposes.export", True, True),
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


def test_an_owner_sees_and_edits_what_they_answer_for_and_nothing_beside_it(cast: Cast) -> None:
    other = Purpose.objects.exclude(pk__in=(cast.purpose.pk, cast.purpose_de.pk)).first()
    assert other is not None
    Purpose.objects.filter(pk=other.pk).update(owner=cast.lata)
    other.refresh_from_db()
    omar, lata = (Person.objects.get(pk=p.pk) for p in (cast.omar, cast.lata))
    assert may(omar, "purposes.edit", cast.purpose) and not may(omar, "purposes.edit", other)
    assert not may(omar, "purposes.view", other)
    assert not may(lata, "purposes.edit", other)  # answerable, but no programme owner


def test_an_assignment_opens_one_thing_and_its_parts_in_one_query(cast: Cast) -> None:
    change = Permission.objects.get(codename="change_purpose")
    PurposeUserObjectPermission.objects.create(user=cast.bela, permission=change, content_object=cast.purpose)
    bela = Person.objects.get(pk=cast.bela.pk)
    assert not bela.holds("purposes.view")
    with CaptureQueriesContext(connection) as asked:
        assert may(bela, "purposes.edit", cast.purpose) and may(bela, "purposes.view", cast.purpose)
        assert not may(bela, "purposes.publish", cast.purpose)
    assert len(asked) == 1
    assert not may(bela, "purposes.view", cast.purpose_de)
    notice = cast.purpose.published_notice()
    assert notice is not None and may(bela, "purposes.edit", notice)
