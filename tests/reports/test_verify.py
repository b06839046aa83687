"""A stranger checks a document: no login, no script, no name of a person, and nothing is kept."""

import random
import subprocess
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as portal
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now
from django.test import Client

from governance.audit.models import Entry
from governance.consents import verifying as receipts
from governance.lib.refusals import Refused
from governance.reports import codes, press, seals, tasks, verifying, views_verify
from governance.reports.models import Report, ReportFile
from tests.cast import Cast
from tests.reports import orders
from tests.reports.test_sealing import blank, drawn_only, pdf_of, quick

__all__ = ["drawn_only", "quick"]
HERE = "/verify/"


@pytest.fixture(autouse=True)
def nobody_knocked_before() -> None:
    cache.clear()


@pytest.fixture
def sealed(drawn_only: Report) -> Report:
    tasks.seal()
    drawn_only.refresh_from_db()
    assert drawn_only.state == "ready"
    return drawn_only


def hand_in(client: Client, content: bytes, name: str = "report.pdf") -> Any:
    return client.post(HERE, {"document": SimpleUploadedFile(name, content, "application/pdf")})


def test_a_whole_document_is_named_with_who_sealed_it_and_when(
    client: Client, cast: Cast, sealed: Report
) -> None:
    answer = hand_in(client, pdf_of(sealed))
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in (
        "The seal holds", sealed.number, "Nirmaan Software Pvt Ltd", "Purpose register", sealed.seal["kid"],
        "with its own key: shows that nothing changed since", "yes, the latest of its kind", "recorded, being sealed",
    ):  # fmt: skip
        assert words in page, words
    assert not any(str(person) in page for person in cast.people.values()) and "<script>" not in page
    assert answer["Cache-Control"].startswith("max-age=0")


def test_a_newer_one_is_named_and_both_stay_true(client: Client, cast: Cast, sealed: Report) -> None:
    Report.objects.filter(pk=sealed.pk).update(ready_at=Now() - timedelta(days=2))
    newer = press.reports.ask("register", cast.software, by=cast.dev)
    other = press.reports.ask("register", cast.software, by=cast.dev, language="hi")
    for one in (newer, other):
        orders.finish(one)
    page = hand_in(client, pdf_of(sealed)).content.decode()
    assert f"no: {newer.number} was made on" in page and other.number not in page


def test_whatever_byte_is_changed_the_page_says_so(client: Client, sealed: Report, monkeypatch: Any) -> None:
    """200 flipped bits are tried in test_seals; here that their verdict arrives on the page."""
    whole, dice = pdf_of(sealed), random.Random(7)
    for _ in range(3):
        changed = bytearray(whole)
        changed[dice.randrange(9, len(whole))] ^= 1 << dice.randrange(8)
        page = hand_in(client, bytes(changed)).content.decode()
        assert "The seal holds" not in page and "reason-bad" in page
    assert "added to this document" in hand_in(client, whole + b"\n% more\n").content.decode()


def test_a_foreign_seal_is_named_as_foreign(client: Client, sealed: Report, tmp_path: Any) -> None:
    theirs = seals.seal_of("NSP", secrets=tmp_path, home=tmp_path, now=press.clock.now())
    page = hand_in(client, seals.sign(blank(), theirs, reason="x", number="G-1")).content.decode()
    assert "of somebody else: it is none of this installation" in page and "with its own key" not in page


@pytest.mark.parametrize(
    ("content", "words"),
    [(blank(), "carries no seal"), (b"%PDF-1.7 rubbish", "cannot be read whole"), (b"% no pdf", "This is no PDF"), (b"{}", "receipt")],
    ids=["unsealed", "rubbish", "percent", "json"],
)  # fmt: skip
def test_what_is_no_document_of_ours_is_not_called_one(
    client: Client, db: None, content: bytes, words: str
) -> None:
    page = hand_in(client, content).content.decode()
    assert words in page and "The seal holds" not in page


