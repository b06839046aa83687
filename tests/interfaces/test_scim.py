"""A directory says who has left, and the job at that entity ends; it learns no name, brings nobody in and cannot empty the house."""

from datetime import date, timedelta
from typing import Any

import pytest

from governance.audit.models import Entry
from governance.lib import clock
from governance.people import leaving
from governance.people.models import Employment, Person
from governance.purposes.models import RetentionRule
from governance.retention import endings
from governance.retention.models import ErasureOrder
from tests.cast import Cast
from tests.interfaces.conftest import Make, Program

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def today(cast: Cast) -> date:
    return clock.law_date(cast.software.timezone)


def patched(program: Program, person: Person, *operations: Any) -> Any:
    body = {"schemas": [PATCH], "Operations": list(operations)}
    return program.ask("patch", f"/scim/v2/Users/{person.pk}", body)


def works(person: Person) -> bool:
    return Employment.objects.filter(person=person, ends_on__isnull=True).exists()


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "active", "value": False}, {"op": "Replace", "path": "active", "value": "False"},
        {"op": "replace", "value": {"active": False}}, {"op": "Add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": "false"},
    ],
)  # fmt: skip
def test_who_is_made_inactive_there_has_left_here_today(cast: Cast, program: Make, operation: Any) -> None:
    entra = program("leavers")
    found = entra.ask("get", '/scim/v2/Users?filter=externalId eq "N-1001"').json()
    assert found["totalResults"] == 1 and found["Resources"][0]["active"] is True
    answer = patched(
        entra, cast.asha, {"op": "replace", "path": "title", "value": "Head of claims"}, operation
    )
    assert answer.status_code == 200 and answer.json()["active"] is False
    job = Employment.objects.get(person=cast.asha)
    assert job.ends_on == today(cast), "her last day is today, and nobody was deleted"
    entry = Entry.objects.get(code="employment.ended")
    assert entry.about_id == cast.asha.pk and entry.facts["client"] == str(entra.client.pk)
    again = patched(entra, cast.asha, operation)
    assert again.status_code == 200 and Entry.objects.filter(code="employment.ended").count() == 1, (
        "said twice, done once"
    )


def test_what_the_register_keeps_from_then_on_is_ordered_to_go_when_the_time_is_over(
    cast: Cast, program: Make
) -> None:
    RetentionRule.objects.create(
        purpose=cast.purpose, category="personnel file", start_event="employment_ended", maximum="P30D"
    )
    from governance.retention import systems

    systems.connect_own(cast.software, by=cast.dev)
    assert program("leavers").ask("delete", f"/scim/v2/Users/{cast.asha.pk}").status_code == 204
    assert endings.run(today(cast) + timedelta(days=30)) == 0
    assert endings.run(today(cast) + timedelta(days=31)) == 1
    order = ErasureOrder.objects.get(because="employment.ended")
    assert (order.person, order.processed_until) == (cast.asha, today(cast))


def test_one_is_found_by_what_the_directory_knows_and_nobody_is_named(cast: Cast, program: Make) -> None:
    entra = program("leavers")
    for asked in (
        f'userName eq "{cast.asha.email.upper()}"',
        'emails[type eq "work"].value eq "asha@nirmaan.example"',
        f'id eq "{cast.asha.pk}"',
    ):
        page = entra.ask("get", f"/scim/v2/Users?filter={asked}")
        (one,) = page.json()["Resources"]
        assert one["id"] == str(cast.asha.pk) and one["externalId"] == "N-1001"
        assert "Asha" not in page.content.decode().replace(asked, "")
    assert one["userName"] == "N-1001", (
        "an address is repeated to whoever asked by it, and told to nobody else"
    )
    for asked in ('userName eq "N-2001"', 'userName eq "nobody@nirmaan.example"', 'id eq "7"'):
        assert entra.ask("get", f"/scim/v2/Users?filter={asked}").json()["Resources"] == [], (
            "another entity's, or nobody"
        )
    for asked in (
        "",
        "?filter=active eq true",
        '?filter=userName sw "a"',
        '?filter=userName eq "a" or id pr',
    ):
        answer = entra.ask("get", f"/scim/v2/Users{asked}")
        assert answer.status_code == 400 and answer.json()["scimType"] == "invalidFilter", (
            "everybody is listed to nobody"
        )


def test_nobody_comes_or_comes_back_by_it_and_nothing_else_is_taken_over(cast: Cast, program: Make) -> None:
    entra = program("leavers")
    assert entra.ask("post", "/scim/v2/Users", {"userName": "new@nirmaan.example"}).status_code == 501
    before = Person.objects.values().get(pk=cast.asha.pk)
    renamed = {"userName": "other@nirmaan.example", "displayName": "Another", "active": True}
    assert entra.ask("put", f"/scim/v2/Users/{cast.asha.pk}", renamed).status_code == 200
    assert Person.objects.values().get(pk=cast.asha.pk) == before and works(cast.asha)
    assert entra.ask("put", f"/scim/v2/Users/{cast.asha.pk}", {"active": False}).json()["active"] is False
    back = patched(entra, cast.asha, {"op": "replace", "path": "active", "value": True})
    assert back.status_code == 400 and back.json()["scimType"] == "mutability" and not works(cast.asha)


