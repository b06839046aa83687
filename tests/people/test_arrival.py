"""What the frame of a page asks of who has come is read in one query, anew for every request."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.people import notify, roles
from governance.people.arrival import arrive
from governance.people.models import Employment, Person, Role, Unit
from tests.cast import Cast
from tests.visits import visit


def test_everybody_arrives_with_what_they_would_be_asked_for(cast: Cast) -> None:
    notify.tell(cast.asha, "purpose_unassigned", number="P-0001")
    for name, person in cast.people.items():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            here = arrive(person.pk)
            assert here is not None
            seen = (here.held, here.employment, here.unread)
            if here.employment:
                str(here.employment.entity), str(here.employment.site), str(here.employment.unit)
        assert len(asked) == 1, name
        plain = Person.objects.get(pk=person.pk)
        assert seen == (plain.held, plain.employment, plain.unread), name
    assert arrive(cast.meera.pk).role_names() == {"manager"} and arrive(cast.asha.pk).unread == 1  # type: ignore[union-attr]


def test_who_has_left_arrives_without_work_and_who_is_closed_out_not_at_all(cast: Cast) -> None:
    Employment.objects.filter(person=cast.asha).update(ends_on="2025-01-01")
    Employment.objects.filter(person=cast.bela).update(starts_on="2999-01-01")
    assert arrive(cast.asha.pk).employment is None and arrive(cast.bela.pk).employment is None  # type: ignore[union-attr]
    Person.objects.filter(pk=cast.asha.pk).update(is_active=False)
    assert arrive(cast.asha.pk) is None


def test_a_role_for_a_department_arrives_with_it(cast: Cast) -> None:
    unit = Unit.objects.get(entity=cast.software, name="Pune staff")
    roles.grant(cast.bela, "representative", cast.software, by=cast.ira, unit=unit)
    assert arrive(cast.bela.pk).held == {("representative", cast.software.pk, unit.pk)}  # type: ignore[union-attr]


def test_the_frame_of_a_page_costs_the_session_and_the_person(cast: Cast) -> None:
    with visit(cast.ira) as client:
        client.get("/people/entities/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/people/entities/").status_code == 200
    statements = [query["sql"] for query in asked]
    assert len(statements) == 3, (
        statements
    )  # the session, the person, and the entities that the page is about


@pytest.mark.parametrize("who", ["dev", "omar", "ira"])
def test_a_role_that_ended_opens_nothing_in_the_next_request(cast: Cast, who: str) -> None:
    url = {"dev": "/register/", "omar": "/register/", "ira": "/people/"}[who]
    with visit(getattr(cast, who)) as client:
        assert client.get(url).status_code == 200
        Role.objects.filter(person=getattr(cast, who)).update(ended_at="2026-01-01T00:00Z")
        assert client.get(url).status_code == 403
