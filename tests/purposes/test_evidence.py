"""Papers on file: what can be filed, by whom, how it is kept and given back, and what happens when it runs out."""

import hashlib
import zipfile
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from governance.audit.models import Entry
from governance.demo.papers import pdf
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.purposes import evidence, judging, rules_papers, verdicts
from governance.purposes.models import Evidence, EvidenceFile, Purpose
from governance.purposes.policy import Outcome, packs
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import visit, words

PDF = pdf("DPIA", ["Approved."])
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20


def today() -> date:
    return clock.law_date("Asia/Kolkata")


def office(names: list[str], mimetype: str = "") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, mimetype if name == "mimetype" else "<x/>")
    return out.getvalue()


ODT = office(["mimetype", "content.xml"], rules_papers.ODT)
DOCX = office(["[Content_Types].xml", "word/document.xml"])


def form(**said: Any) -> dict[str, Any]:
    upload = SimpleUploadedFile(said.pop("name", "dpia.pdf"), said.pop("content", PDF))
    return {
        "kind": "lia",
        "file": upload,
        "signer": "Dev Kulkarni",
        "signed_on": "2026-10-01",
        "outcome": "approved",
    } | said


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg"), (b"Signed.\n", "text/plain"),
        ("हस्ताक्षरित\n".encode(), "text/plain"), (b"\xef\xbb\xbfSigned", "text/plain"), (ODT, rules_papers.ODT), (DOCX, rules_papers.DOCX),
    ],
)  # fmt: skip
def test_the_bytes_say_what_a_file_is(content: bytes, media_type: str) -> None:
    assert rules_papers.kind_of_file(content) == media_type


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"), (b"  \n ", "empty_file"), (b"%PDF-" + b"x" * rules_papers.MOST_BYTES, "too_large"),
        (b"<html><script>alert(1)</script>", "wrong_type"), (b"\n <!DOCTYPE html>", "wrong_type"), (b"<svg onload=x>", "wrong_type"),
        (b"<?xml version='1.0'?><svg/>", "wrong_type"), (b"MZ\x90\x00", "wrong_type"), (b"\x7fELF", "wrong_type"), (b"GIF89a\x01\x00\x01\x00", "wrong_type"),
        (office(["a.txt"]), "wrong_type"), (office(["[Content_Types].xml", "xl/workbook.xml"]), "wrong_type"),
        (office(["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"]), "wrong_type"),
        (office(["mimetype", "content.xml"], "application/vnd.oasis.opendocument.spreadsheet"), "wrong_type"),
        (b"PK\x03\x04 broken", "wrong_type"), (b"a\x00b", "wrong_type"), ("ü".encode("latin-1") * 3, "wrong_type"),
    ],
)  # fmt: skip
def test_what_is_none_of_them_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        rules_papers.kind_of_file(content)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("dpia.pdf", "dpia.pdf"), ("DPIA.PDF", "DPIA.pdf"), ("../../etc/passwd", "passwd.pdf"), ("C:\\files\\a.pdf", "a.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"), ("gpj\u202efdp.pdf", "gpjfdp.pdf"), ('a"b;c.pdf', "a_b_c.pdf"),
        ("", "paper.pdf"), (".pdf", "paper.pdf"), ("...", "paper.pdf"), ("आकलन.pdf", "आकलन.pdf"), ("x.exe", "x.exe.pdf"),
    ],
)  # fmt: skip
def test_a_name_is_only_a_name(said: str, kept: str) -> None:
    assert rules_papers.file_name(said, "application/pdf") == kept


@given(st.text(max_size=300), st.sampled_from(sorted(rules_papers.TYPES)))
def test_no_name_leaves_its_place(said: str, media_type: str) -> None:
    kept = rules_papers.file_name(said, media_type)
    assert (
        kept.endswith(rules_papers.TYPES[media_type][0])
        and not kept.startswith(".")
        and 5 <= len(kept) <= 200
    )
    assert not set(kept) & set('/\\\r\n\0"<>|:*?;') and kept.isprintable()


