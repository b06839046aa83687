"""Until when a report is kept, and its end: files and facts go; number, digests and the entry in the log stay."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.timezone import localtime

from governance.audit import log
from governance.lib import clock, locks
from governance.reports import rules, rules_keeping
from governance.reports.models import Report, ReportFile
from governance.reports.rules_keeping import Keeping
from governance.retention.models import ErasureOrder, Hold


def of(report: Report, today: date | None = None) -> Keeping:
    """The rule under which a ready report is kept. What a certificate for a court speaks of is kept as long as that."""
    assert report.ready_at is not None
    today = today or clock.law_date(report.entity.timezone)
    own = _by_its_kind(report, today)
    certified = Report.objects.filter(kind="bsa_certificate", state="ready", scope__report=str(report.pk))
    others = [_by_its_kind(one, today) for one in certified.select_related("entity")]
    return max([own, *others], key=lambda one: one.until or date.max)


def _by_its_kind(report: Report, today: date) -> Keeping:
    assert report.ready_at is not None
    made = localtime(
        report.ready_at, ZoneInfo(report.entity.timezone)
    ).date()  # the same day on a page and in a worker
    return rules_keeping.of(report.kind, report.entity.country, made, today)


def is_held(report: Report) -> bool:
    """A legal hold at its entity is in force that may cover it."""
    found = Hold.objects.in_force().filter(matter__entity=report.entity_id)
    about, purpose = str(report.about_id or ""), _purpose(report)
    return any(
        rules_keeping.holds(
            rules_keeping.HoldFacts(str(person or ""), str(on or "")), about=about, purpose=purpose
        )
        for person, on in found.values_list("person_id", "purpose_id")
    )


def _purpose(report: Report) -> str:
    """The one purpose that the report is about; "" where it may be more."""
    if "order" in report.scope:
        order = ErasureOrder.objects.filter(pk=report.scope["order"]).first()
        return str(order.purpose_id or "") if order else ""
    return str(report.scope.get("purpose", ""))


def due() -> Iterable[UUID]:
    """Ready reports whose time is over today at their entity."""
    for report in (
        Report.objects.filter(state="ready").select_related("entity").defer("facts").order_by("ready_at")
    ):
        today = clock.law_date(report.entity.timezone)
        if _by_its_kind(report, today).is_over(today):
            yield report.pk


@transaction.atomic
def expire(report_id: UUID) -> bool:
    """Its files and facts are deleted, if its time is over and nothing holds it; whether they are.

    A hold that is placed meanwhile waits for us, or we find it.
    """
    with connection.cursor() as cursor:
        locks.share(cursor, [locks.acting()], [])
    report = (
        Report.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("entity")
        .filter(pk=report_id, state="ready")
        .first()
    )
    if report is None:
        return False
    today = clock.law_date(report.entity.timezone)
    keeping = of(report, today)
    if not keeping.is_over(today) or is_held(report):
        return False
    assert "expired" in rules.STATES[report.state]
    ReportFile.objects.filter(report=report).delete()
    Report.objects.filter(pk=report.pk).update(state="expired", facts=None, expired_at=Now())
    log.record(
        "report.expired", about=report, number=report.number, kind=report.kind, rule=keeping.rule,
        pdf_sha256=report.pdf_sha256, facts_sha256=report.facts_sha256,
    )  # fmt: skip
    return True
