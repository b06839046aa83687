"""From the press to the signer: a document is handed out with its seal or not at all."""

import io
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.utils import ProgrammingError

from governance.audit.models import Entry
from governance.people.models import Message
from governance.reports import certificates, press, reports, sealing, seals, tasks, verifying
from governance.reports.models import Report, ReportFile
from tests.cast import Cast
from tests.conftest import World, as_login
from tests.reports import orders
from tests.visits import visit


def blank() -> bytes:
    out, pdf = io.BytesIO(), pikepdf.new()
    pdf.add_blank_page()
    pdf.save(out)
    return out.getvalue()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The press draws one empty page: what is tested here begins when it has finished."""
    page = blank()
    monkeypatch.setattr(press.paper, "draw", lambda *a, **k: page)
    return page


@pytest.fixture
def drawn_only(cast: Cast, quick: bytes) -> Report:
    report = reports.ask("register", cast.software, by=cast.lata)
    press.make(report.pk)
    report.refresh_from_db()
    return report


def pdf_of(report: Report) -> bytes:
    return bytes(ReportFile.objects.get(report=report, kind="pdf").content)


def test_what_is_drawn_waits_for_its_seal_and_is_not_handed_out(cast: Cast, drawn_only: Report) -> None:
    assert drawn_only.state == "signing" and drawn_only.is_being_made and not drawn_only.pdf_sha256
    assert (
        not Entry.objects.filter(code="report.made").exists()
        and not Message.objects.filter(code="report_ready").exists()
    )
    assert drawn_only.pk not in Report.objects.waiting().pks()
    with visit(cast.lata) as client:
        assert client.get(f"/reports/{drawn_only.pk}/pdf").status_code == 404
        page = client.get(f"/reports/{drawn_only.pk}").content.decode()
    assert "Waiting for its seal" in page and "Download" not in page


def test_the_task_seals_it_and_the_log_has_the_digest_of_the_sealed_file(
    cast: Cast, drawn_only: Report, quick: bytes
) -> None:
    tasks.seal()
    drawn_only.refresh_from_db()
    sealed = pdf_of(drawn_only)
    assert drawn_only.state == "ready" and sealed.startswith(quick) and len(sealed) > len(quick)
    entry = Entry.objects.get(pk=drawn_only.entry_id)
    assert entry.code == "report.made"
    assert entry.facts["pdf_sha256"] == drawn_only.pdf_sha256 == sha256(sealed).hexdigest()
    assert entry.facts["seal"] == drawn_only.seal["kid"]
    found = verifying.check(sealed, settings.SEALS)
    assert found.code == "sound" and found.report == drawn_only and found.newer is None
    assert found.facts["number"] == drawn_only.number and found.facts["certificate"] == drawn_only.seal["kid"]
    with visit(cast.lata) as client:
        page = client.get(f"/reports/{drawn_only.pk}").content.decode()
    assert "Sealed by Nirmaan Software Pvt Ltd with its own key: shows that nothing changed since" in page
    assert "not who Nirmaan Software Pvt Ltd is." in page


def test_without_its_key_it_waits_and_says_so(
    cast: Cast, drawn_only: Report, settings: Any, tmp_path: Path
) -> None:
    settings.SEAL_PKCS12 = tmp_path / "gone.p12"
    tasks.seal()
    drawn_only.refresh_from_db()
    assert (drawn_only.state, drawn_only.fault) == ("signing", "NoKey")
    with visit(cast.lata) as client:
        page = client.get(f"/reports/{drawn_only.pk}").content.decode()
        assert client.get(f"/reports/{drawn_only.pk}/pdf").status_code == 404
    assert "the key that seals them is not there" in page
    settings.SEAL_PKCS12 = None
    tasks.seal()
    drawn_only.refresh_from_db()
    assert (drawn_only.state, drawn_only.fault) == ("ready", "")


@pytest.mark.parametrize("place", ["signing", "keeping", "telling"])
def test_a_signer_killed_anywhere_leaves_it_unsealed_and_the_next_one_seals_it(
    drawn_only: Report, quick: bytes, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    class Killed(BaseException):
        """As kill -9: nobody catches it."""

    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as killing:
        where = {
            "signing": (seals, "sign"),
            "keeping": (reports.log, "record"),
            "telling": (reports.notify, "tell"),
        }
        killing.setattr(*where[place], die)
        with pytest.raises(Killed):
            sealing.put_on(drawn_only.pk)
    drawn_only.refresh_from_db()
    assert drawn_only.state == "signing" and pdf_of(drawn_only) == quick and not drawn_only.pdf_sha256
    assert not Entry.objects.filter(code="report.made").exists()
    tasks.seal()
    drawn_only.refresh_from_db()
    assert drawn_only.state == "ready" and pdf_of(drawn_only).count(b"/ByteRange") == 1
    assert Message.objects.filter(code="report_ready").count() == 1


def test_a_time_stamp_server_that_is_away_holds_it_up_and_is_asked_again(
    drawn_only: Report, settings: Any
) -> None:
    settings.TIME_STAMP_URL = "http://127.0.0.1:9/"
    tasks.seal()
    drawn_only.refresh_from_db()
    assert drawn_only.state == "signing" and drawn_only.fault
    assert not Entry.objects.filter(code="report.made").exists()


def test_a_report_without_a_pdf_is_ready_at_once(cast: Cast, undrawn: None) -> None:
    report = reports.ask("register", cast.software, by=cast.lata)
    press.make(report.pk)
    report.refresh_from_db()
    assert (report.state, report.seal) == ("ready", {})


def test_sealed_with_a_certificate_that_was_given(drawn_only: Report, settings: Any, tmp_path: Path) -> None:
    settings.SEAL_PKCS12, settings.SEAL_PASSPHRASE = tmp_path / "seal.p12", "one two"
    settings.SEALS = tmp_path / "seals"
    settings.SEAL_PKCS12.write_bytes(given(b"one two"))
    tasks.seal()
    drawn_only.refresh_from_db()
    assert drawn_only.state == "ready", drawn_only.fault
    assert drawn_only.seal["own"] is False
    found = verifying.check(pdf_of(drawn_only), settings.SEALS)
    assert found.code == "sound" and not found.facts["self_made"], found.facts
    assert found.facts["sealed_by"] == "Nirmaan Software Pvt Ltd"


def given(passphrase: bytes) -> bytes:
    """What an authority hands over: an RSA key, its certificate, the authority's."""
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n)]) for n in ("An authority", "Nirmaan Software Pvt Ltd")]  # fmt: skip
    keys = [rsa.generate_private_key(65537, 2048) for _ in names]
    now = datetime.now(UTC)
    made = []
    for n, (name, key) in enumerate(zip(names, keys, strict=True)):
        usage = x509.KeyUsage(n == 1, n == 1, False, False, False, n == 0, n == 0, False, False)
        made.append(
            x509.CertificateBuilder().subject_name(name).issuer_name(names[0]).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=9)).add_extension(x509.BasicConstraints(n == 0, None), critical=True)
            .add_extension(usage, critical=True).sign(keys[0], hashes.SHA256())
        )  # fmt: skip
    how = serialization.BestAvailableEncryption(passphrase)
    return pkcs12.serialize_key_and_certificates(b"seal", keys[1], made[1], [made[0]], how)


