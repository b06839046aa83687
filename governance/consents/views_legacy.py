"""Earlier consents: a spreadsheet is looked at, then taken over whole; and the notice that s.5(2) owes to whoever said yes."""

import base64
import binascii
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.consents import campaign, legacy
from governance.lib.access import requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused
from governance.purposes.models import Purpose

SHOWN = 50


class Sheet(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"), widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=gettext_lazy("Columns: person, purpose, signal, said_on, document, text_sha256. The file itself is not kept."),
    )  # fmt: skip


@requires(legacy.PERMISSION)
@never_cache
@require_http_methods(["GET", "POST"])
def before(request: HttpRequest) -> HttpResponse:
    """`do`: look (default), write what was looked at, or send the notice of one purpose."""
    do = request.POST.get("do", "look") if request.method == "POST" else ""
    if do == "send":
        return _send(request)
    if do == "write":
        return _write(request)
    form = Sheet(request.POST if do else None, request.FILES if do else None)
    preview, packed = None, ""
    if do and form.is_valid():
        data = form.cleaned_data["file"].read(legacy.MAX_BYTES + 1)
        try:
            preview = legacy.read(data, by=request.user)  # type: ignore[arg-type]
            packed = base64.b64encode(data).decode()
        except Refused as refused:
            form.add_error("file", refused.sentence)
    return _page(request, form, preview, packed, 400 if form.errors else 200)


def _page(
    request: HttpRequest, form: Sheet, preview: Any = None, packed: str = "", status: int = 200
) -> HttpResponse:
    by: Any = request.user
    rows = preview.rows if preview else []
    words = {"given": _("given, with its paper"), "unknown": _("unknown: it enables nothing")}
    problems = preview.problems if preview else []
    figures = campaign.figures(by.entities_where(campaign.PERMISSION))
    return render(
        request, "consents/before.html",
        {
            "form": form, "preview": preview, "packed": "" if problems else packed,
            "problem_columns": [{"label": label} for label in (_("Row"), _("Column"), _("What to do"))],
            "problems": [[str(p.row), p.column or "–", str(p.sentence)] for p in problems[: SHOWN * 2]],
            "row_columns": [{"label": label} for label in (_("Row"), _("Person"), _("Purpose"), _("Signal"), _("Said on"), _("Becomes"))],
            "rows": [
                [str(r.at), r.person.number, r.purpose.number, r.signal, date_format(r.said_on, "j M Y"), words[r.becomes]] for r in rows[:SHOWN]
            ],
            "more": max(len(rows) - SHOWN, 0), "begins": campaign.commencement(), "figures": figures,
        },
        status=status,
    )  # fmt: skip


def _write(request: HttpRequest) -> HttpResponse:
    try:
        data = base64.b64decode(request.POST.get("packed", ""), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    try:
        legacy.take_over(data, by=request.user)  # type: ignore[arg-type]
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(
            request,
            _("Taken over, and each person was told. What has no proof is unknown, and enables nothing."),
        )
    return redirect("consents:before")


def _send(request: HttpRequest) -> HttpResponse:
    by: Any = request.user
    try:
        purposes = Purpose.objects.filter(entity__in=by.entities_where(campaign.PERMISSION))
        campaign.send(get_object_or_404(purposes, number=request.POST.get("purpose", "")), by=by)
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(
            request, _("The next batch is sent: whoever is owed the notice finds it among their messages.")
        )
    return redirect("consents:before")
