"""Certificate of section 63(4) of the Bharatiya Sakshya Adhiniyam, 2023 for one stored report, in the form of its Schedule.

Part A is filled in as far as the portal knows; what only a person can affirm is left to be written and signed by hand.
Part B is the expert's, and empty. Where a file is not what was recorded of it, this says so and certifies nothing.
"""

from hashlib import sha256
from typing import Any

from django.conf import settings

from governance.audit import log, merkle
from governance.audit.models import Entry, Leaf
from governance.lib import clock
from governance.lib.canonical import canonical
from governance.people.models import Entity
from governance.reports.kinds import bsa_certificate_words
from governance.reports.kinds.subject import Subject, id_in
from governance.reports.models import Report

words = bsa_certificate_words.words


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    """A ready report of this entity, and no certificate of this kind itself.

    What shows one person's decision is certified for that person alone: the scope then says "own", and so nobody else
    finds or opens the certificate either.
    """
    report = _report(scope)
    if (
        report is None
        or report.entity_id != entity.pk
        or report.state != "ready"
        or report.kind == "bsa_certificate"
    ):
        return None
    if report.only_for_its_person:
        own = scope == {"report": scope["report"], "own": "yes"} and report.about is not None
        return Subject(report.number, report.about, personal=True) if own else None
    return Subject(report.number) if set(scope) == {"report"} else None


def settled(scope: dict[str, str]) -> bool:
    """The log has sealed that the report was made."""
    report = _report(scope)
    return report is None or Leaf.objects.filter(entry_id=report.entry_id).exists()


def _report(scope: dict[str, str]) -> Report | None:
    return Report.objects.select_related("entity").filter(pk=id_in(scope, "report")).first()


def facts(report: Report) -> dict[str, Any]:
    """Every file is read and hashed again now. Raises LookupError when the report is gone."""
    told = _report(report.scope)
    entry = Entry.objects.filter(pk=told.entry_id, code="report.made").first() if told else None
    if told is None or entry is None:
        raise LookupError("report")
    recorded = {"pdf": entry.facts.get("pdf_sha256", ""), "json": entry.facts.get("json_sha256", "")}
    files = [
        {
            "name": f"{told.number}-{told.kind}.{file.kind}", "kind": file.kind, "bytes": len(bytes(file.content)),
            "sha256": sha256(bytes(file.content)).hexdigest(), "recorded": recorded.get(file.kind, ""),
        }
        for file in told.files.order_by("-kind")
    ]  # fmt: skip
    proof = log.inclusion(entry.pk)
    leaf = merkle.leaf_hash(canonical(entry.body())).hex()
    return {
        "report": {
            "number": told.number, "kind": told.kind, "language": told.language, "pages": told.pages, "facts_sha256": told.facts_sha256,
            "template_version": told.template_version, "asked_at": told.asked_at, "ready_at": told.ready_at, "attempts": told.attempts, "seal": told.seal,
        },
        "files": files,
        "hashed_at": clock.now(),
        "whole": bool(files) and all(file["sha256"] == file["recorded"] for file in files) and (proof is None or proof["leaf"] == leaf),
        "portal": settings.PUBLIC_URL or "",
        "log": {"entry": entry.pk, "at": entry.at, "leaf": leaf, "proof": proof},
        "asked_by": report.asked_by.number if report.asked_by else None,
    }  # fmt: skip
