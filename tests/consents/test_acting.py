"""Somebody speaks for somebody else: two have seen the paper, and it is only ever a no."""

from datetime import date, timedelta

import pytest

from governance.consents import acting, rebuilding
from governance.consents.models import ConsentEvent, ConsentRecord, Receipt, Representation
from governance.lib.refusals import Refused
from governance.people.models import Message, Person
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.visits import reading, visit, words

TODAY = date.today()


def recorded(cast: Cast, **more: object) -> Representation:
    said = {"document": "Court order 7/2026", "starts_on": TODAY - timedelta(days=2), "by": cast.dev} | more
    return acting.record(cast.bela, cast.asha, str(said.pop("kind", "guardian")), **said)  # type: ignore[arg-type]


def verified(cast: Cast, **more: object) -> Representation:
    return acting.verify(recorded(cast, **more).pk, by=cast.dara)


def test_a_guardian_withdraws_and_history_and_receipt_say_who_it_was(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event", "app_usage")
    row = verified(cast)
    reading(cast.asha, "en")
    with visit(cast.asha) as client:
        assert "Bela" in words(client.get("/me/for-others/"))
        page = client.post("/me/for-others/", {"row": str(row.pk)}, follow=True)
        assert "has ended and is erased" in words(page)
    assert make.post(cast, make.event("N-1002"))["admitted"] == 0
    events = ConsentEvent.objects.filter(status="withdrawn")
    assert {(e.by_kind, e.by_id, e.evidence) for e in events} == {
        ("guardian", cast.asha.pk, f"representation:{row.pk}")
    }
    receipt = Receipt.objects.get(kind="withdrawn")
    assert receipt.person_id == cast.bela.pk and receipt.body["events"][0]["by"] == "guardian"
    assert ErasureOrder.objects.filter(person=cast.bela, because="consent.withdrawn").exists()
    assert Message.objects.filter(person=cast.bela, code="consent_withdrawn").exists()
    with visit(cast.asha) as client:
        assert client.get(f"/me/receipts/{receipt.pk}/").status_code == 404
    assert rebuilding.check() == []


def test_whoever_acts_reads_the_same_where_nothing_was_on(cast: Cast) -> None:
    row, said = verified(cast), set()
    for _turn in range(2):
        with visit(cast.asha) as client:
            said.add(words(client.post("/me/for-others/", {"row": str(row.pk)}, follow=True)))
        make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
    assert len(said) == 1


def test_nobody_acts_before_two_have_seen_the_paper_after_its_end_or_as_somebody_else(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
    waiting = recorded(cast)
    early = verified(cast, starts_on=TODAY + timedelta(days=5))
    late = verified(cast, until_on=TODAY - timedelta(days=1))
    over = acting.end(verified(cast).pk, by=cast.bela)
    for row in (waiting, early, late, over):
        with pytest.raises(Refused):
            acting.withdraw_everything(row.pk, by=cast.asha)
    row = verified(cast)
    for who in ("meera", "bela", "dev"):
        with visit(getattr(cast, who)) as client:
            assert client.post("/me/for-others/", {"row": str(row.pk)}).status_code == 404
    with visit(cast.asha) as client:
        assert client.post("/me/for-others/", {"row": "x"}).status_code == 404
    assert ConsentRecord.objects.on().exists()


class TestTheOffice:
    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"document": " "}, "no_document"), ({"kind": "nominee"}, "too_early"), ({"kind": "friend"}, "no_such_kind"),
            ({"kind": "nominee", "since": "holiday"}, "too_early"), ({"until_on": TODAY - timedelta(days=9)}, "no_time"),
        ],
    )  # fmt: skip
    def test_what_is_missing_is_said(self, cast: Cast, more: dict, code: str) -> None:
        with pytest.raises(Refused) as refused:
            recorded(cast, **more)
        assert refused.value.code == code and not Representation.objects.exists()

    def test_a_nominee_after_death_or_incapacity(self, cast: Cast) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
        row = verified(cast, kind="nominee", since="incapacity")
        assert len(acting.withdraw_everything(row.pk, by=cast.asha)) == 1
        assert ConsentEvent.objects.get(status="withdrawn").by_kind == "nominee"

    def test_only_the_office_records_and_only_a_second_of_it_verifies(self, cast: Cast) -> None:
        for who in ("meera", "rupa", "lata", "ira", "omar"):
            with pytest.raises(Refused):
                recorded(cast, by=getattr(cast, who))
            with visit(getattr(cast, who)) as client:
                assert client.get("/consents/representations/").status_code == 403
        row = recorded(cast)
        for by in (cast.dev, cast.asha, cast.bela, cast.lata):
            with pytest.raises(Refused):
                acting.verify(row.pk, by=by)
        with pytest.raises(Refused):
            acting.end(row.pk, by=cast.meera)

    def test_the_pages(self, cast: Cast) -> None:
        form = {
            "person": cast.bela.number, "holder": cast.asha.number, "kind": "guardian", "document": "Court order",
            "starts_on": TODAY.isoformat(),
        }  # fmt: skip
        with visit(cast.dev) as client:
            assert client.post("/consents/representations/", form | {"person": "N-9999"}).status_code == 400
            page = client.post("/consents/representations/", form, follow=True)
            assert "waits for a second look" in words(page) and "Somebody else of the office" in words(page)
            row = Representation.objects.get()
            client.post(f"/consents/representations/{row.pk}/", {"do": "verify"})
            row.refresh_from_db()
            assert row.verified_at is None
        with visit(cast.dara) as client:
            page = client.post(f"/consents/representations/{row.pk}/", {"do": "verify"}, follow=True)
            assert "verified" in words(page)
        with visit(cast.meera) as client:
            assert client.post(f"/consents/representations/{row.pk}/", {"do": "end"}).status_code == 404
        with visit(cast.bela) as client:
            assert "speaks for you" in words(client.get("/me/for-others/"))
            client.post(f"/consents/representations/{row.pk}/", {"do": "end"}, follow=True)
        row.refresh_from_db()
        assert row.ended_at is not None


