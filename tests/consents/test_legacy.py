"""Consents from before: with a paper and the words shown they are given, without they are unknown and enable nothing."""

import base64
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.audit.models import Entry
from governance.capture import streams
from governance.consents import asking, campaign, ledger, legacy, optouts, rebuilding
from governance.consents.models import ConsentEvent, ConsentRecord, Receipt
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.models import Message, Person
from tests import make
from tests.cast import Cast
from tests.visits import visit, words

HEAD = "person,purpose,signal,said_on,document,text_sha256\n"


def day(ago: int) -> str:
    return (clock.law_date("Asia/Kolkata") - timedelta(days=ago)).isoformat()


def row(
    cast: Cast,
    *,
    person: str = "N-1002",
    signal: str = "ui_event",
    ago: int = 90,
    document: str = "Form 12",
    sha: str | None = None,
) -> str:
    notice = cast.purpose.published_notice()
    assert notice is not None
    sha = notice.texts.get(language="en").sha256 if sha is None else sha
    return f"{person},{cast.purpose.number},{signal},{day(ago)},{document},{sha}\n"


def take(cast: Cast, *rows: str) -> legacy.Preview:
    return legacy.take_over((HEAD + "".join(rows)).encode(), by=cast.dev)


class TestWhatItBecomes:
    def test_with_paper_and_words_it_is_given_says_so_and_lapses_from_its_own_day(self, cast: Cast) -> None:
        take(cast, row(cast))
        streams.open_waiting()
        record = ConsentRecord.objects.get(person=cast.bela)
        event = record.events.get()
        assert (event.provenance, event.evidence, event.by_kind, str(event.said_on)) == (
            "legacy",
            "paper:Form 12",
            "person",
            day(90),
        )
        assert record.is_on and record.expires_at.date() < clock.law_date("Asia/Kolkata") + timedelta(
            days=280
        )
        assert make.post(cast, make.event("N-1002"))["admitted"] == 1
        assert Receipt.objects.get(person=cast.bela).body["events"][0]["provenance"] == "legacy"
        assert Message.objects.filter(person=cast.bela, code="consent_taken_over").count() == 1
        assert rebuilding.check() == []
        ledger.withdraw(record.pk, by=cast.bela)
        assert make.post(cast, make.event("N-1002"))["admitted"] == 0

    def test_without_it_is_unknown_and_never_enables_anything(self, cast: Cast) -> None:
        take(cast, row(cast, document="", sha=""))
        streams.open_waiting()
        assert ConsentRecord.objects.get(person=cast.bela).status == "unknown"
        assert make.post(cast, make.event("N-1002"))["admitted"] == 0
        assert not Receipt.objects.exists() and rebuilding.check() == []
        asking.carry_out(asking.ask(cast.purpose, by=cast.dev).pk)  # and the person may be asked
        assert ConsentRecord.objects.get(person=cast.bela, signal="ui_event").status == "requested"

    def test_what_would_have_lapsed_by_now_is_unknown(self, cast: Cast) -> None:
        take(cast, row(cast, ago=400))
        assert ConsentRecord.objects.get(person=cast.bela).status == "unknown"


