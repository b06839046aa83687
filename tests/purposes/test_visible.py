"""Who sees which part of the register: by entity, by department, their own, by name; and nobody else."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.lib.access import may
from governance.people import roles
from governance.people.models import Person, Role, Unit
from governance.purposes import assignments, versions
from governance.purposes.activity import Activity
from governance.purposes.models import Purpose, PurposeUserObjectPermission
from tests.cast import Cast
from tests.visits import visit, words


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def enter(cast: Cast, name: str, *, unit: Unit | None = None, owner: Person | None = None) -> Purpose:
    return versions.enter(cast.software, Activity(name=name), by=cast.dev, unit=unit, owner=owner)


@pytest.fixture
def sales(cast: Cast) -> Purpose:
    """An entry of the department Sales, for which nobody answers yet."""
    return enter(cast, "Call customers back", unit=Unit.objects.create(entity=cast.software, name="Sales"))


def seen(person: Person) -> set[str]:
    return set(Purpose.objects.visible_to(fresh(person)).values_list("number", flat=True))


def test_list_and_entry_agree_for_everybody(cast: Cast, sales: Purpose) -> None:
    roles.grant(cast.bela, "dpo", cast.software, by=cast.ira, second=cast.lata, unit=sales.unit)
    roles.grant(cast.nisha, "owner", cast.software, by=cast.ira, unit=sales.unit)
    assignments.assign(cast.purpose_de, cast.meera, "view", by=cast.dev)
    Purpose.objects.filter(pk=sales.pk).update(owner=cast.nisha)
    for name, person in cast.people.items():
        here = fresh(person)
        by_entry = {p.number for p in Purpose.objects.all() if may(here, "purposes.view", p)}
        assert seen(person) == by_entry, name


def test_a_dpo_of_one_department_sees_and_edits_that_part_and_no_other(cast: Cast, sales: Purpose) -> None:
    roles.grant(cast.bela, "dpo", cast.software, by=cast.ira, second=cast.lata, unit=sales.unit)
    assert seen(cast.bela) == {sales.number}
    with visit(cast.bela) as client:
        page = words(client.get("/register/"))
        assert "1 purpose " in page and sales.number in page and cast.purpose.number not in page
        assert client.get(f"/register/{sales.pk}/").status_code == 200
        assert client.get(f"/register/{cast.purpose.pk}/").status_code == 404
        assert client.get("/log/").status_code == 403
    bela = fresh(cast.bela)
    assert may(bela, "purposes.approve", sales) and not may(bela, "purposes.approve", cast.purpose)


def test_a_department_of_another_entity_with_the_same_number_of_nothing_opens_nothing(
    cast: Cast, sales: Purpose
) -> None:
    """An entry without a department is not the department's."""
    roles.grant(cast.bela, "legal", cast.software, by=cast.ira, second=cast.dev, unit=sales.unit)
    Purpose.objects.filter(pk=sales.pk).update(unit=None)
    assert seen(cast.bela) == set() and not may(
        fresh(cast.bela), "purposes.view", Purpose.objects.get(pk=sales.pk)
    )


def test_an_owner_sees_only_what_they_answer_for(cast: Cast, sales: Purpose) -> None:
    mine = set(Purpose.objects.filter(owner=cast.omar).values_list("number", flat=True))
    assert mine and seen(cast.omar) == mine and sales.number not in mine
    with visit(cast.omar) as client:
        assert client.get(f"/register/{sales.pk}/").status_code == 404
        assert client.get(f"/register/{cast.purpose.pk}/").status_code == 200
    Purpose.objects.filter(pk=cast.purpose.pk).update(owner=cast.asha)
    assert cast.purpose.number not in seen(cast.omar)
    assert seen(cast.asha) == set()  # answering for something is no role


def test_readers_of_the_whole_entity_see_departments_too(cast: Cast, sales: Purpose) -> None:
    for reader in (cast.dev, cast.dara, cast.lata, cast.arun, cast.rupa):
        assert sales.number in seen(reader)
    assert cast.purpose_de.number not in seen(cast.rupa) and cast.purpose_de.number in seen(cast.arun)


