"""Check a receipt against published keys, away from the portal: needs Python and `cryptography`, nothing of ours.

    python sammati-receipts-checking.py RECEIPT KEYS

RECEIPT is the .jws or .json file that a person was given; KEYS what stands at /.well-known/sammati-receipts.json.
Keys come from that file only: a receipt that brings its own, or says where to fetch one, is refused.
"""

import base64
import hashlib
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LONGEST = 512 * 1024
ALGORITHM = "Ed25519"  # RFC 9864; the only one: "none" and HS256 with a public key as secret end here
TYPE = "sammati-receipt+jws"
HEADER = frozenset({"alg", "kid", "typ"})
OURS = "receipt-"  # the keys of receipts; those of checkpoints and PDFs are named otherwise and count for nothing here
COMPACT = re.compile(
    r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"
)  # without a signature too: it is told so
PROOF = "x-in:logProof"
SAYS = {
    "genuine": "Genuine: signed by this portal, and not changed since.",
    "empty": "There is nothing to check.",
    "too_long": "This is too long for a receipt.",
    "not_a_receipt": "This is not a receipt: it cannot be read as one.",
    "forbidden_header": "Not accepted: it brings its own key, or says where to fetch one. Only published keys count.",
    "wrong_algorithm": "Not accepted: receipts are signed with Ed25519, and this says otherwise.",
    "other_key": "Not accepted: it names a key that is published for something else than receipts.",
    "unknown_key": "Not accepted: it names a key that was never published.",
    "key_called_back": "Not certain: the key that signed it was called back. Ask the portal for a new signature.",
    "key_not_then": "Not accepted: the key was not in use at the moment when it is said to have signed.",
    "wrong_signature": "Changed, or not signed by this portal: the signature does not belong to these words.",
    "readable_differs": "Changed: what stands beside the signature is not what was signed.",
    "proof_wrong": "The signature holds, but the receipt's place in the log does not.",
}


@dataclass(frozen=True)
class Result:
    """`code`: a key of SAYS. `receipt`: what was signed, {} where no signature of ours holds. `proven`: its place in the
    log holds by a checkpoint's own signature."""

    code: str
    receipt: dict[str, Any] = field(default_factory=dict)
    kid: str = ""
    proven: bool = False

    @property
    def ok(self) -> bool:
        return self.code == "genuine"


class Refuse(Exception):
    """Its one argument is a key of SAYS."""


def check(text: str, keys: Mapping[str, Any]) -> Result:
    """What `text` is, by the published keys alone. Raises nothing."""
    try:
        return _check(text, keys)
    except Refuse as refuse:
        return Result(str(refuse))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Result("not_a_receipt")


def _check(text: str, keys: Mapping[str, Any]) -> Result:
    if len(text) > LONGEST:
        raise Refuse("too_long")
    text = text.removeprefix("\ufeff").strip()
    if not text:
        raise Refuse("empty")
    compact, beside = _taken(text)
    if not COMPACT.fullmatch(compact):
        raise Refuse("not_a_receipt")
    first, middle, last = compact.split(".")
    key = _key(_json(unpacked(first)), keys)
    try:
        Ed25519PublicKey.from_public_bytes(unpacked(key["x"])).verify(
            unpacked(last), f"{first}.{middle}".encode()
        )
    except InvalidSignature:
        raise Refuse("wrong_signature") from None
    receipt = _json(unpacked(middle))
    context = receipt.get("@context")
    if receipt.get("@type") != "dpv:ConsentReceipt" or not isinstance(context, dict) or "@import" in context:
        raise Refuse("not_a_receipt")
    found = (receipt, str(key["kid"]))
    if key.get("called_back"):
        return Result("key_called_back", *found)
    signed = receipt["dct:issued"]["@value"]
    if not str(key["from"]) <= signed <= str(key.get("until") or "9999"):
        return Result("key_not_then", *found)
    if _differs(beside, receipt):
        return Result("readable_differs", *found)
    proven = _proof(receipt, keys)
    return Result("proof_wrong" if proven is False else "genuine", *found, proven=bool(proven))


def _taken(text: str) -> tuple[str, dict[str, Any]]:
    """The compact signature, and what lies beside it in a .json file."""
    if not text.startswith("{"):
        return "".join(text.split()), {}  # mail breaks long lines
    whole = _json(text.encode())
    compact = whole.get("jws")
    if not isinstance(compact, str) or not compact:
        raise Refuse("not_a_receipt")
    return compact, whole


