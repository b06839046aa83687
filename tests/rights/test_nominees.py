"""A nominee acts after death or incapacity: named by the person, recognised on a paper that two have seen."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail as post_office
from django.test import Client

from governance.audit.models import Entry
from governance.consents import acting, rebuilding
from governance.consents.models import ConsentEvent, ConsentRecord, Representation
from governance.lib.refusals import Refused
from governance.people import post
from governance.people.models import Message, Person
from governance.retention.models import ErasureOrder
from governance.rights import nominees, requests
from governance.rights.models import Nominee, Request
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import reading, visit, words

TODAY = date.today()


def outbox(*, to: str) -> list[Any]:
    return [mail for mail in post_office.outbox if mail.to == [to]]


def named(cast: Cast) -> Nominee:
    """Bela has named Asha."""
    return nominees.nominate("Asha Rao", "asha@example.org", by=cast.bela)


def recognised(cast: Cast, **more: object) -> Representation:
    said = {
        "since": "incapacity",
        "document": "Medical certificate 4/2026",
        "starts_on": TODAY - timedelta(days=1),
    } | more
    return nominees.recognise(named(cast).pk, cast.asha, by=cast.dev, **said)  # type: ignore[arg-type]


def speaks(cast: Cast) -> Representation:
    return acting.verify(recognised(cast).pk, by=cast.dara)


def test_a_person_names_two_and_takes_one_back(cast: Cast) -> None:
    reading(cast.bela, "en")
    with visit(cast.bela) as client:
        for name in ("Asha Rao", "Om Rao", "Om Rao"):
            client.post("/me/nominees/", {"name": name, "contact": "Nashik"})
        assert client.post("/me/nominees/", {"name": " ", "contact": ""}).status_code == 400
        row = Nominee.objects.get(name="Om Rao")  # twice pressed is once named
        client.post(f"/me/nominees/{row.pk}/end/")
        page = words(client.get("/me/nominees/"))
        assert "Asha Rao" in page and "Om Rao" not in page
    for other in (cast.asha, cast.meera, cast.dev):
        with visit(other) as client:
            assert client.post(f"/me/nominees/{row.pk}/end/").status_code == 404
    assert set(Entry.objects.filter(code__startswith="nominee.").values_list("code", flat=True)) == {
        "nominee.named", "nominee.taken_back",
    }  # fmt: skip


def test_who_is_only_named_can_do_nothing(cast: Cast) -> None:
    row = recognised(cast)
    with pytest.raises(Refused) as refused:
        requests.raise_for(row.pk, "access", by=cast.asha)
    assert refused.value.code == "not_verified"
    with visit(cast.asha) as client:
        assert client.post(f"/me/requests/for/{row.pk}/", {"right": "access"}).status_code == 400
    assert not Request.objects.exists()


def test_the_office_recognises_on_a_paper_and_a_second_verifies(cast: Cast) -> None:
    row = named(cast)
    form = {
        "nominee": str(row.pk), "number": "N-1001", "since": "death", "document": "Death certificate 9/2026", "starts_on": TODAY.isoformat(),
    }  # fmt: skip
    reading(cast.dev, "en")
    with visit(cast.dev) as client:
        assert "Recognise on a paper" in words(client.get("/nominees/"))
        assert "Recognise Asha Rao for N-1002" in words(client.get(f"/nominees/?nominee={row.pk}"))
        for wrong in ({"document": ""}, {"since": ""}, {"number": "N-0"}, {"number": "N-1002"}):
            assert client.post("/nominees/", form | wrong).status_code == 400
        assert client.post("/nominees/", form)["Location"].endswith("/representations/")
        assert "waits for a second look" in words(client.get("/nominees/"))
        assert client.post("/nominees/", form).status_code == 400  # once
    made = Representation.objects.get()
    assert (made.kind, made.since, made.holder_id) == ("nominee", "death", cast.asha.pk)
    assert Nominee.objects.get().representation_id == made.pk
    with pytest.raises(Refused):
        acting.verify(made.pk, by=cast.dev)
    for stranger in (cast.asha, cast.meera, cast.rupa, cast.ira):
        with visit(stranger) as client:
            assert client.get("/nominees/").status_code == 403


def test_a_nominee_asks_in_the_persons_name_and_reads_the_answer(cast: Cast) -> None:
    row = speaks(cast)
    reading(cast.asha, "en")
    with visit(cast.asha) as client:
        assert f"/me/requests/for/{row.pk}/" in client.get("/me/for-others/").content.decode()
        page = client.post(
            f"/me/requests/for/{row.pk}/",
            {"right": "grievance", "words": "The form was never answered."},
            follow=True,
        )
        assert "is received. You get an answer by" in words(page)
        for right in ("nomination", "objection"):
            assert (
                client.post(f"/me/requests/for/{row.pk}/", {"right": right, "words": "x"}).status_code == 400
            )
    asked = Request.objects.get()
    assert (asked.person_id, asked.logged_by_id, asked.channel) == (cast.bela.pk, cast.asha.pk, "nominee")
    requests.answer(asked.pk, "It is answered now.", by=cast.dev)
    assert Message.objects.filter(person=cast.asha, code="request_for_other_answered").exists()
    with visit(cast.asha) as client:
        assert "It is answered now." in words(client.get(f"/me/requests/for/{row.pk}/"))
        assert "It is answered now." not in words(client.get("/me/requests/"))
    for other in (cast.bela, cast.meera, cast.dev):
        with visit(other) as client:
            assert client.get(f"/me/requests/for/{row.pk}/").status_code == 404


def test_erasure_by_a_nominee_withdraws_by_their_word(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event", "app_usage", open_streams=False)
    row = speaks(cast)
    with as_login("web"):
        asked = requests.raise_for(row.pk, "erasure", by=cast.asha)
    assert not ConsentRecord.objects.on().filter(person=cast.bela).exists()
    ended = ConsentEvent.objects.filter(person=cast.bela, status="withdrawn")
    assert {(e.by_kind, e.by_id, e.evidence) for e in ended} == {
        ("nominee", cast.asha.pk, f"representation:{row.pk}")
    }
    assert (
        set(asked.orders.all()) == set(ErasureOrder.objects.filter(person=cast.bela))
        and asked.orders.exists()
    )
    assert rebuilding.check() == []


def test_taking_the_name_back_ends_what_they_could_say(cast: Cast) -> None:
    row = speaks(cast)
    nominees.take_back(Nominee.objects.get().pk, by=cast.bela)
    assert Representation.objects.get(pk=row.pk).ended_at is not None
    with pytest.raises(Refused):
        requests.raise_for(row.pk, "access", by=cast.asha)
    with pytest.raises(Refused) as refused:
        nominees.recognise(
            Nominee.objects.get().pk, cast.asha, since="death", document="Paper", starts_on=TODAY, by=cast.dev
        )
    assert refused.value.code == "taken_back"


def from_outside(cast: Cast, **more: object) -> Representation:
    """Bela has named Om Rao, who works nowhere here."""
    row = nominees.nominate("Om Rao", "14 Tilak Road, Nashik", by=cast.bela)
    said = {"since": "death", "document": "Death certificate 9/2026", "starts_on": TODAY} | more
    return nominees.recognise(row.pk, None, email="om@home.example", by=cast.dev, **said)  # type: ignore[arg-type]


class TestFromOutside:
    def test_the_office_gives_an_address_instead_of_a_number(self, cast: Cast) -> None:
        row = nominees.nominate("Om Rao", "14 Tilak Road, Nashik", by=cast.bela)
        form = {
            "nominee": str(row.pk),
            "since": "death",
            "document": "Death certificate",
            "starts_on": TODAY.isoformat(),
        }
        reading(cast.dev, "en")
        with visit(cast.dev) as client:
            neither = client.post("/nominees/", form)
            both = client.post("/nominees/", form | {"number": "N-1001", "email": "om@home.example"})
            for page in (neither, both):
                assert page.status_code == 400 and "one of them" in words(page)
            colleague = client.post("/nominees/", form | {"email": "ASHA@nirmaan.example"})
            assert "Somebody who works here has this address" in words(colleague)
            assert not Person.objects.filter(outside_of__isnull=False).exists()
            assert client.post("/nominees/", form | {"email": "om@home.example"})["Location"].endswith(
                "/representations/"
            )
            assert "Om Rao → N-1002" in words(client.get("/consents/representations/"))
        holder = Representation.objects.get().holder
        assert (holder.name, holder.number, holder.outside_of) == ("Om Rao", None, cast.software)
        assert not holder.has_usable_password()

    def test_they_set_a_password_and_act_for_who_named_them_and_see_nothing_else(self, cast: Cast) -> None:
        row = from_outside(cast)
        holder = reading(row.holder, "en")
        acting.verify(row.pk, by=cast.dara)
        assert Message.objects.filter(person=holder, code="representation_verified").exists()
        assert post.send_waiting() and [mail.to for mail in outbox(to="om@home.example")]
        with as_login("web"):
            Client().post("/account/password/reset/", {"email": "om@home.example"})
        assert any("password/reset" in mail.body for mail in outbox(to="om@home.example"))
        with visit(holder) as client:
            for page in ("/", "/me/", "/me/for-others/", "/people/messages/", "/account/"):
                assert client.get(page).status_code == 200, page
            home = client.get("/")
            assert 'href="/me/for-others/"' in home.content.decode() and "not employed" not in words(home)
            assert "Bela Fernandes" in words(client.get("/me/for-others/"))
            assert "dpo@nirmaan.example" in words(client.get("/me/"))
            asked = client.post(f"/me/requests/for/{row.pk}/", {"right": "access", "words": ""}, follow=True)
            assert "is received. You get an answer by" in words(asked)
            for page in ("/people/", "/nominees/", "/consents/representations/", "/register/"):
                assert client.get(page).status_code == 403, page

    def test_somebody_speaks_for_who_has_left_the_company(self, cast: Cast) -> None:
        cast.bela.employments.update(ends_on=TODAY - timedelta(days=1))
        cast.bela = Person.objects.get(pk=cast.bela.pk)
        row = from_outside(cast)
        acting.verify(row.pk, by=cast.dara)
        assert requests.raise_for(row.pk, "access", by=row.holder).entity == cast.software

    def test_one_person_speaks_for_two_and_is_entered_once(self, cast: Cast) -> None:
        first = from_outside(cast)
        row = nominees.nominate("Om Rao", "Nashik", by=cast.asha)
        second = nominees.recognise(
            row.pk,
            None,
            email="Om@home.example",
            since="death",
            document="Paper",
            starts_on=TODAY,
            by=cast.dev,
        )
        assert first.holder == second.holder

    def test_who_speaks_for_nobody_any_more_is_ordered_to_be_forgotten_once(self, cast: Cast) -> None:
        row = from_outside(cast)
        assert acting.forget_outsiders() == 0
        nominees.take_back(Nominee.objects.get().pk, by=cast.bela)
        with as_login("worker"):
            assert (acting.forget_outsiders(), acting.forget_outsiders()) == (1, 0)
        order = ErasureOrder.objects.get(person=row.holder)
        assert (order.because, order.purpose, order.entity) == ("acting.ended", None, cast.software)
        assert order.jurisdictions == ["IN"] and order.state in (
            "waiting",
            "restricted_hold",
        )  # by the law of the day