def test_two_signers_that_meet_seal_it_once(world: World, quick: bytes) -> None:
    world.sign_in("web")
    cast = world.company()
    report = reports.ask("register", cast.software, by=cast.lata)
    world.sign_in("worker")
    press.make(report.pk)

    def sign(_number: int) -> None:
        world.sign_in("exporter")
        try:
            sealing.put_on(report.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(sign, range(8)))
    world.sign_in("exporter")
    assert Report.objects.get().state == "ready", "the signer's own login can do all of it"
    assert Entry.objects.filter(code="report.made", about_id=report.pk).count() == 1
    assert Message.objects.filter(code="report_ready").count() == 1
    assert pdf_of(report).count(b"/ByteRange") == 1


def test_the_press_cannot_make_a_report_and_the_signer_cannot_ask_for_one(cast: Cast) -> None:
    with as_login("exporter"):
        with pytest.raises(ProgrammingError):
            reports.Report.objects.create(
                number="G-X", kind="register", entity=cast.software, law_on="2026-11-24"
            )
        connection.needs_rollback = True


def test_only_the_signer_reaches_for_a_key() -> None:
    """Whoever imports the module that makes signatures is the signer, or its task."""
    app = Path(sealing.__file__).parents[1]
    reaching = {
        path.name
        for path in app.rglob("*.py")
        if "import" in path.read_text()
        and any(line.startswith("from") and " seals" in line for line in path.read_text().splitlines())
    }
    assert reaching == {"sealing.py"}
    assert seals.FIELD


@pytest.mark.parametrize("kind", ["register", "certificate"])
def test_printed_again_it_is_the_same_up_to_the_seal(
    cast: Cast, drawn: None, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scope = {}
    if kind == "certificate":
        order = orders.carry_out(orders.withdrawn(cast), [orders.system(cast, "store", "Feature store")])
        scope = {"order": str(order.pk)}
    report = orders.made(kind, cast, scope)
    call_command("reprint", report.number, "--out", str(tmp_path / "again.pdf"))
    assert "the seal is the" in capsys.readouterr().out
    again = (tmp_path / "again.pdf").read_bytes()
    assert pdf_of(report).startswith(again)
    assert verifying.check(again, settings.SEALS).code == "unsealed"
    Report.objects.filter(pk=report.pk).update(facts=report.facts | {"content": {}})
    with pytest.raises(SystemExit):
        call_command("reprint", report.number)
    assert "facts were changed" in capsys.readouterr().out


def test_the_command_says_who_sealed_it_and_the_file_alone_does_too(
    cast: Cast, drawn_only: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks.seal()
    drawn_only.refresh_from_db()
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_of(drawn_only))
    call_command("verify_report", str(path))
    told = capsys.readouterr().out
    assert "The seal holds" in told and drawn_only.number in told and "the latest" in told
    bundle = tmp_path / "all.pem"
    bundle.write_bytes(b"".join(certificates.published(settings.SEALS)))
    command = [sys.executable, "-I", str(verifying.CHECKING), str(path), str(bundle)]
    alone = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
    assert alone.returncode == 0 and '"code": "sound"' in alone.stdout, alone.stderr
    path.write_bytes(pdf_of(drawn_only).replace(b"/MediaBox", b"/MediaBax", 1))
    with pytest.raises(SystemExit) as left:
        call_command("verify_report", str(path))
    assert left.value.code == 1
    assert subprocess.run(command, env={}, capture_output=True, check=False).returncode == 1


def test_the_paper_says_what_the_seal_shows(
    cast: Cast, drawn: None, settings: Any, text_of: Callable[[bytes], str]
) -> None:
    settings.PUBLIC_URL = "https://sammati.example.org"
    report = orders.made("processors", cast)
    text = " ".join(text_of(pdf_of(report)).split())
    for words in (
        "with its own key: shows that nothing changed since", "A copy without a whole seal is not this document.",
        "It is no qualified electronic signature.", "https://sammati.example.org/verify/", report.facts_sha256[:4].upper(),
    ):  # fmt: skip
        assert words in text, words