def _differs(beside: Mapping[str, Any], receipt: Mapping[str, Any]) -> bool:
    """A file shows its readable words twice: in the standard's form and in the portal's own, signed by its hash."""
    if "receipt_27560" in beside and beside["receipt_27560"] != receipt:
        return True
    own = beside.get("receipt")
    return own is not None and hashlib.sha256(canonical(own)).hexdigest() != receipt["schema:sha256"]


def _key(header: Any, keys: Mapping[str, Any]) -> Mapping[str, Any]:
    if set(header) - HEADER:
        raise Refuse("forbidden_header")
    if header.get("alg") != ALGORITHM:
        raise Refuse("wrong_algorithm")
    kid = header.get("kid")
    if not isinstance(kid, str) or header.get("typ") != TYPE:
        raise Refuse("not_a_receipt")
    for key in keys["keys"]:
        if key.get("kid") == kid and kid.startswith(OURS):
            if (key.get("kty"), key.get("crv"), key.get("use"), key.get("alg")) != (
                "OKP",
                "Ed25519",
                "sig",
                ALGORITHM,
            ):
                raise Refuse("other_key")
            return key
    others = {key.get("kid") for key in [*keys["keys"], *keys.get("checkpoints", [])]}
    raise Refuse("other_key" if kid in others else "unknown_key")


def unpacked(text: str) -> bytes:
    """base64url without padding, of one spelling only: another one of the same bytes is no receipt."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise Refuse("not_a_receipt")
    return raw


def _json(raw: bytes) -> Any:
    found = json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_no)
    if not isinstance(found, dict):
        raise Refuse("not_a_receipt")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):  # said twice: two readers could read two things
        raise Refuse("not_a_receipt")
    return found


def _no(_text: str) -> Any:
    raise Refuse("not_a_receipt")


def _proof(receipt: Mapping[str, Any], keys: Mapping[str, Any]) -> bool | None:
    """Does the entry about these events lie in the checkpoint that the receipt names? None: it brings no proof."""
    if PROOF not in receipt:
        return None
    said = receipt[PROOF]["@value"]
    entry, point = said["entry"], said["checkpoint"]
    confirmed = {one["@id"].rpartition("/")[2] for one in receipt["x-in:confirms"]}
    if not confirmed or not confirmed <= set(entry["facts"]["events"]):
        return False
    leaf = hashlib.sha256(b"\x00" + canonical(entry)).digest()
    path = [bytes.fromhex(step) for step in said["path"]]
    if _root(leaf, said["index"], point["count"], path) != bytes.fromhex(point["root"]):
        return False
    body = [point[name] for name in ("number", "first", "count", "root", "previous", "at")]
    digest = hashlib.sha256(canonical(["sammati checkpoint 1", *body])).digest()
    for key in keys.get("checkpoints", []):
        if key.get("kid") == point["kid"]:
            try:
                Ed25519PublicKey.from_public_bytes(unpacked(key["x"])).verify(
                    bytes.fromhex(point["signature"]), digest
                )
            except InvalidSignature:
                return False
            return True
    return False


def canonical(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _root(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The tree head to which this path leads (RFC 9162, 2.1.3.2); b"" where it leads nowhere."""
    node, last, found = index, size - 1, leaf
    if not 0 <= index < size:
        return b""
    for step in path:
        if last == 0:
            return b""
        left = node % 2 or node == last
        found = hashlib.sha256(b"\x01" + (step + found if left else found + step)).digest()
        if left:
            while not node % 2 and node:
                node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    return b"" if last else found


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(f"python {Path(sys.argv[0]).name} RECEIPT KEYS", file=sys.stderr)
        return 2
    try:
        raw, keys = Path(arguments[0]).read_bytes(), json.loads(Path(arguments[1]).read_text())
        assert isinstance(keys["keys"], list)
    except (OSError, ValueError, KeyError, TypeError, AssertionError):
        print("The receipt or the file of keys cannot be read.", file=sys.stderr)
        return 2
    result = check(raw.decode(errors="replace"), keys)
    print(f"{result.code}: {SAYS[result.code]}")
    if result.ok:
        receipt = result.receipt
        print(
            f"{receipt['dct:identifier']} ({receipt['x-in:receiptKind']}), signed {receipt['dct:issued']['@value']} with {result.kid}"
        )
        print("Its place in the log holds." if result.proven else "It brings no proof from the log.")
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
