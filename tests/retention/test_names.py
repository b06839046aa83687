"""A list shows numbers. A name opens for a matter, when two people agree, for a day, and the person is told."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from governance.audit.models import Entry
from governance.consents import objections
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.models import Message
from governance.purposes.models import Purpose
from governance.retention import holds, names, reads
from governance.retention.models import Matter, NameOpening
from tests.cast import Cast
from tests.visits import visit, words

WHY = "The court asks for the names of the parties."


@pytest.fixture
def matter(cast: Cast) -> Matter:
    return holds.open_matter(cast.software, "Grievance before the board", by=cast.lata)


def asked(cast: Cast, matter: Matter) -> NameOpening:
    return names.ask("N-1002", matter=matter.number, reason=WHY, by=cast.dev)


def name_on_page(client: Client, row: NameOpening, cast: Cast) -> bool:
    return str(cast.bela) in words(client.get(f"/names/{row.pk}"))


def test_a_name_opens_when_a_second_person_agrees_and_the_person_is_told(cast: Cast, matter: Matter) -> None:
    row = asked(cast, matter)
    with visit(cast.dev) as client:
        assert not name_on_page(client, row, cast)
        client.post(f"/names/{row.pk}/agree")  # not to oneself
        assert not name_on_page(client, row, cast)
    with visit(cast.lata) as client:
        assert client.post(f"/names/{row.pk}/agree").status_code == 302
        assert name_on_page(client, row, cast)
    with visit(cast.dev) as client:
        assert name_on_page(client, row, cast)
    told = Message.objects.get(person=cast.bela, code="name_opened")
    assert told.facts["number"] == matter.number
    assert {(read.how, read.reader_id) for read in reads.of(cast.bela)} == {
        ("name", cast.dev.pk),
        ("name", cast.lata.pk),
    }
    opened = Entry.objects.get(code="name.opened")
    assert (
        opened.by_id == cast.lata.pk
        and "N-1002" not in str(opened.facts)
        and str(cast.bela) not in str(opened.facts)
    )


def test_after_a_day_it_is_closed_again(cast: Cast, matter: Matter) -> None:
    row = asked(cast, matter)
    names.agree(row.pk, by=cast.lata)
    NameOpening.objects.filter(pk=row.pk).update(until=clock.now() - timedelta(seconds=1))
    with visit(cast.lata) as client:
        page = words(client.get(f"/names/{row.pk}"))
    assert str(cast.bela) not in page and reads.of(cast.bela) == []


@pytest.mark.parametrize(("name", "list_", "page"), [("dev", 200, 200), ("lata", 200, 200), ("arun", 403, 404), ("ira", 403, 404), ("meera", 403, 404), ("rupa", 403, 404), ("omar", 403, 404), ("bela", 403, 404)])  # fmt: skip
def test_who_may_ask_and_read(cast: Cast, matter: Matter, name: str, list_: int, page: int) -> None:
    row = asked(cast, matter)
    names.agree(row.pk, by=cast.lata)
    with visit(cast.people[name]) as client:
        assert client.get("/names/").status_code == list_ and client.get("/names/ask").status_code == list_
        assert client.get(f"/names/{row.pk}").status_code == page
        assert str(cast.bela) not in words(client.get("/names/")) or name == "bela"
    if name in ("arun", "ira", "meera", "rupa", "omar", "bela"):
        with pytest.raises(Refused):
            names.agree(asked(cast, matter).pk, by=cast.people[name])


@pytest.mark.parametrize(
    ("number", "reason", "code"),
    [("N-9999", WHY, "no_such_number"), ("N-1002", "Please", "no_reason"), ("G-2001", WHY, "no_such_number")],
)
def test_what_is_refused(cast: Cast, matter: Matter, number: str, reason: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        names.ask(number, matter=matter.number, reason=reason, by=cast.dev)
    assert refused.value.code == code and not NameOpening.objects.exists()


def test_a_closed_matter_or_one_elsewhere_opens_nothing(cast: Cast, matter: Matter) -> None:
    row = asked(cast, matter)
    holds.close_matter(matter, by=cast.lata)
    for number in (matter.number, "M-9999"):
        with pytest.raises(Refused) as refused:
            names.ask("N-1002", matter=number, reason=WHY, by=cast.dev)
        assert refused.value.code == "no_open_matter"
    with pytest.raises(Refused):
        names.agree(row.pk, by=cast.lata)


def test_nobody_opens_their_own_number_and_an_old_asking_lapses(cast: Cast, matter: Matter) -> None:
    with pytest.raises(Refused) as refused:
        names.ask(cast.dev.number, matter=matter.number, reason=WHY, by=cast.dev)
    assert refused.value.code == "own_number"
    row = asked(cast, matter)
    NameOpening.objects.filter(pk=row.pk).update(asked_at=clock.now() - timedelta(days=8))
    with pytest.raises(Refused) as refused:
        names.agree(row.pk, by=cast.lata)
    assert refused.value.code == "lapsed"


def test_one_person_alone_opens_no_name_in_the_database_either(cast: Cast, matter: Matter) -> None:
    row = asked(cast, matter)
    with pytest.raises(IntegrityError), transaction.atomic():
        NameOpening.objects.filter(pk=row.pk).update(
            second_by=cast.dev, agreed_at=clock.now(), until=clock.now()
        )


def test_the_page_of_an_objection_shows_a_number_and_leads_to_the_name(cast: Cast) -> None:
    leaks = Purpose.objects.get(name__startswith="Detect leaks", entity=cast.software)
    row = objections.object_to(leaks, by=cast.bela)
    with visit(cast.dev) as client:
        answer = client.get(f"/objections/{row.pk}/")
        page = words(answer)
        assert "N-1002" in page and str(cast.bela) not in page
        assert "/names/ask?number=N-1002" in answer.content.decode()
        asking = client.get("/names/ask?number=N-1002").content.decode()
        assert 'value="N-1002"' in asking
