"""Roles are given by two where they see much, ended by an administrator, and told to the person."""

import pytest
from django.urls import reverse

from governance.audit.models import Entry
from governance.lib.refusals import Refused
from governance.people import roles
from governance.people.models import Message, Person, Role, Unit
from governance.people.rules import (
    FOR_A_UNIT,
    IN_A_UNIT,
    INCOMPATIBLE,
    NEED_A_SECOND,
    OVER_OWN,
    OVER_THEIRS,
    PERMISSIONS,
    ROLES,
)
from tests.cast import Cast
from tests.visits import visit, words


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def test_a_role_that_sees_much_waits_for_the_second_person(cast: Cast) -> None:
    with visit(cast.ira) as client:
        asked = {"role": "auditor", "entity": cast.software.pk, "second": "N-1030"}
        client.post(reverse("people:grant", args=[cast.bela.pk]), asked)
    assert not fresh(cast.bela).holds("audit.view")
    message = Message.objects.get(person=cast.dev, code="role_second_asked")
    with visit(cast.dev) as client:
        page = words(client.get("/people/messages/"))
        assert (
            "You are asked to agree that somebody gets the role “Auditor” at Nirmaan Software Pvt Ltd."
            in page
        )
        assert "Bela Fernandes" in words(client.get(f"/people/messages/{message.pk}/second/"))
        client.post(f"/people/messages/{message.pk}/second/", {"answer": "yes"})
    assert fresh(cast.bela).holds("audit.view", cast.software.pk)
    role = Role.objects.get(person=cast.bela)
    assert (role.granted_by, role.second_by) == (cast.ira, cast.dev)
    assert Message.objects.filter(person=cast.bela, code="role_granted").exists()
    assert Entry.objects.filter(code="role.granted", about_id=cast.bela.pk, by_id=cast.ira.pk).exists()


def test_a_no_is_a_no_and_an_answer_is_given_once(cast: Cast) -> None:
    asked = roles.propose(cast.bela, "auditor", cast.software, by=cast.ira, second=cast.dev)
    assert roles.agree(asked.pk, by=cast.dev, yes=False) is None
    assert not Role.objects.filter(person=cast.bela).exists()
    assert Message.objects.filter(person=cast.ira, code="role_second_refused").exists()
    with pytest.raises(Refused) as refused:
        roles.agree(asked.pk, by=cast.dev, yes=True)
    assert refused.value.code == "answered"


def test_nobody_answers_for_the_second_person(cast: Cast) -> None:
    asked = roles.propose(cast.bela, "auditor", cast.software, by=cast.ira, second=cast.dev)
    for other in (cast.ira, cast.bela, cast.lata):
        with pytest.raises(Refused):
            roles.agree(asked.pk, by=other, yes=True)
        with visit(other) as client:
            assert client.post(f"/people/messages/{asked.pk}/second/", {"answer": "yes"}).status_code == 404
    assert not Role.objects.filter(person=cast.bela).exists()


def test_an_administrator_who_is_none_any_more_gives_nothing_through_an_old_question(cast: Cast) -> None:
    asked = roles.propose(cast.bela, "auditor", cast.software, by=cast.ira, second=cast.dev)
    Role.objects.filter(person=cast.ira, entity=cast.software).update(ended_at="2026-01-01T00:00Z")
    with pytest.raises(Refused):
        roles.agree(asked.pk, by=cast.dev, yes=True)
    assert not Role.objects.filter(person=cast.bela).exists()


