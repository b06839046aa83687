"""Incidents and their clocks."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.incidents import incidents, rules
from governance.incidents.forms import Open
from governance.incidents.models import Incident
from governance.lib import clock
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused


@requires("incidents.view")
@never_cache
@require_safe
def incidents_page(request: HttpRequest) -> HttpResponse:
    mine = Incident.objects.filter(
        entity_id__in=request.user.entities_where("incidents.view")
    ).select_related("entity", "programme__purpose")
    page = Paginator(mine.order_by("-state", "-aware_at"), 30).get_page(request.GET.get("page"))
    columns = (_("Incident"), _("Entity"), _("Aware since"), _("Next clock"), _("State"))
    return render(
        request, "incidents/incidents.html",
        {
            "columns": [{"label": label} for label in columns], "rows": [_row(row) for row in page], "page": page,
            "may_open": may(request.user, "incidents.open"),
        },
    )  # fmt: skip


def _row(row: Incident) -> list[Any]:
    now = clock.now()
    ahead = [c for c in incidents.clocks_of(row) if not c.is_over(now)] if row.state == "open" else []
    following = {"text": _moment(ahead[0].due_at), "note": str(ahead[0].what)} if ahead else ""
    return [
        {"text": row.number, "url": reverse("incidents:incident", args=[row.pk])}, row.entity.name, _moment(row.aware_at), following, {"state": row.state},
    ]  # fmt: skip


def _moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "D j M Y, H:i")


@requires("incidents.open")
@never_cache
@require_http_methods(["GET", "POST"])
def open_one(request: HttpRequest) -> HttpResponse:
    """Open an incident and, in the same step, pause the programme that it concerns."""
    initial = {"aware_at": timezone.localtime(clock.now()).replace(second=0, microsecond=0)}
    form = Open(request.POST if request.method == "POST" else None, by=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            made = incidents.open_incident(
                asked["entity"],
                asked["what"],
                aware_at=asked["aware_at"],
                by=request.user,
                programme=asked["programme"],
                pause=asked["pause"],
            )
        except Refused as refused:
            form.add_error("aware_at" if refused.code == "aware_in_future" else None, refused.sentence)
        else:
            messages.success(request, _("The incident is open and its clocks run."))
            return redirect("incidents:incident", made.pk)
    return render(request, "incidents/open.html", {"form": form}, status=400 if form.errors else 200)


@requires("incidents.view", of=Incident)
@never_cache
@require_safe
def incident(request: HttpRequest, incident: Incident) -> HttpResponse:
    now = clock.now()
    columns = (_("Whom to tell"), _("Law"), _("Hours"), _("Due"), _("State"))
    may_close = may(request.user, "incidents.open", incident)
    return render(
        request, "incidents/incident.html",
        {
            "incident": incident, "columns": [{"label": label} for label in columns],
            "rows": [_clock(c, now, incident.state) for c in incidents.clocks_of(incident)], "zone": timezone.get_current_timezone_name(),
            "facts": [
                {"label": _("Entity"), "value": incident.entity.name},
                {"label": _("What happened"), "value": incident.what},
                {"label": _("Aware since"), "value": _moment(incident.aware_at)},
                {"label": _("Programme"), "value": _programme(incident)},
                {"label": _("Opened by"), "value": str(incident.opened_by or _("the portal itself"))},
            ],
            "may_close": may_close and incident.state == "open",
        },
    )  # fmt: skip


def _programme(incident: Incident) -> Any:
    if incident.programme is None:
        return _("none")
    return {
        "text": f"{incident.programme.number} {incident.programme.name}",
        "note": incident.programme.get_state_display(),
    }


def _clock(clock_: rules.Clock, now: Any, state: str) -> list[Any]:
    hours = _("%(n)s (own target)") % {"n": clock_.hours} if clock_.own else str(clock_.hours)
    over = {"state": "overdue", "word": _("over")} if clock_.is_over(now) else {"state": "running"}
    return [
        str(clock_.what),
        clock_.law,
        hours,
        _moment(clock_.due_at),
        over if state == "open" else {"state": "closed"},
    ]


@requires("incidents.open", of=Incident)
@require_POST
def close(request: HttpRequest, incident: Incident) -> HttpResponse:
    incidents.close(incident.pk, by=request.user)
    messages.success(request, _("The incident is closed."))
    return redirect("incidents:incident", incident.pk)
