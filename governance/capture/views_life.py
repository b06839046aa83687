"""The steps by which a programme is decided, each on its own page for the one person who may do it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from governance.capture import deciding, programmes
from governance.capture.forms import EditTerms, FileAct, Sign
from governance.capture.models import Programme
from governance.lib.access import requires
from governance.lib.refusals import Refused


def _step(request: HttpRequest, row: Programme, act: Callable[[], object], done: str) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, done)
    return redirect("capture:programme", row.pk)


def asked(
    request: HttpRequest,
    row: Programme,
    form: forms.Form,
    act: Callable[[dict[str, Any]], object],
    to: str = "capture:programme",
    **words: str,
) -> HttpResponse:
    """A page with one form; a refusal stands above it. words: title, says, button, done. `to`: where it leads."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, words["done"])
            return redirect(to, row.pk)
    return render(
        request,
        "capture/step.html",
        {"programme": row, "form": form, **words},
        status=400 if form.errors else 200,
    )


@requires("capture.run", of=Programme)
@require_POST
def assess(request: HttpRequest, row: Programme) -> HttpResponse:
    return _step(
        request, row, lambda: deciding.assess(row, by=request.user),  # type: ignore[arg-type]
        _("Handed in. The data protection officer and security can sign now."),
    )  # fmt: skip


@requires("capture.run", of=Programme)
@require_POST
def send_back(request: HttpRequest, row: Programme) -> HttpResponse:
    return _step(request, row, lambda: deciding.send_back(row, by=request.user), _("A draft again."))  # type: ignore[arg-type]


@requires("capture.run", of=Programme)
@require_POST
def approve(request: HttpRequest, row: Programme) -> HttpResponse:
    return _step(
        request, row, lambda: deciding.approve(row, by=request.user), _("Approved. It can be started.")
    )  # type: ignore[arg-type]


@requires("capture.run", of=Programme)
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, row: Programme) -> HttpResponse:
    """It cannot be taken back, so it is asked on a page of its own."""
    return asked(
        request, row, forms.Form(request.POST if request.method == "POST" else None), lambda _said: programmes.end(row, by=request.user),  # type: ignore[arg-type]
        title=_("End the programme"), button=_("End it for good"), done=_("The programme has ended for good."),
        says=_("Nothing is taken for it any more, and it cannot be started again; a new one is decided anew. What was taken stays until its period is over or people withdraw, and goes as the retention rules of its purpose say."),
    )  # fmt: skip


@requires("capture.run", of=Programme)
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest, row: Programme) -> HttpResponse:
    form = EditTerms(request.POST or None, programme=row, terms=deciding.terms_of(row))
    return asked(
        request, row, form, lambda _said: deciding.set_terms(row, form.terms(), by=request.user),  # type: ignore[arg-type]
        title=_("Terms of the programme"), button=_("Save the terms"), done=_("Saved. What was signed before does not cover these terms."),
        says=_("Every change makes the programme a draft again: advice, sign-off and approval are needed anew."),
    )  # fmt: skip


@requires("capture.advise", of=Programme)
@require_http_methods(["GET", "POST"])
def advise(request: HttpRequest, row: Programme) -> HttpResponse:
    return asked(
        request, row, Sign(request.POST or None), lambda said: deciding.sign(row, "advice", by=request.user, **said),  # type: ignore[arg-type]
        title=_("Advice of the data protection officer"), button=_("Sign the advice"), done=_("Your advice is signed."),
        says=_("The owner decides after this advice; both texts stay on the page."),
    )  # fmt: skip


@requires("capture.sign_security", of=Programme)
@require_http_methods(["GET", "POST"])
def security(request: HttpRequest, row: Programme) -> HttpResponse:
    return asked(
        request, row, Sign(request.POST or None), lambda said: deciding.sign(row, "security", by=request.user, **said),  # type: ignore[arg-type]
        title=_("Sign-off of security"), button=_("Sign"), done=_("Signed."),
        says=_("Against means: it is not approved as it is."),
    )  # fmt: skip


@requires("capture.file_act", of=Programme)
@require_http_methods(["GET", "POST"])
def file_act(request: HttpRequest, row: Programme) -> HttpResponse:
    kinds = {kind for some in deciding.acts_wanted(row).values() for kind in some}
    papers = row.purpose.evidence.filter(kind__in=kinds, withdrawn_at__isnull=True).order_by("-signed_on")
    form = FileAct(request.POST or None, papers=papers)
    return asked(
        request, row, form,
        lambda said: deciding.file_act(row, said["paper"], number=said["number"], resolution=said["resolution"], by=request.user),  # type: ignore[arg-type]
        title=_("Act of the worker representation"), button=_("File the act"), done=_("The act is on file for the terms as they are now."),
        says=_("The representation agrees by its own signed act. This page only says which paper it is and what it was resolved on."),
    )  # fmt: skip
