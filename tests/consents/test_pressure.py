"""“I felt pressed”: heard by the DPO's office and the worker representative, without a name unless it is given."""

import pytest

from governance.audit.models import Entry
from governance.consents import pressure
from governance.consents.models import PressureReport
from governance.lib.refusals import Refused
from governance.people.models import Message
from tests.cast import Cast
from tests.visits import visit, words


def test_the_office_and_the_representative_are_told_and_the_manager_is_not(cast: Cast) -> None:
    pressure.report(cast.purpose, by=cast.bela)
    told = set(Message.objects.filter(code="pressure_reported").values_list("person__name", flat=True))
    assert told == {"Dev Kulkarni", "Dara Irani", "Rupa Kadam"}


def test_without_a_name_nothing_anywhere_tells_who_it_was(cast: Cast) -> None:
    row = pressure.report(cast.purpose, "I was asked three times.", by=cast.bela)
    assert row.person_id is None
    entry = Entry.objects.get(code="pressure.reported")
    assert entry.by_id is None and str(cast.bela.pk) not in str(entry.facts)
    for who in ("dev", "rupa"):
        with visit(getattr(cast, who)) as client:
            pages = words(client.get("/pressed/")) + words(client.get(f"/pressed/{row.pk}/"))
        assert (
            any(said in pages for said in ("Did not want to be named", "नाम नहीं बताना चाहा"))
            and "asked three times" in pages
        )
        assert "Bela" not in pages and "N-1002" not in pages


def test_a_name_is_shown_where_it_was_given(cast: Cast) -> None:
    row = pressure.report(None, named=True, by=cast.bela)
    with visit(cast.rupa) as client:
        assert "Bela Fernandes" in words(client.get(f"/pressed/{row.pk}/"))


def test_nothing_has_to_be_filled_in(cast: Cast) -> None:
    with visit(cast.bela) as client:
        assert "I felt pressed" in words(client.get("/me/"))
        page = client.post("/me/pressed/", {}, follow=True)
    assert "It was heard" in words(page)
    row = PressureReport.objects.get()
    assert (row.person_id, row.purpose_id, row.words, row.entity_id) == (None, None, "", cast.software.pk)


def test_the_form_names_only_what_concerns_the_person(cast: Cast) -> None:
    with visit(cast.bela) as client:
        page = client.post("/me/pressed/", {"purpose": str(cast.purpose_de.pk)})
        assert page.status_code == 400
        client.post("/me/pressed/", {"purpose": str(cast.purpose.pk), "words": "Twice.", "named": "on"})
    row = PressureReport.objects.get()
    assert (row.person_id, row.purpose_id, row.words) == (cast.bela.pk, cast.purpose.pk, "Twice.")


def test_one_person_cannot_flood_it(cast: Cast) -> None:
    with visit(cast.bela) as client:
        answers = [client.post("/me/pressed/", {}).status_code for _ in range(5)]
    assert answers == [302, 302, 302, 400, 400] and PressureReport.objects.count() == 3


def test_others_are_kept_out(cast: Cast) -> None:
    row = pressure.report(cast.purpose, named=True, by=cast.bela)
    for who in ("asha", "meera", "omar", "lata", "arun", "ira", "emil"):
        with visit(getattr(cast, who)) as client:
            assert client.get("/pressed/").status_code == 403
            assert client.get(f"/pressed/{row.pk}/").status_code == 404


def test_the_representative_of_another_entity_reads_nothing_of_it(cast: Cast) -> None:
    row = pressure.report(cast.purpose_de, by=cast.emil)
    with visit(cast.rupa) as client:
        assert client.get(f"/pressed/{row.pk}/").status_code == 404
        assert cast.purpose_de.number not in words(client.get("/pressed/"))


def test_the_office_writes_what_was_done_and_a_named_person_reads_it(cast: Cast) -> None:
    row = pressure.report(cast.purpose, named=True, by=cast.bela)
    with visit(cast.dev) as client:
        client.post(f"/pressed/{row.pk}/", {"words": "The question is off the agenda of team meetings."})
    assert Message.objects.filter(person=cast.bela, code="pressure_answered").exists()
    with visit(cast.bela) as client:
        assert "off the agenda" in words(client.get(f"/pressed/{row.pk}/"))


@pytest.mark.parametrize(
    ("who", "said", "code"),
    [("rupa", "x", "not_the_dpo"), ("bela", "x", "not_the_dpo"), ("dev", " ", "answer_missing")],
)
def test_nobody_else_writes_it(cast: Cast, who: str, said: str, code: str) -> None:
    row = pressure.report(cast.purpose, named=True, by=cast.bela)
    with pytest.raises(Refused) as refused:
        pressure.answer(row.pk, said, by=getattr(cast, who))
    assert refused.value.code == code
