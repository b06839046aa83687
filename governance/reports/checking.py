"""Checks one sealed PDF in a process of its own: `python -I checking.py`, a JSON order on standard input, findings out.

It knows neither Django nor the database and asks nobody: the certificates to trust come with the order. Copied alone
to any machine with pyHanko it works there:

    python checking.py FILE.pdf CERTIFICATE.pem … [--stamps PEM …] [--proof PROOF.json --keys KEYS.json]

Certificates are files or folders of them. --stamps: certificates of time-stamp authorities whose clock you trust.
--proof: the file that is downloaded beside a report; with --keys (what stands at /.well-known/sammati-receipts.json, or
the keys.json of the checkpoints) it shows that the digest of FILE stands in the log. Without certificates only the proof
is checked, and FILE may be the JSON file too. Of a ZIP of several reports the signed list in it is checked:

    python checking.py FILE.zip --keys manifests.json      (what stands at /.well-known/sammati-seals/manifests.json)

Exit status 0: all that was asked holds; 1: it does not; 2: a file could not be read.
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
    "no_pdf": "This is no PDF. (A receipt is checked by sammati-receipts-checking.py, from beside the keys.)",
}
STAMPS = {
    "": "It carries no time stamp: when it was sealed, says only the clock of whoever sealed it.",
    "trusted": "A time-stamp authority that you trust saw the seal at the moment it names.",
    "untrusted": "It carries a time stamp, but of an authority that none of the given certificates stands behind: do not rely on that time.",
}
MANIFEST, SIGNED = "manifest.json", "manifest.jws"  # in a ZIP of several reports
MANIFESTS, TYPE = "manifest-", "sammati-manifest+jws"  # how kids of its keys begin; of its header
LARGEST_PART, MOST_PARTS = 256 << 20, 2_000
PACKED = {
    "whole": "Every file is one that the signed list names, and none is missing.",
    "changed": "A file is not the one that the signed list names.",
    "missing": "A file that the signed list names is missing.",
    "unnamed": "There is a file that the signed list does not name.",
    "readable_differs": "The list that can be read is not the one that was signed.",
    "unknown_key": "The list names a key that was never published for lists.",
    "wrong_signature": "The signature of the list does not hold.",
    "no_parcel": "This is no ZIP of reports with a signed list.",
}
PROVEN = {
    "in_log": "The digest of this file stands in the log, under a checkpoint that a published key has signed.",
    "other_file": "This proof belongs to another file.",
    "not_in_log": "The proof does not lead from this entry to its checkpoint.",
    "checkpoint_changed": "The checkpoint was changed: its parts do not give its hash.",
    "unknown_key": "The checkpoint names a key that was never published.",
    "wrong_signature": "The signature of the checkpoint does not hold.",
    "no_proof": "This cannot be read as a proof.",
}


def limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check(pdf: bytes, certificates: list[bytes], stampers: list[bytes] | None = None) -> dict[str, Any]:
    """What was found: "code" is sound, changed, appended, foreign, unsealed or no_pdf; the rest explains it.

    sound: sealed by a certificate of ours, covers the whole file, unchanged. foreign: a whole seal by somebody else.
    `stampers`: certificates of time-stamp authorities; "stamp" is trusted, untrusted or "" where there is none.
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
        return found | _seal(signatures[0], certificates, stampers or [], pdf, more=len(signatures) > 1)
    except Exception:  # a signature that cannot even be read is no signature
        return found | {"code": "changed"}


def _certificates(pems: list[bytes]) -> list[Any]:
    from asn1crypto import pem, x509

    return [
        x509.Certificate.load(raw) for c in pems for _kind, _headers, raw in pem.unarmor(c, multiple=True)
    ]


def _seal(
    signature: Any, certificates: list[bytes], stampers: list[bytes], pdf: bytes, *, more: bool
) -> dict[str, Any]:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    ours = _certificates(certificates)
    status = validate_pdf_signature(
        signature,
        ValidationContext(
            trust_roots=[c for c in ours if c.ca], allow_fetching=False, revocation_mode="soft-fail"
        ),
        # Apart from ours: who may seal for us is nobody's clock, and no clock seals for us.
        ts_validation_context=ValidationContext(
            trust_roots=_certificates(stampers), allow_fetching=False, revocation_mode="soft-fail"
        ),
    )
    signer, stamp = status.signing_cert, status.timestamp_validity
    said = {
        "sealed_by": str(signer.subject.native.get("common_name", "")), "certificate": signer.sha256.hex()[:16],
        "issuer": str(signer.issuer.native.get("common_name", "")),
        "sealed_at": status.signer_reported_dt.isoformat() if status.signer_reported_dt else "",
        "stamped_at": stamp.timestamp.isoformat() if stamp else "",
        "stamped_by": str(stamp.signing_cert.subject.native.get("common_name", "")) if stamp else "",
        "stamp": ("trusted" if stamp.trusted else "untrusted") if stamp else "",
        "ours": signer.sha256 in {c.sha256 for c in ours}, "self_made": signer.issuer.native.get("common_name") == SELF_MADE,
        "number": str(signature.sig_object.get("/Name", "")),
    }  # fmt: skip
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE and not more
    if not (status.intact and status.valid) or (stamp and not (stamp.intact and stamp.valid)):
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


