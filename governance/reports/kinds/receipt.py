"""A person's consent receipt as a document: what they said, on which words, when, and where the log has it."""

import base64
import json
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.audit import log
from governance.audit.models import Leaf
from governance.consents.models import Receipt
from governance.lib import languages
from governance.lib.canonical import digest
from governance.people.models import Entity
from governance.purposes import catalogue
from governance.purposes.models import NoticeText
from governance.reports import words as say
from governance.reports.kinds.register import controller_lines
from governance.reports.kinds.subject import Subject, id_in
from governance.reports.models import Report
from governance.reports.words import Frame

TITLES = {
    "given": gettext_lazy("Receipt of consent"),
    "refused": gettext_lazy("Receipt of a refusal"),
    "withdrawn": gettext_lazy("Receipt of withdrawal"),
    "stopped": gettext_lazy("Receipt: processing has stopped"),
    "invalid": gettext_lazy("Receipt: a consent was found not valid"),
}
SAID = {
    "given": gettext_lazy("You switched these signals on. Nothing else was switched on."),
    "refused": gettext_lazy(
        "You said no. Nothing is recorded for these signals, and nothing changes for you."
    ),
    "withdrawn": gettext_lazy(
        "You withdrew your consent. Nothing more is admitted since this moment, and the erasure of what had been recorded is ordered."
    ),
    "invalid": gettext_lazy(
        "Your consent was found not valid. Nothing more is admitted since this moment, and the erasure of what had been recorded is ordered."
    ),
    "stopped": gettext_lazy(
        "What had been recorded is erased: every connected system was read back and nothing was found."
    ),
}
STATUSES = {
    "given": gettext_lazy("switched on"), "renewed": gettext_lazy("switched on again"), "refused": gettext_lazy("refused"),
    "withdrawn": gettext_lazy("withdrawn"), "expired": gettext_lazy("expired"), "revoked": gettext_lazy("ended by the controller"),
    "invalidated": gettext_lazy("found invalid"),
}  # fmt: skip


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    receipt = _receipt(scope)
    return (
        Subject(receipt.number, receipt.person)
        if receipt and receipt.purpose.entity_id == entity.pk
        else None
    )


def settled(scope: dict[str, str]) -> bool:
    """The log has sealed the entry that the receipt names, and the signer has signed the receipt."""
    receipt = _receipt(scope)
    return receipt is None or (bool(receipt.jws) and Leaf.objects.filter(entry_id=receipt.entry_id).exists())


def _receipt(scope: dict[str, str]) -> Receipt | None:
    return (
        Receipt.objects.select_related("person", "purpose__entity").filter(pk=id_in(scope, "receipt")).first()
    )


def facts(report: Report) -> dict[str, Any]:
    """The stored receipt, the words that its hash belongs to, and the log's proof. Raises LookupError when it is gone."""
    receipt = _receipt(report.scope)
    if receipt is None:
        raise LookupError("receipt")
    body = receipt.body
    return {
        "receipt": body,
        "receipt_sha256": receipt.sha256,
        "person_number": receipt.person.number,
        "unchanged": digest(body) == receipt.sha256,
        "at": receipt.at,
        "signals": {
            event["signal"]: {
                "title": say.signal_title(event["signal"], report.language),
                "explained": kind.explanation(report.language)
                if (kind := catalogue.signals().get(event["signal"]))
                else "",
            }
            for event in body["events"]
        },
        "notice_text": _notice_text(body["notice"]),
        "log": {"entry": receipt.entry_id, "proof": log.inclusion(receipt.entry_id)},
        "linked": _signed(receipt.jws),
    }


def _signed(jws: str) -> dict[str, Any] | None:
    """What the signer has signed, in the words of DPV and ISO/IEC TS 27560; None while it is waiting to be signed."""
    if jws.count(".") != 2:
        return None
    body = jws.split(".")[1]
    document: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return document


def _notice_text(notice: dict[str, Any] | None) -> dict[str, Any] | None:
    """The words that were shown, only if their hash is the one of the receipt."""
    if not notice:
        return None
    text = NoticeText.objects.filter(notice_id=notice["id"], language=notice["language"]).first()
    if text is None or text.compute_hash() != notice["sha256"]:
        return None
    parts = [{"heading": heading, "text": said} for _code, heading, said in text.parts]
    # The digest is over every element: also the reasons given beside single signals belong to what was shown.
    beside = [code for code in text.elements if code not in catalogue.ELEMENTS and text.elements[code]]
    parts += [
        {"heading": say.signal_title(code.removeprefix("why_"), text.language), "text": text.elements[code]}
        for code in beside
    ]
    return {"title": text.title, "language": text.language, "parts": parts}


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    body, notice, proof = content["receipt"], content["receipt"]["notice"], content["log"]["proof"]
    return {
        "head": {"title": str(TITLES[body["kind"]]), "kind": str(TITLES[body["kind"]]), "prepared_for": ""},
        "kind": body["kind"],
        "verdict": str(SAID[body["kind"]]),
        "number": body["receipt"],
        "person": content["person_number"] or "",
        "at": frame.moment(content["at"]),
        "purpose": f"{body['purpose']['number']} {body['purpose']['name']}",
        "grounds": body["grounds"],
        "order": body["erasure_order"] or "",
        "controller": controller_lines(frame.controller),
        "events": [
            {
                "signal": content["signals"][event["signal"]]["title"],
                "explained": content["signals"][event["signal"]]["explained"],
                "status": str(STATUSES.get(event["status"], event["status"])),
                "at": frame.minute(event["at"]),
            }
            for event in body["events"]
        ],
        "zone": frame.zone_name,
        "notice": {
            "version": say.number(notice["version"]), "language": say.language_name(notice["language"]), "sha256": notice["sha256"],
        } if notice else None,
        "text": content["notice_text"] and content["notice_text"] | {"direction": languages.direction(content["notice_text"]["language"])},
        "instead": say.instead(notice["language"], frame.language) if notice else None,
        "text_is_missing": bool(notice and not content["notice_text"]),
        "receipt_sha256": content["receipt_sha256"],
        "log": {
            "entry": str(content["log"]["entry"]),
            "sealed": bool(proof),
                "lines": say.place_in_log(proof),
            "leaf": proof["leaf"] if proof else "",
            "root": proof["root"] if proof else "",
            "checkpoint": proof["checkpoint_hash"] if proof else "",
            "kid": proof["kid"] if proof else "",
        },
        "how_to_end": _("You can withdraw at any time on your page “My choices”, with one click and without a reason.") if body["kind"] == "given" else "",
    }  # fmt: skip
