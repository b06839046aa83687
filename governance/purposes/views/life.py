"""A purpose begins to run, pauses, goes on, ends, changes hands, is reviewed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from governance.lib import clock
from governance.lib.access import requires
from governance.lib.refusals import Refused
from governance.purposes import assignments, lifecycle
from governance.purposes.forms_fields import Day
from governance.purposes.models import Purpose


class Because(forms.Form):
    because = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write a reason: people will read it later.")},
    )  # fmt: skip


class NewOwner(forms.Form):
    owner = forms.CharField(
        label=gettext_lazy("Staff number of the new owner"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Somebody who is a programme owner at this entity. The DPO cannot be one (GDPR Art. 38(6))."),
    )  # fmt: skip


class Review(forms.Form):
    review_on = Day(label=gettext_lazy("Next review by"), required=True)


def _today(row: Purpose) -> Any:
    return clock.law_date(row.entity.timezone)


def _post(request: HttpRequest, row: Purpose, verb: Any, done: str) -> HttpResponse:
    try:
        verb()
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, done)
    return redirect("purposes:purpose", row.pk)


@requires("purposes.activate", of=Purpose)
@require_POST
def activate(request: HttpRequest, row: Purpose) -> HttpResponse:
    return _post(
        request,
        row,
        lambda: lifecycle.activate(row, by=request.user, on=_today(row)),
        _("The purpose is active."),
    )  # type: ignore[arg-type]


@requires("purposes.activate", of=Purpose)
@require_POST
def resume(request: HttpRequest, row: Purpose) -> HttpResponse:
    return _post(
        request,
        row,
        lambda: lifecycle.resume(row, by=request.user, on=_today(row)),
        _("The purpose runs again."),
    )  # type: ignore[arg-type]


def _form(
    request: HttpRequest,
    row: Purpose,
    form: Any,
    act: Any,
    *,
    title: str,
    lead: str,
    button: str,
    done: str,
    danger: bool = False,
) -> HttpResponse:
    """A page with one question; a refusal stands at its field."""
    if request.method == "POST" and form.is_valid():
        try:
            act(**form.cleaned_data)
        except Refused as refused:
            form.add_error(next(iter(form.fields)), refused.sentence)
        else:
            messages.success(request, done)
            return redirect("purposes:purpose", row.pk)
    return render(
        request, "purposes/life.html",
        {"purpose": row, "form": form, "title": title, "says": lead, "button": button, "kind": "danger" if danger else "primary"},
    )  # fmt: skip


@requires("purposes.pause", of=Purpose)
@require_http_methods(["GET", "POST"])
def pause(request: HttpRequest, row: Purpose) -> HttpResponse:
    return _form(
        request, row, Because(request.POST or None), lambda because: lifecycle.pause(row, because=because, by=request.user),  # type: ignore[arg-type]
        title=_("Pause this purpose"), button=_("Pause now"), done=_("The purpose is paused."),
        lead=_("From the moment you press the button nothing more is taken for it, and nobody is asked. Consents stay and are not used. It can be resumed."),
    )  # fmt: skip


@requires("purposes.activate", of=Purpose)
@require_http_methods(["GET", "POST"])
def retire(request: HttpRequest, row: Purpose) -> HttpResponse:
    return _form(
        request, row, Because(request.POST or None), lambda because: lifecycle.retire(row, because=because, by=request.user),  # type: ignore[arg-type]
        title=_("End this purpose for good"), button=_("End for good"), done=_("The purpose has ended."), danger=True,
        lead=_("It cannot be started again; an open draft is given up. The entry with all its versions stays in the register. What was collected is erased by its periods."),
    )  # fmt: skip


@requires("purposes.assign", of=Purpose)
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, row: Purpose) -> HttpResponse:
    return _form(
        request, row, NewOwner(request.POST or None), lambda owner: lifecycle.hand_over(row, owner=assignments.find(owner), by=request.user),  # type: ignore[arg-type]
        title=_("Hand over"), button=_("Hand over"), done=_("Somebody else answers for this purpose now."),
        lead=_("Who answers for it now: %(owner)s.") % {"owner": row.owner or _("nobody")},
    )  # fmt: skip


@requires("purposes.edit", of=Purpose)
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, row: Purpose) -> HttpResponse:
    return _form(
        request, row, Review(request.POST or None, initial={"review_on": row.review_on}),
        lambda review_on: lifecycle.set_review(row, review_on=review_on, today=_today(row), by=request.user),  # type: ignore[arg-type]
        title=_("Next review"), button=_("Set the day"), done=_("The day of the review is set."),
        lead=_("By this day somebody looks at the entry again. When it passes, the entry is overdue on the DPO’s page."),
    )  # fmt: skip
