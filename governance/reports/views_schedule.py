"""Reports that are made again and again: what is on the schedule, putting something on it, stopping it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance.lib.access import may, requires
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.reports import dates, links, reports, rules, rules_schedule, schedules, words
from governance.reports.forms_schedule import ScheduleForm
from governance.reports.kinds import KINDS
from governance.reports.kinds import period as periods
from governance.reports.models import Report, Schedule

FAULTS = {
    "nobody_answers": gettext_lazy("the person who put it there is no longer active"),
    "may_not_request": gettext_lazy(
        "the person who put it there may no longer ask for reports of this entity"
    ),
    "not_for_this_role": gettext_lazy(
        "the role of the person who put it there no longer shows what this report holds"
    ),
    "scope_missing": gettext_lazy("what it is about is no longer there"),
}


@requires("reports.request")
@require_GET
def schedules_(request: HttpRequest) -> HttpResponse:
    """What is made by itself, for whom, when it is due next, and what was made."""
    where = request.user.entities_where("reports.request")  # type: ignore[union-attr]
    rows = (
        Schedule.objects.filter(entity__in=where)
        .select_related("entity", "by")
        .prefetch_related("recipients")
    )
    found = [_told(one) for one in rows if _opens(request.user, one)]
    context = {
        "running": [one for one in found if one["schedule"].ended_at is None],
        "ended": [one for one in found if one["schedule"].ended_at is not None],
    }
    return render(request, "reports/schedules.html", context)


def _opens(person: Any, schedule: Schedule) -> bool:
    needed = rules.NEEDS.get(schedule.kind)
    return needed is None or bool(person.holds(needed, schedule.entity_id))


def _told(schedule: Schedule) -> dict[str, Any]:
    made = schedule.turns.select_related("report").order_by("-at")[:6]
    return {
        "schedule": schedule,
        "title": str(KINDS[schedule.kind].title) if schedule.kind in KINDS else schedule.kind,
        "facts": [
            {"label": _("Entity"), "value": schedule.entity.name},
            {"label": _("How often"), "value": str(rules_schedule.EVERY[schedule.every])},
            {"label": _("Next due"), "value": dates.day(schedule.next_on)} if schedule.ended_at is None
            else {"label": _("Stopped"), "value": dates.minute(localtime(schedule.ended_at))},
            {"label": _("Language"), "value": words.language_name(schedule.language)},
            {"label": _("Who gets it"), "lines": [_recipient(person, schedule) for person in schedule.recipients.all()]},
            {"label": _("Put there by"), "value": {"text": str(schedule.by), "note": _("it is asked for with this person’s rights")}},
            {"label": _("Made so far"), "lines": [
                {"text": turn.report.number, "url": reverse("reports:report", args=[turn.report_id]), "note": name_of(turn.period)} for turn in made
            ] or [{"text": _("nothing yet")}]},
        ],
        "fault": FAULTS.get(schedule.fault, schedule.fault),
    }  # fmt: skip


def _recipient(person: Person, schedule: Schedule) -> dict[str, Any]:
    gets = schedules.may_get(person, schedule.kind, schedule.entity_id)
    return {"text": str(person), "note": "" if gets else _("is not told: may not open this kind any more")}


def name_of(code: str) -> str:
    """ "November 2026", "October – December 2026", "2026"."""
    period = periods.of(code)
    if period is None or len(code) == 4:
        return code
    return dates.months(period.first, period.last)


@requires("reports.request")
@require_http_methods(["GET", "POST"])
def schedule(request: HttpRequest) -> HttpResponse:
    """First the kind, then how often and for whom."""
    offered = [
        kind
        for kind in KINDS.values()
        if schedules.schedulable(kind.code)
        and (kind.code not in rules.NEEDS or may(request.user, rules.NEEDS[kind.code]))
    ]
    kind = KINDS.get(request.GET.get("kind", ""))
    if kind is None or kind not in offered:
        return render(request, "reports/schedule.html", {"kinds": offered})
    data = request.POST if request.method == "POST" else None
    initial = {"language": translation.get_language(), "entity": request.user.entity_id, "every": "month"}  # type: ignore[union-attr]
    form = ScheduleForm(data, kind=kind.code, person=request.user, initial=initial)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        code, entity, scope, more = form.scheduled()
        try:
            made = schedules.make(code, entity, scope, by=request.user, **more)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            day = dates.day(made.next_on)
            messages.success(
                request, _("It is on the schedule. The first one is made on %(day)s.") % {"day": day}
            )
            return redirect("reports:schedules")
    return render(request, "reports/schedule.html", {"kind": kind, "form": form})


@requires("reports.request", of=Schedule)
@require_POST
def schedule_end(request: HttpRequest, schedule: Schedule) -> HttpResponse:
    """Stopped: nothing more is made by it."""
    if not _opens(request.user, schedule):
        raise Http404
    try:
        schedules.end(schedule, by=request.user)  # type: ignore[arg-type]
        messages.success(request, _("It is stopped. What was made stays."))
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("reports:schedules")


@requires("reports.download_own")
@require_GET
def link(request: HttpRequest, token: str) -> HttpResponse:
    """From an e-mail to the document, for some days; afterwards to its page. It opens nothing that a role does not open."""
    found = links.read(token)
    if found is None or found.person_id != request.user.pk:
        raise Http404
    report = Report.objects.filter(pk=found.report_id).first()
    if report is None or not may(request.user, "reports.view", report) or not report.opens_for(request.user):  # type: ignore[arg-type]
        raise Http404
    if found.is_over:
        messages.info(
            request,
            _("This link was good for %(days)s days. The document is still here.") % {"days": links.DAYS},
        )
        return redirect("reports:report", report.pk)
    if report.state != "ready" or not may(request.user, "reports.download", report):
        return redirect("reports:report", report.pk)
    kind = "pdf" if report.pdf_sha256 else "json"
    file = reports.hand_over(report, kind, by=request.user)  # type: ignore[arg-type]
    if file is None:
        raise Http404
    return reports_file(report, kind, bytes(file.content))


def reports_file(report: Report, kind: str, body: bytes) -> HttpResponse:
    """The name holds the number and the kind: no person's name lands in a downloads folder or a browser's history."""
    media = {"pdf": "application/pdf", "json": "application/json; charset=utf-8"}
    answer = HttpResponse(body, content_type=media[kind])
    answer["Content-Disposition"] = f'attachment; filename="{report.number}-{report.kind}.{kind}"'
    answer["Cache-Control"] = "no-store, private"
    return answer