def test_a_receipt_is_checked_by_those_who_write_them(client: Client, db: None, monkeypatch: Any) -> None:
    asked = []

    def check(text: str) -> receipts.Finding:
        asked.append(text)
        return receipts.Finding("sound", "It is one of ours.", {"Number": "R-1"}, ok=True)

    monkeypatch.setattr(receipts, "check", check)
    page = client.post(HERE, {"receipt": " eyJ.a.b \n"}).content.decode()
    assert asked == ["eyJ.a.b"] and "It is one of ours." in page and "R-1" in page and "reason-good" in page


def test_nothing_and_too_much_are_refused_in_words(client: Client, db: None) -> None:
    empty = client.post(HERE, {})
    assert empty.status_code == 400 and "Nothing arrived" in empty.content.decode()
    large = hand_in(client, b"%PDF-" + b"x" * verifying.LARGEST)
    assert large.status_code == 400 and "10 MB" in large.content.decode()


def test_it_is_read_within_limits_in_another_process(monkeypatch: Any, db: None) -> None:
    seen: dict[str, Any] = {}
    real = subprocess.run

    def run(command: Any, **how: Any) -> Any:
        seen.update(how)
        return real(command, **how)

    monkeypatch.setattr(verifying.subprocess, "run", run)
    monkeypatch.setattr(verifying, "MEMORY", 8 << 20)
    with pytest.raises(Refused, match="within the limits"):
        verifying.check(blank(), portal.SEALS)
    assert seen["env"] == {} and seen["timeout"] < 30


def test_nothing_is_kept(client: Client, sealed: Report) -> None:
    before = ReportFile.objects.count(), Report.objects.count(), Entry.objects.count()
    hand_in(client, pdf_of(sealed))
    assert before == (ReportFile.objects.count(), Report.objects.count(), Entry.objects.count())
    assert "sessionid" not in client.cookies


def test_the_code_of_a_printed_copy_leads_to_its_document(client: Client, sealed: Report) -> None:
    address = codes.address(HERE, sealed.number, sealed.facts_sha256)
    page = client.get(address).content.decode()
    assert "was made here" in page and "Paper carries no seal" in page and sealed.number in page
    assert (
        "There is no document"
        in client.get(HERE, {"n": sealed.number, "c": "0000-0000-0000"}).content.decode()
    )
    assert "There is no document" in client.get(HERE, {"n": "G-1999-000001", "c": "x"}).content.decode()
    typed = client.get(
        HERE, {"n": sealed.number.lower(), "c": codes.short(sealed.facts_sha256).lower().replace("-", " ")}
    )
    assert "was made here" in typed.content.decode()


def test_who_knocks_too_often_waits(client: Client, db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(views_verify, "MOST", 3)
    answers = [client.get(HERE, {"n": "G-1", "c": "x"}).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    assert client.get(HERE).status_code == 200, "who asks nothing may always read the page"


def test_the_certificates_are_published(client: Client, sealed: Report) -> None:
    page = client.get("/.well-known/sammati-seals/").content.decode()
    assert sealed.seal["kid"] in page and "Seal of" in page and "PRIVATE" not in page
    one = client.get(f"/.well-known/sammati-seals/{sealed.seal['kid']}.pem")
    assert one["Content-Type"] == "application/x-pem-file" and one.content.startswith(
        b"-----BEGIN CERTIFICATE"
    )
    every = client.get("/.well-known/sammati-seals/all.pem").content
    assert one.content in every and every.count(b"BEGIN CERTIFICATE") >= 2 and b"PRIVATE" not in every
    assert client.get("/.well-known/sammati-seals/secret.pem").status_code == 404


def test_the_squares_are_the_same_for_the_same_text() -> None:
    one = codes.squares("https://sammati.example.org/verify/?n=G-2026-000001&c=AAAA-BBBB-CCCC")
    assert one == codes.squares("https://sammati.example.org/verify/?n=G-2026-000001&c=AAAA-BBBB-CCCC")
    assert one["path"].startswith("M4 4h7v1h-7z") and one["size"] % 4 == 1