class TestAllOrNothing:
    def test_one_wrong_row_and_none_is_written(self, cast: Cast) -> None:
        with pytest.raises(Refused):
            take(cast, row(cast), row(cast, person="N-9999"))
        assert not ConsentEvent.objects.exists()

    def test_each_fault_is_told_with_row_and_column(self, cast: Cast) -> None:
        Person.objects.filter(pk=cast.asha.pk).update(is_under_18=True)
        optouts.opt_out(by=cast.meera)
        faults = [
            row(cast, person="N-9999"), row(cast, ago=-3), row(cast, signal="keystrokes"), row(cast, sha="ab" * 32),
            row(cast, sha=""), row(cast, person="N-1001"), row(cast, person=cast.meera.number or ""),
            f"N-1002,P-9999,ui_event,{day(3)},,\n", f"N-1002,{cast.purpose.number},app_usage,yesterday,,\n", "N-1002,x\n",
        ]  # fmt: skip
        found = legacy.read((HEAD + "".join(faults)).encode(), by=cast.dev)
        told = {(p.row, p.column) for p in found.problems}
        assert told == {
            (2, "person"),
            (3, "said_on"),
            (4, ""),
            (5, "text_sha256"),
            (6, ""),
            (7, ""),
            (8, ""),
            (9, "purpose"),
            (10, "said_on"),
            (11, ""),
        }
        assert not found.rows

    def test_what_the_person_said_here_stands(self, cast: Cast) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
        ledger.withdraw_purpose(cast.purpose, by=cast.bela)
        with pytest.raises(Refused):
            take(cast, row(cast))
        assert not ConsentRecord.objects.on().exists()

    @pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"a,b\n1,2\n", HEAD.encode(), b"x" * 1_100_000])
    def test_what_is_no_such_file_is_refused(self, cast: Cast, data: bytes) -> None:
        with pytest.raises(Refused):
            legacy.take_over(data, by=cast.dev)

    def test_nobody_else_and_no_other_entity(self, cast: Cast) -> None:
        for who in ("asha", "meera", "rupa", "lata", "omar", "ira"):
            found = legacy.read((HEAD + row(cast)).encode(), by=getattr(cast, who))
            assert [p.column for p in found.problems] == ["purpose"]
            with visit(getattr(cast, who)) as client:
                assert client.get("/consents/before/").status_code == 403


class TestThePage:
    def test_look_then_write(self, cast: Cast) -> None:
        data = (HEAD + row(cast) + row(cast, signal="app_usage", document="", sha="")).encode()
        with visit(cast.dev) as client:
            page = client.post("/consents/before/", {"file": SimpleUploadedFile("old.csv", data)})
            assert "given, with its paper" in words(page) and "it enables nothing" in words(page)
            assert not ConsentEvent.objects.exists()
            packed = base64.b64encode(data).decode()
            assert packed in page.content.decode()
            page = client.post("/consents/before/", {"do": "write", "packed": packed}, follow=True)
            assert "Taken over" in words(page)
            client.post("/consents/before/", {"do": "write", "packed": "%%%"})
        assert set(ConsentRecord.objects.values_list("status", flat=True)) == {"given", "unknown"}
        assert Entry.objects.filter(code="consent.legacy_imported").count() == 1

    def test_a_wrong_row_offers_no_button(self, cast: Cast) -> None:
        data = (HEAD + row(cast, person="N-9999")).encode()
        with visit(cast.dev) as client:
            page = client.post("/consents/before/", {"file": SimpleUploadedFile("old.csv", data)})
        assert "Nobody with this number" in words(page) and 'value="write"' not in page.content.decode()


class TestTheNoticeOwed:
    def test_whoever_said_yes_before_the_law_has_it_once(self, cast: Cast) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event", "app_usage", open_streams=False)
        with visit(cast.dev) as client:
            page = words(client.get("/consents/before/"))
            assert "no figure" in page and "Notice tiredness" not in page  # which has no notice to send
            form = {"do": "send", "purpose": cast.purpose.number}
            client.post("/consents/before/", form, follow=True)
            client.post("/consents/before/", form, follow=True)
            assert client.post("/consents/before/", {"do": "send", "purpose": "P-9999"}).status_code == 404
        assert Message.objects.filter(code="consent_notice_sent").count() == 1
        assert not ConsentRecord.objects.filter(notice_sent_at=None).exists()
        assert Entry.objects.filter(code="consent.notices_sent").count() == 2

    def test_not_to_whoever_withdrew_and_not_under_another_law(self, cast: Cast) -> None:
        make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
        ledger.withdraw_purpose(cast.purpose, by=cast.bela)
        campaign.send(cast.purpose, by=cast.dev)
        assert not Message.objects.filter(code="consent_notice_sent").exists()
        with pytest.raises(Refused):
            campaign.send(cast.purpose, by=cast.rupa)
