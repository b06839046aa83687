"""What waits for somebody's word stands on their start page, with its clock, until they have said it; and on nobody else's."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from governance.capture import deciding, programmes, stop_requests
from governance.capture import terms as documents
from governance.consents import acting, pressure
from governance.demo import company, lives
from governance.exports import asking, recipients
from governance.exports.models import Dataset, Exclusion, Export, ExportedPerson
from governance.lib import clock, sealing
from governance.people import roles
from governance.people.models import AddressChange, Person
from governance.purposes.models import DataSystem
from governance.retention import holds, names
from governance.retention.models import ErasureOrder, Hold, ManualTask
from tests.cast import Cast
from tests.visits import reading, visit, words


def read(person: Person) -> str:
    reading(person, "en")
    with visit(Person.objects.get(pk=person.pk)) as client:
        return words(client.get("/"))


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def export(cast: Cast) -> Export:
    """Bela of the data team has asked for content."""
    roles.grant(cast.bela, "exporter", cast.software, by=fresh(cast.ira), second=cast.dara)
    bela, today = fresh(cast.bela), clock.now().date()
    recipient = recipients.register(cast.software, "Model team", sealing.new_pair().public, by=bela)
    recipients.confirm(recipient.pk, by=cast.dara)
    return asking.ask(
        cast.programme,
        recipient,
        why="To train.",
        fields={"ui_event": ["role"]},
        since=today,
        until=today,
        by=bela,
    )


def test_an_export_waits_for_one_after_the_other(cast: Cast, export: Export) -> None:
    def waits(person: Person) -> bool:
        return export.number in read(person)

    everybody = (cast.dev, cast.dara, cast.omar, cast.lata, cast.leon, cast.bela, cast.meera, cast.rupa)
    assert [waits(person) for person in everybody] == [True, True, False, False, False, False, False, False]
    asking.advise(export.pk, "The least that does.", favourable=True, by=fresh(cast.dev))
    assert [waits(person) for person in everybody] == [False, False, True, True, True, False, False, False]
    asking.agree(export.pk, by=fresh(cast.omar))
    assert [waits(person) for person in everybody] == [False, False, False, True, True, False, False, False]
    asking.agree(export.pk, by=fresh(cast.lata))
    assert not any(waits(person) for person in everybody), "now a machine's work"
    Export.objects.update(state="ready", packed_at=clock.now(), expires_at=clock.now() + timedelta(hours=72))
    assert "Take the package before it is deleted" in read(cast.bela) and not waits(cast.dev)
    asking.take(export.pk, by=fresh(cast.bela))
    assert not waits(cast.bela)


def test_what_must_come_out_of_a_dataset_waits_for_its_holder_and_overdue_for_the_office(
    cast: Cast, export: Export
) -> None:
    dataset = Dataset.objects.create(
        number="D-2026-000001",
        export=export,
        entity=cast.software,
        name="Steps",
        holder=cast.meera,
        registered_by=cast.bela,
    )
    about = ExportedPerson.objects.create(export=export, person=cast.asha, subject="a" * 32, events=1)
    exclusion = Exclusion.objects.create(
        dataset=dataset, about=about, segments=[uuid.uuid4()], because="ended", ended_at=clock.now(),
        due_on=clock.law_date() + timedelta(days=30),
    )  # fmt: skip
    said = "Take out of the dataset what has to come out: 1"
    assert said in read(cast.meera) and said not in read(cast.dev) and said not in read(cast.lata)
    Exclusion.objects.update(due_on=clock.law_date() - timedelta(days=1))
    late = read(cast.dev)
    assert said in late and "Asha" not in late and "N-1001" not in late
    Exclusion.objects.filter(pk=exclusion.pk).update(
        answered_at=clock.now(), removed_from_data=True, models_done="none"
    )
    assert said not in read(cast.meera) and said not in read(cast.dev)


def test_a_request_to_stop_waits_for_office_and_owner_until_it_is_answered(cast: Cast) -> None:
    said = "Answer the representation, which asks for a stop"
    request = stop_requests.ask(cast.programme, lives.WHY, by=cast.rupa)
    assert said in read(cast.dev) and said in read(cast.omar) and said not in read(cast.lata)
    stop_requests.answer(request.pk, lives.ANSWER, stop=False, by=cast.dev)
    assert said not in read(cast.dev) and said not in read(cast.omar)


def test_a_programme_that_was_handed_in_waits_for_advice_and_for_security(cast: Cast) -> None:
    row = programmes.plan(
        cast.purpose, "Travel agent", applications=[], by=cast.omar, owner=cast.omar,
        terms=documents.Terms(applications=(documents.Application("Chrome"),), ends_on=clock.law_date() + timedelta(days=90)),
    )  # fmt: skip
    deciding.assess(row, by=cast.omar)
    advice, security = "Advise on a capture programme", "Sign a capture programme for security"
    assert advice in read(cast.dev) and security in read(cast.leon) and advice not in read(cast.leon)
    deciding.sign(row, "advice", company.ADVICE, by=cast.dev)
    assert advice not in read(cast.dev) and advice not in read(cast.dara) and security in read(cast.leon)
    deciding.sign(row, "security", company.SECURITY, by=cast.leon)
    assert security not in read(cast.leon)


def test_the_way_back_waits_for_each_of_the_three(cast: Cast) -> None:
    lives.show(cast)
    said = "Sign for the way back after an incident"
    assert all(read(person).count(said) == 2 for person in (cast.dev, cast.leon, cast.omar))
    assert said not in read(cast.lata) and said not in read(cast.rupa)


def _pressed(cast: Cast) -> None:
    pressure.report(by=cast.asha)


def _representation(cast: Cast) -> None:
    acting.record(
        cast.bela, cast.asha, "guardian", document="Order 12/2026 of the family court", starts_on=clock.law_date(), until_on=None,
        since="", by=cast.dara,
    )  # fmt: skip


def _name(cast: Cast) -> None:
    matter = holds.open_matter(cast.software, "Grievance before the board", by=cast.lata)
    names.ask(
        "N-1002",
        matter=matter.number,
        reason="The board wants to hear who was at the device that day.",
        by=cast.dara,
    )


def _large(cast: Cast) -> None:
    ErasureOrder.objects.create(
        number="E-2026-000900", entity=cast.software, person=cast.bela, before=clock.now(), because="rule.due", because_id=uuid.uuid4(),
        law_on=clock.law_date(), processed_until=clock.law_date(), approval_wanted_at=clock.now(), approved_by=cast.dara,
    )  # fmt: skip


def _address(cast: Cast) -> None:
    AddressChange.objects.create(person=cast.bela, address="bela@new.example", asked_by=cast.ira)


def _by_hand(cast: Cast) -> None:
    ManualTask.objects.create(
        system=DataSystem.objects.create(entity=cast.software, name="Paper files"), person=cast.bela, before=clock.now(), owner=cast.omar,
        due_on=clock.law_date() + timedelta(days=3),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_pressed, "Somebody felt pressed"), (_representation, "See the paper of who speaks for somebody"),
        (_name, "A name is to be opened"), (_large, "Agree to a large erasure"), (_address, "Confirm a changed address"),
        (_by_hand, "Erase by hand"),
    ],
)  # fmt: skip
def test_it_stands_on_the_officers_page_and_names_nobody(
    cast: Cast, make: Callable[[Cast], None], said: str
) -> None:
    assert said not in read(cast.dev)
    make(cast)
    page = read(cast.dev)
    assert said in page and "Asha" not in page and "Bela" not in page
    for other in (cast.omar, cast.meera, cast.rupa, cast.arun, cast.ira):
        assert said not in read(other), other
    if make in (_name, _large):
        assert said not in read(cast.dara), "who has said it already is not asked again"
        assert said in read(cast.lata)


def test_the_second_lawyer_is_told_of_a_hold_before_it_lapses_and_of_one_that_shall_end(cast: Cast) -> None:
    matter = holds.open_matter(cast.software, "Claim of a former employee", by=cast.lata)
    hold = holds.place(because=matter, by=fresh(cast.lata), on=cast.bela)
    placed, ending = "Agree to a hold before it lapses", "Agree to end a hold"
    page = read(cast.leon)
    assert placed in page and matter.number in page and "Bela" not in page and "former employee" not in page
    assert all(placed not in read(other) for other in (cast.lata, cast.dev, cast.bela, cast.omar))
    holds.agree_place(hold, by=fresh(cast.leon))
    assert placed not in read(cast.leon)
    holds.close_matter(matter, by=cast.leon)
    holds.propose_release(hold, by=fresh(cast.leon))
    assert ending in read(cast.lata) and ending not in read(cast.leon)
    holds.agree_release(holds_again(hold), by=fresh(cast.lata))
    assert ending not in read(cast.lata)


def holds_again(hold: Hold) -> Hold:
    return Hold.objects.get(pk=hold.pk)
