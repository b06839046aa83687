"""Is this document what it claims to be? A PDF is read in a child process within limits, and nothing of it is kept."""

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from governance.lib.refusals import Refused
from governance.reports import certificates, checking, codes
from governance.reports.models import Report

CHECKING = Path(__file__).with_name("checking.py")
MEMORY = 768 << 20  # bytes of address space
SECONDS = 15  # of processor time
LARGEST = 10 << 20  # bytes; none of our documents comes near
LARGEST_PROOF = 256 << 10
AT_ONCE, PATIENCE = BoundedSemaphore(2), 10.0  # children of one process, and seconds to wait for a turn


@dataclass(frozen=True)
class Finding:
    """What was found, for people. `kind`: good, bad, warn. `report`: the one in our books with these very bytes."""

    code: str
    kind: str
    sentence: str
    facts: dict[str, Any]
    report: Report | None = None
    newer: Report | None = None


def sentences() -> dict[str, tuple[str, str]]:
    """Code → (kind, sentence)."""
    return {
        "sound": ("good", _("The seal holds: since it was put on, not one byte of this document has changed.")),
        "changed": ("bad", _("This document was changed after it was sealed. Do not rely on it.")),
        "appended": ("bad", _("Something was added to this document after it was sealed. Do not rely on it.")),
        "foreign": ("bad", _("This document carries a whole seal, but of somebody else: it is none of this installation.")),
        "unsealed": ("warn", _("This PDF carries no seal. Nobody can say from the file alone where it comes from.")),
        "unreadable": ("bad", _("This PDF cannot be read whole: it was damaged, cut, or something was added to it.")),
        "no_pdf": ("warn", _("This is no PDF.")),
    }  # fmt: skip


def check(pdf: bytes, home: Path) -> Finding:
    """`home`: the published certificates. Refused for what is too large or cannot be read within the limits."""
    if len(pdf) > LARGEST:
        raise Refused(_("This file is larger than 10 MB. None of our documents is."), code="too_large")
    facts = _in_a_child(pdf, home)
    kind, sentence = sentences()[facts["code"]]
    return Finding(facts["code"], kind, sentence, facts, *books(facts["sha256"]))


def proven() -> dict[str, tuple[str, str]]:
    """Of a proof: code → (kind, sentence)."""
    return {
        "in_log": ("good", _("The proof holds: the digest of this document stands in the log of this portal, and has stood there since the moment below.")),
        "other_file": ("bad", _("This proof belongs to another document.")),
        "not_in_log": ("bad", _("The proof does not lead from its entry to its checkpoint. Do not rely on it.")),
        "checkpoint_changed": ("bad", _("The checkpoint in this proof was changed. Do not rely on it.")),
        "unknown_key": ("bad", _("The checkpoint in this proof was signed with a key that this portal never published.")),
        "wrong_signature": ("bad", _("The signature under the checkpoint in this proof does not hold. Do not rely on it.")),
        "no_proof": ("warn", _("The second file cannot be read as a proof of this portal.")),
    }  # fmt: skip


def check_proof(document: bytes, proof: bytes, home: Path) -> dict[str, Any]:
    """`home`: where the published keys of the checkpoints lie. {"code", "kind", "sentence", …} in plain words."""
    path = home / "keys.json"
    keys = json.loads(path.read_text()) if path.exists() else {}
    found = (
        checking.check_proof(document, proof, keys) if len(proof) <= LARGEST_PROOF else {"proof": "no_proof"}
    )
    kind, sentence = proven()[found["proof"]]
    return found | {"kind": kind, "sentence": sentence}


def _in_a_child(pdf: bytes, home: Path) -> dict[str, Any]:
    order = {
        "pdf": base64.b64encode(pdf).decode(), "certificates": [c.decode() for c in certificates.published(home)],
        "stampers": [c.decode() for c in certificates.given(settings.TIME_STAMP_ROOTS)], "memory": MEMORY, "seconds": SECONDS,
    }  # fmt: skip
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise Refused(
            _("Several documents are being checked at this moment. Try again in a minute."), code="busy"
        )
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(CHECKING)], input=json.dumps(order).encode(), capture_output=True, env={},
            cwd="/", timeout=SECONDS + 5, check=False,
        )  # fmt: skip
        facts = json.loads(child.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise Refused(
            _("This file could not be read within the limits of time and memory. It was not kept."),
            code="unreadable",
        ) from None
    finally:
        AT_ONCE.release()
    assert facts["sha256"] == sha256(pdf).hexdigest()
    return facts


def books(pdf_sha256: str) -> tuple[Report | None, Report | None]:
    """The report with these bytes, and a newer one that says the same of another day."""
    mine = (
        Report.objects.filter(state__in=("ready", "expired"), pdf_sha256=pdf_sha256)
        .select_related("entity")
        .first()
    )
    return mine, newer_than(mine) if mine else None


def newer_than(report: Report) -> Report | None:
    same = Report.objects.filter(
        state__in=("ready", "expired"), kind=report.kind, entity=report.entity, scope=report.scope, about=report.about,
        language=report.language, ready_at__gt=report.ready_at,
    )  # fmt: skip
    return same.order_by("-ready_at").first()


def of_paper(number: str, code: str) -> Report | None:
    """The report whose number and code are printed on a copy."""
    report = (
        Report.objects.filter(state__in=("ready", "expired"), number=number.strip().upper())
        .select_related("entity")
        .first()
    )
    return report if report is not None and codes.fits(code, report.facts_sha256) else None
