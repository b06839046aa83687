"""Checks one sealed PDF in a process of its own: `python -I checking.py`, a JSON order on standard input, findings out.

It knows neither Django nor the database and asks nobody: the certificates to trust come with the order. Copied alone
to any machine with pyHanko it works there: `python checking.py FILE.pdf CERTIFICATE.pem …` (files or folders of them).
Exit status 0: the seal holds; 1: it does not; 2: a file could not be read.
"""

import base64
import hashlib
import io
import json
import resource
import sys
from pathlib import Path
from typing import Any

SELF_MADE = "Seals of this installation (self-made)"  # the name of the root that the signer makes
MARKS = (b"/ByteRange", b"/ETSI.CAdES.detached", b"/FT /Sig", b"/Type /Sig")
SAID = {
    "sound": "The seal holds: not one byte has changed since it was put on.",
    "changed": "This document was changed after it was sealed.",
    "appended": "Something was added to this document after it was sealed.",
    "foreign": "A whole seal, but of somebody else: none of these certificates stands behind it.",
    "unsealed": "This PDF carries no seal.",
    "unreadable": "This PDF cannot be read whole.",
    "no_pdf": "This is no PDF.",
}


def limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check(pdf: bytes, certificates: list[bytes]) -> dict[str, Any]:
    """What was found: "code" is sound, changed, appended, foreign, unsealed or no_pdf; the rest explains it.

    sound: sealed by a certificate of ours, covers the whole file, unchanged. foreign: a whole seal by somebody else.
    """
    found: dict[str, Any] = {"code": "no_pdf", "sha256": hashlib.sha256(pdf).hexdigest(), "bytes": len(pdf)}
    if not pdf.startswith(b"%PDF-"):
        return found
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        signatures = list(reader.embedded_regular_signatures)
    except Exception:
        return found | {"code": "unreadable"}
    if not signatures:  # what is left of a seal that nobody finds any more is damage, not its absence
        return found | {"code": "unreadable" if any(mark in pdf for mark in MARKS) else "unsealed"}
    try:
        return found | _seal(signatures[0], certificates, pdf, more=len(signatures) > 1)
    except Exception:  # a signature that cannot even be read is no signature
        return found | {"code": "changed"}


def _seal(signature: Any, certificates: list[bytes], pdf: bytes, *, more: bool) -> dict[str, Any]:
    from asn1crypto import pem, x509
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    ours = [
        x509.Certificate.load(raw)
        for c in certificates
        for _kind, _headers, raw in pem.unarmor(c, multiple=True)
    ]
    roots = [c for c in ours if c.ca]
    status = validate_pdf_signature(
        signature, ValidationContext(trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail")
    )
    signer = status.signing_cert
    said = {
        "sealed_by": str(signer.subject.native.get("common_name", "")), "certificate": signer.sha256.hex()[:16],
        "issuer": str(signer.issuer.native.get("common_name", "")),
        "sealed_at": status.signer_reported_dt.isoformat() if status.signer_reported_dt else "",
        "stamped_at": status.timestamp_validity.timestamp.isoformat() if status.timestamp_validity else "",
        "ours": signer.sha256 in {c.sha256 for c in ours}, "self_made": signer.issuer.native.get("common_name") == SELF_MADE,
        "number": str(signature.sig_object.get("/Name", "")),
    }  # fmt: skip
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE and not more
    if not (status.intact and status.valid):
        return said | {"code": "changed"}
    if not whole:
        return said | {"code": "appended"}
    if not (
        status.trusted or said["ours"]
    ):  # a published certificate is trusted itself, whoever stands above it
        return said | {"code": "foreign"}
    if not _tidy(signature, ours, pdf):
        return said | {"code": "changed"}
    return said | {"code": "sound"}


def _tidy(signature: Any, ours: list[Any], pdf: bytes) -> bool:
    """Whether the container of the signature, which the signature itself does not cover, holds that and nothing else.

    Its hexadecimal digits are capitals, what follows is zeros, certificates are whole, and no field was played with.
    """
    from asn1crypto import cms

    start, length, after, _rest = (int(n) for n in signature.byte_range)
    gap = pdf[start + length : after]
    if not (gap[:1] == b"<" and gap[-1:] == b">" and set(gap[1:-1]) <= set(b"0123456789ABCDEF")):
        return False
    raw = bytes.fromhex(gap[1:-1].decode())
    size = len(cms.ContentInfo.load(raw, strict=False).dump())
    if any(raw[size:]):
        return False
    data = cms.ContentInfo.load(raw[:size], strict=True)["content"]
    info = data["signer_infos"][0]
    known = {certificate.dump(): certificate for certificate in ours}
    signer = signature.signer_cert
    if signer.dump() in known and any(choice.chosen.dump() not in known for choice in data["certificates"]):
        return False
    digest = info["digest_algorithm"].dump()
    return (
        [algorithm.dump() for algorithm in data["digest_algorithms"]] == [digest]
        and data["version"].native == "v1" and info["version"].native == "v1"
        and data["encap_content_info"].dump() == cms.ContentInfo({"content_type": "data"}).dump()
        and info["signature_algorithm"].dump() == cms.SignedDigestAlgorithm({"algorithm": info["signature_algorithm"]["algorithm"].native}).dump()
    )  # fmt: skip


def read(paths: list[Path]) -> list[bytes]:
    """The PEM files at these places; a folder stands for those in it."""
    files = [file for path in paths for file in (sorted(path.glob("*.pem")) if path.is_dir() else [path])]
    return [file.read_bytes() for file in files]


def main() -> int:
    if len(sys.argv) > 2:
        try:
            pdf, certificates = Path(sys.argv[1]).read_bytes(), read([Path(name) for name in sys.argv[2:]])
        except OSError as problem:
            print(problem, file=sys.stderr)
            return 2
        found = check(pdf, certificates)
        print(json.dumps({"says": SAID[found["code"]]} | found, indent=1))
        return 0 if found["code"] == "sound" else 1
    if len(sys.argv) == 2:
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    order = json.load(sys.stdin)
    limit(order["memory"], order["seconds"])
    found = check(base64.b64decode(order["pdf"]), [c.encode() for c in order["certificates"]])
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    import logging

    logging.disable(logging.CRITICAL)
    sys.exit(main())