@given(st.binary(max_size=400))
def test_no_bytes_break_the_look_at_them(content: bytes) -> None:
    try:
        assert rules_papers.kind_of_file(content) in rules_papers.TYPES
    except Refused as refused:
        assert refused.code in ("empty_file", "wrong_type")


def test_a_paper_is_filed_with_its_hash_and_lifts_a_hold(cast: Cast) -> None:
    doors = Purpose.objects.get(name="Doors and badges")
    assert judging.judge(doors, today()).outcome is Outcome.HOLD
    with visit(cast.dev) as client:
        page = client.get(f"/register/{doors.pk}/evidence/new/?kind=necessity_note").content.decode()
        assert '<option value="necessity_note" selected>' in page
        answer = client.post(f"/register/{doors.pk}/evidence/new/", form(kind="necessity_note"), follow=True)
    assert "The paper is on file" in words(answer) and "Note why it is necessary" in words(answer)
    paper = doors.evidence.get()
    assert paper.file_sha256 == hashlib.sha256(PDF).hexdigest() and paper.filed_by == cast.dev
    doors.refresh_from_db()
    assert doors.verdict == "ALLOW"
    entry = Entry.objects.filter(code="evidence.filed", about_id=doors.pk).latest("id")
    assert entry.facts["sha256"] == paper.file_sha256 and "Kulkarni" not in str(entry.facts)


def test_a_paper_comes_back_as_it_was_and_is_only_saved(cast: Cast) -> None:
    paper = cast.purpose.evidence.get(kind="dpia")
    with visit(cast.arun) as client:
        answer = client.get(f"/register/evidence/{paper.pk}/file/")
    assert hashlib.sha256(answer.content).hexdigest() == paper.file_sha256
    assert (
        answer["Content-Disposition"].startswith("attachment;")
        and answer["X-Content-Type-Options"] == "nosniff"
    )
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_name_in_another_script_reaches_the_header_whole(cast: Cast) -> None:
    paper = evidence.file(
        cast.purpose,
        evidence.Paper("lia", PDF, "आकलन \u202e.pdf", "Dev", date(2026, 1, 1)),
        on=today(),
        by=cast.dev,
    )
    with visit(cast.dev) as client:
        header = client.get(f"/register/evidence/{paper.pk}/file/")["Content-Disposition"]
    assert "filename*=UTF-8''%E0%A4%86" in header and "\u202e" not in header and "%E2%80%AE" not in header


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"content": b"MZ\x90"}, "none of the files that can be filed"),
        ({"content": b" "}, "The file is empty."),
        ({"signed_on": "2099-01-01"}, "signed tomorrow proves nothing today"),
        ({"signed_on": "1026-01-01"}, "Look at the year"),
        ({"signed_on": "soon"}, "Write the day as 2027-05-13."),
        ({"expires_on": "2026-10-02"}, "has run out already"),
        ({"signer": "  "}, "Write who signed it"),
        ({"kind": "item_assessment"}, "Select a valid choice"),
        ({"kind": "nonsense"}, "Select a valid choice"),
        ({"file": ""}, "Choose the file."),
    ],
)
def test_what_cannot_be_filed_is_said_at_the_field(cast: Cast, said: dict[str, Any], sentence: str) -> None:
    before = Evidence.objects.count()
    with visit(cast.dev) as client:
        answer = client.post(f"/register/{cast.purpose.pk}/evidence/new/", form(**said))
    assert answer.status_code == 400 and sentence in words(answer)
    assert Evidence.objects.count() == before == EvidenceFile.objects.count()


def test_a_file_that_is_too_large_is_refused_before_it_is_read(cast: Cast) -> None:
    with visit(cast.dev) as client:
        answer = client.post(
            f"/register/{cast.purpose.pk}/evidence/new/", form(content=b"%PDF-" + b"x" * (12 * 1024 * 1024))
        )
    assert answer.status_code == 400 and "larger than 10 MB" in words(answer)


