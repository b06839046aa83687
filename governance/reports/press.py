"""Make a report: claim, facts, pages, kept for the signer. Killed anywhere, the next worker goes on from the facts that are stored."""

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pikepdf
import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_noop

from governance.audit import log
from governance.lib import clock, quiet
from governance.lib.canonical import canonical, digest
from governance.lib.nudge import nudge
from governance.people import notify
from governance.reports import bound, editions, kinds, linked, paper, reports, rules, shelf, versions, words
from governance.reports.models import Report, ReportFile, ReportQuerySet

logger = structlog.get_logger(__name__)
LEASE = timedelta(seconds=45)  # renewed every few seconds while the pages are drawn
PATIENCE = 12.0  # seconds to wait until the log has sealed what a certificate shows the proof of
NEXT_STEP = {
    "facts": gettext_noop("Reading the facts"),
    "pages": gettext_noop("Drawing the pages"),
    "sealing": gettext_noop("Keeping the files"),
    "signing": gettext_noop("Waiting for its seal"),
}


class Overtaken(Exception):
    """Another worker has the report now, or it was cancelled: what this one does counts for nothing."""


@dataclass(frozen=True)
class Claim:
    report_id: UUID
    fence: int


def make(report_id: UUID) -> None:
    """The report is ready, waits for another attempt, or has failed; a second worker at it changes nothing."""
    claim = _claim(report_id)
    if claim is None:
        return
    try:
        facts = _facts(claim)
        pdf = _pages(claim, facts)
        _keep(claim, facts, pdf)
    except Overtaken:
        return
    except Exception as error:
        _stumble(claim, error)


def make_all(rows: ReportQuerySet) -> None:
    """Each that waits was tried once. Asked again after each: what somebody waits for goes before what waits longer."""
    tried: set[UUID] = set()
    while (report_id := next((pk for pk in rows.all().pks() if pk not in tried), None)) is not None:
        tried.add(report_id)
        make(report_id)


def clear_away() -> None:
    """Of cancelled reports nothing that was drawn is left."""
    ReportFile.objects.filter(report__state="cancelled").delete()


@transaction.atomic
def _claim(report_id: UUID) -> Claim | None:
    report = (
        Report.objects.waiting()
        .select_for_update(skip_locked=True, of=("self",))
        .filter(pk=report_id)
        .first()
    )
    if report is None:
        return None
    if rules.gives_up(report.attempts):  # the workers that tried it were killed
        Report.objects.filter(pk=report.pk).update(
            state="failed", fault="WorkerLost", lease_until=None, step=""
        )
        _fail(report, "WorkerLost")
        return None
    state = "pages" if report.facts is not None else "facts"
    Report.objects.filter(pk=report.pk).update(
        state=state, step=NEXT_STEP[state], fence=report.fence + 1, attempts=report.attempts + 1, fault="",
        lease_until=Now() + LEASE, pages=None, pages_about=None, progress=40 if report.facts is not None else 10,
    )  # fmt: skip
    return Claim(report.pk, report.fence + 1)


def _fail(report: Report, fault: str) -> None:
    """Recorded, and whoever asked is told."""
    log.record("report.failed", about=report, fault=fault)
    if report.asked_by:
        notify.tell(report.asked_by, "report_failed", report=report.pk, number=report.number)


def _settle(claim: Claim, **changes: Any) -> None:
    """Write, if the claim still holds, and renew the lease. Raises Overtaken."""
    changes = {"lease_until": Now() + LEASE} | changes
    rows = Report.objects.filter(pk=claim.report_id, fence=claim.fence).exclude(state="cancelled")
    if not rows.update(**changes):
        raise Overtaken


def _facts(claim: Claim) -> dict[str, Any]:
    """What the report says, stored before a page is drawn: another attempt uses the same."""
    report = Report.objects.select_related("entity", "asked_by").get(pk=claim.report_id)
    if report.facts is not None:
        if digest(report.facts) != report.facts_sha256:
            raise ValueError("The stored facts were changed.")
        return report.facts
    kind = kinds.KINDS[report.kind]
    until = time.monotonic() + PATIENCE
    while not kind.settled(report.scope) and time.monotonic() < until:
        time.sleep(0.25)
        _settle(claim)
    with transaction.atomic():
        if (
            len(connection.savepoint_ids) == 0
        ):  # one moment for all queries; inside a test's transaction it is too late
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        facts = json.loads(
            canonical({"report": envelope(report, clock.now()), "content": kind.facts(report)})
        )
    _settle(
        claim, facts=facts, facts_sha256=digest(facts), state="pages", step=NEXT_STEP["pages"], progress=40
    )
    return facts


def envelope(report: Report, now: datetime) -> dict[str, Any]:
    entity = report.entity
    roles = (
        sorted({name for name, where in report.asked_by.roles_held if where == entity.pk})
        if report.asked_by
        else []
    )
    return {
        "number": report.number, "id": report.pk, "kind": report.kind, "language": report.language, "law_on": report.law_on,
        "read_at": now, "verify_at": f"{settings.PUBLIC_URL}/verify/" if settings.PUBLIC_URL else "", "own_seal": settings.SEAL_PKCS12 is None,
        "asked_by_roles": [role for role in roles if role != "manager"], "timezone": entity.timezone,
        "controller": {
            "id": entity.pk, "name": entity.name, "address": entity.address, "country": entity.country,
            "contact_name": entity.contact_name, "contact_email": entity.contact_email, "dpo_name": entity.dpo_name,
            "dpo_email": entity.dpo_email, "eu_representative": entity.eu_representative,
        },
    }  # fmt: skip