def test_a_directory_that_is_set_up_wrongly_does_not_empty_the_house(cast: Cast, program: Make) -> None:
    entra = program("leavers")
    people = [
        Person.objects.create(number=f"N-7{n:03}", name=f"Worker {n}") for n in range(leaving.AT_ONCE + 1)
    ]
    for person in people:
        Employment.objects.create(
            person=person, entity=cast.software, country="IN", starts_on=date(2024, 1, 1)
        )
    off = {"op": "replace", "path": "active", "value": False}
    answers = [patched(entra, person, off).status_code for person in people]
    assert answers == [200] * leaving.AT_ONCE + [409] and works(people[-1])


@pytest.mark.parametrize(
    ("today_", "staff", "may"),
    [(9, 40, True), (10, 40, False), (99, 1000, True), (100, 1000, False), (0, 0, True)],
)
def test_a_tenth_of_a_large_house_may_leave_on_one_day(today_: int, staff: int, may: bool) -> None:
    try:
        leaving.check_so_many(today_, staff)
    except leaving.Refused:
        assert not may
    else:
        assert may


def test_only_the_entitys_own_directory_is_heard(cast: Cast, program: Make) -> None:
    off = {"op": "replace", "path": "active", "value": False}
    german = program("leavers", entity=cast.gmbh, purposes=[cast.purpose_de])
    assert patched(german, cast.asha, off).status_code == 404 and works(cast.asha)
    other = program("decisions")
    answer = patched(other, cast.asha, off)
    assert answer.status_code == 403 and "leavers" in answer.json()["detail"] and works(cast.asha)
    nobody = Program(other.client, "smi_nobodys")
    assert patched(nobody, cast.asha, off).status_code == 401 and works(cast.asha)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"Operations": []}', b'{"Operations": {"op": "replace"}}', b'{"Operations": [7, "x", null]}',
     b'{"Operations": [{"op": "replace", "path": ["active"], "value": false}]}', b'{"Operations": [{"op": "remove", "path": "active"}]}',
     b'{"Operations": [{"op": "replace", "path": "active", "value": 0}]}', b"\xff\xfe", b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_word_about_leaving_ends_no_job(cast: Cast, program: Make, body: bytes) -> None:
    entra = program("leavers")
    from django.test import Client

    client = Client(headers={"Authorization": f"Bearer {entra.key}"})
    answer = client.patch(f"/scim/v2/Users/{cast.asha.pk}", data=body, content_type="application/scim+json")
    assert answer.status_code in (200, 400) and works(cast.asha)


def test_every_answer_has_the_shape_of_the_standard(cast: Cast, program: Make) -> None:
    """RFC 7643 section 8, RFC 7644 sections 3.4.2 and 3.12."""
    entra = program("leavers")
    core, messages = "urn:ietf:params:scim:schemas:core:2.0:", "urn:ietf:params:scim:api:messages:2.0:"
    told = entra.ask("get", "/scim/v2/ServiceProviderConfig").json()
    assert told["schemas"] == [f"{core}ServiceProviderConfig"] and told["patch"] == {"supported": True}
    assert {"bulk", "filter", "changePassword", "sort", "etag", "authenticationSchemes"} <= set(told)
    for path, kind in (("ResourceTypes", "ResourceType"), ("Schemas", "Schema")):
        listed = entra.ask("get", f"/scim/v2/{path}").json()
        assert listed["totalResults"] == len(listed["Resources"]) == 1
        assert listed["Resources"][0]["schemas"] == [core + kind]
    found = entra.ask("get", '/scim/v2/Users?filter=userName eq "N-1001"')
    assert (
        found.headers["Content-Type"] == "application/scim+json"
        and found.headers["Cache-Control"] == "no-store"
    )
    body = found.json()
    assert body["schemas"] == [f"{messages}ListResponse"] and (body["startIndex"], body["itemsPerPage"]) == (
        1,
        1,
    )
    assert body["Resources"] == [entra.ask("get", f"/scim/v2/Users/{cast.asha.pk}").json()]
    assert body["Resources"][0]["meta"]["location"].endswith(f"/scim/v2/Users/{cast.asha.pk}")
    missing = entra.ask("get", "/scim/v2/Users/7")
    assert missing.status_code == 404
    assert missing.json()["schemas"] == [f"{messages}Error"] and missing.json()["status"] == "404"
