"""The last step of a PDF, in the signer process: the seal is put on, its digest goes into the log, the report is ready.

The press draws and cannot sign; the signer signs and cannot draw. Without its key a document waits, visibly.
"""

from hashlib import sha256
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from governance.lib import clock, quiet
from governance.reports import reports, seals
from governance.reports.models import Report, ReportFile

logger = structlog.get_logger(__name__)
NO_KEY = "NoKey"


def put_on(report_id: UUID) -> None:
    """The report is sealed and ready; or it waits on, and says why. A second signer at it changes nothing.

    One transaction: killed anywhere, the timetable finds the row as it was. A time-stamp server is waited for inside
    of it, a few seconds at most, and nobody else writes this row meanwhile.
    """
    try:
        with transaction.atomic():
            report = (
                Report.objects.unsealed()
                .select_for_update(skip_locked=True, of=("self",))
                .select_related("entity", "asked_by")
                .filter(pk=report_id)
                .first()
            )
            if report is not None:
                _put_on(report)
    except seals.NoKey:
        _waits(report_id, NO_KEY)
        logger.warning("report.no_key", report=str(report_id))
    except Exception as error:
        _waits(report_id, type(error).__name__)
        logger.warning("report.not_sealed", report=str(report_id), error=quiet.describe(error))


def _put_on(report: Report) -> None:
    file = report.files.get(kind="pdf")
    now = clock.now()
    seal = seals.seal_of(
        report.entity.code, secrets=settings.SECRETS, home=settings.SEALS, now=now, pkcs12=settings.SEAL_PKCS12,
        passphrase=settings.SEAL_PASSPHRASE.encode(),
    )  # fmt: skip
    sealed = seals.sign(
        bytes(file.content), seal, reason=f"Sealed by {report.entity.name}", number=report.number,
        time_stamp_url=settings.TIME_STAMP_URL,
    )  # fmt: skip
    file.delete()
    ReportFile.objects.create(report=report, kind="pdf", content=sealed)
    said = {"kid": seal.kid, "own": seal.own, "at": now.isoformat(), "stamped": bool(settings.TIME_STAMP_URL)}
    reports.make_ready(report, pdf_sha256=sha256(sealed).hexdigest(), seal=said)


def _waits(report_id: UUID, why: str) -> None:
    Report.objects.unsealed().filter(pk=report_id).update(fault=why)
