"""A person asks and reads the answer; the DPO's office sees the clocks and answers."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.lib import clock
from governance.lib.access import requires
from governance.lib.refusals import Refused, reason
from governance.people.zones import zone_of
from governance.rights import requests, rules
from governance.rights.forms import Answer, Raise
from governance.rights.models import Request


def _state(request: Request, today: date) -> dict[str, str]:
    if request.answered_at:
        return {"state": "done", "word": _("answered")}
    if request.due_on < today:
        return {"state": "overdue"}
    days = (request.due_on - today).days
    return {"state": "waiting", "word": ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}}


@requires("rights.view_own")
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I asked for, by when it is due, and the answers."""
    today = clock.law_date(zone_of(request.user))
    rows = [
        (row, _state(row, today))
        for row in Request.objects.filter(person=request.user).order_by("-received_at")
    ]
    return render(request, "rights/mine.html", {"requests": rows})


@requires("rights.raise")
@never_cache
@require_http_methods(["GET", "POST"])
def raise_one(request: HttpRequest) -> HttpResponse:
    form = Raise(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = requests.raise_request(
                form.cleaned_data["right"], form.cleaned_data["words"], by=request.user
            )
        except Refused as refused:
            form.add_error("words" if refused.code == "words_missing" else None, refused.sentence)
        else:
            day = date_format(made.due_on, "j F Y")
            messages.success(
                request,
                _("Your request %(number)s is received. You get an answer by %(day)s.")
                % {"number": made.number, "day": day},
            )
            return redirect("rights:mine")
    return render(request, "rights/raise.html", {"form": form}, status=400 if form.errors else 200)


@requires("rights.view")
@never_cache
@require_safe
def requests_page(request: HttpRequest) -> HttpResponse:
    """Every request at the entities in one's care: open ones first, the most urgent on top."""
    today = clock.law_date(zone_of(request.user))
    there = Request.objects.filter(entity_id__in=request.user.entities_where("rights.view")).select_related(
        "person", "entity"
    )
    still_open = there.filter(answered_at__isnull=True).order_by("due_on")
    answered = Paginator(there.filter(answered_at__isnull=False).order_by("-answered_at"), 30).get_page(
        request.GET.get("page")
    )
    columns = (
        _("Request"),
        _("What is asked"),
        _("Person"),
        _("Entity"),
        _("Received"),
        _("Due"),
        _("State"),
    )
    return render(
        request, "rights/requests.html",
        {
            "columns": [{"label": label} for label in columns], "page": answered,
            "open": [_row(row, today) for row in still_open], "answered": [_row(row, today) for row in answered],
        },
    )  # fmt: skip


def _row(row: Request, today: date) -> list[Any]:
    return [
        {"text": row.number, "url": reverse("rights:answer", args=[row.pk])}, row.get_right_display(), row.person.number or _("forgotten"),
        row.entity.name, date_format(timezone.localtime(row.received_at), "j M Y"), {"text": date_format(row.due_on, "j M Y"), "note": row.law or _("answered voluntarily")}, _state(row, today),
    ]  # fmt: skip


@requires("rights.answer", of=Request)
@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, asked: Request) -> HttpResponse:
    form = Answer(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            requests.answer(asked.pk, form.cleaned_data["words"], by=request.user)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("The person was told that the answer is there."))
            return redirect("rights:requests")
    facts = rules.AnswerFacts(True, request.user.pk, asked.person_id, asked.answered_at is not None, "…")
    today = clock.law_date(asked.entity.timezone)
    return render(
        request, "rights/answer.html",
        {"asked": asked, "form": form, "state": _state(asked, today), "facts": _facts(asked), "why_not": reason(rules.check_answer, facts)},
        status=400 if form.errors else 200,
    )  # fmt: skip


def _facts(asked: Request) -> list[dict[str, Any]]:
    return [
        {"label": _("Asked by"), "value": {"text": str(asked.person), "note": asked.person.number}},
        {"label": _("What is asked"), "value": asked.get_right_display()},
        {"label": _("In their words"), "value": asked.words},
        {"label": _("Received"), "value": date_format(timezone.localtime(asked.received_at), "j M Y, H:i")},
        {
            "label": _("Due"),
            "value": {
                "text": date_format(asked.due_on, "j M Y"),
                "note": asked.law or _("answered voluntarily"),
            },
        },
    ]
