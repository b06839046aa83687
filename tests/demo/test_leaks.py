"""The leak hunter finds a refused value in every spelling and place, finds none that is absent, and says
none aloud."""

import base64
import gzip
import html
import json
import re
import socket
import time
import zipfile
from pathlib import Path
from urllib.parse import quote

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.demo import leaks
from governance.demo.canaries import COUNT, Canary, canaries, new_value
from governance.demo.leaks import Hunter, Wanted, hunt, refused_values

OURS = Path(__file__).parents[2] / "governance" / "demo" / "logs" / "expenses.csv"
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "ui-logs" / "reimbursement.csv"

PLANTED = 'Mriganka "M" Bordoloi · मृणा & Söhne'
SPELT = {
    "utf-8": PLANTED.encode(),
    "utf-16-le": PLANTED.encode("utf-16-le"),
    "utf-16-be": PLANTED.encode("utf-16-be"),
    "json": json.dumps(PLANTED).encode(),
    "json without \\u": json.dumps(PLANTED, ensure_ascii=False).encode(),
    "json with capitals": re.sub(
        r"(?<=\\u)[0-9a-f]{4}", lambda code: code[0].upper(), json.dumps(PLANTED)
    ).encode(),
    "base64 0": base64.b64encode(PLANTED.encode() + b"rest"),
    "base64 1": base64.b64encode(b"1" + PLANTED.encode() + b"rest"),
    "base64 2": base64.b64encode(b"22" + PLANTED.encode()),
    "base64 of json": base64.b64encode(b'{"args": ["' + json.dumps(PLANTED)[1:-1].encode() + b'"]}'),
    "base64 for urls": base64.urlsafe_b64encode(b"{" + PLANTED.encode() + b"}"),
    "hex": PLANTED.encode().hex().encode(),
    "percent": quote(PLANTED, safe="").encode(),
    "html": html.escape(PLANTED).encode(),
}


def wanted(*values: str) -> list[Wanted]:
    return [Wanted(value, f"value {place}") for place, value in enumerate(values)]


@pytest.mark.parametrize("spelling", SPELT)
def test_a_value_is_found_in_every_spelling(tmp_path: Path, spelling: str):
    (tmp_path / "file").write_bytes(b"\0before " + SPELT[spelling] + b" after\xff")
    findings = hunt(wanted(PLANTED, "quite absent"), [tmp_path])
    assert [found.label for found in findings.found] == ["value 0"]
    assert findings.complete
    assert PLANTED not in repr(findings)


@settings(deadline=None, max_examples=60)
@given(
    value=st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=200).filter(
        lambda text: not text.isascii() or not set(text) <= set("0123456789abcdefABCDEF-")
    ),
    before=st.binary(max_size=40),
    coding=st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
)
def test_any_value_is_found_where_it_is_and_nowhere_else(value: str, before: bytes, coding: str):
    hunter = Hunter(wanted(value))
    assert hunter.search([], [("blob", before + value.encode(coding) + b"end")]).leaks == 1
    assert hunter.search([], [("blob", base64.b64encode(before + value.encode() + b"end"))]).leaks == 1
    assert hunter.search([], [("blob", value.encode()[:5] + b"\x01\x02")]).leaks == 0


def test_a_value_across_the_border_of_two_chunks_is_found_once(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(leaks, "CHUNK", 4096)
    for place in (0, 3500, 4090, 4095, 4096, 8187, 12_280):
        path = tmp_path / "file"
        path.write_bytes(b"." * place + b"Terdal-Vasudha" + b"." * (20_000 - place))
        findings = hunt(wanted("Terdal-Vasudha"), [path])
        assert findings.found[0].times == 1
        assert findings.found[0].places[0].offset == place
    path.write_bytes(b"Terdal-Vasudha" * 5000)
    assert hunt(wanted("Terdal-Vasudha"), [path]).found[0].times == 5000


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=st.sets(st.integers(0, 900), max_size=12), chunk=st.integers(1, 700))
def test_chunks_change_nothing(tmp_path: Path, places: set[int], chunk: int):
    data = bytearray(b"." * 9100)
    for place in places:
        data[place * 10 : place * 10 + 8] = b"Qazilbas"
    (tmp_path / "file").write_bytes(data)
    before, leaks.CHUNK = leaks.CHUNK, chunk
    try:
        found = hunt(wanted("Qazilbas"), [tmp_path]).found
    finally:
        leaks.CHUNK = before
    assert (found[0].times if found else 0) == len(places)