def test_a_guardian_who_works_nowhere_here_is_recorded_by_name_and_address(cast: Cast) -> None:
    form = {
        "person": cast.bela.number,
        "kind": "guardian",
        "document": "Court order",
        "starts_on": TODAY.isoformat(),
    }
    mother = {"name": "Rosa Fernandes", "email": "rosa@home.example"}
    reading(cast.dev, "en")
    with visit(cast.dev) as client:
        for wrong in (
            {}, {"name": mother["name"]}, {"email": mother["email"]}, mother | {"holder": "N-1001"}, {"name": "Rosa", "holder": "N-1001"},
        ):  # fmt: skip
            page = client.post("/consents/representations/", form | wrong)
            assert page.status_code == 400 and "one of them" in words(page), wrong
        late = client.post("/consents/representations/", form | mother | {"until_on": "2020-01-01"})
        assert late.status_code == 400 and not Person.objects.filter(email=mother["email"]).exists()
        page = client.post("/consents/representations/", form | mother, follow=True)
        assert "Rosa Fernandes → N-1002" in words(page)
    row = Representation.objects.get()
    assert (row.holder.outside_of, row.kind) == (cast.software, "guardian")
    make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
    acting.verify(row.pk, by=cast.dara)
    with visit(row.holder) as client:
        client.post("/me/for-others/", {"row": str(row.pk)})
    assert not ConsentRecord.objects.on().filter(person=cast.bela).exists()


def test_nobody_under_18_is_recorded_on_a_guardians_word(cast: Cast) -> None:
    Person.objects.filter(pk=cast.bela.pk).update(is_under_18=True)
    verified(cast)
    with pytest.raises(Refused) as refused:
        make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
    assert refused.value.code == "under_18"
    assert all(
        "guardian" not in by
        for moves in acting.ledger.rules.TRANSITIONS.values()
        for new, by in moves.items()
        if new in ("given", "renewed")
    )