@pytest.mark.parametrize(
    ("to", "role", "second", "code"),
    [
        ("ira", "owner", None, "own_role"), ("bela", "auditor", None, "second_needed"), ("bela", "auditor", "ira", "second_needed"),
        ("bela", "auditor", "bela", "second_needed"), ("dev", "owner", None, "incompatible_roles"),
        ("dev", "representative", None, "incompatible_roles"), ("omar", "admin", None, "incompatible_roles"),
    ],
)  # fmt: skip
def test_what_the_rules_refuse_stays_refused(
    cast: Cast, to: str, role: str, second: str | None, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        roles.grant(
            getattr(cast, to),
            role,
            cast.software,
            by=cast.ira,
            second=getattr(cast, second) if second else None,
        )
    assert refused.value.code == code
    with pytest.raises(Refused):
        roles.grant(cast.bela, "owner", cast.software, by=cast.meera)


def pune(cast: Cast) -> Unit:
    return Unit.objects.get(entity=cast.software, name="Pune staff")


def test_a_role_for_one_department_is_agreed_given_shown_and_ended(cast: Cast) -> None:
    unit = pune(cast)
    with visit(cast.ira) as client:
        asked = {"role": "dpo", "entity": cast.software.pk, "unit": unit.pk, "second": "N-1031"}
        client.post(reverse("people:grant", args=[cast.bela.pk]), asked)
    message = Message.objects.get(person=cast.lata, code="role_second_asked")
    with visit(cast.lata) as client:
        assert "Pune staff" in words(client.get(f"/people/messages/{message.pk}/second/"))
        client.post(f"/people/messages/{message.pk}/second/", {"answer": "yes"})
    bela = fresh(cast.bela)
    assert bela.holds("purposes.edit", cast.software.pk, unit.pk) and bela.holds("purposes.edit")
    assert not bela.holds("purposes.edit", cast.software.pk) and not bela.holds(
        "purposes.edit", cast.gmbh.pk, unit.pk
    )
    assert bela.units_where("purposes.edit") == {unit.pk} and bela.entities_where("purposes.edit") == set()
    with visit(cast.bela) as client:
        assert "“Data protection officer” at Pune staff, Nirmaan Software Pvt Ltd" in words(
            client.get("/people/messages/")
        )
    role = Role.objects.get(person=cast.bela)
    assert Entry.objects.get(code="role.granted", about_id=cast.bela.pk).facts["unit"] == unit.pk
    with visit(cast.ira) as client:
        assert (
            "Pune staff"
            in words(client.get(reverse("people:person", args=[cast.bela.pk]))).split("Give a role")[0]
        )
        client.post(reverse("people:end_role", args=[role.pk]))
    assert not fresh(cast.bela).holds("purposes.edit")


def test_a_role_for_a_department_opens_the_register_and_nothing_of_the_whole_entity(cast: Cast) -> None:
    roles.grant(cast.bela, "dpo", cast.software, by=cast.ira, second=cast.lata, unit=pune(cast))
    bela = fresh(cast.bela)
    beyond = PERMISSIONS["dpo"] - IN_A_UNIT
    assert {"audit.view", "rights.view", "incidents.open", "purposes.edit_processors"} <= beyond
    assert not any(bela.holds(code) or bela.holds(code, cast.software.pk, pune(cast).pk) for code in beyond)


def test_the_same_role_stands_for_two_departments_but_once_for_each(cast: Cast) -> None:
    other = Unit.objects.create(entity=cast.software, name="Sales")
    for unit in (pune(cast), other, None, pune(cast), None):
        roles.grant(cast.bela, "representative", cast.software, by=cast.ira, unit=unit)
    assert Role.objects.filter(person=cast.bela).count() == 3
    assert fresh(cast.bela).units_where("purposes.view") == {pune(cast).pk, other.pk}


def test_a_department_of_another_entity_and_an_admin_of_a_department_are_refused(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        roles.grant(cast.bela, "representative", cast.gmbh, by=cast.ira, unit=pune(cast))
    assert refused.value.code == "department_elsewhere"
    for role in set(ROLES) - FOR_A_UNIT:
        with pytest.raises(Refused) as refused:
            roles.grant(cast.bela, role, cast.software, by=cast.ira, second=cast.lata, unit=pune(cast))
        assert refused.value.code == "not_for_a_department", role
    with visit(cast.ira) as client:
        asked = {"role": "admin", "entity": cast.software.pk, "unit": pune(cast).pk}
        page = client.post(reverse("people:grant", args=[cast.bela.pk]), asked)
        assert page.status_code == 409 and "Leave the department empty" in words(page)


def test_an_owner_holds_purposes_over_their_own_alone(cast: Cast) -> None:
    omar = fresh(cast.omar)
    for code in OVER_THEIRS["owner"]:
        assert omar.holds(code) and not omar.holds(code, cast.software.pk), code
        assert omar.holds_over_theirs(code, cast.software.pk) and not omar.entities_where(code)
    assert omar.theirs_where("purposes.view") == ({cast.software.pk, cast.gmbh.pk}, set())
    assert omar.holds("capture.run", cast.software.pk)


def test_who_approves_does_not_own_and_who_owns_does_not_approve() -> None:
    assert "purposes.override" in OVER_THEIRS["owner"] and "purposes.override" not in PERMISSIONS["dpo"]
    for code in ("purposes.approve", "purposes.advise", "purposes.publish", "purposes.assign"):
        assert {role for role in PERMISSIONS if code in PERMISSIONS[role]} == {
            "dpo"
        } and code not in OVER_THEIRS["owner"]


def test_a_role_ends_on_the_page_and_stays_in_the_history(cast: Cast) -> None:
    role = Role.objects.get(person=cast.rupa)
    with visit(cast.ira) as client:
        client.post(reverse("people:end_role", args=[role.pk]))
        assert "Worker representative" in words(client.get(reverse("people:person", args=[cast.rupa.pk])))
    assert not fresh(cast.rupa).role_names() - {"manager"}
    assert Role.objects.get(pk=role.pk).ended_by == cast.ira


def test_an_admin_sees_no_choices_and_no_content(cast: Cast) -> None:
    """Whatever an administrator may do is about people, roles and entities."""
    assert {p.split(".")[0] for p in PERMISSIONS["admin"]} == {"people"}
    for other in PERMISSIONS:
        if other != "admin":
            assert not any(p in PERMISSIONS[other] for p in ("people.grant_roles", "people.import")), other
    assert all({"admin", name} in INCOMPATIBLE for name in ROLES if name != "admin")


def test_nobodys_role_reads_choices() -> None:
    own = {p for p in OVER_OWN if p.startswith("consents.")}
    assert own and not any(own & permissions for permissions in PERMISSIONS.values())
    assert {"dpo", "legal", "auditor", "exporter"} == NEED_A_SECOND
