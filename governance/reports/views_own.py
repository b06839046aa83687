"""What is a person's own: the list of their documents, and a certificate for a court over one of them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from governance.lib.access import requires
from governance.lib.refusals import Refused
from governance.reports import dates, keeping, reports, rules, words
from governance.reports.models import Report
from governance.reports.views import title_of


@requires("reports.download_own")
@require_GET
@never_cache
def own(request: HttpRequest) -> HttpResponse:
    """Every document that was made about the person, newest first, and until when it is kept."""
    rows = Report.objects.filter(about=request.user).select_related("entity").order_by("-asked_at")[:200]  # type: ignore[misc]
    columns = [
        {"label": _("Document")},
        {"label": _("Asked")},
        {"label": _("Language")},
        {"label": _("State")},
        {"label": _("Kept until")},
    ]
    return render(
        request, "reports/own.html", {"rows": [_row(report) for report in rows], "columns": columns}
    )


def _row(report: Report) -> list[Any]:
    being_made = report.is_being_made and report.state != "waiting"
    until = keeping.of(report).until if report.state == "ready" else None
    return [
        {"text": title_of(report), "url": reverse("reports:report", args=[report.pk]), "note": report.number},
        dates.short_minute(localtime(report.asked_at)),
        words.language_name(report.language),
        {"state": "printing" if being_made else report.state, "word": _("No longer kept") if report.state == "expired" else ""},
        dates.day(until) if until else "",
    ]  # fmt: skip


@requires("reports.download_own", of=Report)
@require_POST
def certify(request: HttpRequest, report: Report) -> HttpResponse:
    """A certificate for a court in India over a document of one's own; nobody else gets it, finds it or asks for it."""
    if report.about_id != request.user.pk or report.kind not in rules.CERTIFIED_BY_THEIR_PERSON:
        raise Http404
    try:
        made = reports.ask_for_own_court_certificate(report, by=request.user)  # type: ignore[arg-type]
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("reports:report", report.pk)
    return redirect("reports:report", made.pk)