def test_a_value_cut_by_a_page_of_the_write_ahead_log_is_found(tmp_path: Path):
    value = b"Roshnara Qazilbash"
    page = b"\1" * (8192 - 7) + value[:7] + b"\x16\xd1" + b"\0" * 22 + value[7:] + b"\2" * 9000
    (tmp_path / "000000010000000000000001").write_bytes(page)
    findings = hunt(wanted(value.decode()), [tmp_path])
    assert [place.offset for place in findings.found[0].places] == [8192 - 7]


def test_a_value_inside_a_pdf_is_found(tmp_path: Path):
    value = "Leonhard Zwicknagl"
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.Root.Hidden = pdf.make_stream(b"text " + value.encode() + b" text " * 99)
    pdf.docinfo["/Title"] = "Of Vasudha Terdal"
    path = tmp_path / "report.pdf"
    pdf.save(path, compress_streams=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert value.encode() not in path.read_bytes()
    findings = hunt(wanted(value, "Vasudha Terdal", "Ishwar Phadnavis"), [tmp_path])
    assert [found.label for found in findings.found] == ["value 0", "value 1"]
    blob = hunt(wanted(value), [], [("answer", path.read_bytes())])
    assert blob.leaks == 1


def test_where_the_objects_of_a_pdf_stand_in_it_is_no_value(tmp_path: Path):
    """ "247131" was found in a register: as the place of object 4332 in a stream of objects."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    for n in range(400):
        pdf.Root[f"/Part{n}"] = pdf.make_indirect(pikepdf.Dictionary(Told=pikepdf.String("x" * 1000)))
    path = tmp_path / "long.pdf"
    pdf.save(path, compress_streams=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    with pikepdf.open(path) as read:
        places = {
            place
            for thing in read.objects
            if isinstance(thing, pikepdf.Stream) and thing.get("/Type") == "/ObjStm"
            for place in thing.read_bytes()[: int(thing.First)].decode().split()
            if len(place) == 5
        }
    assert len(places) > 50
    findings = hunt([Wanted(f" {place}", "log.csv line 1951 target.value") for place in places], [path])
    assert findings.leaks == 0 and findings.complete


def test_words_drawn_on_a_page_are_found(tmp_path: Path):
    weasyprint = pytest.importorskip("weasyprint", exc_type=OSError, reason="Pango is not on this machine")
    path = tmp_path / "page.pdf"
    weasyprint.HTML(string="<p>Paid to <b>Leonhard</b> Zwicknagl, EX-40851</p><p>Nobody</p>").write_pdf(path)
    findings = hunt(wanted("Zwicknagl", "EX-40851", "Leonhard Zwicknagl", "Phadnavis"), [path])
    assert {found.label for found in findings.found} >= {"value 0", "value 1", "value 2"}
    assert findings.leaks == 3


def test_a_value_in_gzip_and_zip_is_found(tmp_path: Path):
    (tmp_path / "log.gz").write_bytes(
        gzip.compress(b"some Terdal-Vasudha more") + gzip.compress(b"and Zwicknagl")
    )
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("sheet.xml", "<c>" + "Qazilbash" * 50 + "</c>")
    assert hunt(wanted("Terdal-Vasudha", "Zwicknagl", "Qazilbash"), [tmp_path]).leaks == 3


def test_a_value_in_the_name_of_a_file_is_found_and_not_repeated(tmp_path: Path):
    (tmp_path / "claim-Zwicknagl.txt").write_bytes(b"")
    findings = hunt(wanted("Zwicknagl"), [tmp_path])
    assert findings.leaks == 1
    assert "Zwicknagl" not in repr(findings)


def test_nothing_is_passed_over_in_silence(tmp_path: Path):
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nnot one")
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8b\x08junk")
    (tmp_path / "link").symlink_to("/nowhere")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        findings = hunt(wanted("Zwicknagl"), [tmp_path, tmp_path / "absent"])
    assert {Path(path).name for path, _ in findings.unreadable} == {"broken.pdf", "broken.gz", "absent"}
    assert findings.left_out == {"link": 1, "socket": 1}
    assert not findings.complete


def test_known_words_are_counted_apart_but_canaries_never(tmp_path: Path):
    product, var, log = tmp_path / "product", tmp_path / "var", tmp_path / "log.csv"
    product.mkdir()
    var.mkdir()
    (product / "page.html").write_text("<button>Submit</button> mnpq-canary-mnpq", encoding="utf-8")
    log.write_text("Zwicknagl Submit", encoding="utf-8")
    (product / "copy.csv").write_text(log.read_text(encoding="utf-8"), encoding="utf-8")
    (var / "out").write_text("Submit Zwicknagl mnpq-canary-mnpq", encoding="utf-8")
    values = [*wanted("Submit", "Zwicknagl"), Wanted("mnpq-canary-mnpq", "canary", planted=True)]
    findings = hunt(values, [var], baseline=[product], source_logs=[log])
    assert (findings.searched, findings.not_distinctive) == (3, 1)
    assert [found.label for found in findings.found] == ["value 1", "canary"]


def test_the_log_itself_is_passed_over_but_a_copy_of_it_is_a_leak(tmp_path: Path):
    log = tmp_path / "log.csv"
    log.write_text("Zwicknagl", encoding="utf-8")
    findings = hunt(wanted("Zwicknagl"), [tmp_path], source_logs=[log])
    assert (findings.leaks, findings.source_logs) == (0, [str(log)])
    (tmp_path / "upload.tmp").write_bytes(log.read_bytes())
    assert hunt(wanted("Zwicknagl"), [tmp_path], source_logs=[log]).leaks == 1


@pytest.mark.parametrize(
    "text",
    [
        "3f2a959933b01c4de5f60718293a4b5c6d7e8f90",
        "2026-11-23 19:50:14.959933 UTC",
        "done in 0.0123959933417s",
        "1795959933123",
        "7b959933-1c2d-4e5f-8a9b-0c1d2e3f4a5b",
    ],
)
def test_digits_inside_a_machines_number_are_a_coincidence_and_counted(text: str):
    findings = hunt(wanted("959933"), [], [("log", text.encode())])
    assert (findings.leaks, findings.coincidences) == (0, 1)


@pytest.mark.parametrize(
    "text",
    [
        "id=959933",
        "x959933",
        "959933",
        "[959933,",
        "\x0f959933\x0f",
        "row 1: 959933.",
        "a959933b",
        "1959933",
        "$.959933",
    ],
)
def test_digits_on_their_own_are_a_leak(text: str):
    assert hunt(wanted("959933"), [], [("log", text.encode())]).leaks == 1


def test_what_is_refused_and_what_is_a_label(tmp_path: Path):
    log = tmp_path / "log.csv"
    log.write_text(
        '"timeStamp","eventType","targetApp","url","content","target.id","target.innerText","target.innerHTML"\n'
        '"1","clickButton","Chrome","https://a.example/claims/Z%C3%BCrich?who=Terdal#top-of-it","12345",'
        '"button7","button7","<b>Send now</b>"\n'
        '"1","copy","Chrome","","[[""Obere Gasse"";""85435 Erding""]]","","Send now","x"\n',
        encoding="utf-8",
    )
    refused = refused_values([log])
    assert {want.value for want in refused.wanted} == {
        "claims",
        "claims/Z%C3%BCrich",
        "Z%C3%BCrich",
        "Zürich",
        "who=Terdal",
        "Terdal",
        "top-of-it",
        "Send now",
        "<b>Send now</b>",
        '[["Obere Gasse";"85435 Erding"]]',
        "Obere Gasse",
        "85435 Erding",
    }
    assert refused.labels_left_out == 1
    assert "Terdal" not in repr(refused.wanted)


def test_our_own_log_is_hunted():
    hunter = Hunter.for_logs([OURS])
    assert hunter.search([], [("log", OURS.read_bytes())]).leaks > 80
    assert (
        hunter.search([], [("portal", b"ui_event click Chrome field_amount expenses-october.xlsx")]).leaks
        == 0
    )


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared test data are not beside this checkout")
def test_the_real_log_is_hunted_fast(tmp_path: Path):
    """Uses ../shared: 64 MB must take a second or so; ten allow for a busy machine."""
    hunter = Hunter.for_logs([SHARED])
    path = tmp_path / "big"
    with path.open("wb") as file:
        for _ in range(64):
            file.write(b"2026-11-23 INFO a line of a log that says little \n" * 20_000)
        file.write(SHARED.read_bytes())
    started = time.monotonic()
    findings = hunter.search([path])
    assert time.monotonic() - started < 10
    assert findings.leaks == findings.searched - findings.not_distinctive > 500


def all_canaries() -> list[Canary]:
    return list(
        canaries(programme="CP-0001", device="D-1", consenting="N-1", never_asked="N-2", key="k" * 30)
    )


def test_fifty_canaries_stand_in_what_is_sent():
    birds = all_canaries()
    assert len(birds) == COUNT == 50
    assert len({bird.value for bird in birds} | {bird.name for bird in birds}) == 100
    assert not {bird.value for bird in birds} & {bird.value for bird in all_canaries()}
    for bird in birds:
        last = bird.sendings[-1]
        sent = last.body + last.target.encode() + json.dumps(last.headers).encode()
        assert bird.value.encode() in sent, bird.name
        assert bird.value not in repr(bird)
        assert 500 not in bird.answers
        assert Hunter([bird.wanted]).search([], [("sent", sent)]).leaks == 1


def test_canary_values_are_never_numbers_of_a_machine():
    assert all(not set(new_value()) <= set("0123456789abcdef") for _ in range(1000))
