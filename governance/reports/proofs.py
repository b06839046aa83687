"""The proof that the digest of a report stands in the log: a file to keep beside the document, checked offline.

The entry that was hashed, the path from its leaf to the root of its batch, and the checkpoint that a published key signed
over that root. It holds ids, codes and digests: no name, nothing of what the report says.
"""

import json
from datetime import UTC
from typing import Any

from governance.audit import log
from governance.audit.models import Checkpoint, Entry
from governance.reports.models import Report

VERSION = 1


def of(report: Report) -> dict[str, Any] | None:
    """None while the entry is recorded and being sealed."""
    place = log.inclusion(report.entry_id) if report.entry_id else None
    if place is None:
        return None
    entry = Entry.objects.get(pk=report.entry_id)
    point = Checkpoint.objects.get(number=place["checkpoint"])
    return {
        "sammati_proof": VERSION,
        "file": f"{report.number}-{report.kind}.{'pdf' if report.pdf_sha256 else 'json'}",
        "entry": entry.body(),
        "inclusion": {name: place[name] for name in ("leaf", "index", "size", "path")},
        "checkpoint": {
            "number": point.number, "first": point.first, "count": point.count, "root": bytes(point.root).hex(),
            "previous": bytes(point.previous).hex(), "at": point.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "hash": bytes(point.hash).hex(), "kid": point.kid, "signature": bytes(point.signature).hex(),
        },
    }  # fmt: skip


def text_of(report: Report) -> bytes | None:
    proof = of(report)
    return json.dumps(proof, indent=1, sort_keys=True, ensure_ascii=False).encode() if proof else None
