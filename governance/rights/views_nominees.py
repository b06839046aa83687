"""Whom I name to act for me; the office's list of who was named; and what a nominee asks for in the person's name."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.consents import acting, rules_acting
from governance.consents.models import Representation
from governance.lib import clock
from governance.lib.access import requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused, reason
from governance.people.zones import zone_of
from governance.rights import nominees as verbs
from governance.rights import requests
from governance.rights.forms import Nominate, RaiseForOther, Recognise
from governance.rights.models import Nominee, Request
from governance.rights.views import state


def _stands(row: Nominee, by_id: dict[Any, Representation]) -> dict[str, str]:
    speaks = by_id.get(row.representation_id)
    if row.ended_at:
        return {"state": "closed", "word": _("taken back")}
    if speaks is None or speaks.ended_at:
        return {"state": "waiting", "word": _("on file")}
    if speaks.verified_at:
        return {"state": "verified", "word": _("speaks for the person")}
    return {"state": "waiting", "word": _("waits for a second look")}


def _representations(rows: list[Nominee]) -> dict[Any, Representation]:
    return Representation.objects.in_bulk([row.representation_id for row in rows if row.representation_id])


@requires("rights.view_own")
@never_cache
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Whoever is named here can do nothing while the person can."""
    by: Any = request.user
    form = Nominate(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.nominate(form.cleaned_data["name"], form.cleaned_data["contact"], by=by)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Named. You can take it back whenever you like."))
            return redirect("rights:nominees_mine")
    rows = list(Nominee.objects.filter(person=by, ended_at=None))
    speaks = _representations(rows)
    return render(
        request, "rights/nominees_mine.html",
        {"form": form, "rows": [{"row": row, "state": _stands(row, speaks)} for row in rows]},
        status=400 if form.errors else 200,
    )  # fmt: skip


@requires("rights.view_own", of=Nominee)
@require_POST
def take_back(request: HttpRequest, row: Nominee) -> HttpResponse:
    verbs.take_back(row.pk, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("Taken back. They cannot act for you."))
    return redirect("rights:nominees_mine")


@requires(acting.PERMISSION)
@never_cache
@require_http_methods(["GET", "POST"])
def office(request: HttpRequest) -> HttpResponse:
    """Who was named by whom; on a paper of death or incapacity a nominee is recognised, and a second verifies it."""
    by: Any = request.user
    there = Nominee.objects.filter(
        person__employments__entity__in=by.entities_where(acting.PERMISSION), person__forgotten_at=None
    )
    rows = list(there.filter(ended_at=None).select_related("person").distinct())
    sent = request.method == "POST"
    form = Recognise(request.POST if sent else None)
    if sent and form.is_valid():
        said = form.cleaned_data
        row = next((one for one in rows if one.pk == said["nominee"]), None)
        if row is None:
            raise Http404
        try:
            verbs.recognise(
                row.pk, said["number"], email=said["email"], since=said["since"], document=said["document"], starts_on=said["starts_on"], by=by,
            )  # fmt: skip
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, acting.RECORDED)
            return redirect("consents:representations")
    wanted = request.POST.get("nominee") if sent else request.GET.get("nominee")
    speaks = _representations(rows)
    chosen = next((one for one in rows if str(one.pk) == wanted), None)
    if chosen is not None and not sent:
        form = Recognise(initial={"nominee": chosen.pk})
    return render(
        request, "rights/nominees.html",
        {
            "form": form, "chosen": chosen, "rows": [_line(row, speaks) for row in rows],
            "columns": [{"label": label} for label in (_("For whom"), _("Who was named"), _("Named on"), _("State"))],
        },
        status=400 if form.errors else 200,
    )  # fmt: skip


def _line(row: Nominee, speaks: dict[Any, Representation]) -> list[Any]:
    stands = _stands(row, speaks)
    living = row.representation_id in speaks and not speaks[row.representation_id].ended_at
    return [
        row.person.number or "–", {"text": row.name, "note": row.contact}, date_format(row.named_at, "j F Y"),
        stands if living else {"text": _("Recognise on a paper"), "url": f"?nominee={row.pk}#recognise", "note": stands["word"]},
    ]  # fmt: skip


@requires("rights.raise", of=Representation)
@never_cache
@require_http_methods(["GET", "POST"])
def for_other(request: HttpRequest, row: Representation) -> HttpResponse:
    """Only who speaks for the person: what they asked for in their name, and the answers."""
    by: Any = request.user
    if row.holder_id != by.pk:
        raise Http404
    form = RaiseForOther(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = requests.raise_for(row.pk, form.cleaned_data["right"], form.cleaned_data["words"], by=by)
        except Refused as refused:
            form.add_error("words" if refused.code == "words_missing" else None, refused.sentence)
        else:
            messages.success(
                request,
                _("The request %(number)s is received. You get an answer by %(day)s.")
                % {"number": made.number, "day": date_format(made.due_on, "j F Y")},
            )
            return redirect("rights:for_other", row.pk)
    today: date = clock.law_date(zone_of(by))
    why_not = reason(
        rules_acting.check_act, row.verified_at is not None, row.ended_at is not None, row.starts_on, row.until_on, today
    )  # fmt: skip
    asked = Request.objects.filter(representation_id=row.pk).order_by("-received_at")
    return render(
        request, "rights/for_other.html",
        {"row": row, "form": form, "why_not": why_not, "asked": [{"row": one, "state": state(one, today)} for one in asked]},
        status=400 if form.errors else 200,
    )  # fmt: skip
