"""From the library: several reports in one ZIP, and what changed between two of one kind."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from governance.lib.access import may, requires
from governance.lib.refusals import Refused
from governance.reports import differences, parcels, reports
from governance.reports.forms import FilterForm
from governance.reports.models import Parcel, Report
from governance.reports.views import title_of

PER_PAGE = 50
KINDS_OF_CHANGE = {
    "added": gettext_lazy("new"),
    "removed": gettext_lazy("gone"),
    "changed": gettext_lazy("different"),
}
COLOURS = {"added": "good", "removed": "warn", "changed": "note"}


@requires("reports.download")
@require_POST
def pack(request: HttpRequest) -> HttpResponse:
    """All ready reports that these filters show, in one ZIP whose list the signer signs."""
    form = FilterForm(request.POST, person=request.user)  # type: ignore[arg-type]
    rows = Report.objects.by_role(request.user).filter(**form.filters()).filter(state="ready")  # type: ignore[arg-type]
    where = request.user.entities_where("reports.download")  # type: ignore[union-attr]
    try:
        found = rows.filter(entity__in=where).order_by("number")[: parcels.MOST + 1]
        parcel = parcels.pack(found, by=request.user)  # type: ignore[arg-type]
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("reports:library")
    return redirect("reports:parcel", parcel.pk)


@requires("reports.download_own", of=Parcel)
@require_GET
@never_cache
def parcel(request: HttpRequest, parcel: Parcel) -> HttpResponse:
    """Waiting for its signature, or there to be taken."""
    files = (parcel.manifest or {}).get("files", [])
    context = {
        "parcel": parcel, "count": len(parcel.reports), "days": parcels.DAYS,
        "columns": [{"label": _("File")}, {"label": _("SHA-256")}],
        "rows": [[file["name"], {"digest": file["sha256"], "label": file["name"]}] for file in files],
    }  # fmt: skip
    return render(request, "reports/parcel.html", context)


@requires("reports.download_own", of=Parcel)
@require_GET
@never_cache
def parcel_file(request: HttpRequest, parcel: Parcel) -> HttpResponse:
    """The ZIP. For every file in it is written down who took it."""
    try:
        body = parcels.hand_over(parcel, by=request.user)  # type: ignore[arg-type]
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("reports:parcel", parcel.pk)
    answer = HttpResponse(body, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="sammati-reports-{parcel.pk.hex[:8]}.zip"'
    answer["Cache-Control"] = "no-store, private"
    return answer


@requires("reports.view", own="reports.download_own", of=Report)
@require_GET
@never_cache
def changes(request: HttpRequest, report: Report) -> HttpResponse:
    """What this one says that the one before did not, and the other way round, in words and numbers."""
    if not report.opens_for(request.user) or report.facts is None or report.state != "ready":  # type: ignore[arg-type]
        raise Http404
    others = _others(request, report)
    chosen = request.GET.get("with", "")
    before = next((one for one in others if one.number == chosen), None) or _last_before(report, others)
    context: dict[str, Any] = {
        "report": report,
        "title": title_of(report),
        "before": before,
        "others": others,
    }
    if before is not None:
        first, second = sorted((before, report), key=lambda one: one.ready_at or one.asked_at)
        for one in (first, second):
            reports.note_read(one, by=request.user)  # type: ignore[arg-type]
        found = differences.between(first.facts["content"], second.facts["content"])  # type: ignore[index]
        page = Paginator(found.changes, PER_PAGE).get_page(request.GET.get("page"))
        context |= {
            "first": first, "second": second, "page": page, "query": f"with={before.number}&", "total": len(found.changes) + found.more,
            "sentences": [_sentence(count) for count in found.counts if len(count.path) <= 3],
            "columns": [{"label": _("Where")}, {"label": _("What")}, {"label": _("Before")}, {"label": _("After")}],
            "rows": [
                [
                    " › ".join(step.replace("_", " ") for step in change.path),
                    {"state": change.kind, "word": str(KINDS_OF_CHANGE[change.kind]), "colour": COLOURS[change.kind]},
                    change.before, change.after,
                ]
                for change in page
            ],
        }  # fmt: skip
    return render(request, "reports/changes.html", context)


def _others(request: HttpRequest, report: Report) -> list[Report]:
    """Ready ones of the same kind, entity, person and scope but for its period, which the reader may open."""
    rows = Report.objects.filter(
        kind=report.kind, entity=report.entity_id, about=report.about_id, state="ready"
    )
    rows = rows.exclude(pk=report.pk).exclude(facts=None).order_by("-ready_at")[:100]
    return [
        one
        for one in rows
        if _scope(one) == _scope(report)
        and one.opens_for(request.user)  # type: ignore[arg-type]
        and (may(request.user, "reports.view", one) or may(request.user, "reports.download_own", one))
    ]


def _scope(report: Report) -> dict[str, str]:
    return {key: value for key, value in report.scope.items() if key not in ("period", "since", "day")}


def _last_before(report: Report, others: list[Report]) -> Report | None:
    return next(
        (one for one in others if one.ready_at and report.ready_at and one.ready_at < report.ready_at), None
    )


def _sentence(count: differences.Count) -> str:
    """ "activities: 12 → 13; 2 new, 1 gone, 3 that say something else"."""
    parts = [
        text
        for n, text in (
            (count.added, ngettext("%(n)s new", "%(n)s new", count.added) % {"n": count.added}),
            (count.removed, ngettext("%(n)s gone", "%(n)s gone", count.removed) % {"n": count.removed}),
            (count.changed, ngettext("%(n)s that says something else", "%(n)s that say something else", count.changed) % {"n": count.changed}),
        )
        if n
    ]  # fmt: skip
    where = " › ".join(step.replace("_", " ") for step in count.path)
    return f"{where}: {count.before} → {count.after}; {', '.join(parts)}"
