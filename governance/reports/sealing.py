"""The last step of a report, in the signer process: the seal is put on the PDF, its digest into the log, and it is ready.

The press draws and cannot sign; the signer signs and cannot draw. Without its key a document waits, visibly.
"""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import clock, quiet
from governance.people import notify
from governance.reports import seals
from governance.reports.models import Report, ReportFile

logger = structlog.get_logger(__name__)
NO_KEY = "NoKey"


def published_in() -> Path:
    """The folder of certificates that anybody may read."""
    return Path(settings.CHECKPOINTS).parent / "seals"


def put_on(report_id: UUID) -> None:
    """The report is sealed and ready; or it waits on, and says that the key is missing."""
    try:
        with transaction.atomic():
            report = (
                Report.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("entity", "asked_by")
                .filter(pk=report_id, state="signing")
                .first()
            )
            if report is not None:
                _put_on(report)
    except seals.NoKey:
        Report.objects.filter(pk=report_id, state="signing").update(fault=NO_KEY)
        logger.warning("report.no_key", report=str(report_id))
    except Exception as error:
        Report.objects.filter(pk=report_id, state="signing").update(fault=type(error).__name__)
        logger.warning("report.not_sealed", report=str(report_id), error=quiet.describe(error))


def _put_on(report: Report) -> None:
    file = report.files.get(kind="pdf")
    seal = seals.seal_of(
        report.entity.code, secrets=settings.SECRETS, home=published_in(), now=clock.now(),
        pkcs12=settings.SEAL_PKCS12, passphrase=settings.SEAL_PASSPHRASE.encode(),
    )  # fmt: skip
    sealed = seals.sign(
        bytes(file.content),
        seal,
        reason=f"Sealed by {report.entity.name}",
        number=report.number,
        time_stamp_url=settings.TIME_STAMP_URL,
    )
    report.files.filter(kind="pdf").delete()
    ReportFile.objects.create(report=report, kind="pdf", content=sealed)
    finish(
        report, sha256(sealed).hexdigest(), {"kid": seal.kid, "own": seal.own, "at": clock.now().isoformat()}
    )


def finish(report: Report, pdf_sha256: str, seal: dict[str, object]) -> None:
    """Digest, log entry, message and state, in the caller's transaction: a ready report has all of them."""
    twin = report.files.get(kind="json")
    entry = log.record(
        "report.made", about=report, kind=report.kind, number=report.number, facts_sha256=report.facts_sha256,
        pdf_sha256=pdf_sha256, json_sha256=sha256(bytes(twin.content)).hexdigest(), seal=str(seal.get("kid", "")),
    )  # fmt: skip
    Report.objects.filter(pk=report.pk).update(
        state="ready", step="", progress=100, lease_until=None, pdf_sha256=pdf_sha256, seal=seal, entry_id=entry.pk,
        ready_at=Now(), fault="",
    )  # fmt: skip
    if report.asked_by:
        notify.tell(report.asked_by, "report_ready", report=report.pk, number=report.number)


def waiting() -> list[UUID]:
    return list(Report.objects.filter(state="signing").order_by("asked_at").values_list("pk", flat=True))


def sealed_on(report: Report) -> datetime | None:
    at = report.seal.get("at")
    return datetime.fromisoformat(str(at)) if at else None
