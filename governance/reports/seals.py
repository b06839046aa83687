"""The seal on a PDF (PAdES): who may put it on, with which key, and the certificates by which anybody can check it.

A self-made key shows that nothing changed since the moment of sealing, not who the controller is. A certificate of an
authority is a setting (SAMMATI_SEAL_PKCS12, its passphrase in SAMMATI_SEAL_PASSPHRASE). Only the signer process gets here.
"""

import contextlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from governance.reports.certificates import kid, publish

YEARS = timedelta(days=3653)
SELF_MADE = "Seals of this installation (self-made)"  # checking.py knows it, and imports nothing of ours
ROOT, FIELD = "root", "Seal"
PATIENCE = 10  # seconds to wait for a time-stamp server


class NoKey(Exception):
    """The key that shall seal is not where the settings say: the document waits, it is not handed out without a seal."""


@dataclass(frozen=True)
class Seal:
    """`kid` names the certificate in the published history; `own`: made here, by nobody's authority."""

    kid: str
    signer: signers.SimpleSigner
    own: bool


def seal_of(
    entity: str,
    *,
    secrets: Path,
    home: Path,
    now: datetime,
    pkcs12: Path | None = None,
    passphrase: bytes = b"",
) -> Seal:
    """The seal of an entity (its code). A self-made one is made on first use; its certificate joins the history.

    `secrets`: where private keys lie (0600); `home`: the published folder. Raises NoKey.
    """
    if pkcs12 is not None:
        signer = (
            signers.SimpleSigner.load_pkcs12(str(pkcs12), passphrase=passphrase or None)
            if pkcs12.exists()
            else None
        )
        if signer is None:
            raise NoKey
        for certificate in (signer.signing_cert, *signer.cert_registry):
            publish(home, x509.load_der_x509_certificate(certificate.dump()))
        return Seal(signer.signing_cert.sha256.hex()[:16], signer, own=False)
    folder = secrets / "signer" / "seals"
    root_key, root = _pair(folder, ROOT, lambda key: _root(key, now))
    key, certificate = _pair(folder, entity, lambda key: _leaf(key, entity, root_key, root, now))
    publish(home, root)
    publish(home, certificate)
    signer = signers.SimpleSigner(
        signing_cert=_asn1(certificate), signing_key=_asn1_key(key), cert_registry=_registry([root])
    )
    return Seal(kid(certificate), signer, own=True)


def sign(pdf: bytes, seal: Seal, *, reason: str, number: str, time_stamp_url: str = "") -> bytes:
    """The same bytes with a PAdES signature appended; with a time stamp where a server is set."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    about = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, reason=reason, name=number,
        app_build_props=None,
    )  # fmt: skip
    stamper = HTTPTimeStamper(time_stamp_url, timeout=PATIENCE) if time_stamp_url else None
    pen = signers.PdfSigner(about, signer=seal.signer, timestamper=stamper)
    # pyHanko starts an event loop of its own, which fails in a thread that has one running.
    with ThreadPoolExecutor(1) as apart:
        return bytes(apart.submit(pen.sign_pdf, writer).result().getbuffer())


def _pair(folder: Path, name: str, certify: object) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """Key and certificate of that name, made together on first use. Two processes may meet: the first key stays."""
    path = folder / f"{name}.pem"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = certify(key)  # type: ignore[operator]
        whole = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + certificate.public_bytes(serialization.Encoding.PEM)
        draft = folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(whole)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    whole = path.read_bytes()
    key = serialization.load_pem_private_key(whole, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key, x509.load_pem_x509_certificate(whole)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now.astimezone(UTC) - timedelta(days=1))
        .not_valid_after(now.astimezone(UTC) + YEARS)
    )  # fmt: skip


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, sign: bool, certify: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign, content_commitment=sign, key_encipherment=False, data_encipherment=False, key_agreement=False,
        key_cert_sign=certify, crl_sign=certify, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _root(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _name(SELF_MADE)
    return (
        _builder(name, name, key, now).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign=False, certify=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip


def _leaf(
    key: ec.EllipticCurvePrivateKey, entity: str, root_key: ec.EllipticCurvePrivateKey, root: x509.Certificate, now: datetime
) -> x509.Certificate:  # fmt: skip
    return (
        _builder(_name(f"Seal of {entity} (self-made)"), root.subject, key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign=True, certify=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )  # fmt: skip


def _asn1(certificate: x509.Certificate) -> object:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _asn1_key(key: ec.EllipticCurvePrivateKey) -> object:
    return asn1_keys.PrivateKeyInfo.load(
        key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _registry(certificates: list[x509.Certificate]) -> object:
    store = SimpleCertificateStore()
    store.register_multiple([_asn1(c) for c in certificates])
    return store
