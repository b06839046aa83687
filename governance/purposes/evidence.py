"""Papers on file: a HOLD points to one, not to a ticked box. They are never edited; a wrong one is withdrawn, with a reason."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import locks
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.purposes import rules_papers, verdicts
from governance.purposes.models import Evidence, EvidenceFile, Purpose
from governance.purposes.policy import packs


@dataclass(frozen=True)
class Paper:
    """A paper that is to be filed."""

    kind: str
    content: bytes
    name: str
    signer: str
    signed_on: date
    expires_on: date | None = None
    outcome: str = "approved"
    reference: str = ""


@transaction.atomic
def file(purpose: Purpose, paper: Paper, *, on: date, by: Person) -> Evidence:
    """The paper is on file with its SHA-256, and the purpose is judged anew. Refused for what is no paper of this kind."""
    (filed,) = file_all(purpose, [paper], on=on, by=by)
    return filed


@transaction.atomic
def file_all(purpose: Purpose, papers: Sequence[Paper], *, on: date, by: Person) -> list[Evidence]:
    """All of these papers are on file, or none; then the purpose is judged anew, once."""
    types = [_check(paper, on) for paper in papers]
    locks.exclusively(locks.purpose(purpose.pk))
    filed = []
    for paper, media_type in zip(papers, types, strict=True):
        evidence = Evidence.objects.create(
            purpose=purpose, kind=paper.kind, reference=paper.reference.strip()[:200], signer=paper.signer.strip()[:200],
            signed_on=paper.signed_on, expires_on=paper.expires_on, outcome=paper.outcome, file_type=media_type,
            file_name=rules_papers.file_name(paper.name, media_type), file_size=len(paper.content),
            file_sha256=hashlib.sha256(paper.content).hexdigest(), filed_by=by,
        )  # fmt: skip
        EvidenceFile.objects.create(evidence=evidence, content=paper.content)
        log.record(
            "evidence.filed", by=by, about=purpose, evidence=evidence.pk, kind=paper.kind, sha256=evidence.file_sha256,
            outcome=paper.outcome, signed_on=paper.signed_on, expires_on=paper.expires_on,
        )  # fmt: skip
        evidence.refresh_from_db(fields=["filed_at"])
        filed.append(evidence)
    verdicts.settle(purpose, because="evidence", on=on, by=by)
    return filed


def _check(paper: Paper, on: date) -> str:
    """The media type. Refused for what is no paper of this kind."""
    rules_papers.check_kind(paper.kind, packs.default())
    rules_papers.check_signed(paper.signed_on, paper.expires_on, on)
    if not paper.signer.strip():
        raise Refused(_("Write who signed it, as it stands on the paper."), code="no_signer")
    return rules_papers.kind_of_file(paper.content)


@transaction.atomic
def withdraw(evidence_id: UUID, *, because: str, on: date, by: Person) -> Evidence:
    """The paper counts no more, from the commit on; it stays readable with the reason. What rested on it stops."""
    rules_papers.check_because(because)
    purpose_id = Evidence.objects.values_list("purpose_id", flat=True).get(pk=evidence_id)
    locks.exclusively(locks.purpose(purpose_id))
    evidence = Evidence.objects.select_for_update().get(pk=evidence_id)
    if evidence.withdrawn_at is not None:
        return evidence
    Evidence.objects.filter(pk=evidence_id).update(
        withdrawn_by=by, withdrawn_at=Now(), withdrawn_because=because.strip()
    )
    log.record("evidence.withdrawn", by=by, about=evidence.purpose, evidence=evidence_id, kind=evidence.kind)
    verdicts.settle(evidence.purpose, because="evidence", on=on, by=by)
    evidence.refresh_from_db()
    return evidence