class TestByName:
    def test_a_dpo_opens_one_entry_to_one_person_who_is_told_and_then_ends_it(self, cast: Cast) -> None:
        url = f"/register/{cast.purpose.pk}/people/"
        with visit(cast.dev) as client:
            assert "Dara Irani" in words(client.get(url)) and "Omar Sheikh" in words(client.get(url))
            answer = client.post(url, {"who": "n-1002", "right": "view"}, follow=True)
            assert "The person was told." in words(answer) and "Bela Fernandes" in words(answer)
        with visit(cast.bela) as client:
            note = words(client.get("/people/messages/"))
            assert f"You may now open {cast.purpose.number} in the register." in note
            assert client.get(f"/register/{cast.purpose.pk}/").status_code == 200
            assert "1 purpose " in words(client.get("/register/"))  # although no role opens the list
            assert client.post(f"/register/{cast.purpose.pk}/new-notice/").status_code == 404
            assert client.get(url).status_code == 404
        with visit(cast.dev) as client:
            client.post(url, {"who": "BELA@nirmaan.example", "right": "edit"})
        assert PurposeUserObjectPermission.objects.filter(user=cast.bela).count() == 1
        assert may(fresh(cast.bela), "purposes.edit", cast.purpose)
        with visit(cast.dara) as client:
            client.post(f"{url}remove/", {"person": str(cast.bela.pk)})
        with visit(cast.bela) as client:
            assert client.get(f"/register/{cast.purpose.pk}/").status_code == 404
            assert client.get("/register/").status_code == 403
            assert "is not open to you by name any more" in words(client.get("/people/messages/"))

    @pytest.mark.parametrize(
        ("who", "sentence"),
        [
            ("N-9999", "Nobody has this staff number"), ("", "This field is required"), ("N-1000", "administrators see no content"),
            ("dev@nirmaan.example", "You cannot open an entry to yourself"), ("'; --", "Nobody has this staff number"),
        ],
    )  # fmt: skip
    def test_who_cannot_be_given_it_is_said_in_a_sentence(self, cast: Cast, who: str, sentence: str) -> None:
        with visit(cast.dev) as client:
            page = client.post(f"/register/{cast.purpose.pk}/people/", {"who": who, "right": "edit"})
        assert page.status_code == 400 and sentence in words(page)
        assert not PurposeUserObjectPermission.objects.exists()

    def test_who_becomes_an_administrator_is_opened_nothing_any_more(self, cast: Cast) -> None:
        assignments.assign(cast.purpose, cast.bela, "edit", by=cast.dev)
        roles.grant(cast.bela, "admin", cast.software, by=cast.ira)
        assert not may(fresh(cast.bela), "purposes.view", cast.purpose) and seen(cast.bela) == set()
        with visit(cast.bela) as client:
            assert client.get("/register/").status_code == 403
            assert client.get(f"/register/{cast.purpose.pk}/").status_code == 404

    @pytest.mark.parametrize("who", ["lata", "arun", "omar", "rupa", "ira", "asha"])
    def test_only_a_dpo_opens_entries_to_others(self, cast: Cast, who: str) -> None:
        with visit(getattr(cast, who)) as client:
            for url in ("people/", "people/remove/"):
                answer = client.post(f"/register/{cast.purpose.pk}/{url}", {"who": "N-1002", "right": "edit"})
                assert answer.status_code == 404
        assert not PurposeUserObjectPermission.objects.exists()

    def test_a_dpo_of_a_department_opens_entries_of_that_department_only(
        self, cast: Cast, sales: Purpose
    ) -> None:
        roles.grant(cast.nisha, "dpo", cast.software, by=cast.ira, second=cast.lata, unit=sales.unit)
        with visit(cast.nisha) as client:
            assert (
                client.post(f"/register/{sales.pk}/people/", {"who": "N-1002", "right": "view"}).status_code
                == 302
            )
            page = words(client.get(f"/register/{sales.pk}/people/"))
            assert "Nisha Pillai" in page and "Sales" in page
            assert client.get(f"/register/{cast.purpose.pk}/people/").status_code == 404

    def test_an_assignment_of_what_is_not_there_any_more_ends_quietly(self, cast: Cast) -> None:
        assert assignments.remove(cast.purpose, cast.bela, by=cast.dev) is False
        with visit(cast.dev) as client:
            for person in (str(cast.bela.pk), "nonsense", ""):
                assert (
                    client.post(f"/register/{cast.purpose.pk}/people/remove/", {"person": person}).status_code
                    == 302
                )
        assert not cast.bela.notes.filter(code="purpose_unassigned").exists()


def test_an_ended_role_closes_at_once(cast: Cast) -> None:
    Role.objects.filter(person=cast.arun, entity=cast.software).update(ended_at="2026-01-01T00:00Z")
    assert seen(cast.arun) == set(Purpose.objects.filter(entity=cast.gmbh).values_list("number", flat=True))


def test_many_questions_about_one_entry_cost_one_query(cast: Cast) -> None:
    view = Permission.objects.get(codename="view_purpose")
    PurposeUserObjectPermission.objects.create(user=cast.bela, permission=view, content_object=cast.purpose)
    bela = fresh(cast.bela)
    assert bela.held == frozenset()
    with CaptureQueriesContext(connection) as asked:
        for permission in ("purposes.view", "purposes.edit", "purposes.view", "purposes.publish"):
            may(bela, permission, cast.purpose)
    assert len(asked) == 1
