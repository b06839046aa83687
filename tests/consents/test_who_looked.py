"""Whoever is shown what somebody chose is shown to that person: who, where, when, what."""

import pytest
from django.test import Client
from django.utils import translation

from governance.consents import keepsake, looked, objections, pressure
from governance.interfaces import clients
from governance.lib.appendonly import WrittenOnce
from governance.people.models import Person
from governance.purposes.models import Purpose
from governance.retention import reads
from governance.retention.models import ChoiceRead
from tests import make
from tests.cast import Cast
from tests.visits import visit, words


@pytest.fixture
def leaks(cast: Cast) -> Purpose:
    return Purpose.objects.select_related("entity").get(name__startswith="Detect leaks", entity=cast.software)


def read_of(person: Person) -> list[tuple[str, str]]:
    return [(row.how, row.role) for row in reads.of(person)]


def test_who_objected_sees_that_the_office_looked(cast: Cast, leaks: Purpose) -> None:
    row = objections.object_to(leaks, by=cast.bela)
    with visit(cast.dev) as client:
        client.get("/objections/")
        client.get(f"/objections/{row.pk}/")
        client.get(f"/objections/{row.pk}/")
    assert sorted(read_of(cast.bela)) == [("objection", "dpo"), ("objections", "dpo")]
    assert read_of(cast.asha) == []
    with translation.override("en"):
        found = looked.rows(cast.bela)
    assert {"text": "Data protection officer", "note": str(cast.dev)} in [line[1] for line in found]
    with visit(cast.bela) as client:
        page = words(client.get("/me/history/"))
    assert str(cast.dev) in page
    assert looked.rows(cast.asha) == []


def test_who_felt_pressed_and_gave_a_name_sees_who_read_it_and_without_a_name_nothing_is_kept(
    cast: Cast,
) -> None:
    named = pressure.report(None, "They stood beside me.", named=True, by=cast.bela)
    pressure.report(None, "Me too.", named=False, by=cast.asha)
    with visit(cast.rupa) as client:
        page = words(client.get("/pressed/"))
        assert str(cast.bela) not in page and "N-1002" in page  # a list carries numbers
        assert str(cast.bela) in words(client.get(f"/pressed/{named.pk}/"))  # where they chose to be named
    assert sorted(read_of(cast.bela)) == [("pressure", "representative"), ("pressures", "representative")]
    assert read_of(cast.asha) == []
    with translation.override("en"):
        assert looked.rows(cast.bela)[0][1] == "Worker representative"  # the role, no name


def test_a_program_that_read_and_one_that_relied_are_named_with_who_runs_them(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    entity = cast.software
    reader, key = clients.let_in(
        entity,
        "Audit desk",
        operator="Prüfwerk GmbH",
        purposes=[cast.purpose],
        scopes=["records"],
        by=cast.dev,
    )
    relying, other_key = clients.let_in(
        entity, "Training floor", purposes=[cast.purpose], scopes=["decisions"], by=cast.dev
    )
    records = Client(headers={"Authorization": f"Bearer {key}"}).get(
        "/govstack/v1/service/verification/consent-records/"
    )
    assert records.status_code == 200
    for person in ("N-1001", "N-1002", "N-1001"):
        answer = Client(headers={"Authorization": f"Bearer {other_key}"}).post(
            "/api/v1/decisions", {"purpose": cast.purpose.number, "people": [person], "signals": ["ui_event"], "rely": True},
            content_type="application/json",
        )  # fmt: skip
        assert answer.status_code == 200, answer.content
    with translation.override("en"):
        assert looked.rows(cast.asha)[0][1] == {"text": "Audit desk", "note": "program, run by Prüfwerk GmbH"}
        (relied,) = looked.relied(cast.asha)
        assert relied[0] == {"text": "Training floor", "note": f"program, run by {entity}"}
        assert relied[1:3] == [cast.purpose.number, 2]
        assert looked.relied(cast.bela) == []
        assert keepsake.everything(cast.asha)["relied"][0]["times"] == 2
    with visit(cast.asha) as client:
        page = words(client.get("/me/history/"))
    assert "Audit desk" in page and "Prüfwerk GmbH" in page and "Training floor" in page
    assert reader.operator and not relying.operator


def test_looking_at_ones_own_is_no_reading(cast: Cast) -> None:
    row = pressure.report(None, "", named=True, by=cast.bela)
    with visit(cast.bela) as client:
        assert client.get(f"/pressed/{row.pk}/").status_code == 200
    assert read_of(cast.bela) == []


def test_who_looked_is_written_once(cast: Cast) -> None:
    reads.note_choices([(cast.bela.pk, None)], entity=cast.software.pk, how="objections", by=cast.dev)
    reads.note_choices([(cast.bela.pk, None)], entity=cast.software.pk, how="objections", by=cast.dev)
    row = ChoiceRead.objects.get()
    with pytest.raises(WrittenOnce):
        row.delete()
    with pytest.raises(WrittenOnce):
        ChoiceRead.objects.update(role="")


@pytest.mark.parametrize("name", ["dev", "lata", "arun", "ira", "meera", "rupa", "omar"])
def test_nobody_else_sees_who_looked_at_it(cast: Cast, leaks: Purpose, name: str) -> None:
    objections.object_to(leaks, by=cast.bela)
    with visit(cast.dev) as client:
        client.get("/objections/")
    with visit(cast.people[name]) as client:
        page = words(client.get("/me/history/"))
        assert "The list of objections" not in page
