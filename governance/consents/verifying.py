"""Is this text a receipt of ours, unchanged, and what does it say? In plain words; nothing is stored and no name is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from governance.consents import checking, signing
from governance.consents.models import Receipt
from governance.lib.dates import date_format
from governance.purposes import catalogue, words

SENTENCES = {
    "genuine": gettext_lazy("This receipt is genuine: the portal signed it, and nothing in it was changed since."),
    "empty": gettext_lazy("There is nothing to check yet. Paste a receipt, or choose its file."),
    "too_long": gettext_lazy("This is too long for a receipt. Choose the file that you downloaded from the receipt’s page."),
    "not_a_receipt": gettext_lazy("This is not a receipt of this portal. Choose the .jws or .json file that you downloaded from the receipt’s page."),
    "forbidden_header": gettext_lazy("This is not accepted: it brings its own key, or says where to fetch one. Only the keys that this portal publishes count."),
    "wrong_algorithm": gettext_lazy("This is not accepted: it is signed in a way in which this portal never signs."),
    "other_key": gettext_lazy("This is not accepted: it names a key that this portal uses for something else than receipts."),
    "unknown_key": gettext_lazy("This is not accepted: it names a key that this portal never published. It may be the receipt of another portal."),
    "key_called_back": gettext_lazy("Nobody can be certain of this receipt: the key that signed it was called back. Download it again from its page."),
    "key_not_then": gettext_lazy("This is not accepted: its key was not in use when it is said to have been signed."),
    "wrong_signature": gettext_lazy("This was changed, or this portal never signed it: the signature does not belong to these words."),
    "readable_differs": gettext_lazy("This was changed: what can be read in the file is not what was signed."),
    "proof_wrong": gettext_lazy("The signature is genuine, but the place in the log that the receipt names does not hold. Tell the data protection officer."),
}  # fmt: skip


@cache
def offline_command() -> bytes:
    """The small command that checks a receipt without us: one file that needs Python and `cryptography`."""
    return Path(checking.__file__).read_bytes()


def offline_command_sha256() -> str:
    return sha256(offline_command()).hexdigest()


@dataclass(frozen=True)
class Finding:
    """`code` for machines, `sentence` for people; `facts` label → value, both plain; `ok`: signed by a key of ours."""

    code: str
    sentence: str
    facts: dict[str, str] = field(default_factory=dict)
    ok: bool = False


def check(text: str) -> Finding:
    """What was found in a pasted or uploaded receipt. Facts come from what was signed, never from what lies beside it."""
    result = checking.check(text, signing.everything(settings.RECEIPT_KEYS, settings.CHECKPOINTS))
    facts = _facts(result) if result.ok else {}
    return Finding(result.code, str(SENTENCES[result.code]), facts, result.ok)


def _facts(result: checking.Result) -> dict[str, str]:
    receipt = result.receipt
    records = receipt["dpv:hasRecordOfActivity"]
    process, shown = records[0]["dpv:hasProcess"][0], records[0].get("dpv:hasNotice", {})
    number = process["@id"].split("/")[1]
    found = {
        _("Receipt"): str(receipt["dct:identifier"]),
        _("What it confirms"): str(
            dict(Receipt.KINDS).get(receipt["x-in:receiptKind"], receipt["x-in:receiptKind"])
        ),
        _("When"): _moment(receipt["dct:created"]),
        _("Who is responsible"): _name(receipt, process["dpv:hasDataController"]["@id"]),
        _("Purpose"): f"{number} {process['dct:title']}",
        _("Signals"): ", ".join(_signal(record) for record in records),
        _("On which words"): _words(shown),
        _("Erasure order"): str(receipt.get("x-in:erasureOrder", "")),
        _("Erased and read back"): _moment(receipt["x-in:stopped"]["dct:date"])
        if "x-in:stopped" in receipt
        else "",
        _("Signed"): _moment(receipt["dct:issued"]),
        _("With the key"): result.kid,
        _("Place in the log"): _place(receipt, result.proven),
    }
    return {label: value for label, value in found.items() if value}


def _name(receipt: Mapping[str, Any], iri: str) -> str:
    return next((str(one["dpv:hasName"]) for one in receipt["dpv:hasEntity"] if one["@id"] == iri), "")


def _signal(record: Mapping[str, Any]) -> str:
    code = record["dpv:hasProcess"][0]["dct:identifier"].rpartition("/")[2]
    kind = catalogue.signals().get(code)
    return kind.title(get_language() or "en") if kind else str(code)


def _words(shown: Mapping[str, Any]) -> str:
    if not shown:
        return ""
    said = {"version": shown["dct:hasVersion"], "language": words.language(shown["dct:language"])}
    return _("Notice version %(version)s, %(language)s") % said


def _place(receipt: Mapping[str, Any], proven: bool) -> str:
    if not proven:
        return ""
    proof = receipt[checking.PROOF]["@value"]
    return _("Position %(position)s, checkpoint %(number)s: the proof holds") % {
        "position": proof["position"], "number": proof["checkpoint"]["number"],
    }  # fmt: skip


def _moment(value: Mapping[str, str]) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(value["@value"])), "j F Y, H:i:s e")
