"""A time stamp counts only when somebody relies on the authority that gave it; an authority of our own, on this machine."""

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from governance.reports import checking as checking_
from governance.reports import tasks
from governance.reports.models import Report
from tests.reports.test_sealing import drawn_only, pdf_of, quick
from tests.reports.test_seals import apart
from tests.visits import words

__all__ = ["drawn_only", "quick"]
checking = apart(checking_)


@dataclass
class Authority:
    url: str
    pem: bytes
    moment: datetime


def certificate(name: str) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key, now = rsa.generate_private_key(65537, 2048), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=2)).not_valid_after(now + timedelta(days=9))
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return key, made


@pytest.fixture
def authority() -> Iterator[Authority]:
    """Answers RFC 3161 requests by HTTP; its clock stands at one moment of yesterday."""
    key, made = certificate("An authority of time")
    moment = (datetime.now(UTC) - timedelta(days=1)).replace(microsecond=0)
    der = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    stamper = DummyTimeStamper(
        asn1_x509.Certificate.load(made.public_bytes(serialization.Encoding.DER)), asn1_keys.PrivateKeyInfo.load(der),
        fixed_dt=moment,
    )  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            body = stamper.request_tsa_response(asked).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Authority(
        f"http://127.0.0.1:{server.server_port}/", made.public_bytes(serialization.Encoding.PEM), moment
    )
    server.shutdown()


@pytest.fixture
def stamped(drawn_only: Report, authority: Authority, settings: Any) -> Report:
    settings.TIME_STAMP_URL = authority.url
    tasks.seal()
    drawn_only.refresh_from_db()
    assert (drawn_only.state, drawn_only.fault) == ("ready", "")
    return drawn_only


def ours(settings: Any) -> list[bytes]:
    return [path.read_bytes() for path in settings.SEALS.glob("*.pem")]


def test_a_stamp_counts_for_who_relies_on_its_authority(
    stamped: Report, authority: Authority, settings: Any
) -> None:
    found = checking.check(pdf_of(stamped), ours(settings), [authority.pem])
    assert (found["code"], found["stamp"], found["stamped_by"]) == (
        "sound",
        "trusted",
        "An authority of time",
    )
    assert datetime.fromisoformat(found["stamped_at"]) == authority.moment
    assert stamped.seal["stamped"]


def test_a_stamp_of_nobody_known_is_said_to_be_one(
    stamped: Report, authority: Authority, settings: Any
) -> None:
    _key, other = certificate("An authority of time")
    for stampers in ([], [other.public_bytes(serialization.Encoding.PEM)]):
        found = checking.check(pdf_of(stamped), ours(settings), stampers)
        assert (found["code"], found["stamp"]) == ("sound", "untrusted"), (
            "the seal holds; the time is nobody's"
        )
    assert checking.check(pdf_of(stamped), [*ours(settings), authority.pem])["stamp"] == "untrusted", (
        "who seals is nobody's clock"
    )


def test_whose_clock_we_rely_on_seals_nothing_for_us(stamped: Report, authority: Authority) -> None:
    assert checking.check(pdf_of(stamped), [], [authority.pem])["code"] == "foreign"


def test_the_page_says_whose_clock_it_was_and_whether_it_counts(
    stamped: Report, authority: Authority, settings: Any, client: Client, tmp_path: Path
) -> None:
    def page() -> str:
        cache.clear()
        return words(client.post("/verify/", {"document": SimpleUploadedFile("a.pdf", pdf_of(stamped))}))

    assert "by the clock of An authority of time; nothing here shows that it can be relied on" in page()
    settings.TIME_STAMP_ROOTS = tmp_path / "authority.pem"
    settings.TIME_STAMP_ROOTS.write_bytes(authority.pem)
    assert "by the clock of An authority of time, which this portal relies on" in page()


def test_without_a_stamp_nothing_is_said_of_one(drawn_only: Report, settings: Any) -> None:
    tasks.seal()
    found = checking.check(pdf_of(drawn_only), ours(settings))
    assert (found["code"], found["stamp"], found["stamped_at"]) == ("sound", "", "")


def test_a_flipped_byte_of_a_stamped_document_never_keeps_the_stamp_s_word(
    stamped: Report, authority: Authority, settings: Any
) -> None:
    whole, dice = pdf_of(stamped), random.Random(20261129)
    for _ in range(200):
        place = dice.randrange(len(whole))
        changed = bytearray(whole)
        changed[place] ^= dice.randrange(1, 256)
        found = checking.check(bytes(changed), ours(settings), [authority.pem])
        assert found["code"] != "sound", f"byte {place}: {found}"
