"""Is this PDF what it claims to be? It is read in a child process within limits, and nothing of it is kept."""

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from governance.lib.refusals import Refused
from governance.reports import seals
from governance.reports.models import Report

CHECKING = Path(__file__).with_name("checking.py")
MEMORY = 1 << 30  # bytes of address space
SECONDS = 20
LARGEST = 50 << 20  # bytes


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
        raise Refused(_("This file is larger than 50 MB. None of our documents is."), code="too_large")
    order = {
        "pdf": base64.b64encode(pdf).decode(), "certificates": [c.decode() for c in seals.published(home)],
        "memory": MEMORY, "seconds": SECONDS,
    }  # fmt: skip
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(CHECKING)], input=json.dumps(order).encode(), capture_output=True, env={},
            timeout=SECONDS + 5, check=False,
        )  # fmt: skip
        facts = json.loads(child.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise Refused(
            _("This file could not be read within the limits. It was not kept."), code="unreadable"
        ) from None
    kind, sentence = sentences()[facts["code"]]
    return Finding(facts["code"], kind, sentence, facts, *_books(facts))


def _books(facts: dict[str, Any]) -> tuple[Report | None, Report | None]:
    """The report with these bytes, and a newer one of the same kind and scope."""
    mine = Report.objects.filter(state="ready", pdf_sha256=facts["sha256"]).select_related("entity").first()
    if mine is None:
        return None, None
    newer = Report.objects.filter(
        state="ready",
        kind=mine.kind,
        entity=mine.entity,
        scope=mine.scope,
        about=mine.about,
        ready_at__gt=mine.ready_at,
    )
    return mine, newer.order_by("-ready_at").first()
