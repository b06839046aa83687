"""The certificates by which anybody can check a seal: a public folder in which nothing is ever replaced."""

from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization


def kid(certificate: x509.Certificate) -> str:
    """The name of a certificate in the history: the first half of its fingerprint's first half."""
    return certificate.fingerprint(hashes.SHA256()).hex()[:16]


def publish(home: Path, certificate: x509.Certificate) -> None:
    """The certificate joins the folder that everybody may read."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / f"{kid(certificate)}.pem"
    if not path.exists():
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def published(home: Path) -> list[bytes]:
    """Every certificate of ours, PEM: what a checker trusts."""
    return [path.read_bytes() for path in sorted(home.glob("*.pem"))] if home.is_dir() else []


def given(place: Path | None) -> list[bytes]:
    """The PEM files at this place, a file or a folder: certificates of others that this installation relies on."""
    if place is None or not place.exists():
        return []
    return [path.read_bytes() for path in (sorted(place.glob("*.pem")) if place.is_dir() else [place])]


def history(home: Path) -> Iterator[tuple[str, x509.Certificate, bytes]]:
    """(name, certificate, PEM), those that certify others first."""
    known = [(x509.load_pem_x509_certificate(pem), pem) for pem in published(home)]
    for certificate, pem in sorted(
        known, key=lambda one: (not certifies(one[0]), one[0].not_valid_before_utc)
    ):
        yield kid(certificate), certificate, pem


def certifies(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