def html_of(report: Report, facts: dict[str, Any]) -> str:
    """The pages before they are drawn: a pure function of the facts and the template's version."""
    kind = kinds.KINDS[report.kind]
    with translation.override(report.language):
        context = words.paper(
            facts, kind, report.facts_sha256 or digest(facts), version_of(report.kind, report.language)
        )
        return render_to_string(f"pdf/{report.kind}.html", context)


def _pages(claim: Claim, facts: dict[str, Any]) -> bytes | None:
    """The PDF, or None on a machine that draws none: page and JSON hold the same facts."""
    report = Report.objects.get(pk=claim.report_id)
    try:
        pdf = draw(report, facts, alive=lambda: _settle(claim), told=lambda done, of: _tell(claim, done, of))
    except paper.NoPango:
        pdf = None
    version = version_of(report.kind, report.language)
    drawn_by = editions.keep() if pdf else {}
    _settle(
        claim, state="sealing", step=NEXT_STEP["sealing"], progress=85, template_version=version, drawn_by=drawn_by
    )  # fmt: skip
    return pdf


def _tell(claim: Claim, done: int, of: int) -> None:
    """How far the pages are, for whoever waits: drawn, of about so many."""
    part = min(1.0, done / of) if of else 0.0
    _settle(claim, pages=done, pages_about=of, progress=40 + round(45 * part))


def draw(
    report: Report, facts: dict[str, Any], *, alive: Callable[[], None] = lambda: None,
    told: bound.Told = lambda done, of: None, use_shelf: bool = True,
) -> bytes:  # fmt: skip
    """The PDF without its seal: the same facts and templates give the same bytes. Raises paper.CannotDraw.

    `use_shelf=False`: every page is drawn anew (see reports.bound).
    """
    twin = paper.Twin(
        f"{report.number}.json", "The same facts, machine-readable", twin_of(report, facts).decode()
    )
    made_at = datetime.fromisoformat(facts["report"]["read_at"])
    said = linked.text_of(report.kind, facts)
    also = paper.Twin(f"{report.number}.jsonld", linked.DESCRIPTION, said) if said else None
    if bound.is_long(report.kind, facts):
        version, whole = version_of(report.kind, report.language), report.facts_sha256 or digest(facts)
        pdf = bound.draw(
            facts,
            twin=twin,
            also=also,
            version=version,
            facts_sha256=whole,
            alive=alive,
            told=told,
            use_shelf=use_shelf,
        )
        shelf.tidy()
        if pdf is not None:
            return pdf
    return paper.draw(html_of(report, facts), twin=twin, also=also, made_at=made_at, alive=alive)


def twin_of(report: Report, facts: dict[str, Any]) -> bytes:
    """The machine-readable file: the facts and their digest, readable by eye too."""
    whole = {
        "facts": facts,
        "facts_sha256": digest(facts),
        "template_version": version_of(report.kind, report.language),
    }
    told = (
        io.BytesIO()
    )  # piece by piece: a hundred thousand rows as one list of pieces would want more than themselves
    for piece in json.JSONEncoder(indent=1, sort_keys=True, ensure_ascii=False).iterencode(whole):
        told.write(piece.encode())
    return told.getvalue()


def _keep(claim: Claim, facts: dict[str, Any], pdf: bytes | None) -> None:
    """The files are kept. A PDF waits for the signer, because here is no key; without one the report is ready."""
    pages = _count_pages(pdf) if pdf else None
    with transaction.atomic():
        report = Report.objects.select_for_update(of=("self",)).get(pk=claim.report_id)
        files = {"json": twin_of(report, facts)} | ({"pdf": pdf} if pdf else {})
        ReportFile.objects.filter(report=report).delete()
        ReportFile.objects.bulk_create(
            ReportFile(report=report, kind=kind, content=body) for kind, body in files.items()
        )
        if pdf:
            _settle(
                claim, state="signing", step=NEXT_STEP["signing"], progress=95, lease_until=None, pages=pages, fault=""
            )  # fmt: skip
            nudge("reports.seal")
        else:
            _settle(claim, pages=None)
            reports.make_ready(report, pdf_sha256="", seal={})


def _count_pages(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def _stumble(claim: Claim, error: Exception) -> None:
    """Only the class of the error is kept: its words may quote what is in the facts."""
    logger.warning("report.stumbled", report=str(claim.report_id), error=quiet.describe(error))
    attempts = Report.objects.values_list("attempts", flat=True).get(pk=claim.report_id)
    over = rules.gives_up(attempts)
    try:
        with transaction.atomic():
            _settle(
                claim,
                state="failed" if over else "waiting",
                fault=type(error).__name__,
                lease_until=None,
                step="",
                progress=0,
            )
            if over:
                _fail(Report.objects.get(pk=claim.report_id), type(error).__name__)
    except Overtaken:
        return


def version_of(kind: str, language: str) -> str:
    """Of everything that turns facts into pages: see reports.versions."""
    return versions.of(kind, language)