def test_who_may_file_and_who_may_read(cast: Cast) -> None:
    paper = cast.purpose.evidence.get(kind="dpia")
    for person, read, write in ((cast.dev, 200, 200), (cast.lata, 200, 200), (cast.omar, 200, 200), (cast.arun, 200, 404), (cast.rupa, 200, 404),
                                (cast.asha, 404, 404), (cast.ira, 404, 404)):  # fmt: skip
        with visit(person) as client:
            assert client.get(f"/register/{cast.purpose.pk}/evidence/").status_code == read
            assert client.get(f"/register/evidence/{paper.pk}/file/").status_code == read
            assert client.get(f"/register/{cast.purpose.pk}/evidence/new/").status_code == write
            assert client.get(f"/register/evidence/{paper.pk}/withdraw/").status_code == write
    paper.refresh_from_db()
    assert paper.withdrawn_at is None


def test_withdrawing_needs_a_reason_and_keeps_the_paper_readable(cast: Cast) -> None:
    leaks = Purpose.objects.get(name="Detect leaks of trade secrets")
    paper = leaks.evidence.get(kind="necessity_note")
    with visit(cast.lata) as client:
        assert "This cannot stay empty." in words(
            client.post(f"/register/evidence/{paper.pk}/withdraw/", {"because": " "})
        )
        page = words(
            client.post(
                f"/register/evidence/{paper.pk}/withdraw/",
                {"because": "It names the wrong system."},
                follow=True,
            )
        )
    assert "Withdrawn by Lata Menon" in page and "It names the wrong system." in page
    leaks.refresh_from_db()
    assert (leaks.state, leaks.verdict) == ("paused", "HOLD")
    with visit(cast.arun) as client:
        assert client.get(f"/register/evidence/{paper.pk}/file/").status_code == 200
    again = evidence.withdraw(paper.pk, because="twice", on=today(), by=cast.dev)
    assert again.withdrawn_because == "It names the wrong system."


def test_a_paper_that_says_no_lifts_nothing(cast: Cast) -> None:
    doors = Purpose.objects.get(name="Doors and badges")
    paper = evidence.Paper(
        "necessity_note", b"Not necessary.", "n.txt", "Dev", date(2026, 1, 1), outcome="refused"
    )
    evidence.file(doors, paper, on=today(), by=cast.dev)
    assert judging.judge(doors, today()).outcome is Outcome.HOLD


def test_a_paper_runs_out_on_its_day_and_what_rests_on_it_stops_by_itself(cast: Cast) -> None:
    leaks = Purpose.objects.get(name="Detect leaks of trade secrets")
    evidence.withdraw(
        leaks.evidence.get(kind="necessity_note").pk, because="new one", on=today(), by=cast.dev
    )
    last = today() + timedelta(days=10)
    evidence.file(
        leaks,
        evidence.Paper("necessity_note", PDF, "n.pdf", "Dev", date(2026, 1, 1), last),
        on=today(),
        by=cast.dev,
    )
    leaks.refresh_from_db()
    assert leaks.verdict_next[0] == {"on": last.isoformat(), "outcome": "HOLD"}
    Purpose.objects.filter(pk=leaks.pk).update(state="active")
    with as_login("worker"):
        verdicts.judge_all(cast.software, last - timedelta(days=1))
        leaks.refresh_from_db()
        assert (leaks.state, leaks.verdict) == ("active", "ALLOW")
        verdicts.judge_all(cast.software, last)
    leaks.refresh_from_db()
    assert (leaks.state, leaks.verdict) == ("paused", "HOLD")


def test_every_kind_that_a_rule_waits_for_is_a_paper_or_stands_in_the_register() -> None:
    pack = packs.default()
    asked = {kind for rule in pack.rules for kind in rule.needs} | {
        kind for condition in pack.gate for kind in condition.needs
    }
    asked |= {act for acts in pack.acts.values() for act in acts}
    assert asked <= set(rules_papers.fileable(pack)) | rules_papers.ELSEWHERE
    assert set(pack.shared["evidence"]) >= rules_papers.ELSEWHERE