# --- The place in the log ------------------------------------------------------------------------------------------


def check_proof(file: bytes, proof: bytes, keys: dict[str, Any]) -> dict[str, Any]:
    """{"proof": a key of PROVEN, …} for this file, the proof that lies beside it, and the published checkpoint keys."""
    try:
        return _proof(hashlib.sha256(file).hexdigest(), json.loads(proof), public_keys(keys))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {"proof": "no_proof"}


def public_keys(published: dict[str, Any]) -> dict[str, bytes]:
    """kid → raw Ed25519 key, of the published set of keys or of the keys.json of the checkpoints."""
    if "checkpoints" in published:
        return {row["kid"]: _from64(row["x"]) for row in published["checkpoints"]}
    return {kid: bytes.fromhex(raw) for kid, raw in published.items() if isinstance(raw, str)}


def canonical(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _proof(sha256: str, proof: dict[str, Any], keys: dict[str, bytes]) -> dict[str, Any]:
    entry, place, point = proof["entry"], proof["inclusion"], proof["checkpoint"]
    facts = entry["facts"]
    said = {
        "recorded_at": str(entry["at"]), "position": int(point["first"]) + int(place["index"]), "checkpoint": int(point["number"]),
        "closed_at": str(point["at"]), "number": str(facts.get("number", "")), "key": str(point["kid"]),
    }  # fmt: skip
    if entry["code"] != "report.made" or sha256 not in (facts.get("pdf_sha256"), facts.get("json_sha256")):
        return said | {"proof": "other_file"}
    leaf = hashlib.sha256(b"\x00" + canonical(entry)).digest()
    root = _root(
        leaf, int(place["index"]), int(place["size"]), [bytes.fromhex(step) for step in place["path"]]
    )
    if root is None or root.hex() != point["root"] or place["size"] != point["count"]:
        return said | {"proof": "not_in_log"}
    body = [point[name] for name in ("number", "first", "count", "root", "previous", "at")]
    digest = hashlib.sha256(canonical(["sammati checkpoint 1", *body])).digest()
    if digest.hex() != point["hash"]:
        return said | {"proof": "checkpoint_changed"}
    if point["kid"] not in keys:
        return said | {"proof": "unknown_key"}
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(keys[point["kid"]]).verify(
            bytes.fromhex(point["signature"]), digest
        )
    except InvalidSignature:
        return said | {"proof": "wrong_signature"}
    return said | {"proof": "in_log"}


def _root(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The tree head that this path leads to (RFC 9162, 2.1.3.2); None when the path has a wrong length."""
    if not 0 <= index < size:
        return None
    node, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if node % 2 or node == last:
            found = hashlib.sha256(b"\x01" + step + found).digest()
            while not node % 2 and node:
                node, last = node >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + step).digest()
        node, last = node >> 1, last >> 1
    return found if last == 0 else None


# --- A ZIP of several reports --------------------------------------------------------------------------------------


def check_parcel(parcel: bytes, keys: dict[str, Any]) -> dict[str, Any]:
    """{"code": a key of PACKED, "files": names} of this ZIP, by the published keys of lists."""
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(parcel)) as opened:
            parts = opened.infolist()
            if len(parts) > MOST_PARTS or len({part.filename for part in parts}) < len(parts):
                return {"code": "no_parcel"}
            if any(part.file_size > LARGEST_PART for part in parts):
                return {"code": "no_parcel"}
            found = {part.filename: opened.read(part) for part in parts}
        return _parcel(found, keys)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        zipfile.BadZipFile,
        NotImplementedError,
    ):
        return {"code": "no_parcel"}
    except Exception:  # zlib's own error, a password, a method of packing that is not ours
        return {"code": "no_parcel"}


def _parcel(found: dict[str, bytes], keys: dict[str, Any]) -> dict[str, Any]:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    readable, signed = found.pop(MANIFEST), found.pop(SIGNED).decode()
    head, body, signature = signed.split(".")
    header = json.loads(_from64(head))
    if header.get("alg") != "Ed25519" or header.get("typ") != TYPE or set(header) != {"alg", "kid", "typ"}:
        return {"code": "wrong_signature"}
    known = {key["kid"]: _from64(key["x"]) for key in keys["keys"]}
    if not str(header["kid"]).startswith(MANIFESTS) or header["kid"] not in known:
        return {"code": "unknown_key"}
    try:
        Ed25519PublicKey.from_public_bytes(known[header["kid"]]).verify(
            _from64(signature), f"{head}.{body}".encode()
        )
    except InvalidSignature:
        return {"code": "wrong_signature"}
    manifest = json.loads(_from64(body))
    said = {"made_at": manifest["made_at"], "files": [file["name"] for file in manifest["files"]]}
    if json.loads(readable) != manifest:
        return said | {"code": "readable_differs"}
    named = {file["name"]: file["sha256"] for file in manifest["files"]}
    if named.keys() - found.keys():
        return said | {"code": "missing", "which": sorted(named.keys() - found.keys())}
    if found.keys() - named.keys():
        return said | {"code": "unnamed", "which": sorted(found.keys() - named.keys())}
    changed = sorted(
        name for name, digest in named.items() if hashlib.sha256(found[name]).hexdigest() != digest
    )
    return said | ({"code": "changed", "which": changed} if changed else {"code": "whole"})


def _from64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# --- By hand -------------------------------------------------------------------------------------------------------


def read(paths: list[Path]) -> list[bytes]:
    """The PEM files at these places; a folder stands for those in it."""
    files = [file for path in paths for file in (sorted(path.glob("*.pem")) if path.is_dir() else [path])]
    return [file.read_bytes() for file in files]


def by_hand(arguments: list[str]) -> int:
    import argparse

    command = argparse.ArgumentParser(description="Check a sealed PDF, and its place in the log, offline.")
    command.add_argument("file", type=Path)
    command.add_argument("certificates", type=Path, nargs="*", help="PEM files, or folders of them")
    command.add_argument("--stamps", type=Path, nargs="+", default=[], help="of time-stamp authorities, PEM")
    command.add_argument("--proof", type=Path, help="what was downloaded beside the report")
    command.add_argument("--keys", type=Path, help="the published keys of the log's checkpoints")
    asked = command.parse_args(arguments)
    if asked.file.suffix == ".zip" and asked.keys:
        return _parcel_by_hand(asked.file, asked.keys)
    if not asked.certificates and not asked.proof:
        command.error("give the certificates, or a proof, or both")
    if asked.proof and not asked.keys:
        command.error("a proof is checked with --keys")
    says: dict[str, str] = {}
    found: dict[str, Any] = {}
    holds = True
    try:
        file = asked.file.read_bytes()
        if asked.certificates:
            found |= check(file, read(asked.certificates), read(asked.stamps))
            says["says"], holds = SAID[found["code"]], found["code"] == "sound"
            if "stamp" in found:
                says["of_the_time"] = STAMPS[found["stamp"]]
        if asked.proof:
            placed = check_proof(file, asked.proof.read_bytes(), json.loads(asked.keys.read_bytes()))
            says["of_the_log"], holds = PROVEN[placed["proof"]], holds and placed["proof"] == "in_log"
            found |= {"log": placed}
    except (OSError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 2
    print(json.dumps(says | found, indent=1))
    return 0 if holds else 1


def _parcel_by_hand(file: Path, keys: Path) -> int:
    try:
        found = check_parcel(file.read_bytes(), json.loads(keys.read_bytes()))
    except (OSError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 2
    print(json.dumps({"says": PACKED[found["code"]]} | found, indent=1))
    return 0 if found["code"] == "whole" else 1


def main() -> int:
    if len(sys.argv) == 2 and not sys.argv[1].startswith("-"):
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    if len(sys.argv) > 1:
        return by_hand(sys.argv[1:])
    order = json.load(sys.stdin)
    limit(order["memory"], order["seconds"])
    found = check(
        base64.b64decode(order["pdf"]),
        [c.encode() for c in order["certificates"]],
        [c.encode() for c in order["stampers"]],
    )
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    import logging

    logging.disable(logging.CRITICAL)
    sys.exit(main())
